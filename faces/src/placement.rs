//! From places on a face to places on the picture.
//!
//! Face units: the origin is the middle of the face, x to the right, y down, the head reaches from −1 to 1. Every
//! place lies on the front of an ellipsoid, so that a turn of the head shifts near parts more than far ones.

use crate::motion::HeadPose;
use crate::raster::Point;

/// Pixels per face unit, as a share of the picture's side.
const UNIT_SHARE: f32 = 0.47;
/// Depth of the face's ellipsoid in face units.
const DEPTH: f32 = 0.55;
/// The head turns about a point in the neck.
const PIVOT: f32 = 0.9;

/// A head's pose in one picture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placement {
    size: f32,
    /// Pixels per face unit.
    pub(crate) unit: f32,
    half_width: f32,
    pose: HeadPose,
    roll: [f32; 2],
    yaw: [f32; 2],
    pitch: [f32; 2],
}

impl Placement {
    /// The placement of a face of the given half width on a picture of `size` pixels.
    pub(crate) fn new(size: usize, half_width: f32, pose: HeadPose) -> Self {
        let size = size as f32;
        let turn = |angle: f32| [angle.cos(), angle.sin()];
        Self {
            size,
            unit: size * UNIT_SHARE * pose.scale,
            half_width,
            pose,
            roll: turn(pose.roll),
            yaw: turn(pose.yaw),
            pitch: turn(pose.pitch),
        }
    }

    /// The shoulders' placement: they follow half of the shift and do not turn.
    pub(crate) fn shoulders(&self) -> Self {
        let pose = HeadPose {
            roll: 0.0,
            yaw: 0.0,
            pitch: 0.0,
            scale: self.pose.scale,
            shift: self.pose.shift.map(|shift| shift * 0.5),
        };
        Self::new(self.size as usize, self.half_width, pose)
    }

    /// The picture's place of a point on the face.
    pub(crate) fn at(&self, x: f32, y: f32) -> Point {
        let across = (x / (self.half_width * 1.05)).powi(2);
        let depth = DEPTH * (1.0 - across - (y / 1.15).powi(2)).max(0.0).sqrt();
        self.at_depth(x, y, depth)
    }

    /// The picture's place of a point that stands `depth` before the middle of the head.
    pub(crate) fn at_depth(&self, x: f32, y: f32, depth: f32) -> Point {
        let turned_x = x * self.yaw[0] + depth * self.yaw[1];
        let turned_y = y * self.pitch[0] + depth * self.pitch[1] - PIVOT;
        let rolled_x = turned_x * self.roll[0] - turned_y * self.roll[1];
        let rolled_y = turned_x * self.roll[1] + turned_y * self.roll[0] + PIVOT;
        Point::new(
            self.size * (0.5 + self.pose.shift[0]) + rolled_x * self.unit,
            self.size * (0.515 + self.pose.shift[1]) + rolled_y * self.unit,
        )
    }

    /// A smooth closed outline through points on the face.
    pub(crate) fn outline(&self, points: &[[f32; 2]]) -> Vec<Point> {
        let placed: Vec<Point> = points.iter().map(|[x, y]| self.at(*x, *y)).collect();
        let count = placed.len();
        let knot = |index: usize| placed[index % count];
        (0..count)
            .flat_map(|index| {
                between([
                    knot(index + count - 1),
                    knot(index),
                    knot(index + 1),
                    knot(index + 2),
                ])
            })
            .collect()
    }

    /// A smooth line through points on the face with half widths in face units, for [`crate::raster::Coverage::stroke`].
    pub(crate) fn line(&self, points: &[[f32; 3]]) -> Vec<(Point, f32)> {
        let last = points.len() - 1;
        let knot = |index: usize| {
            let [x, y, _] = points[index.min(last)];
            self.at(x, y)
        };
        let mut line = Vec::with_capacity(points.len() * STEPS);
        for index in 0..last {
            let span = between([
                knot(index.saturating_sub(1)),
                knot(index),
                knot(index + 1),
                knot(index + 2),
            ]);
            let (from, to) = (points[index][2], points[index + 1][2]);
            for (step, point) in span.into_iter().enumerate() {
                let half = from + (to - from) * step as f32 / STEPS as f32;
                line.push((point, half * self.unit));
            }
        }
        line.push((knot(last), points[last][2] * self.unit));
        line
    }
}

/// Points per span of a smooth line.
const STEPS: usize = 5;

/// The points from the second knot up to the third, exclusive, of a Catmull-Rom curve.
fn between([before, from, to, after]: [Point; 4]) -> [Point; STEPS] {
    let curve = |before: f32, from: f32, to: f32, after: f32, t: f32| {
        let (slope_from, slope_to) = ((to - before) * 0.5, (after - from) * 0.5);
        let (square, cube) = (t * t, t * t * t);
        from * (2.0 * cube - 3.0 * square + 1.0)
            + slope_from * (cube - 2.0 * square + t)
            + to * (3.0 * square - 2.0 * cube)
            + slope_to * (cube - square)
    };
    std::array::from_fn(|step| {
        let t = step as f32 / STEPS as f32;
        Point::new(
            curve(before.x, from.x, to.x, after.x, t),
            curve(before.y, from.y, to.y, after.y, t),
        )
    })
}

/// The points of one half, from top to bottom, and their mirror images from bottom to top.
///
/// The first and the last point are taken once if they lie on the middle line.
pub(crate) fn mirrored(half: &[[f32; 2]]) -> Vec<[f32; 2]> {
    let mut points = half.to_vec();
    points.extend(
        half.iter()
            .rev()
            .filter(|[x, _]| *x != 0.0)
            .map(|[x, y]| [-x, *y]),
    );
    points
}
