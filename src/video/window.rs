//! A square part of the frame that moves from frame to frame, cut out of the frame as it is and brought to the stored size.
//!
//! It lies between pixels: a part at whole ones would tremble by a pixel or two as it moves.

use ffmpeg_next::frame;
use serde::{Deserialize, Serialize};

use super::crop::FaceCrop;
use super::error::DecodeProblem;
use super::orientation::Orientation;
use super::raw;
use super::resample::{covers, resample};
use super::scale::{Rgb, failed};

/// Sizes of the parts that are converted are rounded up to this, so that the same converter serves for many frames.
const STEP: usize = 32;

/// A square part of a frame as it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// Where its middle is, as a share of the frame's width, in [0, 1].
    pub x: f32,
    /// Where its middle is, as a share of the frame's height, in [0, 1].
    pub y: f32,
    /// Its edge, as a share of the frame's shorter edge: above 0. More than 1 stands for 1.
    pub edge: f32,
}

impl Window {
    /// Left and top border and the edge, in pixels of a frame of this width and height. All of it lies in the frame: a window
    /// that reaches beyond the border is moved back, and a larger one than the frame is as large as the frame's shorter edge.
    pub fn place(&self, (width, height): (u32, u32)) -> [f32; 3] {
        let (width, height) = (width as f32, height as f32);
        let shorter = width.min(height);
        let edge = (self.edge * shorter).clamp(1.0, shorter);
        let start = |middle: f32, length: f32| {
            (middle * length - edge / 2.0).clamp(0.0, (length - edge).max(0.0))
        };
        [start(self.x, width), start(self.y, height), edge]
    }
}

/// Brings a window of each frame to the stored size.
pub(super) struct WindowScaler {
    size: usize,
    orientation: Option<Orientation>,
    rgb: Rgb,
    tile: Vec<u8>,
}

impl WindowScaler {
    /// A scaler to `size`×`size` pixels, turned by `orientation`, or by what the frame itself says.
    pub(super) fn new(size: u32, orientation: Option<Orientation>) -> Self {
        Self {
            size: size as usize,
            orientation,
            rgb: Rgb::default(),
            tile: Vec::new(),
        }
    }

    /// Appends the window of the frame to `pixels`; gives the width and height at which the frame is to be shown.
    pub(super) fn append(
        &mut self,
        frame: &frame::Video,
        window: Window,
        pixels: &mut Vec<u8>,
    ) -> Result<(u32, u32), DecodeProblem> {
        let orientation = Orientation::of(frame, self.orientation);
        let shown = orientation.dimensions(frame.width(), frame.height());
        let ([left, top], edge) = stored_place(window, shown, orientation);
        let (width, height) = (frame.width() as usize, frame.height() as usize);
        let (columns, rows) = (part(left, edge, width), part(top, edge, height));
        let borders = [columns.0, rows.0, width - columns.1, height - rows.1];
        let part = raw::part(frame, borders).map_err(|error| failed(frame, error))?;
        let lines: Vec<&[u8]> = self
            .rgb
            .scaled(&part, (part.width(), part.height()))?
            .collect();
        let across = covers(left - columns.0 as f32, edge, self.size, part.width());
        let down = covers(top - rows.0 as f32, edge, self.size, part.height());
        self.tile.clear();
        resample::<3>(&lines, &across, &down, &mut self.tile);
        let start = pixels.len();
        pixels.resize(start + self.tile.len(), 0);
        orientation.turn::<3>(&self.tile, &mut pixels[start..], self.size);
        Ok(shown)
    }
}

/// Left and top border, and the edge, in pixels of the frame as it is stored before it is turned.
fn stored_place(window: Window, shown: (u32, u32), orientation: Orientation) -> ([f32; 2], f32) {
    let [left, top, edge] = window.place(shown);
    let share = |at: f32, length: u32| f64::from(at) / f64::from(length);
    let place = FaceCrop {
        left: share(left, shown.0),
        top: share(top, shown.1),
        right: share(left + edge, shown.0),
        bottom: share(top + edge, shown.1),
    };
    let place = place.stored(orientation);
    let (width, height) = orientation.dimensions(shown.0, shown.1);
    let pixels = |share: f64, length: u32| (share * f64::from(length)) as f32;
    ([pixels(place.left, width), pixels(place.top, height)], edge)
}

/// The first pixel of a part that covers what lies between `start` and `start + edge`, with one more on either side where
/// there is one, and the pixel after the last. The first one is even, where colours that two pixels share begin.
fn part(start: f32, edge: f32, length: usize) -> (usize, usize) {
    let first = (start.floor() as usize)
        .saturating_sub(1)
        .min(length.saturating_sub(1))
        & !1;
    let end = ((start + edge).ceil() as usize + 1).max(first + 2);
    let end = (first + (end - first).next_multiple_of(STEP)).min(length);
    (first, end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_window_stays_in_the_frame() {
        let place = |x, y, edge| Window { x, y, edge }.place((200, 100)).map(f32::round);
        let is = |found: [f32; 3], place: [i32; 3]| found.map(|at| at as i32) == place;
        assert!(is(place(0.5, 0.5, 0.5), [75, 25, 50]));
        assert!(is(place(0.0, 1.0, 0.5), [0, 50, 50]));
        assert!(is(place(0.9, 0.5, 3.0), [100, 0, 100]));
    }

    proptest! {
        #[test]
        fn parts_hold_the_window_and_covers_stay_in_the_part(
            length in 1_usize..3000, from in 0.0_f32..1.0, share in 0.001_f32..1.0, size in 1_usize..300,
        ) {
            let edge = (share * length as f32).max(1.0);
            let start = from * (length as f32 - edge);
            let (first, end) = part(start, edge, length);
            prop_assert!(first < end && end <= length && first.is_multiple_of(2));
            prop_assert!(first as f32 <= start && end as f32 >= (start + edge).floor());
            let part_length = (end - first) as u32;
            for cover in covers(start - first as f32, edge, size, part_length) {
                prop_assert!(cover.first + cover.shares.len() <= part_length as usize);
                let sum: f32 = cover.shares.iter().sum();
                prop_assert!((sum - 1.0).abs() < 1e-3);
            }
        }
    }
}
