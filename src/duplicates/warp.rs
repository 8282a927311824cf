//! How the cut of one picture lies in another: found by Lucas and Kanade's method (1981) on the mean pictures.

use crate::health::{CELLS, EDGE, Thumb};

/// Blurs before and steps of each round; the first rounds find large shifts, the last ones are exact.
const ROUNDS: [(usize, usize); 3] = [(6, 8), (2, 6), (0, 6)];

/// A warp whose scale or shift leaves these bounds is none that a small crop gives.
const MOST_SCALE: f32 = 0.25;
const MOST_SHIFT: f32 = 5.0;

/// Along an edge, the place `x` of one picture is at `(1 + scale) · x + shift` in the other; both in cells from the middle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Warp {
    /// Of columns and rows.
    scale: [f32; 2],
    shift: [f32; 2],
}

impl Warp {
    /// Leaves everything where it is.
    pub(super) const NONE: Self = Self {
        scale: [0.0; 2],
        shift: [0.0; 2],
    };

    /// The warp that makes `theirs` most like `ours`, whatever their brightness and contrast.
    pub(super) fn between(ours: &Thumb, theirs: &Thumb) -> Self {
        let mut warp = Self::NONE;
        for (blurs, steps) in ROUNDS {
            let (ours, theirs) = (normalised(ours, blurs), normalised(theirs, blurs));
            for _ in 0..steps {
                let Some(better) = warp.improved(&ours, &theirs) else {
                    return Self::NONE;
                };
                warp = better;
            }
        }
        warp
    }

    /// One step of Gauss and Newton; nothing where there is no texture to go by, or no small warp to find.
    fn improved(&self, ours: &Thumb, theirs: &Thumb) -> Option<Self> {
        let warped = self.apply(theirs);
        let inside = self.inside();
        let (mut normal, mut right) = ([[0.0_f64; 4]; 4], [0.0_f64; 4]);
        for row in 1..EDGE - 1 {
            for column in 1..EDGE - 1 {
                let cell = row * EDGE + column;
                if inside[cell] == 0.0 {
                    continue;
                }
                let along = (warped[cell + 1] - warped[cell - 1]) / 2.0;
                let down = (warped[cell + EDGE] - warped[cell - EDGE]) / 2.0;
                let slopes = [
                    along,
                    down,
                    along * from_middle(column),
                    down * from_middle(row),
                ]
                .map(f64::from);
                let error = f64::from(ours[cell] - warped[cell]);
                for (i, slope) in slopes.iter().enumerate() {
                    for (j, other) in slopes.iter().enumerate() {
                        normal[i][j] += slope * other;
                    }
                    right[i] += slope * error;
                }
            }
        }
        let step = solve(normal, right)?.map(|value| value as f32);
        let better = Self {
            shift: [self.shift[0] + step[0], self.shift[1] + step[1]],
            scale: [self.scale[0] + step[2], self.scale[1] + step[3]],
        };
        let is_small = |values: [f32; 2], most: f32| values.iter().all(|value| value.abs() <= most);
        (is_small(better.shift, MOST_SHIFT) && is_small(better.scale, MOST_SCALE)).then_some(better)
    }

    /// Their picture as we see it; what lies outside it is its edge.
    pub(super) fn apply(&self, theirs: &Thumb) -> Thumb {
        if *self == Self::NONE {
            return *theirs;
        }
        let last = EDGE as f32 - 1.0;
        let columns = std::array::from_fn::<_, EDGE, _>(|at| self.place(0, at).clamp(0.0, last));
        let mut picture = [0.0; CELLS];
        for (row, line) in picture.chunks_exact_mut(EDGE).enumerate() {
            let y = self.place(1, row).clamp(0.0, last);
            let top = (y as usize).min(EDGE - 2);
            let down = y - top as f32;
            let (upper, lower) = theirs[top * EDGE..][..2 * EDGE].split_at(EDGE);
            for (cell, &x) in line.iter_mut().zip(&columns) {
                let left = (x as usize).min(EDGE - 2);
                let along = x - left as f32;
                let blend = |line: &[f32]| line[left] + (line[left + 1] - line[left]) * along;
                *cell = blend(upper) + (blend(lower) - blend(upper)) * down;
            }
        }
        picture
    }

    /// 1 for the cells that lie inside their picture, else 0.
    pub(super) fn inside(&self) -> Thumb {
        let is_inside = |axis, at| (0.0..=EDGE as f32 - 1.0).contains(&self.place(axis, at));
        std::array::from_fn(|cell| {
            f32::from(u8::from(
                is_inside(0, cell % EDGE) && is_inside(1, cell / EDGE),
            ))
        })
    }

    /// Where our cell at `at` along an axis lies in their picture, in cells from its start.
    fn place(&self, axis: usize, at: usize) -> f32 {
        let middle = (EDGE as f32 - 1.0) / 2.0;
        (1.0 + self.scale[axis]) * from_middle(at) + self.shift[axis] + middle
    }
}

fn from_middle(at: usize) -> f32 {
    at as f32 - (EDGE as f32 - 1.0) / 2.0
}

/// The picture blurred so many times by (1, 2, 1) / 4 each way.
pub(super) fn blurred(picture: &Thumb, times: usize) -> Thumb {
    let mut picture = *picture;
    for _ in 0..times {
        for step in [1, EDGE] {
            let before = picture;
            for (cell, value) in picture.iter_mut().enumerate() {
                let at = if step == 1 { cell % EDGE } else { cell / EDGE };
                let less = if at == 0 { cell } else { cell - step };
                let more = if at == EDGE - 1 { cell } else { cell + step };
                *value = (before[less] + 2.0 * before[cell] + before[more]) / 4.0;
            }
        }
    }
    picture
}

/// The blurred picture with mean 0 and variance 1.
fn normalised(picture: &Thumb, blurs: usize) -> Thumb {
    let picture = blurred(picture, blurs);
    let mean = picture.iter().sum::<f32>() / CELLS as f32;
    let variance = picture
        .iter()
        .map(|cell| (cell - mean).powi(2))
        .sum::<f32>()
        / CELLS as f32;
    picture.map(|cell| (cell - mean) / variance.sqrt().max(1e-3))
}

/// Solves four linear equations by elimination with pivots; nothing where they have no one solution.
fn solve(mut matrix: [[f64; 4]; 4], mut right: [f64; 4]) -> Option<[f64; 4]> {
    for column in 0..4 {
        let pivot = (column..4)
            .max_by(|&a, &b| matrix[a][column].abs().total_cmp(&matrix[b][column].abs()))?;
        matrix.swap(column, pivot);
        right.swap(column, pivot);
        if matrix[column][column].abs() < 1e-9 {
            return None;
        }
        for row in column + 1..4 {
            let factor = matrix[row][column] / matrix[column][column];
            let above = matrix[column];
            for (value, above) in matrix[row].iter_mut().zip(above) {
                *value -= factor * above;
            }
            right[row] -= factor * right[column];
        }
    }
    for row in (0..4).rev() {
        let known: f64 = (row + 1..4)
            .map(|other| matrix[row][other] * right[other])
            .sum();
        right[row] = (right[row] - known) / matrix[row][row];
    }
    Some(right)
}
