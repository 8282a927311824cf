//! `export`: a run's decisions as cleaned label files.

use std::fmt::Write;

use serde::Serialize;
use tracing::warn;

use crate::cli::{ExitStatus, ExportArgs};
use crate::export::{Audit, Change, Dispute, Plan, Policy, Request, check};
use crate::rows::folder::RunFolder;

/// Writes an export, says what it would change, checks one, or undoes it.
///
/// # Errors
///
/// If the run or its data set cannot be read, the data set changed since the scan, or something is in the way.
pub(super) fn run(args: &ExportArgs) -> anyhow::Result<ExitStatus> {
    let folder = RunFolder::new(args.run.clone());
    folder.require_finished()?;
    let audit = Audit::read(&folder, args.dataset.as_deref(), args.root.as_deref())?;
    if args.check {
        return checked(&audit, args);
    }
    if args.revert {
        return revert(&audit, args);
    }
    match audit.require_unchanged() {
        Err(error) if !args.force => return Err(error.into()),
        Err(error) => warn!("{error}"),
        Ok(()) => {}
    }
    let plan = Plan::make(&audit, &args.request())?;
    if !args.dry_run {
        audit.keep_original(&folder)?;
        plan.write(args.force)?;
    }
    let told = Told::new(&plan, args.dry_run);
    if args.json {
        super::print(&(serde_json::to_string_pretty(&told)? + "\n"))?;
    } else {
        super::print(&told.to_text())?;
    }
    Ok(ExitStatus::Done)
}

fn checked(audit: &Audit, args: &ExportArgs) -> anyhow::Result<ExitStatus> {
    let flaws = check(audit, &args.to, args.format)?;
    let lines: Vec<String> = flaws.iter().map(ToString::to_string).collect();
    if args.json {
        super::print(&(serde_json::to_string_pretty(&lines)? + "\n"))?;
    } else if lines.is_empty() {
        super::print(&format!(
            "'{}' has the rows of the data set, and differs from it only where that was decided\n",
            args.to
        ))?;
    } else {
        super::print(&(lines.join("\n") + "\n"))?;
    }
    Ok(if flaws.is_empty() {
        ExitStatus::Done
    } else {
        ExitStatus::Failed
    })
}

/// Writes the labels as they were scanned where an export lies.
fn revert(audit: &Audit, args: &ExportArgs) -> anyhow::Result<ExitStatus> {
    let request = Request {
        policy: Policy::nothing(),
        weights: false,
        flags: false,
        ..args.request()
    };
    let plan = Plan::make(audit, &request)?;
    if !args.force {
        // Whoever edited the export by hand would lose that.
        let flaws = check(audit, &args.to, args.format)?;
        if let Some(flaw) = flaws.first() {
            anyhow::bail!(
                "'{}' is not as it was exported: {flaw}; --force undoes it all the same",
                args.to
            );
        }
    }
    plan.write(true)?;
    plan.remove_changes()?;
    super::print(&format!(
        "'{}' has the labels that were scanned\n",
        plan.target.path
    ))?;
    Ok(ExitStatus::Done)
}

/// What an export did, or would do.
#[derive(Serialize)]
struct Told<'a> {
    target: &'a str,
    written: bool,
    relabeled: usize,
    dropped: usize,
    changes: &'a [Change],
    disputes: &'a [Dispute],
    #[serde(skip)]
    diff: &'a str,
}

impl<'a> Told<'a> {
    fn new(plan: &'a Plan, is_dry: bool) -> Self {
        let (relabeled, dropped) = plan.decisions.counts();
        Self {
            target: plan.target.path.as_str(),
            written: !is_dry,
            relabeled,
            dropped,
            changes: &plan.decisions.changes,
            disputes: &plan.decisions.disputes,
            diff: &plan.diff,
        }
    }

    fn to_text(&self) -> String {
        let mut text = String::new();
        self.write_text(&mut text)
            .unwrap_or_else(|_| unreachable!("a String takes every word"));
        text
    }

    fn write_text(&self, text: &mut String) -> std::fmt::Result {
        if !self.written {
            for change in self.changes {
                let to = change.to.as_deref().unwrap_or("left out");
                writeln!(
                    text,
                    "{}  {} → {to}  ({}: {})",
                    change.path, change.from, change.by, change.why
                )?;
            }
            if !self.diff.is_empty() {
                writeln!(text, "\n{}", self.diff)?;
            }
        }
        for dispute in self.disputes {
            writeln!(
                text,
                "{} keeps its label: {} do not agree; `review --adjudicate` settles it",
                dispute.path, dispute.by
            )?;
        }
        let (would, place) = if self.written {
            ("", format!("; written to '{}'", self.target))
        } else {
            ("would be ", "; nothing was written".to_owned())
        };
        writeln!(
            text,
            "{} labels {would}changed, {} videos {would}left out{place}",
            self.relabeled, self.dropped
        )
    }
}
