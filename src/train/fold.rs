//! Trains the network of one fold.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tch::nn::VarStore;
use tch::{Device, Tensor};

use super::TrainSettings;
use super::adamw::AdamW;
use super::dynamics::Observation;
use super::epoch::Trainer;
use super::error::TrainError;
use super::held_out::Fit;
use crate::cache::{Cache, Features};
use crate::clip::ClipSettings;
use crate::clip::loader::Source;
use crate::clip::resident::Resident;
use crate::model::weights::BackboneWeights;
use crate::model::{ModelSettings, Rdfer};
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
    /// The frames on the device, where they fit.
    pub resident: Option<&'a Resident>,
}

impl<'a> TrainPlan<'a> {
    /// What clips are made of.
    pub(crate) fn source(&self, cache: &'a Cache) -> Source<'a> {
        match (self.features, self.resident) {
            (Some(features), _) => Source::Features(features),
            (None, Some(frames)) => Source::Resident(frames),
            (None, None) => Source::Frames(cache, self.model.input),
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
    let optimizer = AdamW::new(&store, plan.train.weight_decay);
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
