//! A new folder with the videos in it: class folders, and the video folder of Hugging Face's `datasets`.
//!
//! The data set's own folders are never touched. Videos are linked or copied into a folder that is made under another
//! name and then takes its place, so that whoever is interrupted has the old tree or the new one.

use std::collections::BTreeSet;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use super::convert::{fields, object};
use super::record::Record;
use super::write::{Planned, write};
use super::{ExportError, folder_name};
use crate::manifest::{AddedColumn, AddedValue, Format, LabelFrom, Manifest};
use crate::whole::folder_of;

/// What becomes of the videos.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Media {
    /// Links to where they lie; on systems without symbolic links, copies.
    #[default]
    Link,
    /// Copies.
    Copy,
}

/// A video of a tree: where it lies, and its path in the tree.
pub(super) type Placed = (Utf8PathBuf, Utf8PathBuf);

/// A folder per class, below the sides of a split where the data set has them so. A video keeps its path below its class
/// folder, without what would lead out of it; where another has that name already, the given label is put before it. `root`:
/// where the paths start.
///
/// # Errors
/// A class cannot be a folder, or a video would lie in another.
pub(super) fn class_folders(
    manifest: &Manifest,
    records: &[Record],
    root: &Utf8Path,
) -> Result<Vec<Placed>, ExportError> {
    let kept = || records.iter().filter(|record| !record.is_dropped());
    let labels: BTreeSet<&str> = kept()
        .flat_map(|record| [record.label, record.given])
        .collect();
    folder_name::check(labels, manifest.format == Format::Folders)?;
    let has_sides = has_sides(manifest);
    let mut taken = BTreeSet::new();
    let mut placed = Vec::new();
    // Those that stay where they are first, so that they keep their names.
    let (moved, kept): (Vec<&Record>, Vec<&Record>) =
        kept().partition(|record| record.change.is_some());
    for record in kept.into_iter().chain(moved) {
        let path = Utf8Path::new(record.path());
        // Also where the class's folder lies below the side of a split, and without what leads out of it.
        let mut is_found = false;
        let below: Utf8PathBuf = path
            .components()
            .filter(|part| matches!(part, Utf8Component::Normal(_)))
            .filter(|part| {
                let is_class = !is_found && part.as_str() == record.given;
                is_found |= is_class;
                !is_class
            })
            .collect();
        let mut parts = below.components();
        let side = parts.next().filter(|_| has_sides);
        let below = if has_sides { parts.as_path() } else { &below };
        let mut place: Utf8PathBuf = side.into_iter().collect();
        place.extend([Utf8Path::new(record.label), below]);
        while !taken.insert(place.clone()) {
            let name = place.file_name().unwrap_or_default();
            place.set_file_name(format!("{}-{name}", record.given));
        }
        placed.push((record.file(root), place));
    }
    for (_, place) in &placed {
        let mut above = place.ancestors().skip(1);
        if let Some(outer) = above.find(|above| taken.contains(*above)) {
            return Err(ExportError::Nested {
                inner: place.clone(),
                outer: outer.to_owned(),
            });
        }
    }
    Ok(placed)
}

/// Whether the data set has its class folders below the sides of a split.
pub(super) fn has_sides(manifest: &Manifest) -> bool {
    manifest.format == Format::Folders
        && manifest.reading.label_from == Some(LabelFrom::below_split())
}

/// The video folder that `datasets.load_dataset("videofolder", data_dir=…)` takes: `metadata.jsonl`, and the videos by the
/// number of their place in the data set.
///
/// # Errors
/// A video is a folder of frames, which that loader does not know.
pub(super) fn video_folder(
    manifest: &Manifest,
    records: &[Record],
    columns: &[AddedColumn],
    root: &Utf8Path,
) -> Result<(Vec<Placed>, Planned), ExportError> {
    let mut text = String::new();
    let mut placed = Vec::new();
    for record in records.iter().filter(|record| !record.is_dropped()) {
        let file = record.file(root);
        if file.is_dir() {
            return Err(ExportError::FrameFolder {
                path: file,
                format: "huggingface",
            });
        }
        // A name such as 'train' in a path would make the loader take it for a split of the data set.
        let extension = file.extension().unwrap_or("mp4");
        let place = Utf8PathBuf::from(format!("videos/{:06}.{extension}", record.index + 1));
        let mut row = fields(manifest, record, ("file_name", place.as_str()), columns);
        let text_of = |text: &str| AddedValue::Text(text.to_owned());
        row.insert(3, ("given_label".to_owned(), text_of(record.given)));
        row.insert(4, ("path".to_owned(), text_of(record.path())));
        text += &object(&row);
        text.push('\n');
        placed.push((file, place));
    }
    let metadata = Planned::new(Utf8PathBuf::from("metadata.jsonl"), text.into_bytes());
    Ok((placed, metadata))
}

