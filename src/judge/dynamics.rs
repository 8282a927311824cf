//! What the training had to say of every video, over all networks that trained on it.

use rayon::prelude::*;

use super::{JudgeError, VideoFile};
use crate::rows::training_dynamics::TrainingDynamics;
use crate::score::VideoScore;
use crate::score::dynamics::VideoDynamics;
use crate::score::mixture::{MixtureSettings, small_loss_posterior};

/// Sums up every scored video's dynamics, in the videos' order; `None` where no training was watched, and where some
/// video was never trained on, as class-balanced epochs may have it: ranks of the rest alone would mislead.
pub(super) fn summarise(
    scored: &[(VideoFile, VideoScore)],
    dynamics: &TrainingDynamics,
) -> Result<Option<Vec<VideoDynamics>>, JudgeError> {
    if dynamics.is_empty() {
        return Ok(None);
    }
    let of_video = |(file, _): &(VideoFile, VideoScore)| {
        let summary = VideoDynamics::summarise(&dynamics.networks(&file.id)?);
        Some(summary.map_err(|source| JudgeError::Dynamics {
            id: file.id.clone(),
            source,
        }))
    };
    let summaries: Vec<_> = scored.par_iter().map(of_video).collect();
    let summaries: Option<Vec<_>> = summaries.into_iter().collect();
    summaries.map(|all| all.into_iter().collect()).transpose()
}

/// The posterior of the component with the smaller loss, in [0, 1], of each of some videos.
pub(super) fn small_loss(learnt: &[VideoDynamics]) -> Result<Vec<f64>, JudgeError> {
    let losses: Vec<f64> = learnt.iter().map(|learnt| learnt.mean_loss).collect();
    small_loss_posterior(&losses, MixtureSettings::default()).map_err(JudgeError::Set)
}
