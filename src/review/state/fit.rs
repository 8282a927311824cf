//! Decisions that were made in an earlier run and do not fit this one: a rescan keeps decisions by the video's id.

use std::fmt;

use crate::journal::{Action, Book, Choice, Entry};
use crate::review::run::Run;

/// Why a decision does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The run has no such video.
    NoVideo,
    /// The run has no such class.
    NoClass(String),
    /// The label that was confirmed is not the given one any more.
    OtherLabel {
        /// The confirmed label.
        kept: String,
        /// The given one.
        given: String,
    },
}

/// A decision that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// The video's id.
    pub id: String,
    /// Whose decision it is.
    pub reviewer: String,
    /// Why.
    pub reason: Reason,
}

impl fmt::Display for Misfit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "'{}'", self.id)?;
        match &self.reason {
            Reason::NoVideo => write!(formatter, " is not in this run"),
            Reason::NoClass(label) => {
                write!(formatter, " got the label '{label}', which this run lacks")
            }
            Reason::OtherLabel { kept, given } => {
                write!(formatter, " kept '{kept}', but now has '{given}'")
            }
        }
    }
}

/// Takes the decisions that do not fit out of the book; the journals keep them.
pub(super) fn take_misfits(run: &Run, book: &mut Book) -> Vec<Misfit> {
    let mut misfits = Vec::new();
    let mut clears = Vec::new();
    for id in book.ids() {
        let row = run.row_of(id).map(|row| &run.rows[row as usize]);
        for (reviewer, standing) in book.of_video(id) {
            let decisions = [(&standing.vote, false), (&standing.ruling, true)];
            for (decision, adjudication) in decisions {
                let Some(decision) = decision else { continue };
                let reason = match (row, &decision.choice) {
                    (None, _) => Reason::NoVideo,
                    (Some(row), Choice::Keep(Some(kept))) if *kept != row.label => {
                        Reason::OtherLabel {
                            kept: kept.clone(),
                            given: row.label.clone(),
                        }
                    }
                    (Some(_), Choice::Relabel(label) | Choice::Ambiguous(Some(label)))
                        if !run.labels().contains(label) =>
                    {
                        Reason::NoClass(label.clone())
                    }
                    _ => continue,
                };
                misfits.push(Misfit {
                    id: id.to_owned(),
                    reviewer: reviewer.to_owned(),
                    reason,
                });
                let clear = Entry {
                    id: id.to_owned(),
                    action: Action::Clear,
                    label: None,
                    note: None,
                    blind: false,
                    adjudication,
                };
                clears.push((reviewer.to_owned(), clear));
            }
        }
    }
    for (reviewer, clear) in clears {
        book.apply(&reviewer, &clear);
    }
    misfits
}
