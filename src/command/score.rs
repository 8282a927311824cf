//! `score`: scores and verdicts again from a run's predictions, without video or training.

use std::collections::HashSet;

use anyhow::Context;
use camino::Utf8Path;

use super::{neighbours, outcome};
use crate::cli::{ExitStatus, GlobalArgs, ScoreArgs};
use crate::issue::IssueKind;
use crate::report::clip_probs::ClipProbs;
use crate::report::dynamics::Dynamics;
use crate::report::folder::RunFolder;
use crate::report::judge::{Evidence, FileState, VideoFile};
use crate::report::summary::Summary;
use crate::report::timeline::ClipTable;
use crate::report::videos::{self, VideoRow};
use crate::report::{issues, run};
use crate::score::Verdict;
use crate::settings::Resolved;

/// Judges the run's videos with the settings of the run and of the command line, and with what was judged blind in its
/// reviews; writes the tables of the run again.
///
/// # Errors
///
/// If the run cannot be read or written, or the settings are wrong.
pub(super) fn run(args: &ScoreArgs, global: &GlobalArgs) -> anyhow::Result<ExitStatus> {
    let root = args
        .run
        .clone()
        .context("name a run, or predictions with --from")?;
    let folder = RunFolder::new(root);
    folder.require_finished()?;
    let resolved = global.layers(folder.settings().as_str()).resolve()?;
    if global.print_config {
        super::print(&resolved.to_toml())?;
        return Ok(ExitStatus::Done);
    }
    let summary = again(&folder, &resolved, args.judged.as_deref())?;
    super::print_summary(&summary, args.json)?;
    Ok(ExitStatus::Done)
}

/// Judges a run again and writes its tables and its card.
///
/// # Errors
///
/// If the run or the judged videos cannot be read, or a file cannot be written.
pub(super) fn again(
    folder: &RunFolder,
    resolved: &Resolved,
    judged_file: Option<&Utf8Path>,
) -> anyhow::Result<Summary> {
    let settings = &resolved.settings;
    let mut card = run::read(&folder.card())?;
    // The two large files.
    let (videos, clip_probs) = rayon::join(
        || videos::read_unjudged(&folder.videos()),
        || ClipProbs::read(&folder.clips()),
    );
    let ((rows, extra_columns), clip_probs) = (videos?, clip_probs?);
    // Runs of early versions, and predictions from elsewhere, were not checked.
    let issue_rows = if folder.issues().exists() {
        issues::read(&folder.issues())?
    } else {
        Vec::new()
    };
    let labels = rows
        .iter()
        .filter_map(|row| Some((row.id.as_str(), label_of(row, &card.labels)?)));
    let mut copies = issues::contradicting_copies(&issue_rows, &labels.collect());
    let with_clips: HashSet<&str> = clip_probs.by_video().map(|(id, _)| id).collect();
    let mut files = rows
        .into_iter()
        .map(|row| {
            let copies = copies.remove(&row.id).unwrap_or_default();
            let has_clips = with_clips.contains(row.id.as_str());
            video_file(row, has_clips, copies, &card.labels)
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    neighbours::audit(folder, &mut files, &issue_rows, &card.labels, settings)?;
    // Predictions from elsewhere come without training.
    let mut dynamics = Dynamics::default();
    if folder.dynamics().exists() {
        dynamics.read(&folder.dynamics())?;
    }
    let evidence = Evidence {
        clips: &clip_probs,
        dynamics: &dynamics,
        judged: &outcome::judged_videos(
            folder,
            judged_file,
            &files,
            &card.labels,
            &settings.labels,
        )?,
    };
    // While the videos are judged, what the page shows of their clips is read.
    let (judged, clips) = rayon::join(
        || outcome::judge_videos(files, evidence, &card.labels, settings),
        || ClipTable::read(&folder.clips(), &card.labels),
    );
    let (judged, clips) = (judged?, clips?);
    fs_err::write(folder.settings(), resolved.to_toml())?;
    card.settings = serde_json::to_value(settings)?;
    outcome::write(folder, judged, card, &clips, &extra_columns)
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
        // Whether a video is too short is for the settings to say anew.
        issues: row
            .issues
            .into_iter()
            .filter(|name| name != IssueKind::TooShort.name())
            .collect(),
        copies,
        neighbours: None,
        extra: row.extra,
    })
}
