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
/// column before anything else, and the columns of a cell for all rows of cells at once, which is what makes this a
/// fraction of the decoding's work. A pixel on the border of two cells counts for each by its share.
pub(crate) fn thumbs(pixels: &[u8], size: usize) -> Vec<Thumb> {
    let mut sums = Sums::new(size);
    let frames = pixels.chunks_exact(size * size * 3);
    let mut thumbs = vec![[0.0; CELLS]; frames.len()];
    for (frame, to) in frames.zip(&mut thumbs) {
        thumb(frame, size, &mut sums, to);
    }
    thumbs
}

/// Where the cells of a frame lie, and its sums on their way to them.
struct Sums {
    /// Parts of a pixel: as many as make borders of cells fall between two of them, or as many as sums have room for.
    parts: usize,
    /// The part at which every cell along an edge begins, and the last one ends.
    borders: [usize; EDGE + 1],
    /// The parts of each cell along an edge.
    widths: [f32; EDGE],
    /// Of one row of cells, each column of each colour.
    columns: Vec<u16>,
    /// Of one row of cells, the luma of the column that begins at each place; every third place is a column's.
    lumas: Vec<u16>,
    /// The luma of each column, row of cells by row of cells.
    by_column: Vec<[u16; EDGE]>,
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
            columns: vec![0; size * 3],
            lumas: vec![0; size * 3],
            by_column: vec![[0; EDGE]; size],
        }
    }
}

/// Writes the thumb of one frame. Wider registers are used where there are some.
#[multiversion(targets("x86_64+avx2"))]
fn thumb(frame: &[u8], size: usize, sums: &mut Sums, thumb: &mut Thumb) {
    let Sums {
        parts,
        borders,
        widths,
        columns,
        lumas,
        by_column,
    } = sums;
    let parts = *parts;
    // The pixels, or rows of them, of a cell, and how many parts of each are the cell's.
    let shares = |cell: usize| {
        let (start, end) = (borders[cell], borders[cell + 1]);
        let pixels = start / parts..end.div_ceil(parts);
        pixels.map(move |at| {
            let share = ((at + 1) * parts).min(end) - (at * parts).max(start);
            (at, share)
        })
    };
    // None of the sums can wrap, and they are not looked after, so that many are added at once.
    for line in 0..EDGE {
        columns.fill(0);
        for (row, share) in shares(line) {
            let pixels = &frame[row * size * 3..(row + 1) * size * 3];
            for (sum, &value) in columns.iter_mut().zip(pixels) {
                *sum = sum.wrapping_add(u16::from(value).wrapping_mul(share as u16));
            }
        }
        // At every place, of which every third is a column's: all of them at once are quicker than those alone.
        let triples = columns.iter().zip(&columns[1..]).zip(&columns[2..]);
        for (luma, ((r, g), b)) in lumas.iter_mut().zip(triples) {
            *luma = r.wrapping_add(g.wrapping_mul(2)).wrapping_add(*b);
        }
        for (column, luma) in by_column.iter_mut().zip(lumas.iter().step_by(3)) {
            column[line] = *luma;
        }
    }
    for (cell, width) in widths.iter().enumerate() {
        let mut sums = [0_i32; EDGE];
        for (column, share) in shares(cell) {
            for (sum, &luma) in sums.iter_mut().zip(&by_column[column]) {
                *sum = sum.wrapping_add(i32::from(luma).wrapping_mul(share as i32));
            }
        }
        let means: [f32; EDGE] =
            std::array::from_fn(|line| sums[line] as f32 / (4.0 * widths[line] * width));
        for (line, mean) in thumb.chunks_exact_mut(EDGE).zip(means) {
            line[cell] = mean;
        }
    }
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
