//! `compare`: what networks learn from the original labels, and what from cleaned ones.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use anyhow::Context;
use camino::Utf8Path;
use tracing::info;

use crate::cli::{CompareArgs, ExitStatus, GlobalArgs};
use crate::evaluate::comparison::{Comparison, predictions};
use crate::export::{Audit, Cleaned};
use crate::manifest::Manifest;
use crate::model::device;
use crate::model::weights::BackboneWeights;
use crate::pipeline::judge;
use crate::pipeline::networks::folds::{FoldPlan, run_folds};
use crate::pipeline::networks::resident;
use crate::pipeline::prepare::decode::fill_cache;
use crate::pipeline::prepare::{features, weights};
use crate::rows::clips::ClipRow;
use crate::rows::folder::{FolderError, RunFolder};
use crate::rows::videos::VideoRow;
use crate::score::Verdict;
use crate::settings::Settings;
use crate::telemetry;

/// Digits of a plan's digest that name its folder.
const NAMED_DIGITS: usize = 16;

/// Trains on the run's folds with both labels, and prints how well each does on the same videos.
///
/// # Errors
///
/// If the run, the export or the truth cannot be read, do not fit together, or the training fails.
pub(super) fn run(args: &CompareArgs, global: &GlobalArgs) -> anyhow::Result<ExitStatus> {
    let folder = RunFolder::new(args.run.clone());
    folder.require_finished()?;
    let resolved = global.layers(folder.settings().as_str()).resolve()?;
    if global.print_config {
        super::print(&resolved.to_toml())?;
        return Ok(ExitStatus::Done);
    }
    let settings = &resolved.settings;
    let audit = Audit::read(&folder, args.dataset.as_deref(), args.root.as_deref())?;
    let weights = same_weights(&audit, args.weights.as_deref(), settings)?;
    let device = device::choose(settings.device)?;
    let data = Data::new(&audit, &Cleaned::read(&audit, &args.export)?, settings)?;
    let cases = match &args.truth {
        Some(truth) => data.known(truth, settings)?,
        None => data.untouched_clean(),
    };
    if cases.is_empty() {
        anyhow::bail!(
            "no video is left to compare on: name true labels with --truth, or an export that leaves clean videos as they are"
        );
    }
    telemetry::log_to(&folder.log())?;
    let Some(cache) = fill_cache(&data.before, &folder, settings)? else {
        return Ok(ExitStatus::Interrupted);
    };
    let weights = weights.as_ref();
    let ControlFlow::Continue(features) =
        features::prepare(&cache, settings, device, weights, &folder)?
    else {
        return Ok(ExitStatus::Interrupted);
    };
    let resident = resident::prepare(&cache, settings, device)?;
    let plan = |manifest| {
        let folds = data.folds.clone();
        let plan = FoldPlan::new(manifest, &cache, settings, device, folds, weights)?;
        let plan = plan.with_features(features.as_ref());
        anyhow::Ok(plan.with_resident(resident.as_ref()))
    };
    let before = plan(&data.before)?;
    let after = plan(&data.after)?.without(data.dropped.clone());
    let Some(before) = learn(&before, &folder, settings)? else {
        return Ok(ExitStatus::Interrupted);
    };
    let Some(after) = learn(&after, &folder, settings)? else {
        return Ok(ExitStatus::Interrupted);
    };
    let comparison = data.compare(&cases, args.truth.is_some(), &before, &after)?;
    if args.json {
        super::print(&(serde_json::to_string_pretty(&comparison)? + "\n"))?;
    } else {
        super::print(&comparison.to_table())?;
    }
    Ok(ExitStatus::Done)
}

/// The weights that the run's backbones started from.
fn same_weights(
    audit: &Audit,
    path: Option<&Utf8Path>,
    settings: &Settings,
) -> anyhow::Result<Option<BackboneWeights>> {
    let weights = weights::read(path, settings)?;
    let digest = weights.as_ref().map(BackboneWeights::digest);
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
        let truth = judge::right_labels(truth, settings.labels.clone())?;
        let known: BTreeMap<&str, &str> = truth
            .videos
            .iter()
            .flat_map(|video| {
                let name = truth.labels.name(video.label);
                [
                    (video.written_path.as_str(), name),
                    (video.id.as_str(), name),
                ]
            })
            .collect();
        let mut cases = Vec::new();
        for (video, row) in self.rows.iter().enumerate() {
            let name = known
                .get(row.path.as_str())
                .or_else(|| known.get(row.id.as_str()));
            if let Some(name) = name {
                let class = self.before.labels.index_of(name).with_context(|| {
                    format!(
                        "the true label '{name}' of '{}' is no class of the run",
                        row.id
                    )
                })?;
                cases.push((video, class));
            }
        }
        Ok(cases)
    }

    /// Holds both predictions against the cases; a video that could not be scored is none.
    fn compare(
        &self,
        cases: &[Case],
        is_truth: bool,
        before: &[ClipRow],
        after: &[ClipRow],
    ) -> anyhow::Result<Comparison> {
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
            Comparison::measure(basis, &truth, &first, &second, self.before.labels.names())?;
        let relabeled = (0..self.rows.len()).filter(|&video| self.is_relabeled(video));
        Ok(Comparison {
            relabeled: relabeled.count(),
            dropped: self.dropped.len(),
            ..comparison
        })
    }
}

/// The predictions of a plan's networks: those of the run where it is the run's own plan, else of networks in `compare/`,
/// which are kept there. Returns nothing where somebody interrupted.
fn learn(
    plan: &FoldPlan,
    folder: &RunFolder,
    settings: &Settings,
) -> anyhow::Result<Option<Vec<ClipRow>>> {
    let home = if is_at_home(plan, folder, settings)? {
        folder.clone()
    } else {
        let name: String = plan.digest.chars().take(NAMED_DIGITS).collect();
        RunFolder::new(folder.compare().join(name))
    };
    info!("networks in {}", home.root());
    Ok(run_folds(plan, &home)?.map(|(clips, _dynamics)| clips))
}

/// Whether all of a plan's networks are finished in the run itself.
fn is_at_home(plan: &FoldPlan, folder: &RunFolder, settings: &Settings) -> anyhow::Result<bool> {
    let repeats = settings.train.repeats;
    let networks = (0..settings.folds).flat_map(|fold| (0..repeats).map(move |r| (fold, r)));
    for (fold, repeat) in networks {
        match folder.is_finished(fold, repeat, &plan.digest) {
            Ok(true) => {}
            Ok(false) | Err(FolderError::OtherRun { .. }) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(true)
}
