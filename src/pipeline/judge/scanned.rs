//! Judges a data set by what networks said of it.

use std::collections::BTreeMap;
use std::time::Instant;

use super::neighbours;
use crate::clip::sampler::{mean_overlap, scoring_clips};
use crate::judge::{Evidence, FileState, VideoFile};
use crate::manifest::words::Classes;
use crate::page::summary::Summary;
use crate::pipeline::networks::Answers;
use crate::pipeline::prepare::check;
use crate::pipeline::right_labels::judged_videos;
use crate::pipeline::votes;
use crate::pipeline::{Job, LIBTORCH};
use crate::rows::SCHEMA;
use crate::rows::clip_probs::ClipProbs;
use crate::rows::clips;
use crate::rows::issues::{self, IssueRow, contradicting_copies};
use crate::rows::run::RunCard;
use crate::rows::training_dynamics::TrainingDynamics;

/// Judges, and writes the run's tables, its card and its page. `timings_secs`: of the stages before.
///
/// # Errors
///
/// If the answers cannot be scored, or a file cannot be read or written.
pub(crate) fn scanned(
    job: &Job,
    mut answers: Answers,
    mut timings_secs: BTreeMap<String, f64>,
) -> anyhow::Result<Summary> {
    let Job { plan, folder, .. } = *job;
    let start = Instant::now();
    let (labels, settings) = (&plan.classes[..], &plan.settings);
    let issue_rows = issues::read(&folder.issues())?;
    let mut files = video_files(job, &issue_rows, &answers);
    neighbours::audit(folder, &mut files, &issue_rows, labels, settings)?;
    if !answers.dynamics.is_empty() {
        answers.dynamics.write(&folder.dynamics())?;
    }
    let dynamics = TrainingDynamics::new(&answers.dynamics);
    drop(std::mem::take(&mut answers.dynamics));
    let classes = Classes {
        names: labels,
        written: &settings.labels,
    };
    let votes = votes::kept(folder, labels)?;
    let evidence = Evidence {
        clips: &ClipProbs::new(&answers.clips),
        dynamics: &dynamics,
        judged: &judged_videos(folder, None, &files, classes)?,
        votes: votes.as_ref(),
    };
    let judged = super::judge_videos(files, evidence, labels, settings)?;
    clips::write(&folder.clips(), &answers.clips)?;
    timings_secs.insert("scores".to_owned(), start.elapsed().as_secs_f64());
    let data_set = &plan.data_set;
    let card = RunCard {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        schema: SCHEMA,
        dataset: data_set.source.clone(),
        format: data_set.format.clone(),
        root: Some(data_set.root.clone()),
        digests: data_set.digests.clone(),
        reading: data_set.reading.clone(),
        fingerprint: plan.fingerprint.clone(),
        labels: labels.to_vec(),
        settings: serde_json::to_value(settings)?,
        seed: settings.seed,
        device: plan.device.clone(),
        weights: plan.weights.as_ref().map(|weights| weights.digest.clone()),
        features: plan.features.clone(),
        networks: answers.borrowed,
        earlier: plan.earlier.as_ref().map(|earlier| earlier.told.clone()),
        libtorch: LIBTORCH.to_owned(),
        clip_overlap: clip_overlap(job),
        timings_secs,
        ..RunCard::default()
    };
    super::write(folder, judged, card, &data_set.extra_columns)
}

/// What decoding and the audits found of every video, in the plan's order.
fn video_files(job: &Job, issue_rows: &[IssueRow], answers: &Answers) -> Vec<VideoFile> {
    let (videos, cache) = (&job.plan.videos, job.cache);
    let mut issues = check::names(issue_rows, &videos.id);
    let labels = videos.id.iter().zip(&videos.label);
    let labels = labels.map(|(id, label)| (id.as_str(), *label));
    let mut copies = contradicting_copies(issue_rows, labels);
    (0..videos.id.len())
        .map(|index| VideoFile {
            id: videos.id[index].clone(),
            path: videos.path[index].clone(),
            label: videos.label[index],
            group: videos.group[index].clone(),
            fold: answers.folds[index],
            state: match cache.video(index) {
                Ok(video) if answers.is_learnt[index] => FileState::Learnt(video.facts),
                Ok(video) => FileState::Decoded(video.facts),
                Err(why) => FileState::Unreadable(why.to_owned()),
            },
            issues: std::mem::take(&mut issues[index]),
            copies: copies.remove(&videos.id[index]).unwrap_or_default(),
            neighbours: None,
            extra: videos.extra.get(index).cloned().unwrap_or_default(),
        })
        .collect()
}

/// The mean share of frames that two clips of a video have in common, over the videos that have several.
fn clip_overlap(job: &Job) -> f64 {
    let settings = &job.plan.settings;
    let ids = job.plan.videos.id.iter().enumerate();
    let overlaps: Vec<f64> = ids
        .filter_map(|(index, id)| {
            let video = job.cache.video(index).ok()?;
            let is_few = (video.facts.distinct_frames as usize) < settings.min_distinct_frames();
            let frames = Some(video.kept.len()).filter(|_| !is_few)?;
            let clips = scoring_clips(&settings.clips, frames, settings.seed(), id);
            Some(mean_overlap(&clips))
        })
        .collect();
    overlaps.iter().sum::<f64>() / overlaps.len().max(1) as f64
}
