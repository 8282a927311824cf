//! Small grey pictures of frames in their own shape, for a detector to look at.

use ffmpeg_next::frame;

use super::error::DecodeProblem;
use super::orientation::Orientation;
use super::scale::Rgb;

/// A longer edge than so many times the shorter one is cut to that: no detector needs more of a strip.
const LONGEST: u32 = 4;

/// Brings the frames of one video to one small size, which the first one's shape decides.
pub(super) struct GlanceScaler {
    edge: u32,
    orientation: Option<Orientation>,
    /// Width and height of the pictures, as they are shown.
    shape: Option<(u32, u32)>,
    rgb: Rgb,
    stored: Vec<u8>,
}

impl GlanceScaler {
    /// A scaler to pictures whose shorter edge has `edge` pixels, turned by `orientation`, or by what the frame itself says.
    pub(super) fn new(edge: u32, orientation: Option<Orientation>) -> Self {
        Self {
            edge,
            orientation,
            shape: None,
            rgb: Rgb::default(),
            stored: Vec::new(),
        }
    }

    /// Appends the luma of a frame, rows from the top; gives the width and height at which the frame is to be shown.
    pub(super) fn append(
        &mut self,
        frame: &frame::Video,
        pixels: &mut Vec<u8>,
    ) -> Result<(u32, u32), DecodeProblem> {
        let orientation = Orientation::of(frame, self.orientation);
        let shown = orientation.dimensions(frame.width(), frame.height());
        let edge = self.edge;
        let shape = *self.shape.get_or_insert_with(|| glance_shape(shown, edge));
        let stored_shape = orientation.dimensions(shape.0, shape.1);
        self.stored.clear();
        let rgb = self.rgb.scaled(frame, stored_shape)?;
        let grey = |rgb: &[u8; 3]| {
            let [red, green, blue] = rgb.map(u16::from);
            ((red + 2 * green + blue) / 4) as u8
        };
        for row in rgb {
            self.stored.extend(row.as_chunks().0.iter().map(grey));
        }
        let start = pixels.len();
        pixels.resize(start + self.stored.len(), 0);
        orientation.turn::<1>(&self.stored, &mut pixels[start..], shape.0 as usize);
        Ok(shown)
    }
}

/// Width and height of the pictures of frames of this shape.
pub(super) fn glance_shape((width, height): (u32, u32), edge: u32) -> (u32, u32) {
    let shorter = width.min(height).max(1);
    let scaled = |length: u32| {
        let scaled = u64::from(length) * u64::from(edge) / u64::from(shorter);
        (scaled as u32).clamp(edge, LONGEST * edge)
    };
    (scaled(width), scaled(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_have_the_shape_of_the_frame() {
        assert_eq!(glance_shape((1920, 1080), 200), (355, 200));
        assert_eq!(glance_shape((480, 640), 200), (200, 266));
        assert_eq!(glance_shape((128, 128), 200), (200, 200));
        assert_eq!(glance_shape((10_000, 10), 200), (800, 200));
    }
}
