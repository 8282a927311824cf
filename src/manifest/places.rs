//! Where the videos of a published data set lie: found by name below its folder, and chosen where there are several of a name.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::listing::{ItemKind, dangling, here, list};
use super::media::{holds_frames, is_video};
use super::understood::Choice;
use super::{Entries, Problem, ProblemKind};

/// A video that was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    /// Relative to the folder that was walked.
    path: String,
    is_frames: bool,
}

/// Videos of one name lie in several places; a place is a folder, and what is taken in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    folder: String,
    is_frames: bool,
}

/// Folders of frames and video files below a folder, by name.
#[derive(Debug, Default)]
pub(super) struct MediaIndex {
    found: BTreeMap<String, Vec<Found>>,
}

impl MediaIndex {
    /// Walks the folder. A folder whose name `is_name` takes for a video's, and that holds frames, is a video. What cannot be
    /// listed becomes a problem; a folder that is reached twice by links is walked once.
    pub(super) fn walk(
        root: &Utf8Path,
        is_name: &dyn Fn(&str) -> Option<String>,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let mut walk = Walk {
            root,
            is_name,
            seen: BTreeSet::new(),
            index: Self::default(),
            problems,
        };
        walk.descend(root);
        walk.index
    }

    /// The path of each video that is wanted, relative to the folder that was walked. Where names are in several places, one
    /// is chosen for all, and told: the one called as one of `preferred`, the first before the second; else the frames, where
    /// they are in a single place, because frames are what these data sets are trained on; else it is a problem.
    pub(super) fn choose(
        &self,
        wanted: &BTreeSet<String>,
        preferred: &[&str],
        entries: &mut Entries,
    ) -> BTreeMap<String, String> {
        let found = || self.found.iter().filter(|(name, _)| wanted.contains(*name));
        let several = found().filter(|(_, found)| found.len() > 1);
        let several: Vec<Vec<(Place, &Found)>> = several.map(|(_, found)| places(found)).collect();
        let all: BTreeSet<&Place> = several.iter().flatten().map(|(place, _)| place).collect();
        let rank = |place: &Place| {
            let name = Utf8Path::new(&place.folder).file_name().unwrap_or_default();
            preferred.iter().position(|preferred| *preferred == name)
        };
        let mut order: Vec<&Place> = all.iter().copied().collect();
        order.sort_by_key(|place| (rank(place).unwrap_or(usize::MAX), !place.is_frames));
        let mut chosen: BTreeMap<String, String> = found()
            .filter_map(|(name, found)| Some((name.clone(), found.first()?.path.clone())))
            .collect();
        let Some((first, others)) = order.split_first() else {
            return chosen;
        };
        let is_certain =
            rank(first).is_some() || first.is_frames && others.iter().all(|place| !place.is_frames);
        if !is_certain {
            let places = order.iter().map(ToString::to_string).collect();
            entries.problems.push(Problem {
                row: None,
                kind: ProblemKind::SeveralPlaces { places },
            });
            return chosen;
        }
        let mut elsewhere = found().filter(|(_, found)| found.len() == 1).count();
        for (name, found) in found().filter(|(_, found)| found.len() > 1) {
            let places = places(found);
            let of = |place: &Place| places.iter().find(|(other, _)| other == place);
            if let Some((place, found)) = order.iter().find_map(|place| of(place)) {
                chosen.insert(name.clone(), found.path.clone());
                elsewhere += usize::from(place != *first);
            }
        }
        let within = format!("{}/", first.folder);
        let single = found().filter(|(_, found)| found.len() == 1);
        elsewhere -= single
            .filter(|(_, found)| found[0].path.starts_with(&within))
            .count();
        let and_others = match elsewhere {
            0 => String::new(),
            count => format!(", {count} of them elsewhere because they are not there"),
        };
        entries.choices.push(Choice {
            what: "videos".to_owned(),
            taken: format!("from '{first}'{and_others}"),
            also: others.iter().map(ToString::to_string).collect(),
            remedy: "choose another with '--root'".to_owned(),
        });
        chosen
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(here(Utf8Path::new(&self.folder)).as_str())
    }
}

/// The place of each video of one name: the folder down to the first one in which its path differs from all others'.
fn places(found: &[Found]) -> Vec<(Place, &Found)> {
    let common = |left: &str, right: &str| {
        let pairs = left.split('/').zip(right.split('/'));
        pairs.take_while(|(left, right)| left == right).count()
    };
    let place = |one: &Found| {
        let others = found.iter().filter(|other| *other != one);
        let depth = others.map(|other| common(&one.path, &other.path)).max();
        let parts: Vec<&str> = one.path.split('/').collect();
        // The video itself is no place.
        let depth = (depth.unwrap_or(0) + 1).min(parts.len() - 1);
        Place {
            folder: parts[..depth].join("/"),
            is_frames: one.is_frames,
        }
    };
    found.iter().map(|one| (place(one), one)).collect()
}

struct Walk<'a> {
    root: &'a Utf8Path,
    is_name: &'a dyn Fn(&str) -> Option<String>,
    /// Folders that were walked, with links resolved.
    seen: BTreeSet<Utf8PathBuf>,
    index: MediaIndex,
    problems: &'a mut Vec<Problem>,
}

impl Walk<'_> {
    fn descend(&mut self, folder: &Utf8Path) {
        let resolved = here(folder).canonicalize_utf8();
        if !self
            .seen
            .insert(resolved.unwrap_or_else(|_| folder.to_owned()))
        {
            return;
        }
        for item in list(folder, self.problems) {
            let name = item.path.file_stem().and_then(self.is_name);
            match (item.kind, name) {
                (ItemKind::Folder, Some(name)) => match holds_frames(&item.path) {
                    Ok(true) => self.add(name, &item.path, true),
                    Ok(false) => self.descend(&item.path),
                    Err(source) => self.refuse(ProblemKind::Unreadable { source }),
                },
                (ItemKind::Folder, None) => self.descend(&item.path),
                (ItemKind::File, Some(name)) if is_video(&item.path) => {
                    self.add(name, &item.path, false);
                }
                (ItemKind::Dangling, Some(_)) => self.refuse(dangling(&item.path)),
                _ => {}
            }
        }
    }

    fn add(&mut self, name: String, path: &Utf8Path, is_frames: bool) {
        let path = path.strip_prefix(self.root).unwrap_or(path).to_string();
        let found = Found { path, is_frames };
        self.index.found.entry(name).or_default().push(found);
    }

    fn refuse(&mut self, kind: ProblemKind) {
        self.problems.push(Problem { row: None, kind });
    }
}
