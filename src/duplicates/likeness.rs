//! Whether two videos are the same recording, judged by their frames: how alike they change in space and time.

use super::movement::half_window;
use super::warp::{Warp, blurred};
use crate::health::{CELLS, EDGE, Thumb, mean};

/// Share of the shorter video's frames that both must show. Less in common is a common piece, such as a blink.
const LEAST_COMMON: f32 = 0.5;

/// Offsets in time that are tried around the one that is given, in seconds.
const OFFSETS: [f32; 3] = [0.0, -0.02, 0.02];

/// Videos that are less alike than this before their cuts are aligned are not made alike by it.
const HOPELESS: f32 = 0.1;

/// How the grey pictures of a video change.
#[derive(Debug)]
pub(super) struct Track {
    /// The mean picture.
    mean: Thumb,
    /// What differs in each picture from the mean of those around it, blurred a little against noise and shifts.
    changes: Vec<Thumb>,
    /// Seconds from the first frame, ascending.
    times: Vec<f32>,
}

impl Track {
    pub(super) fn new(pictures: &[Thumb], times: Vec<f32>) -> Self {
        let start = times.first().copied().unwrap_or(0.0);
        let times: Vec<f32> = times.into_iter().map(|time| time - start).collect();
        let half = half_window(&times);
        let changes = (0..pictures.len())
            .map(|at| {
                let around =
                    &pictures[at.saturating_sub(half)..(at + half + 1).min(pictures.len())];
                let usual = mean(around);
                let change = std::array::from_fn(|cell| pictures[at][cell] - usual[cell]);
                blurred(&change, 1)
            })
            .collect();
        Self {
            mean: mean(pictures),
            changes,
            times,
        }
    }

    /// How long both show the same, if `other` shows `later_secs` later what this one shows.
    pub(super) fn common_secs(&self, other: &Self, later_secs: f32) -> f32 {
        let last = |times: &[f32]| times.last().copied().unwrap_or(0.0);
        let until = last(&self.times).min(last(&other.times) - later_secs);
        (until - (-later_secs).max(0.0)).max(0.0)
    }

    /// The same video seen in a mirror.
    pub(super) fn mirrored(&self) -> Self {
        self.with(|picture| {
            let mut picture = *picture;
            picture.chunks_exact_mut(EDGE).for_each(<[f32]>::reverse);
            picture
        })
    }

    fn with(&self, change: impl Fn(&Thumb) -> Thumb) -> Self {
        Self {
            mean: change(&self.mean),
            changes: self.changes.iter().map(&change).collect(),
            times: self.times.clone(),
        }
    }

    /// The change at a time, as the two next to it and the second one's share; nothing outside the video.
    fn at(&self, time: f32) -> Option<(&Thumb, &Thumb, f32)> {
        let after = self.times.partition_point(|&other| other < time);
        let right = self.changes.get(after)?;
        if after == 0 {
            return (time > -0.01).then_some((right, right, 1.0));
        }
        let (from, to) = (self.times[after - 1], self.times[after]);
        Some((&self.changes[after - 1], right, (time - from) / (to - from)))
    }
}

/// How alike two videos are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Likeness {
    /// The correlation, over space and time, of how they change, in [-1, 1].
    pub(super) movement: f32,
    /// The correlation of what stays, their mean pictures, in [-1, 1].
    pub(super) picture: f32,
}

/// How alike two videos are, if the second shows `later_secs` later what the first one shows. Small differences of the
/// offset, and of the cut of the picture, are made up for.
pub(super) fn likeness(first: &Track, second: &Track, later_secs: f32) -> Likeness {
    let plain = correlation(first, second, later_secs, &[1.0; CELLS]);
    if plain < HOPELESS {
        return Likeness {
            movement: plain,
            picture: 0.0,
        };
    }
    let warp = Warp::between(&first.mean, &second.mean);
    let (warped, inside) = (second.with(|picture| warp.apply(picture)), warp.inside());
    let movement = OFFSETS
        .iter()
        .map(|offset| correlation(first, &warped, later_secs + offset, &inside))
        .fold(plain, f32::max);
    Likeness {
        movement,
        picture: of_pictures(&first.mean, &warped.mean, &inside),
    }
}

/// The correlation of two pictures over the cells that are `inside`; 0 where either is of one colour.
fn of_pictures(ours: &Thumb, theirs: &Thumb, inside: &Thumb) -> f32 {
    let count = inside.iter().sum::<f32>().max(1.0);
    let mean = |picture: &Thumb| {
        let sum: f32 = picture
            .iter()
            .zip(inside)
            .map(|(cell, inside)| cell * inside)
            .sum();
        sum / count
    };
    let (our_mean, their_mean) = (mean(ours), mean(theirs));
    let (mut both, mut our, mut their) = (0.0, 0.0, 0.0);
    for cell in 0..CELLS {
        let a = (ours[cell] - our_mean) * inside[cell];
        let b = (theirs[cell] - their_mean) * inside[cell];
        both += a * b;
        our += a * a;
        their += b * b;
    }
    both / (our * their).sqrt().max(f32::MIN_POSITIVE)
}

/// The correlation of the changes over the cells that are `inside`.
fn correlation(first: &Track, second: &Track, later_secs: f32, inside: &Thumb) -> f32 {
    let products: Vec<[f32; 3]> = first
        .changes
        .iter()
        .zip(&first.times)
        .filter_map(|(ours, time)| Some((ours, second.at(time + later_secs)?)))
        .map(|(ours, (left, right, share))| {
            let (mut both, mut our, mut their) = (0.0, 0.0, 0.0);
            for cell in 0..CELLS {
                let a = ours[cell] * inside[cell];
                let b = (left[cell] + (right[cell] - left[cell]) * share) * inside[cell];
                both += a * b;
                our += a * a;
                their += b * b;
            }
            [both, our, their]
        })
        .collect();
    let shorter = first.times.len().min(second.times.len());
    if products.is_empty() || (products.len() as f32) < LEAST_COMMON * shorter as f32 {
        return 0.0;
    }
    // One large movement shall not speak for the whole video: no frame counts for more than the middle one.
    let energy = |[_, ours, theirs]: &[f32; 3]| (ours * theirs).sqrt();
    let mut energies: Vec<f32> = products.iter().map(energy).collect();
    energies.sort_by(f32::total_cmp);
    let most = energies[energies.len() / 2].max(f32::MIN_POSITIVE);
    let [both, ours, theirs] = products.iter().fold([0.0_f64; 3], |sums, product| {
        let weight = (most / energy(product)).min(1.0);
        std::array::from_fn(|at| sums[at] + f64::from(weight * product[at]))
    });
    (both / (ours * theirs).sqrt().max(f64::MIN_POSITIVE)) as f32
}
