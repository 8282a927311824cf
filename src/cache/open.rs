//! Reading a filled cache, which any number of processes may do at once.

use camino::Utf8Path;

use super::Cache;
use super::decoding::FramesKind;
use super::error::CacheError;
use super::fingerprint::Fingerprint;
use super::record::Outcome;
use super::stock::Stock;
use crate::face::Follow;
use crate::video::DecodeSettings;

/// The frames of videos that were decoded with `settings`, and by whom a face was followed, known by their fingerprints; or why there are none of a video.
///
/// # Errors
/// When the folder or one of its parts cannot be read, or frames of a video are not in it.
pub fn open(
    dir: &Utf8Path,
    videos: Vec<Result<Fingerprint, String>>,
    settings: &DecodeSettings,
    follow: Option<&Follow>,
) -> Result<Cache, CacheError> {
    let kind = FramesKind {
        settings: *settings,
        follow: follow.cloned(),
    };
    let stock = Stock::read(dir, &kind)?;
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
        follow: kind.follow,
        stock,
        videos,
    })
}
