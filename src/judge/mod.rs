//! From clip predictions to rows: scores, order, verdicts, the promise of every cut, and the state of every class.
//!
//! The formulas are [`crate::score`]'s; this module decides which videos they are applied to, and joins the results.

mod copies;
mod dynamics;
pub mod neighbours;
pub mod promise;
mod row;
mod scored;
mod state;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use rayon::prelude::*;
use thiserror::Error;

use self::promise::Promise;
use crate::rows::clip_probs::ClipProbs;
use crate::rows::videos::VideoRow;
use crate::rows::watched::Watched;
use crate::score::classes::ClassReport;
use crate::score::noise_model::NoiseModelSettings;
use crate::score::repeats::{self, RepeatAgreement, RepeatedClip};
use crate::score::{CalibrationSettings, ScoreError, Verdict, VerdictSettings, VideoScore};
use crate::seed::Seed;

pub use self::state::{FileState, VideoFile};

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
    pub dynamics: &'a Watched,
    /// By id, of videos that were chosen without regard to their content: whether people judged the label wrong.
    pub judged: &'a BTreeMap<String, bool>,
}

/// All that is known of a data set.
#[derive(Debug, Clone)]
pub struct Judged {
    /// One row per video in order of rank: most suspect first, then those that cannot be scored.
    pub rows: Vec<VideoRow>,
    /// How precise and complete the order is; nothing where no video could be scored.
    pub promise: Option<Promise>,
    /// The state of the classes, in the label set's order; nothing where no video could be scored.
    pub classes: Option<ClassReport>,
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

/// Judges every video.
///
/// # Errors
///
/// If a readable video has no predictions, or predictions are no probabilities.
pub fn judge(
    files: Vec<VideoFile>,
    evidence: Evidence,
    settings: JudgeSettings,
) -> Result<Judged, JudgeError> {
    let rows = evidence.clips.by_video();
    let clips_of = |id: &str| -> Option<Vec<RepeatedClip>> {
        let pieces = rows.get(id)?.iter().cloned();
        Some(pieces.flat_map(|rows| evidence.clips.clips(rows)).collect())
    };
    let counted: Vec<_> = files
        .par_iter()
        .map(|file| count(file, clips_of, settings.min_distinct_frames))
        .collect();
    let (mut scored, mut agreements) = (Vec::with_capacity(files.len()), Vec::new());
    let mut unscored = Vec::new();
    for (file, counted) in files.into_iter().zip(counted) {
        match counted? {
            Counted::Scored(score, agreement) => {
                scored.push((file, score));
                agreements.push(agreement);
            }
            Counted::Unscored(verdict, why) => unscored.push((file, verdict, why)),
        }
    }
    let mut judged = if scored.is_empty() {
        Judged {
            rows: Vec::new(),
            promise: None,
            classes: None,
        }
    } else {
        scored::judge(scored, &agreements, evidence, settings)?
    };
    for (file, verdict, why) in unscored {
        judged
            .rows
            .push(row::row(file, settings.labels, verdict, None, why));
    }
    for (rank, row) in (1..).zip(&mut judged.rows) {
        row.rank = rank;
    }
    Ok(judged)
}

/// What a video's own clips say, before the set is looked at as a whole.
enum Counted {
    /// Its scores, and how far several networks agree on it.
    Scored(VideoScore, Option<RepeatAgreement>),
    /// The verdict of a video that cannot be scored, and why.
    Unscored(Verdict, String),
}

fn count<'a>(
    file: &'a VideoFile,
    clips_of: impl Fn(&'a str) -> Option<Vec<RepeatedClip<'a>>>,
    min_distinct_frames: usize,
) -> Result<Counted, JudgeError> {
    if let Err((verdict, why)) = file.scorable(min_distinct_frames) {
        return Ok(Counted::Unscored(verdict, why));
    }
    let clips = clips_of(&file.id).ok_or_else(|| JudgeError::NoClips {
        id: file.id.clone(),
    })?;
    repeats::count(&clips)
        .and_then(|(votes, agreement)| {
            let score = VideoScore::new(&votes, file.label)?;
            Ok(Counted::Scored(score, agreement))
        })
        .map_err(|source| JudgeError::Video {
            id: file.id.clone(),
            source,
        })
}
