//! Data sets that come as several files of labels: the splits of the same videos for cross-validation.
//!
//! A video stands in many of the files; it is one video with one label, and a correction goes to all of them.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::columns::KEPT;
use super::listing::{Ancestors, ItemKind, list};
use super::{Entries, Entry, Problem, ProblemKind, encoding};
use crate::label;

/// Files below `root`, at most `depth` folders down, that `is_wanted` says belong to the data set; sorted by path. What cannot
/// be listed holds none; who needs them says that there are none.
pub(super) fn find_files(
    root: &Utf8Path,
    depth: usize,
    is_wanted: &dyn Fn(&Utf8Path) -> bool,
) -> Vec<Utf8PathBuf> {
    let mut found = Vec::new();
    find_below(
        root,
        depth,
        is_wanted,
        &mut Ancestors::default(),
        &mut found,
    );
    found.sort();
    found
}

fn find_below(
    folder: &Utf8Path,
    depth: usize,
    is_wanted: &dyn Fn(&Utf8Path) -> bool,
    ancestors: &mut Ancestors,
    found: &mut Vec<Utf8PathBuf>,
) {
    if !ancestors.enter(folder) {
        return;
    }
    for item in list(folder, &mut Vec::new()) {
        match item.kind {
            ItemKind::Folder if depth > 0 => {
                find_below(&item.path, depth - 1, is_wanted, ancestors, found);
            }
            ItemKind::File if is_wanted(&item.path) => found.push(item.path),
            _ => {}
        }
    }
    ancestors.leave();
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
    let (format, pattern) = format;
    entries.why = match files.as_slice() {
        [_] if !source.is_dir() => format!("a file of labels as {format} has it"),
        _ => format!("it has {} files '{pattern}'", files.len()),
    };
    if files.is_empty() {
        let kind = ProblemKind::NoLabelFiles { format, pattern };
        entries.problems.push(Problem { row: None, kind });
    }
    (entries, root)
}

/// Reads every file by `parse` and joins them by the videos' paths; file paths are written relative to `root`.
pub(super) fn read(
    root: &Utf8Path,
    files: &[Utf8PathBuf],
    parse: &dyn Fn(&Utf8Path, &[u8]) -> Entries,
) -> Entries {
    let mut joined = Entries::default();
    let mut columns: Option<Vec<String>> = None;
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
        let mut read = encoding::parse(&bytes, |text| parse(path, text));
        // Values of other columns are kept where all files have the same ones.
        match &columns {
            None => columns = Some(read.extra_columns.clone()),
            Some(first) if *first != read.extra_columns => columns = Some(Vec::new()),
            Some(_) => {}
        }
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
                row.video = row.video.map(|video| videos[video]);
            }
        }
        joined.files.extend(read.files);
        joined.label_names.extend(read.label_names);
        joined.columns = read.columns;
        joined.choices.extend(read.choices);
        joined.why = read.why;
    }
    joined.extra_columns = columns.unwrap_or_default();
    if joined.extra_columns.is_empty() {
        joined.list.iter_mut().for_each(|entry| entry.extra.clear());
        joined.columns.retain(|(_, role)| role != KEPT);
    }
    joined
}

/// The video of an entry, and what is wrong with it.
fn join(
    list: &mut Vec<Entry>,
    seen: &mut BTreeMap<String, (usize, Utf8PathBuf)>,
    entry: Entry,
    file: &Utf8Path,
) -> (usize, Option<(Option<u64>, ProblemKind)>) {
    let Some((video, first_file)) = seen.get(&entry.path) else {
        let video = list.len();
        seen.insert(entry.path.clone(), (video, file.to_owned()));
        list.push(entry);
        return (video, None);
    };
    let first = &list[*video];
    if label::comparable(&first.label) == label::comparable(&entry.label) {
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
