//! Training and out-of-fold scoring, fold by fold; a finished fold is on disk before the next begins.

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};

use tch::Device;
use tracing::{debug, info};

use super::files::{self, epoch_row, epoch_words};
use super::workers::Workers;
use crate::cache::{Cache, Features};
use crate::clip::resident::Resident;
use crate::manifest::Manifest;
use crate::model::weights::BackboneWeights;
use crate::predict::{Videos, predict};
use crate::rows::clips::{self, ClipRow};
use crate::rows::dynamics::Dynamics;
use crate::rows::folder::RunFolder;
use crate::rows::training::EpochRow;
use crate::seed::Seed;
use crate::settings::Settings;
use crate::telemetry::{Event, Progress, Stage, tell};
use crate::train::fold::{Stop, TrainEvent, TrainPlan};
use crate::train::{TrainSettings, TrainingSet, train_fold};

/// One of the networks of a fold, each from a seed of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Network {
    /// The fold on which it does not train, from 0.
    pub(crate) fold: usize,
    /// Which of the fold's networks, from 0.
    pub(crate) repeat: usize,
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
pub(crate) struct FoldPlan<'a> {
    pub(crate) cache: &'a Cache,
    pub(crate) settings: &'a Settings,
    pub(crate) device: Device,
    weights: Option<&'a BackboneWeights>,
    features: Option<&'a Features>,
    resident: Option<&'a Resident>,
    pub(crate) ids: Vec<String>,
    pub(crate) labels: Vec<usize>,
    pub(crate) classes: &'a [String],
    /// Videos that are scored, but not learnt from.
    left_out: BTreeSet<usize>,
    /// The fold of every video, in the manifest's order.
    pub(crate) folds: Vec<u8>,
    /// Digest of ids, labels, folds and contents.
    pub(crate) fingerprint: String,
    /// Digest of the data and of every setting that decides the folds' outcome.
    pub(crate) digest: String,
}

impl<'a> FoldPlan<'a> {
    pub(crate) fn new(
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
            features: None,
            resident: None,
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

    /// The plan with what frozen backbones saw in the frames.
    pub(crate) fn with_features(mut self, features: Option<&'a Features>) -> Self {
        self.features = features;
        self
    }

    /// The plan with frames that are on the device already.
    pub(crate) fn with_resident(mut self, resident: Option<&'a Resident>) -> Self {
        self.resident = resident;
        self
    }

    /// The plan without learning from some videos, which are scored all the same.
    pub(crate) fn without(mut self, left_out: BTreeSet<usize>) -> Self {
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
            .filter(|&video| self.is_readable(video))
            .collect()
    }

    /// Whether there are frames of a video.
    pub(crate) fn is_readable(&self, video: usize) -> bool {
        let decoded = self.cache.video(video);
        decoded.is_ok_and(|video| !video.kept.is_empty())
    }

    /// Digest of a video's content; empty where its file cannot be read.
    pub(crate) fn content(&self, video: usize) -> String {
        let fingerprint = self.cache.fingerprint(video);
        fingerprint.map_or_else(String::new, |content| content.to_string())
    }

    /// Id and content of the videos that a fold's networks learn from.
    pub(crate) fn learnt(&self, fold: usize) -> Vec<(String, String)> {
        self.videos(fold, false)
            .into_iter()
            .map(|video| (self.ids[video].clone(), self.content(video)))
            .collect()
    }

    /// All networks, fold by fold.
    fn networks(&self) -> impl Iterator<Item = Network> {
        let repeats = self.settings.train.repeats;
        (0..self.settings.folds)
            .flat_map(move |fold| (0..repeats).map(move |repeat| Network { fold, repeat }))
    }

    /// What every network's training and scoring share.
    pub(crate) fn train_plan(&self) -> TrainPlan<'_> {
        TrainPlan {
            clips: &self.settings.clips,
            model: &self.settings.model,
            train: &self.settings.train,
            device: self.device,
            weights: self.weights,
            features: self.features,
            resident: self.resident,
        }
    }
}

/// Trains and scores with every network that is not finished; returns all networks' rows, or nothing where somebody
/// interrupted.
///
/// # Errors
///
/// If a network was finished under another plan, training fails, or a file cannot be written.
pub(crate) fn run_folds(
    plan: &FoldPlan,
    folder: &RunFolder,
) -> anyhow::Result<Option<(Vec<ClipRow>, Dynamics)>> {
    let mut waiting = Vec::new();
    for network in plan.networks() {
        if folder.is_finished(network.fold, network.repeat, &plan.digest)? {
            info!("{} is finished already", network.stage("", plan));
        } else {
            waiting.push(network);
        }
    }
    // By the number of all networks, not of those that wait, so that a resumed run computes as a whole one does.
    let workers = Workers::new(
        plan.networks().count(),
        plan.settings.thread_count(),
        plan.device,
    );
    let clips: usize = waiting
        .iter()
        .map(|network| plan.videos(network.fold, false).len() * plan.settings.train.epochs)
        .sum();
    // The folds' own bars tell how each is doing; this one tells when all will be done.
    let overall = Progress::start("train all folds", clips as u64);
    let jobs = waiting.into_iter().map(|network| Job { network, plan });
    let is_done = workers.work(jobs.collect(), &|job, stop| {
        run_network(plan, folder, job.network, &overall, stop)
    })?;
    overall.finish();
    if !is_done {
        return Ok(None);
    }
    let (mut clip_rows, mut dynamics) = (Vec::new(), Dynamics::default());
    for Network { fold, repeat } in plan.networks() {
        let path = folder.network(fold, repeat);
        clip_rows.extend(clips::read(&path.join("clips.parquet"))?);
        dynamics.read(&path.join("dynamics.parquet"))?;
    }
    dynamics.sort_by_video();
    Ok(Some((clip_rows, dynamics)))
}

/// A network to be trained, by name.
struct Job<'a> {
    network: Network,
    plan: &'a FoldPlan<'a>,
}

impl fmt::Display for Job<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.network.stage("", self.plan).fmt(formatter)
    }
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
    files::write(plan, folder, network, &trained, &predictions?, &epochs)
}
