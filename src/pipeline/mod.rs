//! The stages of a run: each reads files and writes files.
//!
//! | stage | reads | writes |
//! |---|---|---|
//! | `prepare` | the data set | `cache/`, `labels/`, `settings.toml`, `issues.parquet`, `plan.json` |
//! | `networks` | `plan.json`, `cache/` | `folds/<k>/`, in any order, at any time, on any machine |
//! | `judge` | the networks' files | the run's Parquet files, `run.json` |
//! | `publish` | the run's files | `report.html`, `summary.txt` |
//!
//! `scan --decode` is a shard of the decoding, before `prepare`.
//!
//! `scan` is all of them; `scan --prepare`, `--network` and `--merge` are the same calls in several processes. `compare` is
//! the networks' once more with other labels. What a user may type, and what is printed, stands in `command`. A stage that
//! somebody interrupts ends with the error [`Interrupted`](crate::interrupt::Interrupted).

pub(crate) mod compare;
pub(crate) mod earlier;
pub(crate) mod judge;
pub(crate) mod lines;
pub(crate) mod merge;
pub(crate) mod networks;
pub(crate) mod plan;
pub(crate) mod prepare;
pub(crate) mod publish;
pub(crate) mod ready;
pub(crate) mod right_labels;
pub(crate) mod scan;
pub(crate) mod shards;
pub(crate) mod share;
pub(crate) mod status;
pub(crate) mod votes;

use std::sync::atomic::AtomicBool;

use camino::Utf8Path;
use tch::Device;

use self::plan::Plan;
use crate::cache::Cache;
use crate::rows::folder::RunFolder;

/// The libtorch that tch is built for; it refuses any other when it is built.
pub(crate) const LIBTORCH: &str = "2.11.0";

/// A run whose videos are decoded, checked and planned.
#[derive(Clone, Copy)]
pub(crate) struct Job<'a> {
    pub(crate) plan: &'a Plan,
    /// The frames of the plan's videos, in its order.
    pub(crate) cache: &'a Cache,
    /// Where the networks run, one on each at a time; never none.
    pub(crate) devices: &'a [Device],
    pub(crate) folder: &'a RunFolder,
    /// Raised where somebody wants the work to stop.
    pub(crate) stop: &'a AtomicBool,
}

/// A path that is true from every folder. The empty path, where a file beside lies, is the present one.
pub(crate) fn absolute(path: &Utf8Path) -> anyhow::Result<String> {
    let here = Utf8Path::new(".");
    let path = if path.as_str().is_empty() { here } else { path };
    Ok(camino::absolute_utf8(path)?.into_string())
}
