//! Decisions from a table, so that scripts can review as well.
//!
//! Columns: `id` or `path`, `action`, and where they are needed `label` and `note`. All rows are checked before the first
//! is written.

use std::collections::BTreeMap;
use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};

use super::state::State;
use crate::journal::{Action, Book, Choice, Entry};
use crate::label::is_no_label;
use crate::manifest::ManifestError;
use crate::manifest::register::{Found, Register};
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

/// What a file of decisions says.
#[derive(Debug)]
pub struct Taken {
    /// The entries in the file's order; what holds already is left out.
    pub entries: Vec<Entry>,
    /// The rows of the file.
    pub rows: usize,
    /// Videos that it writes otherwise than the run, in one sentence.
    pub told: Option<String>,
}

/// Reads the entries of a file.
///
/// # Errors
/// The file cannot be read, a column is missing, any row names an unknown video, action or class, or two rows decide
/// differently on one video.
pub fn read(path: &Utf8Path, state: &State) -> Result<Taken, ApplyError> {
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
            let video = (field(id), field(written_path));
            let words = Decided {
                action: field(Some(action)).unwrap_or_default(),
                label: field(label),
                note: field(note),
            };
            rows.take(*line, video, &words)
        };
        if let Err(words) = outcome {
            rows.problems.push(RowProblem { line: *line, words });
        }
    }
    if rows.problems.is_empty() {
        Ok(Taken {
            told: told(&rows.renamed),
            entries: rows.entries,
            rows: sheet.rows.len(),
        })
    } else {
        Err(ApplyError::Rows {
            path: path.to_owned(),
            problems: rows.problems,
        })
    }
}

/// Tells which videos were taken although the run writes them otherwise.
fn told(renamed: &[String]) -> Option<String> {
    let more = renamed.len().saturating_sub(NAMED);
    let shown = renamed[..renamed.len() - more].join(", ");
    match (renamed.is_empty(), more) {
        (true, _) => None,
        (_, 0) => Some(format!("took {shown}")),
        (_, more) => Some(format!("took {shown} and {more} more")),
    }
}

/// How many videos a sentence names.
const NAMED: usize = 3;

/// What a row says of its video.
struct Decided<'a> {
    action: &'a str,
    label: Option<&'a str>,
    note: Option<&'a str>,
}

struct Rows<'a> {
    state: &'a State,
    videos: Register<'a>,
    /// By row of the run what was decided, and in which line.
    decided: BTreeMap<usize, (u64, Action, Option<String>)>,
    /// Videos that the run writes otherwise.
    renamed: Vec<String>,
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
        let videos = state.run.rows.iter();
        Self {
            state,
            videos: Register::new(videos.map(|row| (row.id.as_str(), row.path.as_str()))),
            decided: BTreeMap::new(),
            renamed: Vec::new(),
            written: serde_json::from_value(written).unwrap_or_default(),
            book: state.book.clone(),
            entries: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn take(
        &mut self,
        line: u64,
        (id, path): (Option<&str>, Option<&str>),
        words: &Decided,
    ) -> Result<(), String> {
        // Programs write a missing word as `NA` or `nan`.
        let (id, path) = (id.filter(is_there), path.filter(is_there));
        let Found {
            place: row,
            is_as_written,
        } = self
            .videos
            .find(id, path)
            .map_err(|error| error.to_string())?;
        let run = &self.state.run;
        let note = words.note.filter(is_there);
        let action = Action::from_name(&words.action.to_lowercase()).ok_or_else(|| {
            let known = Action::ALL.map(Action::as_str).join(", ");
            format!("'{}' is no action; write one of {known}", words.action)
        })?;
        let label = words.label.map(|word| self.class(word)).transpose()?;
        let label = label.flatten();
        let given = &run.rows[row].label;
        let choice = match (action, label) {
            (Action::Relabel, None) => return Err("'relabel' needs a label".to_owned()),
            (Action::Relabel, Some(label)) => Some(self.state.choice_of_label(row, &label)),
            (Action::Keep, Some(label)) if label != *given => {
                return Err(format!(
                    "'keep' says that the label '{given}' is right, but the row has '{label}'; write 'relabel', or leave the label out"
                ));
            }
            (Action::Keep, _) => Some(Choice::Keep(Some(given.clone()))),
            (Action::Drop, _) => Some(Choice::Drop),
            (Action::Ambiguous, label) => Some(Choice::Ambiguous(label)),
            (Action::Skip, _) => Some(Choice::Skip),
            (Action::Note | Action::Bookmark | Action::Clear, _) => None,
        };
        let entry = match &choice {
            Some(choice) => self.state.entry(row, choice),
            None => Entry {
                action,
                ..self.state.entry(row, &Choice::Skip)
            },
        };
        self.agree(line, row, &entry)?;
        if !is_as_written {
            let named = path.or(id).unwrap_or_default();
            self.renamed
                .push(format!("'{named}' as '{}'", run.rows[row].path));
        }
        if action != Action::Note {
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

    /// Refuses a row that decides otherwise than one before on the same video.
    fn agree(&mut self, line: u64, row: usize, entry: &Entry) -> Result<(), String> {
        if matches!(entry.action, Action::Note | Action::Bookmark) {
            return Ok(());
        }
        let said = |action: Action, label: &Option<String>| match label {
            Some(label) => format!("'{}' '{label}'", action.as_str()),
            None => format!("'{}'", action.as_str()),
        };
        let (own, label) = (entry.action, &entry.label);
        match self.decided.get(&row) {
            Some((first, action, other)) if (*action, other) != (own, label) => Err(format!(
                "{} contradicts line {first}, which says {} of the same video '{}'; keep one of the two",
                said(own, label),
                said(*action, other),
                entry.id
            )),
            Some(_) => Ok(()),
            None => {
                self.decided.insert(row, (line, own, label.clone()));
                Ok(())
            }
        }
    }

    /// The class that a word names, as a file of right labels names it; none where it says that there is none.
    fn class(&self, word: &str) -> Result<Option<String>, String> {
        let run = &self.state.run;
        let classes = Classes {
            names: run.labels(),
            written: &self.written,
        };
        match classes.of(word) {
            Some(class) => Ok(Some(run.labels()[class].clone())),
            None if is_no_label(word) => Ok(None),
            None => Err(format!(
                "there is no class '{word}'; there are {}",
                run.labels().join(", ")
            )),
        }
    }

    fn add(&mut self, entry: Entry) {
        let before = self.book.clone_of(&entry.id);
        self.book.apply(&self.state.mode.reviewer, &entry);
        if self.book.clone_of(&entry.id) != before {
            self.entries.push(entry);
        }
    }
}

/// Whether a word is one, and not what programs write for none.
fn is_there(word: &&str) -> bool {
    !["NA", "<NA>", "NaN", "nan", "None", "NULL"].contains(word)
}
