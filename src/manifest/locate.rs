//! Where the videos of a list lie: as it is written, or as it is nearly written, which is told.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::ErrorKind;

use camino::{Utf8Path, Utf8PathBuf};

use super::listing::{Item, ItemKind, here, list};
use super::media::{holds_frames, is_still, is_video, stem};
use super::problem::quoted;
use super::reading::Prefix;
use super::understood::Choice;
use super::{Entries, Entry, Warning};
use crate::label;

/// How many missing videos are looked for elsewhere.
const SAMPLE: usize = 5;

/// What is where a path leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// A file, or a folder of frames.
    Video,
    /// A file with one picture.
    Picture,
    /// A folder without frames, and what it holds instead.
    NoFrames(Option<String>),
    /// Something that cannot be read, and why.
    Unlisted(String),
    /// A link that leads nowhere.
    Dangling,
    /// Nothing.
    Missing,
    /// Nothing, but several videos that may be meant.
    Several(Vec<String>),
}

/// Looks where every path leads. A path under which nothing lies becomes that of the video that has the same name but for the
/// extension, leading zeros, case or the spelling of its letters in Unicode (its folders': but for the last two), if that is a
/// single one.
pub(super) fn locate(entries: &mut Entries, root: &Utf8Path, prefixes: &[Prefix]) -> Vec<Place> {
    let mut changed: Vec<(String, String)> = Vec::new();
    let mut folders = Folders::default();
    let mut places = Vec::with_capacity(entries.list.len());
    let mut used = BTreeSet::new();
    for entry in &mut entries.list {
        let written = entry.path.clone();
        let mut replaced = prefixes.iter().enumerate();
        let replaced = replaced.find_map(|(at, prefix)| Some((at, prefix.replace(&written)?)));
        if let Some((at, replaced)) = replaced {
            entry.path = replaced;
            used.insert(at);
        } else if let Some(path) = written.strip_prefix("file://") {
            path.clone_into(&mut entry.path);
        }
        let mut place = place(&root.join(&entry.path));
        if place == Place::Missing && !entry.path.trim().is_empty() {
            let slashes = entry.path.replace('\\', "/");
            if root.join(&slashes).exists() {
                place = self::place(&root.join(&slashes));
                entry.path = slashes;
            } else {
                match folders.alike(root, &slashes).as_slice() {
                    [] => {}
                    [only] => {
                        entry.path.clone_from(only);
                        place = Place::Video;
                    }
                    several => place = Place::Several(several.to_vec()),
                }
            }
        }
        if entry.path != written {
            changed.push((written, entry.path.clone()));
        }
        places.push(place);
    }
    if let Some((written, found)) = changed.first() {
        entries.choices.push(Choice {
            what: "paths".to_owned(),
            taken: format!(
                "{} are not as written: '{written}' is '{found}'",
                changed.len()
            ),
            ..Choice::default()
        });
    }
    let unused = (0..prefixes.len()).filter(|at| !used.contains(at));
    entries.warnings.extend(unused.map(|_| Warning::UnusedFlag {
        flag: "--replace-prefix",
        why: "no path begins so",
    }));
    entries
        .choices
        .extend(unlisted(&entries.list, &places, root, &mut folders));
    places
}

/// Tells of videos that lie beside those of the data set and are not in it.
fn unlisted(
    entries: &[Entry],
    places: &[Place],
    root: &Utf8Path,
    listed: &mut Folders,
) -> Option<Choice> {
    let found = entries.iter().zip(places);
    let found = found.filter(|(_, place)| **place == Place::Video);
    let found: HashSet<Utf8PathBuf> = found.map(|(entry, _)| root.join(&entry.path)).collect();
    let folders: BTreeSet<&Utf8Path> = found.iter().filter_map(|path| path.parent()).collect();
    let mut others = Vec::new();
    for folder in folders {
        let items = listed.list(folder.to_owned()).iter();
        let videos = items.filter(|item| item.kind == ItemKind::File && is_video(&item.path));
        let is_other = |item: &&Item| !found.contains(&item.path);
        others.extend(videos.filter(is_other).map(|item| item.path.clone()));
    }
    let first = others.first()?;
    Some(Choice {
        what: "videos".to_owned(),
        taken: format!(
            "{} more lie in the same folders and are in no row, such as '{}'",
            others.len(),
            first.strip_prefix(root).unwrap_or(first)
        ),
        ..Choice::default()
    })
}

/// Whether a folder has the video of this path, perhaps called a little otherwise.
pub(super) fn has(folder: &Utf8Path, path: &str) -> bool {
    place(&folder.join(path)) == Place::Video || !Folders::default().alike(folder, path).is_empty()
}

/// What lies at a path.
pub(super) fn place(path: &Utf8Path) -> Place {
    let found = match std::fs::metadata(here(path)) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            return Place::Unlisted(format!("'{path}': {error}"));
        }
        Err(_gone) => {
            return match std::fs::symlink_metadata(path) {
                Ok(link) if link.is_symlink() => Place::Dangling,
                _ => Place::Missing,
            };
        }
    };
    if !found.is_dir() && !found.is_file() {
        return Place::Unlisted(format!("'{path}' is a pipe, a socket or a device, no file"));
    }
    if found.is_file() {
        return if is_still(path) {
            Place::Picture
        } else {
            Place::Video
        };
    }
    match holds_frames(path) {
        Ok(true) => Place::Video,
        Ok(false) => Place::NoFrames(content(path)),
        Err(error) => Place::Unlisted(error.to_string()),
    }
}

