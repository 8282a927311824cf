//! How frames are kept on disk: as they are, or compressed.
//!
//! Raw frames are mapped and cost nothing to read, so they are the default. Compressed ones are the differences from one
//! frame to the next (the first one as it is) under zstd at its quickest level, a video at a time. Of what was tried, that
//! was both smallest and quickest: on faces in front of a still wall (GRID, 112×112) it leaves a quarter, spatial
//! predictors (previous row, left, median edge) with colours less green a third, and frames packed one by one without any
//! difference four fifths. A video is read as a whole, as most of its frames are in any clip.

use std::borrow::Cow;
use std::io;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// zstd's level: 3 takes half as long again and gains nothing on differences.
const LEVEL: i32 = 1;

/// How the frames of newly decoded videos are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Packing {
    /// As they are: the most room, and no time to read.
    #[default]
    Raw,
    /// Without loss: a fraction of the room, and some time to read.
    Compressed,
}

/// How decoded frames are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CacheSettings {
    /// How frames that are decoded from now on are kept. What is there already stays as it is, and is read as it is.
    pub frames: Packing,
}

/// Compressed frames that are not what was written.
#[derive(Debug, Error)]
#[error(
    "decoded frames in the cache are damaged; delete the run's folder 'cache', and they are decoded again"
)]
pub struct DamagedFrames(#[source] io::Error);

/// The frames of one video as they lie in the mapped file.
#[derive(Debug, Clone, Copy)]
pub struct StoredPixels<'a> {
    pub(super) stored: &'a [u8],
    pub(super) packing: Packing,
    /// Bytes of all frames.
    pub(super) bytes: usize,
    /// Bytes of one frame.
    pub(super) frame_bytes: usize,
}

impl<'a> StoredPixels<'a> {
    /// Bytes of all frames.
    pub fn len(&self) -> usize {
        self.bytes
    }

    /// Whether there are no frames.
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// The frames: F×`size`×`size`×3, RGB, rows from the top. Raw ones are not copied.
    ///
    /// # Errors
    /// Compressed frames are damaged.
    pub fn read(&self) -> Result<Cow<'a, [u8]>, DamagedFrames> {
        match self.packing {
            Packing::Raw => Ok(Cow::Borrowed(self.stored)),
            Packing::Compressed => unpack(self.stored, self.bytes, self.frame_bytes)
                .map(Cow::Owned)
                .map_err(DamagedFrames),
        }
    }
}

/// Compresses frames of `frame_bytes` bytes each.
pub(super) fn pack(pixels: &[u8], frame_bytes: usize) -> io::Result<Vec<u8>> {
    let mut differences = pixels.to_vec();
    // Every byte less the one a frame earlier; wrapping, so that nothing is lost.
    let later = differences.iter_mut().skip(frame_bytes);
    for (to, earlier) in later.zip(pixels) {
        *to = to.wrapping_sub(*earlier);
    }
    let mut compressor = zstd::bulk::Compressor::new(LEVEL)?;
    compressor.include_checksum(true)?;
    compressor.compress(&differences)
}

/// The opposite of [`pack`].
fn unpack(packed: &[u8], bytes: usize, frame_bytes: usize) -> io::Result<Vec<u8>> {
    let mut pixels = zstd::bulk::decompress(packed, bytes)?;
    if pixels.len() != bytes {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("{} bytes instead of {bytes}", pixels.len()),
        ));
    }
    let mut rest = &mut pixels[..];
    while rest.len() > frame_bytes {
        let (earlier, later) = rest.split_at_mut(frame_bytes);
        for (to, earlier) in later.iter_mut().zip(&*earlier) {
            *to = to.wrapping_add(*earlier);
        }
        rest = later;
    }
    Ok(pixels)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stored(packed: &[u8], bytes: usize, frame_bytes: usize) -> StoredPixels<'_> {
        StoredPixels {
            stored: packed,
            packing: Packing::Compressed,
            bytes,
            frame_bytes,
        }
    }

    proptest! {
        #[test]
        fn frames_come_back(frames in 0_usize..6, frame_bytes in 1_usize..40, seed: u64) {
            let bytes = frames * frame_bytes;
            let pixels: Vec<u8> = (0..bytes).map(|at| (seed >> (at % 57)) as u8).collect();
            let packed = pack(&pixels, frame_bytes).unwrap();
            prop_assert_eq!(&stored(&packed, bytes, frame_bytes).read().unwrap()[..], &pixels[..]);
        }
    }

    #[test]
    fn what_stands_still_takes_next_to_nothing() {
        let frame: Vec<u8> = (0..3 * 64 * 64_u32)
            .map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect();
        let packed = pack(&frame.repeat(32), frame.len()).unwrap();
        assert!(packed.len() < frame.len() + frame.len() / 8);
    }

    #[test]
    fn damage_is_an_error_wherever_it_lies() {
        let pixels: Vec<u8> = (0..400_u32).map(|at| (at * at / 7) as u8).collect();
        let packed = pack(&pixels, 100).unwrap();
        for at in 0..packed.len() {
            let mut damaged = packed.clone();
            damaged[at] ^= 0x40;
            let read = stored(&damaged, 400, 100).read();
            // A bit of the header that nobody reads may change; the pixels may not.
            assert!(
                read.is_err() || read.unwrap()[..] == pixels[..],
                "byte {at}"
            );
        }
        assert!(
            stored(&packed[..packed.len() - 1], 400, 100)
                .read()
                .is_err()
        );
        assert!(stored(&packed, 300, 100).read().is_err());
        assert!(stored(&packed, 500, 100).read().is_err());
    }
}
