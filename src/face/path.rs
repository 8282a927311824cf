//! The way of a face through a video: from boxes in some of its frames to one for every frame, without gaps and without tremble.
//!
//! Detectors place boxes to within some pixels and in steps of size. A box that is far off for one picture is replaced by the
//! median of three; gaps are filled along a line; then the middle and the size are smoothed by local linear regression with
//! Gaussian weights (Cleveland 1979, "Robust locally weighted regression and smoothing scatterplots", without its robust
//! part), which keeps even movement as it is, also at the ends.

use super::link::Sighting;

/// Standard deviations of the weights over time, in pictures: of the middle, and of the size, which changes more slowly.
const MIDDLE: f32 = 1.0;
const SIZE: f32 = 2.5;

/// The way of one face.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Path {
    /// When each picture is: index of its frame in display order.
    times: Vec<f32>,
    /// The usual time from one picture to the next.
    step: f32,
    x: Vec<f32>,
    y: Vec<f32>,
    /// Logarithms of the edges: growing is a factor.
    size: Vec<f32>,
}

impl Path {
    /// From sightings of a face, at least one, in pictures of these frames.
    pub(super) fn new(sightings: &[Sighting], frames: &[u32]) -> Self {
        let times: Vec<f32> = frames.iter().map(|&frame| frame as f32).collect();
        let of = |value: fn(&Sighting) -> f32| {
            let values: Vec<f32> = sightings.iter().map(value).collect();
            let when = sightings.iter().map(|seen| times[seen.at]);
            let seen: Vec<(f32, f32)> = when.zip(medians(&values)).collect();
            times.iter().map(|&time| filled(&seen, time)).collect()
        };
        let length = times.last().unwrap_or(&0.0) - times.first().unwrap_or(&0.0);
        Self {
            x: of(|seen| seen.face.x),
            y: of(|seen| seen.face.y),
            size: of(|seen| seen.face.edge.ln()),
            step: (length / (times.len() as f32 - 1.0).max(1.0)).max(1.0),
            times,
        }
    }

    /// The middle and the edge of the face in a frame, in pixels of the pictures.
    pub(super) fn at(&self, frame: u32) -> [f32; 3] {
        let last = self.times.last().unwrap_or(&0.0);
        let time = (frame as f32).min(*last);
        let smoothed = |values: &[f32], pictures: f32| {
            let away = self.times.iter().map(|at| at - time);
            smoothed(away.zip(values.iter().copied()), pictures * self.step)
        };
        [
            smoothed(&self.x, MIDDLE),
            smoothed(&self.y, MIDDLE),
            smoothed(&self.size, SIZE).exp(),
        ]
    }
}

/// Every value but the first and the last as the median of itself and its neighbours.
fn medians(values: &[f32]) -> Vec<f32> {
    let mut medians = values.to_vec();
    for (middle, three) in medians.iter_mut().skip(1).zip(values.windows(3)) {
        let (low, high) = (three[0].min(three[2]), three[0].max(three[2]));
        *middle = three[1].clamp(low, high);
    }
    medians
}

/// The value at a time, on the line between those before and after it; beyond the ends, that of the end.
fn filled(seen: &[(f32, f32)], time: f32) -> f32 {
    let after = seen.partition_point(|&(at, _)| at <= time);
    let before = after.checked_sub(1).map(|before| seen[before]);
    match (before, seen.get(after)) {
        (Some((at, value)), Some(&(next, other))) => {
            value + (other - value) * (time - at) / (next - at)
        }
        (Some((_, value)), None) | (None, Some(&(_, value))) => value,
        (None, None) => 0.0,
    }
}

