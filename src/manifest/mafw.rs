//! The format `mafw`: lists without a header, a space between the video's name and one of eleven classes.
//!
//! `split/single/no_caption/set_{1..5}/{train,test}.txt` below the data set's folder (`Train & Test Set` stands for `split` in
//! the published archive). A video is a folder of frames or a file that has the written name, with or without extension,
//! anywhere below the data set's folder.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::list::{self, FrameCounts};
use super::listing::here;
use super::places::MediaIndex;
use super::{Entries, media, splits};

/// Where the lists lie.
pub(super) const FILES: &str = "split/single/no_caption/set_*/*.txt";

/// The folder of lists, by both of its names.
const SPLITS: [&str; 2] = ["split", "Train & Test Set"];
const SINGLE: &str = "single";
const NO_CAPTION: &str = "no_caption";

/// Whether the folder is MAFW's, or the file one of its lists.
pub(super) fn fits(source: &Utf8Path, bytes: Option<&[u8]>) -> bool {
    match bytes {
        Some(bytes) => top(source).is_some() && list::fits(bytes),
        None => !files(source).is_empty(),
    }
}

/// Reads the data set; `media_root` is where videos lie, the data set's folder by default.
pub(super) fn read(
    source: &Utf8Path,
    media_root: Option<&Utf8Path>,
    words_only: bool,
) -> (Entries, Utf8PathBuf) {
    let parse = |path: &Utf8Path, bytes: &[u8]| list::parse(path, bytes, FrameCounts::default());
    let (mut read, root) = splits::open(source, files, ("mafw", FILES), &parse);
    media::name_ids(&mut read.list);
    let media_root = media_root.map_or_else(
        || top(source).unwrap_or_else(|| root.to_owned()),
        Utf8Path::to_owned,
    );
    if !words_only {
        let stem = |path: &str| Utf8Path::new(path).file_stem().map(str::to_owned);
        let gone = |path: &str| !media_root.join(path).exists();
        let names = read.list.iter().filter(|entry| gone(&entry.path));
        let names: BTreeSet<String> = names.filter_map(|entry| stem(&entry.path)).collect();
        let mut problems = Vec::new();
        let index = MediaIndex::walk(&media_root, &|stem| Some(stem.to_owned()), &mut problems);
        let paths = index.choose(&names, &[], &mut read);
        read.problems.extend(problems);
        for entry in &mut read.list {
            let path = stem(&entry.path).and_then(|stem| paths.get(&stem));
            if let (true, Some(path)) = (gone(&entry.path), path) {
                entry.path.clone_from(path);
            }
        }
    }
    (read, media_root)
}

fn files(source: &Utf8Path) -> Vec<Utf8PathBuf> {
    let is_wanted = |path: &Utf8Path| path.extension() == Some("txt");
    SPLITS
        .iter()
        .map(|splits| source.join(splits).join(SINGLE).join(NO_CAPTION))
        .find(|folder| folder.is_dir())
        .map(|folder| splits::find_files(&folder, 1, &is_wanted))
        .unwrap_or_default()
}

/// The data set's folder: the one above `split/single/no_caption`, or the source where it is that one.
fn top(source: &Utf8Path) -> Option<Utf8PathBuf> {
    if source.is_dir() {
        return Some(source.to_owned());
    }
    let lists = source
        .ancestors()
        .find(|folder| folder.file_name() == Some(NO_CAPTION))?;
    let single = lists
        .parent()
        .filter(|folder| folder.file_name() == Some(SINGLE))?;
    let top = single.parent()?.parent()?;
    Some(here(top).to_owned())
}
