//! The journal: what people decided about the videos of a run, one JSON line per decision, never rewritten.
//!
//! Each reviewer writes a file of their own (`decisions.jsonl`, or `decisions-NAME.jsonl`), so that nobody overwrites
//! anybody; reading takes all of them together. A line is on the disk before its writer goes on. What a decision means
//! for a label file is the export's business, how it is made is the review's.

mod book;
mod evidence;
mod hand_on;
pub mod line;
mod reader;
mod settled;
mod writer;

#[cfg(test)]
mod tests;

use camino::{Utf8Path, Utf8PathBuf};
use thiserror::Error;

use crate::file_system::Busy;
use crate::rows::folder::is_journal;

pub use self::book::{Book, Choice, Decision, Standing};
pub use self::hand_on::hand_on;
pub use self::line::{Action, Entry, Line};
pub use self::reader::read;
pub use self::settled::{Outcome, Settlement};
pub use self::writer::JournalWriter;

/// The version of the lines that this program writes.
pub const VERSION: u32 = 1;

/// A journal that could not be read or written.
#[derive(Debug, Error)]
pub enum JournalError {
    /// A journal cannot be opened or read.
    #[error("cannot read the decisions in '{path}'")]
    Read {
        /// The file or folder.
        path: Utf8PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// A line in the middle of a journal is damaged.
    #[error("line {line} of '{path}' is not a decision; mend or remove the line")]
    Line {
        /// The file.
        path: Utf8PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// A line comes from a later version.
    #[error(
        "line {line} of '{path}' has version {found}, this program reads up to {VERSION}; use a newer rdfer-audit"
    )]
    Newer {
        /// The file.
        path: Utf8PathBuf,
        /// The line, from 1.
        line: usize,
        /// Its version.
        found: u32,
    },
    /// Somebody else writes to the journal.
    #[error(
        "'{path}' is being written by another review; close that one, or give this one a name of its own with '--reviewer'{owner}"
    )]
    Busy {
        /// The file.
        path: Utf8PathBuf,
        /// Who writes, where that is known.
        owner: Busy,
    },
    /// The journal cannot be opened for writing.
    #[error(
        "cannot write decisions to '{path}'; make the run folder writable, or copy it to where you may write ('--list' only reads)"
    )]
    ReadOnly {
        /// The file.
        path: Utf8PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// A decision could not be brought to the disk; it does not count.
    #[error("the decision could not be written to '{path}' and does not count")]
    Write {
        /// The file.
        path: Utf8PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// A reviewer's name that no file can have.
    #[error("'{name}' cannot be a reviewer's name; use letters, digits, '-', '_' and '.'")]
    Name {
        /// The name.
        name: String,
    },
}

/// The name of a reviewer's journal; the empty name is the unnamed reviewer's.
///
/// # Errors
/// The name holds characters that a file's name should not have.
pub fn file_name(reviewer: &str) -> Result<String, JournalError> {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !reviewer.chars().all(is_plain) {
        return Err(JournalError::Name {
            name: reviewer.to_owned(),
        });
    }
    Ok(if reviewer.is_empty() {
        "decisions.jsonl".to_owned()
    } else {
        format!("decisions-{reviewer}.jsonl")
    })
}

/// The journals of a run folder, sorted by name.
fn journals(folder: &Utf8Path) -> Result<Vec<Utf8PathBuf>, JournalError> {
    let failed = |source| JournalError::Read {
        path: folder.to_owned(),
        source,
    };
    let mut found = Vec::new();
    for entry in fs_err::read_dir(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        if let Some(name) = name.to_str().filter(|name| is_journal(name)) {
            found.push(folder.join(name));
        }
    }
    found.sort();
    Ok(found)
}
