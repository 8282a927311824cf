//! The part of every frame that is kept: where the face is, when a data set's faces stand still in a larger picture.

use ffmpeg_next::frame;
use serde::{Deserialize, Serialize};

use super::orientation::Orientation;
use super::raw;

/// A part of the frame as it is shown, by the shares of its width and height at which its borders lie: each in [0, 1],
/// `left` below `right` and `top` below `bottom`. The whole frame by default.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FaceCrop {
    /// The left border, as a share of the width.
    pub left: f64,
    /// The upper border, as a share of the height.
    pub top: f64,
    /// The right border, as a share of the width.
    pub right: f64,
    /// The lower border, as a share of the height.
    pub bottom: f64,
}

impl Default for FaceCrop {
    fn default() -> Self {
        Self::WHOLE
    }
}

impl FaceCrop {
    /// The whole frame.
    pub const WHOLE: Self = Self {
        left: 0.0,
        top: 0.0,
        right: 1.0,
        bottom: 1.0,
    };

    /// Whether nothing is cut off.
    pub fn is_whole(&self) -> bool {
        *self == Self::WHOLE
    }

    /// Whether the borders are shares of a frame, in their order.
    pub(super) fn is_possible(&self) -> bool {
        let is_pair = |low: f64, high: f64| 0.0 <= low && low < high && high <= 1.0;
        is_pair(self.left, self.right) && is_pair(self.top, self.bottom)
    }

    /// Width and height of the part of a frame of `width`×`height` pixels.
    pub(super) fn dimensions(&self, width: usize, height: usize) -> (usize, usize) {
        let length = |(start, end): (usize, usize)| end - start;
        (
            length(pixels(self.left, self.right, width)),
            length(pixels(self.top, self.bottom, height)),
        )
    }

    /// The same part of the frame as it is stored, before it is turned by `orientation`.
    pub(super) fn stored(self, orientation: Orientation) -> Self {
        let mut crop = self;
        if orientation.flip_x {
            (crop.left, crop.right) = (1.0 - crop.right, 1.0 - crop.left);
        }
        if orientation.flip_y {
            (crop.top, crop.bottom) = (1.0 - crop.bottom, 1.0 - crop.top);
        }
        if orientation.transpose {
            crop = Self {
                left: crop.top,
                top: crop.left,
                right: crop.bottom,
                bottom: crop.right,
            };
        }
        crop
    }

    /// The part of a frame that is turned by `orientation` before it is shown, without a copy of its pixels; nothing where
    /// that is all of it.
    pub(super) fn part(
        self,
        frame: &frame::Video,
        orientation: Orientation,
    ) -> Result<Option<frame::Video>, ffmpeg_next::Error> {
        let crop = self.stored(orientation);
        let (width, height) = (frame.width() as usize, frame.height() as usize);
        let (left, right) = pixels(crop.left, crop.right, width);
        let (top, bottom) = pixels(crop.top, crop.bottom, height);
        if (left, top, right, bottom) == (0, 0, width, height) {
            return Ok(None);
        }
        raw::part(frame, [left, top, width - right, height - bottom]).map(Some)
    }
}

/// The first pixel between two shares of `length` pixels, and the one after the last: at even places, where colours that
/// two pixels share begin, and never nothing.
fn pixels(low: f64, high: f64, length: usize) -> (usize, usize) {
    let at = |share: f64| (share * length as f64).round() as usize;
    let start = (at(low) & !1).min(length.saturating_sub(1) & !1);
    let end = at(high).next_multiple_of(2).max(start + 2).min(length);
    (start, end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pixels_lie_at_even_places() {
        assert_eq!(pixels(0.0, 1.0, 101), (0, 101));
        assert_eq!(pixels(0.25, 0.75, 100), (24, 76));
        assert_eq!(pixels(0.5, 0.501, 100), (50, 52));
        assert_eq!(pixels(0.999, 1.0, 3), (2, 3));
        assert_eq!(pixels(0.0, 0.5, 1), (0, 1));
    }

    #[test]
    fn a_turned_frame_is_cut_where_it_is_shown() {
        let crop = FaceCrop {
            left: 0.0,
            top: 0.25,
            right: 0.5,
            bottom: 1.0,
        };
        // Shown upside down: what is shown on the left is stored on the right.
        let half_turn = Orientation {
            transpose: false,
            flip_x: true,
            flip_y: true,
        };
        let stored = crop.stored(half_turn);
        assert_eq!(
            (stored.left, stored.top, stored.right, stored.bottom),
            (0.5, 0.0, 1.0, 0.75)
        );
        assert_eq!(crop.stored(Orientation::default()), crop);
    }

    proptest! {
        #[test]
        fn every_possible_crop_has_pixels_inside_the_frame(
            low in 0.0_f64..1.0, share in 1e-6_f64..1.0, length in 1_usize..3000,
        ) {
            let high = (low + share).min(1.0);
            prop_assume!(low < high);
            let (start, end) = pixels(low, high, length);
            prop_assert!(start < end && end <= length && start.is_multiple_of(2));
        }
    }
}
