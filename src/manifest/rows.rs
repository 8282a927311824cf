//! Row by row: what is wrong with labels, paths and ids, and which rows are left out.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use camino::{Utf8Path, Utf8PathBuf};

use super::locate::{self, Place};
use super::{
    Entry, Format, LeftOut, Missing, Problem, ProblemKind, ReadOptions, Unlabeled, Why, listing,
};
use crate::label;

/// Looks at rows: what is wrong with them, and which are left out.
pub(super) struct Rows<'a> {
    root: &'a Utf8Path,
    options: &'a ReadOptions,
    label_names: &'a BTreeMap<String, String>,
    pub(super) problems: Vec<Problem>,
    pub(super) left_out: Vec<LeftOut>,
}

impl<'a> Rows<'a> {
    /// Begins with the problems that reading met.
    pub(super) fn new(
        root: &'a Utf8Path,
        options: &'a ReadOptions,
        label_names: &'a BTreeMap<String, String>,
        problems: Vec<Problem>,
    ) -> Self {
        let mut rows = Self {
            root,
            options,
            label_names,
            problems,
            left_out: Vec::new(),
        };
        rows.links();
        rows
    }

    /// Links that lead nowhere are videos that are missing.
    fn links(&mut self) {
        if let Missing::Skip(_) = self.options.reading.missing {
            self.problems.retain(|problem| {
                let ProblemKind::DanglingLink { path, .. } = &problem.kind else {
                    return true;
                };
                let below = path.strip_prefix(self.root).unwrap_or(path).to_string();
                self.left_out.push(LeftOut {
                    row: problem.row,
                    id: below.clone(),
                    path: below,
                    why: Why::Missing,
                    detail: problem.kind.to_string(),
                });
                false
            });
        }
    }

    /// Whether the label is a word for none, which the user did not name a class.
    pub(super) fn is_unlabeled(&self, entry: &Entry) -> bool {
        let is_named = || {
            let same = |name: &String| label::comparable(name) == label::comparable(&entry.label);
            self.label_names.keys().any(same)
        };
        entry.label.is_empty()
            || self.options.reading.unlabeled != Unlabeled::Class
                && label::is_no_label(&entry.label)
                && !is_named()
    }

    fn refuse(&mut self, entry: &Entry, kind: ProblemKind) {
        self.problems.push(Problem {
            row: entry.row,
            kind,
        });
    }

    fn leave_out(&mut self, entry: &Entry, id: &str, why: Why, detail: String) {
        self.left_out.push(LeftOut {
            row: entry.row,
            id: id.to_owned(),
            path: entry.path.clone(),
            why,
            detail,
        });
    }

    /// Checks all rows; whether each is kept.
    pub(super) fn check(
        &mut self,
        entries: &[Entry],
        ids: &[String],
        paths: &[Utf8PathBuf],
        places: &[Place],
        is_unlabeled: &[bool],
    ) -> Vec<bool> {
        self.check_names(entries, is_unlabeled);
        let mut is_kept = vec![true; entries.len()];
        // Paths are compared part by part, which an order would do many times for each.
        let mut seen: HashMap<&Utf8Path, &Entry> = HashMap::with_capacity(entries.len());
        let mut missing = Vec::new();
        for (index, (entry, path)) in entries.iter().zip(paths).enumerate() {
            if is_unlabeled[index] {
                is_kept[index] = self.unlabeled(entry, &ids[index]);
            }
            if entry.path.trim().is_empty() {
                self.refuse(entry, ProblemKind::EmptyPath);
                continue;
            }
            if let Some(first) = seen.get(path.as_path()) {
                let kind = ProblemKind::DuplicatePath {
                    path: entry.path.clone(),
                    label: entry.label.clone(),
                    first_row: first.row,
                    first_path: first.path.clone(),
                    first_label: first.label.clone(),
                };
                self.refuse(entry, kind);
                continue;
            }
            seen.insert(path, entry);
            let place = match places.get(index) {
                Some(place) if !self.options.may_lack_videos => place,
                _ => &Place::Video,
            };
            if let (Some(kind), true) = (problem_of(entry, path, place), is_kept[index]) {
                let is_gone = matches!(place, Place::Missing | Place::Dangling);
                if let (true, Missing::Skip(_)) = (is_gone, self.options.reading.missing) {
                    self.leave_out(entry, &ids[index], Why::Missing, kind.to_string());
                    is_kept[index] = false;
                } else {
                    self.refuse(entry, kind);
                }
                if *place == Place::Missing {
                    missing.push(entry.path.as_str());
                }
            }
        }
        self.check_missing(entries.len(), &missing);
        self.check_ids(entries, ids);
        is_kept
    }

