//! What one of a fold's networks leaves in its folder.

use anyhow::Context;

use super::folds::{FoldPlan, Network};
use crate::model::checkpoint::{self, CheckpointCard};
use crate::predict::ClipPrediction;
use crate::report::clips::{self, ClipRow};
use crate::report::dynamics::{self, DynamicsRow};
use crate::report::folder::RunFolder;
use crate::report::training::{self, EpochRow, HeldOut};
use crate::train::TrainedFold;
use crate::train::fold::EpochSummary;
use crate::train::held_out::Fit;

/// Writes a network and what it said; its card comes last.
///
/// # Errors
///
/// If a file cannot be written.
pub(super) fn write(
    plan: &FoldPlan,
    folder: &RunFolder,
    network: Network,
    trained: &TrainedFold,
    predictions: &[ClipPrediction],
    epochs: &[EpochRow],
) -> anyhow::Result<()> {
    let Network { fold, repeat } = network;
    let path = folder.network(fold, repeat);
    fs_err::create_dir_all(&path)?;
    let clip_rows: Vec<ClipRow> = predictions
        .iter()
        .map(|prediction| clip_row(plan, repeat, prediction))
        .collect();
    clips::write(&path.join("clips.parquet"), &clip_rows)?;
    let dynamics_rows: Vec<DynamicsRow> = trained
        .observations
        .iter()
        .map(|observation| DynamicsRow {
            id: plan.ids[observation.video].clone(),
            fold: fold as u8,
            repeat: repeat as u8,
            epoch: observation.epoch as u16,
            label_prob: observation.label_prob,
            label_margin: observation.label_margin,
            loss: observation.loss,
            prediction: plan.classes[observation.prediction].clone(),
            state: observation.state.name().to_owned(),
        })
        .collect();
    dynamics::write(&path.join("dynamics.parquet"), &dynamics_rows)?;
    training::write(&path.join("training.jsonl"), epochs)?;
    let card = CheckpointCard::new(
        plan.settings.model.clone(),
        plan.settings.clips.frames,
        plan.classes.to_vec(),
        fold,
    );
    checkpoint::save(&path, &trained.store, &card)?;
    folder
        .finish(fold, repeat, &plan.digest)
        .context("the fold is written, but not its card")
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
        uar: Some(summary.training.uar),
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

fn clip_row(plan: &FoldPlan, repeat: usize, prediction: &ClipPrediction) -> ClipRow {
    ClipRow {
        id: plan.ids[prediction.video].clone(),
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