/// Where the line that fits values best passes now: of each value how far it is away in time, and itself.
fn smoothed(values: impl Iterator<Item = (f32, f32)>, deviation: f32) -> f32 {
    let [mut weights, mut times, mut squares, mut sums, mut products] = [0.0_f32; 5];
    for (away, value) in values {
        let away = away / deviation;
        let weight = (-0.5 * away.powi(2)).exp();
        weights += weight;
        times += weight * away;
        squares += weight * away * away;
        sums += weight * value;
        products += weight * away * value;
    }
    let spread = weights * squares - times * times;
    if spread > 1e-6 * weights * weights {
        (squares * sums - times * products) / spread
    } else {
        sums / weights
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::face::detector::Face;

    fn seen(at: usize, x: f32, y: f32, edge: f32) -> Sighting {
        let score = 9.0;
        let face = Face { x, y, edge, score };
        Sighting { at, face }
    }

    fn frames(count: u32) -> Vec<u32> {
        (0..count).map(|at| 4 * at).collect()
    }

    #[test]
    fn even_movement_stays_as_it_is_over_gaps_and_at_the_ends() {
        let gaps = [3, 4, 9];
        let sightings: Vec<Sighting> = (0..16)
            .filter(|at| !gaps.contains(at))
            .map(|at| {
                let time = (4 * at + at / 3) as f32;
                seen(
                    at,
                    10.0 + 1.5 * time,
                    200.0 - 0.75 * time,
                    40.0 * 1.012_f32.powf(time),
                )
            })
            .collect();
        // Pictures that are not quite evenly spread, as frames that are kept are not.
        let frames: Vec<u32> = (0..16).map(|at| 4 * at + at / 3).collect();
        let path = Path::new(&sightings, &frames);
        for frame in 0..=60 {
            let time = frame as f32;
            let [x, y, edge] = path.at(frame);
            assert!((x - (10.0 + 1.5 * time)).abs() < 0.01, "{frame}: {x}");
            assert!((y - (200.0 - 0.75 * time)).abs() < 0.01, "{frame}: {y}");
            assert!((edge / (40.0 * 1.012_f32.powf(time)) - 1.0).abs() < 1e-3);
        }
    }

    #[test]
    fn one_box_that_is_far_off_moves_nothing() {
        let at = |at: usize| seen(at, if at == 7 { 300.0 } else { 100.0 }, 100.0, 50.0);
        let sightings: Vec<Sighting> = (0..15).map(at).collect();
        let path = Path::new(&sightings, &frames(15));
        assert!((0..57).all(|frame| (path.at(frame)[0] - 100.0).abs() < 1e-3));
    }

    #[test]
    fn a_face_that_left_is_awaited_where_it_was() {
        let sightings: Vec<Sighting> = (3..8).map(|at| seen(at, 100.0, 80.0, 50.0)).collect();
        let path = Path::new(&sightings, &frames(20));
        for frame in [0, 10, 40, 76, 500] {
            let [x, y, edge] = path.at(frame);
            assert!(
                (x - 100.0).abs() < 1e-3 && (y - 80.0).abs() < 1e-3,
                "{frame}"
            );
            assert!((edge - 50.0).abs() < 1e-2);
        }
        let alone = Path::new(&[seen(0, 5.0, 6.0, 7.0)], &[0]);
        assert!((alone.at(3)[2] - 7.0).abs() < 1e-4);
    }

    proptest! {
        /// Boxes that tremble by ±3 pixels: from frame to frame the way moves by less than a third of what they do.
        #[test]
        fn tremble_is_taken_out(noise in proptest::collection::vec(-3.0_f32..3.0, 20)) {
            let sightings: Vec<Sighting> = noise
                .iter()
                .enumerate()
                .map(|(at, noise)| seen(at, 100.0 + noise, 100.0, 60.0))
                .collect();
            let path = Path::new(&sightings, &frames(20));
            for frame in 0..76 {
                let step = (path.at(frame + 1)[0] - path.at(frame)[0]).abs();
                prop_assert!(step < 1.5, "{frame}: {step}");
                prop_assert!((path.at(frame)[0] - 100.0).abs() < 4.0);
            }
        }
    }
}
