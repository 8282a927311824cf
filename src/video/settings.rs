//! What is asked of the decoder and what it answers; no `FFmpeg` in here.

use serde::{Deserialize, Serialize};

use super::crop::FaceCrop;
use super::error::DecodeProblem;

/// The largest edge of stored frames, in pixels; beyond it a setting is a typing error.
pub(super) const LARGEST_SIZE: u32 = 4096;

/// How videos are brought to the size at which they are stored.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DecodeSettings {
    /// Edge of the stored frames in pixels: each is `size`×`size` RGB, stretched to the square.
    pub size: u32,
    /// At most so many frames of a video are kept, evenly spread over it; all of them when it has fewer.
    pub max_frames: usize,
    /// The part of every frame that is stored, cut out before it is scaled; the whole frame by default.
    pub face_crop: FaceCrop,
}

impl Default for DecodeSettings {
    /// 64 frames of 112×112, as the RDFER network reads them (RDFER, arXiv:2502.16129).
    fn default() -> Self {
        Self {
            size: 112,
            max_frames: 64,
            face_crop: FaceCrop::WHOLE,
        }
    }
}

impl DecodeSettings {
    /// Bytes of one stored frame.
    pub fn frame_bytes(&self) -> usize {
        self.size as usize * self.size as usize * 3
    }

    pub(super) fn check(&self) -> Result<(), DecodeProblem> {
        if self.max_frames == 0 || self.size == 0 || self.size > LARGEST_SIZE {
            return Err(DecodeProblem::Settings {
                size: self.size,
                max_frames: self.max_frames,
            });
        }
        if !self.face_crop.is_possible() {
            return Err(DecodeProblem::Crop {
                crop: self.face_crop,
            });
        }
        Ok(())
    }
}

/// What a video is like, as found by decoding it: what the kept frames need, and everything where that does not come out as
/// the container says.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct VideoFacts {
    /// Frames, those included that need not be decoded; for a folder the number of frame images in it.
    pub frames: u32,
    /// Mean frames per second over the whole video; 0 when unknown, as for folders.
    pub fps: f32,
    /// From the first frame's start to the last one's end, in seconds; 0 when unknown, as for folders.
    pub duration_secs: f32,
    /// Width in pixels of the first kept frame as it is shown, that is after rotation.
    pub width: u32,
    /// Height in pixels of the first kept frame as it is shown, that is after rotation.
    pub height: u32,
    /// How many of the kept frames differ from one another in any pixel.
    pub distinct_frames: u32,
    /// Whether data is missing or damaged: the file ends early, packets could not be decoded, frame images are broken.
    pub truncated: bool,
}

/// What a video's container says of it, to be held against what it holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ContainerFacts {
    /// `FFmpeg`'s name of the format (`mov,mp4,m4a,3gp,3g2,mj2`, `matroska,webm`, …); empty for a folder of frames.
    pub format: String,
    /// Frames that the container promises: entries of its index or header, or the packets in it where those are more; for a
    /// folder the frame images that were opened.
    pub promised_frames: u32,
    /// The longest time from one frame to the next over the median one, by the frames' time stamps; 1 where they come
    /// evenly, as in a folder.
    pub largest_gap: f32,
    /// Whether no time from one frame to the next is the usual one.
    #[serde(default)]
    pub uneven: bool,
    /// Whether the frames are stored turned or mirrored, and a matrix in the container sets them upright.
    pub turned: bool,
    /// Frames that are in the file and that an edit list hides.
    #[serde(default)]
    pub hidden_frames: u32,
    /// Whether the index is missing that the format has at its end, as when a recording was broken off.
    #[serde(default)]
    pub lacks_index: bool,
    /// The share of frames that are woven from two half pictures of different moments, in [0, 1].
    #[serde(default)]
    pub interlaced: f32,
}

/// A decoded video.
#[derive(Debug, Clone, PartialEq)]
pub struct DecodedVideo {
    /// What the video is like.
    pub facts: VideoFacts,
    /// What its container says.
    pub container: ContainerFacts,
    /// The index of each kept frame in display order, ascending.
    pub kept: Vec<u32>,
    /// The kept frames: `kept.len()`×`size`×`size`×3, RGB, rows from the top.
    pub pixels: Vec<u8>,
}

impl VideoFacts {
    /// When a frame is shown, in seconds from the first one, at the mean rate; at 25 frames a second where it is unknown.
    pub fn seconds(&self, frame: u32) -> f32 {
        let rate = if self.fps > 0.0 { self.fps } else { 25.0 };
        frame as f32 / rate
    }
}

impl DecodedVideo {
    /// How many of the frames in `pixels` differ from one another.
    pub(super) fn count_distinct(pixels: &[u8], frame_bytes: usize) -> u32 {
        // Sorted by content: frames that differ mostly do so early, and comparing is quicker than any hash.
        let mut frames: Vec<&[u8]> = pixels.chunks_exact(frame_bytes).collect();
        frames.sort_unstable();
        frames.dedup();
        frames.len() as u32
    }
}

/// `wanted` indices into `total` frames, evenly spread with the first and the last among them; all when there are fewer.
///
/// Index `i` is `i·(total−1)/(wanted−1)`, halves rounded up; a single wanted frame is the middle one.
pub fn evenly_spread(total: usize, wanted: usize) -> Vec<u32> {
    if total <= wanted {
        return (0..total as u32).collect();
    }
    if wanted == 1 {
        return vec![((total - 1) / 2) as u32];
    }
    let (last, steps) = (total as u64 - 1, (wanted as u64).saturating_sub(1));
    (0..wanted as u64)
        .map(|i| ((2 * i * last + steps) / (2 * steps)) as u32)
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn few_frames_are_all_kept() {
        assert!(evenly_spread(0, 4).is_empty());
        assert_eq!(evenly_spread(3, 4), [0, 1, 2]);
        assert_eq!(evenly_spread(4, 4), [0, 1, 2, 3]);
    }

    #[test]
    fn ends_are_included_and_halves_go_up() {
        assert_eq!(evenly_spread(5, 1), [2]);
        assert!(evenly_spread(5, 0).is_empty());
        assert_eq!(evenly_spread(6, 3), [0, 3, 5]);
        assert_eq!(evenly_spread(75, 4), [0, 25, 49, 74]);
    }

    proptest! {
        #[test]
        fn indices_are_ascending_and_gaps_alike(total in 1_usize..5000, wanted in 2_usize..200) {
            let indices = evenly_spread(total, wanted);
            prop_assert_eq!(indices.len(), total.min(wanted));
            prop_assert_eq!(indices[0], 0);
            prop_assert_eq!(indices[indices.len() - 1] as usize, total - 1);
            let gaps: Vec<u32> = indices.windows(2).map(|pair| pair[1] - pair[0]).collect();
            if let (Some(least), Some(most)) = (gaps.iter().min(), gaps.iter().max()) {
                prop_assert!(*least >= 1 && most - least <= 1);
            }
        }
    }

    #[test]
    fn distinct_frames_are_counted_wherever_they_lie() {
        assert_eq!(
            DecodedVideo::count_distinct(&[1, 1, 2, 2, 1, 1, 3, 3], 2),
            3
        );
    }
}
