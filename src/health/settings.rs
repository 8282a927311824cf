//! The thresholds of the decode audit and of the picture audit.

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};

/// From which value on a measurement is an issue.
///
/// Grey levels are those of 8-bit luma, 0 to 255. Where no source is named a threshold is ours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HealthSettings {
    /// Share of the promised frames that may be missing, in [0, 1]. Containers count packets, of which a few carry no frame
    /// that is shown (the last one of packed MPEG-4 streams), so that a frame or two of a short clip are no loss.
    pub missing_share: f64,
    /// The shorter edge of the video in pixels. Below 48 a face holds fewer pixels than FER2013's (48×48; Goodfellow et al.
    /// 2013), on which people already agree in 65 % of the images only.
    pub shortest_edge: u32,
    /// The grey level below which nine tenths of a dark picture stay. 16 is black in video (ITU-R BT.601), 50 is about a
    /// fifth of the range above it.
    pub dark_level: f64,
    /// Energy of the Laplacian over the variance of the luma (Pech-Pacheco et al. 2000, LAPV, here relative to contrast), for
    /// the sharpest of the sampled frames, at 64×64 pixels or brought to them. GRID's face crops of 128×128 have 0.35 to 0.6,
    /// blurred by a Gaussian of 2 pixels 0.07 to 0.1, of 3 pixels 0.04 to 0.065.
    pub sharpness: f64,
    /// Change of the picture's most changing twentieth in the course of the video, in grey levels. The noise of a
    /// codec stays below 1; GRID's calmest clip of a second has 8.
    pub movement: f64,
    /// Mean change from one kept frame to the next at a cut, in grey levels. `PySceneDetect`'s detector of content takes 27
    /// on a mean over hue, saturation and luma.
    pub cut_change: f64,
    /// The file of a face detector's model in `SeetaFace`'s format (`seeta_fd_frontal_v1.0.bin`, which the crate `rustface` has
    /// with it); faces are looked for only where one is named. Where `face` is followed and this is empty, it is the one that
    /// `scripts/setup --detector` fetched.
    pub face_model: Utf8PathBuf,
    /// The score from which on the detector is taken to have found a face, in its own unit, a sum of its classifiers'
    /// outputs; `SeetaFace`'s own example takes 2. Faces of GRID have 12 to 34, upside down and mouths alone at most 1.7.
    pub face_score: f64,
}

/// What no user has a reason to turn.
impl HealthSettings {
    /// The longest time between two frames, in times of the usual one. Films at 24 frames a second in a container at 60 have
    /// gaps of 2 and 3; a clip that was joined from pieces, or from which frames were dropped, has longer ones.
    pub const GAP: f64 = 4.0;

    /// Standard deviation of the luma within a frame, in grey levels, below which a frame shows nothing.
    pub const BLANK_CONTRAST: f64 = 3.0;

    /// Share of the picture, in [0, 1], that may be at 250 grey levels or more.
    pub const BRIGHT_SHARE: f64 = 0.4;

    /// Share of the kept frames that must differ from each other, in [0, 1].
    pub const DISTINCT_SHARE: f64 = 0.5;

    /// How many times the video's usual change a cut must be. `PySceneDetect`'s adaptive detector takes 3.
    pub const CUT_RATIO: f64 = 3.0;

    /// Share of the picture, in [0, 1], that may be black bars.
    pub const BARS: f64 = 0.1;

    /// Share of the frames that were looked at, in a row, for which the face that is followed may be lost, in [0, 1].
    pub const FACE_LOST: f64 = 0.25;

    /// Frames of a video in which a face is looked for, evenly spread, until one is found.
    pub const FACE_FRAMES: usize = 5;
}

impl Default for HealthSettings {
    fn default() -> Self {
        Self {
            missing_share: 0.05,
            shortest_edge: 48,
            dark_level: 50.0,
            sharpness: 0.06,
            movement: 2.0,
            cut_change: 27.0,
            face_model: Utf8PathBuf::new(),
            face_score: 2.0,
        }
    }
}
