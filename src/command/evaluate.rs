//! `evaluate`: a run held against known true labels.

use crate::cli::{EvaluateArgs, ExitStatus};
use crate::evaluate::{Evaluation, evaluate};
use crate::manifest::words::Classes;
use crate::pipeline::right_labels;
use crate::rows::clips;
use crate::rows::folder::RunFolder;
use crate::rows::run;
use crate::rows::videos;

/// Prints the numbers.
///
/// # Errors
///
/// If the run or the truth cannot be read, or they do not fit together.
pub(super) fn run(args: &EvaluateArgs) -> anyhow::Result<ExitStatus> {
    let evaluation = measure(&RunFolder::new(args.run.clone()), &args.truth)?;
    if args.json {
        super::print(&(serde_json::to_string_pretty(&evaluation)? + "\n"))?;
    } else {
        super::print(&evaluation.to_table())?;
    }
    Ok(ExitStatus::Done)
}

/// Reads a run and the truth, and holds one against the other.
///
/// # Errors
///
/// If either cannot be read, or they do not fit together.
pub(super) fn measure(folder: &RunFolder, truth: &camino::Utf8Path) -> anyhow::Result<Evaluation> {
    folder.require_finished()?;
    let card = run::read(&folder.card())?;
    // Only the names: the other settings of a run of another version may be others.
    let written = card.settings.get("labels").cloned().unwrap_or_default();
    let classes = Classes {
        names: &card.labels,
        written: &serde_json::from_value(written).unwrap_or_default(),
    };
    let truth = right_labels::read(truth, classes)?;
    let (rows, _extra_columns) = videos::read(&folder.videos())?;
    // Only the key frames need them.
    let clips = if folder.clips().exists() {
        clips::read(&folder.clips())?
    } else {
        Vec::new()
    };
    Ok(evaluate(&rows, &clips, &card.labels, &truth)?)
}
