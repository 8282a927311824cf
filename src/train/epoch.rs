//! An epoch: every training video's clips once through the network, forward and backward.

use std::collections::{BTreeMap, BTreeSet};

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use tch::Tensor;
use tch::nn::VarStore;

use super::adamw::AdamW;
use super::dynamics::Observation;
use super::error::TrainError;
use super::held_out;
use super::order::{Showing, epoch_order};
use super::plan::{EpochSummary, Fit, Stop, TrainEvent, TrainPlan, TrainingSet, Unfinished};
use super::robust::{State, Treatment, VoteMemory};
use super::seen::{Seen, SeenClip};
use super::{loss, pass, schedule};
use crate::clip::loader::{ClipBatch, ClipRequest, for_each_batch};
use crate::clip::memory::on_device;
use crate::clip::sampler::training_clip;
use crate::clip::transform::Augmentation;
use crate::model::{Mode, Rdfer};
use crate::seed::Seed;

/// A network while it learns.
pub(super) struct Trainer<'a> {
    pub(super) plan: TrainPlan<'a>,
    pub(super) set: TrainingSet<'a>,
    pub(super) store: VarStore,
    pub(super) network: Rdfer,
    pub(super) optimizer: AdamW,
    pub(super) dropout: ChaCha8Rng,
    pub(super) course: Course,
    /// Where all this is kept meanwhile.
    pub(super) unfinished: Option<Unfinished>,
}

/// How far a training has come, apart from tensors and generators.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Course {
    /// Epochs that are done.
    pub(super) epochs: Vec<EpochSummary>,
    /// Batches of the present epoch that are done.
    pub(super) batches: usize,
    /// What they left.
    pub(super) seen: Seen,
    /// Each video's last clips, from the warm-up's end.
    memories: BTreeMap<usize, VoteMemory>,
    pub(super) observations: Vec<Observation>,
}

