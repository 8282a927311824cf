//! `compare`: what networks learn from the original labels, and what from cleaned ones.

use crate::cli::{CompareArgs, ExitStatus};
use crate::export::Audit;
use crate::interrupt;
use crate::pipeline::compare::{Question, compare};
use crate::rows::folder::RunFolder;
use crate::settings::Resolved;

/// Trains on the run's folds with both labels, and prints how well each does on the same videos.
///
/// # Errors
///
/// If the run, the export or the truth cannot be read, do not fit together, the training fails, or somebody interrupts.
pub(super) fn run(args: &CompareArgs, resolved: &Resolved) -> anyhow::Result<ExitStatus> {
    let folder = RunFolder::new(args.run.clone());
    let audit = Audit::read(&folder, args.dataset.as_deref(), args.root.as_deref())?;
    let comparison = compare(Question {
        folder: &folder,
        settings: &resolved.settings,
        audit: &audit,
        export: &args.export,
        truth: args.truth.as_deref(),
        weights: args.weights.as_deref(),
        stop: interrupt::flag(),
    })?;
    if args.json {
        super::print(&(serde_json::to_string_pretty(&comparison)? + "\n"))?;
    } else {
        super::print(&comparison.to_table())?;
    }
    Ok(ExitStatus::Done)
}
