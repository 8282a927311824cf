//! How a video's lowest spatial frequencies run over time: little enough to be held for every video of a large set, and
//! enough to find the same movement again.

use std::sync::LazyLock;

use super::thumbs::{EDGE, Thumb};

/// Spatial frequencies along an edge, from 0.
pub(crate) const FREQUENCIES: usize = 5;

/// Numbers for a frame: the frequencies along columns for each along rows, without the first of all, which follows the
/// light.
pub(crate) const COEFFICIENTS: usize = FREQUENCIES * FREQUENCIES - 1;

/// Bytes for a frame.
pub(crate) const MOTION_BYTES: usize = 2 * COEFFICIENTS;

/// A coefficient is stored in steps of a sixteenth of a grey level.
const STEP: f32 = 64.0;

/// The frequencies of a coefficient: along a row, along a column.
pub(crate) fn frequencies(coefficient: usize) -> (usize, usize) {
    (
        (coefficient + 1) % FREQUENCIES,
        (coefficient + 1) / FREQUENCIES,
    )
}

/// The low frequencies of the cosine transform of every thumb: `MOTION_BYTES` a frame, little-endian `i16`.
pub(super) fn motion(thumbs: &[Thumb]) -> Vec<u8> {
    thumbs
        .iter()
        .flat_map(|thumb| transform(thumb).map(|sum| (sum / STEP).round() as i16))
        .flat_map(i16::to_le_bytes)
        .collect()
}

/// What [`motion`] stored, frame by frame; only whole frames count.
pub(crate) fn read_motion(bytes: &[u8]) -> Vec<[f32; COEFFICIENTS]> {
    bytes
        .chunks_exact(MOTION_BYTES)
        .map(|frame| {
            std::array::from_fn(|c| f32::from(i16::from_le_bytes([frame[2 * c], frame[2 * c + 1]])))
        })
        .collect()
}

fn transform(thumb: &Thumb) -> [f32; COEFFICIENTS] {
    static WAVES: LazyLock<[[f32; EDGE]; FREQUENCIES]> = LazyLock::new(|| {
        std::array::from_fn(|frequency| {
            std::array::from_fn(|at| {
                (std::f32::consts::PI * frequency as f32 * (at as f32 + 0.5) / EDGE as f32).cos()
            })
        })
    });
    // Down the columns first, where a whole row is taken at once.
    let mut down = [[0.0; EDGE]; FREQUENCIES];
    for (row, line) in thumb.chunks_exact(EDGE).enumerate() {
        for (down, wave) in down.iter_mut().zip(WAVES.iter()) {
            for (sum, cell) in down.iter_mut().zip(line) {
                *sum += wave[row] * cell;
            }
        }
    }
    std::array::from_fn(|c| {
        let (u, v) = frequencies(c);
        let along = down[v].iter().zip(&WAVES[u]);
        along.map(|(sum, wave)| sum * wave).sum()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_comes_back_and_a_mirror_turns_the_odd_ones() {
        let picture: Thumb = std::array::from_fn(|cell| {
            let (x, y) = (cell % EDGE, cell / EDGE);
            (x * x / 8 + 2 * y) as f32
        });
        let mut mirrored = picture;
        mirrored.chunks_exact_mut(EDGE).for_each(<[f32]>::reverse);
        let bytes = motion(&[picture, mirrored]);
        assert_eq!(bytes.len(), 2 * MOTION_BYTES);
        let frames = read_motion(&bytes);
        for (c, exact) in transform(&picture).into_iter().enumerate() {
            approx::assert_abs_diff_eq!(frames[0][c], exact / STEP, epsilon = 0.5);
            let sign = if frequencies(c).0.is_multiple_of(2) {
                1.0
            } else {
                -1.0
            };
            approx::assert_abs_diff_eq!(frames[1][c], sign * frames[0][c], epsilon = 1.0);
        }
        // The brightest and the darkest picture fit.
        assert!(
            read_motion(&motion(&[[255.0; 1024], [0.0; 1024]]))
                .concat()
                .iter()
                .all(|c| c.abs() < 2.0)
        );
    }
}
