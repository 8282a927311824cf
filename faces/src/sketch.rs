//! One frame in the making: the canvas and all that the parts of the face need to know to draw themselves.

use crate::action_unit::ActionUnits;
use crate::canvas::{Canvas, Colour};
use crate::identity::Identity;
use crate::motion::FaceState;
use crate::placement::Placement;
use crate::raster::{Coverage, Point};

/// The state of one frame's drawing.
pub(crate) struct Sketch<'a> {
    pub(crate) canvas: &'a mut Canvas,
    pub(crate) person: &'a Identity,
    pub(crate) units: ActionUnits,
    pub(crate) state: FaceState,
    pub(crate) place: Placement,
}

impl Sketch<'_> {
    /// The inside of an outline in pixels.
    pub(crate) fn inside(&self, outline: &[Point]) -> Coverage {
        Coverage::fill(outline, self.canvas.size())
    }

    /// Fills a smooth closed outline, given in face units.
    pub(crate) fn fill(&mut self, points: &[[f32; 2]], colour: Colour, opacity: f32) {
        let coverage = self.inside(&self.place.outline(points));
        self.canvas.paint(&coverage, colour, opacity);
    }

    /// Draws a smooth line through points with half widths, in face units; `soft` in face units too.
    pub(crate) fn line(&mut self, points: &[[f32; 3]], soft: f32, colour: Colour, opacity: f32) {
        if opacity > 0.01 {
            let path = self.place.line(points);
            let coverage = Coverage::stroke(&path, soft * self.place.unit, self.canvas.size());
            self.canvas.paint(&coverage, colour, opacity);
        }
    }

    /// A soft spot on the face; centre and radii in face units.
    pub(crate) fn spot(&mut self, centre: [f32; 2], radii: [f32; 2], colour: Colour, opacity: f32) {
        if opacity > 0.01 {
            let [across, down] = radii.map(|radius| radius * self.place.unit);
            let centre = self.place.at(centre[0], centre[1]);
            let coverage = Coverage::spot(centre, across, down, self.canvas.size());
            self.canvas.paint(&coverage, colour, opacity);
        }
    }

    /// An ellipse, as an outline in pixels; centre and radii in face units.
    pub(crate) fn ellipse(&self, centre: [f32; 2], radii: [f32; 2]) -> Vec<Point> {
        let middle = self.place.at(centre[0], centre[1]);
        let [across, down] = radii.map(|radius| radius * self.place.unit);
        (0..20)
            .map(|step| {
                let angle = step as f32 / 20.0 * std::f32::consts::TAU;
                Point::new(
                    middle.x + across * angle.cos(),
                    middle.y + down * angle.sin(),
                )
            })
            .collect()
    }
}
