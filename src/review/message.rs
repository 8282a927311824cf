//! What happens to a review, and what it asks for.

use std::time::Duration;

use jiff::Timestamp;
use ratatui::crossterm::event::KeyEvent;

use super::lesson::Lesson;
use super::state::{Change, State};
use crate::journal::{Choice, Entry};
use crate::rows::timeline::Timelines;

/// Something that happened.
#[derive(Debug)]
pub enum Message {
    /// A key was pressed.
    Key(KeyEvent),
    /// A text was pasted.
    Paste(String),
    /// The mouse wheel was turned by so many steps, down is positive.
    Scroll(isize),
    /// A line of the list was clicked, counted from the first visible video.
    Click(usize),
    /// Time went by.
    Pass(Duration),
    /// What was asked for in [`Effect::Record`] is on the disk, or is not.
    Recorded(Step, Result<Timestamp, String>),
    /// A clip was decoded: frames and frames per second, or why not.
    ClipLoaded(u32, Result<(u32, f32), String>),
    /// Decisions taught another order.
    Learnt(Lesson),
    /// The clips' predictions were read, or could not be.
    TimelinesRead(Result<Timelines, String>),
}

/// A step to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A new decision, note or bookmark.
    Do(Change),
    /// A step taken back.
    Undo(Change),
    /// A step made again.
    Redo(Change),
}

impl Step {
    /// The entries to write.
    pub fn entries(&self) -> &[Entry] {
        match self {
            Self::Do(change) | Self::Redo(change) => &change.forth,
            Self::Undo(change) => &change.back,
        }
    }
}

/// Something that the loop must do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Write to the journal, wait for the disk, and tell.
    Record(Step),
    /// Give the terminal back to the shell for a while.
    Suspend,
    /// End.
    Quit,
}

impl Effect {
    /// Asks for a decision to be recorded; the cursor moves once it is.
    pub(super) fn decide(state: &mut State, row: usize, choice: &Choice) -> Option<Self> {
        if state.decision(row).map(|decision| &decision.choice) == Some(choice) {
            state.queue.next_undecided(&state.marks);
            return None;
        }
        let entry = state.entry(row, choice);
        Some(Self::record(state, row, vec![entry]))
    }

    /// Asks for entries to be recorded as one step.
    pub(super) fn record(state: &State, row: usize, entries: Vec<Entry>) -> Self {
        let change = Change::new(&state.book, &state.mode.reviewer, row as u32, entries);
        Self::Record(Step::Do(change))
    }
}
