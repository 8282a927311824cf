//! People's votes on the videos: of a table beside the data set, or of its own other columns.
//!
//! A vote is somebody's word for a class. Votes come as a row per vote (who, on which video, for what), as a column per rater,
//! or as a column per class with the number of votes, where raters are not told apart. Nothing is ever trained on them.

mod columns;
mod names;
mod table;

use camino::Utf8PathBuf;
use thiserror::Error;

use super::ManifestError;
use super::words::Unknown;

pub use self::columns::of_columns;
pub use self::table::read;

/// Votes on a data set's videos.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Votes {
    /// The raters' names, as they were written; the empty one stands for raters who are not told apart.
    pub raters: Vec<String>,
    /// The votes.
    pub list: Vec<Ballot>,
}

/// Votes of one rater for one class of one video.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ballot {
    /// The video's id.
    pub id: String,
    /// An index into [`Votes::raters`].
    pub rater: usize,
    /// The class, an index into the label set.
    pub class: usize,
    /// How often, at least 1.
    pub count: u32,
}

/// Votes, and what is to be told of how they were understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadVotes {
    /// The votes.
    pub votes: Votes,
    /// Sentences without a full stop.
    pub told: Vec<String>,
}

/// A video by which votes may name it.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its path, as the manifest writes it.
    pub path: &'a str,
    /// The class that it is labeled with.
    pub label: usize,
    /// The manifest's other columns' values.
    pub extra: &'a [String],
}

/// Votes that cannot be read.
#[derive(Debug, Error)]
pub enum VotesError {
    /// The file is no table.
    #[error(transparent)]
    Sheet(#[from] ManifestError),
    /// No form of votes fits the columns.
    #[error(
        "'{path}' has no votes that can be told by its columns ({}); it needs a column id (or path, video, fileName, order), and beside it rater and label, or a column per class with the number of votes, or columns 'rater…' with a class each",
        .found.join(", ")
    )]
    NoVotes {
        /// The file.
        path: Utf8PathBuf,
        /// Its columns.
        found: Vec<String>,
    },
    /// Words that are no class.
    #[error(
        "'{path}' has votes for what is no class: {}; the classes are {}: name the class with '--set labels.WORD=CLASS', or take such rows out",
        .unknown.iter().map(Unknown::to_string).collect::<Vec<_>>().join(", "),
        .known.join(", ")
    )]
    Unknown {
        /// The file.
        path: Utf8PathBuf,
        /// The words.
        unknown: Vec<Unknown>,
        /// The classes.
        known: Vec<String>,
    },
    /// Numbers of votes that are none.
    #[error(
        "'{path}', line {line}: '{value}' in the column '{column}' is no number of votes; write whole numbers"
    )]
    NotACount {
        /// The file.
        path: Utf8PathBuf,
        /// The line.
        line: u64,
        /// The column.
        column: String,
        /// What is there.
        value: String,
    },
    /// None of the videos is among the data set's.
    #[error(
        "'{path}' votes on {videos} videos, none of which the data set has, such as '{first}'; name them by the data set's id or path"
    )]
    Strangers {
        /// The file.
        path: Utf8PathBuf,
        /// How many videos it names.
        videos: usize,
        /// One of them.
        first: String,
    },
}

impl Votes {
    /// Whether nobody voted.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Who voted on how many of the videos, in one sentence without a full stop. `videos`: of the data set.
    pub fn told(&self, videos: usize) -> String {
        let voted: std::collections::BTreeSet<&str> =
            self.list.iter().map(|ballot| ballot.id.as_str()).collect();
        let votes: u64 = self.list.iter().map(|ballot| u64::from(ballot.count)).sum();
        let raters = match (&self.raters[..], self.raters.len()) {
            ([name], _) if name.is_empty() => "raters who are not told apart".to_owned(),
            (_, 1) => "1 rater".to_owned(),
            (_, count) => format!("{count} raters"),
        };
        format!(
            "{votes} by {raters} on {} of {videos} videos, {:.1} a video",
            voted.len(),
            votes as f64 / voted.len().max(1) as f64
        )
    }
}

#[cfg(test)]
mod tests;
