//! From what networks say to a ranking: of a run's own networks, of a run once more, of anybody's predictions.

mod again;
mod from;
mod neighbours;
mod scanned;

pub(crate) use again::again;
pub(crate) use from::from_predictions;
pub(crate) use scanned::scanned;

use std::sync::Arc;

use anyhow::Context;
use camino::Utf8Path;

use super::publish;
use crate::journal::{self, Book};
use crate::judge::{Evidence, JudgeSettings, Judged, VideoFile, judge, learnt};
use crate::page::summary::{Summary, verdict_counts};
use crate::rows::classes;
use crate::rows::cuts;
use crate::rows::folder::RunFolder;
use crate::rows::issues;
use crate::rows::learning::LearningCard;
use crate::rows::run::{self, RunCard};
use crate::rows::videos::{self, VideoRow};
use crate::rows::votes;
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
    mut judged: Judged,
    mut card: RunCard,
    extra_columns: &[String],
) -> anyhow::Result<Summary> {
    // What an earlier judgement said of classes and cuts must not outlive it.
    if let Some(report) = &judged.classes {
        classes::write_classes(&folder.classes(), report, &card.labels)?;
        classes::write_transitions(&folder.transitions(), report, &card.labels)?;
    } else {
        remove_if_there(&folder.classes())?;
        remove_if_there(&folder.transitions())?;
    }
    if let Some(promise) = &judged.promise {
        cuts::write(&folder.cuts(), &promise.cuts)?;
    } else {
        remove_if_there(&folder.cuts())?;
    }
    card.votes = judged.votes.as_ref().map(|(card, _)| *card);
    if let Some((_, raters)) = &judged.votes {
        votes::write_raters(&folder.raters(), raters)?;
    } else {
        remove_if_there(&folder.raters())?;
    }
    let labels = &card.labels;
    card.learning = learn(folder, &mut judged.rows, labels)?;
    card.promise = judged
        .promise
        .map(|promise| promise.card(judged.classes.as_ref(), labels));
    card.skill = judged.skill;
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

/// Lets the order of the review learn from what people decided on the run so far.
fn learn(
    folder: &RunFolder,
    rows: &mut [VideoRow],
    labels: &[String],
) -> anyhow::Result<Option<LearningCard>> {
    let book = Book::replay(&journal::read(folder.root())?);
    if book.ids().next().is_none() {
        return Ok(None);
    }
    let issue_rows = if folder.issues().exists() {
        issues::read(&folder.issues())?
    } else {
        Vec::new()
    };
    Ok(learnt::mark(rows, &issue_rows, labels, |queue| {
        book.decided(queue)
    })?)
}

fn remove_if_there(path: &Utf8Path) -> std::io::Result<()> {
    match fs_err::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
