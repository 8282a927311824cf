//! What can go wrong with the cache itself. One bad video is no error here, it is a row with its reason.

use std::io;

use camino::Utf8PathBuf;
use thiserror::Error;

use crate::file_system::Busy;

/// Why the cache could not be filled or read.
#[derive(Debug, Error)]
pub enum CacheError {
    /// The folder or a file in it cannot be made, read or mapped.
    #[error("the frame cache in '{dir}' cannot be used")]
    Unusable {
        /// The cache folder.
        dir: Utf8PathBuf,
        /// The file system's answer; it names the file.
        source: io::Error,
    },
    /// Frames cannot be written; most often the disk is full.
    #[error("'{path}' cannot be written; {} is enough for a video, free some space or choose another folder", mebibytes(*.needed_bytes))]
    Write {
        /// The file that did not take the data.
        path: Utf8PathBuf,
        /// Bytes of the write that failed.
        needed_bytes: usize,
        /// The file system's answer.
        source: io::Error,
    },
    /// Another run is filling the same folder.
    #[error(
        "the frame cache in '{dir}' is being filled by another run; wait for it or choose another folder{owner}"
    )]
    Busy {
        /// The cache folder.
        dir: Utf8PathBuf,
        /// Who fills it, where that is known.
        owner: Busy,
    },
    /// Frames are not there that were decoded once.
    #[error("the frame cache in '{dir}' lacks {missing} of {total} videos")]
    Missing {
        /// The cache folder.
        dir: Utf8PathBuf,
        /// Videos without frames.
        missing: usize,
        /// Videos that were asked for.
        total: usize,
    },
    /// The folder was written by a newer version of this program.
    #[error(
        "the frame cache in '{dir}' has format {found}, and this version knows {known}; delete the folder or update"
    )]
    Newer {
        /// The cache folder.
        dir: Utf8PathBuf,
        /// The format found.
        found: u32,
        /// The newest format known.
        known: u32,
    },
    /// The stop flag was raised. What was finished is kept and will be found next time.
    #[error(
        "decoding was interrupted after {finished} of {total} videos; they are kept for the next run"
    )]
    Interrupted {
        /// Videos that are done.
        finished: usize,
        /// Videos that were asked for.
        total: usize,
    },
}

fn mebibytes(bytes: usize) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}
