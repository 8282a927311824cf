//! Anti-aliased shapes: filled outlines, soft strokes and soft spots.
//!
//! Only what the demo's faces need. A shape becomes a [`Coverage`], the share of each pixel that it covers, so that
//! shapes can be clipped by one another before they are painted. Painting is left to `canvas`.

/// A place on the picture in pixels; x to the right, y down.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    pub(crate) x: f32,
    pub(crate) y: f32,
}

impl Point {
    pub(crate) fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }
}

/// 0 below `low`, 1 above `high`, smooth between them.
pub(crate) fn smoothstep(low: f32, high: f32, value: f32) -> f32 {
    let share = ((value - low) / (high - low)).clamp(0.0, 1.0);
    share * share * (3.0 - 2.0 * share)
}

/// The part of the picture that a shape touches, with the covered share of every pixel there.
#[derive(Debug, Clone)]
pub(crate) struct Coverage {
    pub(crate) left: usize,
    pub(crate) top: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) values: Vec<f32>,
}

impl Coverage {
    /// An empty coverage over the given bounds, cut to a picture of `size` × `size`.
    fn over(low: Point, high: Point, size: usize) -> Self {
        let limit = size as f32;
        let left = low.x.floor().clamp(0.0, limit) as usize;
        let top = low.y.floor().clamp(0.0, limit) as usize;
        let width = (high.x.ceil().clamp(0.0, limit) as usize).saturating_sub(left);
        let height = (high.y.ceil().clamp(0.0, limit) as usize).saturating_sub(top);
        Self {
            left,
            top,
            width,
            height,
            values: vec![0.0; width * height],
        }
    }

    /// The inside of a closed outline, exact to the share of a pixel.
    ///
    /// Each edge adds the area to its right within its pixel and carries the rest along the row; a running sum then
    /// gives the covered share. Outlines that cross themselves are covered wherever they wind.
    pub(crate) fn fill(outline: &[Point], size: usize) -> Self {
        let (low, high) = bounds(outline);
        let mut coverage = Self::over(low, high, size);
        if coverage.values.is_empty() {
            return coverage;
        }
        // Two spare columns take what falls on or right of the last pixel's right side.
        let stride = coverage.width + 2;
        let mut areas = vec![0.0; stride * coverage.height];
        let (left, top) = (coverage.left as f32, coverage.top as f32);
        let shifted = |point: &Point| Point::new(point.x - left, point.y - top);
        for (index, point) in outline.iter().enumerate() {
            let next = &outline[(index + 1) % outline.len()];
            add_edge(
                &mut areas,
                stride,
                coverage.height,
                shifted(point),
                shifted(next),
            );
        }
        for (row, areas) in coverage
            .values
            .chunks_exact_mut(coverage.width)
            .zip(areas.chunks_exact(stride))
        {
            let mut sum = 0.0_f32;
            for (value, area) in row.iter_mut().zip(areas) {
                sum += area;
                *value = sum.abs().min(1.0);
            }
        }
        coverage
    }

    /// A line through `path`, each point with its half width in pixels; `soft` pixels on either side fade out.
    pub(crate) fn stroke(path: &[(Point, f32)], soft: f32, size: usize) -> Self {
        let points: Vec<Point> = path.iter().map(|(point, _)| *point).collect();
        let margin = soft + 1.0 + path.iter().map(|(_, half)| *half).fold(0.0, f32::max);
        let (low, high) = padded(bounds(&points), margin);
        let mut coverage = Self::over(low, high, size);
        for pair in path.windows(2) {
            coverage.add_segment(pair[0], pair[1], soft);
        }
        coverage
    }

    fn add_segment(&mut self, start: (Point, f32), end: (Point, f32), soft: f32) {
        let margin = soft + 1.0 + start.1.max(end.1);
        let (low, high) = padded(bounds(&[start.0, end.0]), margin);
        let rows = self.rows(low.y, high.y);
        let columns = self.columns(low.x, high.x);
        let (dx, dy) = (end.0.x - start.0.x, end.0.y - start.0.y);
        let length = (dx * dx + dy * dy).max(1e-9);
        for row in rows {
            for column in columns.clone() {
                let x = (self.left + column) as f32 + 0.5 - start.0.x;
                let y = (self.top + row) as f32 + 0.5 - start.0.y;
                let along = ((x * dx + y * dy) / length).clamp(0.0, 1.0);
                let distance = (x - along * dx).hypot(y - along * dy);
                let half = start.1 + (end.1 - start.1) * along;
                // A line thinner than a pixel is paler, not thinner.
                let value =
                    (half * 2.0).min(1.0) * (1.0 - smoothstep(half - soft, half + soft, distance));
                let slot = &mut self.values[row * self.width + column];
                *slot = slot.max(value);
            }
        }
    }

    /// A spot that is full in the middle and fades to nothing at its elliptic rim.
    pub(crate) fn spot(centre: Point, radius_x: f32, radius_y: f32, size: usize) -> Self {
        let low = Point::new(centre.x - radius_x, centre.y - radius_y);
        let high = Point::new(centre.x + radius_x, centre.y + radius_y);
        let mut coverage = Self::over(low, high, size);
        for (index, value) in coverage.values.iter_mut().enumerate() {
            let x = (coverage.left + index % coverage.width) as f32 + 0.5 - centre.x;
            let y = (coverage.top + index / coverage.width) as f32 + 0.5 - centre.y;
            let rest = (1.0 - (x / radius_x).powi(2) - (y / radius_y).powi(2)).max(0.0);
            *value = rest * rest;
        }
        coverage
    }

