//! Decoded frames on disk, so that a video is decoded once and then only read.
//!
//! A cache folder holds `frames.bin` (RGB frames, raw or compressed, appended, memory-mapped for reading) and `index.jsonl`
//! (one line per video, appended after its frames). Videos are known by a fingerprint of their content and by the decode
//! settings, never by path: moved files are found again, and a changed file is decoded again while the rest is not. Files
//! that cannot be decoded are remembered with their reason. Folders `shard-K` in it are caches of their own, which other
//! processes filled, and are read with it. The folder is safe to delete.
//!
//! This module knows nothing of labels, clips or tensors; how a video is decoded is [`crate::video`]'s business.

mod decoding;
mod error;
mod features;
mod fill;
mod fingerprint;
mod given;
mod lend;
mod open;
mod packing;
mod record;
mod stock;
mod store;
#[cfg(test)]
mod tests;

use self::record::Outcome;
use self::stock::Stock;
use crate::face::{Follow, Followed};
use crate::health::Looks;
use crate::video::{ContainerFacts, VideoFacts};

pub use self::decoding::Decoding;
pub use self::error::CacheError;
pub use self::features::{Features, Rows};
pub use self::fill::{CacheFolder, Progress, Source, fill, fill_part};
pub use self::fingerprint::{Fingerprint, fingerprint, stamp};
pub use self::given::{DecodedFrames, Given, GivenVideo};
pub use self::lend::lend;
pub use self::open::open;
pub use self::packing::{CacheSettings, DamagedFrames, Packing, StoredPixels};
pub use self::stock::parts_of;

/// The frames of a list of videos, in the order of that list.
#[derive(Debug)]
pub struct Cache {
    size: u32,
    /// How a face was followed, where one was to be.
    follow: Option<Follow>,
    /// Without frames where rows were given in their place.
    stock: Stock,
    /// Per video its fingerprint, or why there is none.
    videos: Vec<Result<Fingerprint, String>>,
}

/// One video's frames, in the mapped file.
#[derive(Debug, Clone, Copy)]
pub struct CachedVideo<'a> {
    /// What the video is like.
    pub facts: VideoFacts,
    /// What its container says.
    pub container: &'a ContainerFacts,
    /// What its frames look like.
    pub looks: &'a Looks,
    /// What following a face came to, where one was to be followed.
    pub face: Option<Followed>,
    /// The index of each frame in the video's display order, ascending.
    pub kept: &'a [u32],
    /// Edge of the frames in pixels.
    pub size: u32,
    /// How its low spatial frequencies run over time.
    pub motion: &'a [u8],
    /// The frames: `kept.len()`×`size`×`size`×3, RGB, rows from the top.
    pub pixels: StoredPixels<'a>,
}

impl Cache {
    /// The number of videos, those included that could not be decoded.
    pub fn len(&self) -> usize {
        self.videos.len()
    }

    /// Whether there are no videos.
    pub fn is_empty(&self) -> bool {
        self.videos.is_empty()
    }

    /// The frames of the video at `index` of the list that the cache was filled for.
    ///
    /// # Errors
    /// Why the video could not be decoded, as a fragment that completes a sentence which begins with its name.
    ///
    /// # Panics
    /// When `index` is not below [`Self::len`].
    pub fn video(&self, index: usize) -> Result<CachedVideo<'_>, &str> {
        let fingerprint = self.videos[index].as_ref().map_err(String::as_str)?;
        match self.stock.outcomes().get(fingerprint) {
            // What an index line speaks for lies within the map, as was checked when it was read.
            Some(Outcome::Frames(frames)) => Ok(CachedVideo {
                facts: frames.facts,
                container: &frames.container,
                looks: &frames.looks,
                face: frames.face,
                kept: &frames.kept,
                size: self.size,
                motion: self.stock.slice(
                    frames,
                    frames.offset + frames.stored_bytes(),
                    frames.motion_bytes(),
                ),
                pixels: StoredPixels {
                    stored: self
                        .stock
                        .slice(frames, frames.offset, frames.stored_bytes()),
                    packing: frames.packing(),
                    bytes: frames.bytes as usize,
                    frame_bytes: self.size as usize * self.size as usize * 3,
                },
            }),
            Some(Outcome::Failure { reason }) => Err(reason),
            // Filling gives every fingerprint an outcome.
            None => Err("was not decoded"),
        }
    }

    /// How a face was followed in all videos; nothing where none was to be.
    pub fn follow(&self) -> Option<&Follow> {
        self.follow.as_ref()
    }

    /// In how many videos a face was followed, and of how many; nothing where none was to be.
    pub fn followed(&self) -> Option<(usize, usize)> {
        self.follow()?;
        let readable = (0..self.len()).filter_map(|video| self.video(video).ok());
        let faces: Vec<Followed> = readable.filter_map(|video| video.face).collect();
        let followed = faces.iter().filter(|face| face.is_followed()).count();
        Some((followed, faces.len()))
    }

    /// The fingerprint of the video at `index`; none when its file could not be read.
    ///
    /// # Panics
    /// When `index` is not below [`Self::len`].
    pub fn fingerprint(&self, index: usize) -> Option<Fingerprint> {
        self.videos[index].as_ref().ok().copied()
    }
}
