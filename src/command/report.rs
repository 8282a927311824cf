//! `report`: says again what a run found, from its files, and how it differs from another run.

use crate::cli::{ExitStatus, ReportArgs};
use crate::report::compare::Comparison;
use crate::report::folder::RunFolder;

/// Writes the page, and prints the summary or the comparison.
///
/// # Errors
///
/// If a run cannot be read, or the page cannot be written.
pub(super) fn run(args: &ReportArgs) -> anyhow::Result<ExitStatus> {
    let folder = RunFolder::new(args.run.clone());
    let findings = super::page::findings(&folder)?;
    let against = args.against.as_ref();
    let comparison = against
        .map(|other| {
            let other = super::page::findings(&RunFolder::new(other.clone()))?;
            anyhow::Ok(Comparison::new(&findings, &other))
        })
        .transpose()?;
    super::page::write(
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