impl Trainer<'_> {
    /// One pass over the training videos, or what is left of it.
    ///
    /// # Errors
    ///
    /// If `stop` says so, the loss is not finite, or libtorch fails.
    pub(super) fn epoch(
        &mut self,
        seed: Seed,
        stop: Stop,
        watch: &mut dyn FnMut(TrainEvent),
    ) -> Result<(), TrainError> {
        let (plan, set, epoch) = (self.plan, self.set, self.course.epochs.len());
        let batches = epoch_batches(plan, set, seed, epoch);
        let steps = batches.len();
        let is_held = epoch < plan.train.frozen_epochs;
        self.network.hold_backbones(is_held);
        self.optimizer.hold_backbones(is_held);
        let sizes: Vec<usize> = batches.iter().map(Vec::len).collect();
        let waiting = batches.into_iter().skip(self.course.batches);
        for_each_batch(plan.source(set.cache), waiting, |batch| {
            if stop() {
                return Err(TrainError::Interrupted);
            }
            if self.unfinished.as_ref().is_some_and(Unfinished::is_due) {
                self.keep(watch);
            }
            let step = self.course.batches;
            // The batches of one step of the optimiser: each counts by its clips.
            let first = step - step % plan.train.accumulation;
            let together = &sizes[first..(first + plan.train.accumulation).min(steps)];
            let place = Place {
                learning_rate: schedule::learning_rate(plan.train, epoch * steps + step, steps),
                ends: step + 1 == first + together.len(),
                share: batch.requests.len() as f64 / together.iter().sum::<usize>() as f64,
            };
            self.step(&batch, place)?;
            self.course.batches += 1;
            watch(TrainEvent::Clips(batch.requests.len()));
            Ok(())
        })?;
        // Whoever stops here finds the epoch as it was after its last batch.
        let held_out = held_out::look(&self.network, plan, set, seed, stop)?;
        let last = epoch * steps + self.course.batches.saturating_sub(1);
        let (loss, seen) = std::mem::take(&mut self.course.seen).read(epoch)?;
        let summary = EpochSummary {
            epoch: epoch + 1,
            loss,
            training: self.remember(seen, epoch).unwrap_or(Fit::NONE),
            held_out,
            learning_rate: schedule::learning_rate(plan.train, last, steps),
        };
        self.course.epochs.push(summary);
        self.course.batches = 0;
        watch(TrainEvent::Epoch(summary));
        Ok(())
    }

    /// One batch: forward, backward and, at its place, a step of the optimiser. Nothing is read back from the device.
    fn step(&mut self, batch: &ClipBatch, place: Place) -> Result<(), TrainError> {
        let train = self.plan.train;
        let targets = self.targets(batch)?;
        let mut mode = Mode::Train(&mut self.dropout);
        let output = pass::forward(&self.network, self.plan, batch, &mut mode)?;
        let loss = loss::loss(&output, &targets.probs, &targets.weights, train);
        self.optimizer
            .differentiate(&(&loss * place.share))
            .map_err(TrainError::Torch)?;
        if place.ends {
            if train.gradient_clip > 0.0 {
                self.optimizer.clip(train.gradient_clip);
            }
            self.optimizer.step(place.learning_rate);
        }
        // Against the given label, whatever the target was.
        let labelled = (&output.logits, &targets.labels);
        self.course.seen.add(targets.shown, &loss, labelled);
        Ok(())
    }

    /// What the batch is to be learnt as, by the videos' memories.
    fn targets(&self, batch: &ClipBatch) -> Result<Targets, TrainError> {
        let (set, classes) = (self.set, self.set.classes);
        let nothing = VoteMemory::default();
        let (mut labels, mut shown) = (Vec::new(), Vec::new());
        let (mut probs, mut weights) = (Vec::new(), Vec::new());
        for &ClipRequest { video, .. } in &batch.requests {
            let memory = self.course.memories.get(&video).unwrap_or(&nothing);
            let lesson = set.lessons.get(&video);
            let label = set.labels[video];
            let treatment = Treatment::decide(memory, label, classes, lesson, self.plan.train)
                .map_err(|source| TrainError::Predictions {
                    id: set.ids[video].clone(),
                    source,
                })?;
            labels.push(set.labels[video] as i64);
            shown.push((video, treatment.state));
            probs.extend(treatment.target);
            weights.push(treatment.weight);
        }
        let (clips, device) = (labels.len() as i64, self.plan.device);
        Ok(Targets {
            labels: on_device(&labels, &[clips], device),
            probs: on_device(&probs, &[clips, classes as i64], device),
            weights: on_device(&weights, &[clips], device),
            shown,
        })
    }

    /// Keeps what an epoch's clips said, for the training dynamics and for later epochs; returns how well they did.
    fn remember(&mut self, seen: Vec<SeenClip>, epoch: usize) -> Option<Fit> {
        let (mut given, mut predicted) = (Vec::new(), Vec::new());
        let mut videos = BTreeSet::new();
        for SeenClip { observation, probs } in seen {
            given.push(self.set.labels[observation.video]);
            predicted.push(observation.prediction);
            if epoch as f64 >= self.plan.train.warmup_epochs {
                self.course
                    .memories
                    .entry(observation.video)
                    .or_default()
                    .remember(probs, self.plan.train.memory);
            }
            // One row a video and epoch: its first clip's.
            if videos.insert(observation.video) {
                self.course.observations.push(observation);
            }
        }
        Fit::of(&given, &predicted, self.set.classes)
    }
}

/// A batch's place in a step of the optimiser.
#[derive(Debug, Clone, Copy)]
struct Place {
    learning_rate: f64,
    ends: bool,
    /// Its share of the step's clips.
    share: f64,
}

/// What a batch is to be learnt as.
#[derive(Debug)]
struct Targets {
    /// The given labels, B, i64.
    labels: Tensor,
    /// B×C.
    probs: Tensor,
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
        &set.taught(),
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