    /// This coverage inside `other` only.
    pub(crate) fn within(mut self, other: &Self) -> Self {
        for (index, value) in self.values.iter_mut().enumerate() {
            let x = self.left + index % self.width;
            let y = self.top + index / self.width;
            *value *= other.at(x, y);
        }
        self
    }

    fn at(&self, x: usize, y: usize) -> f32 {
        if x < self.left || y < self.top || x >= self.left + self.width {
            return 0.0;
        }
        let index = (y - self.top) * self.width + x - self.left;
        self.values.get(index).copied().unwrap_or(0.0)
    }

    fn rows(&self, low: f32, high: f32) -> std::ops::Range<usize> {
        clamped(low, high, self.top, self.height)
    }

    fn columns(&self, low: f32, high: f32) -> std::ops::Range<usize> {
        clamped(low, high, self.left, self.width)
    }
}

fn clamped(low: f32, high: f32, start: usize, count: usize) -> std::ops::Range<usize> {
    let inside = |value: f32| (value - start as f32).clamp(0.0, count as f32);
    inside(low.floor()) as usize..inside(high.ceil()) as usize
}

fn bounds(points: &[Point]) -> (Point, Point) {
    let mut low = Point::new(f32::INFINITY, f32::INFINITY);
    let mut high = Point::new(f32::NEG_INFINITY, f32::NEG_INFINITY);
    for point in points {
        low = Point::new(low.x.min(point.x), low.y.min(point.y));
        high = Point::new(high.x.max(point.x), high.y.max(point.y));
    }
    (low, high)
}

fn padded((low, high): (Point, Point), margin: f32) -> (Point, Point) {
    (
        Point::new(low.x - margin, low.y - margin),
        Point::new(high.x + margin, high.y + margin),
    )
}

/// Adds one edge's signed areas to the rows that it passes.
fn add_edge(areas: &mut [f32], stride: usize, height: usize, from: Point, to: Point) {
    let (sign, upper, lower) = if from.y < to.y {
        (1.0, from, to)
    } else {
        (-1.0, to, from)
    };
    if lower.y - upper.y < 1e-6 {
        return;
    }
    let slope = (lower.x - upper.x) / (lower.y - upper.y);
    let limit = (stride - 2) as f32;
    let first = upper.y.max(0.0) as usize;
    let last = (lower.y.max(0.0).ceil() as usize).min(height);
    for row in first..last {
        let y_start = upper.y.max(row as f32);
        let y_end = lower.y.min((row + 1) as f32);
        if y_end <= y_start {
            continue;
        }
        let drop = sign * (y_end - y_start);
        let x_start = (upper.x + slope * (y_start - upper.y)).clamp(0.0, limit);
        let x_end = (upper.x + slope * (y_end - upper.y)).clamp(0.0, limit);
        let row = &mut areas[row * stride..(row + 1) * stride];
        add_span(row, drop, x_start.min(x_end), x_start.max(x_end));
    }
}

/// Spreads `drop`, the height of an edge within a row, over the pixels between `low` and `high`.
fn add_span(row: &mut [f32], drop: f32, low: f32, high: f32) {
    let first = low as usize;
    let last = high as usize;
    if first == last {
        let middle = f32::midpoint(low, high) - first as f32;
        row[first] += drop * (1.0 - middle);
        row[first + 1] += drop * middle;
        return;
    }
    for column in first..=last {
        let start = low.max(column as f32);
        let end = high.min((column + 1) as f32);
        let share = drop * (end - start) / (high - low);
        let middle = f32::midpoint(start, end) - column as f32;
        row[column] += share * (1.0 - middle);
        row[column + 1] += share * middle;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    fn area(coverage: &Coverage) -> f32 {
        coverage.values.iter().sum()
    }

    #[test]
    fn a_fill_covers_the_area_of_its_outline() {
        let triangle = [
            Point::new(2.3, 1.7),
            Point::new(17.1, 4.2),
            Point::new(6.4, 15.9),
        ];
        let exact = 0.5 * ((17.1 - 2.3) * (15.9 - 1.7) - (6.4 - 2.3) * (4.2_f32 - 1.7));
        assert_relative_eq!(
            area(&Coverage::fill(&triangle, 20)),
            exact.abs(),
            epsilon = 1e-2
        );
    }

    #[test]
    fn a_fill_beyond_the_picture_is_cut_at_its_border() {
        let square = [
            Point::new(-5.0, -5.0),
            Point::new(50.0, -5.0),
            Point::new(50.0, 50.0),
            Point::new(-5.0, 50.0),
        ];
        assert_relative_eq!(area(&Coverage::fill(&square, 8)), 64.0, epsilon = 1e-3);
        let away = square.map(|point| Point::new(point.x + 100.0, point.y));
        assert_relative_eq!(area(&Coverage::fill(&away, 8)), 0.0);
    }

    #[test]
    fn within_keeps_only_the_common_part() {
        let square = |left: f32| {
            let corners = [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0)];
            let outline = corners.map(|(x, y)| Point::new(left + x, 2.0 + y));
            Coverage::fill(&outline, 16)
        };
        assert_relative_eq!(area(&square(1.0).within(&square(3.5))), 6.0, epsilon = 1e-4);
    }
}
