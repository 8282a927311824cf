//! The data set as it was scanned: its files of labels are kept in the run, and every export starts from them.
//!
//! The user's own files may be corrected by hand, or overwritten by an export, after the scan; what the run says of a row
//! holds for the row that was scanned.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::ExportError;
use super::write::{Planned, write};
use crate::manifest::{self, Format, LabelFile, Manifest, ReadOptions, digest};
use crate::rows::folder::RunFolder;
use crate::rows::run::RunCard;

/// A scanned data set.
#[derive(Debug, Clone)]
pub struct Original {
    /// Its videos.
    pub manifest: Manifest,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// Whether it was read from the run's copy.
    pub is_copy: bool,
    /// Its files of labels; none for class folders.
    pub files: Vec<LabelFile>,
    /// What the data set writes for a class → the class's name, where the user said so.
    pub label_names: BTreeMap<String, String>,
}

impl Original {
    /// Leaves out videos by id, as the scan did; their rows stay in the files of labels.
    pub(super) fn leave_out(&mut self, is_left_out: impl Fn(&str) -> bool) {
        let videos = std::mem::take(&mut self.manifest.videos);
        let mut places = Vec::with_capacity(videos.len());
        for video in videos {
            let is_kept = !is_left_out(&video.id);
            places.push(is_kept.then_some(self.manifest.videos.len()));
            if is_kept {
                self.manifest.videos.push(video);
            }
        }
        for row in self.files.iter_mut().flat_map(|file| &mut file.rows) {
            row.video = row.video.and_then(|video| places[video]);
        }
    }
}

/// Keeps the files of labels of a data set that was scanned as `dataset` in the run's folder; `is_folder`: whether the data
/// set is one.
///
/// # Errors
/// They cannot be written.
pub fn keep(
    folder: &RunFolder,
    dataset: &Utf8Path,
    is_folder: bool,
    files: &[LabelFile],
) -> Result<(), ExportError> {
    let copy = folder.labels().join(name(dataset));
    let place = |file: &LabelFile| {
        if is_folder {
            copy.join(&file.path)
        } else {
            copy.clone()
        }
    };
    let copies: Vec<Planned> = files
        .iter()
        .map(|file| Planned::new(place(file), file.bytes.clone()))
        .collect();
    write(&copies, true)
}

/// Reads the data set of a run, from the run's copies where it has some. `dataset`: where the data set lies by now, if
/// elsewhere than where it was scanned.
///
/// # Errors
/// The run is not one of a labeled data set, its copies were changed, or the data set cannot be read.
pub fn read(
    folder: &RunFolder,
    card: &RunCard,
    dataset: &Utf8Path,
) -> Result<Original, ExportError> {
    let format = format_of(card)?;
    let copy = folder.labels().join(name(Utf8Path::new(&card.dataset)));
    let is_copy = copy.exists();
    let source = if is_copy { &copy } else { dataset };
    let label_names = card.settings.get("labels").cloned().unwrap_or_default();
    let label_names: BTreeMap<String, String> =
        serde_json::from_value(label_names).unwrap_or_default();
    let options = ReadOptions {
        format,
        label_names: label_names.clone(),
        words_only: true,
        reading: card.reading.clone(),
        ..ReadOptions::default()
    };
    let (mut manifest, files) = manifest::read_with_files(source, &options)?;
    // A run of an early version did not note what it scanned; its first export made the copy.
    if is_copy && !card.digests.is_empty() && manifest.digests != card.digests {
        return Err(ExportError::DamagedCopy { path: copy });
    }
    let is_folder = source.is_dir();
    manifest.source = dataset.to_owned();
    Ok(Original {
        manifest,
        is_folder,
        is_copy,
        files,
        label_names,
    })
}

/// The files of labels whose content is not the one that was scanned, by their paths; files that are gone are not among
/// them, nor those of a run that did not note what it scanned.
///
/// # Errors
/// A file cannot be read.
pub fn changed(card: &RunCard, dataset: &Utf8Path) -> Result<Vec<Utf8PathBuf>, ExportError> {
    let mut changed = Vec::new();
    for (path, scanned) in &card.digests {
        let path = file_in(dataset, Utf8Path::new(path));
        if !path.exists() {
            continue;
        }
        let bytes = fs_err::read(&path).map_err(ExportError::File)?;
        if digest(&bytes) != *scanned {
            changed.push(path);
        }
    }
    Ok(changed)
}

/// Where a data set that is `target` has its file `path`: a data set of one file is the file itself.
pub(super) fn file_in(target: &Utf8Path, path: &Utf8Path) -> Utf8PathBuf {
    if target.is_dir() {
        target.join(path)
    } else {
        target.to_owned()
    }
}

/// The format that a run's data set is in.
///
/// # Errors
/// The run is not one of a labeled data set.
pub(super) fn format_of(card: &RunCard) -> Result<Format, ExportError> {
    Format::NAMES
        .into_iter()
        .find(|(name, format)| *name == card.format && *format != Format::Auto)
        .map(|(_, format)| format)
        .ok_or_else(|| ExportError::NoLabels {
            source_name: card.dataset.clone(),
            format: card.format.clone(),
        })
}

/// A file's or folder's own name, by which formats know some folders; `.` and the like have none.
fn name(source: &Utf8Path) -> &str {
    source.file_name().unwrap_or("dataset")
}
