//! Trains the network of one fold.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use rand_chacha::ChaCha8Rng;
use tch::nn::{self, OptimizerConfig, VarStore};
use tch::{Device, Kind, Tensor};

use super::dynamics::{self, Observation};
use super::error::TrainError;
use super::held_out::{self, Fit};
use super::order::{Showing, epoch_order};
use super::robust::{State, Treatment, VoteMemory};
use super::{TrainSettings, loss, pass, schedule};
use crate::cache::{Cache, Features};
use crate::clip::ClipSettings;
use crate::clip::loader::{ClipBatch, ClipRequest, Source, for_each_batch};
use crate::clip::sampler::training_clip;
use crate::clip::transform::Augmentation;
use crate::model::layers::NO_DECAY;
use crate::model::weights::BackboneWeights;
use crate::model::{Mode, ModelSettings, Output, Rdfer};
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
    /// Videos that nothing is learnt from.
    pub held_out: &'a [usize],
}

/// A network that never saw its fold.
#[derive(Debug)]
pub struct TrainedFold {
    /// The network, ready to score.
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
    /// How the epoch's training clips were predicted while they were learnt.
    pub training: Fit,
    /// How held-out clips are predicted at its end; nothing where none are looked at.
    pub held_out: Option<Fit>,
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
    /// What frozen backbones saw in the frames; then these are not looked at.
    pub features: Option<&'a Features>,
}

impl<'a> TrainPlan<'a> {
    /// What clips are made of.
    pub(crate) fn source(&self, cache: &'a Cache) -> Source<'a> {
        match self.features {
            Some(features) => Source::Features(features),
            None => Source::Frames(cache, self.model.input),
        }
    }
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
    if plan.model.frozen_backbone {
        let variables: BTreeMap<String, Tensor> = store.variables().into_iter().collect();
        for (_, variable) in variables
            .iter()
            .filter(|(name, _)| name.contains("backbone."))
        {
            let _frozen = variable.set_requires_grad(false);
        }
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
        memories: BTreeMap::new(),
        observations: Vec::new(),
    };
    for epoch in 0..plan.train.epochs {
        trainer.epoch(epoch, seed, stop, watch)?;
    }
    let Trainer {
        mut network,
        observations,
        ..
    } = trainer;
    network.fuse();
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
    /// Each video's last clips, from the warm-up's end.
    memories: BTreeMap<usize, VoteMemory>,
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
        let sizes: Vec<usize> = batches.iter().map(Vec::len).collect();
        let (mut step, mut loss_sum) = (0, 0.0);
        let (mut given, mut predicted) = (Vec::new(), Vec::new());
        let mut seen = BTreeSet::new();
        for_each_batch(plan.source(set.cache), batches.into_iter(), |batch| {
            if stop() {
                return Err(TrainError::Interrupted);
            }
            let rate = schedule::learning_rate(plan.train, epoch * steps + step, steps);
            self.optimizer.set_lr(rate);
            // The batches of one step of the optimiser: each counts by its clips.
            let first = step - step % plan.train.accumulation;
            let together = &sizes[first..(first + plan.train.accumulation).min(steps)];
            let place = Place {
                begins: step == first,
                ends: step + 1 == first + together.len(),
                share: batch.requests.len() as f64 / together.iter().sum::<usize>() as f64,
            };
            let (loss, observed) = self.step(&batch, epoch, place)?;
            loss_sum += loss * batch.requests.len() as f64;
            given.extend(observed.iter().map(|o| set.labels[o.video]));
            predicted.extend(observed.iter().map(|o| o.prediction));
            // One row a video and epoch: its first clip's.
            self.observations
                .extend(observed.into_iter().filter(|o| seen.insert(o.video)));
            step += 1;
            watch(TrainEvent::Clips(batch.requests.len()));
            Ok(())
        })?;
        let last = epoch * steps + step.saturating_sub(1);
        watch(TrainEvent::Epoch(EpochSummary {
            epoch: epoch + 1,
            loss: loss_sum / given.len().max(1) as f64,
            training: Fit::of(&given, &predicted, set.classes).unwrap_or(Fit::NONE),
            held_out: held_out::look(&self.network, plan, set, seed, stop)?,
            learning_rate: schedule::learning_rate(plan.train, last, steps),
        }));
        Ok(())
    }

