//! What one of a fold's networks leaves in its folder.

use anyhow::Context;
use tracing::info;

use super::Work;
use crate::model::checkpoint::{self, CheckpointCard, CheckpointMetrics};
use crate::pipeline::LIBTORCH;
use crate::pipeline::plan::{Network, Plan};
use crate::predict::{ClipPrediction, Predictions, largest};
use crate::rows::clips::{self, ClipRow};
use crate::rows::dynamics::{Dynamics, DynamicsRow};
use crate::rows::features::{self, FeatureRow};
use crate::rows::fold_card::NetworkInTheMaking;
use crate::rows::learnt;
use crate::rows::training::{self, EpochRow, HeldOut};
use crate::train::TrainedFold;
use crate::train::plan::EpochSummary;
use crate::train::plan::Fit;

/// Writes a network and what it said.
///
/// # Errors
///
/// If a file cannot be written.
pub(super) fn write(
    work: &Work,
    network: Network,
    trained: &TrainedFold,
    predictions: &Predictions,
    epochs: &[EpochRow],
) -> anyhow::Result<()> {
    let (plan, Network { fold, repeat }) = (work.plan, network);
    let made = NetworkInTheMaking::create(work.home, fold, repeat)?;
    let path = made.path();
    let clip_rows: Vec<ClipRow> = predictions
        .clips
        .iter()
        .map(|prediction| clip_row(plan, repeat, prediction))
        .collect();
    clips::write(&path.join("clips.parquet"), &clip_rows)?;
    let feature_rows: Vec<FeatureRow> = predictions
        .features
        .iter()
        .map(|(video, feature)| FeatureRow {
            id: plan.videos.id[*video].clone(),
            fold: fold as u8,
            feature: feature.clone(),
        })
        .collect();
    features::write(&path.join("features.parquet"), &feature_rows)?;
    let mut dynamics = Dynamics::default();
    for observation in &trained.observations {
        dynamics.push(DynamicsRow {
            id: &plan.videos.id[observation.video],
            fold: fold as u8,
            repeat: repeat as u8,
            epoch: observation.epoch as u16,
            label_prob: observation.label_prob,
            label_margin: observation.label_margin,
            loss: observation.loss,
            prediction: &plan.classes[observation.prediction],
            state: observation.state.name(),
        });
    }
    dynamics.write(&path.join("dynamics.parquet"))?;
    training::write(&path.join("training.jsonl"), epochs)?;
    learnt::write(&path.join("learnt.parquet"), &work.learnt(fold))?;
    let card = CheckpointCard {
        version: CheckpointCard::VERSION,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        libtorch: LIBTORCH.to_owned(),
        labels: plan.classes.clone(),
        fold,
        repeat,
        video: plan.settings.video,
        frames: plan.settings.clips.frames,
        model: plan.settings.model.clone(),
        metrics: metrics(plan, &predictions.clips, epochs),
        settings: serde_json::to_value(&plan.settings)?,
    };
    checkpoint::save(path, &trained.store, &card)?;
    let is_first = made
        .finish(&plan.digest)
        .context("the network is written, but not in its place")?;
    if !is_first {
        let name = work.stage("", network);
        info!("another process has finished {name} meanwhile; its files stay");
    }
    Ok(())
}

/// How well a network did on the videos that it did not learn from, each by the mean of its clips.
fn metrics(plan: &Plan, predictions: &[ClipPrediction], epochs: &[EpochRow]) -> CheckpointMetrics {
    let (mut given, mut predicted) = (Vec::new(), Vec::new());
    for clips in predictions.chunk_by(|one, other| one.video == other.video) {
        let mut sums = vec![0.0_f32; plan.classes.len()];
        for (class, &prob) in clips.iter().flat_map(|clip| clip.probs.iter().enumerate()) {
            sums[class] += prob;
        }
        given.push(plan.videos.label[clips[0].video]);
        predicted.push(largest(&sums));
    }
    let fit = Fit::of(&given, &predicted, plan.classes.len());
    CheckpointMetrics {
        epoch: epochs.len(),
        loss: epochs.last().map_or(0.0, |epoch| epoch.loss),
        held_out: given.len(),
        held_out_war: fit.map(|fit| fit.accuracy),
        held_out_uar: fit.map(|fit| fit.uar),
    }
}

/// An epoch as the training log has it.
pub(super) fn epoch_row(summary: &EpochSummary) -> EpochRow {
    let held_out = |fit: Fit| HeldOut {
        clips: fit.clips,
        accuracy: fit.accuracy,
        uar: fit.uar,
    };
    EpochRow {
        epoch: summary.epoch,
        loss: summary.loss,
        accuracy: summary.training.accuracy,
        uar: summary.training.uar,
        held_out: summary.held_out.map(held_out),
        learning_rate: summary.learning_rate,
    }
}

/// An epoch as the progress display has it.
pub(super) fn epoch_words(row: &EpochRow, epochs: usize) -> String {
    let held_out = row.held_out.map_or_else(String::new, |held_out| {
        format!(", held-out accuracy {:.2}", held_out.accuracy)
    });
    format!(
        "epoch {} of {epochs}, loss {:.2}, accuracy {:.2}{held_out}",
        row.epoch, row.loss, row.accuracy
    )
}

/// What a network says of a clip, as a row. `repeat`: which of the networks that judge together.
pub(super) fn clip_row(plan: &Plan, repeat: usize, prediction: &ClipPrediction) -> ClipRow {
    ClipRow {
        id: plan.videos.id[prediction.video].clone(),
        repeat: repeat as u8,
        clip: prediction.clip as u16,
        start_frame: prediction.start_frame,
        end_frame: prediction.end_frame,
        flipped: prediction.flipped,
        prediction: plan.classes[prediction.prediction()].clone(),
        probs: prediction.probs.clone(),
        key_frames: prediction.key_frames.clone(),
    }
}
