//! Trains the network of one fold.

use std::sync::{Mutex, PoisonError};

use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use tch::nn::{self, OptimizerConfig, VarStore};
use tch::{Device, Kind, Tensor};
use thiserror::Error;

use super::dynamics::{self, Observation};
use super::{TrainSettings, loss, schedule};
use crate::cache::Cache;
use crate::clip::ClipSettings;
use crate::clip::loader::{ClipBatch, ClipRequest, for_each_batch};
use crate::clip::sampler::training_clip;
use crate::clip::transform::{Augmentation, network_input};
use crate::model::layers::NO_DECAY;
use crate::model::weights::BackboneWeights;
use crate::model::{Mode, ModelSettings, Rdfer};
use crate::seed::Seed;

/// What a fold's network learns from.
#[derive(Debug, Clone, Copy)]
pub struct TrainingSet<'a> {
    /// The frames of all videos.
    pub cache: &'a Cache,
    /// Every video's id, in the cache's order.
    pub ids: &'a [String],
    /// Every video's given label, in the cache's order.
    pub labels: &'a [usize],
    /// Number of classes.
    pub classes: usize,
    /// The videos to train on.
    pub videos: &'a [usize],
}

/// A network that never saw its fold.
#[derive(Debug)]
pub struct TrainedFold {
    /// The network.
    pub network: Rdfer,
    /// Its weights.
    pub store: VarStore,
    /// What it said while it learnt, by epoch.
    pub observations: Vec<Observation>,
}

/// One epoch, for the training log and the progress display.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct EpochSummary {
    /// From 1.
    pub epoch: usize,
    /// Mean loss over the epoch's clips.
    pub loss: f64,
    /// Share of training clips predicted as labelled, in [0, 1].
    pub accuracy: f64,
    /// Learning rate at the epoch's end.
    pub learning_rate: f64,
}

/// News from the training, for whoever watches.
#[derive(Debug, Clone, Copy)]
pub enum TrainEvent {
    /// So many clips more are done.
    Clips(usize),
    /// An epoch has ended.
    Epoch(EpochSummary),
}

/// Training that did not come to its end.
#[derive(Debug, Error)]
pub enum TrainError {
    /// Somebody asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// The loss is no longer a number.
    #[error(
        "the loss is not finite in epoch {epoch}; lower train.learning_rate, or set train.precision to 'fp32'"
    )]
    NotFinite {
        /// From 1.
        epoch: usize,
    },
    /// libtorch failed: most often too little memory.
    #[error("libtorch failed; if memory ran out, lower train.batch_size or model.size")]
    Torch(#[source] tch::TchError),
}

/// What the networks of all folds share.
#[derive(Debug, Clone, Copy)]
pub struct TrainPlan<'a> {
    /// What a clip is.
    pub clips: &'a ClipSettings,
    /// The network's shape.
    pub model: &'a ModelSettings,
    /// How it is trained.
    pub train: &'a TrainSettings,
    /// Where.
    pub device: Device,
    /// What the backbones start from; drawn weights where there is nothing.
    pub weights: Option<&'a BackboneWeights>,
}

/// Asked between batches: whether to stop.
pub type Stop<'a> = &'a (dyn Fn() -> bool + Sync);

/// Trains a network. `seed` is the fold's own: it decides the first weights, the order of the videos, the
/// clips and their variation.
///
/// # Errors
///
/// If `stop` says so, the loss is not finite, or libtorch fails.
pub fn train_fold(
    plan: TrainPlan,
    set: TrainingSet,
    seed: Seed,
    stop: Stop,
    watch: &mut dyn FnMut(TrainEvent),
) -> Result<TrainedFold, TrainError> {
    let store = VarStore::new(plan.device);
    let network = first_weights(&store, plan, set.classes, seed);
    if let Some(weights) = plan.weights {
        weights.copy_into(&store);
    }
    let mut optimizer = nn::AdamW::default()
        .wd(plan.train.weight_decay)
        .build(&store, plan.train.learning_rate)
        .map_err(TrainError::Torch)?;
    optimizer.set_weight_decay_group(NO_DECAY, 0.0);
    let mut trainer = Trainer {
        plan,
        set,
        network,
        optimizer,
        dropout: seed.stream("dropout", ""),
        observations: Vec::new(),
    };
    for epoch in 0..plan.train.epochs {
        trainer.epoch(epoch, seed, stop, watch)?;
    }
    let Trainer {
        network,
        observations,
        ..
    } = trainer;
    Ok(TrainedFold {
        network,
        store,
        observations,
    })
}

/// Builds the network with first weights drawn from `seed`. libtorch draws them from a generator that all threads share,
/// so that only one network at a time may be built; nothing else uses that generator.
fn first_weights(store: &VarStore, plan: TrainPlan, classes: usize, seed: Seed) -> Rdfer {
    static GENERATOR: Mutex<()> = Mutex::new(());
    let _alone = GENERATOR.lock().unwrap_or_else(PoisonError::into_inner);
    tch::manual_seed(seed.derive("first weights", "").0.cast_signed());
    Rdfer::new(&store.root(), plan.model, plan.clips.frames, classes)
}

