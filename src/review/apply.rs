//! Decisions from a CSV file, so that scripts can review as well.
//!
//! Columns: `id` or `path`, `action`, and where they are needed `label` and `note`. All rows are checked before the first
//! is written.

use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};

use super::state::State;
use crate::journal::{Action, Book, Choice, Entry};

/// A file of decisions that cannot be taken; nothing of it was written.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The file cannot be read.
    #[error("cannot read '{path}'")]
    Unreadable {
        /// The file.
        path: Utf8PathBuf,
        /// The cause.
        #[source]
        source: csv::Error,
    },
    /// A column is missing.
    #[error(
        "'{path}' has no column '{column}'; it needs 'id' or 'path', and 'action', perhaps 'label' and 'note'"
    )]
    Column {
        /// The file.
        path: Utf8PathBuf,
        /// What is missing.
        column: &'static str,
    },
    /// Rows that make no sense.
    #[error("'{path}' has rows that cannot be taken:\n  {}", .problems.iter().map(RowProblem::to_string).collect::<Vec<_>>().join("\n  "))]
    Rows {
        /// The file.
        path: Utf8PathBuf,
        /// Everything that is wrong.
        problems: Vec<RowProblem>,
    },
}

/// A row that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowProblem {
    line: u64,
    words: String,
}

impl fmt::Display for RowProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}: {}", self.line, self.words)
    }
}

/// Reads the entries of a file, in its order. What holds already is left out.
///
/// # Errors
/// The file cannot be read, a column is missing, or any row names an unknown video, action or class.
pub fn read(path: &Utf8Path, state: &State) -> Result<Vec<Entry>, ApplyError> {
    let unreadable = |source| ApplyError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let file = fs_err::File::open(path).map_err(|source| unreadable(source.into()))?;
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(file);
    let header = reader.headers().map_err(unreadable)?.clone();
    let column = |name: &str| header.iter().position(|other| other == name);
    let missing = |column| ApplyError::Column {
        path: path.to_owned(),
        column,
    };
    let action = column("action").ok_or_else(|| missing("action"))?;
    let (id, written_path) = (column("id"), column("path"));
    if id.or(written_path).is_none() {
        return Err(missing("id"));
    }
    let (label, note) = (column("label"), column("note"));
    let mut rows = Rows::new(state);
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let line = record.position().map_or(0, csv::Position::line);
        let field = |column: Option<usize>| {
            let text = column.and_then(|column| record.get(column));
            text.filter(|text| !text.is_empty())
        };
        let outcome = rows.take(
            (field(id), field(written_path)),
            field(Some(action)).unwrap_or_default(),
            field(label),
            field(note),
        );
        if let Err(words) = outcome {
            rows.problems.push(RowProblem { line, words });
        }
    }
    if rows.problems.is_empty() {
        Ok(rows.entries)
    } else {
        Err(ApplyError::Rows {
            path: path.to_owned(),
            problems: rows.problems,
        })
    }
}

struct Rows<'a> {
    state: &'a State,
    /// What holds after the rows so far.
    book: Book,
    entries: Vec<Entry>,
    problems: Vec<RowProblem>,
}

impl<'a> Rows<'a> {
    fn new(state: &'a State) -> Self {
        Self {
            state,
            book: state.book.clone(),
            entries: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn take(
        &mut self,
        (id, path): (Option<&str>, Option<&str>),
        action: &str,
        label: Option<&str>,
        note: Option<&str>,
    ) -> Result<(), String> {
        let run = &self.state.run;
        let row = match (id, path) {
            (Some(id), _) => run
                .row_of(id)
                .ok_or_else(|| format!("there is no video '{id}' in the run"))?,
            (None, Some(path)) => run
                .row_of_path(path)
                .ok_or_else(|| format!("there is no video with the path '{path}' in the run"))?,
            (None, None) => return Err("neither id nor path is given".to_owned()),
        } as usize;
        let action = Action::from_name(action).ok_or_else(|| {
            let known = Action::ALL.map(Action::as_str).join(", ");
            format!("'{action}' is no action; write one of {known}")
        })?;
        let label = label.map(str::to_owned);
        if let Some(label) = label.as_ref().filter(|label| !run.labels().contains(label)) {
            return Err(format!(
                "there is no class '{label}'; there are {}",
                run.labels().join(", ")
            ));
        }
        let choice = match (action, label) {
            (Action::Relabel, None) => return Err("'relabel' needs a label".to_owned()),
            (Action::Relabel, Some(label)) => Some(self.state.choice_of_label(row, &label)),
            (Action::Keep, _) => Some(Choice::Keep(Some(run.rows[row].label.clone()))),
            (Action::Drop, _) => Some(Choice::Drop),
            (Action::Ambiguous, label) => Some(Choice::Ambiguous(label)),
            (Action::Skip, _) => Some(Choice::Skip),
            (Action::Note | Action::Bookmark | Action::Clear, _) => None,
        };
        if let Some(choice) = choice {
            self.add(self.state.entry(row, &choice));
        } else if action != Action::Note {
            let mut entry = self.state.entry(row, &Choice::Skip);
            entry.action = action;
            self.add(entry);
        }
        // A note may stand beside any action.
        if action == Action::Note || note.is_some() {
            let mut entry = self.state.entry(row, &Choice::Skip);
            entry.action = Action::Note;
            entry.note = Some(note.unwrap_or_default().to_owned());
            self.add(entry);
        }
        Ok(())
    }

    fn add(&mut self, entry: Entry) {
        let before = self.book.clone_of(&entry.id);
        self.book.apply(&self.state.mode.reviewer, &entry);
        if self.book.clone_of(&entry.id) != before {
            self.entries.push(entry);
        }
    }
}
