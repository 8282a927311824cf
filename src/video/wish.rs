//! Which frames of a video are wanted, and what is made of each.

use ffmpeg_next::frame;

use super::error::DecodeProblem;
use super::glance::GlanceScaler;
use super::orientation::Orientation;
use super::scale::Scaler;
use super::settings::{DecodeSettings, evenly_spread};
use super::window::{Window, WindowScaler};

/// What one pass over a video is for.
#[derive(Clone, Copy)]
pub(super) struct Wish<'a> {
    pub(super) settings: &'a DecodeSettings,
    pub(super) picture: Picture<'a>,
}

/// What is made of a wanted frame.
#[derive(Clone, Copy)]
pub(super) enum Picture<'a> {
    /// What is stored: the settings' part of it, at their size.
    Stored,
    /// A small grey picture to look at, of one kept frame in so many, with a shorter edge of so many pixels.
    Glance { every: usize, edge: u32 },
    /// A square part that moves, at the settings' size; by the frame's number.
    Window(&'a dyn Fn(u32) -> Window),
}

impl Wish<'_> {
    /// The wanted ones of so many frames.
    pub(super) fn wanted(&self, frames: usize) -> Vec<u32> {
        let kept = evenly_spread(frames, self.settings.max_frames);
        match self.picture {
            Picture::Glance { every, .. } => {
                let glances = kept.len().div_ceil(every.max(1)).max(2);
                let places = evenly_spread(kept.len(), glances);
                places.iter().map(|&place| kept[place as usize]).collect()
            }
            _ => kept,
        }
    }

    pub(super) fn painter(&self, orientation: Option<Orientation>) -> Painter<'_> {
        match self.picture {
            Picture::Stored => Painter::Stored(Box::new(Scaler::new(self.settings, orientation))),
            Picture::Glance { edge, .. } => Painter::Glance(GlanceScaler::new(edge, orientation)),
            Picture::Window(window) => {
                Painter::Window(WindowScaler::new(self.settings.size, orientation), window)
            }
        }
    }
}

/// Makes pictures of frames.
pub(super) enum Painter<'a> {
    Stored(Box<Scaler>),
    Glance(GlanceScaler),
    Window(WindowScaler, &'a dyn Fn(u32) -> Window),
}

impl Painter<'_> {
    /// Appends the picture of a frame; gives the width and height at which the frame is to be shown.
    pub(super) fn append(
        &mut self,
        frame: &frame::Video,
        number: u32,
        pixels: &mut Vec<u8>,
    ) -> Result<(u32, u32), DecodeProblem> {
        match self {
            Self::Stored(scaler) => scaler.append(frame, pixels),
            Self::Glance(scaler) => scaler.append(frame, pixels),
            Self::Window(scaler, window) => scaler.append(frame, window(number), pixels),
        }
    }
}
