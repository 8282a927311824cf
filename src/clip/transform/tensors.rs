//! The input by libtorch's operations, on whichever device the frames are.

use tch::{Kind, Tensor};

use super::{Augmentation, ExtraFrame, GREY, IMAGENET_MEAN, IMAGENET_STD, InputKind, MOTION_STD};

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
    let weights = Tensor::from_slice(&GREY)
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
