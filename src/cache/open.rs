//! Reading a filled cache: nothing is locked, hashed or written, so that any number of processes may do so at once, also
//! while another one adds videos.

use std::io;

use camino::Utf8Path;

use super::Cache;
use super::error::CacheError;
use super::fingerprint::Fingerprint;
use super::record::{self, Outcome};
use crate::file_system::Map;
use crate::video::DecodeSettings;

/// The frames of videos that were decoded with `settings`, known by their fingerprints; or why there are none of a video.
///
/// # Errors
/// When the folder cannot be read, or frames of a video are not in it.
pub fn open(
    dir: &Utf8Path,
    videos: Vec<Result<Fingerprint, String>>,
    settings: &DecodeSettings,
) -> Result<Cache, CacheError> {
    let unusable = |source: io::Error| CacheError::Unusable {
        dir: dir.to_owned(),
        source,
    };
    // The index first: its lines come after their frames.
    let text = fs_err::read(dir.join("index.jsonl")).map_err(unusable)?;
    let data = fs_err::File::open(dir.join("frames.bin")).map_err(unusable)?;
    let data_bytes = data.metadata().map_err(unusable)?.len();
    let index = record::read(&text, settings, data_bytes).map_err(|found| CacheError::Newer {
        dir: dir.to_owned(),
        found,
        known: record::FORMAT,
    })?;
    let is_there = |fingerprint: &Fingerprint| {
        matches!(index.outcomes.get(fingerprint), Some(Outcome::Frames(_)))
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
        frames: Some(Map::new(&data, index.data_end).map_err(unusable)?),
        outcomes: index.outcomes,
        videos,
    })
}
