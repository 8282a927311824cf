//! `score`: scores and verdicts again from a run's predictions or anybody's, without video or training.

use anyhow::Context;

use crate::cli::{ExitStatus, GlobalArgs, ScoreArgs};
use crate::pipeline::judge;
use crate::rows::folder::{Existing, RunFolder};
use crate::rows::predictions;

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
    let summary = judge::again(&folder, &resolved, args.judged.as_deref())?;
    super::print_summary(&summary, args.json)?;
    Ok(ExitStatus::Done)
}

/// Reads the predictions, judges them, and writes a run without video.
///
/// # Errors
///
/// If the predictions cannot be read or scored, the settings are wrong, or the folder cannot be used.
pub(super) fn run_from(args: &ScoreArgs, global: &GlobalArgs) -> anyhow::Result<ExitStatus> {
    let resolved = global.layers("cpu").resolve()?;
    if global.print_config {
        super::print(&resolved.to_toml())?;
        return Ok(ExitStatus::Done);
    }
    let source = args.from.clone().unwrap_or_default();
    let predictions = predictions::read(&source, &args.labels)?;
    let folder = RunFolder::new(args.run_folder(&source));
    folder.prepare(if args.overwrite {
        Existing::Overwrite
    } else {
        Existing::Refuse
    })?;
    let judged = args.judged.as_deref();
    let summary = judge::from_predictions(predictions, &source, &folder, &resolved, judged)?;
    super::print_summary(&summary, args.json)?;
    Ok(ExitStatus::Done)
}
