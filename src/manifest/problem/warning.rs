//! What was read otherwise than the user may think, and what may be meant otherwise.

use camino::Utf8PathBuf;

use super::words::list;

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
    /// Folders beside those with videos that hold none.
    #[error("{count} folders hold no video and are passed over (the first is '{first}')")]
    EmptyFolders {
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
    /// A flag that means nothing here.
    #[error("'{flag}' changes nothing: {why}")]
    UnusedFlag {
        /// The flag.
        flag: &'static str,
        /// Why it has no use.
        why: &'static str,
    },
    /// Classes of the `[labels]` table that no video has.
    #[error("no video has the label {}, so it is left out of the classes", list(.labels))]
    UnusedLabels {
        /// The classes' names.
        labels: Vec<String>,
    },
    /// Two classes whose names differ in upper and lower case, or in what stands between words, only.
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