/// What a folder without frames holds: its commonest extension.
fn content(folder: &Utf8Path) -> Option<String> {
    let mut counts: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    for item in list(folder, &mut Vec::new()) {
        if let (ItemKind::File, Some(extension)) = (item.kind, item.path.extension()) {
            *counts.entry(extension.to_lowercase()).or_default() += 1;
        }
    }
    let (extension, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    Some(format!("{count} .{extension}"))
}

/// Folders that were listed because a path in them leads nowhere.
#[derive(Default)]
struct Folders {
    listed: HashMap<Utf8PathBuf, Vec<Item>>,
}

impl Folders {
    fn list(&mut self, folder: Utf8PathBuf) -> &[Item] {
        self.listed.entry(folder).or_insert_with_key(|folder| {
            // What cannot be listed holds nothing that is alike; that the video is missing is told.
            let mut items = if here(folder).is_dir() {
                list(folder, &mut Vec::new())
            } else {
                Vec::new()
            };
            items.retain(|item| item.kind != ItemKind::Dangling);
            items
        })
    }

    /// The folder, or the only one that is called so but for the case and spelling of letters.
    fn folder(&mut self, root: &Utf8Path, folder: &Utf8Path) -> Option<Utf8PathBuf> {
        let mut found = Utf8PathBuf::new();
        for part in folder.components() {
            let next = found.join(part);
            if here(&root.join(&next)).is_dir() {
                found = next;
                continue;
            }
            let name = label::seen(part.as_str()).to_lowercase();
            let is_alike = |item: &&Item| {
                let other = item.path.file_name().unwrap_or_default();
                item.kind == ItemKind::Folder && label::seen(other).to_lowercase() == name
            };
            let mut alike = self.list(root.join(&found)).iter().filter(is_alike);
            let (Some(only), None) = (alike.next(), alike.next()) else {
                return None;
            };
            found.push(only.path.file_name()?);
        }
        Some(found)
    }

    /// The videos in the path's folder that have its name, but for what is easily lost of one.
    fn alike(&mut self, root: &Utf8Path, path: &str) -> Vec<String> {
        let path = Utf8Path::new(path);
        let folder = path.parent().unwrap_or(Utf8Path::new(""));
        let Some(folder) = self.folder(root, folder) else {
            return Vec::new();
        };
        let items = self.list(root.join(&folder));
        let name = stem(path);
        let number = label::number(name);
        let lower = label::seen(name).to_lowercase();
        let with = |is_alike: &dyn Fn(&str) -> bool| -> Vec<String> {
            let is_one = |item: &&Item| {
                is_alike(stem(&item.path))
                    && match item.kind {
                        ItemKind::Folder => holds_frames(&item.path).unwrap_or(false),
                        _ => is_video(&item.path),
                    }
            };
            let names = items.iter().filter(is_one);
            let names = names.filter_map(|item| item.path.file_name());
            names.map(|name| folder.join(name).into_string()).collect()
        };
        let same = with(&|other| other == name);
        if !same.is_empty() {
            return same;
        }
        let same = with(&|other| number.is_some() && label::number(other) == number);
        if !same.is_empty() {
            return same;
        }
        with(&|other| label::seen(other).to_lowercase() == lower)
    }
}

/// Folders below which missing videos lie after all: beside, above or below the root, or where an absolute path's end leads.
/// The places, and what to say.
pub(super) fn elsewhere(root: &Utf8Path, missing: &[&str]) -> Option<(Vec<String>, String)> {
    let missing: Vec<&Utf8Path> = missing
        .iter()
        .take(SAMPLE)
        .map(|path| (*path).into())
        .collect();
    let first = *missing.first()?;
    if first.is_absolute() || first.as_str().contains('\\') {
        return tail(root, first);
    }
    let mut roots: Vec<Utf8PathBuf> = list(root, &mut Vec::new())
        .into_iter()
        .filter(|item| item.kind == ItemKind::Folder)
        .map(|item| item.path)
        .collect();
    let own = here(root).canonicalize_utf8().ok()?;
    roots.extend(own.ancestors().skip(1).take(2).map(ToOwned::to_owned));
    roots.push(".".into());
    let found: Vec<String> = roots
        .into_iter()
        .filter(|root| {
            let mut folders = Folders::default();
            missing.iter().all(|path| {
                place(&root.join(path)) == Place::Video
                    || folders.alike(root, path.as_str()).len() == 1
            })
        })
        .map(Utf8PathBuf::into_string)
        .collect();
    match found.as_slice() {
        // The beginning may be that of a folder elsewhere.
        [] => tail(root, first),
        [only] => {
            let remedy = format!("say '--root {}'", quoted(only));
            Some((found, remedy))
        }
        _ => Some((found, "say with '--root' which are meant".to_owned())),
    }
}

/// Where the longest end of a path that is there below the root lies, and the beginning that stands for the root.
fn tail(root: &Utf8Path, path: &Utf8Path) -> Option<(Vec<String>, String)> {
    let slashes = path.as_str().replace('\\', "/");
    let cuts = slashes.match_indices('/').map(|(at, _)| at);
    let (before, after) = cuts
        .filter_map(|at| Some((slashes.get(..at)?, slashes.get(at + 1..)?)))
        .filter(|(before, after)| !before.is_empty() && !after.is_empty())
        .find(|(_, after)| {
            place(&root.join(after)) == Place::Video
                || Folders::default().alike(root, after).len() == 1
        })?;
    let folder = Utf8Path::new(after).parent().unwrap_or(Utf8Path::new(""));
    let before = path.as_str().get(..before.len())?;
    Some((
        vec![here(&root.join(folder)).to_string()],
        format!("say '--replace-prefix {}'", quoted(&format!("{before}=."))),
    ))
}
