//! Packs clips into batches while the network works on the batch before.

use std::thread;

use rayon::prelude::*;
use tch::{Kind, Tensor};

use super::sampler::Clip;
use super::transform::{Augmentation, ExtraFrame, InputKind};
use crate::cache::{Cache, CachedVideo, Features};

/// Batches that may wait for the network: enough to hide a slow disk, few enough to keep memory flat.
const WAITING_BATCHES: usize = 2;

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

/// What clips are made of.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// Frames, for a network that sees them in this way.
    Frames(&'a Cache, InputKind),
    /// What a frozen backbone saw in them; of an augmentation only mirroring counts.
    Features(&'a Features),
}

/// Clips as stored: frames, ready for [`super::transform::network_input`], or their features.
#[derive(Debug)]
pub struct ClipBatch {
    /// What was asked for, in the batch's order.
    pub requests: Vec<ClipRequest>,
    /// B×F×H×W×3, u8, or F + 1 frames with the extra one last where the input kind needs it; B×F×feature, half precision,
    /// where they come from [`Source::Features`].
    pub frames: Tensor,
}

/// Loads each list of requests as one batch and hands the batches to `consume` in order, loading ahead on a thread.
///
/// # Errors
///
/// The first error of `consume`; later batches are then not loaded.
///
/// # Panics
///
/// If a request names a video that the cache could not read.
pub fn for_each_batch<E>(
    source: Source,
    batches: impl Iterator<Item = Vec<ClipRequest>> + Send,
    mut consume: impl FnMut(ClipBatch) -> Result<(), E>,
) -> Result<(), E> {
    thread::scope(|scope| {
        let (sender, receiver) = crossbeam_channel::bounded(WAITING_BATCHES);
        scope.spawn(move || {
            for requests in batches {
                if sender.send(load(source, requests)).is_err() {
                    break; // the consumer gave up
                }
            }
        });
        receiver.into_iter().try_for_each(&mut consume)
    })
}

/// Copies the clips' frames or features out of the cache.
fn load(source: Source, requests: Vec<ClipRequest>) -> ClipBatch {
    let count = requests.len() as i64;
    let frames = match source {
        Source::Frames(cache, kind) => {
            let frames: Vec<Vec<u8>> = requests
                .par_iter()
                .map(|request| clip_pixels(cache, kind, request))
                .collect();
            let size = requests
                .first()
                .map_or(0, |request| i64::from(video(cache, request.video).size));
            Tensor::from_slice(&frames.concat()).view([count, -1, size, size, 3])
        }
        Source::Features(features) => {
            let rows: Vec<u8> = requests
                .iter()
                .flat_map(|request| {
                    let mirrored = request.augmentation.flipped;
                    let positions = request.clip.positions.iter();
                    positions.flat_map(move |&at| features.row(request.video, at, mirrored))
                })
                .copied()
                .collect();
            Tensor::from_slice(&rows).view_dtype(Kind::Half).view([
                count,
                -1,
                features.width() as i64,
            ])
        }
    };
    ClipBatch { requests, frames }
}

/// All kept frames of a video as one clip, with the extra frame where one is needed: 1×F×H×W×3, u8.
pub fn whole_video(kind: InputKind, video: CachedVideo) -> Tensor {
    let size = i64::from(video.size);
    let positions: Vec<usize> = (0..video.kept.len()).collect();
    let pixels = pixels_at(kind, video, &positions);
    Tensor::from_slice(&pixels).view([1, -1, size, size, 3])
}

fn video(cache: &Cache, index: usize) -> CachedVideo<'_> {
    cache
        .video(index)
        .unwrap_or_else(|reason| unreachable!("video {index} is not to be loaded: {reason}"))
}

fn clip_pixels(cache: &Cache, kind: InputKind, request: &ClipRequest) -> Vec<u8> {
    pixels_at(kind, video(cache, request.video), &request.clip.positions)
}

/// The frames at the positions one after the other, then the extra frame where one is needed.
fn pixels_at(kind: InputKind, video: CachedVideo, positions: &[usize]) -> Vec<u8> {
    let frame_len = (video.size * video.size * 3) as usize;
    let mut pixels = Vec::with_capacity((positions.len() + 1) * frame_len);
    let frame = |position: usize| &video.pixels[position * frame_len..][..frame_len];
    for &position in positions {
        pixels.extend_from_slice(frame(position));
    }
    match kind.extra_frame() {
        None => {}
        Some(ExtraFrame::Mean) => append_mean_frame(&mut pixels, video.pixels, frame_len),
        Some(ExtraFrame::Before) => pixels.extend_from_slice(frame(before(positions))),
    }
    pixels
}

/// The position as long before a clip's first one as that is before the second.
fn before(positions: &[usize]) -> usize {
    match *positions {
        [first, second, ..] => first.saturating_sub(second - first),
        [first] => first,
        [] => 0,
    }
}

/// Appends the mean of all frames of a video, rounded.
fn append_mean_frame(pixels: &mut Vec<u8>, video: &[u8], frame_len: usize) {
    let mut sums = vec![0_u32; frame_len];
    for frame in video.chunks_exact(frame_len) {
        for (sum, &value) in sums.iter_mut().zip(frame) {
            *sum += u32::from(value);
        }
    }
    let count = (video.len() / frame_len).max(1) as u32;
    pixels.extend(
        sums.into_iter()
            .map(|sum| ((sum + count / 2) / count) as u8),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frame_before_keeps_the_clips_pace() {
        assert_eq!(before(&[10, 13, 16]), 7);
        assert_eq!(before(&[1, 4]), 0);
        assert_eq!(before(&[5, 5, 6]), 5);
        assert_eq!(before(&[3]), 3);
    }

    #[test]
    fn the_mean_frame_is_rounded() {
        let mut pixels = Vec::new();
        append_mean_frame(&mut pixels, &[0, 10, 1, 20], 2);
        assert_eq!(pixels, [1, 15]);
    }
}
