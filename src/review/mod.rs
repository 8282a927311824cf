//! The review in the terminal: people watch the videos, see what speaks for and against each label, and decide.
//!
//! The Elm shape: `State` is all that the screen shows, [`update()`] changes it by one [`Message`] and says what the loop
//! must do, [`view`] draws it. Neither touches the world. One loop (`terminal`) feeds keys, time and decoded frames in,
//! and writes decisions to the journal before the state moves on. Pixels are prepared on other threads (`preview`).

pub mod agreement;
pub mod apply;
pub mod calibration;
pub mod command;
mod console;
mod dialog;
pub mod input;
pub mod key;
pub mod keymap;
pub mod learning;
pub mod lesson;
pub mod list;
pub mod message;
mod mode;
pub mod player;
pub mod preview;
pub mod queue;
pub mod run;
pub mod settings;
pub mod state;
pub mod summary;
pub mod teaching;
pub mod terminal;
#[cfg(test)]
mod tests;
mod update;
pub mod view;

pub use self::command::Command;
pub use self::message::{Effect, Message, Step};
pub use self::mode::Mode;
pub use self::run::Run;
pub use self::settings::ReviewSettings;
pub use self::state::State;
pub use self::update::update;

use thiserror::Error;

use crate::journal::JournalError;
use crate::rows::TableError;
use crate::rows::folder::FolderError;
use crate::rows::run::RunCardError;

/// A review that cannot be held.
#[derive(Debug, Error)]
pub enum ReviewError {
    /// There is no finished run.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The run's card cannot be read.
    #[error(transparent)]
    Card(#[from] RunCardError),
    /// The run's tables cannot be read.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The decisions cannot be read or written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The keys are not clear.
    #[error(transparent)]
    Keys(#[from] keymap::KeyConflict),
    /// There is no terminal.
    #[error(
        "a review needs a terminal; '--list' prints the queue and '--apply FILE' takes decisions without one"
    )]
    NoTerminal,
    /// The terminal fails.
    #[error("the terminal cannot be used")]
    Terminal(#[source] std::io::Error),
}
