//! Small grey pictures of every kept frame: enough to see light, movement and cuts, and quick to go through.

use multiversion::multiversion;

/// Edge of a thumb, in cells.
pub(crate) const EDGE: usize = 32;

/// Cells of a thumb.
pub(crate) const CELLS: usize = EDGE * EDGE;

/// A grey picture of `EDGE`×`EDGE` cells, rows from the top; each the mean luma of its part of the frame, in [0, 255].
pub(crate) type Thumb = [f32; CELLS];

/// The thumbs of frames of `size`×`size`×3 bytes of RGB.
///
/// Luma is (r + 2g + b) / 4, near enough to BT.601 for measurements. The pixels of a row of cells are summed up column by
/// column before anything else, which is what makes this a fraction of the decoding's work.
pub(crate) fn thumbs(pixels: &[u8], size: usize) -> Vec<Thumb> {
    let mut sums = Sums::new(size);
    pixels
        .chunks_exact(size * size * 3)
        .map(|frame| thumb(frame, size, &mut sums))
        .collect()
}

/// Where the cells of a frame lie, and the sums of one row of them.
struct Sums {
    bounds: [(usize, usize); EDGE],
    /// What a sum of cells a pixel wide is multiplied with to be their mean, by the cells' width.
    scales: [f32; EDGE],
    columns: Vec<u16>,
    lumas: Vec<u16>,
    /// The luma of all columns up to each; sums of cells are differences of two of these.
    up_to: Vec<i32>,
}

impl Sums {
    fn new(size: usize) -> Self {
        let bounds = bounds(size);
        Self {
            bounds,
            scales: bounds.map(|(left, right)| 0.25 / (right - left) as f32),
            columns: vec![0; size * 3],
            lumas: vec![0; size * 3],
            up_to: vec![0; size + 1],
        }
    }
}

/// One of them. Wider registers are used where there are some.
#[multiversion(targets("x86_64+avx2"))]
fn thumb(frame: &[u8], size: usize, sums: &mut Sums) -> Thumb {
    let Sums {
        bounds,
        scales,
        columns,
        lumas,
        up_to,
    } = sums;
    let mut thumb = [0.0; CELLS];
    for (line, &(top, bottom)) in thumb.chunks_exact_mut(EDGE).zip(&*bounds) {
        // A cell is at most 1024 / 32 rows high: 32 · 255 fits. None of the sums can wrap, and they are not looked after, so that
        // many are added at once.
        columns.fill(0);
        for row in frame[top * size * 3..bottom * size * 3].chunks_exact(size * 3) {
            for (sum, &value) in columns.iter_mut().zip(row) {
                *sum = sum.wrapping_add(u16::from(value));
            }
        }
        // At every place, of which every third is a pixel's: all of them at once are quicker than those alone.
        let triples = columns.iter().zip(&columns[1..]).zip(&columns[2..]);
        for (luma, ((r, g), b)) in lumas.iter_mut().zip(triples) {
            *luma = r.wrapping_add(g.wrapping_mul(2)).wrapping_add(*b);
        }
        let mut sum = 0_i32;
        for (up_to, luma) in up_to[1..].iter_mut().zip(lumas.iter().step_by(3)) {
            sum = sum.wrapping_add(i32::from(*luma));
            *up_to = sum;
        }
        let height = 1.0 / (bottom - top) as f32;
        for ((cell, &(left, right)), scale) in line.iter_mut().zip(&*bounds).zip(&*scales) {
            *cell = up_to[right].wrapping_sub(up_to[left]) as f32 * (scale * height);
        }
    }
    thumb
}

/// The first pixel of every cell along an edge, and the one after its last. Of fewer pixels than cells some count twice.
fn bounds(size: usize) -> [(usize, usize); EDGE] {
    std::array::from_fn(|cell| {
        let start = cell * size / EDGE;
        (start, ((cell + 1) * size / EDGE).max(start + 1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_means_of_their_pixels() {
        for size in [16, 32, 50, 112, 1024] {
            let bounds = bounds(size);
            assert_eq!((bounds[0].0, bounds[EDGE - 1].1), (0, size));
            // Left half black, right half white.
            let frame: Vec<u8> = (0..size * size)
                .flat_map(|at| [if at % size < size / 2 { 0 } else { 255 }; 3])
                .collect();
            let thumb = thumbs(&frame, size)[0];
            for line in thumb.chunks_exact(EDGE) {
                assert!(line[..EDGE / 2].iter().all(|&cell| cell < 0.01), "{size}");
                assert!(line[EDGE / 2..].iter().all(|&cell| cell > 254.9), "{size}");
            }
        }
    }

    #[test]
    fn green_counts_twice() {
        let thumb = thumbs(&[[40, 100, 20]; 32 * 32].concat(), 32)[0];
        assert!(thumb.iter().all(|&cell| (cell - 65.0).abs() < 0.01));
    }
}
