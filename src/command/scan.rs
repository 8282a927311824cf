//! `scan`: from a data set to a ranked report.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::Ordering;
use std::time::Instant;

use camino::Utf8Path;
use tch::Device;
use tracing::info;

use super::data_set;
use crate::cache::Cache;
use crate::cli::{ExitStatus, ScanArgs};
use crate::export::original;
use crate::fold::{self, FoldError};
use crate::health::FaceModel;
use crate::interrupt;
use crate::judge::{Evidence, FileState, VideoFile};
use crate::manifest::{LabelFile, Manifest};
use crate::model::device;
use crate::model::weights::BackboneWeights;
use crate::page::summary::Summary;
use crate::pipeline::networks::borrowed::Checkpoint;
use crate::pipeline::networks::folds::{FoldPlan, run_folds};
use crate::pipeline::networks::resident;
use crate::pipeline::prepare::check::{self, Findings, Subject};
use crate::pipeline::prepare::decode::{clip_overlap, fill_cache};
use crate::pipeline::prepare::{features, weights};
use crate::pipeline::{self, judge, neighbours};
use crate::rows::clip_probs::ClipProbs;
use crate::rows::clips::ClipRow;
use crate::rows::dynamics::Dynamics;
use crate::rows::folder::{Existing, RunFolder};
use crate::rows::issues::{IssueRow, contradicting_copies};
use crate::rows::run::BorrowedNetworks;
use crate::rows::watched::Watched;
use crate::rows::{SCHEMA, clips, run};
use crate::settings::{Resolved, Settings};
use crate::telemetry::{self, Event};
use crate::whole;

/// Scans a data set and says what was found.
///
/// # Errors
///
/// If the data set, the folder or the settings cannot be used, or the training fails. Interruption is no error.
pub(super) fn run(
    args: &ScanArgs,
    checkpoint: Option<&Checkpoint>,
    settings: &Resolved,
) -> anyhow::Result<ExitStatus> {
    if args.json {
        telemetry::tell_events();
    }
    let options = args.read.options(settings.settings.labels.clone());
    let (mut manifest, label_files) = data_set::read((&args.dataset, &args.lists), &options)?;
    if args.json {
        telemetry::tell(&Event::Understood {
            data_set: &manifest.understood,
        });
    } else {
        super::print(&data_set::told(&args.dataset, &manifest))?;
    }
    if let Some(limit) = args.limit {
        manifest = manifest.limit(
            limit.get(),
            settings.settings.folds,
            settings.settings.seed(),
        );
    }
    let existing = match (args.resume, args.overwrite) {
        (true, _) => Existing::Resume,
        (_, true) => Existing::Overwrite,
        _ => Existing::Refuse,
    };
    let Some(summary) = scan(
        &DataSet {
            manifest: &manifest,
            label_files: &label_files,
            is_sample: args.limit.is_some(),
        },
        settings,
        &RunFolder::new(args.run_folder()),
        existing,
        match checkpoint {
            Some(checkpoint) => Networks::Trained(checkpoint),
            None => Networks::ToTrain {
                weights: args.weights.as_deref(),
            },
        },
    )?
    else {
        return Ok(ExitStatus::Interrupted);
    };
    if args.json {
        telemetry::tell(&Event::Summary { summary: &summary });
    } else {
        super::print_summary(&summary, false)?;
    }
    Ok(super::status(summary.suspect_share(), args.fail_above))
}

/// What is scanned.
pub(super) struct DataSet<'a> {
    /// Its videos.
    pub(super) manifest: &'a Manifest,
    /// The files of labels that it was read from.
    pub(super) label_files: &'a [LabelFile],
    /// Whether the videos are only a part of what the files list.
    pub(super) is_sample: bool,
}

/// Who scores the videos.
#[derive(Clone, Copy)]
pub(super) enum Networks<'a> {
    /// Networks that are trained first.
    ToTrain {
        /// What their backbones start from, if not from drawn weights.
        weights: Option<&'a Utf8Path>,
    },
    /// Those of another run.
    Trained(&'a Checkpoint),
}

