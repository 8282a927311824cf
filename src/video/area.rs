//! The area average of 8-bit 4:2:0 frames that are at least twice the stored size on both axes.
//!
//! Planes are averaged as they are, and the small picture is made RGB: swscale does it the other way round for as many
//! chroma samples as there are luma samples. Every stored pixel is the mean of what it covers of each plane, samples at
//! its borders by the share that it covers. Rows are added up first, in 16-bit lanes; along a line the means of eight rows
//! are then added up at once.

use std::ops::Range;

use ffmpeg_next::frame;

use super::colour::{Line, Matrix, Work, by_colours_of};

/// Rows of the stored picture that are made at once.
const LANES: usize = 8;

/// A number of this size has no bits after the point, and the last bit before it is its last one.
const WHOLE_BITS: f32 = (1 << (f32::MANTISSA_DIGITS - 1)) as f32;

/// So many white samples fit 16 bits.
const MOST_ROWS: usize = 256;

/// Appends the frame at the stored size, if it is large enough and of a kind that is handled here. `spans` is kept from one
/// frame to the next.
pub(super) fn append(
    frame: &frame::Video,
    size: u32,
    spans: &mut Option<Spans>,
    pixels: &mut Vec<u8>,
) -> bool {
    let shape = (frame.width(), frame.height());
    let most = MOST_ROWS as u32 * size;
    if shape.0.min(shape.1) < 2 * size || shape.0.max(shape.1) > most {
        return false;
    }
    let spans = match spans {
        Some(spans) if spans.shape == shape && spans.size == size => spans,
        slot => slot.insert(Spans::new(shape, size)),
    };
    by_colours_of(
        frame,
        Averages {
            frame,
            spans,
            pixels,
        },
    )
}

/// Which samples each stored pixel covers.
pub(super) struct Spans {
    shape: (u32, u32),
    size: u32,
    /// Of a row of luma, of a column of luma, and of the chroma planes.
    luma: [Vec<Span>; 2],
    chroma: [Vec<Span>; 2],
}

impl Spans {
    fn new((width, height): (u32, u32), size: u32) -> Self {
        let of = |halves| {
            [
                Span::list(width, halves, size),
                Span::list(height, halves, size),
            ]
        };
        Self {
            shape: (width, height),
            size,
            luma: of(1),
            chroma: of(2),
        }
    }
}

/// The samples that one stored pixel covers on an axis: some whole, and a share of one before and of one after them.
#[derive(Debug, Clone)]
struct Span {
    before: usize,
    whole: Range<usize>,
    after: usize,
    /// What a sample counts: one before, a whole one, one after; they sum to 1 over the span.
    weights: [f32; 3],
}

impl Span {
    /// The spans of `size` pixels over `extent / parts` samples.
    fn list(extent: u32, parts: u32, size: u32) -> Vec<Self> {
        let (extent, unit) = (u64::from(extent), u64::from(parts) * u64::from(size));
        let share = |ticks: u64| ticks as f32 / extent as f32;
        // In ticks, a sample is `unit` long and a pixel `extent`.
        (0..u64::from(size))
            .map(|pixel| {
                let (start, end) = (pixel * extent, (pixel + 1) * extent);
                let whole = start.div_ceil(unit)..end / unit;
                let last = extent.div_ceil(u64::from(parts)) - 1;
                Self {
                    before: (start / unit) as usize,
                    after: whole.end.min(last) as usize,
                    weights: [
                        share(whole.start * unit - start),
                        share(unit),
                        share(end - whole.end * unit),
                    ],
                    whole: whole.start as usize..whole.end as usize,
                }
            })
            .collect()
    }
}

struct Averages<'a> {
    frame: &'a frame::Video,
    spans: &'a Spans,
    pixels: &'a mut Vec<u8>,
}

