//! The audits of files, labels and splits.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;
use tracing::warn;

use crate::audit;
use crate::cache::Cache;
use crate::duplicates::{self, Duplicates};
use crate::face::FaceModel;
use crate::health::{self, HealthSettings, Inspected};
use crate::issue::{Issue, IssueKind};
use crate::manifest::{LabelFile, LeftOut, Manifest, Video, Why};
use crate::rows::folder::RunFolder;
use crate::rows::issues::{self, IssueRow};
use crate::settings::Settings;
use crate::telemetry::Progress;
use crate::vectors::Checked;
use crate::video::{DecodeProblem, frame_sets_of};

/// What the audits found.
pub(crate) struct Findings {
    /// The issues: of every video in turn, then of pairs, splits and classes.
    pub(crate) issues: Vec<Issue>,
    /// The duplicates.
    pub(crate) duplicates: Duplicates,
}

/// A data set that is to be audited.
pub(crate) struct Subject<'a> {
    pub(crate) manifest: &'a Manifest,
    /// Its files of labels.
    pub(crate) files: &'a [LabelFile],
    pub(crate) cache: &'a Cache,
    /// What stands for the frames, which then are not looked at.
    pub(crate) features: Option<&'a Checked>,
    /// The model of a detector that looks for faces in the frames, where they are not followed already.
    pub(crate) face_model: Option<&'a FaceModel>,
    pub(crate) settings: &'a Settings,
    /// Raised where somebody wants the work to stop; then some issues are missing.
    pub(crate) stop: &'a AtomicBool,
}

/// Audits a data set that is in the cache.
pub(crate) fn audit(subject: &Subject) -> Findings {
    let Subject {
        manifest,
        files,
        cache,
        settings,
        stop,
        ..
    } = subject;
    let (mut issues, duplicates) = if let Some(features) = subject.features {
        (features.issues.clone(), duplicates::by_features(cache))
    } else {
        let found = duplicates::find(cache, &settings.duplicates, stop);
        (of_videos(subject), found)
    };
    issues.extend(audit::duplicates(manifest, &duplicates));
    issues.extend(audit::leaks(manifest, &manifest.splits(files), &duplicates));
    issues.extend(audit::labels(manifest, settings.folds, &settings.audit));
    if subject.features.is_none() {
        let frames = |video: usize| cache.video(video).ok().map(|video| video.facts.frames);
        issues.extend(audit::frame_counts(manifest, frames));
        issues.extend(frame_sets(manifest));
    }
    Findings { issues, duplicates }
}

/// What is amiss with single videos and their pictures.
fn of_videos(subject: &Subject) -> Vec<Issue> {
    let Subject {
        manifest,
        cache,
        face_model,
        settings,
        stop,
        ..
    } = subject;
    let face_scores = face_model.map_or_else(Vec::new, |model| {
        face_scores(cache, model, &settings.health, stop)
    });
    let mut issues = Vec::new();
    for (index, video) in manifest.videos.iter().enumerate() {
        match cache.video(index) {
            Ok(decoded) => {
                let inspected = Inspected {
                    video: index,
                    path: &video.path,
                    facts: decoded.facts,
                    container: decoded.container,
                    kept: decoded.kept,
                    looks: decoded.looks,
                    face_score: face_scores.get(index).copied().flatten(),
                    face: decoded.face,
                };
                issues.extend(health::audit(
                    inspected,
                    settings.min_distinct_frames(),
                    &settings.health,
                ));
            }
            Err(reason) => issues.extend(unreadable(index, reason)),
        }
    }
    issues
}

/// The score of the surest face of every video; none of those that cannot be read, or for which there was no time left.
fn face_scores(
    cache: &Cache,
    model: &FaceModel,
    settings: &HealthSettings,
    stop: &AtomicBool,
) -> Vec<Option<f64>> {
    let bar = Progress::start("look for faces", cache.len() as u64);
    let scores = (0..cache.len())
        .into_par_iter()
        .map_init(
            || model.finder(),
            |finder, index| {
                bar.advance(1);
                let video = cache.video(index).ok()?;
                if stop.load(Ordering::Relaxed) {
                    return None;
                }
                let pixels = video.pixels.read();
                let pixels = pixels.map_err(|error| warn!("no face is looked for: {error}"));
                let (frames, least) = (HealthSettings::FACE_FRAMES, settings.face_score);
                finder.best_score(&pixels.ok()?, video.size as usize, frames, least)
            },
        )
        .collect();
    bar.finish();
    scores
}

