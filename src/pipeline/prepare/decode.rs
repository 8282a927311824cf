//! Decoding all videos of a data set, those that shards have not decoded.

use std::sync::atomic::AtomicBool;

use camino::Utf8Path;
use tracing::{info, warn};

use super::{filling, room};
use crate::cache::{self, Cache, CacheFolder, Decoding, Fingerprint, Source};
use crate::face::Follower;
use crate::manifest::{Manifest, Video};
use crate::pipeline::{absolute, shards};
use crate::rows::folder::RunFolder;
use crate::settings::Settings;

/// Decodes what is not in the cache yet, with the face in the middle that `follower` follows; and the seconds that shards took for the rest.
///
/// # Errors
///
/// If shards are to decode the videos and are not all done, the cache cannot be written or the disk is too small for it, no
/// video at all can be read, or somebody interrupts.
pub(crate) fn fill_cache(
    manifest: &Manifest,
    folder: &RunFolder,
    settings: &Settings,
    follower: Option<&Follower>,
    stop: &AtomicBool,
) -> anyhow::Result<(Cache, f64)> {
    let known = shards::known(folder, settings, follower.map(Follower::follow))?;
    room::check(manifest, folder, settings)?;
    let content = |video: &Video| -> Option<Fingerprint> {
        if known.contents.is_empty() {
            return None;
        }
        let path = absolute(&video.path).ok()?;
        known.contents.get(Utf8Path::new(&path)).copied()
    };
    let sources: Vec<Source> = manifest
        .videos
        .iter()
        .map(|video| Source {
            id: &video.id,
            path: &video.path,
            content: content(video),
        })
        .collect();
    let cache = filling::shown(sources.len(), |watch| {
        cache::fill(
            CacheFolder {
                dir: &folder.cache(),
                packing: settings.cache.frames,
            },
            &sources,
            Decoding {
                settings: &settings.video,
                follower,
            },
            settings.thread_count(),
            stop,
            watch,
        )
    })?;
    let failed = (0..cache.len()).filter(|&video| cache.video(video).is_err());
    let failed = failed.count();
    if failed == sources.len() {
        let reason = cache.video(0).err().unwrap_or("no reason is known");
        anyhow::bail!("none of the {failed} videos can be read; the first one: {reason}");
    }
    if failed > 0 {
        warn!("{failed} videos cannot be read; the report says why");
    }
    if let Some((followed, all)) = cache.followed() {
        tell_followed(followed, all);
    }
    Ok((cache, known.seconds))
}

/// Says in how many of all videos a face was followed.
fn tell_followed(followed: usize, all: usize) {
    let words = format!("a face was followed in {followed} of {all} videos");
    if followed == all {
        info!("{words}");
    } else {
        warn!("{words}; of the others the whole frame is taken, and issues.parquet names them");
    }
}
