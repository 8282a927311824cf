//! What the training had to say of every video, over all networks that trained on it.

use std::collections::BTreeMap;

use super::JudgeError;
use crate::report::dynamics::DynamicsRow;
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
    rows: &[DynamicsRow],
    labels: &[String],
) -> Result<Option<Vec<Learnt>>, JudgeError> {
    if rows.is_empty() {
        return Ok(None);
    }
    let records = records(rows, labels);
    if scored
        .iter()
        .any(|(file, _)| !records.contains_key(file.id.as_str()))
    {
        return Ok(None);
    }
    let summaries = scored
        .iter()
        .map(|(file, _)| {
            let networks = records.get(file.id.as_str());
            let all: Vec<EpochRecord> = networks
                .into_iter()
                .flat_map(|networks| networks.values().flatten().copied())
                .collect();
            let named = |source| JudgeError::Dynamics {
                id: file.id.clone(),
                source,
            };
            let summary = VideoDynamics::summarise(&all, file.label).map_err(named)?;
            let events: Vec<f64> = networks
                .into_iter()
                .flat_map(BTreeMap::values)
                .filter_map(|network| {
                    let summary = VideoDynamics::summarise(network, file.label).ok()?;
                    summary.forgetting_events.map(|events| events as f64)
                })
                .collect();
            let forgetting =
                (!events.is_empty()).then(|| events.iter().sum::<f64>() / events.len() as f64);
            Ok((summary, forgetting))
        })
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
type Network = (u8, u8);

/// Every video's epochs by network, in order.
fn records<'a>(
    rows: &'a [DynamicsRow],
    labels: &[String],
) -> BTreeMap<&'a str, BTreeMap<Network, Vec<EpochRecord>>> {
    let mut records: BTreeMap<&str, BTreeMap<Network, Vec<EpochRecord>>> = BTreeMap::new();
    for row in rows {
        let networks = records.entry(&row.id).or_default();
        let epochs = networks.entry((row.fold, row.repeat)).or_default();
        epochs.push(EpochRecord {
            label_prob: f64::from(row.label_prob),
            label_margin: f64::from(row.label_margin),
            loss: f64::from(row.loss),
            // A class that the label set does not have is no label's.
            prediction: labels
                .iter()
                .position(|label| *label == row.prediction)
                .unwrap_or(labels.len()),
        });
    }
    records
}
