//! The largest cells of a thumb, found without sorting.

use multiversion::multiversion;

use super::thumbs::CELLS;

/// Steps of a grey level: 255 levels of them fit.
const STEPS: f32 = 128.0;

/// The bits of a cell in steps.
const BITS: u32 = 15;

/// A thumb in steps, so that many cells are compared at once.
#[derive(Debug, Clone)]
pub(super) struct Levels([i16; CELLS]);

impl Levels {
    /// Of a grey level for each cell, in [0, 255].
    pub(super) fn new(of_cell: impl Fn(usize) -> f32) -> Self {
        let mut levels = [0; CELLS];
        for (cell, level) in levels.iter_mut().enumerate() {
            // At 2²³ the last bit of a number is a whole one: the lowest bits are the cell's, rounded.
            *level = (of_cell(cell) * STEPS + 8_388_608.0).to_bits() as i16;
        }
        Self(levels)
    }

    /// The grey level that has so many cells before it in ascending order, to the nearest step.
    pub(super) fn at_place(&self, place: usize) -> f32 {
        f32::from(at_place(&self.0, place as u16)) / STEPS
    }

    /// The mean of so many largest cells; at least one.
    pub(super) fn mean_of_largest(&self, count: usize) -> f32 {
        let least = at_place(&self.0, (CELLS - count) as u16);
        let (mut above, mut sum) = (0, 0);
        for &cell in &self.0 {
            if cell > least {
                above += 1;
                sum += i32::from(cell);
            }
        }
        let ties = (count as i32 - above) * i32::from(least);
        (sum + ties) as f32 / (STEPS * count as f32)
    }
}

/// The largest value that no more than `place` cells are below, bit by bit. Wider registers are used where there are some.
#[multiversion(targets("x86_64+avx2"))]
fn at_place(cells: &[i16; CELLS], place: u16) -> i16 {
    let mut value = 0;
    for bit in (0..BITS).rev() {
        let tried = value | 1 << bit;
        let mut below = 0_u16;
        for &cell in cells {
            // At most 1024: cannot wrap, and is not looked after, so that many are counted at once.
            below = below.wrapping_add(u16::from(cell < tried));
        }
        if below <= place {
            value = tried;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::super::thumbs::Thumb;
    use super::*;

    #[test]
    fn places_and_means_are_those_of_sorted_cells() {
        let scattered: Thumb =
            std::array::from_fn(|cell| ((cell * 7919 + 13) % 4081) as f32 / 16.0);
        let ties: Thumb = std::array::from_fn(|cell| [0.0, 7.5, 255.0][cell % 3]);
        for thumb in [scattered, ties, [255.0; CELLS], [0.0; CELLS]] {
            let mut sorted = thumb;
            sorted.sort_by(f32::total_cmp);
            let levels = Levels::new(|cell| thumb[cell]);
            for place in [0, 1, 500, CELLS * 9 / 10, CELLS - 1] {
                approx::assert_abs_diff_eq!(levels.at_place(place), sorted[place], epsilon = 0.004);
                let largest = &sorted[place..];
                approx::assert_abs_diff_eq!(
                    levels.mean_of_largest(largest.len()),
                    largest.iter().sum::<f32>() / largest.len() as f32,
                    epsilon = 0.005
                );
            }
        }
    }
}
