//! Trains the network of one fold.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tch::Tensor;
use tch::nn::VarStore;

use super::adamw::{AdamW, Layers};
use super::dynamics::Observation;
use super::epoch::{Course, Trainer};
use super::error::TrainError;
use super::plan::{Stop, TrainEvent, TrainPlan, TrainingSet, Unfinished};
use crate::model::Rdfer;
use crate::seed::Seed;

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

/// Trains a network. `seed` is the fold's own: it decides the first weights, the order of the videos, the
/// clips and their variation. Meanwhile it is kept as `unfinished`, and goes on from there where it was begun before: who
/// watches then hears again of what is done.
///
/// # Errors
///
/// If `stop` says so, the loss is not finite, or libtorch fails.
pub fn train_fold(
    plan: TrainPlan,
    set: TrainingSet,
    seed: Seed,
    unfinished: Option<Unfinished>,
    stop: Stop,
    watch: &mut dyn FnMut(TrainEvent),
) -> Result<TrainedFold, TrainError> {
    let mut store = VarStore::new(plan.device);
    let network = first_weights(&store, plan, set.classes, seed);
    if let Some(weights) = plan.weights {
        weights.copy_into(&store);
    }
    if let Some(file) = set.start {
        store.load(file).map_err(TrainError::Torch)?;
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
    let layers = Layers {
        decay: plan.train.layer_decay,
        are_held: plan.train.frozen_epochs > 0,
    };
    let optimizer = AdamW::layered(&store, plan.train.weight_decay, layers);
    let mut trainer = Trainer {
        plan,
        set,
        store,
        network,
        optimizer,
        dropout: seed.stream("dropout", ""),
        course: Course::default(),
        unfinished,
    };
    trainer.resume(watch);
    while trainer.course.epochs.len() < plan.train.epochs {
        let done = trainer.epoch(seed, stop, watch);
        if matches!(done, Err(TrainError::Interrupted)) {
            trainer.keep(watch);
        }
        done?;
    }
    let Trainer {
        store,
        mut network,
        course,
        ..
    } = trainer;
    network.fuse();
    Ok(TrainedFold {
        network,
        store,
        observations: course.observations,
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
