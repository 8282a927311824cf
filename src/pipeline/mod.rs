//! The stages of a run: each reads files and writes files.
//!
//! | stage | reads | writes |
//! |---|---|---|
//! | `prepare` | the data set | `cache/`, `settings.toml`, `issues.parquet` |
//! | `plan` | what was prepared | `plan.json` |
//! | `networks` | `plan.json`, `cache/` | `folds/<k>/`, one after the other or side by side |
//! | `judge` | the networks' files | the run's Parquet files, `run.json` |
//! | `publish` | the run's files | `report.html`, `summary.txt` |
//!
//! `scan` is all of them, `compare` the networks' once more with other labels. What a user may type, and what is printed, stands in `command`. A stage that somebody interrupts
//! ends with the error [`Interrupted`](crate::interrupt::Interrupted).

pub(crate) mod compare;
pub(crate) mod judge;
pub(crate) mod networks;
pub(crate) mod plan;
pub(crate) mod prepare;
pub(crate) mod publish;
pub(crate) mod right_labels;
pub(crate) mod scan;
pub(crate) mod share;
pub(crate) mod votes;

use std::sync::atomic::AtomicBool;

use camino::Utf8Path;
use tch::Device;

use crate::cache::Cache;
use crate::manifest::Manifest;
use crate::manifest::votes::Votes;
use crate::rows::folder::RunFolder;
use crate::rows::run::FeaturesCard;
use crate::settings::Settings;

/// The libtorch that tch is built for; it refuses any other when it is built.
pub(crate) const LIBTORCH: &str = "2.11.0";

/// A run whose videos are decoded and checked.
#[derive(Clone, Copy)]
pub(crate) struct Job<'a> {
    /// The videos; those that must be in one fold are in one group.
    pub(crate) manifest: &'a Manifest,
    /// People's votes on them, where there are any.
    pub(crate) votes: Option<&'a Votes>,
    /// Their frames, in the same order.
    pub(crate) cache: &'a Cache,
    pub(crate) settings: &'a Settings,
    /// Features that were given in the place of frames.
    pub(crate) features: Option<&'a FeaturesCard>,
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
