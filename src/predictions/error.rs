//! What can be wrong with predictions.

use camino::{Utf8Path, Utf8PathBuf};
use thiserror::Error;

use super::guard::{OrderDoubt, argument};
use crate::manifest::ManifestError;
use crate::table::TableError;

/// Predictions that cannot be read.
#[derive(Debug, Error)]
pub enum PredictionsError {
    /// The file is no such Parquet table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The file, or that of the labels, is no such table of text.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The classes are in another order.
    #[error(transparent)]
    Order(#[from] OrderDoubt),
    /// The file cannot be read.
    #[error("cannot read the predictions")]
    File(#[source] std::io::Error),
    /// The file is no such array.
    #[error("'{path}' {what}")]
    Array {
        /// The file.
        path: Utf8PathBuf,
        /// What is wrong.
        what: String,
    },
    /// Files of several networks have other classes.
    #[error(
        "'{first}' and '{second}' have probabilities of other classes; give files of the same ones"
    )]
    OtherClasses {
        /// The first file.
        first: Utf8PathBuf,
        /// One that differs from it.
        second: Utf8PathBuf,
    },
    /// One of several files does not name its videos.
    #[error(
        "'{path}' does not name its videos: of several files each needs ids or paths, and --labels a file that has them too"
    )]
    NoNames {
        /// The file.
        path: Utf8PathBuf,
    },
    /// Videos are in two files.
    #[error(
        "{count} {} in two files, '{id}' in '{first}' and '{second}': each video belongs to one fold's test part, since another network has learnt from it",
        if *.count == 1 { "video is" } else { "videos are" }
    )]
    Twice {
        /// The first of the videos.
        id: String,
        /// A file that has it.
        first: Utf8PathBuf,
        /// The other one.
        second: Utf8PathBuf,
        /// How many videos there are.
        count: usize,
    },
    /// A format that is not read.
    #[error(
        "'{path}' is of a format that is not read; save the predictions as Parquet, CSV, .npy or .npz"
    )]
    Format {
        /// The file.
        path: Utf8PathBuf,
    },
    /// There are no probabilities.
    #[error(
        "'{path}' has no column 'pred_probs' with lists, and no columns such as 'prob_happy' or 'p0' (found: {}); rename the columns, or name the classes with --labels",
        .found.join(", ")
    )]
    NoProbs {
        /// The file.
        path: Utf8PathBuf,
        /// Its columns.
        found: Vec<String>,
    },
    /// Columns that are called as classes are hold words.
    #[error(
        "the columns {} of '{path}' are called as probabilities of classes are, but hold words, as '{word}' in {place}; write numbers from 0 to 1",
        .columns.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ")
    )]
    Words {
        /// The file.
        path: Utf8PathBuf,
        /// The columns.
        columns: Vec<String>,
        /// A word that is no number.
        word: String,
        /// The row that has it.
        place: String,
    },
    /// A row's id and path are not those of one video of the labels' file.
    #[error("{place} of '{path}': {what}")]
    Names {
        /// The file.
        path: Utf8PathBuf,
        /// The row.
        place: String,
        /// What is wrong.
        what: String,
    },
    /// There are no labels.
    #[error(
        "'{path}' has no labels; put them into a column 'label', or name a file of labels with --labels FILE"
    )]
    NoLabels {
        /// The file.
        path: Utf8PathBuf,
    },
    /// A file that is not there.
    #[error(
        "there is no file '{path}'; --labels takes names of classes with commas between them, or a file"
    )]
    NoFile {
        /// The file.
        path: Utf8PathBuf,
    },
    /// Two files of labels.
    #[error("--labels names two files, '{first}' and '{second}'; name one")]
    TwoFiles {
        /// The first.
        first: Utf8PathBuf,
        /// The second.
        second: Utf8PathBuf,
    },
    /// Rows and labels differ in number.
    #[error(
        "'{path}' has predictions of {videos} videos, but '{labels}' has {found} labels or names; give one for each"
    )]
    Counts {
        /// The predictions.
        path: Utf8PathBuf,
        /// How many videos they have.
        videos: usize,
        /// The file of labels.
        labels: Utf8PathBuf,
        /// How many it has.
        found: usize,
    },
    /// Predictions of videos that have no label.
    #[error(
        "{count} rows of '{path}' are of videos that '{labels}' does not have, the first is '{first}'; name them by the same id or path"
    )]
    Strangers {
        /// The predictions.
        path: Utf8PathBuf,
        /// How many.
        count: usize,
        /// One of them.
        first: String,
        /// The file of labels.
        labels: Utf8PathBuf,
    },
    /// A row has fewer or more fields than the header.
    #[error(
        "line {line} of '{path}' has {found} fields, but the header has {expected}; quote fields that hold the separator"
    )]
    Ragged {
        /// The file.
        path: Utf8PathBuf,
        /// The line, from 1.
        line: u64,
        /// Fields of the header.
        expected: usize,
        /// Fields of the row.
        found: usize,
    },
    /// Rows are no probabilities.
    #[error("{place} of '{path}' {what} ({count} of {rows} rows are so)")]
    Rows {
        /// The file.
        path: Utf8PathBuf,
        /// The first such row.
        place: String,
        /// What is wrong with it.
        what: String,
        /// How many such rows there are.
        count: usize,
        /// How many rows there are.
        rows: usize,
    },
    /// Rows without a label.
    #[error(
        "{count} rows of '{path}' have no label, the first is {place} ('{word}'); label them, leave them out, or name a class of that name with '--labels'"
    )]
    Unlabeled {
        /// The file.
        path: Utf8PathBuf,
        /// The first such row.
        place: String,
        /// What stands there.
        word: String,
        /// How many such rows there are.
        count: usize,
    },
    /// Labels that are no class.
    #[error(
        "'{path}' has labels that are no class: {}, the first at {place}; the classes are {}; numbers count classes that are called by words, from 0 where 0 is among them, and from 1 where their last is; give the classes with --labels as the labels write them",
        .words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(", "),
        .labels.join(", ")
    )]
    Label {
        /// The file.
        path: Utf8PathBuf,
        /// The labels.
        words: Vec<String>,
        /// The first row that has one.
        place: String,
        /// The classes.
        labels: Vec<String>,
    },
    /// Names and probabilities differ in number.
    #[error(
        "'{path}' has {classes} probabilities a row, but {names} class names ({}); give {classes} different names in the order of the probabilities with --labels",
        .labels.join(", ")
    )]
    Classes {
        /// The file.
        path: Utf8PathBuf,
        /// Length of the rows.
        classes: usize,
        /// Number of different names.
        names: usize,
        /// The names.
        labels: Vec<String>,
    },
    /// Labels may count from 0 or from 1.
    #[error(
        "the labels of '{path}' are numbers without 0 and without {classes}, so that they may count its {classes} classes from 0 or from 1; say which with --labels {} or --labels {}",
        argument(&(0..*.classes).map(|number| number.to_string()).collect::<Vec<_>>()),
        argument(&(1..=*.classes).map(|number| number.to_string()).collect::<Vec<_>>())
    )]
    Base {
        /// The file.
        path: Utf8PathBuf,
        /// Length of the rows.
        classes: usize,
    },
    /// Rows of one video contradict each other.
    #[error(
        "{place} of '{path}' gives video '{id}' another label than a row before; clips of one video share its label"
    )]
    Contradiction {
        /// The file.
        path: Utf8PathBuf,
        /// The row.
        place: String,
        /// The video.
        id: String,
    },
    /// A row has no id although there is a column of them.
    #[error("{place} of '{path}' has no id; fill the column for every row, or remove it")]
    Unnamed {
        /// The file.
        path: Utf8PathBuf,
        /// The row.
        place: String,
    },
    /// There are no rows.
    #[error("'{path}' has no rows")]
    Empty {
        /// The file.
        path: Utf8PathBuf,
    },
}

impl PredictionsError {
    /// No columns were found. `called`: those that are called as classes are; `word`: what a column holds that is no number,
    /// and where.
    pub(super) fn no_probs(
        path: &Utf8Path,
        header: &[String],
        called: &[usize],
        word: impl Fn(&usize) -> Option<(String, String)>,
    ) -> Self {
        match called.iter().find_map(word) {
            Some((word, place)) => Self::Words {
                path: path.to_owned(),
                columns: called
                    .iter()
                    .map(|&column| header[column].clone())
                    .collect(),
                word,
                place,
            },
            None => Self::NoProbs {
                path: path.to_owned(),
                found: header.to_vec(),
            },
        }
    }
}
