//! `score`: scores and verdicts again from a run's predictions or anybody's, without video or training.

use anyhow::Context;
use camino::Utf8Path;
use tracing::info;

use crate::cli::{ExitStatus, ScoreArgs};
use crate::page::summary::Summary;
use crate::pipeline::judge;
use crate::pipeline::right_labels::{Given, JudgedFile};
use crate::predictions::{self, GivenLabels};
use crate::rows::folder::{Existing, RunFolder};
use crate::settings::Resolved;

/// Judges the run's videos with the settings of the run and of the command line, and with what was judged blind in its
/// reviews; writes the tables of the run again. Or judges anybody's predictions.
///
/// # Errors
///
/// If the run cannot be read or written, or the settings are wrong.
pub(super) fn run(args: &ScoreArgs, resolved: &Resolved) -> anyhow::Result<ExitStatus> {
    let summary = if let Some(first) = args.from.first() {
        from(args, first, resolved)?
    } else {
        let root = args.run.clone();
        let root = root.context("name a run, or predictions with --from")?;
        judge::again(&RunFolder::new(root), resolved, people(args))?
    };
    super::print_summary(&summary, args.json)?;
    Ok(ExitStatus::Done)
}

/// Reads the predictions, judges them, and writes a run without video. `first`: their file, or the first of several.
///
/// # Errors
///
/// If the predictions cannot be read or scored, the settings are wrong, or the folder cannot be used.
fn from(args: &ScoreArgs, first: &Utf8Path, resolved: &Resolved) -> anyhow::Result<Summary> {
    let given = GivenLabels::parse(&args.labels)?;
    let predictions = predictions::read(&args.from, given, args.keep_order)?;
    for sentence in &predictions.told {
        info!("{sentence}");
    }
    let folder = RunFolder::new(args.run_folder(first));
    folder.prepare(if args.overwrite {
        Existing::Overwrite
    } else {
        Existing::Refuse
    })?;
    judge::from_predictions(predictions, first, &folder, resolved, people(args))
}

/// What `--judged`, `--judged-wrong` and `--votes` say.
fn people(args: &ScoreArgs) -> Given<'_> {
    let judged = args.judged.as_deref().map(|path| JudgedFile {
        path,
        others: &args.judged_wrong,
    });
    Given {
        judged,
        votes: args.votes.as_deref(),
    }
}
