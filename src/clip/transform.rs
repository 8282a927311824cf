//! From stored frames to the network's input: crop, mirror, colour, motion, normalisation.
//!
//! Every step works on a whole batch on the batch's own device and treats all frames of a clip alike, as the paper asks
//! (RDFER, arXiv:2502.16129, §4.2: random resized crop, flip and colour jitter of 0.4).

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

/// Mean and standard deviation of ImageNet's RGB values in [0, 1], as torchvision's weights expect them.
const IMAGENET_MEAN: [f32; 3] = [0.485, 0.456, 0.406];
const IMAGENET_STD: [f32; 3] = [0.229, 0.224, 0.225];

/// Motion is a difference of frames: its mean is about 0, and its values are this many times smaller than a frame's.
const MOTION_STD: f64 = 0.1;

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
}

/// A frame beside those of the clip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExtraFrame {
    /// The mean of all frames of the video.
    Mean,
    /// The frame as long before the clip's first one as that is before the second; the first one itself where the video
    /// begins too late.
    Before,
}

impl InputKind {
    /// Input channels of the network: 3 or 6.
    pub fn channels(self) -> i64 {
        match self {
            Self::Rgb | Self::Motion | Self::MotionPrevious => 3,
            Self::RgbMotion | Self::RgbMotionPrevious => 6,
        }
    }

