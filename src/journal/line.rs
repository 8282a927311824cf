//! One line of a journal.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// The given label is right.
    Keep,
    /// Another label is right.
    Relabel,
    /// The video does not belong in the data set.
    Drop,
    /// Nobody can say, or two labels hold.
    Ambiguous,
    /// Left for later, or for others.
    Skip,
    /// A remark; an empty one takes the former away. Decides nothing.
    Note,
    /// Sets a bookmark, or takes it away where there is one. Decides nothing.
    Bookmark,
    /// Takes the decision back.
    Clear,
}

impl Action {
    /// All actions, as a message lists them.
    pub const ALL: [Self; 8] = [
        Self::Keep,
        Self::Relabel,
        Self::Drop,
        Self::Ambiguous,
        Self::Skip,
        Self::Note,
        Self::Bookmark,
        Self::Clear,
    ];

    /// The word that is written to files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Relabel => "relabel",
            Self::Drop => "drop",
            Self::Ambiguous => "ambiguous",
            Self::Skip => "skip",
            Self::Note => "note",
            Self::Bookmark => "bookmark",
            Self::Clear => "clear",
        }
    }

    /// The action that a file's word means, if it is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == name)
    }

    /// Whether the line replaces the reviewer's decision on the video; remarks and bookmarks stand beside it.
    pub fn is_decision(self) -> bool {
        !matches!(self, Self::Note | Self::Bookmark)
    }
}

/// A line as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Version of the line, see [`super::VERSION`].
    pub version: u32,
    /// When it was decided.
    pub at: Timestamp,
    /// Who decided; empty for the unnamed reviewer.
    pub reviewer: String,
    /// The video's id.
    pub id: String,
    /// Fingerprint of the run in which it was decided.
    pub run: String,
    /// What was decided.
    pub action: Action,
    /// The right label of `relabel`, the second label of `ambiguous`, the given label that `keep` confirms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The remark of `note`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Whether given label, suggestion and path were hidden.
    #[serde(default)]
    pub blind: bool,
    /// Whether it settles what others disputed, rather than being one more vote.
    #[serde(default)]
    pub adjudication: bool,
}

/// What a line says without who, when and in which run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The video's id.
    pub id: String,
    /// See [`Line::action`].
    pub action: Action,
    /// See [`Line::label`].
    pub label: Option<String>,
    /// See [`Line::note`].
    pub note: Option<String>,
    /// See [`Line::blind`].
    pub blind: bool,
    /// See [`Line::adjudication`].
    pub adjudication: bool,
}

impl Line {
    /// What the line says.
    pub fn entry(&self) -> Entry {
        Entry {
            id: self.id.clone(),
            action: self.action,
            label: self.label.clone(),
            note: self.note.clone(),
            blind: self.blind,
            adjudication: self.adjudication,
        }
    }
}
