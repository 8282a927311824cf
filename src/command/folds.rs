//! Training and out-of-fold scoring, fold by fold; a finished fold is on disk before the next begins.

use std::collections::{BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::Context;
use tch::Device;
use tracing::{debug, info};

use crate::cache::Cache;
use crate::interrupt;
use crate::manifest::Manifest;
use crate::model::checkpoint::{self, CheckpointCard};
use crate::model::weights::BackboneWeights;
use crate::predict::{ClipPrediction, Videos, predict};
use crate::report::clips::{self, ClipRow};
use crate::report::dynamics::{self, DynamicsRow};
use crate::report::features::{self, FeatureRow};
use crate::report::folder::RunFolder;
use crate::report::training::{self, EpochRow, HeldOut};
use crate::settings::Settings;
use crate::telemetry::{Event, Progress, Stage, tell};
use crate::train::fold::{EpochSummary, Stop, TrainEvent, TrainPlan};
use crate::train::held_out::Fit;
use crate::train::{TrainError, TrainedFold, TrainingSet, train_fold};

/// What the folds of a run share.
pub(super) struct FoldPlan<'a> {
    cache: &'a Cache,
    settings: &'a Settings,
    device: Device,
    weights: Option<&'a BackboneWeights>,
    ids: Vec<String>,
    labels: Vec<usize>,
    classes: &'a [String],
    /// Videos that are scored, but not learnt from.
    left_out: BTreeSet<usize>,
    /// The fold of every video, in the manifest's order.
    pub(super) folds: Vec<u8>,
    /// Digest of ids, labels, folds and contents.
    pub(super) fingerprint: String,
    /// Digest of the data and of every setting that decides the folds' outcome.
    pub(super) digest: String,
}

impl<'a> FoldPlan<'a> {
    pub(super) fn new(
        manifest: &'a Manifest,
        cache: &'a Cache,
        settings: &'a Settings,
        device: Device,
        folds: Vec<u8>,
        weights: Option<&'a BackboneWeights>,
    ) -> anyhow::Result<Self> {
        let mut data = String::new();
        for (index, video) in manifest.videos.iter().enumerate() {
            let content = cache
                .fingerprint(index)
                .map_or_else(String::new, |content| content.to_string());
            writeln!(
                data,
                "{}\t{}\t{}\t{content}",
                video.id, video.label, folds[index]
            )?;
        }
        let fingerprint = blake3::hash(data.as_bytes()).to_hex().to_string();
        // Neither threads nor device nor the verdict's threshold decide what a fold learns and says.
        let parts = serde_json::to_string(&(
            &fingerprint,
            manifest.labels.names(),
            settings.seed,
            &settings.video,
            &settings.clips,
            &settings.model,
            &settings.train,
            weights.map(BackboneWeights::digest),
        ))?;
        Ok(Self {
            cache,
            settings,
            device,
            weights,
            ids: manifest
                .videos
                .iter()
                .map(|video| video.id.clone())
                .collect(),
            labels: manifest.videos.iter().map(|video| video.label).collect(),
            classes: manifest.labels.names(),
            left_out: BTreeSet::new(),
            folds,
            digest: blake3::hash(parts.as_bytes()).to_hex().to_string(),
            fingerprint,
        })
    }

    /// The plan without learning from some videos, which are scored all the same.
    pub(super) fn without(mut self, left_out: BTreeSet<usize>) -> Self {
        if !left_out.is_empty() {
            let parts = format!("{} without {left_out:?}", self.digest);
            self.digest = blake3::hash(parts.as_bytes()).to_hex().to_string();
            self.left_out = left_out;
        }
        self
    }

    /// The readable videos inside a fold, or those outside that are learnt from.
    fn videos(&self, fold: usize, inside: bool) -> Vec<usize> {
        (0..self.ids.len())
            .filter(|&video| (usize::from(self.folds[video]) == fold) == inside)
            .filter(|video| inside || !self.left_out.contains(video))
            .filter(|&video| {
                self.cache
                    .video(video)
                    .is_ok_and(|video| !video.kept.is_empty())
            })
            .collect()
    }

