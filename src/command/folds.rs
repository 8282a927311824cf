//! Training and out-of-fold scoring, fold by fold; a finished fold is on disk before the next begins.

use std::collections::{BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::thread;

use tch::Device;
use tracing::{debug, info};

use super::network_files::{self, epoch_row, epoch_words};
use crate::cache::Cache;
use crate::interrupt;
use crate::manifest::Manifest;
use crate::model::weights::BackboneWeights;
use crate::predict::{Videos, predict};
use crate::report::clips::{self, ClipRow};
use crate::report::dynamics::{self, DynamicsRow};
use crate::report::folder::RunFolder;
use crate::report::training::EpochRow;
use crate::seed::Seed;
use crate::settings::Settings;
use crate::telemetry::{Event, Progress, Stage, tell};
use crate::train::fold::{Stop, TrainEvent, TrainPlan};
use crate::train::{TrainError, TrainSettings, TrainingSet, train_fold};

/// One of the networks of a fold, each from a seed of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Network {
    /// The fold on which it does not train, from 0.
    pub(super) fold: usize,
    /// Which of the fold's networks, from 0.
    pub(super) repeat: usize,
}

impl Network {
    /// The work on it that is called `name`.
    fn stage(self, name: &'static str, plan: &FoldPlan) -> Stage {
        Stage::of_fold(name, self.fold, plan.settings.folds)
            .repeat(self.repeat, plan.settings.train.repeats)
    }

    /// Where its draws come from; those of a fold's first network do not depend on how many others there are.
    fn seed(self, run: Seed) -> Seed {
        let fold = run.derive("fold", self.fold);
        match self.repeat {
            0 => fold,
            repeat => fold.derive("repeat", repeat),
        }
    }
}

/// What the folds of a run share.
pub(super) struct FoldPlan<'a> {
    cache: &'a Cache,
    pub(super) settings: &'a Settings,
    device: Device,
    weights: Option<&'a BackboneWeights>,
    pub(super) ids: Vec<String>,
    labels: Vec<usize>,
    pub(super) classes: &'a [String],
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
        // Neither threads nor device nor the verdict's threshold decide what a network learns and says, nor how many others
        // there are: a run can get more of them.
        let train = TrainSettings {
            repeats: 1,
            ..settings.train.clone()
        };
        let parts = serde_json::to_string(&(
            &fingerprint,
            manifest.labels.names(),
            settings.seed,
            &settings.video,
            &settings.clips,
            &settings.model,
            &train,
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

    /// All networks, fold by fold.
    fn networks(&self) -> impl Iterator<Item = Network> {
        let repeats = self.settings.train.repeats;
        (0..self.settings.folds)
            .flat_map(move |fold| (0..repeats).map(move |repeat| Network { fold, repeat }))
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

/// Trains and scores with every network that is not finished; returns all networks' rows, or nothing where somebody
/// interrupted.
///
/// On the CPU, networks train side by side, each on its share of the threads: two networks on a core each are faster than
/// one network on two cores, and do not wait for each other when the machine has other work. A network's outcome does not
/// depend on its neighbours.
///
/// # Errors
///
/// If a network was finished under another plan, training fails, or a file cannot be written.
pub(super) fn run_folds(
    plan: &FoldPlan,
    folder: &RunFolder,
) -> anyhow::Result<Option<(Vec<ClipRow>, Vec<DynamicsRow>)>> {
    let mut waiting = VecDeque::new();
    for network in plan.networks() {
        if folder.is_finished(network.fold, network.repeat, &plan.digest)? {
            info!("{} is finished already", network.stage("", plan));
        } else {
            waiting.push_back(network);
        }
    }
    let threads = plan.settings.thread_count();
    // By the number of all folds, not of those that wait, so that a resumed run computes as a whole one does.
    let workers = if plan.device.is_cuda() {
        1
    } else {
        threads.min(plan.settings.folds * plan.settings.train.repeats)
    };
    let clips: usize = waiting
        .iter()
        .map(|network| plan.videos(network.fold, false).len() * plan.settings.train.epochs)
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
                while let Some(network) = next() {
                    if let Err(error) = run_network(plan, folder, network, &overall, &stop) {
                        let mut failure = failure.lock().unwrap_or_else(PoisonError::into_inner);
                        failure.get_or_insert((network, error));
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
        Some((network, error)) => {
            return Err(error.context(format!("{} failed", network.stage("", plan))));
        }
    }
    let (mut clip_rows, mut dynamics_rows) = (Vec::new(), Vec::new());
    for Network { fold, repeat } in plan.networks() {
        let path = folder.network(fold, repeat);
        clip_rows.extend(clips::read(&path.join("clips.parquet"))?);
        dynamics_rows.extend(dynamics::read(&path.join("dynamics.parquet"))?);
    }
    Ok(Some((clip_rows, dynamics_rows)))
}

fn run_network(
    plan: &FoldPlan,
    folder: &RunFolder,
    network: Network,
    overall: &Progress,
    stop: Stop,
) -> anyhow::Result<()> {
    let train_plan = plan.train_plan();
    let training = plan.videos(network.fold, false);
    let held_out = plan.videos(network.fold, true);
    let set = TrainingSet {
        cache: plan.cache,
        ids: &plan.ids,
        labels: &plan.labels,
        classes: plan.classes.len(),
        videos: &training,
        held_out: &held_out,
    };
    let all_epochs = plan.settings.train.epochs;
    let bar = Progress::start(
        network.stage("train", plan),
        (training.len() * all_epochs) as u64,
    );
    let mut epochs: Vec<EpochRow> = Vec::new();
    let seed = network.seed(plan.settings.seed());
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
        network.stage("score", plan),
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
    network_files::write(plan, folder, network, &trained, &predictions?, &epochs)
}
