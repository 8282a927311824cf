//! What the networks said of every clip, as much of it as the scores need: `clips.parquet` without frames and names of
//! classes, in a fifth of the memory.

use camino::Utf8Path;

use super::clips::ClipRow;
use super::table::{Lists, Runs, TableError, TableReader};
use crate::score::repeats::RepeatedClip;

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

    /// Clips of one video that follow each other, with its id. A video whose rows lie in several places comes several
    /// times.
    pub fn by_video(&self) -> impl Iterator<Item = (&str, impl Iterator<Item = RepeatedClip<'_>>)> {
        self.runs.iter().map(|(id, rows)| {
            let clips = rows.map(|row| RepeatedClip {
                repeat: self.repeats[row],
                clip: self.clips[row],
                probs: self.probs.get(row),
            });
            (id, clips)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::clips;

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
        let found: Vec<String> = read
            .by_video()
            .map(|(id, clips)| {
                let told =
                    clips.map(|clip| format!(" {}.{} {}", clip.repeat, clip.clip, clip.probs[0]));
                id.to_owned() + &told.collect::<String>()
            })
            .collect();
        assert_eq!(found, ["a 0.0 0.5 0.1 0.25", "b 0.0 0.75", "a 1.0 0.125"]);
        assert_eq!(ClipProbs::new(&[]), ClipProbs::default());
    }
}