    fn train_plan(&self) -> TrainPlan<'_> {
        TrainPlan {
            clips: &self.settings.clips,
            model: &self.settings.model,
            train: &self.settings.train,
            device: self.device,
            weights: self.weights,
        }
    }
}

/// Trains and scores every fold that is not finished; returns all folds' rows, or nothing where somebody interrupted.
///
/// On the CPU, folds train side by side, each on its share of the threads: two networks on a core each are faster than
/// one network on two cores, and do not wait for each other when the machine has other work. A fold's outcome does not
/// depend on its neighbours.
///
/// # Errors
///
/// If a fold was finished under another plan, training fails, or a file cannot be written.
pub(super) fn run_folds(
    plan: &FoldPlan,
    folder: &RunFolder,
) -> anyhow::Result<Option<(Vec<ClipRow>, Vec<DynamicsRow>)>> {
    let mut waiting = VecDeque::new();
    for fold in 0..plan.settings.folds {
        if folder.is_fold_finished(fold, &plan.digest)? {
            info!(
                "fold {} of {} is finished already",
                fold + 1,
                plan.settings.folds
            );
        } else {
            waiting.push_back(fold);
        }
    }
    let threads = plan.settings.thread_count();
    // By the number of all folds, not of those that wait, so that a resumed run computes as a whole one does.
    let workers = if plan.device.is_cuda() {
        1
    } else {
        threads.min(plan.settings.folds)
    };
    let clips: usize = waiting
        .iter()
        .map(|&fold| plan.videos(fold, false).len() * plan.settings.train.epochs)
        .sum();
    // The folds' own bars tell how each is doing; this one tells when all will be done.
    let overall = Progress::start("train all folds", clips as u64);
    let waiting = Mutex::new(waiting);
    let failure = Mutex::new(None);
    let next = || {
        waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front()
    };
    let stop = || {
        interrupt::flag().load(Ordering::Relaxed)
            || failure
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .is_some()
    };
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                // libtorch counts threads for each thread that calls it.
                tch::set_num_threads((threads / workers).max(1) as i32);
                while let Some(fold) = next() {
                    if let Err(error) = run_fold(plan, folder, fold, &overall, &stop) {
                        let mut failure = failure.lock().unwrap_or_else(PoisonError::into_inner);
                        failure.get_or_insert((fold, error));
                        return;
                    }
                }
            });
        }
    });
    overall.finish();
    match failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        None => {}
        Some((_, error)) if matches!(error.downcast_ref(), Some(TrainError::Interrupted)) => {
            return Ok(None);
        }
        Some((fold, error)) => return Err(error.context(format!("fold {} failed", fold + 1))),
    }
    let (mut clip_rows, mut dynamics_rows) = (Vec::new(), Vec::new());
    for fold in 0..plan.settings.folds {
        clip_rows.extend(clips::read(&folder.fold(fold).join("clips.parquet"))?);
        dynamics_rows.extend(dynamics::read(&folder.fold(fold).join("dynamics.parquet"))?);
    }
    Ok(Some((clip_rows, dynamics_rows)))
}

