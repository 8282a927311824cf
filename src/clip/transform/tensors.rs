//! The input by libtorch's operations, on whichever device the frames are.

use tch::{Kind, Tensor};

use super::super::memory::on_device;
use super::input::{
    Augmentation, ExtraFrame, GREY, IMAGENET_MEAN, IMAGENET_STD, InputKind, MOTION_STD,
};

/// See [`super::network_input`].
pub(super) fn network_input(
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
    let normalise = |frames: &Tensor| {
        let (gain, offset) = (
            IMAGENET_STD.map(|std| 1.0 / std),
            [0, 1, 2].map(|channel| -IMAGENET_MEAN[channel] / IMAGENET_STD[channel]),
        );
        let both = on_device(&[offset, gain].concat(), &[2, 3, 1, 1], device);
        both.get(0).addcmul(frames, &both.get(1))
    };
    let Some(extra) = kind.extra_frame() else {
        return normalise(&pixels);
    };
    let (clip, other) = (
        pixels.narrow(1, 0, count - 1),
        pixels.narrow(1, count - 1, 1),
    );
    let rest = match extra {
        ExtraFrame::Mean | ExtraFrame::First => other,
        ExtraFrame::Before => Tensor::cat(&[other, clip.narrow(1, 0, count - 2)], 1),
    };
    let motion = (&clip - rest) / MOTION_STD;
    if kind.channels() == 3 {
        motion
    } else {
        Tensor::cat(&[normalise(&clip), motion], 2)
    }
}

/// Crops, mirrors and resizes, all channels of a clip alike. `frames`: B×C×H×W; returns B×C×`size`×`size`.
fn crop(frames: &Tensor, augmentations: &[Augmentation], size: i64) -> Tensor {
    let batch = augmentations.len() as i64;
    let affine: Vec<f32> = augmentations
        .iter()
        .flat_map(Augmentation::affine)
        .collect();
    let theta = on_device(&affine, &[batch, 2, 3], frames.device());
    let grid = Tensor::affine_grid_generator(&theta, [batch, frames.size()[1], size, size], false);
    // 0: bilinear; 1: beyond the border, the border's value.
    frames.grid_sampler(&grid, 0, 1, false)
}

/// Brightness, contrast (around the clip's mean grey) and saturation. `frames`: B×F×3×H×W in [0, 1].
///
/// Of a pixel brightened to b·x, saturation s and contrast c make c·(s·b·x + (1 − s)·grey) + (1 − c)·mean: the pixel and its
/// grey, each times a factor of the clip's, and an offset.
fn jitter(frames: &Tensor, augmentations: &[Augmentation]) -> Tensor {
    let factors: Vec<f32> = [
        |[bright, contrast, saturation]: [f64; 3]| bright * contrast * saturation,
        |[bright, contrast, saturation]: [f64; 3]| bright * contrast * (1.0 - saturation),
        |[bright, contrast, _]: [f64; 3]| bright * (1.0 - contrast),
    ]
    .iter()
    .flat_map(|factor| augmentations.iter().map(|a| factor(a.color) as f32))
    .collect();
    let shape = [3, augmentations.len() as i64, 1, 1, 1, 1];
    let factors = on_device(&factors, &shape, frames.device());
    let channel = |index: i64| frames.narrow(2, index, 1) * f64::from(GREY[index as usize]);
    let grey = channel(0) + channel(1) + channel(2); // B×F×1×H×W
    let mean = grey.mean_dim([1, 2, 3, 4].as_slice(), true, Kind::Float);
    let rest = (mean * factors.get(2)).addcmul(&grey, &factors.get(1));
    rest.addcmul(frames, &factors.get(0)).clamp_(0.0, 1.0)
}
