//! Features that cannot be used.

use std::fmt::Write;

use camino::Utf8PathBuf;
use thiserror::Error;

use crate::table::TableError;

/// How many problems are told one by one.
const LISTED: usize = 20;

/// Features that cannot be used.
#[derive(Debug, Error)]
pub enum VectorsError {
    /// A file or folder cannot be read.
    #[error("features cannot be read")]
    File(#[source] std::io::Error),
    /// It is no file of features.
    #[error(
        "'{path}' is no file of features: these are a folder with a .npy file a video, or one .npz, .safetensors or Parquet file"
    )]
    Kind {
        /// The file.
        path: Utf8PathBuf,
    },
    /// There are none in it.
    #[error("'{path}' holds no features{}", if .path.is_dir() { ": there is no .npy file in it" } else { "" })]
    Empty {
        /// The file or folder.
        path: Utf8PathBuf,
    },
    /// The file is damaged, or has them in a way that is not read.
    #[error("'{path}': {what}")]
    Damaged {
        /// The file or folder.
        path: Utf8PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The Parquet file cannot be read.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The file that says what they are is wrong.
    #[error(
        "'{path}' does not say what the features are, as {{\"model\": \"NAME\", \"frames\": \"all\", \"mirrored\": false}} does (frames: all, even or windows)"
    )]
    Card {
        /// The file.
        path: Utf8PathBuf,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// No video has any.
    #[error(
        "none of the {videos} videos has features in '{path}': it has them of '{found}', and a video is '{id}' or '{written}'; features are named by the video's id or path, with or without extension"
    )]
    Unmatched {
        /// The file or folder.
        path: Utf8PathBuf,
        /// How many videos there are.
        videos: usize,
        /// A name in it.
        found: String,
        /// A video's id.
        id: String,
        /// Its path.
        written: String,
    },
    /// Some of them are wrong.
    #[error("features in '{path}' cannot be used:{}", listed(.problems))]
    Refused {
        /// The file or folder.
        path: Utf8PathBuf,
        /// What is wrong with each, with its name.
        problems: Vec<String>,
    },
}

fn listed(problems: &[String]) -> String {
    let mut text = String::new();
    for problem in problems.iter().take(LISTED) {
        // A String takes every word.
        let _written = write!(text, "\n  {problem}");
    }
    if problems.len() > LISTED {
        let _written = write!(text, "\n  … and {} more", problems.len() - LISTED);
    }
    text
}
