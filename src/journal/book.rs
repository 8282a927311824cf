//! What holds after all lines were read: per video and reviewer one decision, one remark, one bookmark.

use std::collections::BTreeMap;

use super::line::{Action, Entry, Line};

/// What a reviewer thinks of a video.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// The given label, which was this one where the line says so, is right.
    Keep(Option<String>),
    /// This label is right.
    Relabel(String),
    /// The video does not belong in the data set.
    Drop,
    /// Nobody can say; perhaps this label as well.
    Ambiguous(Option<String>),
    /// Left for later, or for others.
    Skip,
}

impl Choice {
    /// The line's action and label.
    pub fn words(&self) -> (Action, Option<String>) {
        match self {
            Self::Keep(label) => (Action::Keep, label.clone()),
            Self::Relabel(label) => (Action::Relabel, Some(label.clone())),
            Self::Drop => (Action::Drop, None),
            Self::Ambiguous(label) => (Action::Ambiguous, label.clone()),
            Self::Skip => (Action::Skip, None),
        }
    }

    /// The choice of a line, if the line is one. A relabel without a label is none.
    pub fn of(entry: &Entry) -> Option<Self> {
        let label = entry.label.clone();
        Some(match entry.action {
            Action::Keep => Self::Keep(label),
            Action::Relabel => Self::Relabel(label?),
            Action::Drop => Self::Drop,
            Action::Ambiguous => Self::Ambiguous(label),
            Action::Skip => Self::Skip,
            Action::Note | Action::Bookmark | Action::Clear => return None,
        })
    }
}

/// A choice and how it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The choice.
    pub choice: Choice,
    /// Whether given label, suggestion and path were hidden.
    pub blind: bool,
}

/// All that one reviewer said of one video.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Their vote.
    pub vote: Option<Decision>,
    /// Their word on what others disputed.
    pub ruling: Option<Decision>,
    /// Their remark.
    pub note: Option<String>,
    /// Whether they marked the video.
    pub is_bookmarked: bool,
}

/// What all reviewers said of all videos.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Book {
    /// By video, then by reviewer; no empty standing is kept.
    pub(super) videos: BTreeMap<String, BTreeMap<String, Standing>>,
}

impl Book {
    /// Reads the lines in their order.
    pub fn replay<'a>(lines: impl IntoIterator<Item = &'a Line>) -> Self {
        let mut book = Self::default();
        for line in lines {
            book.apply(&line.reviewer, &line.entry());
        }
        book
    }

    /// Takes one more entry of a reviewer in.
    pub fn apply(&mut self, reviewer: &str, entry: &Entry) {
        let reviewers = self.videos.entry(entry.id.clone()).or_default();
        let standing = reviewers.entry(reviewer.to_owned()).or_default();
        match entry.action {
            Action::Note => standing.note = entry.note.clone().filter(|note| !note.is_empty()),
            Action::Bookmark => standing.is_bookmarked ^= true,
            _ => {
                let decision = Choice::of(entry).map(|choice| Decision {
                    choice,
                    blind: entry.blind,
                });
                if entry.adjudication {
                    standing.ruling = decision;
                } else {
                    standing.vote = decision;
                }
            }
        }
        if *standing == Standing::default() {
            reviewers.remove(reviewer);
        }
        if reviewers.is_empty() {
            self.videos.remove(&entry.id);
        }
    }

    /// The entry that takes `entry` back, were it the reviewer's next.
    #[must_use]
    pub fn inverse(&self, reviewer: &str, entry: &Entry) -> Entry {
        let standing = self.standing(reviewer, &entry.id);
        let mut inverse = entry.clone();
        match entry.action {
            Action::Bookmark => {}
            Action::Note => {
                inverse.note = Some(standing.and_then(|s| s.note.clone()).unwrap_or_default());
            }
            _ => {
                let former = standing.and_then(|standing| {
                    if entry.adjudication {
                        standing.ruling.as_ref()
                    } else {
                        standing.vote.as_ref()
                    }
                });
                (inverse.action, inverse.label) =
                    former.map_or((Action::Clear, None), |former| former.choice.words());
                inverse.blind = former.is_some_and(|former| former.blind);
            }
        }
        inverse
    }

    /// What a reviewer said of a video, if anything.
    pub fn standing(&self, reviewer: &str, id: &str) -> Option<&Standing> {
        self.videos.get(id)?.get(reviewer)
    }

    /// What everybody said of a video, by reviewer.
    pub fn of_video(&self, id: &str) -> impl Iterator<Item = (&str, &Standing)> {
        let reviewers = self.videos.get(id).into_iter().flatten();
        reviewers.map(|(reviewer, standing)| (reviewer.as_str(), standing))
    }

    /// A copy of what everybody said of a video.
    pub fn clone_of(&self, id: &str) -> BTreeMap<String, Standing> {
        self.videos.get(id).cloned().unwrap_or_default()
    }

    /// The ids of all videos of which anybody said anything, sorted.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.videos.keys().map(String::as_str)
    }

    /// The reviewers who voted anywhere, sorted.
    pub fn reviewers(&self) -> Vec<String> {
        let mut names: Vec<&String> = self
            .videos
            .values()
            .flatten()
            .filter(|(_, standing)| standing.vote.is_some())
            .map(|(reviewer, _)| reviewer)
            .collect();
        names.sort();
        names.dedup();
        names.into_iter().cloned().collect()
    }
}
