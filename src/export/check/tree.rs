//! Folders of videos, read by the reader of their format and held against the data set: nothing of what made them is asked
//! where a video lies.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::{Flaw, read};
use crate::export::record::records;
use crate::export::{Audit, Decisions, ExportError};
use crate::manifest::Format;

/// What a video is known by: where it lies once links are followed, or what it holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Content {
    Place(Utf8PathBuf),
    Digest(String),
}

/// Checks the videos of a folder in a format, class folders or a table beside them: each one is the data set's, with its
/// class, and none is missing.
///
/// # Errors
/// The folder cannot be read in that format.
pub(super) fn check(
    audit: &Audit,
    target: &Utf8Path,
    format: Format,
    made: &Decisions,
    flaws: &mut Vec<Flaw>,
) -> Result<(), ExportError> {
    let (found, _files) = read(audit, target, format, false)?;
    let is_link = |path: &Utf8Path| path.is_symlink();
    let are_links = found.videos.iter().any(|video| is_link(&video.path));
    let rows = audit.by_id();
    let records = records(&audit.original.manifest, &rows, made);
    let mut expected: BTreeMap<Content, Vec<(&str, &str)>> = BTreeMap::new();
    for record in records.iter().filter(|record| !record.is_dropped()) {
        let content = content(&record.file(&audit.root), are_links)?;
        let same = expected.entry(content).or_default();
        same.push((record.label, record.path()));
    }
    for video in &found.videos {
        let label = found.labels.name(video.label);
        let same = expected.get_mut(&content(&video.path, are_links)?);
        let Some(same) = same.filter(|same| !same.is_empty()) else {
            flaws.push(Flaw::Foreign {
                path: video.written_path.clone(),
            });
            continue;
        };
        // Of copies of one video whichever has the label.
        let place = same.iter().position(|(expected, _)| *expected == label);
        let (expected, path) = same.swap_remove(place.unwrap_or(0));
        if expected != label {
            flaws.push(Flaw::Undecided {
                path: path.to_owned(),
                expected: expected.to_owned(),
                found: label.to_owned(),
            });
        }
    }
    for (_, path) in expected.into_values().flatten() {
        flaws.push(Flaw::Missing {
            path: path.to_owned(),
        });
    }
    Ok(())
}

fn content(path: &Utf8Path, are_links: bool) -> Result<Content, ExportError> {
    let unreadable = |source| ExportError::Video {
        path: path.to_owned(),
        source,
    };
    if are_links {
        return path
            .canonicalize_utf8()
            .map(Content::Place)
            .map_err(unreadable);
    }
    let mut hasher = blake3::Hasher::new();
    digest(path, &mut hasher).map_err(unreadable)?;
    Ok(Content::Digest(hasher.finalize().to_hex().to_string()))
}

/// Takes in a file, or the frames of a folder with their names.
fn digest(path: &Utf8Path, hasher: &mut blake3::Hasher) -> std::io::Result<()> {
    if !path.is_dir() {
        std::io::copy(&mut fs_err::File::open(path)?, hasher)?;
        return Ok(());
    }
    let mut names = path
        .read_dir_utf8()?
        .map(|entry| Ok(entry?.file_name().to_owned()))
        .collect::<std::io::Result<Vec<String>>>()?;
    names.sort();
    for name in names {
        hasher.update(name.as_bytes());
        digest(&path.join(name), hasher)?;
    }
    Ok(())
}