    /// One batch: forward, backward and, at its place, a step of the optimiser. Returns the loss and what was seen.
    fn step(
        &mut self,
        batch: &ClipBatch,
        epoch: usize,
        place: Place,
    ) -> Result<(f64, Vec<Observation>), TrainError> {
        let train = self.plan.train;
        let lessons = self.lessons(batch)?;
        let mut mode = Mode::Train(&mut self.dropout);
        let output = pass::forward(&self.network, self.plan, batch, &mut mode)?;
        let loss = loss::loss(&output, &lessons.targets, &lessons.weights, train);
        if place.begins {
            self.optimizer.zero_grad();
        }
        (&loss * place.share)
            .f_backward()
            .map_err(TrainError::Torch)?;
        if place.ends {
            if train.gradient_clip > 0.0 {
                self.optimizer.clip_grad_norm(train.gradient_clip);
            }
            self.optimizer.step();
        }
        let loss = loss.double_value(&[]);
        if !loss.is_finite() {
            return Err(TrainError::NotFinite { epoch: epoch + 1 });
        }
        // Of the given label, whatever the target was.
        let observed = loss::observe(&output.logits, &lessons.labels);
        if epoch as f64 >= train.warmup_epochs {
            self.remember(&output, batch)?;
        }
        Ok((loss, dynamics::read(&observed, &lessons.shown, epoch)))
    }

    /// What the batch is to be learnt as, by the videos' memories.
    fn lessons(&self, batch: &ClipBatch) -> Result<Lessons, TrainError> {
        let (set, classes) = (self.set, self.set.classes);
        let nothing = VoteMemory::default();
        let (mut labels, mut shown) = (Vec::new(), Vec::new());
        let (mut targets, mut weights) = (Vec::new(), Vec::new());
        for &ClipRequest { video, .. } in &batch.requests {
            let memory = self.memories.get(&video).unwrap_or(&nothing);
            let treatment = Treatment::decide(memory, set.labels[video], classes, self.plan.train)
                .map_err(|source| TrainError::Predictions {
                    id: set.ids[video].clone(),
                    source,
                })?;
            labels.push(set.labels[video] as i64);
            shown.push((video, treatment.state));
            targets.extend(treatment.target);
            weights.push(treatment.weight);
        }
        let device = self.plan.device;
        Ok(Lessons {
            labels: Tensor::from_slice(&labels).to_device(device),
            targets: Tensor::from_slice(&targets)
                .view([-1, classes as i64])
                .to_device(device),
            weights: Tensor::from_slice(&weights).to_device(device),
            shown,
        })
    }

    fn remember(&mut self, output: &Output, batch: &ClipBatch) -> Result<(), TrainError> {
        let probs = output
            .logits
            .detach()
            .softmax(1, Kind::Float)
            .to_device(Device::Cpu);
        for (request, row) in batch.requests.iter().zip(0_i64..) {
            let probs = Vec::try_from(probs.get(row)).map_err(TrainError::Torch)?;
            self.memories
                .entry(request.video)
                .or_default()
                .remember(probs, self.plan.train.memory);
        }
        Ok(())
    }
}

/// A batch's place in a step of the optimiser.
#[derive(Debug, Clone, Copy)]
struct Place {
    begins: bool,
    ends: bool,
    /// Its share of the step's clips.
    share: f64,
}

/// What a batch is to be learnt as.
#[derive(Debug)]
struct Lessons {
    /// The given labels, B, i64.
    labels: Tensor,
    /// B×C.
    targets: Tensor,
    /// B.
    weights: Tensor,
    shown: Vec<(usize, State)>,
}

/// The epoch's clips in an order of the epoch's own, in batches of nearly equal size, so that no small last batch upsets the batch normalisation.
fn epoch_batches(
    plan: TrainPlan,
    set: TrainingSet,
    seed: Seed,
    epoch: usize,
) -> Vec<Vec<ClipRequest>> {
    let order = epoch_order(
        set.videos,
        set.labels,
        plan.train.class_balanced,
        seed,
        epoch,
    );
    let count = order.len().div_ceil(plan.train.batch_size).max(1);
    let augment = plan.train.augmentation();
    (0..count)
        .map(|batch| {
            order[batch * order.len() / count..(batch + 1) * order.len() / count]
                .iter()
                .map(|&Showing { video, again }| {
                    // Another showing in the same epoch draws as an epoch after the last would.
                    let epoch = epoch + again * plan.train.epochs;
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
