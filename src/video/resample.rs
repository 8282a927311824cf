//! Pictures brought to another size at any place between pixels.
//!
//! Every new pixel is the mean of what it covers; where the picture is made larger, it is blended between its neighbours.

/// What a stored pixel covers of a line of samples: the first one, and the share of each.
pub(super) struct Cover {
    pub(super) first: usize,
    pub(super) shares: Vec<f32>,
}

/// For each of `size` stored pixels what it covers of `length` samples, between `start` and `start + edge`.
pub(super) fn covers(start: f32, edge: f32, size: usize, length: u32) -> Vec<Cover> {
    let step = edge / size as f32;
    // A box that is one sample wide blends the two that it lies on.
    let reach = step.max(1.0) / 2.0;
    let last = length.saturating_sub(1) as usize;
    let cover = |at: usize| {
        let middle = start + (at as f32 + 0.5) * step;
        let (low, high) = (middle - reach, middle + reach);
        let first = (low.max(0.0) as usize).min(last);
        let end = (high.ceil().max(1.0) as usize).clamp(first + 1, last + 1);
        let inside = |sample: usize| {
            let (from, to) = (sample as f32, sample as f32 + 1.0);
            (high.min(to) - low.max(from)).max(0.0)
        };
        let mut shares: Vec<f32> = (first..end).map(inside).collect();
        let sum: f32 = shares.iter().sum();
        if sum > 0.0 {
            for share in &mut shares {
                *share /= sum;
            }
        } else {
            shares[0] = 1.0;
        }
        Cover { first, shares }
    };
    (0..size).map(cover).collect()
}

/// Appends the picture of lines of `N` samples a pixel that covers make.
pub(super) fn resample<const N: usize>(
    lines: &[&[u8]],
    across: &[Cover],
    down: &[Cover],
    pixels: &mut Vec<u8>,
) {
    let mut sums = vec![0.0_f32; lines.first().map_or(0, |line| line.len())];
    for cover in down {
        sums.fill(0.0);
        for (line, share) in lines[cover.first..].iter().zip(&cover.shares) {
            for (sum, &sample) in sums.iter_mut().zip(*line) {
                *sum += share * f32::from(sample);
            }
        }
        for cover in across {
            let mut pixel = [0.5_f32; N];
            let samples = sums.as_chunks::<N>().0[cover.first..].iter();
            for (sample, share) in samples.zip(&cover.shares) {
                for (to, from) in pixel.iter_mut().zip(sample) {
                    *to += share * from;
                }
            }
            pixels.extend(pixel.map(|value| value as u8));
        }
    }
}

/// A part of a grey picture of `width` pixels a line, brought to another size. `[left, top, width, height]` of the part, which
/// lies in the picture, and `(width, height)` of what comes out.
pub(crate) fn part_of_grey(
    grey: &[u8],
    width: usize,
    [left, top, across, down]: [f32; 4],
    size: (usize, usize),
) -> Vec<u8> {
    let lines: Vec<&[u8]> = grey.chunks_exact(width).collect();
    let columns = covers(left, across, size.0, width as u32);
    let rows = covers(top, down, size.1, lines.len() as u32);
    let mut pixels = Vec::with_capacity(size.0 * size.1);
    resample::<1>(&lines, &columns, &rows, &mut pixels);
    pixels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_keeps_its_place_between_pixels() {
        // A ramp is a ramp wherever it is cut, and whether it is made smaller or larger.
        let line: Vec<u8> = (0..64_u8).flat_map(|at| [at * 3; 3]).collect();
        let lines: Vec<&[u8]> = vec![&line; 64];
        for (start, edge, size) in [(10.3_f32, 32.0_f32, 16), (5.75, 20.5, 40), (0.0, 64.0, 64)] {
            let across = covers(start, edge, size, 64);
            let mut pixels = Vec::new();
            resample::<3>(&lines, &across, &covers(1.0, 60.0, 1, 64), &mut pixels);
            for (at, pixel) in pixels.as_chunks::<3>().0.iter().enumerate() {
                let middle = start + (at as f32 + 0.5) * edge / size as f32 - 0.5;
                let expected = 3.0 * middle.clamp(0.0, 63.0);
                assert!(
                    (f32::from(pixel[1]) - expected).abs() <= 0.51,
                    "{at}: {pixel:?}"
                );
            }
        }
    }

    #[test]
    fn a_part_is_where_it_was() {
        let grey: Vec<u8> = (0..40 * 30)
            .map(|at| (at % 40 * 5 + at / 40) as u8)
            .collect();
        let part = part_of_grey(&grey, 40, [8.0, 10.0, 20.0, 10.0], (10, 5));
        assert_eq!(part.len(), 50);
        // Of two by two pixels each the mean: half a pixel to the right and down.
        for (at, &level) in part.iter().enumerate() {
            let (x, y) = (
                (at % 10 * 2 + 8) as f32 + 0.5,
                (at / 10 * 2 + 10) as f32 + 0.5,
            );
            assert!(
                (f32::from(level) - (x * 5.0 + y)).abs() <= 0.5,
                "{at}: {level}"
            );
        }
    }
}
