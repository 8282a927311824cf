//! The low frequencies of a video over time: what changes, without what stays. Held in memory for all videos, to describe
//! moments and to rule most chance candidates out before any frame is looked at.

use crate::health::{COEFFICIENTS, frequencies};

/// Half the time over which a change is taken, in seconds.
const SPAN_SECS: f32 = 0.16;

/// Parts of that span that are averaged, against noise.
const PARTS: usize = 4;

/// Half the time whose mean is taken off, in seconds: slower movements, such as of the whole head, are alike in many videos.
const AROUND_SECS: f32 = 0.25;

/// Offsets in time that are tried around the one that moments say, in seconds.
const OFFSETS: [f32; 5] = [0.0, -0.04, 0.04, -0.08, 0.08];

/// The low frequencies of a picture, whitened.
pub(super) type Picture = [f32; COEFFICIENTS];

/// A video's movement.
#[derive(Debug, Clone)]
pub(super) struct Movement {
    /// Seconds from the first frame, ascending.
    times: Vec<f32>,
    pictures: Vec<Picture>,
    /// What differs from the mean of the pictures around each.
    changes: Vec<Picture>,
    /// The mean of the pictures.
    still: Picture,
}

impl Movement {
    /// `frames`: the coefficients of each kept frame; `times`: when each is shown, in seconds.
    pub(super) fn new(mut frames: Vec<Picture>, times: Vec<f32>) -> Self {
        let start = times.first().copied().unwrap_or(0.0);
        let times: Vec<f32> = times.into_iter().map(|time| time - start).collect();
        // Natural pictures have amplitudes that fall with the frequency.
        for frame in &mut frames {
            for (c, value) in frame.iter_mut().enumerate() {
                let (u, v) = frequencies(c);
                *value *= ((u * u + v * v) as f32).sqrt();
            }
        }
        let half = half_window(&times);
        let changes = (0..frames.len())
            .map(|at| {
                let around = &frames[at.saturating_sub(half)..(at + half + 1).min(frames.len())];
                std::array::from_fn(|c| {
                    let sum: f32 = around.iter().map(|picture| picture[c]).sum();
                    frames[at][c] - sum / around.len() as f32
                })
            })
            .collect();
        let count = frames.len().max(1) as f32;
        let still =
            std::array::from_fn(|c| frames.iter().map(|picture| picture[c]).sum::<f32>() / count);
        Self {
            times,
            pictures: frames,
            changes,
            still,
        }
    }

    /// When each frame is shown, in seconds from the first.
    pub(super) fn times(&self) -> &[f32] {
        &self.times
    }

    /// The picture at a time, blended from the two next to it; the first or last one outside.
    fn at(&self, time: f32) -> Picture {
        let after = self.times.partition_point(|&other| other <= time);
        let Some(last) = self.pictures.last() else {
            return [0.0; COEFFICIENTS];
        };
        if after == 0 {
            return self.pictures[0];
        }
        if after == self.times.len() {
            return *last;
        }
        let (left, right) = (self.times[after - 1], self.times[after]);
        let share = (time - left) / (right - left);
        std::array::from_fn(|c| {
            self.pictures[after - 1][c] * (1.0 - share) + self.pictures[after][c] * share
        })
    }

    /// How the picture changes around a time: what comes after it less what was before.
    pub(super) fn change(&self, time: f32) -> Picture {
        let mut change = [0.0; COEFFICIENTS];
        for part in 1..=PARTS {
            let away = part as f32 * SPAN_SECS / PARTS as f32;
            let (before, after) = (self.at(time - away), self.at(time + away));
            for c in 0..COEFFICIENTS {
                change[c] += after[c] - before[c];
            }
        }
        change
    }

    /// A first guess at how alike two videos are, if `other` shows about `later_secs` later what this one shows: the
    /// correlation of their changes, in [-1, 1], and by how much later it is largest.
    pub(super) fn likeness(&self, other: &Self, later_secs: f32, mirrored: bool) -> (f32, f32) {
        OFFSETS
            .iter()
            .map(|offset| later_secs + offset)
            .map(|later| (self.correlation(other, later, mirrored), later))
            .fold((-1.0, later_secs), |best, tried| {
                if tried.0 > best.0 { tried } else { best }
            })
    }

    /// How alike what stays in two videos is: the cosine of their mean pictures' low frequencies, in [-1, 1].
    pub(super) fn still_likeness(&self, other: &Self, mirrored: bool) -> f32 {
        let (mut both, mut ours, mut theirs) = (0.0, 0.0, 0.0);
        for ((a, b), sign) in self.still.iter().zip(&other.still).zip(signs(mirrored)) {
            both += a * b * sign;
            ours += a * a;
            theirs += b * b;
        }
        both / (ours * theirs).sqrt().max(f32::MIN_POSITIVE)
    }

    fn correlation(&self, other: &Self, later_secs: f32, mirrored: bool) -> f32 {
        let signs = signs(mirrored);
        let (mut both, mut ours, mut theirs) = (0.0, 0.0, 0.0);
        let mut next = 0;
        for (change, time) in self.changes.iter().zip(&self.times) {
            let wanted = time + later_secs;
            // The frame of the other that is nearest in time.
            while next + 1 < other.times.len()
                && (other.times[next + 1] - wanted).abs() <= (other.times[next] - wanted).abs()
            {
                next += 1;
            }
            let outside =
                wanted < -0.1 || wanted > other.times.last().copied().unwrap_or(0.0) + 0.1;
            let Some(theirs_now) = other.changes.get(next).filter(|_| !outside) else {
                continue;
            };
            for c in 0..COEFFICIENTS {
                let (a, b) = (change[c], theirs_now[c]);
                both += a * b * signs[c];
                ours += a * a;
                theirs += b * b;
            }
        }
        both / (ours * theirs).sqrt().max(f32::MIN_POSITIVE)
    }
}

/// What the coefficients are multiplied with in a mirror: the odd frequencies along a row change their sign.
fn signs(mirrored: bool) -> Picture {
    std::array::from_fn(|c| {
        if mirrored && frequencies(c).0 % 2 == 1 {
            -1.0
        } else {
            1.0
        }
    })
}

/// Half the window of a moving mean, in frames; at least two.
pub(super) fn half_window(times: &[f32]) -> usize {
    let span = times.last().copied().unwrap_or(0.0);
    let spacing = span / times.len().saturating_sub(1).max(1) as f32;
    ((AROUND_SECS / spacing.max(0.001)).round() as usize).max(2)
}