struct Trainer<'a> {
    plan: TrainPlan<'a>,
    set: TrainingSet<'a>,
    network: Rdfer,
    optimizer: nn::Optimizer,
    dropout: ChaCha8Rng,
    observations: Vec<Observation>,
}

impl Trainer<'_> {
    fn epoch(
        &mut self,
        epoch: usize,
        seed: Seed,
        stop: Stop,
        watch: &mut dyn FnMut(TrainEvent),
    ) -> Result<(), TrainError> {
        let (plan, set) = (self.plan, self.set);
        let batches = epoch_batches(plan, set, seed, epoch);
        let steps = batches.len();
        let mut step = epoch * steps;
        let mut loss_sum = 0.0;
        let first_observation = self.observations.len();
        for_each_batch(set.cache, plan.model.input, batches.into_iter(), |batch| {
            if stop() {
                return Err(TrainError::Interrupted);
            }
            self.optimizer
                .set_lr(schedule::learning_rate(plan.train, step, steps));
            let loss = self.step(&batch, epoch)?;
            if !loss.is_finite() {
                return Err(TrainError::NotFinite { epoch: epoch + 1 });
            }
            loss_sum += loss * batch.requests.len() as f64;
            step += 1;
            watch(TrainEvent::Clips(batch.requests.len()));
            Ok(())
        })?;
        let observed = &self.observations[first_observation..];
        let right = observed
            .iter()
            .filter(|o| o.prediction == set.labels[o.video])
            .count();
        watch(TrainEvent::Epoch(EpochSummary {
            epoch: epoch + 1,
            loss: loss_sum / observed.len().max(1) as f64,
            accuracy: right as f64 / observed.len().max(1) as f64,
            learning_rate: schedule::learning_rate(plan.train, step.saturating_sub(1), steps),
        }));
        Ok(())
    }

    /// One step; returns the loss.
    fn step(&mut self, batch: &ClipBatch, epoch: usize) -> Result<f64, TrainError> {
        let (model, train) = (self.plan.model, self.plan.train);
        let videos: Vec<usize> = batch.requests.iter().map(|request| request.video).collect();
        let augmentations: Vec<Augmentation> =
            batch.requests.iter().map(|r| r.augmentation).collect();
        let labels: Vec<i64> = videos
            .iter()
            .map(|&video| self.set.labels[video] as i64)
            .collect();
        let labels = Tensor::from_slice(&labels).to_device(self.plan.device);
        let frames = batch
            .frames
            .f_to_device(self.plan.device)
            .map_err(TrainError::Torch)?;
        let clips = network_input(&frames, &augmentations, model.input, model.size);
        let mut mode = Mode::Train(&mut self.dropout);
        let kind = train.precision.kind(self.plan.device);
        let output = self.network.forward(&clips, kind, &mut mode);
        let targets = loss::one_hot(&labels, self.set.classes);
        let weights = labels.ones_like().to_kind(Kind::Float);
        let loss = loss::loss(&output, &targets, &weights, train);
        self.optimizer.zero_grad();
        loss.f_backward().map_err(TrainError::Torch)?;
        if train.gradient_clip > 0.0 {
            self.optimizer.clip_grad_norm(train.gradient_clip);
        }
        self.optimizer.step();
        let observed = loss::observe(&output.logits, &labels);
        self.observations
            .extend(dynamics::read(&observed, &videos, epoch));
        Ok(loss.double_value(&[]))
    }
}

/// The epoch's batches: all training videos once, in an order of the epoch's own, in batches of nearly equal size, so
/// that no small last batch upsets the batch normalisation.
fn epoch_batches(
    plan: TrainPlan,
    set: TrainingSet,
    seed: Seed,
    epoch: usize,
) -> Vec<Vec<ClipRequest>> {
    let mut order = set.videos.to_vec();
    order.shuffle(&mut seed.stream("order", epoch));
    let count = order.len().div_ceil(plan.train.batch_size).max(1);
    let augment = plan.train.augmentation();
    (0..count)
        .map(|batch| {
            order[batch * order.len() / count..(batch + 1) * order.len() / count]
                .iter()
                .map(|&video| {
                    let id = &set.ids[video];
                    let frames = set.cache.video(video).map_or(1, |video| video.kept.len());
                    let mut random = seed.stream("augmentation", format_args!("{epoch} {id}"));
                    ClipRequest {
                        video,
                        clip: training_clip(plan.clips, frames, seed, id, epoch),
                        augmentation: Augmentation::draw(&augment, &mut random),
                    }
                })
                .collect()
        })
        .collect()
}
