//! `dynamics.parquet`: how each video was learnt, epoch by epoch.
//!
//! The longest file of a run by far (videos × networks that trained on them × epochs), so that a row in memory has no words
//! of its own.

use std::collections::HashMap;
use std::ops::Range;

use camino::Utf8Path;
use rayon::prelude::*;

use super::columns;
use crate::table::{TableError, TableReader, TableWriter};

/// One video in one epoch in which it was trained on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DynamicsRow<'a> {
    /// The video's id.
    pub id: &'a str,
    /// The fold whose network trained on it: not the video's own.
    pub fold: u8,
    /// Which of the fold's networks, from 0.
    pub repeat: u8,
    /// The epoch, from 0.
    pub epoch: u16,
    /// Probability of the given label, in [0, 1].
    pub label_prob: f32,
    /// Logit of the given label less the largest other logit.
    pub label_margin: f32,
    /// Cross-entropy of the given label, in nats.
    pub loss: f32,
    /// The predicted class.
    pub prediction: &'a str,
    /// What the video's clips of earlier epochs said of it: clean, hard, noisy, or warmup while they are too few.
    pub state: &'a str,
}

/// A row whose words are numbers of [`Names`].
#[derive(Debug, Clone, Copy, PartialEq)]
struct Entry {
    video: u32,
    prediction: u16,
    epoch: u16,
    state: u8,
    fold: u8,
    repeat: u8,
    label_prob: f32,
    label_margin: f32,
    loss: f32,
}

/// Words, each once, in the order in which they were met.
#[derive(Debug, Clone, Default, PartialEq)]
struct Names {
    names: Vec<String>,
    places: HashMap<String, u32>,
}

impl Names {
    fn place(&mut self, name: &str) -> u32 {
        if let Some(&place) = self.places.get(name) {
            return place;
        }
        let place = self.names.len() as u32;
        self.names.push(name.to_owned());
        self.places.insert(name.to_owned(), place);
        place
    }
}

/// The rows of one or several networks, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Dynamics {
    ids: Names,
    predictions: Names,
    states: Names,
    entries: Vec<Entry>,
}

impl Dynamics {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no row: no training was watched.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Appends a row.
    pub fn push(&mut self, row: DynamicsRow) {
        self.entries.push(Entry {
            video: self.ids.place(row.id),
            prediction: self.predictions.place(row.prediction) as u16,
            epoch: row.epoch,
            state: self.states.place(row.state) as u8,
            fold: row.fold,
            repeat: row.repeat,
            label_prob: row.label_prob,
            label_margin: row.label_margin,
            loss: row.loss,
        });
    }

    /// All rows, in order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = DynamicsRow<'_>> {
        self.part(0..self.len())
    }

    fn part(&self, rows: Range<usize>) -> impl ExactSizeIterator<Item = DynamicsRow<'_>> {
        self.entries[rows].iter().map(|entry| self.row(entry))
    }

    fn row(&self, entry: &Entry) -> DynamicsRow<'_> {
        DynamicsRow {
            id: &self.ids.names[entry.video as usize],
            fold: entry.fold,
            repeat: entry.repeat,
            epoch: entry.epoch,
            label_prob: entry.label_prob,
            label_margin: entry.label_margin,
            loss: entry.loss,
            prediction: &self.predictions.names[usize::from(entry.prediction)],
            state: &self.states.names[usize::from(entry.state)],
        }
    }

    /// Puts the rows of a video together, network by network and epoch by epoch: whoever reads them goes through them video by
    /// video, and in the file an id that comes again takes no room.
    pub fn sort_by_video(&mut self) {
        let place = |entry: &Entry| (entry.video, entry.fold, entry.repeat, entry.epoch);
        self.entries.par_sort_unstable_by_key(place);
    }

    /// Writes the rows.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn write(&self, path: &Utf8Path) -> Result<(), TableError> {
        TableWriter::write_parts(path, self.len(), |part| {
            let rows = || self.part(part.clone());
            TableWriter::default()
                .text("id", rows().map(|row| row.id))
                .u8("fold", rows().map(|row| row.fold))
                .u8("repeat", rows().map(|row| row.repeat))
                .u16("epoch", rows().map(|row| row.epoch))
                .f32("label_prob", rows().map(|row| row.label_prob))
                .f32("label_margin", rows().map(|row| row.label_margin))
                .f32("loss", rows().map(|row| row.loss))
                .text("prediction", rows().map(|row| row.prediction))
                .text("state", rows().map(|row| row.state))
                .describe(columns::DYNAMICS.iter().copied())
        })
    }

    /// Appends the rows of a file, in its order.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is not ours, or lacks a column.
    pub fn read(&mut self, path: &Utf8Path) -> Result<(), TableError> {
        // Words are the larger part of the file, and not needed once they are numbers.
        let videos =
            TableReader::read_columns(path, &["id"])?.map_text("id", |id| self.ids.place(id))?;
        let words = TableReader::read_columns(path, &["prediction", "state"])?;
        let predictions = words.map_text("prediction", |name| self.predictions.place(name))?;
        let states = words.map_text("state", |name| self.states.place(name))?;
        drop(words);
        let columns = [
            "fold",
            "repeat",
            "epoch",
            "label_prob",
            "label_margin",
            "loss",
        ];
        let table = TableReader::read_columns(path, &columns)?;
        let rows = videos
            .into_iter()
            .zip(predictions)
            .zip(states)
            .zip(table.u8("fold")?)
            .zip(table.u8("repeat")?)
            .zip(table.u16("epoch")?)
            .zip(table.f32("label_prob")?)
            .zip(table.f32("label_margin")?)
            .zip(table.f32("loss")?)
            .map(
                |(
                    (
                        ((((((video, prediction), state), fold), repeat), epoch), label_prob),
                        label_margin,
                    ),
                    loss,
                )| {
                    Entry {
                        video,
                        prediction: prediction as u16,
                        epoch,
                        state: state as u8,
                        fold,
                        repeat,
                        label_prob,
                        label_margin,
                        loss,
                    }
                },
            );
        self.entries.extend(rows);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path())
            .unwrap()
            .join("dynamics.parquet");
        let row = DynamicsRow {
            id: "a",
            fold: 2,
            repeat: 1,
            epoch: 7,
            label_prob: 0.5,
            label_margin: -0.25,
            loss: 0.693,
            prediction: "sad",
            state: "noisy",
        };
        let other = DynamicsRow {
            id: "b",
            state: "warmup",
            prediction: "happy",
            ..row
        };
        let again = DynamicsRow { epoch: 8, ..row };
        let mut dynamics = Dynamics::default();
        for row in [row, other, again] {
            dynamics.push(row);
        }
        dynamics.write(&path).unwrap();
        let mut read = Dynamics::default();
        read.read(&path).unwrap();
        assert_eq!(read, dynamics);
        // A second file's rows come after those of the first.
        read.read(&path).unwrap();
        assert_eq!(
            read.rows().collect::<Vec<_>>(),
            [row, other, again, row, other, again]
        );
        read.sort_by_video();
        assert_eq!(
            read.rows().collect::<Vec<_>>(),
            [row, row, again, again, other, other]
        );
    }
}
