//! What can be wrong with a data set, and how that is told: every problem with its line and its remedy.

use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};

use crate::table::TableError;

/// How many problems a message lists before it counts the rest.
const LISTED: usize = 20;

/// A data set that cannot be used, with everything that is wrong with it.
#[derive(Debug)]
pub struct ManifestError {
    /// The file or folder that was read.
    pub source: Utf8PathBuf,
    /// The problems, by line; never empty.
    pub problems: Vec<Problem>,
}

impl ManifestError {
    /// The error of a single problem.
    pub(super) fn one(source: &Utf8Path, problem: Problem) -> Self {
        Self {
            source: source.to_owned(),
            problems: vec![problem],
        }
    }
}

impl fmt::Display for ManifestError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { source, problems } = self;
        if let [problem] = problems.as_slice() {
            return write!(formatter, "data set '{source}': {problem}");
        }
        write!(
            formatter,
            "data set '{source}' has {} problems:",
            problems.len()
        )?;
        for problem in problems.iter().take(LISTED) {
            write!(formatter, "\n  {problem}")?;
        }
        if problems.len() > LISTED {
            write!(formatter, "\n  … and {} more", problems.len() - LISTED)?;
        }
        Ok(())
    }
}

impl std::error::Error for ManifestError {}

/// One thing that is wrong with a data set.
#[derive(Debug)]
pub struct Problem {
    /// Line of the manifest file, from 1, where the problem has one.
    pub row: Option<u64>,
    /// What is wrong.
    pub kind: ProblemKind,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(row) = self.row {
            write!(formatter, "line {row}: ")?;
        }
        self.kind.fmt(formatter)
    }
}

/// The ways in which a data set can be wrong.
#[derive(Debug, thiserror::Error)]
pub enum ProblemKind {
    /// The file or folder cannot be read.
    #[error("{source}; check the path and its permissions")]
    Unreadable {
        /// The cause, which names the path.
        source: std::io::Error,
    },
    /// Folders were asked for, but it is a file.
    #[error("it is a file, not a folder of class folders; leave '--format folders' out")]
    NotAFolder,
    /// A format of a single file was asked for, but it is a folder.
    #[error(
        "it is a folder, not a file in the format '{format}'; leave '--format {format}' out, or name the file in it"
    )]
    NotAFile {
        /// The format that was asked for.
        format: &'static str,
    },
    /// More than one format fits, so that the user must say which is meant.
    #[error("it fits the formats {}; say which one with '--format'", list(.formats))]
    SeveralFormats {
        /// The formats' names.
        formats: Vec<String>,
    },
    /// A folder lacks the files that its format is known by.
    #[error(
        "there are no files '{pattern}' in it, as the format '{format}' has them; name the data set's top folder, or another format"
    )]
    NoLabelFiles {
        /// The format that was asked for.
        format: &'static str,
        /// Where its files lie.
        pattern: &'static str,
    },
    /// A row of a list has no label.
    #[error(
        "'{text}' is not a path and a label, separated by a space; correct the line, or remove it"
    )]
    NoLabel {
        /// The line.
        text: String,
    },
    /// A line is not a JSON object with a path and a label.
    #[error(
        "the line is no JSON object with a path and a label ({reason}); write it as in {{\"path\": \"a.mp4\", \"label\": \"happy\"}}"
    )]
    NotAnObject {
        /// What is wrong with it.
        reason: String,
    },
    /// Two files of a data set give the same video different labels.
    #[error(
        "'{path}' has the label '{label}' in '{file}', but '{first_label}' in '{first_file}'; make both alike"
    )]
    LabelConflict {
        /// The video, as the files write it.
        path: String,
        /// The file.
        file: Utf8PathBuf,
        /// Its label there.
        label: String,
        /// The file that was read before.
        first_file: Utf8PathBuf,
        /// Its label there.
        first_label: String,
    },
    /// A problem in one of several files.
    #[error("'{file}': {kind}")]
    InFile {
        /// The file.
        file: Utf8PathBuf,
        /// What is wrong in it.
        kind: Box<Self>,
    },
    /// The file is no Parquet file that can be read.
    #[error("{source}")]
    Table {
        /// What is wrong with it.
        source: TableError,
    },
    /// The header lacks a column.
    #[error("column '{column}' is missing (found: {}); the first line must name the columns, as in '{example}'", list(.found))]
    MissingColumn {
        /// The column.
        column: &'static str,
        /// The columns that are there.
        found: Vec<String>,
        /// A header that would do.
        example: String,
    },
    /// The header names a column twice.
    #[error("column '{column}' is there twice; rename one of the two")]
    DuplicateColumn {
        /// The column.
        column: String,
    },
    /// A row has more or fewer fields than the header.
    #[error(
        "the row has {found} fields, but the header has {expected}; quote fields that hold the delimiter"
    )]
    Ragged {
        /// Fields of the header.
        expected: usize,
        /// Fields of the row.
        found: usize,
    },
    /// A quote is opened and never closed, so that all lines after it are one field.
    #[error(
        "a quote is opened and not closed before the file ends, {lines} lines below; close it, or double it if it is part of the text"
    )]
    OpenQuote {
        /// How many lines the field swallows.
        lines: u64,
    },
    /// A row is not UTF-8.
    #[error("the text is not UTF-8 (it reads '{lossy}'); save the file as UTF-8")]
    NotUtf8 {
        /// The text, with a replacement character for what cannot be read.
        lossy: String,
    },
    /// A path in a folder of folders is not UTF-8.
    #[error("the file name '{lossy}' is not UTF-8; rename it")]
    NameNotUtf8 {
        /// The path, with a replacement character for what cannot be read.
        lossy: String,
    },
    /// The path field is empty.
    #[error("the path is empty; write where the video lies, or remove the row")]
    EmptyPath,
    /// The label field is empty.
    #[error("the label of '{path}' is empty; write the class, or remove the row")]
    EmptyLabel {
        /// The video's path as written.
        path: String,
    },
    /// The label is none of the `[labels]` table.
    #[error("label '{label}' is not in the [labels] table (which has {}); add it there or correct it", list(.known))]
    UnknownLabel {
        /// The label as written.
        label: String,
        /// The keys of the table.
        known: Vec<String>,
    },
    /// The `[labels]` table gives a class no name.
    #[error(
        "label '{label}' has an empty name in the [labels] table; write the class's name there"
    )]
    UnnamedLabel {
        /// The key in the table.
        label: String,
    },
    /// There is an id column, but this row's is empty.
    #[error("the id of '{path}' is empty; fill the column for every row, or remove it")]
    EmptyId {
        /// The video's path as written.
        path: String,
    },
    /// Two videos have the same id.
    #[error("id '{id}' is already that of {}; ids must be unique", place(*.first_row, .first_path))]
    DuplicateId {
        /// The id.
        id: String,
        /// Line of the first video with it.
        first_row: Option<u64>,
        /// Path, as written, of the first video with it.
        first_path: String,
    },
    /// The same video is there twice.
    #[error("'{path}' (label '{label}') is already there at {} with label '{first_label}'; keep one of the two", place(*.first_row, .first_path))]
    DuplicatePath {
        /// The path as written.
        path: String,
        /// The label as written.
        label: String,
        /// Line of its first entry.
        first_row: Option<u64>,
        /// Path, as written, of its first entry.
        first_path: String,
        /// Label, as written, of its first entry.
        first_label: String,
    },
    /// The video is not where the manifest says.
    #[error("there is no file '{path}'; {}", missing_remedy(.path))]
    MissingFile {
        /// The path, the root joined.
        path: Utf8PathBuf,
    },
    /// The path is a folder in which there are no frames.
    #[error(
        "folder '{path}' holds no frames (.jpg, .jpeg or .png); correct the path, or remove the row"
    )]
    NoFrames {
        /// The path, the root joined.
        path: Utf8PathBuf,
    },
    /// There is no video at all.
    #[error("there is no video in it; {remedy}")]
    Empty {
        /// What the format expects.
        remedy: &'static str,
    },
    /// All videos have the same label.
    #[error(
        "all {videos} videos have the label '{label}'; at least two classes are needed to find a wrong one"
    )]
    OneClass {
        /// The number of videos.
        videos: usize,
        /// The class.
        label: String,
    },
    /// A class is too small to be in every fold.
    #[error("class '{label}' has {units} {unit}, too few for {folds} folds; {}", folds_remedy(*.units))]
    TooFewForFolds {
        /// The class.
        label: String,
        /// How many independent videos or groups it has.
        units: usize,
        /// What was counted: `group(s)` or `video(s)`.
        unit: &'static str,
        /// The number of folds.
        folds: usize,
    },
}

