//! Clips: which frames of a video the network sees, and how they become its input.
//!
//! [`sampler`] is arithmetic on frame numbers, [`loader`] packs frames of the cache into batches, [`resident`] keeps
//! them on a GPU, [`transform`] turns a batch into the network's input. Nothing here knows a file or a network.

pub mod loader;
pub(crate) mod memory;
mod request;
pub mod resident;
pub mod sampler;
pub mod transform;

use serde::{Deserialize, Serialize};

/// What a clip is, and how many of them a video is scored on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClipSettings {
    /// Clips per video when scoring, N; at least 2, since one clip cannot disagree with itself.
    pub count: usize,
    /// Frames per clip, F, spread evenly over its window.
    pub frames: usize,
    /// Shortest window as a share of the video, `w_min` in (0, 1]; a window's length is drawn from [`w_min`, 1].
    pub window_min: f64,
    /// Mirror every second clip when scoring.
    pub flip: bool,
    /// A video with fewer distinct frames than this is scored as one clip, without agreement: clips of it would be alike. 0
    /// means as many as the synopsis stream sees; of features (`--features`, `--backbone`), 4 rows.
    pub min_distinct_frames: usize,
}

impl Default for ClipSettings {
    fn default() -> Self {
        Self {
            count: 10,
            frames: 64,
            window_min: 0.4,
            flip: false,
            min_distinct_frames: 0,
        }
    }
}