fn run_fold(
    plan: &FoldPlan,
    folder: &RunFolder,
    fold: usize,
    overall: &Progress,
    stop: Stop,
) -> anyhow::Result<()> {
    let train_plan = plan.train_plan();
    let (training, held_out) = (plan.videos(fold, false), plan.videos(fold, true));
    let set = TrainingSet {
        cache: plan.cache,
        ids: &plan.ids,
        labels: &plan.labels,
        classes: plan.classes.len(),
        videos: &training,
        held_out: &held_out,
    };
    let (folds, all_epochs) = (plan.settings.folds, plan.settings.train.epochs);
    let bar = Progress::start(
        Stage::of_fold("train", fold, folds),
        (training.len() * all_epochs) as u64,
    );
    let mut epochs: Vec<EpochRow> = Vec::new();
    let seed = plan.settings.seed().derive("fold", fold);
    let trained = train_fold(train_plan, set, seed, stop, &mut |event| match event {
        TrainEvent::Clips(count) => {
            bar.advance(count as u64);
            overall.advance(count as u64);
        }
        TrainEvent::Epoch(summary) => {
            let row = epoch_row(&summary);
            let words = epoch_words(&row, all_epochs);
            debug!("{}: {words}", bar.stage());
            bar.note(&words);
            tell(&Event::Epoch {
                stage: bar.stage(),
                epochs: all_epochs,
                row: &row,
            });
            epochs.push(row);
        }
    });
    bar.finish();
    let trained = trained?;
    let bar = Progress::start(
        Stage::of_fold("score", fold, folds),
        (held_out.len() * plan.settings.clips.count) as u64,
    );
    let videos = Videos {
        cache: plan.cache,
        ids: &plan.ids,
        indices: &held_out,
        seed: plan.settings.seed(),
    };
    let predictions = predict(&trained.network, train_plan, &videos, stop, &mut |count| {
        bar.advance(count as u64);
    });
    bar.finish();
    let predictions = predictions?;
    let rows = held_out.iter().zip(&predictions.features);
    let feature_rows: Vec<FeatureRow> = rows
        .map(|(&video, feature)| FeatureRow {
            id: plan.ids[video].clone(),
            fold: fold as u8,
            feature: feature.clone(),
        })
        .collect();
    fs_err::create_dir_all(folder.fold(fold))?;
    features::write(&folder.features(fold), &feature_rows)?;
    write_fold(plan, folder, fold, &trained, &predictions.clips, &epochs)
}

fn write_fold(
    plan: &FoldPlan,
    folder: &RunFolder,
    fold: usize,
    trained: &TrainedFold,
    predictions: &[ClipPrediction],
    epochs: &[EpochRow],
) -> anyhow::Result<()> {
    let path = folder.fold(fold);
    fs_err::create_dir_all(&path)?;
    let clip_rows: Vec<ClipRow> = predictions
        .iter()
        .map(|prediction| clip_row(plan, prediction))
        .collect();
    clips::write(&path.join("clips.parquet"), &clip_rows)?;
    let dynamics_rows: Vec<DynamicsRow> = trained
        .observations
        .iter()
        .map(|observation| DynamicsRow {
            id: plan.ids[observation.video].clone(),
            fold: fold as u8,
            epoch: observation.epoch as u16,
            label_prob: observation.label_prob,
            label_margin: observation.label_margin,
            loss: observation.loss,
            prediction: plan.classes[observation.prediction].clone(),
            state: observation.state.name().to_owned(),
        })
        .collect();
    dynamics::write(&path.join("dynamics.parquet"), &dynamics_rows)?;
    training::write(&folder.training_log(fold), epochs)?;
    let card = CheckpointCard::new(
        plan.settings.model.clone(),
        plan.settings.clips.frames,
        plan.classes.to_vec(),
        fold,
    );
    checkpoint::save(&path, &trained.store, &card)?;
    folder
        .finish_fold(fold, &plan.digest)
        .context("the fold is written, but not its card")
}

/// An epoch as the training log has it.
fn epoch_row(summary: &EpochSummary) -> EpochRow {
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
fn epoch_words(row: &EpochRow, epochs: usize) -> String {
    let held_out = row.held_out.map_or_else(String::new, |held_out| {
        format!(", held-out accuracy {:.2}", held_out.accuracy)
    });
    format!(
        "epoch {} of {epochs}, loss {:.2}, accuracy {:.2}{held_out}",
        row.epoch, row.loss, row.accuracy
    )
}

fn clip_row(plan: &FoldPlan, prediction: &ClipPrediction) -> ClipRow {
    ClipRow {
        id: plan.ids[prediction.video].clone(),
        repeat: 0,
        clip: prediction.clip as u16,
        start_frame: prediction.start_frame,
        end_frame: prediction.end_frame,
        flipped: prediction.flipped,
        prediction: plan.classes[prediction.prediction()].clone(),
        probs: prediction.probs.clone(),
        key_frames: prediction.key_frames.clone(),
    }
}
