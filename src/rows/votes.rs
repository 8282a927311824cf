//! `votes.parquet` and `raters.parquet`: people's votes, and what each rater's are worth. They alone hold raters' names, apart
//! from what the data set's own columns say.

use camino::Utf8Path;
use serde::{Deserialize, Serialize};

use super::columns;
use crate::manifest::votes::{Ballot, Votes};
use crate::table::{TableError, TableReader, TableWriter};

/// A rater, as `raters.parquet` has it.
#[derive(Debug, Clone, PartialEq)]
pub struct RaterRow {
    /// The rater's name; empty for raters who are not told apart.
    pub rater: String,
    /// Votes on the videos that were scored.
    pub votes: u32,
    /// Expected share of votes for the true class, in [0, 1].
    pub agreement: f32,
    /// The same beyond what a guess would reach, at most 1.
    pub knowledge: f32,
    /// CROWDLAB's quality of the rater, in [0, 1]; nothing for raters who are not told apart.
    pub crowdlab_quality: Option<f32>,
    /// The class that is mistaken most often, for which other, and in which share of the votes on it.
    pub confused: Option<(String, String, f32)>,
    /// Whether the votes say next to nothing of the class.
    pub is_guessing: bool,
}

/// What votes say of a run as a whole, in `run.json`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct VoteCard {
    /// Scored videos with votes.
    pub videos: usize,
    /// Votes on them.
    pub votes: usize,
    /// Raters who are told apart.
    pub raters: usize,
    /// Those of them whose votes say next to nothing of the class.
    pub guessing: usize,
    /// Videos whose label is not what the raters agree on.
    pub overruled: usize,
    /// Correlation of the raters' errors on a video, in [0, 1].
    pub correlation: f64,
    /// To which power the networks' word is taken beside the votes; below 1, votes contradict it.
    pub network_power: f64,
    /// Hard videos on which the raters are split.
    pub split: usize,
    /// Hard videos on which the raters agree.
    pub unsure: usize,
}

impl VoteCard {
    /// What votes say, in one sentence without a full stop.
    pub fn sentence(&self) -> String {
        let raters = match (self.raters, self.guessing) {
            (0, _) => String::new(),
            (raters, 0) => format!(" by {raters} raters"),
            (raters, 1) => format!(" by {raters} raters, of whom 1 seems to guess,"),
            (raters, guessing) => format!(" by {raters} raters, of whom {guessing} seem to guess,"),
        };
        let hard = match self.split + self.unsure {
            0 => String::new(),
            hard => format!(
                "; of {hard} hard ones the raters are split on {}, and agree on {}",
                self.split, self.unsure
            ),
        };
        format!(
            "{} votes on {} videos{raters} weigh in the ranking: they agree on another label than the given one for {}{hard}",
            self.votes, self.videos, self.overruled
        )
    }
}

/// Writes the votes; an empty table says that there shall be none.
///
/// # Errors
///
/// If the file cannot be written.
pub fn write(path: &Utf8Path, votes: &Votes, labels: &[String]) -> Result<(), TableError> {
    let list = &votes.list;
    let rater = |ballot: &Ballot| Some(&votes.raters[ballot.rater]).filter(|name| !name.is_empty());
    TableWriter::default()
        .text("id", list.iter().map(|ballot| &ballot.id))
        .optional_text("rater", list.iter().map(rater))
        .text("label", list.iter().map(|ballot| &labels[ballot.class]))
        .u32("votes", list.iter().map(|ballot| ballot.count))
        .describe(columns::VOTES.iter().copied())
        .write(path)
}

/// Reads the votes back. `labels`: the run's classes.
///
/// # Errors
///
/// If the file cannot be read, is not ours, lacks a column, or names a class that the run does not have.
pub fn read(path: &Utf8Path, labels: &[String]) -> Result<Votes, TableError> {
    let table = TableReader::read(path)?;
    let classes = table.map_text("label", |word| labels.iter().position(|name| name == word))?;
    let (ids, raters, counts) = (
        table.text("id")?,
        table.optional_text("rater")?,
        table.u32("votes")?,
    );
    let mut votes = Votes::default();
    let mut numbers = std::collections::HashMap::new();
    for (((id, rater), class), count) in ids.into_iter().zip(raters).zip(classes).zip(counts) {
        let name = rater.unwrap_or_default();
        let rater = *numbers.entry(name.clone()).or_insert_with(|| {
            votes.raters.push(name);
            votes.raters.len() - 1
        });
        let class = class.ok_or_else(|| table.bad_column("label", "class of the run"))?;
        votes.list.push(Ballot {
            id,
            rater,
            class,
            count,
        });
    }
    Ok(votes)
}

/// Writes one row per rater, who knows most first.
///
/// # Errors
///
/// If the file cannot be written.
pub fn write_raters(path: &Utf8Path, raters: &[RaterRow]) -> Result<(), TableError> {
    let name = |row: &RaterRow| Some(row.rater.clone()).filter(|name| !name.is_empty());
    let confused = |row: &RaterRow| row.confused.clone();
    TableWriter::default()
        .optional_text("rater", raters.iter().map(name))
        .u32("votes", raters.iter().map(|row| row.votes))
        .f32("agreement", raters.iter().map(|row| row.agreement))
        .f32("knowledge", raters.iter().map(|row| row.knowledge))
        .optional_f32(
            "crowdlab_quality",
            raters.iter().map(|row| row.crowdlab_quality),
        )
        .optional_text("mistakes", raters.iter().map(|row| Some(confused(row)?.0)))
        .optional_text("for", raters.iter().map(|row| Some(confused(row)?.1)))
        .optional_f32(
            "share_mistaken",
            raters.iter().map(|row| Some(confused(row)?.2)),
        )
        .optional_bool("guesses", raters.iter().map(|row| Some(row.is_guessing)))
        .describe(columns::RATERS.iter().copied())
        .write(path)
}

/// Reads the raters back, in the file's order.
///
/// # Errors
///
/// If the file cannot be read, is not ours, or lacks a column.
pub fn read_raters(path: &Utf8Path) -> Result<Vec<RaterRow>, TableError> {
    let table = TableReader::read(path)?;
    let (votes, agreement, knowledge) = (
        table.u32("votes")?,
        table.f32("agreement")?,
        table.f32("knowledge")?,
    );
    let crowdlab_quality = table.optional_f32("crowdlab_quality")?;
    let (mistakes, others) = (
        table.optional_text("mistakes")?,
        table.optional_text("for")?,
    );
    let shares = table.optional_f32("share_mistaken")?;
    let guesses = table.optional_bool("guesses")?;
    let raters = table.optional_text("rater")?.into_iter().enumerate();
    Ok(raters
        .map(|(row, rater)| RaterRow {
            rater: rater.unwrap_or_default(),
            votes: votes[row],
            agreement: agreement[row],
            knowledge: knowledge[row],
            crowdlab_quality: crowdlab_quality[row],
            confused: mistakes[row]
                .clone()
                .zip(others[row].clone())
                .zip(shares[row])
                .map(|((class, other), share)| (class, other, share)),
            is_guessing: guesses[row].unwrap_or_default(),
        })
        .collect())
}
