//! From what networks say to a ranking: of a run's own networks, of a run once more, of anybody's predictions.

mod again;
mod from;
mod neighbours;
mod scanned;

pub(crate) use again::again;
pub(crate) use from::from_predictions;
pub(crate) use scanned::scanned;

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context;
use camino::Utf8Path;

use super::publish;
use crate::journal::{self, Book};
use crate::judge::{Evidence, JudgeSettings, Judged, VideoFile, judge};
use crate::manifest::{self, Format, Manifest, ReadOptions};
use crate::page::summary::{Summary, verdict_counts};
use crate::rows::classes;
use crate::rows::cuts;
use crate::rows::folder::RunFolder;
use crate::rows::run::{self, RunCard};
use crate::rows::videos;
use crate::settings::Settings;

/// Judges the videos with a run's settings.
///
/// # Errors
///
/// If the predictions cannot be scored.
fn judge_videos(
    files: Vec<VideoFile>,
    evidence: Evidence,
    labels: &[String],
    settings: &Settings,
) -> anyhow::Result<Judged> {
    let judge_settings = JudgeSettings {
        labels,
        verdict: &settings.verdict,
        noise: &settings.noise,
        calibration: &settings.calibration,
        min_distinct_frames: settings.min_distinct_frames(),
        seed: settings.seed(),
    };
    Ok(judge(files, evidence, judge_settings)?)
}

/// Writes the run's tables, its card and its page, and returns what is to be said in the terminal. `card`: without what the
/// judgement says.
///
/// # Errors
///
/// If a file cannot be written, or one that the page needs cannot be read.
fn write(
    folder: &RunFolder,
    judged: Judged,
    mut card: RunCard,
    extra_columns: &[String],
) -> anyhow::Result<Summary> {
    if let Some(report) = &judged.classes {
        classes::write_classes(&folder.classes(), report, &card.labels)?;
        classes::write_transitions(&folder.transitions(), report, &card.labels)?;
    }
    if let Some(promise) = &judged.promise {
        cuts::write(&folder.cuts(), &promise.cuts)?;
        card.promise = Some(promise.card(judged.classes.as_ref(), &card.labels));
    }
    card.videos = judged.rows.len();
    card.verdicts = verdict_counts(&judged.rows);
    let rows = Arc::new(judged.rows);
    let (written, page) = rayon::join(
        || videos::write(&folder.videos(), &rows, extra_columns),
        || publish::make(folder, card.clone(), Arc::clone(&rows)),
    );
    written?;
    run::write(&folder.card(), &card).context("the tables are written, but not the run's card")?;
    // Giving memory back takes its time, and this is a command's last step.
    rayon::spawn(move || drop(rows));
    page.context("the run is finished, but there is no page of it")
}

/// Reads a CSV file of right labels, which may lie anywhere and name any number of the videos. `label_names`: what the
/// data set writes for a class, and the class's name.
///
/// # Errors
///
/// If the file cannot be read or understood.
pub(crate) fn right_labels(
    file: &Utf8Path,
    label_names: BTreeMap<String, String>,
) -> anyhow::Result<Manifest> {
    let options = ReadOptions {
        format: Format::Csv,
        label_names,
        words_only: true,
        ..ReadOptions::default()
    };
    Ok(manifest::read(file, &options)?)
}

/// Whether the label is wrong, of every video that was judged blind in the run's reviews, or that `file` names with its
/// right label.
///
/// # Errors
///
/// If the decisions or the file cannot be read, or the file names a video twice.
fn judged_videos(
    folder: &RunFolder,
    file: Option<&Utf8Path>,
    given: &[VideoFile],
    labels: &[String],
    label_names: &BTreeMap<String, String>,
) -> anyhow::Result<BTreeMap<String, bool>> {
    let mut judged = Book::replay(&journal::read(folder.root())?).judged_blind();
    let Some(file) = file else {
        return Ok(judged);
    };
    let truth = right_labels(file, label_names.clone())?;
    let known: BTreeMap<&str, &VideoFile> = given
        .iter()
        .flat_map(|video| [(video.path.as_str(), video), (video.id.as_str(), video)])
        .collect();
    for row in &truth.videos {
        let video = known
            .get(row.written_path.as_str())
            .or_else(|| known.get(row.id.as_str()));
        let Some(video) = video else {
            anyhow::bail!(
                "'{file}' judges '{}', which the run does not have; name videos by the run's path or id",
                row.written_path
            );
        };
        let is_error = truth.labels.name(row.label) != labels[video.label];
        judged.insert(video.id.clone(), is_error);
    }
    Ok(judged)
}
