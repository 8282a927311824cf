//! Judges a run once more from its files, without video or training.

use std::collections::HashSet;
use std::panic;
use std::thread;

use anyhow::Context;

use super::neighbours;
use crate::issue::IssueKind;
use crate::judge::{Evidence, FileState, Judged, VideoFile};
use crate::manifest::words::Classes;
use crate::page::summary::Summary;
use crate::pipeline::right_labels::{Given, judged_videos};
use crate::pipeline::votes;
use crate::rows::TableError;
use crate::rows::clip_probs::ClipProbs;
use crate::rows::folder::RunFolder;
use crate::rows::issues;
use crate::rows::run;
use crate::rows::training_dynamics::TrainingDynamics;
use crate::rows::videos::{self, VideoRow};
use crate::score::Verdict;
use crate::settings::{Resolved, Settings};
use crate::whole;

/// Judges a run again and writes its tables and its card.
///
/// # Errors
///
/// If the run or the judged videos cannot be read, or a file cannot be written.
pub(crate) fn again(
    folder: &RunFolder,
    resolved: &Resolved,
    given: Given<'_>,
) -> anyhow::Result<Summary> {
    let settings = &resolved.settings;
    let mut card = run::read(&folder.card())?;
    let ((rows, extra_columns), clip_probs, dynamics) = thread::scope(|scope| {
        // Not on one of rayon's threads, which would wait idly for those of polars.
        let videos = scope.spawn(|| videos::read_unjudged(&folder.videos()));
        let (clip_probs, dynamics) =
            rayon::join(|| ClipProbs::read(&folder.clips()), || dynamics(folder));
        let videos = videos
            .join()
            .unwrap_or_else(|why| panic::resume_unwind(why));
        Ok::<_, TableError>((videos?, clip_probs?, dynamics?))
    })?;
    let evidence = (&clip_probs, &dynamics);
    let rows = (rows, &extra_columns[..]);
    let judged = judge_rows(folder, rows, evidence, (settings, &card.labels), given)?;
    // Giving memory back takes its time, which the rest need not wait for.
    rayon::spawn(move || drop((clip_probs, dynamics)));
    whole::write(&folder.settings(), resolved.to_toml())?;
    card.settings = serde_json::to_value(settings)?;
    super::write(folder, judged, card, &extra_columns)
}

/// Judges a run's videos by what clips and training say of them, and by what people judged blind.
fn judge_rows(
    folder: &RunFolder,
    (rows, extra_columns): (Vec<VideoRow>, &[String]),
    (clip_probs, dynamics): (&ClipProbs, &TrainingDynamics),
    (settings, labels): (&Settings, &[String]),
    given: Given<'_>,
) -> anyhow::Result<Judged> {
    // Predictions from elsewhere were not checked.
    let issue_rows = if folder.issues().exists() {
        issues::read(&folder.issues())?
    } else {
        Vec::new()
    };
    let labeled = rows
        .iter()
        .filter_map(|row| Some((row.id.as_str(), label_of(row, labels)?)));
    let mut copies = issues::contradicting_copies(&issue_rows, labeled);
    let short = issue_rows
        .iter()
        .filter(|issue| issue.kind == IssueKind::TooShort.name());
    let short: HashSet<&str> = short.filter_map(|issue| issue.id.as_deref()).collect();
    let undefined = rows.iter().filter(|row| row.verdict == Verdict::Undefined);
    let undefined: HashSet<&str> = undefined.map(|row| row.id.as_str()).collect();
    let with_clips = clip_probs.ids();
    let undefined_with_clips: HashSet<&str> =
        with_clips.filter(|id| undefined.contains(id)).collect();
    let mut files = rows
        .into_iter()
        .map(|mut row| {
            // Of what the files themselves do not say, the settings say anew whether a video is too short.
            if !short.contains(row.id.as_str()) {
                row.issues.retain(|name| name != IssueKind::TooShort.name());
            }
            let copies = copies.remove(&row.id).unwrap_or_default();
            let has_clips = undefined_with_clips.contains(row.id.as_str());
            video_file(row, has_clips, copies, labels)
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    neighbours::audit(folder, &mut files, &issue_rows, labels, settings)?;
    let classes = Classes {
        names: labels,
        written: &settings.labels,
    };
    let votes = votes::of_run(
        given.votes,
        folder,
        (&votes::named(&files), extra_columns),
        classes,
    )?;
    let evidence = Evidence {
        clips: clip_probs,
        dynamics,
        judged: &judged_videos(folder, given.judged, &files, classes)?,
        votes: votes.as_ref(),
    };
    super::judge_videos(files, evidence, labels, settings)
}

/// What training left of the videos; predictions from elsewhere come without it.
fn dynamics(folder: &RunFolder) -> Result<TrainingDynamics, TableError> {
    if folder.dynamics().exists() {
        TrainingDynamics::read(&folder.dynamics())
    } else {
        Ok(TrainingDynamics::default())
    }
}

/// The place of a row's given label among the run's.
fn label_of(row: &VideoRow, labels: &[String]) -> Option<usize> {
    labels.iter().position(|label| *label == row.label)
}

/// What a row says of the file itself.
fn video_file(
    row: VideoRow,
    has_clips: bool,
    copies: Vec<String>,
    labels: &[String],
) -> anyhow::Result<VideoFile> {
    let label = label_of(&row, labels).with_context(|| {
        format!(
            "video '{}' has the label '{}', which run.json does not know",
            row.id, row.label
        )
    })?;
    let state = match (row.facts, row.verdict) {
        // Too short a video is asked about all the same.
        (Some(facts), Verdict::Undefined) if !has_clips => FileState::Learnt(facts),
        (Some(facts), _) => FileState::Decoded(facts),
        // An unreadable video's reason is the decoder's word.
        (None, Verdict::Unreadable) => FileState::Unreadable(row.reason),
        (None, _) => FileState::Unknown,
    };
    Ok(VideoFile {
        id: row.id,
        path: row.path,
        label,
        group: row.group,
        fold: row.fold,
        state,
        issues: row.issues,
        copies,
        neighbours: None,
        extra: row.extra,
    })
}
