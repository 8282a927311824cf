//! Everything that the screen shows, as plain values. It changes only in [`super::update()`].

mod fit;
mod history;
mod marks;
mod pace;

use tui_input::Input;

use super::keymap::KeyMap;
use super::lesson::Lesson;
use super::mode::Mode;
use super::player::Player;
use super::queue::{Filter, Order, Queue, Tab};
use super::run::Run;
use crate::journal::{Book, Choice, Decision, Entry, Line, Standing};
use crate::rows::timeline::Timelines;

pub use fit::Misfit;
pub use history::{Change, History};
pub use marks::{Mark, Marks};
pub use pace::Pace;

/// Something to tell the reviewer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The words.
    pub text: String,
    /// Whether something went wrong.
    pub is_error: bool,
}

/// What a line of text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextFor {
    /// The filter.
    Filter,
    /// A note on the video of this row.
    Note(u32),
}

/// What a choice from a menu sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MenuFor {
    /// The order.
    Order,
    /// The given class.
    Given,
    /// The suggested class.
    Suggested,
}

/// What lies over the screen and takes the keys.
#[derive(Debug, Clone)]
pub enum Dialog {
    /// The keys; the first line that is shown.
    Help(usize),
    /// Progress, agreement and precision; the lines, and the first that is shown.
    Summary(Vec<String>, usize),
    /// A line of text.
    Text(TextFor, Input),
    /// A choice.
    Menu {
        /// What it sets.
        of: MenuFor,
        /// The choices.
        items: Vec<String>,
        /// The place of the cursor.
        cursor: usize,
    },
    /// The second label of an ambiguous video.
    SecondLabel(u32),
    /// Whether to accept the suggestion for all these rows.
    AcceptAll(Vec<u32>),
}

/// What a small screen shows besides the list's line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pane {
    /// The evidence.
    #[default]
    Evidence,
    /// The clip.
    Clip,
    /// The list.
    List,
}

/// How far the clip under the cursor is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ClipStatus {
    /// Being decoded.
    #[default]
    Loading,
    /// Playing or standing.
    Ready,
    /// It cannot be shown, and why.
    Failed(String),
}

/// The state of a review.
#[derive(Debug, Clone)]
pub struct State {
    /// The run.
    pub run: Run,
    /// How the review is held.
    pub mode: Mode,
    /// The keys.
    pub keymap: KeyMap,
    /// What everybody decided.
    pub book: Book,
    /// The same per row, for this reviewer.
    pub marks: Marks,
    /// The list.
    pub queue: Queue,
    /// What decisions taught of the others, once they did.
    pub lesson: Option<Lesson>,
    /// What can be undone and redone.
    pub history: History,
    /// The clip's clock.
    pub player: Player,
    /// How far the clip is.
    pub clip: ClipStatus,
    /// The row whose clip it is.
    pub clip_row: Option<u32>,
    /// The clips' predictions, once they are read.
    pub timelines: Option<Timelines>,
    /// What lies over the screen.
    pub dialog: Option<Dialog>,
    /// What is to be told.
    pub notice: Option<Notice>,
    /// What a small screen shows.
    pub pane: Pane,
    /// How quickly decisions are made.
    pub pace: Pace,
    /// Decisions of earlier runs that do not fit this one.
    pub misfits: Vec<Misfit>,
}

impl State {
    /// The state at the start, from the run and the lines of all its journals.
    pub fn new(run: Run, mode: Mode, keymap: KeyMap, lines: &[Line]) -> Self {
        let mut book = Book::replay(lines);
        let misfits = fit::take_misfits(&run, &mut book);
        let marks = Marks::new(&run, &book, &mode);
        let history = History::replay(lines, &run, &mode);
        let mut queue = Queue {
            only: mode.sample.as_ref().map(|sample| sample.rows.clone()),
            ..Queue::default()
        };
        if mode.is_adjudication {
            queue.filter.tab = Tab::Disputed;
        }
        queue.refresh(&run, &marks, None);
        if queue
            .current()
            .is_some_and(|row| marks.is_decided(row as usize))
        {
            queue.next_undecided(&marks);
        }
        let notice = misfits.first().map(|first| Notice {
            text: format!(
                "{} earlier decisions do not fit this run, such as: {first}; the summary ('{}') lists them",
                misfits.len(),
                keymap.key(super::Command::Summary),
            ),
            is_error: true,
        });
        Self {
            run,
            mode,
            keymap,
            book,
            marks,
            queue,
            lesson: None,
            history,
            player: Player::default(),
            clip: ClipStatus::default(),
            clip_row: None,
            timelines: None,
            dialog: None,
            notice,
            pane: Pane::default(),
            pace: Pace::default(),
            misfits,
        }
    }

    /// Shows what a filter and an order say.
    pub fn show(&mut self, filter: Filter, order: Order) {
        self.queue.filter = filter;
        self.queue.order = order;
        self.refresh();
    }

    /// Draws the list up anew.
    pub fn refresh(&mut self) {
        self.queue
            .refresh(&self.run, &self.marks, self.lesson.as_ref());
    }

    /// The row under the cursor.
    pub fn current(&self) -> Option<usize> {
        self.queue.current().map(|row| row as usize)
    }

    /// What this reviewer said of a row.
    pub fn standing(&self, row: usize) -> Option<&Standing> {
        self.book
            .standing(&self.mode.reviewer, &self.run.rows[row].id)
    }

    /// This reviewer's decision on a row: the vote, or the ruling when adjudicating.
    pub fn decision(&self, row: usize) -> Option<&Decision> {
        let standing = self.standing(row)?;
        if self.mode.is_adjudication {
            standing.ruling.as_ref()
        } else {
            standing.vote.as_ref()
        }
    }

    /// Whether given label, suggestion and path of a row must not be shown yet.
    pub fn is_hidden(&self, row: usize) -> bool {
        self.mode.is_blind && !self.marks.is_decided(row)
    }

    /// The choice that a label means for a row: to keep it, where it is the given one.
    pub fn choice_of_label(&self, row: usize, label: &str) -> Choice {
        if self.run.rows[row].label == label {
            Choice::Keep(Some(label.to_owned()))
        } else {
            Choice::Relabel(label.to_owned())
        }
    }

    /// The journal's entry for a choice.
    pub fn entry(&self, row: usize, choice: &Choice) -> Entry {
        let (action, label) = choice.words();
        Entry {
            id: self.run.rows[row].id.clone(),
            action,
            label,
            note: None,
            blind: self.is_hidden(row),
            adjudication: self.mode.is_adjudication,
        }
    }

    /// Takes entries of this reviewer in that are on the disk.
    pub fn apply(&mut self, entries: &[Entry]) {
        for entry in entries {
            self.book.apply(&self.mode.reviewer, entry);
            if let Some(row) = self.run.row_of(&entry.id) {
                self.marks
                    .update(&self.run, &self.book, &self.mode, row as usize);
            }
        }
    }

    /// The frames at which any clip of a row looked closely, ascending.
    pub fn key_frames(&self, row: usize) -> Vec<u32> {
        let spans = self.timelines.as_ref().map(|t| t.of_video(row));
        let frames = spans.unwrap_or_default().iter();
        let mut frames: Vec<u32> = frames.flat_map(|span| span.key_frames.to_vec()).collect();
        frames.sort_unstable();
        frames.dedup();
        frames
    }

    /// Tells something.
    pub fn tell(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice {
            text: text.into(),
            is_error: false,
        });
    }

    /// Tells that something went wrong.
    pub fn tell_error(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice {
            text: text.into(),
            is_error: true,
        });
    }
}
