//! Reading a filled cache, which any number of processes may do at once.

use camino::Utf8Path;

use super::Cache;
use super::error::CacheError;
use super::fingerprint::Fingerprint;
use super::record::Outcome;
use super::stock::Stock;
use crate::video::DecodeSettings;

/// The frames of videos that were decoded with `settings`, known by their fingerprints; or why there are none of a video.
///
/// # Errors
/// When the folder or one of its parts cannot be read, or frames of a video are not in it.
pub fn open(
    dir: &Utf8Path,
    videos: Vec<Result<Fingerprint, String>>,
    settings: &DecodeSettings,
) -> Result<Cache, CacheError> {
    let stock = Stock::read(dir, settings)?;
    let is_there = |fingerprint: &Fingerprint| {
        matches!(stock.outcomes().get(fingerprint), Some(Outcome::Frames(_)))
    };
    let missing = videos.iter().flatten().filter(|video| !is_there(video));
    let missing = missing.count();
    if missing > 0 {
        return Err(CacheError::Missing {
            dir: dir.to_owned(),
            missing,
            total: videos.len(),
        });
    }
    Ok(Cache {
        size: settings.size,
        stock,
        videos,
    })
}
