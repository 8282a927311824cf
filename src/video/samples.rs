//! Videos for tests: every frame shows its number as eight black or white bars, which survive any codec and scaling.

use camino::{Utf8Path, Utf8PathBuf};

use super::{DecodedVideo, EncoderOptions, VideoEncoder};

/// A folder that is removed with the value.
pub(crate) struct TempDir(tempfile::TempDir);

impl TempDir {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> Utf8PathBuf {
        Utf8Path::from_path(self.0.path()).unwrap().join(name)
    }
}

/// The picture for a number: bar `i` from the left is white when bit `i` is set.
pub(crate) fn picture(number: u32, width: u32, height: u32) -> Vec<u8> {
    (0..width * height)
        .flat_map(|at| {
            let bit = (at % width) * 8 / width;
            [if number >> bit & 1 == 1 { 235 } else { 20 }; 3]
        })
        .collect()
}

/// Reads the number off a stored frame of `edge`×`edge` pixels.
pub(crate) fn number_of(frame: &[u8], edge: usize) -> u32 {
    let line = edge / 2;
    (0..8)
        .filter(|bit| frame[(line * edge + (2 * bit + 1) * edge / 16) * 3] > 127)
        .map(|bit| 1 << bit)
        .sum()
}

/// The numbers of all kept frames.
pub(crate) fn numbers(video: &DecodedVideo, edge: usize) -> Vec<u32> {
    video
        .pixels
        .chunks_exact(edge * edge * 3)
        .map(|frame| number_of(frame, edge))
        .collect()
}

/// Writes a video of `frames` frames.
pub(crate) fn write(
    path: &Utf8Path,
    (width, height): (u32, u32),
    frames: u32,
    options: EncoderOptions,
) {
    let mut encoder = VideoEncoder::create(path, width, height, 25, options).unwrap();
    for number in 0..frames {
        encoder.push(&picture(number, width, height)).unwrap();
    }
    encoder.finish().unwrap();
}
