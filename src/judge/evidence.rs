//! What is judged, and what comes of it.

use std::collections::BTreeMap;

use thiserror::Error;

use super::promise::Promise;
use crate::manifest::votes::Votes;
use crate::rows::clip_probs::ClipProbs;
use crate::rows::skill::SkillCard;
use crate::rows::training_dynamics::TrainingDynamics;
use crate::rows::videos::VideoRow;
use crate::rows::votes::{RaterRow, VoteCard};
use crate::score::classes::ClassReport;
use crate::score::noise_model::NoiseModelSettings;
use crate::score::{CalibrationSettings, ScoreError, VerdictSettings};
use crate::seed::Seed;

/// How videos are judged.
#[derive(Debug, Clone, Copy)]
pub struct JudgeSettings<'a> {
    /// Class names, in the order of all probabilities.
    pub labels: &'a [String],
    /// When clips count as agreeing.
    pub verdict: &'a VerdictSettings,
    /// How the noise of the labels is undone.
    pub noise: &'a NoiseModelSettings,
    /// The self-test.
    pub calibration: &'a CalibrationSettings,
    /// A video with fewer distinct frames has no verdict.
    pub min_distinct_frames: usize,
    /// Where the random draws of the estimates come from.
    pub seed: Seed,
}

/// What the network said, and what people did.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The clips' predictions.
    pub clips: &'a ClipProbs,
    /// The training dynamics; empty where no training was watched.
    pub dynamics: &'a TrainingDynamics,
    /// By id, of videos that were chosen without regard to their content: whether people judged the label wrong.
    pub judged: &'a BTreeMap<String, bool>,
    /// People's votes on the videos; nothing where there are none.
    pub votes: Option<&'a Votes>,
}

/// All that is known of a data set.
#[derive(Debug, Clone)]
pub struct Judged {
    /// One row per video in order of rank: most suspect first, then those that cannot be scored.
    pub rows: Vec<VideoRow>,
    /// What the networks are good for; nothing where no video could be scored.
    pub skill: Option<SkillCard>,
    /// How precise and complete the order is; nothing where no video could be scored, or the networks cannot judge.
    pub promise: Option<Promise>,
    /// The state of the classes, in the label set's order; nothing where no video could be scored, or the networks cannot
    /// judge.
    pub classes: Option<ClassReport>,
    /// What people's votes say of the data set, and each rater's quality; nothing where no scored video has votes.
    pub votes: Option<(VoteCard, Vec<RaterRow>)>,
}

/// Predictions that cannot be judged.
#[derive(Debug, Error)]
pub enum JudgeError {
    /// A readable video has no predictions.
    #[error(
        "video '{id}' can be read but has no row in clips.parquet; scan again with --overwrite"
    )]
    NoClips {
        /// The video.
        id: String,
    },
    /// The predictions of a video are no probabilities.
    #[error("the predictions of video '{id}' cannot be scored")]
    Video {
        /// The video.
        id: String,
        /// What is wrong with them.
        #[source]
        source: ScoreError,
    },
    /// The training dynamics of a video are missing or no numbers.
    #[error(
        "the training dynamics of video '{id}' cannot be summed up; scan again with --overwrite"
    )]
    Dynamics {
        /// The video.
        id: String,
        /// What is wrong with them.
        #[source]
        source: ScoreError,
    },
    /// The set as a whole cannot be scored.
    #[error("the predictions cannot be scored")]
    Set(#[source] ScoreError),
}
