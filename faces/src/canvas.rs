//! A small floating-point picture that coverages are painted on, and the colours to paint with.
//!
//! What is drawn is left to the parts of the face, how a picture becomes bytes to `renderer`.

use crate::raster::Coverage;

/// Red, green and blue, each in [0, 1].
pub(crate) type Colour = [f32; 3];

/// `from` at share 0, `to` at share 1.
pub(crate) fn mix(from: Colour, to: Colour, share: f32) -> Colour {
    [0, 1, 2].map(|channel| from[channel] + (to[channel] - from[channel]) * share)
}

/// The colour made darker (factor below 1) or lighter (factor above 1).
pub(crate) fn shade(colour: Colour, factor: f32) -> Colour {
    colour.map(|value| (value * factor).clamp(0.0, 1.0))
}

/// A square picture that is drawn on.
#[derive(Debug, Clone)]
pub(crate) struct Canvas {
    size: usize,
    /// Row by row, size × size.
    pub(crate) pixels: Vec<Colour>,
}

impl Canvas {
    pub(crate) fn new(size: usize) -> Self {
        Self {
            size,
            pixels: vec![[0.0; 3]; size * size],
        }
    }

    /// The side in pixels.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// Paints one colour where the coverage says.
    pub(crate) fn paint(&mut self, coverage: &Coverage, colour: Colour, opacity: f32) {
        self.paint_with(coverage, opacity, |_, _| colour);
    }

    /// Paints a colour that depends on the pixel, given by its centre.
    pub(crate) fn paint_with(
        &mut self,
        coverage: &Coverage,
        opacity: f32,
        colour: impl Fn(f32, f32) -> Colour,
    ) {
        if coverage.values.is_empty() {
            return;
        }
        let size = self.size;
        for (row, values) in coverage.values.chunks_exact(coverage.width).enumerate() {
            let y = coverage.top + row;
            let start = y * size + coverage.left;
            let pixels = &mut self.pixels[start..start + coverage.width];
            for (column, (pixel, value)) in pixels.iter_mut().zip(values).enumerate() {
                if *value > 0.0 {
                    let x = (coverage.left + column) as f32 + 0.5;
                    *pixel = mix(*pixel, colour(x, y as f32 + 0.5), value * opacity);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Point;
    use approx::assert_relative_eq;

    #[test]
    fn paint_mixes_by_coverage_and_opacity() {
        let half_pixel = [(1.0, 1.0), (1.5, 1.0), (1.5, 2.0), (1.0, 2.0)];
        let coverage = Coverage::fill(&half_pixel.map(|(x, y)| Point::new(x, y)), 4);
        let mut canvas = Canvas::new(4);
        canvas.paint(&coverage, [1.0, 0.5, 0.0], 0.5);
        assert_relative_eq!(canvas.pixels[5][0], 0.25, epsilon = 1e-5);
        assert_relative_eq!(canvas.pixels[5][1], 0.125, epsilon = 1e-5);
        assert_relative_eq!(canvas.pixels[6][0], 0.0);
    }

    #[test]
    fn shade_stays_a_colour() {
        let bright = shade([0.9, 0.25, 0.0], 2.0);
        assert_relative_eq!(bright[..], [1.0, 0.5, 0.0][..]);
    }
}
