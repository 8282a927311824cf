//! What the training had to say of every video, over all networks that trained on it.

use rayon::prelude::*;

use super::JudgeError;
use crate::report::watched::{NetworkOf, Rows, Watched};
use crate::score::VideoScore;
use crate::score::dynamics::{VideoDynamics, forgetting_events};
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
}

/// Sums up every scored video's dynamics, in the videos' order; `None` where no training was watched, and where some
/// video was never trained on, as class-balanced epochs may have it: ranks of the rest alone would mislead.
pub(super) fn summarise(
    scored: &[(VideoFile, VideoScore)],
    watched: &Watched,
) -> Result<Option<Vec<Learnt>>, JudgeError> {
    if watched.is_empty() {
        return Ok(None);
    }
    let by_video = watched.by_video();
    let rows = scored.iter().map(|(file, _)| by_video.get(&*file.id));
    let Some(rows) = rows.collect::<Option<Vec<_>>>() else {
        return Ok(None);
    };
    let summaries = scored
        .par_iter()
        .zip(rows)
        .map(|((file, _), rows)| {
            let networks = rows.iter().flat_map(|rows| watched.networks(rows));
            let mut networks: Vec<(NetworkOf, Rows)> = networks.collect();
            // Stable: the epochs of a network stay in their order.
            networks.sort_by_key(|(network, _)| *network);
            let mut all = Vec::new();
            for (_, rows) in &networks {
                all.extend(watched.records(rows));
            }
            let named = |source| JudgeError::Dynamics {
                id: file.id.clone(),
                source,
            };
            let summary = VideoDynamics::summarise(&all, file.label).map_err(named)?;
            let mut rest = &all[..];
            let events: Vec<f64> = networks
                .chunk_by(|one, other| one.0 == other.0)
                .filter_map(|pieces| {
                    let epochs = pieces.iter().map(|(_, rows)| rows.count()).sum();
                    let of_network = rest.split_off(..epochs)?;
                    forgetting_events(of_network, file.label).map(|events| events as f64)
                })
                .collect();
            let forgetting =
                (!events.is_empty()).then(|| events.iter().sum::<f64>() / events.len() as f64);
            Ok(Learnt {
                summary,
                forgetting,
            })
        })
        .collect::<Vec<Result<Learnt, JudgeError>>>()
        .into_iter()
        .collect::<Result<Vec<_>, JudgeError>>()?;
    Ok(Some(summaries))
}

/// The posterior of the component with the smaller loss, in [0, 1], of each of some videos.
pub(super) fn small_loss(learnt: &[Learnt]) -> Result<Vec<f64>, JudgeError> {
    let losses: Vec<f64> = learnt
        .iter()
        .map(|learnt| learnt.summary.mean_loss)
        .collect();
    small_loss_posterior(&losses, MixtureSettings::default()).map_err(JudgeError::Set)
}