    /// The frame that a batch must carry beside each clip's own.
    pub fn extra_frame(self) -> Option<ExtraFrame> {
        match self {
            Self::Rgb => None,
            Self::Motion | Self::RgbMotion => Some(ExtraFrame::Mean),
            Self::MotionPrevious | Self::RgbMotionPrevious => Some(ExtraFrame::Before),
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
    fn affine(&self) -> [f32; 6] {
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

    fn keeps_geometry(&self) -> bool {
        *self
            == Self {
                color: self.color,
                ..Self::none(false)
            }
    }

    fn keeps_color(&self) -> bool {
        self.color
            .iter()
            .all(|factor| (factor - 1.0).abs() < f64::EPSILON)
    }
}

/// Turns stored frames into the network's input.
///
/// # Shapes
///
/// - `frames`: B×F×H×W×3, u8. F is T, or T + 1 where `kind` needs an extra frame, which is then the last one.
/// - `augmentations`: B.
/// - returns B×T×C×`size`×`size`, f32, normalised; C is [`InputKind::channels`].
pub fn network_input(
    frames: &Tensor,
    augmentations: &[Augmentation],
    kind: InputKind,
    size: i64,
) -> Tensor {
    let [batch, count, height, width] = [0, 1, 2, 3].map(|axis| frames.size()[axis]);
    let pixels = frames
        .permute([0, 1, 4, 2, 3]) // B×F×3×H×W
        .to_kind(Kind::Float)
        / 255.0;
    let pixels = if augmentations.iter().all(Augmentation::keeps_geometry)
        && (height, width) == (size, size)
    {
        pixels
    } else {
        crop(
            &pixels.reshape([batch, count * 3, height, width]),
            augmentations,
            size,
        )
        .view([batch, count, 3, size, size])
    };
    let pixels = if augmentations.iter().all(Augmentation::keeps_color) {
        pixels
    } else {
        jitter(&pixels, augmentations)
    };
    let device = pixels.device();
    let per_channel =
        |values: &[f32; 3]| Tensor::from_slice(values).view([3, 1, 1]).to_device(device);
    let normalise =
        |frames: &Tensor| (frames - per_channel(&IMAGENET_MEAN)) / per_channel(&IMAGENET_STD);
    let Some(extra) = kind.extra_frame() else {
        return normalise(&pixels);
    };
    let (clip, other) = (
        pixels.narrow(1, 0, count - 1),
        pixels.narrow(1, count - 1, 1),
    );
    let rest = match extra {
        ExtraFrame::Mean => other,
        ExtraFrame::Before => Tensor::cat(&[other, clip.narrow(1, 0, count - 2)], 1),
    };
    let motion = (&clip - rest) / MOTION_STD;
    match kind {
        InputKind::RgbMotion | InputKind::RgbMotionPrevious => {
            Tensor::cat(&[normalise(&clip), motion], 2)
        }
        InputKind::Rgb | InputKind::Motion | InputKind::MotionPrevious => motion,
    }
}

/// Crops, mirrors and resizes, all channels of a clip alike. `frames`: B×C×H×W; returns B×C×`size`×`size`.
fn crop(frames: &Tensor, augmentations: &[Augmentation], size: i64) -> Tensor {
    let batch = augmentations.len() as i64;
    let affine: Vec<f32> = augmentations
        .iter()
        .flat_map(Augmentation::affine)
        .collect();
    let theta = Tensor::from_slice(&affine)
        .view([batch, 2, 3])
        .to_device(frames.device());
    let grid = Tensor::affine_grid_generator(&theta, [batch, frames.size()[1], size, size], false);
    // 0: bilinear; 1: beyond the border, the border's value.
    frames.grid_sampler(&grid, 0, 1, false)
}

/// Brightness, contrast (around the clip's mean grey) and saturation. `frames`: B×F×3×H×W in [0, 1].
fn jitter(frames: &Tensor, augmentations: &[Augmentation]) -> Tensor {
    let factor = |index: usize| {
        let values: Vec<f32> = augmentations
            .iter()
            .map(|a| a.color[index] as f32)
            .collect();
        Tensor::from_slice(&values)
            .view([augmentations.len() as i64, 1, 1, 1, 1])
            .to_device(frames.device())
    };
    // Weights of ITU-R BT.601, as usual for grey.
    let weights = Tensor::from_slice(&[0.299_f32, 0.587, 0.114])
        .view([3, 1, 1])
        .to_device(frames.device());
    let bright = frames * factor(0);
    let grey = (&bright * weights).sum_dim_intlist([2].as_slice(), true, Kind::Float);
    let mean = grey.mean_dim([1, 2, 3, 4].as_slice(), true, Kind::Float);
    let contrast = factor(1);
    let saturation = factor(2);
    // contrast·(saturation·x + (1 − saturation)·grey) + (1 − contrast)·mean
    let saturated = bright * &saturation + grey * (1.0 - saturation);
    let mixed: Tensor = saturated * &contrast + mean * (1.0 - contrast);
    mixed.clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Seed;

    fn ramp(batch: i64, frames: i64, size: i64) -> Tensor {
        Tensor::arange(
            batch * frames * size * size * 3,
            (Kind::Int64, tch::Device::Cpu),
        )
        .remainder(251)
        .to_kind(Kind::Uint8)
        .view([batch, frames, size, size, 3])
    }

    fn difference(a: &Tensor, b: &Tensor) -> f64 {
        (a - b).abs().max().double_value(&[])
    }

    #[test]
    fn plain_frames_are_only_normalised() {
        let frames = ramp(2, 3, 8);
        let input = network_input(&frames, &[Augmentation::none(false); 2], InputKind::Rgb, 8);
        assert_eq!(input.size(), [2, 3, 3, 8, 8]);
        let value = frames.double_value(&[1, 2, 4, 5, 1]) / 255.0;
        let expected = (value - f64::from(IMAGENET_MEAN[1])) / f64::from(IMAGENET_STD[1]);
        assert!((input.double_value(&[1, 2, 1, 4, 5]) - expected).abs() < 1e-5);
    }

    #[test]
    fn mirroring_twice_gives_the_frame_back() {
        let frames = ramp(1, 2, 8);
        let plain = network_input(&frames, &[Augmentation::none(false)], InputKind::Rgb, 8);
        let mirrored = network_input(&frames, &[Augmentation::none(true)], InputKind::Rgb, 8);
        assert!(difference(&plain, &mirrored) > 0.1);
        assert!(difference(&plain, &mirrored.flip([4])) < 1e-4);
    }

    #[test]
    fn a_frame_equal_to_the_mean_has_no_motion() {
        let frames = ramp(1, 1, 8).expand([1, 4, 8, 8, 3], false);
        let motion = network_input(&frames, &[Augmentation::none(false)], InputKind::Motion, 8);
        assert_eq!(motion.size(), [1, 3, 3, 8, 8]);
        assert!(motion.abs().max().double_value(&[]) < 1e-6);
        let both = network_input(
            &frames,
            &[Augmentation::none(false)],
            InputKind::RgbMotion,
            8,
        );
        assert_eq!(both.size(), [1, 3, 6, 8, 8]);
    }

    #[test]
    fn motion_since_the_frame_before_is_a_difference_of_neighbours() {
        // Frame f is 10·f² everywhere; the last one, which comes before the first, is 5.
        let values = Tensor::from_slice(&[0_u8, 10, 40, 90, 5]).view([1, 5, 1, 1, 1]);
        let frames = values.expand([1, 5, 8, 8, 3], false);
        let plain = [Augmentation::none(false)];
        let motion = network_input(&frames, &plain, InputKind::MotionPrevious, 8);
        assert_eq!(motion.size(), [1, 4, 3, 8, 8]);
        for (frame, step) in [-5.0, 10.0, 30.0, 50.0].into_iter().enumerate() {
            let value = motion.double_value(&[0, frame as i64, 1, 3, 4]);
            assert!((value - step / 255.0 / MOTION_STD).abs() < 1e-5, "{value}");
        }
        let both = network_input(&frames, &plain, InputKind::RgbMotionPrevious, 8);
        assert_eq!(both.size(), [1, 4, 6, 8, 8]);
        assert!(difference(&both.narrow(2, 3, 3), &motion) < 1e-6);
    }

    #[test]
    fn all_frames_of_a_clip_are_varied_alike() {
        let settings = AugmentSettings {
            crop_scale_min: 0.5,
            flip: 0.5,
            color_jitter: 0.4,
        };
        let frames = ramp(1, 1, 16).expand([1, 5, 16, 16, 3], false);
        for key in 0..20 {
            let augmentation = Augmentation::draw(&settings, &mut Seed(key).stream("test", ""));
            let input = network_input(&frames, &[augmentation], InputKind::Rgb, 12);
            assert!(difference(&input.select(1, 0), &input.select(1, 4)) < 1e-6);
        }
    }

    #[test]
    fn crops_stay_inside_the_frame() {
        let settings = AugmentSettings {
            crop_scale_min: 0.3,
            flip: 0.5,
            color_jitter: 0.0,
        };
        for key in 0..200 {
            let drawn = Augmentation::draw(&settings, &mut Seed(key).stream("test", ""));
            for axis in 0..2 {
                assert!(drawn.center[axis].abs() + drawn.scale[axis] <= 1.0 + 1e-9);
                assert!(drawn.scale[axis] >= 0.3 * 0.9 - 1e-9);
            }
        }
    }
}
