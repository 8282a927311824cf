//! A video's strongest movements as short hashes, so that the same recording is found again among very many.
//!
//! In a set of one person all videos look alike, and only what moves when tells one from another. So a moment does not
//! describe a picture but half a second of change around a peak of movement: the differences of low spatial frequencies
//! over a few steps in time. What is constant in time cancels out (the person, the background, a change of brightness),
//! trimming only takes moments away, and coding, scaling and small crops hardly touch low frequencies. The hash is the
//! signs of random projections (Charikar 2002), whose Hamming distance estimates the angle between two descriptions.

use std::sync::LazyLock;

use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::thumbs::{EDGE, Thumb};
use crate::seed::Seed;

/// Spatial frequencies along an edge.
const FREQUENCIES: usize = 4;

/// Coefficients of a picture.
const COEFFICIENTS: usize = FREQUENCIES * FREQUENCIES;

/// Steps in time of a description.
const STEPS: usize = 7;

/// Seconds from one step to the next, and half the time over which a change is taken.
const STEP_SECS: f32 = 0.12;

/// At most so many moments of a video.
const MOST: usize = 16;

/// Least distance of two moments, in seconds.
const APART_SECS: f32 = 0.1;

/// The seed of the projections: part of the hash's definition, not of a run.
const PROJECTIONS: Seed = Seed(0x6d6f_6d65_6e74);

/// A peak of movement.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// When, in milliseconds from the video's first frame.
    pub at: u32,
    /// What moves and how, around it.
    pub hash: u64,
    /// The same of the mirror image.
    pub mirrored: u64,
}

/// A picture's lowest spatial frequencies, row frequency first; without the first, the mean, which follows the light.
type Coefficients = [f32; COEFFICIENTS];

/// The moments of a video, the strongest first, from its thumbs and the seconds at which each is shown.
pub(super) fn moments(thumbs: &[Thumb], times: &[f32]) -> Vec<Moment> {
    if thumbs.len() < 3 {
        return Vec::new();
    }
    let track = Track {
        pictures: thumbs.iter().map(coefficients).collect(),
        times,
    };
    let mut peaks: Vec<(f32, f32)> = times
        .iter()
        .map(|&time| {
            let change = track.change(time);
            (change.iter().map(|c| c * c).sum(), time)
        })
        .collect();
    peaks.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut chosen: Vec<f32> = Vec::new();
    for (energy, time) in peaks {
        if chosen.len() < MOST
            && energy > 0.0
            && chosen
                .iter()
                .all(|other| (other - time).abs() >= APART_SECS)
        {
            chosen.push(time);
        }
    }
    chosen
        .into_iter()
        .map(|time| {
            let steps: [Coefficients; STEPS] = std::array::from_fn(|step| {
                track.change(time + (step as f32 - (STEPS / 2) as f32) * STEP_SECS)
            });
            let (hash, mirrored) = hashes(&steps);
            Moment {
                at: ((time - times[0]) * 1000.0).round() as u32,
                hash,
                mirrored,
            }
        })
        .collect()
}

/// The pictures of a video in time.
struct Track<'a> {
    pictures: Vec<Coefficients>,
    times: &'a [f32],
}

impl Track<'_> {
    /// The picture at a time, blended from the two next to it; the first or last one outside.
    fn at(&self, time: f32) -> Coefficients {
        let after = self.times.partition_point(|&other| other <= time);
        if after == 0 {
            return self.pictures[0];
        }
        if after == self.times.len() {
            return self.pictures[after - 1];
        }
        let (left, right) = (self.times[after - 1], self.times[after]);
        let share = (time - left) / (right - left);
        std::array::from_fn(|c| {
            self.pictures[after - 1][c] * (1.0 - share) + self.pictures[after][c] * share
        })
    }

    /// How the picture changes around a time, whitened: natural pictures have amplitudes that fall with the frequency.
    fn change(&self, time: f32) -> Coefficients {
        let (before, after) = (self.at(time - STEP_SECS), self.at(time + STEP_SECS));
        std::array::from_fn(|c| {
            let (v, u) = (c / FREQUENCIES, c % FREQUENCIES);
            (after[c] - before[c]) * ((u * u + v * v) as f32).sqrt()
        })
    }
}

/// The lowest frequencies of the cosine transform.
fn coefficients(thumb: &Thumb) -> Coefficients {
    static BASIS: LazyLock<[[f32; EDGE]; FREQUENCIES]> = LazyLock::new(|| {
        std::array::from_fn(|u| {
            std::array::from_fn(|x| {
                (std::f32::consts::PI * u as f32 * (x as f32 + 0.5) / EDGE as f32).cos()
            })
        })
    });
    let mut sums = [0.0; COEFFICIENTS];
    for (row, line) in thumb.chunks_exact(EDGE).enumerate() {
        for (u, wave) in BASIS.iter().enumerate() {
            let along: f32 = line.iter().zip(wave).map(|(a, b)| a * b).sum();
            for v in 0..FREQUENCIES {
                sums[v * FREQUENCIES + u] += BASIS[v][row] * along;
            }
        }
    }
    sums
}

/// The hash of a description and of its mirror image, in which the odd frequencies along a row change their sign.
fn hashes(steps: &[Coefficients; STEPS]) -> (u64, u64) {
    static SIGNS: LazyLock<Vec<[[f32; COEFFICIENTS]; STEPS]>> = LazyLock::new(|| {
        let mut random = PROJECTIONS.stream("projections", 0);
        let mut sign = || if random.random::<bool>() { 1.0 } else { -1.0 };
        (0..64)
            .map(|_| std::array::from_fn(|_| std::array::from_fn(|_| sign())))
            .collect()
    });
    let (mut hash, mut mirrored) = (0, 0);
    for (bit, signs) in SIGNS.iter().enumerate() {
        let (mut even, mut odd) = (0.0, 0.0);
        for (step, signs) in steps.iter().zip(signs) {
            for (c, (value, sign)) in step.iter().zip(signs).enumerate() {
                let part = if c % FREQUENCIES % 2 == 0 {
                    &mut even
                } else {
                    &mut odd
                };
                *part += value * sign;
            }
        }
        hash |= u64::from(even + odd > 0.0) << bit;
        mirrored |= u64::from(even - odd > 0.0) << bit;
    }
    (hash, mirrored)
}
