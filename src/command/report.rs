//! `report`: says again what a run found, from its files, and how it differs from another run.

use std::collections::BTreeMap;

use anyhow::Context;

use crate::cli::{ExitStatus, ReportArgs};
use crate::evaluate::votes;
use crate::manifest::votes::Named;
use crate::manifest::words::Classes;
use crate::page::compare::Comparison;
use crate::pipeline::share::{left_out, share};
use crate::pipeline::{self, publish};
use crate::rows::folder::RunFolder;
use crate::rows::run;
use crate::rows::videos::{self, VideoRow};

/// Writes the page, and prints the summary, the comparison, or what people's votes say.
///
/// # Errors
///
/// If a run cannot be read, has no votes where they are asked for, or the page cannot be written.
pub(super) fn run(args: &ReportArgs) -> anyhow::Result<ExitStatus> {
    let folder = RunFolder::new(args.run.clone());
    if args.votes {
        return tell_votes(&folder, args.json);
    }
    if let Some(target) = &args.share {
        share(&folder, target, &args.include, args.root.as_deref())?;
        let words = format!(
            "{target} is written; left out: {}\n",
            left_out(&args.include).join("; ")
        );
        return super::print(&words).map(|()| ExitStatus::Done);
    }
    let findings = publish::findings(&folder)?;
    let against = args.against.as_ref();
    let comparison = against
        .map(|other| {
            let other = publish::findings(&RunFolder::new(other.clone()))?;
            anyhow::Ok(Comparison::new(&findings, &other))
        })
        .transpose()?;
    publish::write(
        &folder,
        &findings,
        comparison.as_ref(),
        args.root.as_deref(),
    )?;
    match &comparison {
        None => super::print_summary(&findings.summary, args.json)?,
        Some(comparison) if args.json => {
            super::print(&(serde_json::to_string_pretty(comparison)? + "\n"))?;
        }
        Some(comparison) => super::print(&comparison.to_text())?,
    }
    Ok(ExitStatus::Done)
}

/// Says how the verdicts relate to people's votes.
fn tell_votes(folder: &RunFolder, json: bool) -> anyhow::Result<ExitStatus> {
    folder.require_finished()?;
    let card = run::read(&folder.card())?;
    let (rows, extra_columns) = videos::read(&folder.videos())?;
    let written = card.settings.get("labels").cloned().unwrap_or_default();
    let written: BTreeMap<String, String> = serde_json::from_value(written).unwrap_or_default();
    let classes = Classes {
        names: &card.labels,
        written: &written,
    };
    let of_name = |row: &VideoRow| card.labels.iter().position(|label| *label == row.label);
    let named: Vec<Named> = rows
        .iter()
        .filter_map(|row| {
            Some(Named {
                id: &row.id,
                path: &row.path,
                label: of_name(row)?,
                extra: &row.extra,
            })
        })
        .collect();
    let found = pipeline::votes::of_run(None, folder, (&named, &extra_columns), classes)?;
    let votes = found.and_then(|found| votes::summarise(&rows, &found, &card.labels)).context(
        "the run has no votes: give a file of them with 'score RUN --votes FILE', or name a column of the data set after each class, with the number of votes for it, or columns 'rater…' with each rater's class",
    )?;
    if json {
        super::print(&(serde_json::to_string_pretty(&votes)? + "\n"))?;
    } else {
        super::print(&votes.to_table())?;
    }
    Ok(ExitStatus::Done)
}
