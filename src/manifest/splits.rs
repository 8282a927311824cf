//! Data sets that come as several files of labels: the splits of the same videos for cross-validation.
//!
//! A video stands in many of the files; it is one video with one label, and a correction goes to all of them.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::media::{holds_frames, is_hidden, is_video};
use super::{Entries, Entry, Problem, ProblemKind};

/// Files below `root`, at most `depth` folders down, that `is_wanted` says belong to the data set; sorted by path.
pub(super) fn find_files(
    root: &Utf8Path,
    depth: usize,
    is_wanted: &dyn Fn(&Utf8Path) -> bool,
) -> Vec<Utf8PathBuf> {
    let mut found = Vec::new();
    let Ok(listed) = root.read_dir_utf8() else {
        return found;
    };
    for entry in listed.filter_map(Result::ok) {
        let path = entry.into_path();
        if is_hidden(&path) {
            continue;
        }
        if path.is_dir() {
            if depth > 0 {
                found.extend(find_files(&path, depth - 1, is_wanted));
            }
        } else if is_wanted(&path) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Opens a published data set: its top folder, in which `find` knows the files of labels, or one of those files. `format`: its
/// name, and the pattern of the files for whoever has none. Returns also what the files' paths are relative to.
pub(super) fn open<'a>(
    source: &'a Utf8Path,
    find: impl Fn(&Utf8Path) -> Vec<Utf8PathBuf>,
    format: (&'static str, &'static str),
    parse: &dyn Fn(&Utf8Path, &[u8]) -> Entries,
) -> (Entries, &'a Utf8Path) {
    let (files, root) = if source.is_dir() {
        (find(source), source)
    } else {
        (vec![source.to_owned()], source.parent().unwrap_or(source))
    };
    let mut entries = read(root, &files, parse);
    if files.is_empty() {
        let (format, pattern) = format;
        let kind = ProblemKind::NoLabelFiles { format, pattern };
        entries.problems.push(Problem { row: None, kind });
    }
    (entries, root)
}

/// Reads every file by `parse` and joins them by the videos' paths; file paths are written relative to `root`.
fn read(
    root: &Utf8Path,
    files: &[Utf8PathBuf],
    parse: &dyn Fn(&Utf8Path, &[u8]) -> Entries,
) -> Entries {
    let mut joined = Entries::default();
    // Where each path was first seen: the video, and the file.
    let mut seen: BTreeMap<String, (usize, Utf8PathBuf)> = BTreeMap::new();
    for path in files {
        let relative = path.strip_prefix(root).unwrap_or(path).to_owned();
        let in_file = |kind| ProblemKind::InFile {
            file: relative.clone(),
            kind: Box::new(kind),
        };
        let bytes = match fs_err::read(path) {
            Ok(bytes) => bytes,
            Err(source) => {
                let kind = ProblemKind::Unreadable { source };
                joined.problems.push(Problem { row: None, kind });
                continue;
            }
        };
        let mut read = parse(path, &bytes);
        for problem in read.problems {
            joined.problems.push(Problem {
                row: problem.row,
                kind: in_file(problem.kind),
            });
        }
        let mut videos = Vec::with_capacity(read.list.len());
        for entry in read.list {
            let (video, kind) = join(&mut joined.list, &mut seen, entry, &relative);
            videos.push(video);
            if let Some((row, kind)) = kind {
                joined.problems.push(Problem { row, kind });
            }
        }
        for file in &mut read.files {
            file.path.clone_from(&relative);
            for row in &mut file.rows {
                row.video = videos[row.video];
            }
        }
        joined.files.extend(read.files);
        joined.label_names.extend(read.label_names);
    }
    joined
}

/// The video of an entry, and what is wrong with it.
fn join(
    list: &mut Vec<Entry>,
    seen: &mut BTreeMap<String, (usize, Utf8PathBuf)>,
    mut entry: Entry,
    file: &Utf8Path,
) -> (usize, Option<(Option<u64>, ProblemKind)>) {
    // Files need not have the same other columns, and one value could not stand for all.
    entry.extra.clear();
    let Some((video, first_file)) = seen.get(&entry.path) else {
        let video = list.len();
        seen.insert(entry.path.clone(), (video, file.to_owned()));
        list.push(entry);
        return (video, None);
    };
    let first = &list[*video];
    if first.label == entry.label {
        return (*video, None);
    }
    let kind = ProblemKind::LabelConflict {
        path: entry.path,
        file: file.to_owned(),
        label: entry.label,
        first_file: first_file.clone(),
        first_label: first.label.clone(),
    };
    (*video, Some((entry.row, kind)))
}

/// Where videos lie, by name: folders of frames and video files below a folder.
#[derive(Debug, Default)]
pub(super) struct MediaIndex {
    by_name: BTreeMap<String, String>,
}

impl MediaIndex {
    /// Walks the folder. A folder whose name `is_name` takes for a video's, and that holds frames, is a video; it wins over a
    /// video file of the same name, because frames are what these data sets are trained on.
    pub(super) fn walk(root: &Utf8Path, is_name: &dyn Fn(&str) -> Option<String>) -> Self {
        let mut index = Self::default();
        index.descend(root, root, is_name);
        index
    }

    /// The path of a video, relative to the folder that was walked.
    pub(super) fn get(&self, name: &str) -> Option<&String> {
        self.by_name.get(name)
    }

    fn descend(
        &mut self,
        root: &Utf8Path,
        folder: &Utf8Path,
        is_name: &dyn Fn(&str) -> Option<String>,
    ) {
        let Ok(listed) = folder.read_dir_utf8() else {
            return;
        };
        let mut paths: Vec<Utf8PathBuf> = listed
            .filter_map(Result::ok)
            .map(camino::Utf8DirEntry::into_path)
            .filter(|path| !is_hidden(path))
            .collect();
        paths.sort();
        for path in paths {
            let written = path.strip_prefix(root).unwrap_or(&path).to_string();
            let name = path.file_stem().and_then(is_name);
            if path.is_dir() {
                match name {
                    Some(name) if holds_frames(&path) => {
                        self.by_name.insert(name, written);
                    }
                    _ => self.descend(root, &path, is_name),
                }
            } else if let (Some(name), true) = (name, is_video(&path)) {
                self.by_name.entry(name).or_insert(written);
            }
        }
    }
}
