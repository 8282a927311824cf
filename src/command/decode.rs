//! `scan --decode`: a shard of the videos, which needs no network.

use anyhow::Context;

use crate::cli::{ExitStatus, ScanArgs};
use crate::interrupt;
use crate::pipeline::shards::Shards;
use crate::rows::folder::RunFolder;
use crate::telemetry;

/// Decodes a shard of a run whose videos were divided.
///
/// # Errors
///
/// If they were not, there is no such shard, the cache cannot be written, or somebody interrupts.
pub(super) fn run(args: &ScanArgs) -> anyhow::Result<ExitStatus> {
    if args.json {
        telemetry::tell_events();
    }
    let folder = RunFolder::new(args.data.run_folder());
    let shards = Shards::find(&folder)?.with_context(|| {
        format!(
            "the videos of '{}' are not divided; `rdfer-audit scan DATASET --out {} --prepare --shards N` does it",
            folder.root(),
            folder.root()
        )
    })?;
    let number = args.decode.unwrap_or_default();
    shards.decode(&folder, number, interrupt::flag())?;
    Ok(ExitStatus::Done)
}
