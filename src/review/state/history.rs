//! Undo and redo, without limit, across sessions.

use super::Mode;
use crate::journal::{Book, Entry, Line};
use crate::review::run::Run;

/// One step: what was written, and what takes it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The row to go back to.
    pub row: u32,
    /// What was written.
    pub forth: Vec<Entry>,
    /// What takes it back, in the order of writing.
    pub back: Vec<Entry>,
}

impl Change {
    /// The step of writing `entries`, none of which concern the same video, before they are applied to the book.
    pub fn new(book: &Book, reviewer: &str, row: u32, entries: Vec<Entry>) -> Self {
        let back = entries
            .iter()
            .map(|entry| book.inverse(reviewer, entry))
            .collect();
        Self {
            row,
            forth: entries,
            back,
        }
    }
}

/// The steps that can be undone and redone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    done: Vec<Change>,
    undone: Vec<Change>,
}

impl History {
    /// The steps that a reviewer's lines of this run make, one per line; a line that takes the last step back removes
    /// it.
    pub fn replay(lines: &[Line], run: &Run, mode: &Mode) -> Self {
        let mut book = Book::default();
        let mut history = Self::default();
        for line in lines.iter().filter(|line| line.reviewer == mode.reviewer) {
            let entry = line.entry();
            let row = run.row_of(&entry.id);
            if let Some(row) = row.filter(|_| line.run == run.card.fingerprint) {
                let is_undo = history
                    .done
                    .last()
                    .is_some_and(|last| last.back.as_slice() == [entry.clone()]);
                if is_undo {
                    history.done.pop();
                } else {
                    let change = Change::new(&book, &mode.reviewer, row, vec![entry.clone()]);
                    history.done.push(change);
                }
            }
            book.apply(&mode.reviewer, &entry);
        }
        history
    }

    /// The step that undo takes back.
    pub fn last_done(&self) -> Option<&Change> {
        self.done.last()
    }

    /// The step that redo makes again.
    pub fn last_undone(&self) -> Option<&Change> {
        self.undone.last()
    }

    /// A new step was made; what was undone cannot be redone any more.
    pub fn push(&mut self, change: Change) {
        self.undone.clear();
        self.done.push(change);
    }

    /// The last step was taken back.
    pub fn mark_undone(&mut self) {
        self.undone.extend(self.done.pop());
    }

    /// The step that was undone last was made again.
    pub fn mark_redone(&mut self) {
        self.done.extend(self.undone.pop());
    }
}
