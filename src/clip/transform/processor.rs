//! The input on the processor: each clip by one thread, each pixel once.
//!
//! Crop, mirror and resize are bilinear, as `grid_sample` has it (sampling points by pixel centres, the border's value
//! beyond the border). Brightness, saturation and contrast are one matrix for all pixels of a clip, and an offset that the
//! clip's mean grey decides, which a first look at the cropped frames finds.

use rayon::prelude::*;
use tch::Tensor;

use super::super::memory;
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
    let shown = count - i64::from(kind.extra_frame().is_some());
    let shape = [batch, shown, kind.channels(), size, size];
    let stored = frames.contiguous();
    let pixels = memory::bytes(&stored);
    let layout = Layout {
        stored: [width as usize, height as usize],
        size: size as usize,
        kind,
    };
    memory::filled(&shape, |input| {
        let clip_len = input.len() / augmentations.len().max(1);
        let stored_len = pixels.len() / augmentations.len().max(1);
        input
            .par_chunks_mut(clip_len.max(1))
            .zip(pixels.par_chunks(stored_len.max(1)))
            .zip(augmentations)
            .for_each(|((input, pixels), augmentation)| layout.clip(pixels, augmentation, input));
    })
}

/// What the clips of a batch have in common.
struct Layout {
    /// Width and height of the stored frames.
    stored: [usize; 2],
    size: usize,
    kind: InputKind,
}

impl Layout {
    /// Fills one clip's input: T×C×`size`×`size`.
    fn clip(&self, pixels: &[u8], augmentation: &Augmentation, input: &mut [f32]) {
        let plane = self.size * self.size;
        let frame_len = self.kind.channels() as usize * plane;
        let stored_len = self.stored[0] * self.stored[1] * 3;
        let mut crop = Crop::new(augmentation, self.stored, self.size);
        // Frames go where their colours belong, and the extra frame beside them.
        let (shown, extra) = pixels.split_at(input.len() / frame_len * stored_len);
        let mut extra_frame = vec![0.0; if extra.is_empty() { 0 } else { 3 * plane }];
        for (pixels, input) in shown
            .chunks_exact(stored_len)
            .zip(input.chunks_exact_mut(frame_len))
        {
            crop.frame(pixels, &mut input[..3 * plane]);
        }
        if !extra.is_empty() {
            crop.frame(extra, &mut extra_frame);
        }
        let colors = Colors::new(augmentation, crop.mean());
        colors.apply(&mut extra_frame);
        for input in input.chunks_exact_mut(frame_len) {
            colors.apply(&mut input[..3 * plane]);
        }
        // From the last frame on: each is still as it was when it is taken from the one after it.
        for number in (0..input.len() / frame_len).rev() {
            let (earlier, input) = input.split_at_mut(number * frame_len);
            let input = &mut input[..frame_len];
            let rest = match self.kind.extra_frame() {
                None => {
                    normalise(input);
                    continue;
                }
                Some(ExtraFrame::Before) if number > 0 => {
                    &earlier[(number - 1) * frame_len..][..3 * plane]
                }
                Some(ExtraFrame::Before | ExtraFrame::Mean | ExtraFrame::First) => &extra_frame[..],
            };
            if frame_len == 3 * plane {
                subtract(input, rest);
            } else {
                let (frame, motion) = input.split_at_mut(3 * plane);
                motion.copy_from_slice(frame);
                subtract(motion, rest);
                normalise(frame);
            }
        }
    }
}

fn normalise(frame: &mut [f32]) {
    let plane = frame.len() / 3;
    for (channel, values) in frame.chunks_exact_mut(plane.max(1)).enumerate() {
        let (mean, scale) = (IMAGENET_MEAN[channel], 1.0 / IMAGENET_STD[channel]);
        for value in values {
            *value = (*value - mean) * scale;
        }
    }
}

fn subtract(frame: &mut [f32], rest: &[f32]) {
    let scale = (1.0 / MOTION_STD) as f32;
    for (value, rest) in frame.iter_mut().zip(rest) {
        *value = (*value - rest) * scale;
    }
}

/// Two neighbours on an axis, and the weight of the second.
#[derive(Clone, Copy)]
struct Tap {
    first: usize,
    second: usize,
    weight: f32,
}

/// Crops the frames of one clip, from bytes to planes of values in [0, 255].
struct Crop {
    columns: Vec<Tap>,
    rows: Vec<Tap>,
    width: usize,
    /// A line between two stored lines, colours side by side.
    line: Vec<f32>,
    /// Sums of red, green and blue, and of how many values each.
    sums: [f64; 3],
    count: usize,
}

