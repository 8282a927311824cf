//! A run that is ready for its networks: made from a data set, or as an earlier process left it.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use anyhow::bail;
use camino::Utf8Path;
use tch::Device;

use super::networks::weights::{self, Weights};
use super::networks::{Work, features};
use super::plan::{Plan, assign_folds};
use super::prepare::{self, DataSet, Given, Setup, check, seen};
use super::{Job, absolute, votes};
use crate::cache::{self, Cache, Features};
use crate::export::original;
use crate::model::device;
use crate::model::traced::Traced;
use crate::rows::folder::RunFolder;
use crate::rows::run::FeaturesCard;
use crate::rows::timings::Step;
use crate::settings::DeviceChoice;

/// A run whose networks can be trained.
pub(crate) struct Ready {
    pub(crate) plan: Plan,
    cache: Cache,
    devices: Vec<Device>,
    weights: Option<Weights>,
    /// What frozen backbones see, or what was given in its place.
    features: Option<Features>,
    /// Seconds that it took to make, by step.
    pub(crate) timings_secs: BTreeMap<String, f64>,
}

/// Where the networks of a run are trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rest {
    /// By this process.
    Here,
    /// By others, perhaps on other machines.
    Elsewhere,
}

/// What can be told before everything is decoded: devices and weights of a run that can be made.
///
/// # Errors
///
/// If a class is too small for the folds, a device is not there that this process needs, or a file cannot be used.
pub(crate) fn require(
    data_set: &DataSet,
    setup: Setup,
    weights: Option<&Utf8Path>,
    rest: Rest,
) -> anyhow::Result<(Vec<Device>, Option<Weights>)> {
    let settings = &setup.resolved.settings;
    data_set.manifest.check_folds(settings.folds)?;
    let weights = weights::read(weights, settings)?;
    // Backbones that do not learn see the frames at once, wherever the networks are trained.
    let sees = setup.backbone.is_some() || weights.is_some() && settings.model.frozen_backbone;
    let devices = match rest {
        Rest::Elsewhere if !sees => device::planned(&settings.device),
        _ => device::choose(&settings.device)?,
    };
    Ok((devices, weights))
}

impl Ready {
    /// Decodes, checks, computes what frozen backbones see, and writes the plan. `weights`: what the backbones start from, if
    /// not from drawn weights; `rest`: where the networks are trained.
    ///
    /// # Errors
    ///
    /// If a class is too small for the folds, a file or the folder cannot be used, or somebody interrupts.
    pub(crate) fn make(
        data_set: &DataSet,
        setup: Setup,
        weights: Option<&Utf8Path>,
        rest: Rest,
    ) -> anyhow::Result<Self> {
        let settings = &setup.resolved.settings;
        let (devices, weights) = require(data_set, setup, weights, rest)?;
        if let Some(earlier) = setup.earlier {
            earlier.check(&data_set.manifest, settings, weights.as_ref(), setup.folder)?;
        }
        let backbone = setup.backbone.map(|traced| traced.load(devices[0]));
        let backbone = backbone.transpose()?;
        let mut prepared = prepare::prepare(data_set, setup)?;
        let mut features = setup.features.map(card).transpose()?;
        if let Some(network) = &backbone {
            let start = Instant::now();
            let videos = (&data_set.manifest, &prepared.cache);
            let given = seen::see(network, videos, setup)?;
            features = Some(seen_card(network.traced(), &given)?);
            prepared.cache = given.cache();
            let took = start.elapsed().as_secs_f64();
            prepared.timings_secs.insert("features".to_owned(), took);
        }
        // Its memory is wanted for training.
        drop(backbone);
        let (folds, duplicates) = (settings.folds, &prepared.duplicates);
        let manifest = check::keep_together(&data_set.manifest, duplicates, folds)?;
        let known = setup.earlier.map(|earlier| earlier.folds(&manifest, folds));
        let (folds, why_anew) = match known {
            Some(Ok(folds)) => (folds, None),
            Some(Err(why)) => (assign_folds(&manifest, settings)?, Some(why)),
            None => (assign_folds(&manifest, settings)?, None),
        };
        let videos = (&manifest, &prepared.cache);
        let mut plan = Plan::new(
            videos,
            settings,
            &devices,
            folds,
            weights.as_ref(),
            features,
        )?;
        if let Some(earlier) = setup.earlier {
            plan = earlier.teach(plan, why_anew, (setup.folder, setup.existing))?;
        }
        original::keep(
            setup.folder,
            &manifest.source,
            manifest.source.is_dir(),
            &data_set.label_files,
        )?;
        votes::keep(data_set.votes.as_ref(), setup.folder, &plan.classes)?;
        plan.begin(setup.folder)?;
        if let Some(earlier) = setup.earlier {
            earlier.hand_on_decisions(setup.folder)?;
        }
        let mut ready = Self {
            plan,
            cache: prepared.cache,
            devices,
            weights,
            features: None,
            timings_secs: prepared.timings_secs,
        };
        let job = ready.job(setup.folder, setup.stop);
        ready.features = features::prepare(&ready.work(&job))?;
        Step::Prepare.write(setup.folder, &ready.timings_secs)?;
        Ok(ready)
    }

