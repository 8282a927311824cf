//! Features in the place of frames: kept in the run's cache, as what a frozen backbone sees is.

use std::sync::atomic::AtomicBool;

use anyhow::Context;
use tracing::{info, warn};

use super::Given;
use crate::cache::Cache;
use crate::interrupt;
use crate::rows::folder::RunFolder;
use crate::telemetry::Progress;

/// Keeps the features of all videos, where they are not kept yet, and says what they leave out.
///
/// # Errors
///
/// If they cannot be read any more or written, or somebody interrupts.
pub(super) fn keep(
    (vectors, checked): Given,
    folder: &RunFolder,
    stop: &AtomicBool,
) -> anyhow::Result<Cache> {
    let (given, dir) = (&checked.given, folder.cache());
    fs_err::create_dir_all(&dir)?;
    if given.features(&dir)?.is_some() {
        info!("the features are in the cache already");
    } else {
        let bar = Progress::start("features", given.videos.len() as u64);
        let kept = given.keep(&dir, |video| {
            interrupt::check(stop)?;
            let rows = checked.places[video]
                .map_or_else(|| Ok(Vec::new()), |place| vectors.halves(place))?;
            anyhow::ensure!(
                rows.len() == given.bytes(video),
                "the features of '{}' are not what they were a moment ago",
                given.videos[video].id
            );
            bar.advance(1);
            Ok(rows)
        });
        bar.finish();
        kept.context("the features cannot be kept in the cache")?;
    }
    let lacking = checked
        .places
        .iter()
        .filter(|place| place.is_none())
        .count();
    if lacking > 0 {
        warn!("{lacking} videos have no features and are not scored; issues.parquet lists them");
    }
    if checked.unseen > 0 {
        warn!(
            "{} videos are not there to be opened: report and review have no pictures of them",
            checked.unseen
        );
    }
    Ok(given.cache())
}
