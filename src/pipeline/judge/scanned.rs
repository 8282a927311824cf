//! Judges a data set by what networks said of it.

use std::collections::BTreeMap;
use std::time::Instant;

use super::neighbours;
use crate::clip::sampler::{mean_overlap, scoring_clips};
use crate::judge::{Evidence, FileState, VideoFile};
use crate::manifest::words::Classes;
use crate::model::device;
use crate::page::summary::Summary;
use crate::pipeline::networks::Answers;
use crate::pipeline::prepare::check;
use crate::pipeline::right_labels::judged_videos;
use crate::pipeline::{Job, LIBTORCH, absolute};
use crate::rows::SCHEMA;
use crate::rows::clip_probs::ClipProbs;
use crate::rows::clips;
use crate::rows::issues::{IssueRow, contradicting_copies};
use crate::rows::run::RunCard;
use crate::rows::training_dynamics::TrainingDynamics;
use crate::rows::votes;

/// Judges, and writes the run's tables, its card and its page. `issue_rows`: what the audits found; `weights`: digest of
/// those that the backbones started from; `timings_secs`: of the stages before.
///
/// # Errors
///
/// If the answers cannot be scored, or a file cannot be read or written.
pub(crate) fn scanned(
    job: &Job,
    issue_rows: &[IssueRow],
    mut answers: Answers,
    weights: Option<String>,
    mut timings_secs: BTreeMap<String, f64>,
) -> anyhow::Result<Summary> {
    let Job {
        manifest,
        settings,
        folder,
        ..
    } = *job;
    let start = Instant::now();
    let labels = manifest.labels.names();
    let mut files = video_files(job, issue_rows, &answers);
    neighbours::audit(folder, &mut files, issue_rows, labels, settings)?;
    if !answers.dynamics.is_empty() {
        answers.dynamics.write(&folder.dynamics())?;
    }
    let dynamics = TrainingDynamics::new(&answers.dynamics);
    drop(std::mem::take(&mut answers.dynamics));
    let classes = Classes {
        names: labels,
        written: &settings.labels,
    };
    let evidence = Evidence {
        clips: &ClipProbs::new(&answers.clips),
        dynamics: &dynamics,
        judged: &judged_videos(folder, None, &files, classes)?,
        votes: job.votes,
    };
    if let Some(votes) = job.votes {
        votes::write(&folder.votes(), votes, labels)?;
    } else {
        super::remove_if_there(&folder.votes())?;
    }
    let judged = super::judge_videos(files, evidence, labels, settings)?;
    clips::write(&folder.clips(), &answers.clips)?;
    timings_secs.insert("scores".to_owned(), start.elapsed().as_secs_f64());
    let card = RunCard {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        schema: SCHEMA,
        // From wherever the run is looked at later.
        dataset: absolute(&manifest.source)?,
        format: manifest.format.name().to_owned(),
        root: Some(absolute(&manifest.root)?),
        digests: manifest.digests.clone(),
        reading: manifest.reading.clone(),
        fingerprint: answers.fingerprint,
        labels: labels.to_vec(),
        settings: serde_json::to_value(settings)?,
        seed: settings.seed,
        device: device::names(job.devices),
        weights,
        features: job.features.cloned(),
        networks: answers.borrowed,
        libtorch: LIBTORCH.to_owned(),
        clip_overlap: clip_overlap(job),
        timings_secs,
        ..RunCard::default()
    };
    super::write(folder, judged, card, &manifest.extra_columns)
}

/// What decoding and the audits found of every video, in the manifest's order.
fn video_files(job: &Job, issue_rows: &[IssueRow], answers: &Answers) -> Vec<VideoFile> {
    let Job {
        manifest, cache, ..
    } = *job;
    let mut issues = check::names(issue_rows, manifest);
    let labels = manifest
        .videos
        .iter()
        .map(|video| (video.id.as_str(), video.label));
    let mut copies = contradicting_copies(issue_rows, labels);
    manifest
        .videos
        .iter()
        .enumerate()
        .map(|(index, video)| VideoFile {
            id: video.id.clone(),
            path: video.written_path.clone(),
            label: video.label,
            group: video.group.clone(),
            fold: answers.folds[index],
            state: match cache.video(index) {
                Ok(video) if answers.is_learnt[index] => FileState::Learnt(video.facts),
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

/// The mean share of frames that two clips of a video have in common, over the readable videos.
fn clip_overlap(job: &Job) -> f64 {
    let Job {
        manifest,
        cache,
        settings,
        ..
    } = *job;
    let overlaps: Vec<f64> = manifest
        .videos
        .iter()
        .enumerate()
        .filter_map(|(index, video)| {
            let frames = cache.video(index).ok()?.kept.len();
            Some(mean_overlap(&scoring_clips(
                &settings.clips,
                frames,
                settings.seed(),
                &video.id,
            )))
        })
        .collect();
    overlaps.iter().sum::<f64>() / overlaps.len().max(1) as f64
}
