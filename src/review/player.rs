//! The clip's clock: which frame is to be shown now. Knows nothing of pixels.

use std::time::Duration;

/// Frames per second of a video that does not say, such as a folder of frames.
const FALLBACK_FPS: f64 = 25.0;

/// The speeds, around normal.
const SPEEDS: [f64; 5] = [0.25, 0.5, 1.0, 2.0, 4.0];
const NORMAL: usize = 2;

/// How the picture is cut out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Zoom {
    /// All of it.
    #[default]
    Whole,
    /// The middle half of each side, twice as large.
    Centre,
    /// As the network sees it: the square that it was stretched to, in the network's own pixels.
    Model,
}

/// A playing clip.
#[derive(Debug, Clone, PartialEq)]
pub struct Player {
    /// Whether it is moving.
    pub is_playing: bool,
    /// The cut-out.
    pub zoom: Zoom,
    frames: u32,
    fps: f64,
    /// Where it is, in frames.
    position: f64,
    speed: usize,
}

impl Default for Player {
    fn default() -> Self {
        Self {
            is_playing: true,
            zoom: Zoom::default(),
            frames: 0,
            fps: FALLBACK_FPS,
            position: 0.0,
            speed: NORMAL,
        }
    }
}

impl Player {
    /// Starts a clip from its first frame; speed and zoom stay.
    pub fn load(&mut self, frames: u32, fps: f32) {
        self.frames = frames;
        self.fps = if fps > 0.0 {
            f64::from(fps)
        } else {
            FALLBACK_FPS
        };
        self.position = 0.0;
        self.is_playing = true;
    }

    /// The frame to be shown, in display order.
    pub fn frame(&self) -> u32 {
        (self.position as u32).min(self.frames.saturating_sub(1))
    }

    /// Frames of the clip.
    pub fn frames(&self) -> u32 {
        self.frames
    }

    /// The speed, 1 is the clip's own.
    pub fn speed(&self) -> f64 {
        SPEEDS[self.speed]
    }

    /// Seconds from the start.
    pub fn seconds(&self) -> f64 {
        f64::from(self.frame()) / self.fps
    }

    /// Lets time pass. A late call passes over frames; the end goes on at the start.
    pub fn pass(&mut self, time: Duration) {
        if self.is_playing && self.frames > 1 {
            let moved = self.position + time.as_secs_f64() * self.fps * self.speed();
            self.position = moved % f64::from(self.frames);
        }
    }

    /// How long the frame will still be shown; nothing while it stands still.
    pub fn until_next(&self) -> Option<Duration> {
        if !self.is_playing || self.frames < 2 {
            return None;
        }
        let left = (self.position.floor() + 1.0 - self.position) / (self.fps * self.speed());
        Some(Duration::from_secs_f64(left.max(0.001)))
    }

    /// Stops and moves by whole frames, around the ends.
    pub fn step(&mut self, by: i64) {
        self.is_playing = false;
        if self.frames > 0 {
            let frame = (i64::from(self.frame()) + by).rem_euclid(i64::from(self.frames));
            self.position = frame as f64;
        }
    }

    /// Stops at a frame.
    pub fn go_to(&mut self, frame: u32) {
        self.is_playing = false;
        self.position = f64::from(frame.min(self.frames.saturating_sub(1)));
    }

    /// The next speed up or down.
    pub fn change_speed(&mut self, by: isize) {
        self.speed = self.speed.saturating_add_signed(by).min(SPEEDS.len() - 1);
    }

    /// The next cut-out.
    pub fn next_zoom(&mut self) {
        self.zoom = match self.zoom {
            Zoom::Whole => Zoom::Centre,
            Zoom::Centre => Zoom::Model,
            Zoom::Model => Zoom::Whole,
        };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn it_plays_at_its_own_rate_and_loops() {
        let mut player = Player::default();
        player.load(50, 25.0);
        player.pass(Duration::from_secs(1));
        assert_eq!(player.frame(), 25);
        player.pass(Duration::from_millis(1040));
        assert_eq!(player.frame(), 1);
        player.change_speed(1);
        player.pass(Duration::from_millis(100));
        assert_eq!(player.frame(), 6);
        player.step(-7);
        assert_eq!((player.frame(), player.is_playing), (49, false));
        player.pass(Duration::from_secs(3));
        assert_eq!(player.frame(), 49);
        assert_eq!(player.until_next(), None);
    }

    proptest! {
        #[test]
        fn the_frame_is_always_one_of_the_clip(
            frames in 0_u32..300, fps in 0.0_f32..120.0, steps in prop::collection::vec((0..5, -9_i64..9, 0_u64..90_000), 0..20),
        ) {
            let mut player = Player::default();
            player.load(frames, fps);
            for (kind, by, millis) in steps {
                match kind {
                    0 => player.step(by),
                    1 => player.change_speed(by as isize),
                    2 => player.go_to(millis as u32),
                    3 => player.is_playing = true,
                    _ => player.pass(Duration::from_millis(millis)),
                }
                prop_assert!(player.frame() < frames.max(1));
                prop_assert!((0.25..=4.0).contains(&player.speed()));
            }
        }
    }
}
