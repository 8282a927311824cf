//! How well a run found the errors, where the true labels are known: the numbers, and the table of them.

mod apex;
pub mod comparison;
mod measure;
mod table;
pub mod votes;

use std::collections::BTreeMap;

use serde::Serialize;
use thiserror::Error;

pub use self::apex::KeyFrameQuality;
pub use self::measure::evaluate;

/// The numbers of an evaluation. Only videos with scores count, except in `videos`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// Videos in the run.
    pub videos: usize,
    /// Videos with scores and a known true label.
    pub scored: usize,
    /// Of those: videos whose label is wrong.
    pub mislabeled: usize,
    /// Share of videos whose most probable class is the true label (WAR), in [0, 1].
    pub accuracy: f64,
    /// Mean of that share over the true classes (UAR), in [0, 1].
    pub unweighted_accuracy: f64,
    /// Detection of wrong labels by each score, best average precision first.
    pub scores: Vec<ScoreQuality>,
    /// Detection of wrong labels by the verdict `mislabeled`.
    pub verdict: FlagQuality,
    /// Detection of wrong labels by confident learning's flags, by method.
    pub flags: BTreeMap<String, FlagQuality>,
    /// Share of wrong labels among the first k of the ranking, by k.
    pub precision_at: BTreeMap<usize, f64>,
    /// Share of wrongly labeled videos whose suggested label is the true one, in [0, 1].
    pub suggested_accuracy: f64,
    /// Verdicts by what is known of the video; where the truth says which videos are hard, they have a row of their own.
    pub verdicts: BTreeMap<String, BTreeMap<String, usize>>,
    /// How near the detail stream looks to the moment of the strongest expression, where the truth knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_frames: Option<KeyFrameQuality>,
}

/// How one score orders the videos.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScoreQuality {
    /// The score's column; `signed_agreement` is agreement, counted against the label where the clips contradict it.
    pub name: String,
    /// Area under the receiver operating characteristic, in [0, 1].
    pub auroc: f64,
    /// Average precision, in [0, 1].
    pub average_precision: f64,
    /// The highest F1 of any cut, in [0, 1].
    pub best_f1: f64,
}

/// How well a set of flags finds wrong labels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FlagQuality {
    /// Videos flagged.
    pub flagged: usize,
    /// Share of flagged videos that are wrong, in [0, 1].
    pub precision: f64,
    /// Share of wrong videos that are flagged, in [0, 1].
    pub recall: f64,
    /// Harmonic mean of both, in [0, 1].
    pub f1: f64,
}

/// Why a run cannot be evaluated.
#[derive(Debug, Error)]
pub enum EvaluationError {
    /// Videos of the run are not in the truth.
    #[error(
        "{count} videos of the run have no row in '{truth}', the first is '{first}'; the truth must name every video by the same path or id"
    )]
    Missing {
        /// The truth file.
        truth: String,
        /// How many.
        count: usize,
        /// One of them.
        first: String,
    },
    /// A row of the truth has the id of one video and the path of another.
    #[error("'{truth}' has a row that cannot be taken: {what}")]
    Names {
        /// The truth file.
        truth: String,
        /// What is wrong.
        what: String,
    },
    /// The truth has a class that the run does not know.
    #[error(
        "'{truth}' has the label '{label}', which the run does not know; its labels are {known}"
    )]
    UnknownLabel {
        /// The truth file.
        truth: String,
        /// The label.
        label: String,
        /// The run's labels.
        known: String,
    },
    /// The numbers have no value.
    #[error("nothing can be measured on these videos")]
    Metrics(#[from] crate::metrics::MetricsError),
}