/// The main job: decode, check, train, score, rank, write. Returns nothing where somebody interrupted it.
///
/// # Errors
///
/// If a class is too small for the folds, the folder cannot be used, or the training fails.
pub(super) fn scan(
    data_set: &DataSet<'_>,
    resolved: &Resolved,
    folder: &RunFolder,
    existing: Existing,
    networks: Networks<'_>,
) -> anyhow::Result<Option<Summary>> {
    let (settings, manifest) = (&resolved.settings, data_set.manifest);
    let device = device::choose(settings.device)?;
    let weights = match networks {
        Networks::ToTrain { weights } => {
            manifest.check_folds(settings.folds)?;
            weights::read(weights, settings)?
        }
        Networks::Trained(checkpoint) => {
            checkpoint.check_labels(manifest.labels.names())?;
            None
        }
    };
    let faces = check::face_model(&settings.health)?;
    folder.prepare(existing)?;
    telemetry::log_to(&folder.log())?;
    whole::write(&folder.settings(), resolved.to_toml())?;

    let mut timings = BTreeMap::new();
    let start = Instant::now();
    let Some(cache) = fill_cache(manifest, folder, settings)? else {
        return Ok(None);
    };
    timings.insert("decode".to_owned(), start.elapsed().as_secs_f64());

    let start = Instant::now();
    let Some(audited) = audit(data_set, networks, &cache, faces.as_ref(), settings, folder)? else {
        return Ok(None);
    };
    let manifest = &audited.manifest;
    timings.insert("check".to_owned(), start.elapsed().as_secs_f64());

    let start = Instant::now();
    let subject = (manifest, &cache, settings, device);
    let Some(said) = ask(networks, subject, weights.as_ref(), folder)? else {
        return Ok(None);
    };
    timings.insert("folds".to_owned(), start.elapsed().as_secs_f64());

    let start = Instant::now();
    let mut files = video_files(&audited, &cache, &said);
    let labels = manifest.labels.names();
    neighbours::audit(folder, &mut files, &audited.issue_rows, labels, settings)?;
    if !said.dynamics.is_empty() {
        said.dynamics.write(&folder.dynamics())?;
    }
    let watched = Watched::new(&said.dynamics);
    drop(said.dynamics);
    let evidence = Evidence {
        clips: &ClipProbs::new(&said.clips),
        dynamics: &watched,
        judged: &judge::judged_videos(folder, None, &files, labels, &settings.labels)?,
    };
    let judged = judge::judge_videos(files, evidence, labels, settings)?;
    clips::write(&folder.clips(), &said.clips)?;
    timings.insert("scores".to_owned(), start.elapsed().as_secs_f64());

    let card = run::RunCard {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        schema: SCHEMA,
        // From wherever the run is looked at later.
        dataset: pipeline::absolute(&manifest.source)?,
        format: manifest.format.name().to_owned(),
        root: Some(pipeline::absolute(&manifest.root)?),
        digests: manifest.digests.clone(),
        reading: manifest.reading.clone(),
        fingerprint: said.fingerprint,
        labels: manifest.labels.names().to_vec(),
        settings: serde_json::to_value(settings)?,
        seed: settings.seed,
        device: device::name(device),
        weights: weights.map(|weights| weights.digest().to_owned()),
        networks: said.networks,
        libtorch: pipeline::LIBTORCH.to_owned(),
        clip_overlap: clip_overlap(manifest, &cache, settings),
        timings_secs: timings,
        ..run::RunCard::default()
    };
    let is_folder = manifest.source.is_dir();
    original::keep(folder, &manifest.source, is_folder, data_set.label_files)?;
    let summary = judge::write(folder, judged, card, &manifest.extra_columns)?;
    Ok(Some(summary))
}

/// A data set after its audit.
struct Audited {
    findings: Findings,
    issue_rows: Vec<IssueRow>,
    /// The videos, with duplicates in one group.
    manifest: Manifest,
}

