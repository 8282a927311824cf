//! Right labels that somebody knows, from a file that names a run's videos by path or id: `--truth` and `--judged`.

use std::collections::BTreeMap;

use anyhow::bail;
use camino::Utf8Path;
use tracing::warn;

use crate::journal::{self, Book};
use crate::judge::VideoFile;
use crate::manifest::register::{Register, RegisterError};
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
    let names = given.iter();
    let names = Register::new(names.map(|video| (video.id.as_str(), video.path.as_str())));
    let (mut strangers, mut refused, mut renamed) = (Vec::new(), Vec::new(), Vec::new());
    let mut named: BTreeMap<&str, &Video> = BTreeMap::new();
    for row in &manifest.videos {
        let written = row.written_path.as_str();
        let found = match names.find_row(row) {
            Ok(found) => found,
            Err(RegisterError::Unknown(_)) => {
                strangers.push(written);
                continue;
            }
            Err(RegisterError::Several(words)) => {
                refused.push((row.row, words));
                continue;
            }
        };
        let video = &given[found.place];
        if !found.is_as_written {
            renamed.push(format!("'{written}' as '{}'", video.path));
        }
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
    if !refused.is_empty() {
        let words = |(line, words): &(Option<u64>, String)| match line {
            Some(line) => format!("line {line}: {words}"),
            None => words.clone(),
        };
        bail!(
            "'{path}' has rows that cannot be taken:\n  {}",
            some(refused.iter().map(words), "\n  ")
        );
    }
    if !strangers.is_empty() {
        bail!(
            "'{path}' judges {}, which the run does not have; name videos by the run's path or id",
            some(strangers.iter().map(|name| format!("'{name}'")), ", ")
        );
    }
    if !renamed.is_empty() {
        warn!("'{path}': took {}", some(renamed.into_iter(), ", "));
    }
    Ok(judged)
}

/// The first of some words, and how many more there are.
fn some(words: impl ExactSizeIterator<Item = String>, between: &str) -> String {
    let more = words.len().saturating_sub(NAMED);
    let shown: Vec<String> = words.take(NAMED).collect();
    match more {
        0 => shown.join(between),
        more => format!("{} and {more} more", shown.join(between)),
    }
}

fn warn_all(manifest: &Manifest, told: Option<&str>) {
    for warning in &manifest.warnings {
        warn!("{warning}");
    }
    if let Some(told) = told {
        warn!("{told}");
    }
}
