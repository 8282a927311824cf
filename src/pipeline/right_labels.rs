//! Right labels that somebody knows, from a file that names a run's videos by path or id: `--truth` and `--judged`.

use std::collections::BTreeMap;

use anyhow::bail;
use camino::Utf8Path;
use tracing::warn;

use crate::journal::{self, Book};
use crate::judge::VideoFile;
use crate::manifest::words::{self, Classes};
use crate::manifest::{Manifest, Video};
use crate::rows::folder::RunFolder;

/// How many strangers a message names.
const NAMED: usize = 5;

/// Reads a file of right labels in whatever format, which may lie anywhere and name any number of the videos; its labels are
/// the run's `classes`.
///
/// # Errors
///
/// If the file cannot be read or understood, or has labels that are no class of the run.
pub(crate) fn read(file: &Utf8Path, classes: Classes<'_>) -> anyhow::Result<Manifest> {
    let (manifest, told) = words::read_as(file, classes)?;
    warn_all(&manifest, told.as_deref());
    Ok(manifest)
}

/// What a file says of videos that were judged blind.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JudgedFile<'a> {
    /// The file.
    pub(crate) path: &'a Utf8Path,
    /// Its labels that are no class of the run and mean that the given label is wrong.
    pub(crate) others: &'a [String],
}

/// What people say of a run's videos, in files.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Given<'a> {
    /// Videos that were judged blind.
    pub(crate) judged: Option<JudgedFile<'a>>,
    /// Votes, or the word that there shall be none.
    pub(crate) votes: Option<&'a Utf8Path>,
}

/// Whether the label is wrong, of every video that was judged blind in the run's reviews, or that `file` names with its
/// right label.
///
/// # Errors
///
/// If the decisions or the file cannot be read, or the file names a video twice, a stranger, or a label that is no class.
pub(crate) fn judged_videos(
    folder: &RunFolder,
    file: Option<JudgedFile<'_>>,
    given: &[VideoFile],
    classes: Classes<'_>,
) -> anyhow::Result<BTreeMap<String, bool>> {
    let mut judged = Book::replay(&journal::read(folder.root())?).judged_blind();
    let Some(JudgedFile { path, others }) = file else {
        return Ok(judged);
    };
    let manifest = words::read_words(path)?;
    let taken = words::take(&manifest, classes, others)?;
    warn_all(&manifest, taken.told.as_deref());
    let by_path: BTreeMap<&str, &VideoFile> = by_name(given, |video| &video.path);
    let by_id: BTreeMap<&str, &VideoFile> = by_name(given, |video| &video.id);
    let mut strangers = Vec::new();
    let mut named: BTreeMap<&str, &Video> = BTreeMap::new();
    for row in &manifest.videos {
        let written = row.written_path.as_str();
        let found = by_path.get(written).or_else(|| by_id.get(written));
        let Some(video) = found.or_else(|| by_id.get(row.id.as_str())) else {
            strangers.push(written);
            continue;
        };
        if let Some(first) = named.insert(&video.id, row) {
            bail!(
                "'{path}' judges the video '{}' twice, as '{}' and as '{written}'; keep one of the two",
                video.id,
                first.written_path
            );
        }
        judged.insert(
            video.id.clone(),
            taken.classes[row.label] != Some(video.label),
        );
    }
    if strangers.is_empty() {
        return Ok(judged);
    }
    let more = strangers.len().saturating_sub(NAMED);
    let shown: Vec<String> = strangers
        .iter()
        .take(NAMED)
        .map(|name| format!("'{name}'"))
        .collect();
    bail!(
        "'{path}' judges {}{}, which the run does not have; name videos by the run's path or id",
        shown.join(", "),
        if more == 0 {
            String::new()
        } else {
            format!(" and {more} more")
        }
    )
}

fn by_name<'a>(
    videos: &'a [VideoFile],
    name: impl Fn(&'a VideoFile) -> &'a String,
) -> BTreeMap<&'a str, &'a VideoFile> {
    videos
        .iter()
        .map(|video| (name(video).as_str(), video))
        .collect()
}

fn warn_all(manifest: &Manifest, told: Option<&str>) {
    for warning in &manifest.warnings {
        warn!("{warning}");
    }
    if let Some(told) = told {
        warn!("{told}");
    }
}
