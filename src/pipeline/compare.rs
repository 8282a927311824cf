//! Trains on a run's folds with its own and with cleaned labels.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;

use anyhow::Context;
use camino::Utf8Path;
use tracing::info;

use super::networks::weights::{self, Weights};
use super::networks::{self, Work, features};
use super::plan::Plan;
use super::prepare::decode::fill_cache;
use super::prepare::faces::Faces;
use super::{Job, right_labels};
use crate::cache::{Cache, Given};
use crate::evaluate::comparison::{PairedComparison, predictions};
use crate::export::{Audit, Cleaned};
use crate::manifest::Manifest;
use crate::manifest::words::Classes;
use crate::model::device;
use crate::rows::clips::ClipRow;
use crate::rows::fold_card::Standing;
use crate::rows::folder::{FolderError, RunFolder};
use crate::rows::run::FeaturesCard;
use crate::rows::videos::VideoRow;
use crate::score::Verdict;
use crate::settings::Settings;
use crate::telemetry;

/// Digits of a plan's digest that name its folder.
const NAMED_DIGITS: usize = 16;

/// A run and labels to hold it against.
#[derive(Clone, Copy)]
pub(crate) struct Question<'a> {
    pub(crate) folder: &'a RunFolder,
    pub(crate) settings: &'a Settings,
    /// The run and its data set.
    pub(crate) audit: &'a Audit,
    /// The cleaned labels.
    pub(crate) export: &'a Utf8Path,
    /// A file of true labels.
    pub(crate) truth: Option<&'a Utf8Path>,
    /// What the run's backbones started from.
    pub(crate) weights: Option<&'a Utf8Path>,
    /// Raised where somebody wants the work to stop.
    pub(crate) stop: &'a AtomicBool,
}

/// Trains with both labels, and measures how well each does on the same videos.
///
/// # Errors
///
/// If the export or the truth cannot be read or does not fit the run, the training fails, or somebody interrupts.
pub(crate) fn compare(question: Question) -> anyhow::Result<PairedComparison> {
    let Question {
        folder,
        settings,
        audit,
        truth,
        stop,
        ..
    } = question;
    let weights = same_weights(audit, question.weights, settings)?;
    let devices = device::choose(&settings.device)?;
    let data = Data::new(audit, &Cleaned::read(audit, question.export)?, settings)?;
    let cases = match truth {
        Some(truth) => data.known(truth, settings)?,
        None => data.untouched_clean(),
    };
    if cases.is_empty() {
        anyhow::bail!(
            "no video is left to compare on: name true labels with --truth, or an export that leaves clean videos as they are"
        );
    }
    telemetry::log_to(&folder.log())?;
    let features = audit.card.features.as_ref();
    let cache = data.cache(features, question)?;
    let weights = weights.as_ref();
    let plan = |manifest: &Manifest| {
        let folds = data.folds.clone();
        Plan::new(
            (manifest, &cache),
            settings,
            &devices,
            folds,
            weights,
            features.cloned(),
        )
    };
    let learn = |plan: Plan| {
        let job = Job {
            plan: &plan,
            cache: &cache,
            devices: &devices,
            folder,
            stop,
        };
        learn(&job, weights)
    };
    let before = learn(plan(&data.before)?)?;
    let after = learn(plan(&data.after)?.without(data.dropped.clone()))?;
    data.compare(&cases, truth.is_some(), &before, &after)
}

/// The weights that the run's backbones started from.
fn same_weights(
    audit: &Audit,
    path: Option<&Utf8Path>,
    settings: &Settings,
) -> anyhow::Result<Option<Weights>> {
    let weights = weights::read(path, settings)?;
    let digest = weights.as_ref().map(Weights::digest);
    if digest != audit.card.weights.as_deref() {
        anyhow::bail!(
            "the run's backbones {}; give `compare` the same with --weights, or none",
            match &audit.card.weights {
                Some(_) => "started from a file of weights",
                None => "started from drawn weights",
            }
        );
    }
    Ok(weights)
}

/// The run's videos with both labels.
struct Data<'a> {
    rows: Vec<&'a VideoRow>,
    before: Manifest,
    after: Manifest,
    /// Videos that the export left out.
    dropped: BTreeSet<usize>,
    folds: Vec<u8>,
}

/// A video to compare on: its place, and its class.
type Case = (usize, usize);

impl<'a> Data<'a> {
    fn new(audit: &'a Audit, cleaned: &Cleaned, settings: &Settings) -> anyhow::Result<Self> {
        let by_id = audit.by_id();
        let mut before = audit.original.manifest.clone();
        before
            .videos
            .retain(|video| by_id.contains_key(video.id.as_str()));
        let mut rows = Vec::with_capacity(before.videos.len());
        for video in &mut before.videos {
            let row = by_id[video.id.as_str()];
            video.path = audit.root.join(&row.path);
            video.label = before
                .labels
                .index_of(&row.label)
                .with_context(|| format!("the data set has no class '{}'", row.label))?;
            rows.push(row);
        }
        let mut after = before.clone();
        let mut dropped = BTreeSet::new();
        for (index, video) in after.videos.iter_mut().enumerate() {
            match cleaned.labels.get(&video.id) {
                Some(&label) => video.label = label,
                None => {
                    dropped.insert(index);
                }
            }
        }
        let folds: Vec<u8> = rows.iter().map(|row| row.fold).collect();
        if folds
            .iter()
            .any(|fold| usize::from(*fold) >= settings.folds)
        {
            anyhow::bail!(
                "the run has more folds than {}; leave 'folds' as it was",
                settings.folds
            );
        }
        if dropped.len() == rows.len() {
            anyhow::bail!("the export names no video of the run");
        }
        Ok(Self {
            rows,
            before,
            after,
            dropped,
            folds,
        })
    }