impl Work for Averages<'_> {
    fn run<M: Matrix>(self) {
        let Self {
            frame,
            spans,
            pixels,
        } = self;
        let edge = spans.size as usize;
        let half = frame.width().div_ceil(2) as usize;
        let plane = |index, width| Plane {
            data: frame.data(index),
            stride: frame.stride(index),
            width,
        };
        let (luma, u, v) = (
            plane(0, frame.width() as usize),
            plane(1, half),
            plane(2, half),
        );
        let mut line = Line::new(edge);
        let mut rows = Rows::new(luma.width);
        let [mut from_luma, mut from_u, mut from_v] = [(); 3].map(|()| vec![[0; LANES]; edge]);
        let (mut u_line, mut v_line) = (vec![0; edge], vec![0; edge]);
        let [luma_rows, chroma_rows] =
            [&spans.luma, &spans.chroma].map(|spans| spans[1].chunks(LANES));
        for (luma_rows, chroma_rows) in luma_rows.zip(chroma_rows) {
            rows.average(&luma, luma_rows, &spans.luma[0], &mut from_luma);
            rows.average(&u, chroma_rows, &spans.chroma[0], &mut from_u);
            rows.average(&v, chroma_rows, &spans.chroma[0], &mut from_v);
            for lane in 0..luma_rows.len() {
                for (to, means) in line.luma.iter_mut().zip(&from_luma) {
                    *to = means[lane] as i16; // at most 255·2^7
                }
                let of_lane = |to: &mut [u16], means: &[[u16; LANES]]| {
                    for (to, means) in to.iter_mut().zip(means) {
                        *to = means[lane];
                    }
                };
                of_lane(&mut u_line, &from_u);
                of_lane(&mut v_line, &from_v);
                line.convert::<M>(&u_line, &v_line);
                let start = pixels.len();
                pixels.resize(start + edge * 3, 0);
                line.pack(&mut pixels[start..]);
            }
        }
    }
}

/// One plane of a frame.
struct Plane<'a> {
    data: &'a [u8],
    stride: usize,
    width: usize,
}

impl Plane<'_> {
    fn row(&self, row: usize) -> &[u8] {
        &self.data[row * self.stride..][..self.width]
    }
}

/// Rows of a plane on their way to a few.
struct Rows {
    sums: Vec<u16>,
    /// What a sample of the row before, of a whole row and of the row after counts. Read for every column, as products of what
    /// a compiler takes out of the loop are no longer ones of 16 bits.
    weights: [Vec<u16>; 3],
    /// The mean of some rows, times 2^7.
    means: Vec<u16>,
    /// Such means of up to `LANES` times some rows, column by column.
    columns: Vec<[u16; LANES]>,
}

impl Rows {
    fn new(width: usize) -> Self {
        Self {
            sums: vec![0; width],
            weights: [(); 3].map(|()| vec![0; width]),
            means: vec![0; width],
            columns: vec![[0; LANES]; width],
        }
    }

    /// The means over the squares of each of up to `LANES` `rows` and each of `columns`, times 2^7.
    fn average(&mut self, plane: &Plane, rows: &[Span], columns: &[Span], to: &mut [[u16; LANES]]) {
        for (lane, rows) in rows.iter().enumerate() {
            self.average_down(plane, rows);
            for (column, &mean) in self.columns.iter_mut().zip(&self.means[..plane.width]) {
                column[lane] = mean;
            }
        }
        for (to, span) in to.iter_mut().zip(columns) {
            let mut inside = [0_i32; LANES];
            for column in &self.columns[span.whole.clone()] {
                for (sum, &mean) in inside.iter_mut().zip(column) {
                    *sum = sum.wrapping_add(i32::from(mean));
                }
            }
            let [before, whole, after] = span.weights;
            let (first, last) = (&self.columns[span.before], &self.columns[span.after]);
            for (lane, to) in to.iter_mut().enumerate() {
                let mean = inside[lane] as f32 * whole
                    + f32::from(first[lane]) * before
                    + f32::from(last[lane]) * after;
                // Nearest, in the last bits of the sum: all lanes at once, which a cast is not.
                *to = (mean + WHOLE_BITS).to_bits() as u16;
            }
        }
    }