    /// What becomes of a row without a label: whether it is kept.
    fn unlabeled(&mut self, entry: &Entry, id: &str) -> bool {
        let path = entry.path.clone();
        if self.options.reading.unlabeled == Unlabeled::Skip {
            let detail = format!("its label is '{}'", entry.label);
            self.leave_out(entry, id, Why::Unlabeled, detail);
            return false;
        }
        let label = entry.label.clone();
        let words_only = self.options.words_only;
        let kind = match label.as_str() {
            "" => ProblemKind::EmptyLabel { path, words_only },
            _ => ProblemKind::NoLabelWord {
                path,
                label,
                words_only,
            },
        };
        self.refuse(entry, kind);
        true
    }

    /// Whether videos that are missing lie elsewhere, and whether too many of them are missing.
    fn check_missing(&mut self, videos: usize, missing: &[&str]) {
        if missing.is_empty() {
            return;
        }
        let is_refused = match self.options.reading.missing {
            Missing::Refuse => true,
            Missing::Skip(limit) if missing.len() as f64 > limit * videos as f64 => {
                let kind = ProblemKind::TooManyMissing {
                    missing: missing.len(),
                    videos,
                    limit,
                };
                self.problems.push(Problem { row: None, kind });
                true
            }
            Missing::Skip(_) => false,
        };
        let elsewhere = match self.options.format {
            Format::Folders => None,
            _ if is_refused => locate::elsewhere(self.root, missing),
            _ => None,
        };
        if let Some((places, remedy)) = elsewhere {
            let kind = ProblemKind::Elsewhere { places, remedy };
            self.problems.push(Problem { row: None, kind });
        }
    }

    /// Checks that every label is one of those that the user names, and that these have names.
    fn check_names(&mut self, entries: &[Entry], is_unlabeled: &[bool]) {
        for (label, name) in self.label_names {
            if name.trim().is_empty() {
                let label = label.clone();
                let kind = ProblemKind::UnnamedLabel { label };
                self.problems.push(Problem { row: None, kind });
            }
        }
        if self.label_names.is_empty() {
            return;
        }
        let keys = self.label_names.keys();
        let known: BTreeSet<String> = keys
            .map(|key| label::comparable(key).into_owned())
            .collect();
        let mut folders_named = BTreeSet::new();
        for (entry, is_unlabeled) in entries.iter().zip(is_unlabeled) {
            if *is_unlabeled || known.contains(&*label::comparable(&entry.label)) {
                continue;
            }
            // A class folder is one problem, however many videos it holds.
            if entry.row.is_none() && !folders_named.insert(&entry.label) {
                continue;
            }
            let kind = ProblemKind::UnknownLabel {
                label: entry.label.clone(),
                known: self.label_names.keys().cloned().collect(),
            };
            self.refuse(entry, kind);
        }
    }

    fn check_ids(&mut self, entries: &[Entry], ids: &[String]) {
        let given = || entries.iter().filter(|entry| entry.id.is_some());
        let distinct: BTreeSet<&str> = given().filter_map(|entry| entry.id.as_deref()).collect();
        let is_column = matches!(
            self.options.format,
            Format::Csv | Format::Jsonl | Format::Parquet | Format::Auto
        );
        let rows = given().count();
        if is_column && !self.options.words_only && distinct.len() * 2 <= rows && rows > 3 {
            let kind = ProblemKind::RepeatedIds {
                distinct: distinct.len(),
                rows,
            };
            self.problems.push(Problem { row: None, kind });
            return;
        }
        let mut seen: BTreeMap<&str, &Entry> = BTreeMap::new();
        for (entry, id) in entries.iter().zip(ids) {
            let kind = match (&entry.id, seen.get(id.as_str())) {
                // Without an id column, ids are as distinct as the paths, which have a check of their own.
                (None, _) => continue,
                (Some(_), _) if id.is_empty() => ProblemKind::EmptyId {
                    path: entry.path.clone(),
                },
                (Some(_), Some(first)) => ProblemKind::DuplicateId {
                    id: id.clone(),
                    first_row: first.row,
                    first_path: first.path.clone(),
                },
                (Some(_), None) => {
                    seen.insert(id, entry);
                    continue;
                }
            };
            self.refuse(entry, kind);
        }
    }
}

/// What is wrong with the place to which a path leads.
fn problem_of(entry: &Entry, path: &Utf8Path, place: &Place) -> Option<ProblemKind> {
    let path = path.to_owned();
    match place {
        Place::Video => None,
        Place::Picture => Some(ProblemKind::Picture {
            path: entry.path.clone(),
        }),
        Place::NoFrames(found) => Some(ProblemKind::NoFrames {
            path,
            found: found.clone(),
        }),
        Place::Unlisted(reason) => Some(ProblemKind::Unreadable {
            source: std::io::Error::other(reason.clone()),
        }),
        Place::Dangling => Some(listing::dangling(&path)),
        Place::Missing => Some(ProblemKind::MissingFile {
            path,
            written: entry.path.clone(),
        }),
        Place::Several(found) => Some(ProblemKind::SeveralFiles {
            path: entry.path.clone(),
            found: found.clone(),
        }),
    }
}
