//! `report`: says again what a run found, from its files.

use crate::cli::{ExitStatus, ReportArgs};
use crate::report::folder::RunFolder;
use crate::report::summary::Summary;
use crate::report::{run, videos};

/// Prints the summary.
///
/// # Errors
///
/// If the run cannot be read.
pub(super) fn run(args: &ReportArgs) -> anyhow::Result<ExitStatus> {
    let folder = RunFolder::new(args.run.clone());
    folder.require_finished()?;
    let card = run::read(&folder.card())?;
    let (rows, _extra_columns) = videos::read(&folder.videos())?;
    super::print_summary(
        &Summary::new(&folder, &rows, &card.labels, card.promise),
        args.json,
    )?;
    Ok(ExitStatus::Done)
}
