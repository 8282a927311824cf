//! What the network is shown of a clip, and how that is varied.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// Mean and standard deviation of ImageNet's RGB values in [0, 1], as torchvision's weights expect them.
pub(super) const IMAGENET_MEAN: [f32; 3] = [0.485, 0.456, 0.406];
pub(super) const IMAGENET_STD: [f32; 3] = [0.229, 0.224, 0.225];

/// Weights of red, green and blue in grey (ITU-R BT.601).
pub(super) const GREY: [f32; 3] = [0.299, 0.587, 0.114];

/// Motion is a difference of frames: its mean is about 0, and its values are this many times smaller than a frame's.
pub(super) const MOTION_STD: f64 = 0.1;

/// What the network is shown of each frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum InputKind {
    /// The frame, 3 channels.
    #[serde(rename = "rgb")]
    Rgb,
    /// The frame less the video's mean frame, 3 channels: what moves, whoever the person is.
    #[serde(rename = "motion")]
    Motion,
    /// Both, 6 channels.
    #[serde(rename = "rgb+motion")]
    RgbMotion,
    /// The frame less the clip's frame before it, 3 channels: what moves at that moment.
    #[serde(rename = "motion_previous")]
    MotionPrevious,
    /// The frame and that, 6 channels.
    #[serde(rename = "rgb+motion_previous")]
    RgbMotionPrevious,
    /// The frame less the video's first one, 3 channels: the expression alone, where videos begin with a neutral face.
    #[serde(rename = "motion_first")]
    MotionFirst,
    /// The frame and that, 6 channels.
    #[serde(rename = "rgb+motion_first")]
    RgbMotionFirst,
}

/// A frame beside those of the clip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExtraFrame {
    /// The mean of all frames of the video.
    Mean,
    /// The first frame of the video.
    First,
    /// The frame as long before the clip's first one as that is before the second; the first one itself where the video
    /// begins too late.
    Before,
}

impl InputKind {
    /// Input channels of the network: 3 or 6.
    pub fn channels(self) -> i64 {
        match self {
            Self::Rgb | Self::Motion | Self::MotionPrevious | Self::MotionFirst => 3,
            Self::RgbMotion | Self::RgbMotionPrevious | Self::RgbMotionFirst => 6,
        }
    }

    /// The frame that a batch must carry beside each clip's own.
    pub fn extra_frame(self) -> Option<ExtraFrame> {
        match self {
            Self::Rgb => None,
            Self::Motion | Self::RgbMotion => Some(ExtraFrame::Mean),
            Self::MotionPrevious | Self::RgbMotionPrevious => Some(ExtraFrame::Before),
            Self::MotionFirst | Self::RgbMotionFirst => Some(ExtraFrame::First),
        }
    }
}

/// How far training clips are varied.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AugmentSettings {
    /// Smallest side of the crop as a share of the frame's, in (0, 1].
    pub crop_scale_min: f64,
    /// Probability of mirroring, in [0, 1].
    pub flip: f64,
    /// Brightness, contrast and saturation are multiplied by a factor from [1 − x, 1 + x]; x in [0, 1).
    pub color_jitter: f64,
}

/// The variation of one clip; the same for all its frames.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Augmentation {
    /// Centre of the crop in [−1, 1]², where ±1 are the frame's borders.
    pub center: [f64; 2],
    /// Width and height of the crop as shares of the frame's, in (0, 1].
    pub scale: [f64; 2],
    /// Mirrored left to right.
    pub flipped: bool,
    /// Factors of brightness, contrast and saturation.
    pub color: [f64; 3],
}

impl Augmentation {
    /// The whole frame as it is, mirrored or not.
    pub fn none(flipped: bool) -> Self {
        Self {
            center: [0.0; 2],
            scale: [1.0; 2],
            flipped,
            color: [1.0; 3],
        }
    }

    /// Draws a variation.
    pub fn draw(settings: &AugmentSettings, random: &mut ChaCha8Rng) -> Self {
        let side = random.random_range(settings.crop_scale_min..=1.0);
        // The aspect ratio changes by at most a tenth: a face stretched further would be another expression.
        let aspect: f64 = random.random_range(-0.1..=0.1);
        let scale = [
            (side * (1.0 + aspect)).min(1.0),
            (side / (1.0 + aspect)).min(1.0),
        ];
        let center = scale.map(|scale| random.random_range(-1.0..=1.0) * (1.0 - scale));
        let jitter = settings.color_jitter;
        Self {
            center,
            scale,
            flipped: random.random_bool(settings.flip),
            color: [(); 3].map(|()| 1.0 + random.random_range(-1.0..=1.0) * jitter),
        }
    }

    /// The rows of the affine map from output to input coordinates.
    pub(super) fn affine(&self) -> [f32; 6] {
        let mirror = if self.flipped { -1.0 } else { 1.0 };
        [
            (mirror * self.scale[0]) as f32,
            0.0,
            self.center[0] as f32,
            0.0,
            self.scale[1] as f32,
            self.center[1] as f32,
        ]
    }

    pub(super) fn keeps_geometry(&self) -> bool {
        *self
            == Self {
                color: self.color,
                ..Self::none(false)
            }
    }

    pub(super) fn keeps_color(&self) -> bool {
        self.color
            .iter()
            .all(|factor| (factor - 1.0).abs() < f64::EPSILON)
    }
}
