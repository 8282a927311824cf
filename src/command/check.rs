//! `check`: reads and decodes everything, trains nothing, and says what is amiss with files, labels and splits.

use crate::cache::Cache;
use crate::cli::{CheckArgs, ExitStatus};
use crate::interrupt;
use crate::issue::IssueKind;
use crate::manifest::Manifest;
use crate::page::health::HealthSummary;
use crate::pipeline::prepare::{DataSet, Setup, check, prepare};
use crate::rows::folder::{Existing, RunFolder};
use crate::rows::videos::{self, VideoRow};
use crate::rows::votes;
use crate::score::Verdict;
use crate::settings::Resolved;

/// Checks a data set, writes the tables and prints a summary.
///
/// # Errors
///
/// If the data set, the folder or the settings cannot be used, or somebody interrupts.
pub(super) fn run(args: &CheckArgs, resolved: &Resolved) -> anyhow::Result<ExitStatus> {
    let options = args.data.options(&resolved.settings);
    let data_set = DataSet::read((args.data.dataset(), &args.data.lists), &options);
    if let (Err(error), true) = (&data_set, args.json) {
        super::print(&format!("{:#}\n", error.to_json()))?;
    }
    let data_set = data_set?.with_votes(args.data.votes.as_deref(), &options)?;
    if !args.json {
        super::print(&data_set.told(args.data.dataset()))?;
    }
    let folder = RunFolder::new(args.data.run_folder());
    let setup = Setup {
        earlier: None,
        resolved,
        folder: &folder,
        existing: Existing::Refuse,
        features: None,
        backbone: None,
        stop: interrupt::flag(),
    };
    let prepared = prepare(&data_set, setup)?;
    let (manifest, cache) = (&data_set.manifest, &prepared.cache);
    let ids: Vec<&str> = manifest
        .videos
        .iter()
        .map(|video| video.id.as_str())
        .collect();
    let names = check::names(&prepared.issue_rows, &ids);
    videos::write(
        &folder.videos(),
        &video_rows(manifest, cache, names),
        &manifest.extra_columns,
    )?;
    if let Some(votes) = &data_set.votes {
        votes::write(&folder.votes(), votes, manifest.labels.names())?;
    }
    let readable = (0..cache.len()).filter(|&video| cache.video(video).is_ok());
    let mut summary = HealthSummary::new(
        folder.root().as_str(),
        manifest.videos.len(),
        readable.count(),
        prepared.duplicates.groups.len(),
        &prepared.issue_rows,
    );
    summary.followed = cache.followed().map(|(followed, _)| followed);
    summary.data_set = Some(manifest.understood.clone());
    if args.json {
        super::print(&(serde_json::to_string_pretty(&summary)? + "\n"))?;
    } else {
        super::print(&summary.to_text())?;
    }
    Ok(super::status(summary.suspect_share(), args.fail_above))
}

/// One row per video: those whose duplicate has another label first, then those with issues, then the others, each in the
/// manifest's order. None has a score, and so none a verdict that says anything of its label.
fn video_rows(manifest: &Manifest, cache: &Cache, issues: Vec<Vec<String>>) -> Vec<VideoRow> {
    let conflict = IssueKind::DuplicateLabelConflict.name();
    let mut rows: Vec<VideoRow> = manifest
        .videos
        .iter()
        .zip(issues)
        .enumerate()
        .map(|(index, (video, issues))| {
            let (verdict, reason) = match cache.video(index) {
                Ok(_) => (
                    Verdict::Undefined,
                    "checked only: nothing was trained".to_owned(),
                ),
                Err(reason) => (Verdict::Unreadable, reason.to_owned()),
            };
            VideoRow {
                rank: 0,
                id: video.id.clone(),
                path: video.written_path.clone(),
                label: manifest.labels.name(video.label).to_owned(),
                verdict,
                judgement: None,
                fold: 0,
                votes: None,
                group: video.group.clone(),
                facts: cache.video(index).ok().map(|video| video.facts),
                issues,
                reason,
                extra: video.extra.clone(),
            }
        })
        .collect();
    rows.sort_by_key(|row| match &row.issues[..] {
        issues if issues.iter().any(|issue| issue == conflict) => 0,
        [_, ..] => 1,
        [] => 2,
    });
    for (rank, row) in (1..).zip(&mut rows) {
        row.rank = rank;
    }
    rows
}
