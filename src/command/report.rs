//! `report`: says again what a run found, from its files.

use anyhow::Context;

use crate::cli::{ExitStatus, ReportArgs};
use crate::report::folder::RunFolder;
use crate::report::summary::Summary;
use crate::report::{run, videos, votes};

/// Prints the summary, or what people's votes say of it.
///
/// # Errors
///
/// If the run cannot be read, or has no votes where they are asked for.
pub(super) fn run(args: &ReportArgs) -> anyhow::Result<ExitStatus> {
    let folder = RunFolder::new(args.run.clone());
    folder.require_finished()?;
    let card = run::read(&folder.card())?;
    let (rows, extra_columns) = videos::read(&folder.videos())?;
    if args.votes {
        let votes = votes::summarise(&rows, &extra_columns, &card.labels).context(
            "the data set has no votes: name a column after each class, with the number of votes for it, or columns 'rater…' with each rater's class",
        )?;
        if args.json {
            super::print(&(serde_json::to_string_pretty(&votes)? + "\n"))?;
        } else {
            super::print(&votes.to_table())?;
        }
        return Ok(ExitStatus::Done);
    }
    super::print_summary(
        &Summary::new(&folder, &rows, &card.labels, card.promise),
        args.json,
    )?;
    Ok(ExitStatus::Done)
}
