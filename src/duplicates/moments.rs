//! A video's strongest movements as short hashes, so that the same recording is found again among very many.
//!
//! In a set of one person all videos look alike, and only what moves when tells one from another. So a moment does not
//! describe a picture but a second of change around a peak of movement: the differences of low spatial frequencies
//! over a few steps in time. What is constant in time cancels out (the person, the background, a change of brightness),
//! trimming only takes moments away, and coding, scaling and small crops hardly touch low frequencies. The hash is the
//! signs of random projections (Charikar 2002), whose Hamming distance estimates the angle between two descriptions.

use std::sync::LazyLock;

use rand::RngExt;

use super::movement::{Movement, Picture};
use crate::health::{COEFFICIENTS, frequencies};
use crate::seed::Seed;

/// Spatial frequencies along an edge that are hashed, from 0; coding noise shows in the others.
const HASHED: usize = 4;

/// Steps in time of a description.
const STEPS: usize = 7;

/// Seconds from one step to the next.
const STEP_SECS: f32 = 0.12;

/// At most so many moments of a video.
const MOST: usize = 16;

/// Least distance of two moments, in seconds.
const APART_SECS: f32 = 0.1;

/// Bits of a hash.
const BITS: usize = 64;

/// The seed of the projections: part of the hash's definition, not of a run.
const PROJECTIONS: Seed = Seed(0x6d6f_6d65_6e74);

/// A peak of movement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// When, in milliseconds from the video's first frame.
    pub at: i32,
    /// What moves and how, around it.
    pub hash: u64,
    /// The same of the mirror image.
    pub mirrored: u64,
}

/// The moments of a video, the strongest first.
pub(super) fn moments(movement: &Movement) -> Vec<Moment> {
    let mut peaks: Vec<(f32, f32)> = movement
        .times()
        .iter()
        .map(|&time| {
            let change = movement.change(time);
            let energy = |(c, value): (usize, &f32)| if is_hashed(c) { value * value } else { 0.0 };
            (change.iter().enumerate().map(energy).sum(), time)
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
            let steps: [Picture; STEPS] = std::array::from_fn(|step| {
                movement.change(time + (step as f32 - (STEPS / 2) as f32) * STEP_SECS)
            });
            let (hash, mirrored) = hashes(&steps);
            Moment {
                at: (time * 1000.0).round() as i32,
                hash,
                mirrored,
            }
        })
        .collect()
}

fn is_hashed(coefficient: usize) -> bool {
    let (u, v) = frequencies(coefficient);
    u.max(v) < HASHED
}

/// The hash of a description and of its mirror image, in which the odd frequencies along a row change their sign.
fn hashes(steps: &[Picture; STEPS]) -> (u64, u64) {
    /// For each number of a description the signs in all projections, one after the other, so that all are summed at once.
    static SIGNS: LazyLock<Vec<[[f32; BITS]; COEFFICIENTS]>> = LazyLock::new(|| {
        let mut random = PROJECTIONS.stream("projections", 0);
        let mut signs = vec![[[0.0; BITS]; COEFFICIENTS]; STEPS];
        for bit in 0..BITS {
            for sign in signs.iter_mut().flatten() {
                sign[bit] = if random.random::<bool>() { 1.0 } else { -1.0 };
            }
        }
        signs
    });
    let (mut even, mut odd) = ([0.0; BITS], [0.0; BITS]);
    for (step, signs) in steps.iter().zip(SIGNS.iter()) {
        for (c, (value, signs)) in step.iter().zip(signs).enumerate() {
            if !is_hashed(c) {
                continue;
            }
            let parts = if frequencies(c).0.is_multiple_of(2) {
                &mut even
            } else {
                &mut odd
            };
            for (part, sign) in parts.iter_mut().zip(signs) {
                *part += value * sign;
            }
        }
    }
    let bits = |sum: fn(f32, f32) -> f32| {
        (0..BITS).fold(0, |hash, bit| {
            hash | u64::from(sum(even[bit], odd[bit]) > 0.0) << bit
        })
    };
    (bits(|even, odd| even + odd), bits(|even, odd| even - odd))
}
