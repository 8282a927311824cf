//! The format `ferv39k`: lists without a header, a space between the path and the class's name.
//!
//! `4_setups/All_scenes/{train,test}_All.csv` below the data set's folder, with lines such as `Action/Happy/0267 Happy`; the
//! videos lie in `2_ClipsforFaceCrop/`. The path contains the label as it was given: a correction changes the label alone,
//! and who reviews without seeing labels must not be shown the path.

use camino::{Utf8Path, Utf8PathBuf};

use super::list::{self, FrameCounts};
use super::listing::{ItemKind, list};
use super::locate::has;
use super::understood::Choice;
use super::{Entries, Problem, ProblemKind, media, splits};

/// Where the lists lie.
pub(super) const FILES: &str = "4_setups/All_scenes/*.csv";

const SETUPS: &str = "4_setups";
const ALL_SCENES: &str = "All_scenes";
const CLIPS: &str = "2_ClipsforFaceCrop";

/// Whether the folder is FERV39k's, or the file one of its lists.
pub(super) fn fits(source: &Utf8Path, bytes: Option<&[u8]>) -> bool {
    match bytes {
        Some(bytes) => {
            let is_inside = source
                .ancestors()
                .any(|folder| folder.file_name() == Some(SETUPS));
            is_inside && list::fits(bytes)
        }
        None => !files(source).is_empty(),
    }
}

/// Reads the data set; `media_root` is where paths start, the folder of face crops by default.
pub(super) fn read(
    source: &Utf8Path,
    media_root: Option<&Utf8Path>,
    words_only: bool,
) -> (Entries, Utf8PathBuf) {
    let parse = |path: &Utf8Path, bytes: &[u8]| list::parse(path, bytes, FrameCounts::default());
    let (mut read, _root) = splits::open(source, files, ("ferv39k", FILES), &parse);
    media::name_ids(&mut read.list);
    let media_root = match media_root {
        Some(root) => root.to_owned(),
        None => clips(source, &mut read, words_only),
    };
    (read, media_root)
}

fn files(source: &Utf8Path) -> Vec<Utf8PathBuf> {
    let folder = if source.join(SETUPS).is_dir() {
        source.join(SETUPS).join(ALL_SCENES)
    } else if source.file_name() == Some(SETUPS) {
        source.join(ALL_SCENES)
    } else {
        return Vec::new();
    };
    splits::find_files(&folder, 0, &|path| path.extension() == Some("csv"))
}

/// The folder of face crops beside `4_setups`; where there is none, the only other folder that has the videos, or else the
/// folder itself. Others that have them as well are told.
fn clips(source: &Utf8Path, read: &mut Entries, words_only: bool) -> Utf8PathBuf {
    let setups = source
        .ancestors()
        .find(|folder| folder.file_name() == Some(SETUPS))
        .and_then(Utf8Path::parent);
    let top = setups.unwrap_or(if source.is_dir() {
        source
    } else {
        source.parent().unwrap_or(source)
    });
    let clips = top.join(CLIPS);
    let is_there = clips.is_dir();
    let first = read.list.first().filter(|_| !words_only);
    let others: Vec<Utf8PathBuf> = first.map_or_else(Vec::new, |first| {
        let folders = list(top, &mut Vec::new()).into_iter();
        let folders = folders.filter(|item| item.kind == ItemKind::Folder && item.path != clips);
        let folders = folders.map(|item| item.path);
        folders.filter(|folder| has(folder, &first.path)).collect()
    });
    let names = |folders: &[Utf8PathBuf]| -> Vec<String> {
        let names = folders.iter().filter_map(|folder| folder.file_name());
        names.map(str::to_owned).collect()
    };
    match others.as_slice() {
        [_, _, ..] if !is_there => {
            let places = names(&others);
            let kind = ProblemKind::SeveralPlaces { places };
            read.problems.push(Problem { row: None, kind });
            return top.to_owned();
        }
        [] if !is_there => return top.to_owned(),
        [] => return clips,
        _ => {}
    }
    let (taken, also) = if is_there {
        (clips, names(&others))
    } else {
        (others[0].clone(), Vec::new())
    };
    read.choices.push(Choice {
        what: "videos".to_owned(),
        taken: format!("from '{}'", taken.file_name().unwrap_or_default()),
        also,
        remedy: "choose another with '--root'".to_owned(),
    });
    taken
}
