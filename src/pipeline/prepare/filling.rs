//! Filling the cache, with a progress bar.

use std::sync::atomic::{AtomicUsize, Ordering};

use tracing::info;

use crate::cache::{CacheError, Progress as Decoding};
use crate::interrupt::Interrupted;
use crate::telemetry::Progress;

/// Fills the cache with so many videos, as `fill` does it, and says how many there were already.
///
/// # Errors
///
/// Those of `fill`, or if somebody interrupts.
pub(crate) fn shown<T>(
    videos: usize,
    fill: impl FnOnce(&(dyn Fn(Decoding) + Sync)) -> Result<T, CacheError>,
) -> anyhow::Result<T> {
    let bar = Progress::start("decode", videos as u64);
    let found = AtomicUsize::new(0);
    let filled = fill(&|news| {
        if let Decoding::Found(_) = news {
            found.fetch_add(1, Ordering::Relaxed);
        }
        bar.advance(1);
    });
    bar.finish();
    if matches!(filled, Err(CacheError::Interrupted { .. })) {
        return Err(Interrupted.into());
    }
    let filled = filled?;
    info!(
        "{videos} videos, {} of them decoded before",
        found.into_inner()
    );
    Ok(filled)
}
