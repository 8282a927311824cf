//! Cleaned label files: what people decided, and on request what the networks suggest, written in the format that came in
//! or in another.
//!
//! [`Audit`] is all that is known of a data set, [`Decisions`] what becomes of each video, [`Plan`] the files that say so;
//! writing is the last step and the only one that touches the disk. `check` holds an export against the original.

mod audit;
mod changes;
mod check;
mod cleaned;
mod columns;
mod convert;
mod decide;
mod folder_name;
mod interchange;
pub mod original;
mod plan;
mod policy;
mod record;
mod same;
mod tree;
mod write;

use camino::Utf8PathBuf;
use thiserror::Error;

use crate::journal::JournalError;
use crate::manifest::ManifestError;
use crate::predictions::PredictionsError;
use crate::rows::TableError;
use crate::rows::run::RunCardError;

pub use self::audit::Audit;
pub use self::check::{Flaw, check};
pub use self::cleaned::Cleaned;
pub use self::decide::{Change, Decisions, Dispute};
pub use self::plan::{ExportFormat, Plan, Request, Target};
pub use self::policy::{Policy, Reason};
pub use self::tree::Media;
pub use self::write::Planned;

/// An export that cannot be made.
#[derive(Debug, Error)]
pub enum ExportError {
    /// A file cannot be read or written.
    #[error("cannot read or write a file of the export")]
    File(#[source] std::io::Error),
    /// A table cannot be written.
    #[error("cannot write a table")]
    Table(#[source] csv::Error),
    /// A Parquet file cannot be read or written.
    #[error(transparent)]
    Parquet(#[from] TableError),
    /// The run's card cannot be read.
    #[error(transparent)]
    Card(#[from] RunCardError),
    /// The decisions cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The data set cannot be read.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The run has no file of labels.
    #[error(
        "the run was made from '{source_name}' ({format}), which is no labeled data set: there is no file of labels to export"
    )]
    NoLabels {
        /// What the run was made from.
        source_name: String,
        /// What it was read as.
        format: String,
    },
    /// The export would be called as what it is not.
    #[error(
        "'{path}' is the name of {reason}, which this export is not; name it otherwise, or choose another '--format'"
    )]
    OtherName {
        /// The file.
        path: Utf8PathBuf,
        /// What files of that name are.
        reason: &'static str,
    },
    /// The run's copies of the labels are not what was scanned.
    #[error("'{path}' is not the file of labels that was scanned; scan the data set again")]
    DamagedCopy {
        /// The copy.
        path: Utf8PathBuf,
    },
    /// Files of labels are not what was scanned.
    #[error(
        "{} changed since the scan; scan again, or export the labels as they were scanned with --force",
        quoted(.paths)
    )]
    Changed {
        /// The files.
        paths: Vec<Utf8PathBuf>,
    },
    /// The run says another label than the data set.
    #[error(
        "'{id}' had the label '{scanned}' when it was scanned and has '{found}' now; scan the data set again"
    )]
    OtherLabel {
        /// The video.
        id: String,
        /// The label in the run.
        scanned: String,
        /// The label in the data set.
        found: String,
    },
    /// A decision names no class of the data set.
    #[error(
        "'{id}' was given the label '{label}', which is no class of the data set ({}); correct the decision in `review`",
        .known.join(", ")
    )]
    UnknownClass {
        /// The video.
        id: String,
        /// The label.
        label: String,
        /// The classes.
        known: Vec<String>,
    },
    /// An export names no class of the data set.
    #[error(
        "'{path}' gives '{id}' the label '{label}', which is no class of the data set ({}); name an export of this run",
        .known.join(", ")
    )]
    OtherClass {
        /// The export.
        path: Utf8PathBuf,
        /// The video.
        id: String,
        /// The label.
        label: String,
        /// The classes.
        known: Vec<String>,
    },
    /// Nobody knows how a class is written.
    #[error("no row of the data set has the label '{label}', so nobody can say how it is written")]
    NoWord {
        /// The class.
        label: String,
    },
    /// Something is there already.
    #[error("'{path}' is there already{}; name another place with --to, or replace it with --force", others_text(*.others))]
    Exists {
        /// The file or folder.
        path: Utf8PathBuf,
        /// How many more of the files are.
        others: usize,
    },
    /// A folder is no export, so it is not replaced.
    #[error("'{path}' holds other files than an export's and is not replaced; name a new folder")]
    NotAnExport {
        /// The folder.
        path: Utf8PathBuf,
    },
    /// The data set has a column already that is to be added.
    #[error("the data set has a column '{column}' already; rename it before adding one")]
    Column {
        /// The column.
        column: String,
    },
    /// A list has no columns.
    #[error(
        "a list has only path and label, no column '{column}'; use '--format csv' or leave the flag out"
    )]
    ListColumn {
        /// The column.
        column: String,
    },
    /// A class's name does not fit into a list.
    #[error("a list cannot hold the label '{label}', which has spaces; use '--format csv'")]
    ListLabel {
        /// The label.
        label: String,
    },
    /// Class names that cannot be folders' names.
    #[error("classes cannot be folders: {}; give them other names in the data set, or use '--format csv'", .wrong.join(", "))]
    FolderNames {
        /// The names, each with what is wrong.
        wrong: Vec<String>,
    },
    /// A video would lie in the folder of another.
    #[error("'{inner}' would lie below '{outer}', which is a video itself; use '--format csv'")]
    Nested {
        /// The video's path in the tree.
        inner: Utf8PathBuf,
        /// The other's.
        outer: Utf8PathBuf,
    },
    /// A folder holds the videos that are to be exported.
    #[error(
        "'{path}' holds videos of the data set, such as '{video}', and is not replaced; name a new folder"
    )]
    HoldsVideos {
        /// The folder.
        path: Utf8PathBuf,
        /// One of the videos.
        video: Utf8PathBuf,
    },
    /// A line of a list cannot hold a path.
    #[error(
        "a list cannot hold the path {path:?}, which ends the line, begins as a comment does, or begins or ends with a space; use '--format csv'"
    )]
    ListPath {
        /// The path.
        path: String,
    },
    /// The format has no place for what an option asks for.
    #[error(
        "the format '{format}' cannot keep what {option} asks for; leave it out, or use {others}"
    )]
    Option {
        /// The format.
        format: &'static str,
        /// The option.
        option: &'static str,
        /// Formats that can.
        others: &'static str,
    },
    /// Files that the client does not take for videos.
    #[error(
        "fiftyone goes by the extension and takes {count} files for no videos ({}), the first is '{first}', and loads none of the data set then; convert them, or use '--format csv'",
        .extensions.iter().map(|extension| format!("'.{extension}'")).collect::<Vec<_>>().join(", ")
    )]
    NoVideo {
        /// How many.
        count: usize,
        /// Their extensions.
        extensions: Vec<String>,
        /// One of them.
        first: Utf8PathBuf,
    },
    /// A folder of frames where a file is needed.
    #[error(
        "'{path}' is a folder of frames; the format '{format}' takes video files only, '--format csv' takes both"
    )]
    FrameFolder {
        /// The folder.
        path: Utf8PathBuf,
        /// The format.
        format: &'static str,
    },
    /// A video is not where it was.
    #[error("the video '{path}' cannot be linked or copied; say with --root where the paths start")]
    Video {
        /// The video.
        path: Utf8PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// A path that is no text.
    #[error("the path '{}' is not UTF-8", .path.display())]
    NotUtf8 {
        /// The path.
        path: std::path::PathBuf,
    },
    /// The changes of an export cannot be read.
    #[error("'{path}' is not the list of an export's changes")]
    Changes {
        /// The file.
        path: Utf8PathBuf,
        /// The cause.
        #[source]
        source: csv::Error,
    },
    /// An export for cleanlab cannot be read.
    #[error(transparent)]
    Predictions(#[from] PredictionsError),
}

fn quoted(paths: &[Utf8PathBuf]) -> String {
    let words: Vec<String> = paths.iter().map(|path| format!("'{path}'")).collect();
    words.join(", ")
}

fn others_text(others: usize) -> String {
    match others {
        0 => String::new(),
        others => format!(", and so are {others} more files"),
    }
}

#[cfg(test)]
mod tests;