    /// Opens what an earlier process made. `asked`: where the network shall run, if that is said.
    ///
    /// # Errors
    ///
    /// If it is not all there, another version made it, or the device is not the plan's.
    pub(crate) fn open(
        folder: &RunFolder,
        plan: Plan,
        asked: &DeviceChoice,
        stop: &AtomicBool,
    ) -> anyhow::Result<Self> {
        if let Some(words) = plan.stranger() {
            bail!(
                "{words}; its networks would not be like the others: use that version, or prepare the run anew"
            );
        }
        let mut ready = Self {
            devices: planned_device(&plan, asked)?,
            cache: plan.open_cache(folder)?,
            weights: weights::planned(plan.weights.as_ref(), &plan.settings)?,
            plan,
            features: None,
            timings_secs: BTreeMap::new(),
        };
        let job = ready.job(folder, stop);
        ready.features = features::open(&ready.work(&job))?;
        Ok(ready)
    }

    /// What its stages are given.
    pub(crate) fn job<'a>(&'a self, folder: &'a RunFolder, stop: &'a AtomicBool) -> Job<'a> {
        Job {
            plan: &self.plan,
            cache: &self.cache,
            devices: &self.devices,
            folder,
            stop,
        }
    }

    /// What its networks are given.
    pub(crate) fn work<'a>(&'a self, job: &Job<'a>) -> Work<'a> {
        let weights = self.weights.as_ref().map(|weights| &weights.backbone);
        Work::new(job).from(weights).seeing(self.features.as_ref())
    }
}

/// Where a network of a plan runs on this machine. On a machine of a cluster the GPU that a job is given is the first one,
/// whichever the plan names.
fn planned_device(plan: &Plan, asked: &DeviceChoice) -> anyhow::Result<Vec<Device>> {
    if !plan.is_for_gpu() {
        return Ok(vec![Device::Cpu]);
    }
    let mut devices = match asked {
        DeviceChoice::Cuda(_) => device::choose(asked)?,
        _ => device::choose(&DeviceChoice::Cuda(vec![0]))?,
    };
    devices.truncate(1);
    Ok(devices)
}

/// What is told of a network that saw the frames.
fn seen_card(traced: &Traced, given: &cache::Given) -> anyhow::Result<FeaturesCard> {
    Ok(FeaturesCard {
        source: absolute(traced.path())?,
        model: traced.card().model.clone(),
        width: traced.width(),
        digest: given.digest(),
    })
}

/// What is told of features that stand for frames.
fn card((vectors, checked): Given) -> anyhow::Result<FeaturesCard> {
    Ok(FeaturesCard {
        source: absolute(vectors.path())?,
        model: vectors.model().map(str::to_owned),
        width: checked.given.rows.width,
        digest: checked.given.digest(),
    })
}