/// Looks for what is amiss, and writes it down. Returns nothing where somebody interrupted it.
fn audit(
    data_set: &DataSet<'_>,
    networks: Networks<'_>,
    cache: &Cache,
    face_model: Option<&FaceModel>,
    settings: &Settings,
    folder: &RunFolder,
) -> anyhow::Result<Option<Audited>> {
    let findings = check::audit(&Subject {
        manifest: data_set.manifest,
        // The rows of a sample's files speak of the whole data set.
        files: if data_set.is_sample {
            &[]
        } else {
            data_set.label_files
        },
        cache,
        face_model,
        settings,
    });
    if interrupt::flag().load(Ordering::Relaxed) {
        return Ok(None);
    }
    let issue_rows = check::write(folder, data_set.manifest, &findings.issues)?;
    let manifest = match networks {
        Networks::ToTrain { .. } => {
            check::keep_together(data_set.manifest, &findings.duplicates, settings.folds)?
        }
        // Without training there are no folds to keep anything in.
        Networks::Trained(_) => data_set.manifest.clone(),
    };
    Ok(Some(Audited {
        findings,
        issue_rows,
        manifest,
    }))
}

/// What the networks say of a data set.
struct Said {
    /// The fold of every video, in the manifest's order.
    folds: Vec<u8>,
    /// Whether every network has learnt from it, of every video.
    is_learnt: Vec<bool>,
    clips: Vec<ClipRow>,
    /// Empty where nothing was trained.
    dynamics: Dynamics,
    fingerprint: String,
    networks: Option<BorrowedNetworks>,
}

/// Trains networks and asks them, or asks those that there are. Returns nothing where somebody interrupted it.
fn ask(
    networks: Networks<'_>,
    (manifest, cache, settings, device): (&Manifest, &Cache, &Settings, Device),
    weights: Option<&BackboneWeights>,
    folder: &RunFolder,
) -> anyhow::Result<Option<Said>> {
    let folds = match networks {
        Networks::ToTrain { .. } => assign_folds(manifest, settings)?,
        Networks::Trained(_) => vec![0; manifest.videos.len()],
    };
    let resident = resident::prepare(cache, settings, device)?;
    let plan = FoldPlan::new(manifest, cache, settings, device, folds, weights)?
        .with_resident(resident.as_ref());
    if let Networks::Trained(checkpoint) = networks {
        return Ok(checkpoint.score(&plan)?.map(|scored| Said {
            folds: scored.folds,
            is_learnt: scored.is_learnt,
            clips: scored.clips,
            dynamics: Dynamics::default(),
            fingerprint: plan.fingerprint,
            networks: Some(scored.networks),
        }));
    }
    info!("plan {}", plan.digest);
    let ControlFlow::Continue(features) =
        features::prepare(cache, settings, device, weights, folder)?
    else {
        return Ok(None);
    };
    let plan = plan.with_features(features.as_ref());
    Ok(run_folds(&plan, folder)?.map(|(clips, dynamics)| Said {
        is_learnt: vec![false; plan.folds.len()],
        folds: plan.folds,
        clips,
        dynamics,
        fingerprint: plan.fingerprint,
        networks: None,
    }))
}

/// The fold of every video.
fn assign_folds(manifest: &Manifest, settings: &Settings) -> Result<Vec<u8>, FoldError> {
    let labels: Vec<usize> = manifest.videos.iter().map(|video| video.label).collect();
    let groups: Vec<Option<&str>> = manifest
        .videos
        .iter()
        .map(|video| video.group.as_deref())
        .collect();
    fold::assign(&labels, &groups, settings.folds, settings.seed())
}

/// What decoding and the audits found of every video, in the manifest's order.
fn video_files(audited: &Audited, cache: &Cache, said: &Said) -> Vec<VideoFile> {
    let manifest = &audited.manifest;
    let mut issues = check::names(&audited.findings.issues, manifest.videos.len());
    let labels = manifest
        .videos
        .iter()
        .map(|video| (video.id.as_str(), video.label));
    let mut copies = contradicting_copies(&audited.issue_rows, labels);
    manifest
        .videos
        .iter()
        .enumerate()
        .map(|(index, video)| VideoFile {
            id: video.id.clone(),
            path: video.written_path.clone(),
            label: video.label,
            group: video.group.clone(),
            fold: said.folds[index],
            state: match cache.video(index) {
                Ok(video) if said.is_learnt[index] => FileState::Learnt(video.facts),
                Ok(video) => FileState::Decoded(video.facts),
                Err(why) => FileState::Unreadable(why.to_owned()),
            },
            issues: std::mem::take(&mut issues[index]),
            copies: copies.remove(&video.id).unwrap_or_default(),
            neighbours: None,
            extra: video.extra.clone(),
        })
        .collect()
}
