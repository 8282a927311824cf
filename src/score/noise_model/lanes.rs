//! Four videos at a time: the steps of the fit go over all videos again and again, and a processor multiplies several
//! numbers as fast as one.

#![expect(
    clippy::inline_always,
    reason = "what is not part of the function that chooses the registers does not get them"
)]

use std::cmp::Ordering;
use std::ops::{Add, Div, Mul, Sub};

use rayon::prelude::*;

use crate::score::ProbabilityTable;
use crate::score::table::largest_except;

/// Videos side by side.
const LANES: usize = 4;
/// Probabilities below this count as this: a network's certainty beyond it is not evidence.
const LEAST_PROBABILITY: f64 = 1e-4;
/// Videos that are summed as one; fixed, so that the sum is the same for every number of threads.
const MOST_VIDEOS: usize = 2048;

/// A number of each of four videos.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Lanes([f64; LANES]);

impl Lanes {
    /// The same number for all.
    #[inline(always)]
    pub(super) fn all(number: f64) -> Self {
        Self([number; LANES])
    }

    /// `of` both numbers of each video.
    #[inline(always)]
    fn with(self, other: Self, of: impl Fn(f64, f64) -> f64) -> Self {
        Self(std::array::from_fn(|lane| of(self.0[lane], other.0[lane])))
    }

    /// The sum over the videos.
    pub(super) fn sum(self) -> f64 {
        self.0.iter().sum()
    }

    /// The natural logarithm of each.
    pub(super) fn ln(self) -> Self {
        Self(self.0.map(f64::ln))
    }
}

macro_rules! lane_by_lane {
    ($($operator:ident :: $name:ident),*) => {
        $(impl $operator for Lanes {
            type Output = Self;

            #[inline(always)]
            fn $name(self, other: Self) -> Self {
                self.with(other, f64::$name)
            }
        })*
    };
}

lane_by_lane!(Add::add, Sub::sub, Mul::mul, Div::div);

/// The features of some videos that bear the same label.
pub(super) struct Group {
    /// The given label.
    pub(super) label: usize,
    /// How many lanes hold a video; in the last row the others hold zeros.
    pub(super) videos: usize,
    /// Row by row C + 1 features, each of four videos.
    features: Vec<Lanes>,
    width: usize,
}

impl Group {
    /// All videos of a table, label by label; `order`: as [`by_label`] has them.
    pub(super) fn all(table: &ProbabilityTable, order: &[Vec<usize>]) -> Vec<Self> {
        Self::some(table, order, 1)
    }

    /// One in `every` videos of each label, label by label.
    pub(super) fn some(table: &ProbabilityTable, order: &[Vec<usize>], every: usize) -> Vec<Self> {
        let of_label = order.iter().map(|videos| {
            let picked = videos.iter().copied().step_by(every);
            picked.collect::<Vec<_>>()
        });
        let picked: Vec<Vec<usize>> = of_label.collect();
        let labels = picked.iter().enumerate();
        let parts: Vec<(usize, &[usize])> = labels
            .flat_map(|(label, videos)| videos.chunks(MOST_VIDEOS).map(move |part| (label, part)))
            .collect();
        parts
            .into_par_iter()
            .map(|(label, videos)| Self::new(table, label, videos))
            .collect()
    }

    fn new(table: &ProbabilityTable, label: usize, videos: &[usize]) -> Self {
        let width = table.classes() + 1;
        let mut features = Vec::with_capacity(videos.len().div_ceil(LANES) * width);
        let mut lanes = vec![[0.0; LANES]; width];
        for side_by_side in videos.chunks(LANES) {
            lanes.fill([0.0; LANES]);
            for (lane, &video) in side_by_side.iter().enumerate() {
                for (row, feature) in lanes.iter_mut().zip(features_of(table.row(video))) {
                    row[lane] = feature;
                }
            }
            features.extend(lanes.iter().map(|&lanes| Lanes(lanes)));
        }
        Self {
            label,
            videos: videos.len(),
            features,
            width,
        }
    }

