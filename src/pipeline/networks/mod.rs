//! From frames to what networks say of them: trained ones, or those of another run.

mod alive;
pub(crate) mod borrowed;
pub(crate) mod features;
mod files;
mod network;
pub(crate) mod order;
mod resident;
mod tidy;
pub(crate) mod weights;
mod workers;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::AtomicBool;

use camino::Utf8Path;
use tch::Device;
use tracing::{info, warn};

use self::alive::Alive;
pub(crate) use self::alive::is_alive;
use self::borrowed::Checkpoint;
pub(crate) use self::tidy::tidy;
use self::workers::Workers;
use super::Job;
use super::plan::{Network, Plan};
use crate::cache::{Cache, Features};
use crate::clip::resident::Resident;
use crate::model::weights::BackboneWeights;
use crate::rows::TableError;
use crate::rows::clips::{self, ClipRow};
use crate::rows::dynamics::Dynamics;
use crate::rows::fold_card::Standing;
use crate::rows::folder::{FolderError, RunFolder};
use crate::rows::run::BorrowedNetworks;
use crate::telemetry::Progress;
use crate::train::plan::TrainPlan;

/// Who scores the videos.
#[derive(Clone, Copy)]
pub(crate) enum Networks<'a> {
    /// Networks that are trained first.
    ToTrain {
        /// What their backbones start from, if not from drawn weights.
        weights: Option<&'a Utf8Path>,
    },
    /// Those of another run.
    Trained {
        /// The networks.
        checkpoint: &'a Checkpoint,
        /// Whether the classes are what they are called, whatever the networks say of the labels.
        keep_order: bool,
    },
}

/// What the networks say of a data set.
pub(crate) struct Answers {
    /// The fold of every video, in the manifest's order.
    pub(crate) folds: Vec<u8>,
    /// Whether every network has learnt from it, of every video.
    pub(crate) is_learnt: Vec<bool>,
    pub(crate) clips: Vec<ClipRow>,
    /// Empty where nothing was trained.
    pub(crate) dynamics: Dynamics,
    /// The other run's networks; nothing where the run trained its own.
    pub(crate) borrowed: Option<BorrowedNetworks>,
}

/// What all networks of a plan share.
#[derive(Clone, Copy)]
pub(crate) struct Work<'a> {
    plan: &'a Plan,
    cache: &'a Cache,
    /// All devices that networks run on.
    devices: &'a [Device],
    /// The one of them that this work is for.
    device: Device,
    /// The run's folder.
    folder: &'a RunFolder,
    /// Where the networks lie: the run's folder, or one in it.
    home: &'a RunFolder,
    stop: &'a AtomicBool,
    weights: Option<&'a BackboneWeights>,
    features: Option<&'a Features>,
    resident: Option<&'a Resident>,
}

impl<'a> Work<'a> {
    /// The work of a plan whose backbones start from drawn weights.
    pub(crate) fn new(job: &Job<'a>) -> Self {
        Self {
            plan: job.plan,
            cache: job.cache,
            devices: job.devices,
            device: job.devices[0],
            folder: job.folder,
            home: job.folder,
            stop: job.stop,
            weights: None,
            features: None,
            resident: None,
        }
    }

    /// The same work with backbones that start from these weights.
    pub(crate) fn from(self, weights: Option<&'a BackboneWeights>) -> Self {
        Self { weights, ..self }
    }

    /// The same work with what frozen backbones see.
    pub(crate) fn seeing(self, features: Option<&'a Features>) -> Self {
        Self { features, ..self }
    }

    /// The same work with networks that lie in another folder.
    pub(crate) fn at(self, home: &'a RunFolder) -> Self {
        Self { home, ..self }
    }

