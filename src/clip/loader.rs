//! Packs clips into batches while the network works on the batch before.

use std::thread;

use rayon::prelude::*;
use tch::{Kind, Tensor};

use super::memory;
pub use super::request::{ClipRequest, LoadError};
use super::request::{before, mean_frame};
use super::resident::Resident;
use super::transform::{ExtraFrame, InputKind};
use crate::cache::{Cache, CachedVideo, DamagedFrames, Features};

/// Batches that may wait for the network: enough to hide a slow disk, few enough to keep memory flat.
const WAITING_BATCHES: usize = 2;

/// What clips are made of.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// Frames, for a network that sees them in this way.
    Frames(&'a Cache, InputKind),
    /// Frames that are on the device already.
    Resident(&'a Resident),
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
/// Requests of one video that follow each other, as the clips on which it is scored do, share what is made of all its
/// frames: reading them, where they are compressed, and their mean.
///
/// # Errors
///
/// The first error of `consume`, or frames that cannot be read; later batches are then not loaded.
///
/// # Panics
///
/// If a request names a video that the cache could not read.
pub fn for_each_batch<E: From<LoadError>>(
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
        receiver.into_iter().try_for_each(|batch| consume(batch?))
    })
}

/// Copies the clips' frames or features out of the cache.
fn load(source: Source, requests: Vec<ClipRequest>) -> Result<ClipBatch, LoadError> {
    let frames = match source {
        Source::Frames(cache, kind) => frames(cache, kind, &requests).map_err(LoadError::Frames)?,
        Source::Resident(frames) => frames.clips(&requests).map_err(LoadError::Torch)?,
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
                requests.len() as i64,
                -1,
                features.width() as i64,
            ])
        }
    };
    Ok(ClipBatch { requests, frames })
}

/// The clips' frames, with the extra one where it is needed: B×F×H×W×3.
fn frames(
    cache: &Cache,
    kind: InputKind,
    requests: &[ClipRequest],
) -> Result<Tensor, DamagedFrames> {
    let first = requests.first();
    let size = first.map_or(0, |request| i64::from(video(cache, request.video).size));
    let in_a_clip = first.map_or(0, |request| request.clip.positions.len());
    let count = in_a_clip + usize::from(kind.extra_frame().is_some());
    let shape = [requests.len() as i64, count as i64, size, size, 3];
    let mut outcome = Ok(());
    let frames = memory::filled(&shape, |pixels| {
        let clip_len = count * (size * size * 3) as usize;
        let mut rest = pixels;
        let mut groups = Vec::new();
        for group in requests.chunk_by(|one, next| one.video == next.video) {
            let (clips, after) = rest.split_at_mut(group.len() * clip_len);
            rest = after;
            let positions: Vec<&[usize]> = group.iter().map(|r| &r.clip.positions[..]).collect();
            groups.push((video(cache, group[0].video), positions, clips));
        }
        outcome = groups
            .into_par_iter()
            .try_for_each(|(video, positions, clips)| copy(kind, video, &positions, clips));
    });
    outcome.map(|()| frames)
}

/// Copies the clips of one video: each one's frames one after the other, then the extra frame where one is needed.
fn copy(
    kind: InputKind,
    video: CachedVideo,
    positions: &[&[usize]],
    clips: &mut [u8],
) -> Result<(), DamagedFrames> {
    let frame_len = (video.size * video.size * 3) as usize;
    let frames = video.pixels.read()?;
    let frame = |position: usize| &frames[position * frame_len..][..frame_len];
    let mean = match kind.extra_frame() {
        Some(ExtraFrame::Mean) => mean_frame(&frames, frame_len),
        Some(ExtraFrame::First | ExtraFrame::Before) | None => Vec::new(),
    };
    let clip_len = clips.len() / positions.len();
    for (positions, clip) in positions.iter().zip(clips.chunks_exact_mut(clip_len)) {
        let extra = kind.extra_frame().map(|extra| match extra {
            ExtraFrame::Mean => &mean[..],
            ExtraFrame::First => frame(0),
            ExtraFrame::Before => frame(before(positions)),
        });
        let all = positions
            .iter()
            .map(|&position| frame(position))
            .chain(extra);
        for (to, frame) in clip.chunks_exact_mut(frame_len).zip(all) {
            to.copy_from_slice(frame);
        }
    }
    Ok(())
}

/// All kept frames of a video as one clip, with the extra frame where one is needed: 1×F×H×W×3, u8.
///
/// # Errors
///
/// Compressed frames are damaged.
pub fn whole_video(kind: InputKind, video: CachedVideo) -> Result<Tensor, DamagedFrames> {
    let size = i64::from(video.size);
    let positions: Vec<usize> = (0..video.kept.len()).collect();
    let count = positions.len() + usize::from(kind.extra_frame().is_some());
    let mut outcome = Ok(());
    let frames = memory::filled(&[1, count as i64, size, size, 3], |pixels| {
        outcome = copy(kind, video, &[&positions], pixels);
    });
    outcome.map(|()| frames)
}

