//! Exact search for nearest neighbours by cosine: every pair is looked at, a block of videos at a time, so that features
//! come from memory once for the whole block. At a few thousand videos a fold nothing cleverer pays: trees and graphs do
//! not help at hundreds of dimensions.

use rayon::prelude::*;

/// Videos whose neighbours are looked for at once: their features stay in the processor's cache.
const BLOCK: usize = 16;

/// Sums that are kept apart, which lets the compiler use vector registers and fixes the order of additions.
const LANES: usize = 16;

/// The `k` nearest others of every feature with their cosine distances in [0, 2], nearest first, of equals the first.
pub(super) fn nearest(features: &[Vec<f32>], k: usize) -> Vec<Vec<(usize, f64)>> {
    let units: Vec<Vec<f32>> = features.par_iter().map(|feature| unit(feature)).collect();
    let videos: Vec<usize> = (0..units.len()).collect();
    videos
        .par_chunks(BLOCK)
        .flat_map_iter(|block| {
            let mut cosines = vec![Vec::with_capacity(units.len()); block.len()];
            for other in &units {
                for (cosines, &video) in cosines.iter_mut().zip(block) {
                    cosines.push(dot(&units[video], other));
                }
            }
            let found: Vec<Vec<(usize, f64)>> = block
                .iter()
                .zip(cosines)
                .map(|(&video, cosines)| best(video, &cosines, k))
                .collect();
            found
        })
        .collect()
}

/// The `k` others with the largest cosines.
fn best(video: usize, cosines: &[f32], k: usize) -> Vec<(usize, f64)> {
    let mut others: Vec<usize> = (0..cosines.len()).filter(|other| *other != video).collect();
    let by_distance =
        |a: &usize, b: &usize| cosines[*b].total_cmp(&cosines[*a]).then_with(|| a.cmp(b));
    if k < others.len() {
        others.select_nth_unstable_by(k, by_distance);
        others.truncate(k);
    }
    others.sort_unstable_by(by_distance);
    others
        .into_iter()
        .map(|other| (other, (1.0 - f64::from(cosines[other])).clamp(0.0, 2.0)))
        .collect()
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

/// The sum of products.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; LANES];
    let (a_lanes, a_rest) = a.as_chunks::<LANES>();
    let (b_lanes, b_rest) = b.as_chunks::<LANES>();
    for (a, b) in a_lanes.iter().zip(b_lanes) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}