fn unreadable(video: usize, reason: &str) -> Vec<Issue> {
    let issue = |kind| Issue::of(video, kind, f32::NAN, reason.to_owned());
    let mut issues = vec![issue(IssueKind::Unreadable)];
    if reason == DecodeProblem::NoVideoStream.reason() {
        issues.push(issue(IssueKind::NoVideoStream));
    }
    issues
}

/// The names of each video's issues, in the order in which they were found, each once. `ids`: of the videos, in their order.
pub(crate) fn names(rows: &[IssueRow], ids: &[impl AsRef<str>]) -> Vec<Vec<String>> {
    let places: HashMap<&str, usize> = ids.iter().map(AsRef::as_ref).zip(0..).collect();
    let mut names: Vec<Vec<String>> = vec![Vec::new(); ids.len()];
    for row in rows {
        let place = row.id.as_deref().and_then(|id| places.get(id));
        if let Some(&video) = place
            && !names[video].contains(&row.kind)
        {
            names[video].push(row.kind.clone());
        }
    }
    names
}

/// Writes `issues.parquet`, and returns its rows.
///
/// # Errors
///
/// If the file cannot be written.
pub(crate) fn write(
    folder: &RunFolder,
    manifest: &Manifest,
    issues: &[Issue],
) -> anyhow::Result<Vec<IssueRow>> {
    let id = |video: usize| manifest.videos[video].id.clone();
    let of_rows = manifest.understood.left_out.iter().map(left_out);
    let of_videos = issues.iter().map(|issue| IssueRow {
        id: issue.video.map(id),
        kind: issue.kind.name().to_owned(),
        other_id: issue.other.map(id),
        value: Some(issue.value).filter(|value| !value.is_nan()),
        detail: issue.detail.clone(),
    });
    let rows: Vec<IssueRow> = of_rows.chain(of_videos).collect();
    issues::write(&folder.issues(), &rows)?;
    Ok(rows)
}

/// The issue of a row that is no video.
fn left_out(row: &LeftOut) -> IssueRow {
    let kind = match row.why {
        Why::Missing => IssueKind::MissingFile,
        Why::Unlabeled => IssueKind::NoLabel,
    };
    let line = row.row.map(|row| format!("line {row}: "));
    IssueRow {
        id: Some(row.id.clone()),
        kind: kind.name().to_owned(),
        other_id: None,
        value: None,
        detail: format!("{}{}", line.unwrap_or_default(), row.detail),
    }
}

/// Folders with several sets of frames, as flow fields beside pictures.
fn frame_sets(manifest: &Manifest) -> Vec<Issue> {
    let of = |(index, video): (usize, &Video)| {
        let sets = frame_sets_of(&video.path)?;
        let (taken, others) = sets.split_first()?;
        let others: Vec<String> = others.iter().map(|set| format!("'{set}'")).collect();
        (!others.is_empty()).then(|| {
            let detail = format!("'{taken}' is the video; also there: {}", others.join(", "));
            Issue::of(index, IssueKind::FrameSets, sets.len() as f32, detail)
        })
    };
    let videos: Vec<(usize, &Video)> = manifest.videos.iter().enumerate().collect();
    videos.into_par_iter().filter_map(of).collect()
}

/// The manifest with duplicates in one group each, for the folds. Where that would leave a class with too few groups for
/// the folds, the data set's own groups stay, and a warning says so.
///
/// # Errors
///
/// If the classes are too small even so.
pub(crate) fn keep_together(
    manifest: &Manifest,
    duplicates: &Duplicates,
    folds: usize,
) -> anyhow::Result<Manifest> {
    manifest.check_folds(folds)?;
    let together = audit::keep_together(manifest.clone(), duplicates);
    if let Err(error) = together.check_folds(folds) {
        warn!("duplicates are not kept in one fold each: with them together, {error}");
        return Ok(manifest.clone());
    }
    Ok(together)
}