/// Something that was read, but perhaps otherwise than the user thinks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    /// Files that are no videos, or lie where none is expected.
    #[error(
        "{count} files were ignored (the first is '{first}'): a video is a file or a folder of frames inside a class folder"
    )]
    StrayFiles {
        /// How many.
        count: usize,
        /// One of them, the first by path.
        first: Utf8PathBuf,
    },
    /// A root was given for a folder of folders.
    #[error(
        "the root '{root}' is not used: paths in a folder of class folders start at that folder"
    )]
    UnusedRoot {
        /// The root.
        root: Utf8PathBuf,
    },
    /// Classes of the `[labels]` table that no video has.
    #[error("no video has the label {}, so it is left out of the classes", list(.labels))]
    UnusedLabels {
        /// The classes' names.
        labels: Vec<String>,
    },
    /// Two classes whose names differ in upper and lower case only.
    #[error(
        "labels '{first}' and '{second}' are taken as two classes; name both alike in the [labels] table to join them"
    )]
    AlikeLabels {
        /// One class.
        first: String,
        /// The other.
        second: String,
    },
}

fn list(values: &[String]) -> String {
    let quoted: Vec<String> = values.iter().map(|value| format!("'{value}'")).collect();
    quoted.join(", ")
}

fn place(row: Option<u64>, path: &str) -> String {
    match row {
        Some(row) => format!("line {row}"),
        None => format!("'{path}'"),
    }
}

fn missing_remedy(path: &Utf8Path) -> &'static str {
    if path.as_str().contains('\\') && std::path::MAIN_SEPARATOR == '/' {
        "write '/' between folders instead of '\\'"
    } else {
        "correct the row, or say with '--root' where paths start"
    }
}

fn folds_remedy(units: usize) -> String {
    if units < 2 {
        "add videos to the class, or leave it out".to_owned()
    } else {
        format!("use '--folds {units}', add videos to the class, or leave it out")
    }
}
