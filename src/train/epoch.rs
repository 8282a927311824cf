//! An epoch: every training video's clips once through the network, forward and backward.

use std::collections::{BTreeMap, BTreeSet};

use rand_chacha::ChaCha8Rng;
use tch::Tensor;

use super::adamw::AdamW;
use super::dynamics::Observation;
use super::error::TrainError;
use super::held_out;
use super::order::{Showing, epoch_order};
use super::plan::{EpochSummary, Fit, Stop, TrainEvent, TrainPlan, TrainingSet};
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
    pub(super) network: Rdfer,
    pub(super) optimizer: AdamW,
    pub(super) dropout: ChaCha8Rng,
    /// Each video's last clips, from the warm-up's end.
    pub(super) memories: BTreeMap<usize, VoteMemory>,
    pub(super) observations: Vec<Observation>,
}

impl Trainer<'_> {
    /// One pass over the training videos.
    ///
    /// # Errors
    ///
    /// If `stop` says so, the loss is not finite, or libtorch fails.
    pub(super) fn epoch(
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
        let (mut step, mut seen) = (0, Seen::default());
        for_each_batch(plan.source(set.cache), batches.into_iter(), |batch| {
            if stop() {
                return Err(TrainError::Interrupted);
            }
            // The batches of one step of the optimiser: each counts by its clips.
            let first = step - step % plan.train.accumulation;
            let together = &sizes[first..(first + plan.train.accumulation).min(steps)];
            let place = Place {
                learning_rate: schedule::learning_rate(plan.train, epoch * steps + step, steps),
                ends: step + 1 == first + together.len(),
                share: batch.requests.len() as f64 / together.iter().sum::<usize>() as f64,
            };
            self.step(&batch, place, &mut seen)?;
            step += 1;
            watch(TrainEvent::Clips(batch.requests.len()));
            Ok(())
        })?;
        let last = epoch * steps + step.saturating_sub(1);
        let (loss, seen) = seen.read(epoch)?;
        let training = self.remember(seen, epoch);
        watch(TrainEvent::Epoch(EpochSummary {
            epoch: epoch + 1,
            loss,
            training: training.unwrap_or(Fit::NONE),
            held_out: held_out::look(&self.network, plan, set, seed, stop)?,
            learning_rate: schedule::learning_rate(plan.train, last, steps),
        }));
        Ok(())
    }

    /// One batch: forward, backward and, at its place, a step of the optimiser. Nothing is read back from the device.
    fn step(&mut self, batch: &ClipBatch, place: Place, seen: &mut Seen) -> Result<(), TrainError> {
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
        seen.add(targets.shown, &loss, (&output.logits, &targets.labels));
        Ok(())
    }

    /// What the batch is to be learnt as, by the videos' memories.
    fn targets(&self, batch: &ClipBatch) -> Result<Targets, TrainError> {
        let (set, classes) = (self.set, self.set.classes);
        let nothing = VoteMemory::default();
        let (mut labels, mut shown) = (Vec::new(), Vec::new());
        let (mut probs, mut weights) = (Vec::new(), Vec::new());
        for &ClipRequest { video, .. } in &batch.requests {
            let memory = self.memories.get(&video).unwrap_or(&nothing);
            let treatment = Treatment::decide(memory, set.labels[video], classes, self.plan.train)
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
                self.memories
                    .entry(observation.video)
                    .or_default()
                    .remember(probs, self.plan.train.memory);
            }
            // One row a video and epoch: its first clip's.
            if videos.insert(observation.video) {
                self.observations.push(observation);
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
