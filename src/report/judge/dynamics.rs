//! What the training had to say of every video, over all networks that trained on it.

use rayon::prelude::*;

use super::JudgeError;
use crate::report::dynamics::{Dynamics, DynamicsRow};
use crate::score::VideoScore;
use crate::score::dynamics::{EpochRecord, VideoDynamics};
use crate::score::mixture::{MixtureSettings, small_loss_posterior};

use super::VideoFile;

/// The training dynamics of one video.
#[derive(Debug, Clone, Copy)]
pub(super) struct Learnt {
    /// Means over all networks and epochs.
    pub(super) summary: VideoDynamics,
    /// Mean number of forgetting events (Toneva et al. 2019) over the networks that ever learnt the label; `None`
    /// where none did.
    pub(super) forgetting: Option<f64>,
    /// Posterior of the component with the smaller loss, in [0, 1].
    pub(super) small_loss_posterior: f64,
}

/// Sums up every scored video's dynamics, in the videos' order; `None` where no training was watched, and where some
/// video was never trained on, as class-balanced epochs may have it: ranks of the rest alone would mislead.
pub(super) fn summarise(
    scored: &[(VideoFile, VideoScore)],
    dynamics: &Dynamics,
    labels: &[String],
) -> Result<Option<Vec<Learnt>>, JudgeError> {
    if dynamics.is_empty() {
        return Ok(None);
    }
    let by_video = dynamics.by_video();
    if scored
        .iter()
        .any(|(file, _)| by_video.of(&file.id).len() == 0)
    {
        return Ok(None);
    }
    let summaries = scored
        .par_iter()
        .map(|(file, _)| {
            let mut rows: Vec<DynamicsRow> = by_video.of(&file.id).collect();
            // Stable: the epochs of a network stay in their order.
            rows.sort_by_key(network);
            let all: Vec<EpochRecord> = rows.iter().map(|row| record(row, labels)).collect();
            let named = |source| JudgeError::Dynamics {
                id: file.id.clone(),
                source,
            };
            let summary = VideoDynamics::summarise(&all, file.label).map_err(named)?;
            let mut rest = &all[..];
            let events: Vec<f64> = rows
                .chunk_by(|one, other| network(one) == network(other))
                .filter_map(|epochs| {
                    let of_network = rest.split_off(..epochs.len())?;
                    let summary = VideoDynamics::summarise(of_network, file.label).ok()?;
                    summary.forgetting_events.map(|events| events as f64)
                })
                .collect();
            let forgetting =
                (!events.is_empty()).then(|| events.iter().sum::<f64>() / events.len() as f64);
            Ok((summary, forgetting))
        })
        .collect::<Vec<Result<_, JudgeError>>>()
        .into_iter()
        .collect::<Result<Vec<_>, JudgeError>>()?;
    let losses: Vec<f64> = summaries
        .iter()
        .map(|(summary, _)| summary.mean_loss)
        .collect();
    let posteriors =
        small_loss_posterior(&losses, MixtureSettings::default()).map_err(JudgeError::Set)?;
    let learnt = summaries.into_iter().zip(posteriors);
    Ok(Some(
        learnt
            .map(|((summary, forgetting), small_loss_posterior)| Learnt {
                summary,
                forgetting,
                small_loss_posterior,
            })
            .collect(),
    ))
}

/// A network: its fold and its repeat.
fn network(row: &DynamicsRow) -> (u8, u8) {
    (row.fold, row.repeat)
}

fn record(row: &DynamicsRow, labels: &[String]) -> EpochRecord {
    EpochRecord {
        label_prob: f64::from(row.label_prob),
        label_margin: f64::from(row.label_margin),
        loss: f64::from(row.loss),
        // A class that the label set does not have is no label's.
        prediction: labels
            .iter()
            .position(|label| label == row.prediction)
            .unwrap_or(labels.len()),
    }
}
