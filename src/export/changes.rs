//! `changes.csv` and the unified diff: what an export changed, for people and for `--check`.

use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;
use similar::{Algorithm, TextDiff};

use super::ExportError;
use super::decide::Change;

/// The columns of `changes.csv`.
const COLUMNS: [&str; 7] = ["id", "path", "change", "from", "to", "by", "why"];

/// A row of `changes.csv`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Noted {
    /// The video's id.
    pub id: String,
    /// Its path as the data set writes it.
    pub path: String,
    /// `relabel` or `drop`.
    pub change: String,
    /// The given label.
    pub from: String,
    /// The new one; empty where the video was left out.
    pub to: String,
    /// The reviewers, or `network`.
    pub by: String,
    /// Why.
    pub why: String,
}

impl Noted {
    /// What became of the video, in words.
    pub(super) fn words(&self) -> String {
        if self.change == "drop" {
            self.change.clone()
        } else {
            format!("{} to '{}'", self.change, self.to)
        }
    }
}

/// Where the changes of an export lie, and the diff: in an exported folder `changes.csv` and `changes.diff`, beside an
/// exported file `FILE.changes.csv` and `FILE.diff`.
pub(super) fn places(target: &Utf8Path, is_folder: bool) -> (Utf8PathBuf, Utf8PathBuf) {
    if is_folder {
        (target.join("changes.csv"), target.join("changes.diff"))
    } else {
        (
            Utf8PathBuf::from(format!("{target}.changes.csv")),
            Utf8PathBuf::from(format!("{target}.diff")),
        )
    }
}

/// `changes.csv`, with its header also where nothing was changed.
///
/// # Errors
/// None that occur: the table is written to memory.
pub(super) fn table(changes: &[Change]) -> Result<Vec<u8>, ExportError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut rows = vec![COLUMNS];
    rows.extend(changes.iter().map(|change| {
        [
            change.id.as_str(),
            &change.path,
            kind(change),
            &change.from,
            change.to.as_deref().unwrap_or_default(),
            &change.by,
            &change.why,
        ]
    }));
    for row in rows {
        writer.write_record(row).map_err(ExportError::Table)?;
    }
    writer
        .into_inner()
        .map_err(|error| ExportError::File(error.into_error()))
}

/// `relabel` or `drop`.
pub(super) fn kind(change: &Change) -> &'static str {
    if change.to.is_some() {
        "relabel"
    } else {
        "drop"
    }
}

/// Reads the `changes.csv` of an export.
///
/// # Errors
/// It is not there or not such a table.
pub(super) fn read(path: &Utf8Path) -> Result<Vec<Noted>, ExportError> {
    let wrong = |source| ExportError::Changes {
        path: path.to_owned(),
        source,
    };
    let mut reader = csv::Reader::from_path(path).map_err(wrong)?;
    reader
        .deserialize()
        .collect::<Result<Vec<Noted>, _>>()
        .map_err(wrong)
}

/// The unified diff of one file of labels, with three lines around each change; empty where nothing was changed. A line
/// that is not UTF-8 is shown with replacement characters.
pub(super) fn diff(path: &Utf8Path, before: &[u8], after: &[u8]) -> String {
    if before == after {
        return String::new();
    }
    let (before, after) = (
        String::from_utf8_lossy(before),
        String::from_utf8_lossy(after),
    );
    // Rows have lines of their own, which patience takes as fixed points; a long list takes no longer than it must.
    TextDiff::configure()
        .algorithm(Algorithm::Patience)
        .diff_lines(before.as_ref(), after.as_ref())
        .unified_diff()
        .context_radius(3)
        .header(&format!("a/{path}"), &format!("b/{path}"))
        .to_string()
}