impl Crop {
    fn new(augmentation: &Augmentation, [width, height]: [usize; 2], size: usize) -> Self {
        let taps = |axis: usize, stored: usize| -> Vec<Tap> {
            let mirrored = axis == 0 && augmentation.flipped;
            let scale = augmentation.scale[axis] * if mirrored { -1.0 } else { 1.0 };
            (0..size)
                .map(|at| {
                    let place = (2 * at + 1) as f64 / size as f64 - 1.0;
                    let place = scale * place + augmentation.center[axis];
                    let place = ((place + 1.0) * stored as f64 - 1.0) / 2.0;
                    let place = place.clamp(0.0, (stored - 1) as f64);
                    let first = place as usize;
                    Tap {
                        first,
                        second: (first + 1).min(stored - 1),
                        weight: place.fract() as f32,
                    }
                })
                .collect()
        };
        Self {
            columns: taps(0, width),
            rows: taps(1, height),
            width,
            line: vec![0.0; width * 3],
            sums: [0.0; 3],
            count: 0,
        }
    }

    /// `pixels`: H×W×3; `planes`: 3×`size`×`size`.
    fn frame(&mut self, pixels: &[u8], planes: &mut [f32]) {
        let (size, line_len) = (self.columns.len(), self.width * 3);
        let (red, rest) = planes.split_at_mut(size * size);
        let (green, blue) = rest.split_at_mut(size * size);
        let outputs = red
            .chunks_exact_mut(size)
            .zip(green.chunks_exact_mut(size))
            .zip(blue.chunks_exact_mut(size));
        for (tap, ((red, green), blue)) in self.rows.iter().zip(outputs) {
            let upper = &pixels[tap.first * line_len..][..line_len];
            let lower = &pixels[tap.second * line_len..][..line_len];
            for ((to, &upper), &lower) in self.line.iter_mut().zip(upper).zip(lower) {
                let upper = f32::from(upper);
                *to = upper + (f32::from(lower) - upper) * tap.weight;
            }
            let colours = self.line.as_chunks::<3>().0;
            let mut sums = [0.0_f32; 3];
            for (((tap, red), green), blue) in self.columns.iter().zip(red).zip(green).zip(blue) {
                let (first, second) = (colours[tap.first], colours[tap.second]);
                let between = |channel: usize| {
                    first[channel] + (second[channel] - first[channel]) * tap.weight
                };
                (*red, *green, *blue) = (between(0), between(1), between(2));
                sums = [sums[0] + *red, sums[1] + *green, sums[2] + *blue];
            }
            for (sum, line) in self.sums.iter_mut().zip(sums) {
                *sum += f64::from(line);
            }
        }
        self.count += size * size;
    }

    /// The means of red, green and blue over all frames so far, in [0, 255].
    fn mean(&self) -> [f64; 3] {
        self.sums.map(|sum| sum / self.count.max(1) as f64)
    }
}

/// What becomes of the colours of a clip: a matrix, an offset, and [0, 1] as the bounds.
struct Colors {
    matrix: [[f32; 3]; 3],
    offset: f32,
    /// Whether colours are only brought to [0, 1].
    plain: bool,
}

impl Colors {
    /// `mean`: of red, green and blue in the cropped clip, in [0, 255].
    fn new(augmentation: &Augmentation, mean: [f64; 3]) -> Self {
        let [brightness, contrast, saturation] = augmentation.color;
        let grey: f64 = mean.iter().zip(GREY).map(|(m, w)| m * f64::from(w)).sum();
        let grey = brightness * grey / 255.0;
        // contrast·(saturation·x + (1 − saturation)·grey(x)) + (1 − contrast)·mean grey, with x brightened.
        let matrix = std::array::from_fn(|to| {
            std::array::from_fn(|from| {
                let own = if to == from { saturation } else { 0.0 };
                let mixed = own + (1.0 - saturation) * f64::from(GREY[from]);
                (contrast * brightness * mixed / 255.0) as f32
            })
        });
        Self {
            matrix,
            offset: ((1.0 - contrast) * grey) as f32,
            plain: augmentation.keeps_color(),
        }
    }

    /// `planes`: 3×N values in [0, 255].
    fn apply(&self, planes: &mut [f32]) {
        if self.plain {
            for value in planes {
                *value *= 1.0 / 255.0;
            }
            return;
        }
        let plane = planes.len() / 3;
        let (red, rest) = planes.split_at_mut(plane);
        let (green, blue) = rest.split_at_mut(plane);
        let [to_red, to_green, to_blue] = self.matrix;
        for ((red, green), blue) in red.iter_mut().zip(green).zip(blue) {
            let mix = |by: [f32; 3]| {
                let mixed = by[0] * *red + by[1] * *green + by[2] * *blue + self.offset;
                mixed.clamp(0.0, 1.0)
            };
            let mixed = [mix(to_red), mix(to_green), mix(to_blue)];
            [*red, *green, *blue] = mixed;
        }
    }
}
