//! A clip to load, why it cannot be, and the frames that are looked up or made beside its own.

use tch::TchError;
use thiserror::Error;

use super::sampler::Clip;
use super::transform::Augmentation;
use crate::cache::DamagedFrames;

/// A clip to load.
#[derive(Debug, Clone)]
pub struct ClipRequest {
    /// The video's index in the cache; it must be readable and have frames.
    pub video: usize,
    /// Which frames.
    pub clip: Clip,
    /// How they are varied.
    pub augmentation: Augmentation,
}

/// Frames that could not be loaded.
#[derive(Debug, Error)]
pub enum LoadError {
    /// Those in the cache are damaged.
    #[error(transparent)]
    Frames(DamagedFrames),
    /// libtorch could not pick them on the device, or bring them there.
    #[error("libtorch could not load frames on the device")]
    Torch(#[source] TchError),
}

/// The position as long before a clip's first one as that is before the second.
pub(super) fn before(positions: &[usize]) -> usize {
    match *positions {
        [first, second, ..] => first.saturating_sub(second - first),
        [first] => first,
        [] => 0,
    }
}

/// The mean of all frames of a video, rounded.
pub(super) fn mean_frame(video: &[u8], frame_len: usize) -> Vec<u8> {
    let mut sums = vec![0_u32; frame_len];
    // So many white frames fit 16 bits, in which twice as many values are added at a time.
    for frames in video.chunks(frame_len * 256) {
        let mut few = vec![0_u16; frame_len];
        for frame in frames.chunks_exact(frame_len) {
            for (sum, &value) in few.iter_mut().zip(frame) {
                *sum = sum.wrapping_add(u16::from(value));
            }
        }
        for (sum, few) in sums.iter_mut().zip(few) {
            *sum = sum.wrapping_add(u32::from(few));
        }
    }
    let count = (video.len() / frame_len).max(1) as u32;
    sums.into_iter()
        .map(|sum| (sum.wrapping_add(count / 2) / count) as u8)
        .collect()
}