    /// The same work on a device, where the frames may lie.
    fn on<'b>(&self, device: Device, residents: &'b [Resident]) -> Work<'b>
    where
        'a: 'b,
    {
        Work {
            device,
            resident: residents.iter().find(|frames| frames.device() == device),
            ..*self
        }
    }

    /// The readable videos inside a fold, or those outside that are learnt from.
    fn videos(&self, fold: usize, inside: bool) -> Vec<usize> {
        let videos = &self.plan.videos;
        (0..videos.id.len())
            .filter(|&video| (usize::from(videos.fold[video]) == fold) == inside)
            .filter(|video| inside || !videos.left_out.contains(video))
            .filter(|&video| self.is_readable(video))
            .collect()
    }

    /// Whether there are frames of a video.
    fn is_readable(&self, video: usize) -> bool {
        let decoded = self.cache.video(video);
        decoded.is_ok_and(|video| !video.kept.is_empty())
    }

    /// Id and content of the videos that a fold's networks learn from.
    fn learnt(&self, fold: usize) -> Vec<(String, String)> {
        let videos = &self.plan.videos;
        let of = |video: usize| (videos.id[video].clone(), videos.content[video].clone());
        self.videos(fold, false).into_iter().map(of).collect()
    }

    /// What every network's training and scoring share.
    fn train_plan(&self) -> TrainPlan<'a> {
        let settings = &self.plan.settings;
        TrainPlan {
            clips: &settings.clips,
            model: &settings.model,
            train: self.plan.train(),
            device: self.device,
            weights: self.weights,
            features: self.features,
            resident: self.resident,
            few_frames: settings.min_distinct_frames(),
        }
    }
}

/// Whether a network is finished, which is then told; where its files are damaged, that is told.
///
/// # Errors
///
/// If it was finished under another plan, or a file cannot be read.
pub(crate) fn is_finished(
    plan: &Plan,
    network: Network,
    home: &RunFolder,
) -> Result<bool, FolderError> {
    let name = plan.stage("", network);
    let standing = plan.standing(network, home)?;
    match &standing {
        Standing::Finished => {
            info!("{name} is finished already");
            tidy(home, network);
        }
        Standing::Damaged(files) => warn!(
            "{name} is trained again, since it is damaged: {}",
            files.join(", ")
        ),
        Standing::Missing => {}
    }
    Ok(standing == Standing::Finished)
}

/// Trains and scores with those of a plan's networks that are not finished yet; each is on disk before the next begins.
///
/// # Errors
///
/// If a network was finished under another plan, training fails, a file cannot be written, or somebody interrupts.
pub(crate) fn train(work: Work, networks: impl Iterator<Item = Network>) -> anyhow::Result<()> {
    let plan = work.plan;
    info!("plan {}", plan.digest);
    let mut waiting = Vec::new();
    for network in networks {
        if !is_finished(plan, network, work.home)? {
            waiting.push(network);
        }
    }
    if waiting.is_empty() {
        return Ok(());
    }
    let residents = resident::prepare(&work)?;
    let clips: usize = waiting
        .iter()
        .map(|network| work.videos(network.fold, false).len() * plan.train().epochs)
        .sum();
    // The folds' own bars tell how each is doing; this one tells when all will be done.
    let overall = Progress::start("train all folds", clips as u64);
    let jobs = waiting.into_iter().map(|network| Named { network, work });
    let done =
        Workers::of(plan, work.devices).work(jobs.collect(), work.stop, &|named, device, stop| {
            let claim = Alive::begin(work.home, named.network);
            let work = work.on(device, &residents);
            network::run(&work, named.network, &overall, stop)?;
            drop(claim);
            tidy(work.home, named.network);
            Ok(())
        });
    overall.finish();
    done
}

/// A network to be trained, by name.
struct Named<'a> {
    network: Network,
    work: Work<'a>,
}

impl fmt::Display for Named<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.work.plan.stage("", self.network).fmt(formatter)
    }
}

/// What all networks of a plan said, from their files.
///
/// # Errors
///
/// If a file cannot be read.
pub(crate) fn read(plan: &Plan, folder: &RunFolder) -> Result<Answers, TableError> {
    let (mut clips, mut dynamics) = (Vec::new(), Dynamics::default());
    for Network { fold, repeat } in plan.networks() {
        let path = folder.network(fold, repeat);
        clips.extend(clips::read(&path.join("clips.parquet"))?);
        dynamics.read(&path.join("dynamics.parquet"))?;
    }
    if let Some(earlier) = plan
        .earlier
        .as_ref()
        .filter(|_| !plan.videos.left_out.is_empty())
    {
        // No network watched them; the ranking takes the training into account only where all videos were watched.
        let mut others = Dynamics::default();
        others.read(&RunFolder::new(earlier.told.run.as_str()).dynamics())?;
        let left_out = plan.videos.left_out.iter();
        let left_out: BTreeSet<&str> = left_out.map(|&video| &*plan.videos.id[video]).collect();
        for row in others.rows().filter(|row| left_out.contains(row.id)) {
            dynamics.push(row);
        }
    }
    dynamics.sort_by_video();
    Ok(Answers {
        folds: plan.videos.fold.clone(),
        is_learnt: vec![false; plan.videos.id.len()],
        clips,
        dynamics,
        borrowed: None,
    })
}
