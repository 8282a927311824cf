//! From stored frames to the network's input: crop, mirror, colour, motion, normalisation.
//!
//! Every step works on a whole batch on the batch's own device and treats all frames of a clip alike, as the paper asks
//! (RDFER, arXiv:2502.16129, §4.2: random resized crop, flip and colour jitter of 0.4).

mod input;
mod processor;
mod tensors;

use tch::{Device, Tensor};

pub use self::input::{AugmentSettings, Augmentation, ExtraFrame, InputKind};

/// Turns stored frames into the network's input, on the frames' own device.
///
/// On the processor, every pixel is read once and written once: by libtorch's operations, one after the other over the
/// whole batch, it would go to memory and back with each of them.
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
    if frames.device() == Device::Cpu {
        processor::network_input(frames, augmentations, kind, size)
    } else {
        tensors::network_input(frames, augmentations, kind, size)
    }
}

#[cfg(test)]
mod tests {
    use tch::Kind;

    use super::input::{IMAGENET_MEAN, IMAGENET_STD, MOTION_STD};
    use super::*;
    use crate::seed::Seed;

    fn ramp(batch: i64, frames: i64, size: i64) -> Tensor {
        Tensor::arange(batch * frames * size * size * 3, (Kind::Int64, Device::Cpu))
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
    fn motion_since_the_first_frame_is_the_difference_to_it() {
        // Frame f is 10·f everywhere; the last one, the video's first, is 5.
        let values = Tensor::from_slice(&[0_u8, 10, 20, 5]).view([1, 4, 1, 1, 1]);
        let frames = values.expand([1, 4, 8, 8, 3], false);
        let plain = [Augmentation::none(false)];
        let motion = network_input(&frames, &plain, InputKind::MotionFirst, 8);
        assert_eq!(motion.size(), [1, 3, 3, 8, 8]);
        for (frame, away) in [-5.0, 5.0, 15.0].into_iter().enumerate() {
            let value = motion.double_value(&[0, frame as i64, 1, 3, 4]);
            assert!((value - away / 255.0 / MOTION_STD).abs() < 1e-5, "{value}");
        }
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

    #[test]
    fn the_processor_and_libtorch_agree() {
        let settings = AugmentSettings {
            crop_scale_min: 0.6,
            flip: 0.5,
            color_jitter: 0.4,
        };
        let flat = AugmentSettings {
            color_jitter: 0.0,
            ..settings
        };
        let kinds = [
            InputKind::Rgb,
            InputKind::Motion,
            InputKind::RgbMotion,
            InputKind::MotionPrevious,
            InputKind::RgbMotionPrevious,
            InputKind::MotionFirst,
            InputKind::RgbMotionFirst,
        ];
        for (number, kind) in kinds.into_iter().enumerate() {
            for (stored, size) in [(16, 16), (24, 16), (17, 24)] {
                let frames = ramp(4, 5, stored);
                let drawn = |settings: &AugmentSettings, clip: usize| {
                    let mut random = Seed(number as u64).stream("test", clip);
                    Augmentation::draw(settings, &mut random)
                };
                let batches = [
                    vec![Augmentation::none(false); 4],
                    vec![Augmentation::none(true); 4],
                    (0..4).map(|clip| drawn(&settings, clip)).collect(),
                    (0..4).map(|clip| drawn(&flat, clip)).collect(),
                ];
                for augmentations in batches {
                    let ours = processor::network_input(&frames, &augmentations, kind, size);
                    let theirs = tensors::network_input(&frames, &augmentations, kind, size);
                    assert_eq!(ours.size(), theirs.size());
                    let most = difference(&ours, &theirs);
                    assert!(most < 1e-4, "{kind:?} {stored} {size}: {most}");
                }
            }
        }
    }
}
