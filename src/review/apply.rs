//! Decisions from a table, so that scripts can review as well.
//!
//! Columns: `id` or `path`, `action`, and where they are needed `label` and `note`. All rows are checked before the first
//! is written.

use std::collections::BTreeMap;
use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};

use super::state::State;
use crate::journal::{Action, Book, Choice, Entry};
use crate::manifest::ManifestError;
use crate::manifest::sheet::{Sheet, SheetRow};
use crate::manifest::words::Classes;

/// A file of decisions that cannot be taken; nothing of it was written.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The file is no table.
    #[error(transparent)]
    Table(#[from] ManifestError),
    /// A column is missing.
    #[error(
        "'{path}' has no column '{column}' (found: {}); it needs 'id' or 'path', and 'action', perhaps 'label' and 'note'",
        .found.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ")
    )]
    Column {
        /// The file.
        path: Utf8PathBuf,
        /// What is missing.
        column: &'static str,
        /// The columns that are there.
        found: Vec<String>,
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
    let sheet = Sheet::read(path, &["action"]);
    let sheet = sheet.map_err(|error| error.called("file of decisions"))?;
    let missing = |column| ApplyError::Column {
        path: path.to_owned(),
        column,
        found: sheet.header.clone(),
    };
    let action = sheet.column(&["action"]).ok_or_else(|| missing("action"))?;
    let (id, written_path) = (sheet.column(&["id"]), sheet.column(&["path", "file_name"]));
    if id.or(written_path).is_none() {
        return Err(missing("id"));
    }
    let (label, note) = (sheet.column(&["label"]), sheet.column(&["note"]));
    let mut rows = Rows::new(state);
    for SheetRow { line, fields } in &sheet.rows {
        let field = |column: Option<usize>| {
            let text = column.and_then(|column| fields.get(column));
            text.map(String::as_str).filter(|text| !text.is_empty())
        };
        // The last fields of a decision are empty more often than not.
        let outcome = if fields.len() > sheet.header.len() {
            Err(format!(
                "the row has {} fields, but the header has {}; quote fields that hold the separator",
                fields.len(),
                sheet.header.len()
            ))
        } else {
            rows.take(
                (field(id), field(written_path)),
                field(Some(action)).unwrap_or_default(),
                field(label),
                field(note),
            )
        };
        if let Err(words) = outcome {
            rows.problems.push(RowProblem { line: *line, words });
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
    /// What the data set writes for a class.
    written: BTreeMap<String, String>,
    /// What holds after the rows so far.
    book: Book,
    entries: Vec<Entry>,
    problems: Vec<RowProblem>,
}

impl<'a> Rows<'a> {
    fn new(state: &'a State) -> Self {
        let written = state.run.card.settings.get("labels").cloned();
        let written = written.unwrap_or_default();
        Self {
            state,
            written: serde_json::from_value(written).unwrap_or_default(),
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
        let action = Action::from_name(&action.to_lowercase()).ok_or_else(|| {
            let known = Action::ALL.map(Action::as_str).join(", ");
            format!("'{action}' is no action; write one of {known}")
        })?;
        let label = label.map(|word| self.class(word)).transpose()?;
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

    /// The class that a word names, as a file of right labels names it.
    fn class(&self, word: &str) -> Result<String, String> {
        let run = &self.state.run;
        let classes = Classes {
            names: run.labels(),
            written: &self.written,
        };
        let class = classes.of(word).ok_or_else(|| {
            format!(
                "there is no class '{word}'; there are {}",
                run.labels().join(", ")
            )
        })?;
        Ok(run.labels()[class].clone())
    }

    fn add(&mut self, entry: Entry) {
        let before = self.book.clone_of(&entry.id);
        self.book.apply(&self.state.mode.reviewer, &entry);
        if self.book.clone_of(&entry.id) != before {
            self.entries.push(entry);
        }
    }
}
