//! The format `dfew`: five splits of the same videos, as tables with the columns `video_name` and `label`.
//!
//! `EmoLabel_DataSplit/{train,test}(single-labeled)/set_{1..5}.csv` below the data set's folder; labels are the numbers 1 to
//! 7. A video is a folder of frames (`Clip/clip_224x224/…/00001`, the number in five digits) or a file
//! (`Clip/original/part_*/1.mp4`). Where a data set has several of them, the frames of `clip_224x224` are taken, which are all
//! that there are, before the 16 of `clip_224x224_16f`, before the files. A single table in this form is a data set too.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::columns::{ColumnNames, FIRST_LINE, Wanted};
use super::listing::here;
use super::places::MediaIndex;
use super::{Entries, splits, table};
use crate::label;

/// The columns of DFEW's tables.
const COLUMNS: ColumnNames = ColumnNames {
    path: &["video_name"],
    label: "label",
};

/// Where the tables lie.
pub(super) const FILES: &str = "EmoLabel_DataSplit/*/set_*.csv";

const SPLITS: &str = "EmoLabel_DataSplit";

/// The folders of videos, the one to take first.
const CLIPS: [&str; 3] = ["clip_224x224", "clip_224x224_16f", "original"];

/// The classes, in the order of the labels 1 to 7.
const CLASSES: [&str; 7] = [
    "happy", "sad", "neutral", "angry", "surprise", "disgust", "fear",
];

/// Whether the folder, or the table, is DFEW's.
pub(super) fn fits(source: &Utf8Path, bytes: Option<&[u8]>) -> bool {
    match bytes {
        // Whoever has tables with the same columns has other names.
        Some(bytes) if table::fits(source, bytes, wanted()) => {
            let read = table::parse(source, bytes, wanted());
            read.list.iter().all(|entry| number(&entry.path).is_some())
        }
        Some(_other) => false,
        None => !files(source).is_empty(),
    }
}

/// Reads the data set; `media_root` is where videos lie, the data set's folder by default.
pub(super) fn read(
    source: &Utf8Path,
    media_root: Option<&Utf8Path>,
    words_only: bool,
) -> (Entries, Utf8PathBuf) {
    let parse = |path: &Utf8Path, bytes: &[u8]| table::parse(path, bytes, wanted());
    let (mut read, _root) = splits::open(source, files, ("dfew", FILES), &parse);
    let media_root = media_root.map_or_else(|| top(source), Utf8Path::to_owned);
    let is_class = |number: f64| label_names().contains_key(&number.to_string());
    let numbered = |entry: &super::Entry| {
        label::is_no_label(&entry.label) || label::number(&entry.label).is_some_and(is_class)
    };
    if read.list.iter().all(numbered) {
        read.label_names = label_names();
    }
    let names = read.list.iter().filter_map(|entry| number(&entry.path));
    let names: BTreeSet<String> = names.collect();
    let mut problems = Vec::new();
    let paths = if words_only {
        BTreeMap::new()
    } else {
        MediaIndex::walk(&media_root, &number, &mut problems).choose(&names, &CLIPS, &mut read)
    };
    read.problems.extend(problems);
    for entry in &mut read.list {
        let name = entry.path.trim().to_owned();
        if let Some(path) = number(&name).and_then(|number| paths.get(&number)) {
            entry.path.clone_from(path);
        }
        entry.id = Some(name);
    }
    (read, media_root)
}

fn files(source: &Utf8Path) -> Vec<Utf8PathBuf> {
    let is_wanted = |path: &Utf8Path| {
        let name = path.file_name().unwrap_or_default();
        name.starts_with("set_") && path.extension() == Some("csv")
    };
    let splits = source.join(SPLITS);
    if splits.is_dir() {
        splits::find_files(&splits, 1, &is_wanted)
    } else if source.file_name() == Some(SPLITS) {
        splits::find_files(source, 1, &is_wanted)
    } else {
        Vec::new()
    }
}

/// The data set's folder: the one that holds `EmoLabel_DataSplit`, where the source lies in there.
fn top(source: &Utf8Path) -> Utf8PathBuf {
    let inside = source
        .ancestors()
        .find(|folder| folder.file_name() == Some(SPLITS))
        .and_then(Utf8Path::parent);
    match inside {
        Some(top) => here(top).to_owned(),
        None if source.is_dir() => source.to_owned(),
        None => here(source.parent().unwrap_or(source)).to_owned(),
    }
}

fn wanted() -> Wanted<'static> {
    const NOTHING: &BTreeMap<super::reading::Role, String> = &BTreeMap::new();
    Wanted {
        names: COLUMNS,
        given: NOTHING,
        can_be_given: false,
        header: FIRST_LINE,
    }
}

/// The number that a video's name is, without leading zeros and a video's extension.
fn number(name: &str) -> Option<String> {
    let stem = Utf8Path::new(name).file_stem()?;
    stem.parse::<u64>().ok().map(|number| number.to_string())
}

fn label_names() -> BTreeMap<String, String> {
    let named = |(number, name): (usize, &&str)| (number.to_string(), (*name).to_owned());
    (1..).zip(&CLASSES).map(named).collect()
}