    /// Row by row the C + 1 features of four videos, and which of the four are there: 1, else 0.
    pub(super) fn rows(&self) -> impl Iterator<Item = (&[Lanes], Lanes)> {
        let rows = self.features.chunks_exact(self.width).enumerate();
        rows.map(|(row, features)| {
            let left = self.videos - row * LANES;
            let is_there = |lane: usize| if lane < left { 1.0 } else { 0.0 };
            (features, Lanes(std::array::from_fn(is_there)))
        })
    }
}

/// The videos of each label, the least likely label first, so that what is picked by place is the same in whatever order the
/// table is; in that of the classes too, but for equally likely ones.
pub(super) fn by_label(table: &ProbabilityTable) -> Vec<Vec<usize>> {
    let mut by_label = vec![Vec::new(); table.classes()];
    for (video, (label, row)) in table.rows().enumerate() {
        by_label[label].push((row[label], largest_except(row, label).1, video));
    }
    let sorted = by_label.into_par_iter().map(|mut videos| {
        videos.sort_by(|a, b| {
            let by_likelihood = a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1));
            by_likelihood.then_with(|| ascending(table.row(a.2), table.row(b.2)))
        });
        videos.into_iter().map(|(_, _, video)| video).collect()
    });
    sorted.collect()
}

/// By the first numbers that differ.
fn ascending(one: &[f64], other: &[f64]) -> Ordering {
    let mut by_number = one.iter().zip(other).map(|(a, b)| a.total_cmp(b));
    by_number
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// The C + 1 features of a video: `ln p` less its mean over the classes, then 1.
fn features_of(probs: &[f64]) -> Vec<f64> {
    let mut features: Vec<f64> = probs
        .iter()
        .map(|p| p.max(LEAST_PROBABILITY).ln())
        .collect();
    let mean = features.iter().sum::<f64>() / probs.len() as f64;
    for feature in &mut features {
        *feature -= mean;
    }
    features.push(1.0);
    features
}

/// `softmax(features · weights)` of a single video in double precision; `weights`: (C + 1) × C. Returns C probabilities.
pub(super) fn softmax_of(probs: &[f64], weights: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; probs.len()];
    for (feature, weights) in features_of(probs)
        .iter()
        .zip(weights.chunks_exact(out.len()))
    {
        for (logit, weight) in out.iter_mut().zip(weights) {
            *logit += feature * weight;
        }
    }
    let highest = out.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for logit in &mut out {
        *logit = (*logit - highest).exp();
        sum += *logit;
    }
    for p in &mut out {
        *p /= sum;
    }
    out
}

/// `softmax(features · weights)` of four videos; `features`: C + 1, `weights`: (C + 1) × C, `out`: C probabilities.
#[inline(always)]
pub(super) fn softmax(features: &[Lanes], weights: &[f64], out: &mut [Lanes]) {
    out.fill(Lanes::default());
    for (feature, weights) in features.iter().zip(weights.chunks_exact(out.len())) {
        for (logit, weight) in out.iter_mut().zip(weights) {
            *logit = *logit + *feature * Lanes::all(*weight);
        }
    }
    let lowest = Lanes::all(f64::NEG_INFINITY);
    let highest = out
        .iter()
        .fold(lowest, |highest, logit| larger(highest, *logit));
    let mut sum = Lanes::default();
    for logit in out.iter_mut() {
        *logit = exp(*logit - highest);
        sum = sum + *logit;
    }
    let share = Lanes::all(1.0) / sum;
    for p in out {
        *p = *p * share;
    }
}

/// The larger number of each video; not `f64::max`, which looks for NaN.
#[inline(always)]
fn larger(one: Lanes, other: Lanes) -> Lanes {
    one.with(other, |one, other| if one > other { one } else { other })
}

