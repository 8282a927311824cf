//! Anybody's out-of-fold predictions: a Parquet file of `label` and `pred_probs`, as confident learning's tools take it.
//!
//! Words or numbers as labels, one row per video or one per clip. What is wrong is told by file and row.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use thiserror::Error;

use super::clips::ClipRow;
use crate::table::{ForeignReader, TableError};

/// The predictions of a data set.
#[derive(Debug, Clone, PartialEq)]
pub struct Predictions {
    /// Class names, in the order of the probabilities.
    pub labels: Vec<String>,
    /// The videos in the order of their first rows.
    pub videos: Vec<PredictedVideo>,
    /// Every row as a clip.
    pub clips: Vec<ClipRow>,
    /// Digest of the file.
    pub fingerprint: String,
}

/// A video of which nothing but predictions is known.
#[derive(Debug, Clone, PartialEq)]
pub struct PredictedVideo {
    /// Its id: the column `id`, else the row's number from 0.
    pub id: String,
    /// The column `path`.
    pub path: Option<String>,
    /// The given label, an index into the label set.
    pub label: usize,
}

/// Predictions that cannot be read.
#[derive(Debug, Error)]
pub enum PredictionsError {
    /// The file is no such table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The file cannot be read.
    #[error("cannot read the predictions")]
    File(#[source] std::io::Error),
    /// A row's label is not a class.
    #[error(
        "row {row} of '{path}' has the label '{label}', but pred_probs has {classes} classes{}; numbers count from 0",
        known(.labels)
    )]
    Label {
        /// The file.
        path: Utf8PathBuf,
        /// The row, from 0.
        row: usize,
        /// Its label.
        label: String,
        /// Length of the first row's probabilities.
        classes: usize,
        /// The class names, where labels are words.
        labels: Vec<String>,
    },
    /// The names do not fit the probabilities.
    #[error(
        "'{path}' has {classes} probabilities a row, but {names} class names ({}); give the names in their order with --labels",
        .labels.join(", ")
    )]
    Classes {
        /// The file.
        path: Utf8PathBuf,
        /// Length of the first row's probabilities.
        classes: usize,
        /// Number of names.
        names: usize,
        /// The names.
        labels: Vec<String>,
    },
    /// Rows of one video contradict each other.
    #[error(
        "row {row} of '{path}' gives video '{id}' another label than a row before; clips of one video share its label"
    )]
    Contradiction {
        /// The file.
        path: Utf8PathBuf,
        /// The row, from 0.
        row: usize,
        /// The video.
        id: String,
    },
    /// There are no rows.
    #[error("'{path}' has no rows")]
    Empty {
        /// The file.
        path: Utf8PathBuf,
    },
}

fn known(labels: &[String]) -> String {
    if labels.is_empty() {
        String::new()
    } else {
        format!(" ({})", labels.join(", "))
    }
}

/// Reads a file of predictions.
///
/// `names`: the class names in the order of `pred_probs`; empty: the words that occur, sorted, or the numbers.
///
/// # Errors
///
/// If the file cannot be read, lacks a column, or its labels do not fit its probabilities. Whether rows are
/// probabilities is the scores' business.
pub fn read(path: &Utf8Path, names: &[String]) -> Result<Predictions, PredictionsError> {
    let bytes = fs_err::read(path).map_err(PredictionsError::File)?;
    let fingerprint = blake3::hash(&bytes).to_hex().to_string();
    let table = ForeignReader::read(path)?;
    let probs = table.f32_lists("pred_probs")?;
    let Some(classes) = probs.first().map(Vec::len) else {
        return Err(PredictionsError::Empty {
            path: path.to_owned(),
        });
    };
    let (words, are_numbers) = table.words_or_numbers("label")?;
    let labels = class_names(path, &words, are_numbers, classes, names)?;
    let class_of = |row: usize, word: &str| {
        let class = if are_numbers {
            word.parse().ok().filter(|&class: &usize| class < classes)
        } else {
            labels.iter().position(|label| label == word)
        };
        class.ok_or_else(|| PredictionsError::Label {
            path: path.to_owned(),
            row,
            label: word.to_owned(),
            classes,
            labels: if are_numbers {
                Vec::new()
            } else {
                labels.clone()
            },
        })
    };
    let ids = table.words_if_there("id")?;
    let paths = table.words_if_there("path")?;
    let mut videos: Vec<PredictedVideo> = Vec::new();
    let mut known: BTreeMap<String, (usize, u16)> = BTreeMap::new();
    let mut clips = Vec::with_capacity(probs.len());
    for (row, probs) in probs.into_iter().enumerate() {
        let label = class_of(row, &words[row])?;
        let id = ids
            .as_ref()
            .or(paths.as_ref())
            .map_or_else(|| row.to_string(), |ids| ids[row].clone());
        let (video, clip) = known.entry(id.clone()).or_insert_with(|| {
            videos.push(PredictedVideo {
                id: id.clone(),
                path: paths.as_ref().map(|paths| paths[row].clone()),
                label,
            });
            (videos.len() - 1, 0)
        });
        if videos[*video].label != label {
            return Err(PredictionsError::Contradiction {
                path: path.to_owned(),
                row,
                id,
            });
        }
        clips.push(ClipRow {
            id,
            repeat: 0,
            clip: *clip,
            start_frame: 0,
            end_frame: 0,
            flipped: false,
            key_frames: Vec::new(),
            prediction: labels.get(likeliest(&probs)).cloned().unwrap_or_default(),
            probs,
        });
        *clip += 1;
    }
    Ok(Predictions {
        labels,
        videos,
        clips,
        fingerprint,
    })
}

