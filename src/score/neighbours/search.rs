//! Exact search for nearest neighbours by cosine: every pair is looked at, a block of videos at a time, so that features
//! come from memory once for the whole block. Trees and graphs do not help at hundreds of dimensions, and what is found by
//! chance cannot be found again.

use multiversion::multiversion;
use rayon::prelude::*;

/// Numbers that are multiplied at once, and how many of these make a block: as many sums as registers hold.
const LANES: usize = 16;
const ROWS: usize = 4;

/// Videos whose neighbours are looked for at once: their features stay in the processor's cache.
const BLOCK: usize = LANES * ROWS;

/// One number of each video of a block.
type Numbers = [[f32; LANES]; ROWS];

/// The `k` nearest others of every feature with their cosine distances in [0, 2], nearest first, of equals the first.
pub(super) fn nearest(features: &[Vec<f32>], k: usize) -> Vec<Vec<(usize, f64)>> {
    let units: Vec<Vec<f32>> = features.par_iter().map(|feature| unit(feature)).collect();
    units
        .par_chunks(BLOCK)
        .enumerate()
        .flat_map_iter(|(number, block)| of_block(number * BLOCK, block, &units, k))
        .collect()
}

/// The neighbours of some videos, `first` and those after it, among `units`.
fn of_block(
    first: usize,
    block: &[Vec<f32>],
    units: &[Vec<f32>],
    k: usize,
) -> Vec<Vec<(usize, f64)>> {
    let turned = turned(block);
    let mut nearest = vec![Nearest::new(k); block.len()];
    for (other, unit) in units.iter().enumerate() {
        let cosines = cosines(&turned, unit);
        let videos = nearest.iter_mut().zip(cosines.as_flattened());
        for (place, (nearest, &cosine)) in videos.enumerate() {
            if cosine > nearest.least && first + place != other {
                nearest.insert(other, cosine);
            }
        }
    }
    nearest.into_iter().map(Nearest::distances).collect()
}

/// The nearest of those that were looked at so far.
#[derive(Clone)]
struct Nearest {
    k: usize,
    /// With their cosines, nearest first.
    others: Vec<(usize, f32)>,
    /// The cosine that another has to exceed.
    least: f32,
}

impl Nearest {
    fn new(k: usize) -> Self {
        let least = if k == 0 {
            f32::INFINITY
        } else {
            f32::NEG_INFINITY
        };
        Self {
            k,
            others: Vec::with_capacity(k + 1),
            least,
        }
    }

    fn insert(&mut self, other: usize, cosine: f32) {
        let place = self.others.partition_point(|(_, known)| *known >= cosine);
        self.others.insert(place, (other, cosine));
        self.others.truncate(self.k);
        if self.others.len() == self.k {
            self.least = self.others[self.k - 1].1;
        }
    }

    fn distances(self) -> Vec<(usize, f64)> {
        let distance = |cosine: f32| (1.0 - f64::from(cosine)).clamp(0.0, 2.0);
        let others = self.others.into_iter();
        others
            .map(|(other, cosine)| (other, distance(cosine)))
            .collect()
    }
}

/// The first number of every video of a block, then the second; zeros where the block is not full.
fn turned(block: &[Vec<f32>]) -> Vec<Numbers> {
    let width = block.first().map_or(0, Vec::len);
    let mut turned = vec![Numbers::default(); width];
    for (place, feature) in block.iter().enumerate() {
        for (numbers, &number) in turned.iter_mut().zip(feature) {
            numbers.as_flattened_mut()[place] = number;
        }
    }
    turned
}

/// The sums of products of each feature of a block with `other`. Wider registers are used where there are some; the numbers are
/// the same to the last bit.
#[multiversion(targets("x86_64+avx2"))]
fn cosines(block: &[Numbers], other: &[f32]) -> Numbers {
    let mut sums = Numbers::default();
    for (numbers, factor) in block.iter().zip(other) {
        for (sums, numbers) in sums.iter_mut().zip(numbers) {
            for (sum, number) in sums.iter_mut().zip(numbers) {
                *sum += number * factor;
            }
        }
    }
    sums
}

/// The feature with length 1, or as it is where it has none.
fn unit(feature: &[f32]) -> Vec<f32> {
    let length = feature
        .iter()
        .map(|value| f64::from(*value).powi(2))
        .sum::<f64>()
        .sqrt();
    let scale = if length > 0.0 { 1.0 / length } else { 0.0 };
    feature
        .iter()
        .map(|value| (f64::from(*value) * scale) as f32)
        .collect()
}