    /// The frames of the videos, or the features that stood for them in the run.
    fn cache(&self, features: Option<&FeaturesCard>, question: Question) -> anyhow::Result<Cache> {
        let Question {
            folder,
            settings,
            stop,
            ..
        } = question;
        let Some(features) = features else {
            let follower = Faces::new(settings)?.follower;
            return Ok(fill_cache(&self.before, folder, settings, follower.as_ref(), stop)?.0);
        };
        let given = Given::read(&folder.cache(), &features.digest).context(
            "the features that the run was made from are no longer in its cache; 'scan --features' or 'scan --backbone' brings them back",
        )?;
        let same = given.videos.iter().map(|video| &video.id);
        if !same.eq(self.before.videos.iter().map(|video| &video.id)) {
            anyhow::bail!("the run's features are of other videos than its data set lists now");
        }
        Ok(given.cache())
    }

    fn is_relabeled(&self, video: usize) -> bool {
        !self.dropped.contains(&video)
            && self.before.videos[video].label != self.after.videos[video].label
    }

    /// The videos that the export left as they were and that the run calls clean.
    fn untouched_clean(&self) -> Vec<Case> {
        (0..self.rows.len())
            .filter(|&video| self.rows[video].verdict == Verdict::Clean)
            .filter(|&video| !self.dropped.contains(&video) && !self.is_relabeled(video))
            .map(|video| (video, self.before.videos[video].label))
            .collect()
    }

    /// The videos whose true label is known.
    fn known(&self, truth: &Utf8Path, settings: &Settings) -> anyhow::Result<Vec<Case>> {
        let classes = Classes {
            names: self.before.labels.names(),
            written: &settings.labels,
        };
        let truth = right_labels::read(truth, classes)?;
        let known: BTreeMap<&str, usize> = truth
            .videos
            .iter()
            .flat_map(|video| {
                [
                    (video.written_path.as_str(), video.label),
                    (video.id.as_str(), video.label),
                ]
            })
            .collect();
        let class_of = |row: &VideoRow| {
            let class = known.get(row.path.as_str());
            class.or_else(|| known.get(row.id.as_str())).copied()
        };
        let rows = self.rows.iter().enumerate();
        let cases = rows.filter_map(|(video, row)| Some((video, class_of(row)?)));
        Ok(cases.collect())
    }

    /// Holds both predictions against the cases; a video that could not be scored is none.
    fn compare(
        &self,
        cases: &[Case],
        is_truth: bool,
        before: &[ClipRow],
        after: &[ClipRow],
    ) -> anyhow::Result<PairedComparison> {
        let (before, after) = (predictions(before), predictions(after));
        let (mut truth, mut first, mut second) = (Vec::new(), Vec::new(), Vec::new());
        for &(video, class) in cases {
            let id = self.rows[video].id.as_str();
            if let (Some(&one), Some(&other)) = (before.get(id), after.get(id)) {
                truth.push(class);
                first.push(one);
                second.push(other);
            }
        }
        let basis = if is_truth {
            "the true labels"
        } else {
            "the labels of clean videos that the export left as they were"
        };
        let comparison =
            PairedComparison::measure(basis, &truth, &first, &second, self.before.labels.names())?;
        let relabeled = (0..self.rows.len()).filter(|&video| self.is_relabeled(video));
        Ok(PairedComparison {
            relabeled: relabeled.count(),
            dropped: self.dropped.len(),
            ..comparison
        })
    }
}

/// The predictions of a plan's networks: those of the run where it is the run's own plan, else of networks in `compare/`,
/// which are kept there.
fn learn(job: &Job, weights: Option<&Weights>) -> anyhow::Result<Vec<ClipRow>> {
    let plan = job.plan;
    let home = if is_at_home(plan, job.folder)? {
        job.folder.clone()
    } else {
        let name: String = plan.digest.chars().take(NAMED_DIGITS).collect();
        RunFolder::new(job.folder.compare().join(name))
    };
    info!("networks in {}", home.root());
    let work = Work::new(job).from(weights.map(|weights| &weights.backbone));
    if home != *job.folder {
        fs_err::create_dir_all(home.root())?;
        plan.clone().begin(&home)?;
        let features = features::prepare(&work)?;
        networks::train(work.at(&home).seeing(features.as_ref()), plan.networks())?;
    }
    Ok(networks::read(plan, &home)?.clips)
}

/// Whether all of a plan's networks are finished in the run itself.
fn is_at_home(plan: &Plan, folder: &RunFolder) -> anyhow::Result<bool> {
    for network in plan.networks() {
        match plan.standing(network, folder) {
            Ok(Standing::Finished) => {}
            Ok(_) | Err(FolderError::OtherRun { .. }) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(true)
}
