//! The manifest: which videos a data set has, and how each is labeled.
//!
//! [`read`] takes what a user has (a folder of class folders, or a CSV file) and gives a [`Manifest`] or *all* the
//! problems that keep it from being one. One file per format (`folders`, `table`) turns text into entries;
//! `resolve` turns entries of any format into videos. Nothing here opens a video: whether one can be
//! decoded is found out later, and never ends a run.

mod folders;
mod media;
mod problem;
mod resolve;
mod select;
mod table;

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use crate::label::LabelSet;
pub use problem::{ManifestError, Problem, ProblemKind, Warning};

/// One labeled video of a data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Video {
    /// Name of the video in every report, unique in the data set.
    pub id: String,
    /// Where it lies: a video file or a folder of frames, the root joined.
    pub path: Utf8PathBuf,
    /// The path as the manifest writes it.
    pub written_path: String,
    /// The given label, an index into the data set's [`LabelSet`].
    pub label: usize,
    /// What must not be split between folds (a subject, a film), where the manifest says so.
    pub group: Option<String>,
    /// Line of the manifest file at which the entry begins, from 1; none in a folder of folders.
    pub row: Option<u64>,
    /// Values of the manifest's other columns, one per [`Manifest::extra_columns`].
    pub extra: Vec<String>,
}

/// A labeled data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The file or folder that was read.
    pub source: Utf8PathBuf,
    /// The format that it was read in, never [`Format::Auto`].
    pub format: Format,
    /// The classes.
    pub labels: LabelSet,
    /// Names of the columns that mean nothing to this program and are kept for the export.
    pub extra_columns: Vec<String>,
    /// The videos, in the manifest's order (folders: by path).
    pub videos: Vec<Video>,
    /// What was read otherwise than the user may think.
    pub warnings: Vec<Warning>,
}

/// How a data set is written down.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// A folder is read as [`Format::Folders`], a file as [`Format::Csv`].
    #[default]
    Auto,
    /// A folder with one folder per class.
    Folders,
    /// A table with a header line; comma, tab, semicolon or `|` between the columns.
    Csv,
}

impl Format {
    /// Every format, with the name that the user gives it.
    pub const NAMES: [(&str, Self); 3] = [
        ("auto", Self::Auto),
        ("folders", Self::Folders),
        ("csv", Self::Csv),
    ];

    /// The format's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Folders => "folders",
            Self::Csv => "csv",
        }
    }
}

/// How to read a data set.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// Where relative paths of a manifest file start; its own folder by default. A folder of folders has no use for it.
    pub root: Option<Utf8PathBuf>,
    /// The format.
    pub format: Format,
    /// What the data set writes for a class → the class's name; the `[labels]` table of the configuration. Empty: the
    /// classes are the distinct values.
    pub label_names: BTreeMap<String, String>,
    /// Only the words matter, as in a file of true labels: the videos need not be where it says.
    pub words_only: bool,
}

/// Reads a data set.
///
/// Classes are ordered by number where the data set (or the keys of `label_names`) uses numbers, else by name.
/// The id of a video that the manifest does not name is its written path, without the extension where that leaves all
/// ids distinct.
///
/// # Errors
/// Everything that is wrong with the data set, not just the first: see [`ProblemKind`].
pub fn read(source: &Utf8Path, options: &ReadOptions) -> Result<Manifest, ManifestError> {
    let refuse = |kind| ManifestError::one(source, Problem { row: None, kind });
    let metadata =
        fs_err::metadata(source).map_err(|source| refuse(ProblemKind::Unreadable { source }))?;
    let format = match options.format {
        Format::Auto if metadata.is_dir() => Format::Folders,
        Format::Auto => Format::Csv,
        format => format,
    };
    let (entries, root) = if format == Format::Folders {
        if !metadata.is_dir() {
            return Err(refuse(ProblemKind::NotAFolder));
        }
        let mut entries = folders::read(source);
        if let Some(root) = options.root.clone() {
            entries.warnings.push(Warning::UnusedRoot { root });
        }
        (entries, source)
    } else {
        if metadata.is_dir() {
            return Err(refuse(ProblemKind::NotAFile));
        }
        let bytes =
            fs_err::read(source).map_err(|source| refuse(ProblemKind::Unreadable { source }))?;
        let own_folder = source.parent().unwrap_or(Utf8Path::new(""));
        (
            table::parse(source, &bytes),
            options.root.as_deref().unwrap_or(own_folder),
        )
    };
    resolve::resolve(source, format, root, options, entries)
}

/// A video as a format has it, before labels, paths and ids are looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    row: Option<u64>,
    id: Option<String>,
    path: String,
    label: String,
    group: Option<String>,
    extra: Vec<String>,
}

/// What reading a format gives.
#[derive(Debug, Default)]
struct Entries {
    extra_columns: Vec<String>,
    list: Vec<Entry>,
    problems: Vec<Problem>,
    warnings: Vec<Warning>,
}

#[cfg(test)]
mod tests;