    /// The means over `rows` of every column, times 2^7.
    fn average_down(&mut self, plane: &Plane, rows: &Span) {
        let sums = &mut self.sums[..plane.width];
        let means = &mut self.means[..plane.width];
        sums.fill(0);
        for row in rows.whole.clone() {
            for (sum, &sample) in sums.iter_mut().zip(plane.row(row)) {
                *sum = sum.wrapping_add(u16::from(sample)); // at most MOST_ROWS of them
            }
        }
        // The sums are brought up to fill 16 bits, so that the upper half of a product keeps seven bits after the point.
        let room = (MOST_ROWS / rows.whole.len().max(1)).max(1).ilog2();
        let weigh = |weight: f32, bits: u32| (weight * (1_u32 << bits) as f32 + 0.5) as u16;
        let [before, whole, after] = rows.weights;
        let weights = [weigh(before, 15), weigh(whole, 23 - room), weigh(after, 15)];
        for (of_columns, weight) in self.weights.iter_mut().zip(weights) {
            of_columns.fill(weight);
        }
        let [before, whole, after] = &self.weights;
        let sums = sums.iter().zip(whole);
        let firsts = plane.row(rows.before).iter().zip(before);
        let lasts = plane.row(rows.after).iter().zip(after);
        for (((mean, sum), first), last) in means.iter_mut().zip(sums).zip(firsts).zip(lasts) {
            let middle = high_product(sum.0 << room, *sum.1);
            let first = high_product(u16::from(*first.0) << 8, *first.1);
            let last = high_product(u16::from(*last.0) << 8, *last.1);
            // One for what three cut products lose on average, and no more than white.
            let sum = middle.wrapping_add(first).wrapping_add(last);
            *mean = sum.wrapping_add(1).min(255 << 7);
        }
    }
}

/// The upper half of a product.
#[inline]
fn high_product(a: u16, b: u16) -> u16 {
    (u32::from(a).wrapping_mul(u32::from(b)) >> 16) as u16
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::RngExt;

    use super::*;

    proptest! {
        #[test]
        fn spans_cover_everything_once(size in 1_u32..200, factor in 2.0_f64..20.0, parts in 1_u32..3) {
            let extent = (f64::from(size) * factor) as u32 + 1;
            let length = extent.div_ceil(parts) as usize;
            let mut covered = vec![0.0_f32; length];
            for span in Span::list(extent, parts, size) {
                let total = span.weights[0] + span.weights[1] * span.whole.len() as f32 + span.weights[2];
                prop_assert!((total - 1.0).abs() < 1e-4);
                covered[span.before] += span.weights[0];
                covered[span.after] += span.weights[2];
                for sample in span.whole {
                    covered[sample] += span.weights[1];
                }
            }
            // All samples count alike, but for the half one at the end of an odd plane.
            let usual = size as f32 * parts as f32 / extent as f32;
            for (at, share) in covered.iter().enumerate() {
                let part = if at + 1 == length { (extent as f32 / parts as f32).fract() } else { 0.0 };
                let expected = if part > 0.0 { usual * part } else { usual };
                prop_assert!((share - expected).abs() < 1e-3, "{at}: {share} {expected}");
            }
        }

        #[test]
        fn means_are_right_within_a_tenth(
            size in 4_u32..40, factor in 2.0_f64..30.0, seed: u64, flat in any::<bool>(),
        ) {
            let width = (f64::from(size) * factor) as u32;
            let height = width.max(2 * size) * 3 / 4;
            let height = height.max(2 * size);
            let mut random = crate::seed::Seed(seed).stream("area", "");
            let data: Vec<u8> = (0..width * height)
                .map(|_| if flat { 255 } else { random.random() })
                .collect();
            let plane = Plane { data: &data, stride: width as usize, width: width as usize };
            let (columns, rows) = (Span::list(width, 1, size), Span::list(height, 1, size));
            let mut work = Rows::new(width as usize);
            let mut means = vec![[0; LANES]; size as usize];
            for (number, row) in rows.iter().enumerate() {
                let lane = number % LANES;
                if lane == 0 {
                    let together = &rows[number..(number + LANES).min(rows.len())];
                    work.average(&plane, together, &columns, &mut means);
                }
                for (column, means) in columns.iter().zip(&means) {
                    let mean = means[lane];
                    let along = |row: usize| -> f64 {
                        let at = |column: usize| f64::from(plane.row(row)[column]);
                        let [before, whole, after] = column.weights.map(f64::from);
                        column.whole.clone().map(at).sum::<f64>() * whole
                            + at(column.before) * before
                            + at(column.after) * after
                    };
                    let [before, whole, after] = row.weights.map(f64::from);
                    let exact = row.whole.clone().map(along).sum::<f64>() * whole
                        + along(row.before) * before
                        + along(row.after) * after;
                    let quick = f64::from(mean) / 128.0;
                    prop_assert!((quick - exact).abs() < 0.1, "{quick} for {exact}");
                }
            }
        }
    }
}
