//! `folds/<k>/training.jsonl`: how a fold's network learnt, one JSON line per epoch.

use std::fmt::Write as _;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::whole;

/// One epoch of one fold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EpochRow {
    /// From 1.
    pub epoch: usize,
    /// Mean loss over the epoch's clips.
    pub loss: f64,
    /// Share of training clips predicted as labelled (WAR), in [0, 1].
    pub accuracy: f64,
    /// Mean of that share over the classes (UAR), in [0, 1].
    pub uar: f64,
    /// What was said of held-out clips at the epoch's end; none where that was not asked for.
    #[serde(default)]
    pub held_out: Option<HeldOut>,
    /// Learning rate at the epoch's end.
    pub learning_rate: f64,
}

/// How a network does on clips of videos that it does not learn from; their labels may be wrong, too.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct HeldOut {
    /// Clips looked at, each of another video.
    pub clips: usize,
    /// Share predicted as labelled (WAR), in [0, 1].
    pub accuracy: f64,
    /// Mean of that share over the classes that occur (UAR), in [0, 1].
    pub uar: f64,
}

/// A log that could not be written or read.
#[derive(Debug, Error)]
pub enum TrainingLogError {
    /// The file cannot be accessed.
    #[error("cannot access a training log")]
    File(#[source] std::io::Error),
    /// A line is not an epoch.
    #[error("line {line} of '{path}' is not an epoch; remove the line")]
    Line {
        /// The file.
        path: Utf8PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
}

/// Writes the epochs in their order.
///
/// # Errors
///
/// If the file cannot be written.
pub fn write(path: &Utf8Path, epochs: &[EpochRow]) -> Result<(), TrainingLogError> {
    let mut log = String::new();
    for (epoch, line) in epochs.iter().zip(1..) {
        let json = serde_json::to_string(epoch).map_err(|source| TrainingLogError::Line {
            path: path.to_owned(),
            line,
            source,
        })?;
        writeln!(log, "{json}").unwrap_or_else(|_| unreachable!("a String takes every word"));
    }
    whole::write(path, log).map_err(TrainingLogError::File)
}

/// Reads the epochs back; none where there is no log, as for predictions from elsewhere.
///
/// # Errors
///
/// If the file is there and cannot be read.
pub fn read(path: &Utf8Path) -> Result<Vec<EpochRow>, TrainingLogError> {
    let text = match fs_err::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(TrainingLogError::File(error)),
    };
    text.lines()
        .zip(1..)
        .map(|(text, line)| {
            serde_json::from_str(text).map_err(|source| TrainingLogError::Line {
                path: path.to_owned(),
                line,
                source,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epochs_come_back_and_other_lines_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(folder.path().join("training.jsonl")).unwrap();
        assert_eq!(read(&path).unwrap(), []);
        let epoch = EpochRow {
            epoch: 3,
            loss: 1.5,
            accuracy: 0.5,
            uar: 0.25,
            held_out: Some(HeldOut {
                clips: 64,
                accuracy: 0.375,
                uar: 0.25,
            }),
            learning_rate: 1e-3,
        };
        write(&path, &[epoch, epoch]).unwrap();
        assert_eq!(read(&path).unwrap(), [epoch, epoch]);
        let whole = fs_err::read_to_string(&path).unwrap();
        fs_err::write(&path, format!("{whole}nothing\n")).unwrap();
        assert!(matches!(
            read(&path),
            Err(TrainingLogError::Line { line: 3, .. })
        ));
    }
}
