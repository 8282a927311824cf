//! Traced networks that cannot be used.

use camino::{Utf8Path, Utf8PathBuf};
use tch::TchError;
use thiserror::Error;

/// A traced network that cannot be used.
#[derive(Debug, Error)]
pub enum TracedError {
    /// A file cannot be read.
    #[error("the network cannot be read")]
    File(#[source] std::io::Error),
    /// dlib's network for faces is not there.
    #[error(
        "dlib's network for faces is not in '{path}'; 'scripts/setup --faces' fetches it, and './faces' would name a file"
    )]
    NoFaces {
        /// Where it would be.
        path: Utf8PathBuf,
    },
    /// It is no `TorchScript`.
    #[error(
        "'{path}' is no file of TorchScript: {what}; make it with `torch.jit.trace(model.eval(), example).save(FILE)`"
    )]
    Format {
        /// The file.
        path: Utf8PathBuf,
        /// What it is instead.
        what: String,
    },
    /// Its card is wrong.
    #[error(
        "'{path}' does not say what the network wants to see, as {{\"model\": \"NAME\", \"size\": 224, \"mean\": [0.485, 0.456, 0.406], \"std\": [0.229, 0.224, 0.225], \"frames\": 1}} does"
    )]
    Card {
        /// The file.
        path: Utf8PathBuf,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// A value of its card is wrong.
    #[error("'{path}': {what}")]
    Value {
        /// The file.
        path: Utf8PathBuf,
        /// Which, and what it must be.
        what: String,
    },
    /// libtorch cannot load it.
    #[error(
        "libtorch cannot load '{path}': {line}; make it with `torch.jit.trace`, whose files are read where `torch.jit.script` of a newer PyTorch needs operators that are not there"
    )]
    Load {
        /// The file.
        path: Utf8PathBuf,
        /// The first line of what libtorch says.
        line: String,
    },
    /// The network cannot see the pictures.
    #[error(
        "the network in '{path}' cannot see pictures of {shape}: {line}; what it wants to see, 'backbone.json' in the file or '{beside}' says, and `forward` must return one tensor"
    )]
    Unseen {
        /// The file.
        path: Utf8PathBuf,
        /// What it was shown, as `2×3×224×224`.
        shape: String,
        /// The line of libtorch's words that says why.
        line: String,
        /// The file that may say what it wants to see.
        beside: Utf8PathBuf,
    },
    /// Its answer is of no use.
    #[error("the network in '{path}' {what}")]
    Answer {
        /// The file.
        path: Utf8PathBuf,
        /// What it does, as a fragment after its name.
        what: String,
    },
}

impl TracedError {
    pub(super) fn load(path: &Utf8Path, error: &TchError) -> Self {
        Self::Load {
            path: path.to_owned(),
            line: line(error),
        }
    }

    /// `shape`: of the pictures.
    pub(super) fn unseen(path: &Utf8Path, shape: &[i64], error: &TchError) -> Self {
        let sides: Vec<String> = shape.iter().map(ToString::to_string).collect();
        Self::Unseen {
            path: path.to_owned(),
            shape: sides.join("×"),
            line: line(error),
            beside: path.with_extension("json"),
        }
    }
}

/// The line of libtorch's words that says most: the cause of what an operation of the network raised, else the first one.
fn line(error: &TchError) -> String {
    let text = match error {
        TchError::Torch(text) => text.clone(),
        other => other.to_string(),
    };
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let raised = lines().find_map(|line| line.strip_prefix("RuntimeError: "));
    let line = raised.or_else(|| lines().next()).unwrap_or_default();
    line.trim_end_matches('.').to_owned()
}
