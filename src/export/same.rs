//! The format that came in: the original bytes with the labels changed that were decided, rows left out, and columns added.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::decide::Decisions;
use super::original::Original;
use super::write::Planned;
use super::{ExportError, changes};
use crate::manifest::{AddedColumn, Edits, LabelFile};

/// What is changed in every file of labels: the changed labels and left out videos, without added columns.
///
/// Labels are written as the file writes the class elsewhere, by number or by name.
///
/// # Errors
/// No file writes the class, so that nobody can say how it is written.
pub(super) fn edits(original: &Original, decisions: &Decisions) -> Result<Vec<Edits>, ExportError> {
    let everywhere = words(original, original.files.iter());
    original
        .files
        .iter()
        .map(|file| {
            let here = words(original, std::iter::once(file));
            let mut edits = Edits::default();
            for change in &decisions.changes {
                let Some(label) = &change.to else {
                    edits.dropped.insert(change.video);
                    continue;
                };
                let class = original.manifest.labels.index_of(label);
                let word = class.and_then(|class| here.get(&class).or(everywhere.get(&class)));
                let word = word.ok_or_else(|| ExportError::NoWord {
                    label: label.clone(),
                })?;
                edits.labels.insert(change.video, (*word).to_owned());
            }
            Ok(edits)
        })
        .collect()
}

/// The files of the export.
///
/// # Errors
/// As [`edits`], or a file cannot be written again.
pub(super) fn files(
    original: &Original,
    decisions: &Decisions,
    columns: &[AddedColumn],
    target: impl Fn(&Utf8Path) -> Utf8PathBuf,
) -> Result<Vec<Planned>, ExportError> {
    let edits = edits(original, decisions)?;
    original
        .files
        .iter()
        .zip(edits)
        .map(|(file, mut edits)| {
            edits.columns = columns.to_vec();
            Ok(Planned::new(target(&file.path), file.rewrite(&edits)?))
        })
        .collect()
}

/// The unified diff of the labels and rows of text files. Added columns change every line, so it leaves them out.
///
/// # Errors
/// As [`edits`].
pub(super) fn diff(original: &Original, decisions: &Decisions) -> Result<String, ExportError> {
    let mut diff = String::new();
    for (file, edits) in original.files.iter().zip(edits(original, decisions)?) {
        diff += &changes::diff(&file.path, &file.bytes, &file.rewrite(&edits)?);
    }
    Ok(diff)
}

/// How the files write each class: the commonest of its words, of equally common ones the first by alphabet.
fn words<'a>(
    original: &Original,
    files: impl Iterator<Item = &'a LabelFile>,
) -> BTreeMap<usize, &'a str> {
    let mut counts: BTreeMap<usize, BTreeMap<&str, usize>> = BTreeMap::new();
    for row in files.flat_map(|file| &file.rows) {
        let Some(video) = row.video else { continue };
        let class = original.manifest.videos[video].label;
        let words = counts.entry(class).or_default();
        *words.entry(row.written.as_str()).or_default() += 1;
    }
    counts
        .into_iter()
        .filter_map(|(class, words)| {
            let commonest = words.into_iter().rev().max_by_key(|(_, count)| *count);
            commonest.map(|(word, _)| (class, word))
        })
        .collect()
}
