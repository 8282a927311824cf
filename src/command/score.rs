//! `score`: scores and verdicts again from a run's predictions, without video or training.

use anyhow::Context;

use crate::cli::{ExitStatus, GlobalArgs, ScoreArgs};
use crate::report::folder::RunFolder;
use crate::report::judge::{JudgeSettings, VideoFile, judge};
use crate::report::summary::Summary;
use crate::report::videos::{self, VideoRow};
use crate::report::{clips, dynamics, run};
use crate::score::Verdict;

/// Judges the run's videos with the settings of the run and of the command line, and writes `videos.parquet` again.
///
/// # Errors
///
/// If the run cannot be read or written, or the settings are wrong.
pub(super) fn run(args: &ScoreArgs, global: &GlobalArgs) -> anyhow::Result<ExitStatus> {
    let folder = RunFolder::new(args.run.clone());
    folder.require_finished()?;
    let resolved = global.layers(folder.settings().as_str()).resolve()?;
    if global.print_config {
        super::print(&resolved.to_toml())?;
        return Ok(ExitStatus::Done);
    }
    let settings = &resolved.settings;
    let mut card = run::read(&folder.card())?;
    let (rows, extra_columns) = videos::read(&folder.videos())?;
    let files = rows
        .into_iter()
        .map(|row| video_file(row, &card.labels))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let judge_settings = JudgeSettings {
        labels: &card.labels,
        verdict: &settings.verdict,
        noise: &settings.noise,
        min_distinct_frames: settings.min_distinct_frames(),
    };
    let rows = judge(
        files,
        &clips::read(&folder.clips())?,
        &dynamics::read(&folder.dynamics())?,
        judge_settings,
    )?;
    videos::write(&folder.videos(), &rows, &extra_columns)?;
    fs_err::write(folder.settings(), resolved.to_toml())?;
    let summary = Summary::new(&folder, &rows, &card.labels);
    card.settings = serde_json::to_value(settings)?;
    card.verdicts.clone_from(&summary.verdicts);
    run::write(&folder.card(), &card)?;
    super::print_summary(&summary, args.json)?;
    Ok(ExitStatus::Done)
}

/// What a row says of the file itself.
fn video_file(row: VideoRow, labels: &[String]) -> anyhow::Result<VideoFile> {
    let label = labels
        .iter()
        .position(|label| *label == row.label)
        .with_context(|| {
            format!(
                "video '{}' has the label '{}', which run.json does not know",
                row.id, row.label
            )
        })?;
    let facts = match (row.facts, row.verdict) {
        (Some(facts), _) => Ok(facts),
        // An unreadable video's reason is the decoder's word.
        (None, Verdict::Unreadable) => Err(row.reason),
        (None, _) => anyhow::bail!(
            "video '{}' has a verdict but no frames in videos.parquet",
            row.id
        ),
    };
    Ok(VideoFile {
        id: row.id,
        path: row.path,
        label,
        group: row.group,
        fold: row.fold,
        facts,
        extra: row.extra,
    })
}