/// The class of largest probability, the first of equal ones.
fn likeliest(probs: &[f32]) -> usize {
    (0..probs.len()).fold(0, |best, class| {
        if probs[class] > probs[best] {
            class
        } else {
            best
        }
    })
}

/// The names of the classes in the order of the probabilities.
fn class_names(
    path: &Utf8Path,
    words: &[String],
    are_numbers: bool,
    classes: usize,
    names: &[String],
) -> Result<Vec<String>, PredictionsError> {
    let labels = if !names.is_empty() {
        names.to_vec()
    } else if are_numbers {
        (0..classes).map(|class| class.to_string()).collect()
    } else {
        let mut labels = words.to_vec();
        labels.sort();
        labels.dedup();
        labels
    };
    if labels.len() == classes {
        Ok(labels)
    } else {
        Err(PredictionsError::Classes {
            path: path.to_owned(),
            classes,
            names: labels.len(),
            labels,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::TableWriter;

    fn file(
        labels: &[&str],
        probs: &[[f32; 2]],
        ids: Option<&[&str]>,
    ) -> (tempfile::TempDir, Utf8PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path())
            .unwrap()
            .join("p.parquet");
        let mut table = TableWriter::default()
            .text("label", labels.iter())
            .f32_list("pred_probs", probs.iter().map(|row| Some(&row[..])));
        if let Some(ids) = ids {
            table = table.text("id", ids.iter().map(|&id| id.to_owned()));
        }
        table.write(&path).unwrap();
        (folder, path)
    }

    const PROBS: [[f32; 2]; 3] = [[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]];

    #[test]
    fn words_are_sorted_and_rows_of_an_id_are_clips() {
        let (_folder, path) = file(&["sad", "fear", "fear"], &PROBS, Some(&["a", "b", "b"]));
        let found = read(&path, &[]).unwrap();
        assert_eq!(found.labels, ["fear", "sad"]);
        assert_eq!(found.videos.len(), 2);
        assert_eq!((found.videos[0].label, found.videos[1].label), (1, 0));
        assert_eq!(
            (found.clips[2].clip, found.clips[2].prediction.as_str()),
            (1, "sad")
        );
        let named = read(&path, &["sad".into(), "fear".into()]).unwrap();
        assert_eq!(named.videos[0].label, 0);
    }

    #[test]
    fn what_does_not_fit_is_told_by_row() {
        let (_folder, path) = file(&["sad", "fear", "happy"], &PROBS, None);
        let text = read(&path, &[]).unwrap_err().to_string();
        assert!(text.contains("3 class names (fear, happy, sad)"), "{text}");
        let text = read(&path, &["sad".into(), "fear".into()])
            .unwrap_err()
            .to_string();
        assert!(text.contains("row 2") && text.contains("'happy'"), "{text}");
        let (_folder, path) = file(&["sad", "fear", "sad"], &PROBS, Some(&["a", "b", "b"]));
        let text = read(&path, &[]).unwrap_err().to_string();
        assert!(text.contains("row 2") && text.contains("'b'"), "{text}");
    }
}
