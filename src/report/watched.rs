//! What training left of every video, as much of it as the scores need: `dynamics.parquet` by column, without epochs, states
//! and names of classes.

use std::collections::HashMap;
use std::ops::Range;

use camino::Utf8Path;

use super::dynamics::Dynamics;
use super::table::{Runs, TableError, TableReader};
use super::timeline::place_of_label;
use crate::score::dynamics::EpochRecord;

/// The columns that are read; early versions knew a single network a fold, and wrote no `repeat`.
const COLUMNS: [&str; 7] = [
    "id",
    "fold",
    "repeat",
    "label_prob",
    "label_margin",
    "loss",
    "prediction",
];

/// A network: its fold and its repeat.
pub type NetworkOf = (u8, u8);

/// The records of all epochs, row by row as the file has them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Watched {
    /// Part by part as the file is read; no part is empty.
    parts: Vec<Part>,
}

/// Rows that follow each other in a file.
#[derive(Debug, Clone, PartialEq)]
struct Part {
    /// The videos' ids.
    runs: Runs,
    folds: Vec<u8>,
    repeats: Vec<u8>,
    label_probs: Vec<f32>,
    label_margins: Vec<f32>,
    losses: Vec<f32>,
    /// Indices of classes; the number of classes for one that the run does not know.
    predictions: Vec<u16>,
}

/// Rows that follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    part: usize,
    rows: Range<usize>,
}

impl Rows {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.rows.len()
    }
}

impl Watched {
    /// Those of `dynamics`. `labels`: the class names, in their order.
    pub fn new(dynamics: &Dynamics, labels: &[String]) -> Self {
        let part = Part {
            runs: dynamics.rows().map(|row| row.id).collect(),
            folds: dynamics.rows().map(|row| row.fold).collect(),
            repeats: dynamics.rows().map(|row| row.repeat).collect(),
            label_probs: dynamics.rows().map(|row| row.label_prob).collect(),
            label_margins: dynamics.rows().map(|row| row.label_margin).collect(),
            losses: dynamics.rows().map(|row| row.loss).collect(),
            predictions: dynamics
                .rows()
                .map(|row| place(labels, row.prediction))
                .collect(),
        };
        Self::of_parts([part])
    }

    /// Reads those of `dynamics.parquet`. `labels`: the class names, in their order.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is not ours, or lacks a column.
    pub fn read(path: &Utf8Path, labels: &[String]) -> Result<Self, TableError> {
        let mut parts = Vec::new();
        let of = |table: &TableReader| Part::of(table, labels);
        TableReader::each_group(path, &COLUMNS, of, |part| parts.push(part))?;
        Ok(Self::of_parts(parts))
    }

    fn of_parts(parts: impl IntoIterator<Item = Part>) -> Self {
        let parts = parts.into_iter().filter(|part| !part.folds.is_empty());
        Self {
            parts: parts.collect(),
        }
    }

    /// Whether there is no row: no training was watched.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The ids of the videos, and where each one's records lie, piece by piece.
    pub fn by_video(&self) -> HashMap<&str, Vec<Rows>> {
        let mut pieces: HashMap<&str, Vec<Rows>> = HashMap::new();
        for (part, rows) in self.parts.iter().enumerate() {
            for (id, rows) in rows.runs.iter() {
                pieces.entry(id).or_default().push(Rows { part, rows });
            }
        }
        pieces
    }

    /// Rows of one network that follow each other among some rows, with the network.
    ///
    /// # Panics
    ///
    /// If there are no such rows.
    pub fn networks(&self, rows: &Rows) -> Vec<(NetworkOf, Rows)> {
        let part = &self.parts[rows.part];
        let mut pieces: Vec<(NetworkOf, Rows)> = Vec::new();
        for row in rows.rows.clone() {
            let network = (part.folds[row], part.repeats[row]);
            match pieces.last_mut() {
                Some((last, piece)) if *last == network => piece.rows.end = row + 1,
                _ => pieces.push((
                    network,
                    Rows {
                        part: rows.part,
                        rows: row..row + 1,
                    },
                )),
            }
        }
        pieces
    }

    /// The records of some rows.
    ///
    /// # Panics
    ///
    /// If there are no such rows.
    pub fn records(&self, rows: &Rows) -> impl ExactSizeIterator<Item = EpochRecord> {
        let part = &self.parts[rows.part];
        rows.rows.clone().map(|row| EpochRecord {
            label_prob: f64::from(part.label_probs[row]),
            label_margin: f64::from(part.label_margins[row]),
            loss: f64::from(part.losses[row]),
            prediction: usize::from(part.predictions[row]),
        })
    }
}

impl Part {
    fn of(table: &TableReader, labels: &[String]) -> Result<Self, TableError> {
        Ok(Self {
            runs: table.text_runs("id")?,
            folds: table.u8("fold")?,
            repeats: if table.has("repeat") {
                table.u8("repeat")?
            } else {
                vec![0; table.height()]
            },
            label_probs: table.f32("label_prob")?,
            label_margins: table.f32("label_margin")?,
            losses: table.f32("loss")?,
            predictions: table.map_text("prediction", |name| place(labels, name))?,
        })
    }
}

/// The place of a name among `labels`, their number for others.
fn place(labels: &[String], name: &str) -> u16 {
    place_of_label(labels, name).unwrap_or(labels.len() as u16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::dynamics::DynamicsRow;
    use crate::report::dynamics::tests::write_as_before;

    fn labels() -> [String; 2] {
        ["happy".to_owned(), "sad".to_owned()]
    }

    #[test]
    fn the_file_says_what_the_rows_say() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path())
            .unwrap()
            .join("dynamics.parquet");
        let row = |id, fold, prediction, loss| DynamicsRow {
            id,
            fold,
            repeat: 1,
            epoch: 7,
            label_prob: 0.5,
            label_margin: -0.25,
            loss,
            prediction,
            state: "noisy",
        };
        let mut dynamics = Dynamics::default();
        for row in [
            row("a", 0, "sad", 0.5),
            row("b", 0, "other", 1.0),
            row("a", 2, "happy", 1.5),
        ] {
            dynamics.push(row);
        }
        dynamics.write(&path).unwrap();
        let read = Watched::read(&path, &labels()).unwrap();
        assert_eq!(read, Watched::new(&dynamics, &labels()));
        assert!(!read.is_empty() && Watched::default().is_empty());
        let by_video = read.by_video();
        let of = |id: &str| {
            let rows = by_video[id].iter().flat_map(|rows| read.records(rows));
            rows.map(|record| (record.loss, record.prediction))
                .collect::<Vec<_>>()
        };
        assert_eq!(of("a"), [(0.5, 1), (1.5, 0)]);
        assert_eq!(of("b"), [(1.0, 2)]);
        let rows = |rows| Rows { part: 0, rows };
        let networks = [((0, 1), rows(0..2)), ((2, 1), rows(2..3))];
        assert_eq!(read.networks(&rows(0..3)), networks);
    }

    #[test]
    fn a_file_of_an_older_version_has_one_network_a_fold() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path())
            .unwrap()
            .join("dynamics.parquet");
        write_as_before(&path);
        let read = Watched::read(&path, &labels()).unwrap();
        let only = &read.by_video()["a"][0];
        assert_eq!(read.networks(only), [((1, 0), only.clone())]);
    }
}
