//! What the networks said of every clip, as much of it as the scores need: `clips.parquet` without frames and names of
//! classes, in a fifth of the memory.

use std::collections::HashMap;
use std::ops::Range;

use camino::Utf8Path;

use super::clips::ClipRow;
use crate::score::repeats::RepeatedClip;
use crate::table::{Lists, Runs, TableError, TableReader};

/// The columns that are read.
const COLUMNS: [&str; 4] = ["id", "repeat", "clip", "probs"];

/// The probabilities of all clips, row by row as the file has them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClipProbs {
    /// The videos' ids.
    runs: Runs,
    repeats: Vec<u8>,
    clips: Vec<u16>,
    probs: Lists<f32>,
}

impl ClipProbs {
    /// Those of `rows`.
    pub fn new(rows: &[ClipRow]) -> Self {
        Self {
            runs: rows.iter().map(|row| row.id.as_str()).collect(),
            repeats: rows.iter().map(|row| row.repeat).collect(),
            clips: rows.iter().map(|row| row.clip).collect(),
            probs: rows.iter().map(|row| &row.probs[..]).collect(),
        }
    }

    /// Reads those of `clips.parquet`.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is not ours, or lacks a column.
    pub fn read(path: &Utf8Path) -> Result<Self, TableError> {
        let table = TableReader::read_columns(path, &COLUMNS)?;
        Ok(Self {
            runs: table.text_runs("id")?,
            repeats: table.u8("repeat")?,
            clips: table.u16("clip")?,
            probs: table.f32_lists("probs")?,
        })
    }

    /// The ids of the videos, and where each one's clips lie among the rows, piece by piece.
    pub fn by_video(&self) -> HashMap<&str, Vec<Range<usize>>> {
        self.runs.by_word()
    }

    /// The clips of some rows.
    ///
    /// # Panics
    ///
    /// If there are no such rows.
    pub fn clips(&self, rows: Range<usize>) -> impl Iterator<Item = RepeatedClip<'_>> {
        rows.map(|row| RepeatedClip {
            repeat: self.repeats[row],
            clip: self.clips[row],
            probs: self.probs.get(row),
        })
    }

    /// The ids of the rows, each once for those that follow each other.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.runs.iter().map(|(id, _)| id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::clips;

    #[test]
    fn the_file_says_what_the_rows_say() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path())
            .unwrap()
            .join("clips.parquet");
        let row = |id: &str, repeat: u8, clip: u16, prob: f32| ClipRow {
            id: id.into(),
            repeat,
            clip,
            start_frame: 0,
            end_frame: 15,
            flipped: false,
            prediction: "sad".into(),
            probs: vec![prob, 1.0 - prob],
            key_frames: Vec::new(),
        };
        let rows = [
            row("a", 0, 0, 0.5),
            row("a", 0, 1, 0.25),
            row("b", 0, 0, 0.75),
            row("a", 1, 0, 0.125),
        ];
        clips::write(&path, &rows).unwrap();
        let read = ClipProbs::read(&path).unwrap();
        assert_eq!(read, ClipProbs::new(&rows));
        let by_video = read.by_video();
        let found = ["a", "b"].map(|id| {
            let clips = by_video[id]
                .iter()
                .flat_map(|rows| read.clips(rows.clone()));
            clips
                .map(|clip| (clip.repeat, clip.clip, clip.probs[0]))
                .collect::<Vec<_>>()
        });
        assert_eq!(found[0], [(0, 0, 0.5), (0, 1, 0.25), (1, 0, 0.125)]);
        assert_eq!(found[1], [(0, 0, 0.75)]);
        assert_eq!(read.ids().collect::<String>(), "aba");
        assert_eq!(ClipProbs::new(&[]), ClipProbs::default());
    }
}