/// `e^x` of numbers that are not above 0, within 1e-14 of it; below −700 that of −700, which is as good as nothing. The
/// library's takes one number at a time, and would take most of a step.
#[inline(always)]
fn exp(x: Lanes) -> Lanes {
    /// Added to a number this rounds it to a whole one, which then stands in the lowest bits.
    const ROUNDER: f64 = 1.5 * (1_u64 << 52) as f64;
    /// The first bits of ln 2, and the rest: powers times the first part are exact.
    const LN_2_HIGH: f64 = 0.693_145_751_953_125;
    const LN_2_LOW: f64 = 1.428_606_820_309_417_2e-6;
    let x = larger(x, Lanes::all(-700.0));
    let rounded = x * Lanes::all(std::f64::consts::LOG2_E) + Lanes::all(ROUNDER);
    let power = rounded - Lanes::all(ROUNDER);
    let rest = x - power * Lanes::all(LN_2_HIGH) - power * Lanes::all(LN_2_LOW);
    // Taylor's series, its even and odd terms side by side; |rest| is at most ½·ln 2, so that the first term left out is
    // below 1e-14 of the sum.
    let square = rest * rest;
    let (mut even, mut odd) = (Lanes::all(SERIES[10]), Lanes::all(SERIES[11]));
    for pair in SERIES[..10].rchunks_exact(2) {
        even = even * square + Lanes::all(pair[0]);
        odd = odd * square + Lanes::all(pair[1]);
    }
    // 1023 is the exponent of 1.
    let scale = rounded
        .0
        .map(|rounded| f64::from_bits(rounded.to_bits().wrapping_add(1023) << 52));
    (even + odd * rest) * Lanes(scale)
}

/// 1/k!.
const SERIES: [f64; 12] = [
    1.0,
    1.0,
    1.0 / 2.0,
    1.0 / 6.0,
    1.0 / 24.0,
    1.0 / 120.0,
    1.0 / 720.0,
    1.0 / 5_040.0,
    1.0 / 40_320.0,
    1.0 / 362_880.0,
    1.0 / 3_628_800.0,
    1.0 / 39_916_800.0,
];

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn every_video_is_in_one_lane() {
        let labels: Vec<usize> = (0..2 * MOST_VIDEOS + 7)
            .map(|video| video % 3 / 2)
            .collect();
        let rows: Vec<[f64; 2]> = (0..labels.len())
            .map(|video| {
                let p = (video as f64 + 1.0) / (labels.len() as f64 + 1.0);
                [p, 1.0 - p]
            })
            .collect();
        let table = ProbabilityTable::new(&labels, &rows, 2).unwrap();
        let mut found = [Vec::new(), Vec::new()];
        for group in Group::all(&table, &by_label(&table)) {
            for (features, there) in group.rows() {
                for (lane, there) in there.0.into_iter().enumerate() {
                    // The last feature is 1, where there is a video.
                    assert_relative_eq!(features[2].0[lane], there);
                    if there > 0.0 {
                        found[group.label].push(features[0].0[lane]);
                    }
                }
            }
        }
        for (label, found) in found.iter_mut().enumerate() {
            let of_label = table.rows().filter(|(own, _)| *own == label);
            let mut expected: Vec<f64> = of_label.map(|(_, row)| features_of(row)[0]).collect();
            found.sort_by(f64::total_cmp);
            expected.sort_by(f64::total_cmp);
            assert_eq!(*found, expected);
        }
    }

    #[test]
    fn exponentials_are_those_of_the_library() {
        let numbers = (0..70_000).map(|step| f64::from(step) * -0.01);
        for x in numbers.chain([-1e-300, -f64::MIN_POSITIVE, -0.346_573, -0.346_574]) {
            let found = exp(Lanes([x, 0.0, x, -1e300])).0;
            assert_relative_eq!(found[0], x.exp(), max_relative = 2e-14);
            assert_relative_eq!(found[1], 1.0);
            assert!(found[3] < 1e-300);
        }
    }

    #[test]
    fn four_softmaxes_are_one_each() {
        let weights = [0.5, -1.0, 0.25, 2.0, 1.5, -0.5];
        let (a, b) = ([0.0, 700.0, -3.0, 1e-9], [1.0, -900.0, -3.0, 0.0]);
        let mut out = [Lanes::default(); 2];
        softmax(&[Lanes(a), Lanes(b), Lanes::all(1.0)], &weights, &mut out);
        for lane in 0..LANES {
            let difference =
                (-a[lane] + 2.0 * b[lane] - 0.5) - (0.5 * a[lane] + 0.25 * b[lane] + 1.5);
            let expected = 1.0 / (1.0 + difference.exp());
            assert_relative_eq!(out[0].0[lane], expected, max_relative = 1e-12);
            assert_relative_eq!(out[1].0[lane], 1.0 - expected, epsilon = 1e-12);
        }
    }
}
