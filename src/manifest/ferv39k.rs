//! The format `ferv39k`: lists without a header, a space between the path and the class's name.
//!
//! `4_setups/All_scenes/{train,test}_All.csv` below the data set's folder, with lines such as `Action/Happy/0267 Happy`; the
//! videos lie in `2_ClipsforFaceCrop/`. The path contains the label as it was given: a correction changes the label alone,
//! and who reviews without seeing labels must not be shown the path.

use camino::{Utf8Path, Utf8PathBuf};

use super::list::{self, FrameCounts};
use super::{Entries, media, splits};

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
pub(super) fn read(source: &Utf8Path, media_root: Option<&Utf8Path>) -> (Entries, Utf8PathBuf) {
    let parse = |path: &Utf8Path, bytes: &[u8]| list::parse(path, bytes, FrameCounts::default());
    let (mut read, _root) = splits::open(source, files, ("ferv39k", FILES), &parse);
    let media_root = media_root.map_or_else(|| clips(source), Utf8Path::to_owned);
    media::name_ids(&mut read.list);
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

/// The folder of face crops beside `4_setups`; the folder itself where there is none.
fn clips(source: &Utf8Path) -> Utf8PathBuf {
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
    if clips.is_dir() {
        clips
    } else {
        top.to_owned()
    }
}