fn video(cache: &Cache, index: usize) -> CachedVideo<'_> {
    cache
        .video(index)
        .unwrap_or_else(|reason| unreachable!("video {index} is not to be loaded: {reason}"))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::cache::{CacheFolder, Packing, fill};
    use crate::clip::sampler::Clip;
    use crate::clip::transform::Augmentation;
    use crate::video::samples::{TempDir, write};
    use crate::video::{DecodeSettings, EncoderOptions};

    #[test]
    fn the_frame_before_keeps_the_clips_pace() {
        assert_eq!(before(&[10, 13, 16]), 7);
        assert_eq!(before(&[1, 4]), 0);
        assert_eq!(before(&[5, 5, 6]), 5);
        assert_eq!(before(&[3]), 3);
    }

    #[test]
    fn the_mean_frame_is_rounded() {
        assert_eq!(mean_frame(&[0, 10, 1, 20], 2), [1, 15]);
    }

    #[test]
    fn the_mean_of_many_white_frames_is_white() {
        assert_eq!(mean_frame(&[255; 3 * 700], 3), [255; 3]);
    }

    fn request(video: usize, positions: &[usize]) -> ClipRequest {
        ClipRequest {
            video,
            clip: Clip {
                positions: positions.to_vec(),
                flipped: false,
            },
            augmentation: Augmentation::none(false),
        }
    }

    /// A frame for each of two videos.
    fn mean_frames(kind: InputKind) -> usize {
        2 * usize::from(kind.extra_frame() == Some(ExtraFrame::Mean))
    }

    #[test]
    fn a_batch_holds_the_frames_that_were_asked_for_however_they_are_kept() {
        let dir = TempDir::new();
        let settings = DecodeSettings {
            size: 16,
            max_frames: 8,
            ..DecodeSettings::default()
        };
        let paths = [dir.path("a.mp4"), dir.path("b.mp4")];
        write(&paths[0], (32, 32), 8, EncoderOptions::default());
        write(&paths[1], (32, 32), 5, EncoderOptions::default());
        let sources = paths.each_ref().map(crate::cache::Source::from);
        // Neighbours of one video, a lone one between two of the other, and one frame twice.
        let asked = [
            (0, [0, 1, 7]),
            (0, [3, 3, 4]),
            (1, [0, 2, 4]),
            (0, [5, 6, 7]),
        ];
        for packing in [Packing::Raw, Packing::Compressed] {
            let cache_dir = dir.path(&format!("{packing:?}"));
            let folder = CacheFolder {
                dir: &cache_dir,
                packing,
            };
            let never = AtomicBool::new(false);
            let cache = fill(folder, &sources, &settings, 2, &never, &|_| ()).unwrap();
            for kind in [
                InputKind::Rgb,
                InputKind::Motion,
                InputKind::MotionPrevious,
                InputKind::MotionFirst,
            ] {
                let requests = asked.map(|(video, positions)| request(video, &positions));
                let mut batches = Vec::new();
                let source = Source::Frames(&cache, kind);
                for_each_batch(source, std::iter::once(requests.to_vec()), |batch| {
                    batches.push(batch);
                    Ok::<(), LoadError>(())
                })
                .unwrap();
                let frames = i64::from(kind != InputKind::Rgb) + 3;
                assert_eq!(batches[0].frames.size(), [4, frames, 16, 16, 3]);
                let mut expected = Vec::new();
                for (video, positions) in asked {
                    let pixels = cache.video(video).unwrap().pixels.read().unwrap();
                    for position in positions {
                        expected.extend_from_slice(&pixels[position * 768..][..768]);
                    }
                    match kind.extra_frame() {
                        None => {}
                        Some(ExtraFrame::Mean) => expected.extend(mean_frame(&pixels, 768)),
                        Some(ExtraFrame::First) => expected.extend_from_slice(&pixels[..768]),
                        Some(ExtraFrame::Before) => {
                            expected.extend_from_slice(&pixels[before(&positions) * 768..][..768]);
                        }
                    }
                }
                assert!(memory::bytes(&batches[0].frames) == expected);
                let resident = Resident::fill(&cache, kind, tch::Device::Cpu, 1)
                    .unwrap()
                    .unwrap();
                assert_eq!(resident.bytes(), (13 + mean_frames(kind)) * 768);
                assert_eq!(resident.clips(&requests).unwrap(), batches[0].frames);
            }
        }
    }
}