/// Makes the tree at `target`, with further files in it whose paths are relative to it. With `force` an earlier export
/// there is replaced, and nothing but an export.
///
/// # Errors
/// Something is there, or a video cannot be linked or copied.
pub(super) fn make(
    target: &Utf8Path,
    placed: &[Placed],
    files: &[Planned],
    media: Media,
    force: bool,
) -> Result<(), ExportError> {
    let is_free = !target.exists()
        || target
            .read_dir_utf8()
            .is_ok_and(|mut entries| entries.next().is_none());
    if !is_free {
        if !force {
            return Err(ExportError::Exists {
                path: target.to_owned(),
                others: 0,
            });
        }
        if !target.join("changes.csv").exists() {
            return Err(ExportError::NotAnExport {
                path: target.to_owned(),
            });
        }
        // An export that was written into the data set's own folder left its changes there.
        let folder = target.canonicalize_utf8().map_err(ExportError::File)?;
        let is_inside = |file: &Utf8Path| {
            file.canonicalize_utf8()
                .is_ok_and(|file| file.starts_with(&folder))
        };
        if let Some((video, _)) = placed.iter().find(|(file, _)| is_inside(file)) {
            return Err(ExportError::HoldsVideos {
                path: target.to_owned(),
                video: video.clone(),
            });
        }
    }
    let parent = folder_of(target);
    fs_err::create_dir_all(parent).map_err(ExportError::File)?;
    let name = target.file_name().unwrap_or("export");
    let staged = tempfile::Builder::new()
        .prefix(&format!(".{name}."))
        .suffix(".tmp")
        .tempdir_in(parent)
        .map_err(ExportError::File)?;
    let made = Utf8PathBuf::from_path_buf(staged.path().join("new"))
        .map_err(|path| ExportError::NotUtf8 { path })?;
    fs_err::create_dir_all(&made).map_err(ExportError::File)?;
    for (file, place) in placed {
        let place = made.join(place);
        fs_err::create_dir_all(folder_of(&place)).map_err(ExportError::File)?;
        let file = file
            .canonicalize_utf8()
            .map_err(|source| ExportError::Video {
                path: file.clone(),
                source,
            })?;
        match media {
            Media::Link => link(&file, &place)?,
            Media::Copy => copy(&file, &place)?,
        }
    }
    let files: Vec<Planned> = files
        .iter()
        .map(|file| Planned::new(made.join(&file.path), file.bytes.clone()))
        .collect();
    write(&files, true)?;
    if target.exists() {
        let old = staged.path().join("old");
        fs_err::rename(target, old).map_err(ExportError::File)?;
    }
    fs_err::rename(&made, target).map_err(ExportError::File)?;
    staged.close().map_err(ExportError::File)
}

#[cfg(unix)]
fn link(file: &Utf8Path, place: &Utf8Path) -> Result<(), ExportError> {
    fs_err::os::unix::fs::symlink(file, place).map_err(ExportError::File)
}

#[cfg(not(unix))]
fn link(file: &Utf8Path, place: &Utf8Path) -> Result<(), ExportError> {
    copy(file, place)
}

/// Copies a file, or a folder of frames.
fn copy(file: &Utf8Path, place: &Utf8Path) -> Result<(), ExportError> {
    if !file.is_dir() {
        fs_err::copy(file, place).map_err(ExportError::File)?;
        return Ok(());
    }
    fs_err::create_dir_all(place).map_err(ExportError::File)?;
    for entry in file.read_dir_utf8().map_err(ExportError::File)? {
        let entry = entry.map_err(ExportError::File)?;
        copy(entry.path(), &place.join(entry.file_name()))?;
    }
    Ok(())
}
