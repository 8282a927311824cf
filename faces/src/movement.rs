//! How an expression comes, stays and goes.
//!
//! A movement raises a set of action units from nothing to their full strength and lets them down again. Which
//! movements a video holds is left to `plan`.

use crate::action_unit::ActionUnits;
use crate::raster::smoothstep;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// One rise and fall of a set of action units. Frames count from 0 at the start of the video.
#[derive(Debug, Clone, PartialEq)]
pub struct Movement {
    /// The class that the units show, a place in [`crate::CLASSES`].
    pub class: usize,
    /// The intensities at the apex.
    pub peak: ActionUnits,
    /// The last frame before the rise.
    pub onset_frame: usize,
    /// The only frame with the full intensities.
    pub apex_frame: usize,
    /// The last frame before the fall.
    pub release_frame: usize,
    /// The first frame with nothing left; may lie beyond the end of the video.
    pub offset_frame: usize,
    /// Slow wavering while the expression is held, in cycles per frame.
    pub(crate) waver: f32,
}

impl Movement {
    /// The share of the full intensities at a frame, in [0, 1]; 1 at the apex only.
    pub fn envelope(&self, frame: usize) -> f32 {
        if frame <= self.onset_frame || frame >= self.offset_frame {
            return 0.0;
        }
        let at = |frame: usize| frame as f32;
        let rise = smoothstep(at(self.onset_frame), at(self.apex_frame), at(frame));
        let fall = 1.0 - smoothstep(at(self.release_frame), at(self.offset_frame), at(frame));
        let held = if frame > self.apex_frame {
            let since = at(frame - self.apex_frame);
            let wave = 0.5 - 0.5 * (since * self.waver * std::f32::consts::TAU).cos();
            0.98 - 0.12 * wave
        } else {
            1.0
        };
        rise * fall * held
    }

    /// The intensities at a frame.
    pub fn at(&self, frame: usize) -> ActionUnits {
        self.peak.scaled(self.envelope(frame))
    }
}

/// The four turning points of a movement that lasts through most of `frames` frames: rise within the first fifth,
/// held until near the end, with or without a fall inside the video.
pub(crate) fn sustained(frames: usize, random: &mut ChaCha8Rng) -> [usize; 4] {
    let onset = random.random_range(0..=frames / 5);
    let apex = onset + random.random_range(5..=10);
    let release = (apex + random.random_range(frames / 4..=frames / 2)).min(frames);
    let offset = release + random.random_range(6..=14);
    [onset, apex, release, offset]
}

/// The turning points of a flash: there and gone within 6 to 10 frames, somewhere in the middle of the video.
pub(crate) fn flash(frames: usize, random: &mut ChaCha8Rng) -> [usize; 4] {
    let onset = random.random_range(frames / 5..=frames * 3 / 5);
    let apex = onset + random.random_range(3..=4);
    let release = apex + random.random_range(0..=2);
    let offset = release + random.random_range(3..=4);
    [onset, apex, release, offset]
}

/// The turning points of a movement that stays for about a third of the video, somewhere in its middle.
pub(crate) fn passing(frames: usize, random: &mut ChaCha8Rng) -> [usize; 4] {
    let [onset, apex, release, offset] = flash(frames, random);
    let longer = frames / 4;
    [onset, apex, release + longer, offset + longer]
}

/// The turning points of two movements that take turns in one video: the first of the pair is held for somewhat more
/// than half of it, before or after the second; around the change both show.
pub(crate) fn in_turn(frames: usize, random: &mut ChaCha8Rng) -> [[usize; 4]; 2] {
    let longer_first = random.random_bool(0.5);
    let change = frames * if longer_first { 62 } else { 38 } / 100;
    let onset = random.random_range(0..=frames / 10);
    let apex = onset + random.random_range(5..=7);
    let release = apex.max(change.saturating_sub(4));
    let early = [onset, apex, release, release + 8];
    let onset = change - 4;
    let apex = change + random.random_range(3..=5);
    let release = apex.max(frames - frames / 8);
    let late = [onset, apex, release, release + random.random_range(5..=10)];
    if longer_first {
        [early, late]
    } else {
        [late, early]
    }
}

/// Builds a movement from its turning points.
pub(crate) fn through(
    turns: [usize; 4],
    class: usize,
    peak: ActionUnits,
    random: &mut ChaCha8Rng,
) -> Movement {
    let [onset_frame, apex_frame, release_frame, offset_frame] = turns;
    Movement {
        class,
        peak,
        onset_frame,
        apex_frame,
        release_frame,
        offset_frame,
        waver: random.random_range(0.02..0.06),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::stream;

    #[test]
    fn the_envelope_is_full_at_the_apex_only_and_nothing_outside() {
        let mut random = stream(5, "test", "movement");
        for draw in 0..200 {
            let turns = if draw % 2 == 0 {
                sustained(48, &mut random)
            } else {
                flash(48, &mut random)
            };
            let movement = through(turns, 0, ActionUnits::default(), &mut random);
            let full: Vec<usize> = (0..48)
                .filter(|frame| movement.envelope(*frame) > 0.999)
                .collect();
            assert_eq!(full, [movement.apex_frame]);
            assert!(movement.envelope(movement.onset_frame) < 1e-6);
            assert!(movement.envelope(movement.offset_frame) < 1e-6);
        }
    }
}
