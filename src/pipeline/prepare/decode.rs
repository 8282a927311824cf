//! Decoding, with a progress bar.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tracing::{info, warn};

use super::room;
use crate::cache::{self, Cache, CacheError, CacheFolder, Progress as Decoding, Source};
use crate::interrupt::Interrupted;
use crate::manifest::Manifest;
use crate::rows::folder::RunFolder;
use crate::settings::Settings;
use crate::telemetry::Progress;

/// Decodes what is not in the cache yet.
///
/// # Errors
///
/// If the cache cannot be written or the disk is too small for it, no video at all can be read, or somebody interrupts.
pub(crate) fn fill_cache(
    manifest: &Manifest,
    folder: &RunFolder,
    settings: &Settings,
    stop: &AtomicBool,
) -> anyhow::Result<Cache> {
    room::check(manifest, folder, settings)?;
    let sources: Vec<Source> = manifest
        .videos
        .iter()
        .map(|video| Source {
            id: &video.id,
            path: &video.path,
        })
        .collect();
    let bar = Progress::start("decode", sources.len() as u64);
    let found = AtomicUsize::new(0);
    let watch = |news: Decoding| {
        if let Decoding::Found(_) = news {
            found.fetch_add(1, Ordering::Relaxed);
        }
        bar.advance(1);
    };
    let filled = cache::fill(
        CacheFolder {
            dir: &folder.cache(),
            packing: settings.cache.frames,
        },
        &sources,
        &settings.video,
        settings.thread_count(),
        stop,
        &watch,
    );
    bar.finish();
    let cache = match filled {
        Ok(cache) => cache,
        Err(CacheError::Interrupted { .. }) => return Err(Interrupted.into()),
        Err(error) => return Err(error.into()),
    };
    info!(
        "{} videos, {} of them decoded before",
        sources.len(),
        found.into_inner()
    );
    let failed = (0..cache.len()).filter(|&video| cache.video(video).is_err());
    let failed = failed.count();
    if failed == sources.len() {
        let reason = cache.video(0).err().unwrap_or("no reason is known");
        anyhow::bail!("none of the {failed} videos can be read; the first one: {reason}");
    }
    if failed > 0 {
        warn!("{failed} videos cannot be read; the report says why");
    }
    Ok(cache)
}
