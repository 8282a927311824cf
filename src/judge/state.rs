//! A video as the manifest and the decoder know it.

use super::neighbours::Neighbours;
use crate::score::Verdict;
use crate::video::VideoFacts;

/// What is known of a video's file.
#[derive(Debug, Clone, PartialEq)]
pub enum FileState {
    /// It was decoded.
    Decoded(VideoFacts),
    /// It was decoded, but every network has learnt from it.
    Learnt(VideoFacts),
    /// It could not be decoded, and why.
    Unreadable(String),
    /// Nobody looked: the predictions come from elsewhere.
    Unknown,
}

/// A video as the manifest and the decoder know it.
#[derive(Debug, Clone, PartialEq)]
pub struct VideoFile {
    /// The video's id.
    pub id: String,
    /// The path as the manifest writes it.
    pub path: String,
    /// The given label, an index into the label set.
    pub label: usize,
    /// What was kept together in the folds.
    pub group: Option<String>,
    /// The fold whose network scores it.
    pub fold: u8,
    /// What decoding found.
    pub state: FileState,
    /// What is amiss with the file, its duplicates and its splits, by name.
    pub issues: Vec<String>,
    /// The ids of its duplicates, where not all of them have its label: one of these labels is wrong for certain.
    pub copies: Vec<String>,
    /// What its neighbours in the network's feature space say; nothing where nobody looked.
    pub neighbours: Option<Neighbours>,
    /// The manifest's other columns' values.
    pub extra: Vec<String>,
}

impl VideoFile {
    /// Whether the video can be scored honestly; else its verdict and why.
    pub(super) fn scorable(&self, min_distinct_frames: usize) -> Result<(), (Verdict, String)> {
        match &self.state {
            FileState::Unreadable(why) => Err((Verdict::Unreadable, why.clone())),
            FileState::Learnt(_) => Err((
                Verdict::Undefined,
                "every network has learnt from it, so that none can judge it".to_owned(),
            )),
            FileState::Decoded(facts) if (facts.distinct_frames as usize) < min_distinct_frames => {
                Err((
                    Verdict::Undefined,
                    format!(
                        "only {} distinct frames, {min_distinct_frames} are needed: clips of it would be alike and agree by construction",
                        facts.distinct_frames
                    ),
                ))
            }
            FileState::Decoded(_) | FileState::Unknown => Ok(()),
        }
    }

    /// What decoding found, where it succeeded.
    pub(super) fn facts(&self) -> Option<VideoFacts> {
        match self.state {
            FileState::Decoded(facts) | FileState::Learnt(facts) => Some(facts),
            FileState::Unreadable(_) | FileState::Unknown => None,
        }
    }
}
