//! What the list says of each row, kept beside the book so that 40,000 rows are drawn without looking anything up.

use crate::journal::{Action, Book, Choice};
use crate::review::mode::Mode;
use crate::review::run::Run;

/// What the list says of a row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mark {
    /// The reviewer's decision.
    pub decided: Option<Action>,
    /// Whether the decision says that the given label is wrong; none where it does not say.
    pub is_label_wrong: Option<bool>,
    /// Whether there is a bookmark.
    pub is_bookmarked: bool,
    /// Whether there is a note.
    pub has_note: bool,
    /// Whether reviewers contradict each other.
    pub is_disputed: bool,
}

/// The marks of all rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    marks: Vec<Mark>,
    decided: usize,
}

impl Marks {
    /// The marks that a book makes.
    pub fn new(run: &Run, book: &Book, mode: &Mode) -> Self {
        let mut marks = Self {
            marks: vec![Mark::default(); run.rows.len()],
            decided: 0,
        };
        for id in book.ids() {
            if let Some(row) = run.row_of(id) {
                marks.update(run, book, mode, row as usize);
            }
        }
        marks
    }

    /// Makes the mark of one row anew.
    pub fn update(&mut self, run: &Run, book: &Book, mode: &Mode, row: usize) {
        let id = &run.rows[row].id;
        let standing = book.standing(&mode.reviewer, id);
        let decision = standing.and_then(|standing| {
            if mode.is_adjudication {
                standing.ruling.as_ref()
            } else {
                standing.vote.as_ref()
            }
        });
        let choice = decision.map(|decision| &decision.choice);
        let mark = Mark {
            decided: choice.map(|choice| choice.words().0),
            is_label_wrong: match choice {
                Some(Choice::Keep(_)) => Some(false),
                Some(Choice::Relabel(_)) => Some(true),
                _ => None,
            },
            is_bookmarked: standing.is_some_and(|standing| standing.is_bookmarked),
            has_note: standing.is_some_and(|standing| standing.note.is_some()),
            // An adjudicator's list keeps what was settled, with its mark.
            is_disputed: if mode.is_adjudication {
                book.was_disputed(id, &run.rows[row].label)
            } else {
                book.is_disputed(id, &run.rows[row].label)
            },
        };
        let former = std::mem::replace(&mut self.marks[row], mark);
        self.decided += usize::from(mark.decided.is_some());
        self.decided -= usize::from(former.decided.is_some());
    }

    /// The mark of a row.
    pub fn of(&self, row: usize) -> Mark {
        self.marks.get(row).copied().unwrap_or_default()
    }

    /// How many rows this reviewer decided.
    pub fn decided(&self) -> usize {
        self.decided
    }

    /// Whether this reviewer decided a row.
    pub fn is_decided(&self, row: usize) -> bool {
        self.of(row).decided.is_some()
    }

    /// See [`Mark::is_disputed`].
    pub fn is_disputed(&self, row: usize) -> bool {
        self.of(row).is_disputed
    }

    /// See [`Mark::is_bookmarked`].
    pub fn is_bookmarked(&self, row: usize) -> bool {
        self.of(row).is_bookmarked
    }

    /// See [`Mark::is_label_wrong`].
    pub fn is_label_wrong(&self, row: usize) -> Option<bool> {
        self.of(row).is_label_wrong
    }
}
