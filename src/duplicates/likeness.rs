//! Whether two videos are the same recording, judged by their frames: how alike they change in space and time.

use super::warp::Warp;
use crate::health::{CELLS, EDGE, Thumb, mean};

/// Share of the shorter video's frames that both must show. Less in common is a common piece, such as a blink.
const LEAST_COMMON: f32 = 0.5;

/// Offsets in time that are tried around the one that the moments say, in hundredths of a second.
const OFFSETS: [i16; 7] = [-6, -4, -2, 0, 2, 4, 6];

/// The grey pictures of a video in time.
#[derive(Debug)]
pub(super) struct Track {
    pictures: Vec<Thumb>,
    /// Seconds from the first frame, ascending.
    times: Vec<f32>,
}

impl Track {
    pub(super) fn new(pictures: Vec<Thumb>, times: Vec<f32>) -> Self {
        let start = times.first().copied().unwrap_or(0.0);
        let times = times.into_iter().map(|time| time - start).collect();
        Self { pictures, times }
    }

    /// The same video seen in a mirror.
    pub(super) fn mirrored(&self) -> Self {
        let mirror = |picture: &Thumb| {
            let mut picture = *picture;
            picture.chunks_exact_mut(EDGE).for_each(<[f32]>::reverse);
            picture
        };
        Self {
            pictures: self.pictures.iter().map(mirror).collect(),
            times: self.times.clone(),
        }
    }

    /// The picture at a time, blended from the two next to it; nothing outside the video.
    fn at(&self, time: f32) -> Option<Thumb> {
        let after = self.times.partition_point(|&other| other < time);
        let right = self.pictures.get(after)?;
        if after == 0 {
            return (time > self.times[0] - 0.01).then_some(*right);
        }
        let left = &self.pictures[after - 1];
        let share = (time - self.times[after - 1]) / (self.times[after] - self.times[after - 1]);
        Some(std::array::from_fn(|cell| {
            left[cell] * (1.0 - share) + right[cell] * share
        }))
    }
}

/// How alike two videos are, if the second shows `later_secs` later what the first one shows: the correlation, over space
/// and time, of what differs from each one's mean picture, in [-1, 1]. Small differences of the offset, and of the cut of
/// the picture, are made up for.
pub(super) fn likeness(first: &Track, second: &Track, later_secs: f32) -> f32 {
    let shorter = first.pictures.len().min(second.pictures.len()) as f32;
    let (mut best, mut best_offset) = (-1.0, later_secs);
    for hundredths in OFFSETS {
        let offset = later_secs + f32::from(hundredths) / 100.0;
        let pairs = common(first, second, offset);
        let likeness = correlation(&pairs, &Warp::NONE);
        if likeness > best && pairs.len() as f32 >= LEAST_COMMON * shorter {
            (best, best_offset) = (likeness, offset);
        }
    }
    let pairs = common(first, second, best_offset);
    if (pairs.len() as f32) < LEAST_COMMON * shorter {
        return 0.0;
    }
    let (ours, theirs): (Vec<Thumb>, Vec<Thumb>) = pairs.iter().copied().unzip();
    let warp = Warp::between(&mean(&ours), &mean(&theirs));
    best.max(correlation(&pairs, &warp))
}

/// What both show at the same time.
fn common(first: &Track, second: &Track, later_secs: f32) -> Vec<(Thumb, Thumb)> {
    first
        .pictures
        .iter()
        .zip(&first.times)
        .filter_map(|(picture, time)| Some((*picture, second.at(time + later_secs)?)))
        .collect()
}

/// The correlation of the differences from the mean pictures, over all cells that both have.
fn correlation(pairs: &[(Thumb, Thumb)], warp: &Warp) -> f32 {
    let inside = warp.inside();
    let theirs: Vec<Thumb> = pairs.iter().map(|(_, theirs)| warp.apply(theirs)).collect();
    let ours: Vec<Thumb> = pairs.iter().map(|(ours, _)| *ours).collect();
    let (our_mean, their_mean) = (mean(&ours), mean(&theirs));
    let (mut both, mut our_energy, mut their_energy) = (0.0_f64, 0.0_f64, 0.0_f64);
    for (ours, theirs) in ours.iter().zip(&theirs) {
        let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
        for cell in 0..CELLS {
            let a = (ours[cell] - our_mean[cell]) * inside[cell];
            let b = (theirs[cell] - their_mean[cell]) * inside[cell];
            ab += a * b;
            aa += a * a;
            bb += b * b;
        }
        both += f64::from(ab);
        our_energy += f64::from(aa);
        their_energy += f64::from(bb);
    }
    (both / (our_energy * their_energy).sqrt().max(f64::MIN_POSITIVE)) as f32
}
