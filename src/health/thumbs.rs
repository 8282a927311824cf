//! Small grey pictures of every kept frame: enough to see light, movement and cuts, and quick to go through.

use multiversion::multiversion;

/// Edge of a thumb, in cells.
pub(crate) const EDGE: usize = 32;

/// Cells of a thumb.
pub(crate) const CELLS: usize = EDGE * EDGE;

/// So many parts of pixels along an edge at most: the luma of a cell's, which are at most 64, by 4 · 255 each, fits.
const MOST_PARTS: usize = 64 * EDGE;

/// A grey picture of `EDGE`×`EDGE` cells, rows from the top; each the mean luma of its part of the frame, in [0, 255].
pub(crate) type Thumb = [f32; CELLS];

/// The thumbs of frames of `size`×`size`×3 bytes of RGB.
///
/// Luma is (r + 2g + b) / 4, near enough to BT.601 for measurements. The pixels of a row of cells are summed up column by
/// column before anything else, which is what makes this a fraction of the decoding's work. A pixel on the border of two
/// cells counts for each by its share.
pub(crate) fn thumbs(pixels: &[u8], size: usize) -> Vec<Thumb> {
    let mut sums = Sums::new(size);
    pixels
        .chunks_exact(size * size * 3)
        .map(|frame| thumb(frame, size, &mut sums))
        .collect()
}

/// Where the cells of a frame lie, and the sums of one row of them.
struct Sums {
    /// Parts of a pixel: as many as make borders of cells fall between two of them, or as many as sums have room for.
    parts: usize,
    /// The part at which every cell along an edge begins, and the last one ends.
    borders: [usize; EDGE + 1],
    /// The parts of each cell along an edge.
    widths: [f32; EDGE],
    /// The pixels that are before each border as a whole, and the parts that are of the next.
    before: [(usize, i32); EDGE + 1],
    columns: Vec<u16>,
    lumas: Vec<u16>,
    /// The luma of all columns up to each; sums of cells are differences of two of these.
    up_to: Vec<i32>,
}

impl Sums {
    fn new(size: usize) -> Self {
        let twos = size.trailing_zeros().min(EDGE.trailing_zeros());
        let parts = (EDGE >> twos).min((MOST_PARTS / size).max(1));
        let borders: [usize; EDGE + 1] = std::array::from_fn(|cell| cell * size * parts / EDGE);
        Self {
            parts,
            borders,
            widths: std::array::from_fn(|cell| (borders[cell + 1] - borders[cell]) as f32),
            before: borders.map(|part| (part / parts, (part % parts) as i32)),
            columns: vec![0; size * 3],
            // Of one pixel more than there is, of which no part counts.
            lumas: vec![0; size * 3 + 3],
            up_to: vec![0; size + 1],
        }
    }
}

/// The thumb of one frame. Wider registers are used where there are some.
#[multiversion(targets("x86_64+avx2"))]
fn thumb(frame: &[u8], size: usize, sums: &mut Sums) -> Thumb {
    let Sums {
        parts,
        borders,
        widths,
        before,
        columns,
        lumas,
        up_to,
    } = sums;
    let parts = *parts;
    let mut thumb = [0.0; CELLS];
    for (line, ends) in thumb.chunks_exact_mut(EDGE).zip(borders.windows(2)) {
        let (top, bottom) = (ends[0], ends[1]);
        // None of the sums can wrap, and they are not looked after, so that many are added at once.
        columns.fill(0);
        for row in top / parts..bottom.div_ceil(parts) {
            let share = ((row + 1) * parts).min(bottom) - (row * parts).max(top);
            let pixels = &frame[row * size * 3..(row + 1) * size * 3];
            for (sum, &value) in columns.iter_mut().zip(pixels) {
                *sum = sum.wrapping_add(u16::from(value).wrapping_mul(share as u16));
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
        let mut sums = [0; EDGE + 1];
        for (sum, &(column, rest)) in sums.iter_mut().zip(&*before) {
            let whole = up_to[column].wrapping_mul(parts as i32);
            *sum = whole.wrapping_add(i32::from(lumas[3 * column]).wrapping_mul(rest));
        }
        let height = 4.0 * (bottom - top) as f32;
        let cells = line.iter_mut().zip(&sums).zip(&sums[1..]).zip(&*widths);
        for (((cell, before), up_to), width) in cells {
            *cell = up_to.wrapping_sub(*before) as f32 / (height * width);
        }
    }
    thumb
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_means_of_their_pixels() {
        for size in [16, 32, 48, 50, 112, 1022, 1024] {
            let sums = Sums::new(size);
            let whole = size * sums.parts;
            assert_eq!((sums.borders[0], sums.borders[EDGE]), (0, whole));
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
    fn a_pixel_on_a_border_counts_by_its_share() {
        let of_column = |size: usize, white: usize| {
            let frame: Vec<u8> = (0..size * size)
                .flat_map(|at| [if at % size == white { 240 } else { 0 }; 3])
                .collect();
            thumbs(&frame, size)[0][..EDGE].to_vec()
        };
        // A cell is one and a half pixels wide: the second pixel is half of the first cell's and half of the second's.
        let cells = of_column(48, 1);
        assert!((cells[0] - 80.0).abs() < 0.01 && (cells[1] - 80.0).abs() < 0.01);
        assert!(cells[2..].iter().all(|&cell| cell == 0.0));
        // All of a pixel is in some cell.
        for size in [33, 47, 100, 1023] {
            let sum: f32 = of_column(size, size / 3).iter().sum();
            let share = sum * size as f32 / (240.0 * EDGE as f32);
            assert!((share - 1.0).abs() < 0.02, "{size}: {share}");
        }
    }

    #[test]
    fn green_counts_twice() {
        let thumb = thumbs(&[[40, 100, 20]; 32 * 32].concat(), 32)[0];
        assert!(thumb.iter().all(|&cell| (cell - 65.0).abs() < 0.01));
    }
}
