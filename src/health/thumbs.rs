//! Small grey pictures of every kept frame: enough to see light, movement and cuts, and quick to go through.

use multiversion::multiversion;

/// Edge of a thumb, in cells.
pub(crate) const EDGE: usize = 32;

/// Cells of a thumb.
pub(crate) const CELLS: usize = EDGE * EDGE;

/// So many parts of pixels along an edge at most: a cell's are at most 64, and that many times 255 fits 16 bits with a sign.
const MOST_PARTS: usize = 64 * EDGE;

/// Bytes of a row of pixels that are summed up in registers: sixteen pixels.
const BLOCK: usize = 48;

/// Columns whose weighted sum is taken at once.
const TAPS: usize = 16;

/// A grey picture of `EDGE`×`EDGE` cells, rows from the top; each the mean luma of its part of the frame, in [0, 255].
pub(crate) type Thumb = [f32; CELLS];

/// The thumbs of frames of `size`×`size`×3 bytes of RGB.
///
/// Luma is (r + 2g + b) / 4, near enough to BT.601 for measurements. The pixels of a row of cells are summed up column by
/// column before anything else, which is what makes this a fraction of the decoding's work. A pixel on the border of two
/// cells counts for each by its share.
pub(crate) fn thumbs(pixels: &[u8], size: usize) -> Vec<Thumb> {
    let cells = Cells::new(size);
    let mut columns = vec![0; size * 3 + cells.taps];
    let frames = pixels.chunks_exact(size * size * 3);
    frames
        .map(|frame| thumb(frame, &cells, &mut columns))
        .collect()
}

/// Where the cells of a frame lie.
struct Cells {
    /// Bytes of a row of pixels.
    row_bytes: usize,
    /// The parts of each cell along an edge: as many of a pixel as make borders of cells fall between two of them, or as many
    /// as sums have room for.
    widths: [f32; EDGE],
    /// For each row of cells where its rows of pixels begin, and how many parts of each are the cells'.
    rows: [Vec<(usize, i16)>; EDGE],
    /// For each column of cells where its first column of pixels begins.
    starts: [usize; EDGE],
    /// How many weights a cell has.
    taps: usize,
    /// For each cell what a colour of a column counts, from the first column's red on; 0 beyond the last column.
    weights: Vec<i16>,
}

impl Cells {
    fn new(size: usize) -> Self {
        let twos = size.trailing_zeros().min(EDGE.trailing_zeros());
        let parts = (EDGE >> twos).min((MOST_PARTS / size).max(1));
        let border = |cell: usize| cell * size * parts / EDGE;
        // The pixels of a cell along an edge, and how many parts of each are the cell's.
        let shares = |cell: usize| {
            let (start, end) = (border(cell), border(cell + 1));
            let share = move |at: usize| ((at + 1) * parts).min(end) - (at * parts).max(start);
            (start / parts..end.div_ceil(parts)).map(move |at| (at, share(at) as i16))
        };
        let most = (0..EDGE).map(|cell| shares(cell).len()).max().unwrap_or(0);
        let taps = (most * 3).next_multiple_of(TAPS);
        let mut weights = vec![0; EDGE * taps];
        for (cell, weights) in weights.chunks_exact_mut(taps).enumerate() {
            for (weights, (_, share)) in weights.as_chunks_mut::<3>().0.iter_mut().zip(shares(cell))
            {
                *weights = [share, 2 * share, share];
            }
        }
        Self {
            row_bytes: size * 3,
            widths: std::array::from_fn(|cell| (border(cell + 1) - border(cell)) as f32),
            rows: std::array::from_fn(|cell| {
                shares(cell)
                    .map(|(at, share)| (at * size * 3, share))
                    .collect()
            }),
            starts: std::array::from_fn(|cell| border(cell) / parts * 3),
            taps,
            weights,
        }
    }
}

/// The thumb of one frame; `columns` has room for a row of pixels and a cell's weights beyond it, which are 0. Wider registers
/// are used where there are some.
#[multiversion(targets("x86_64+avx2"))]
fn thumb(frame: &[u8], cells: &Cells, columns: &mut [i16]) -> Thumb {
    // None of the sums can wrap, and they are not looked after, so that many are added at once.
    let mut thumb = [0.0; CELLS];
    let lines = thumb.as_chunks_mut::<EDGE>().0.iter_mut();
    for ((line, rows), height) in lines.zip(&cells.rows).zip(cells.widths) {
        let mut blocks = columns[..cells.row_bytes].chunks_exact_mut(BLOCK);
        let mut at = 0;
        for block in blocks.by_ref() {
            let mut sums = [0_i16; BLOCK];
            for &(row, share) in rows {
                let pixels = &frame[row + at..][..BLOCK];
                for (sum, &value) in sums.iter_mut().zip(pixels) {
                    *sum = sum.wrapping_add(i16::from(value).wrapping_mul(share));
                }
            }
            block.copy_from_slice(&sums);
            at += BLOCK;
        }
        for (column, sum) in blocks.into_remainder().iter_mut().enumerate() {
            *sum = 0;
            for &(row, share) in rows {
                let value = frame[row + at + column];
                *sum = sum.wrapping_add(i16::from(value).wrapping_mul(share));
            }
        }
        let mut sums = [0_i32; EDGE];
        let of_cell = cells.weights.chunks_exact(cells.taps).zip(cells.starts);
        for (sum, (weights, start)) in sums.iter_mut().zip(of_cell) {
            let columns = &columns[start..][..cells.taps];
            let columns = columns.as_chunks::<TAPS>().0.iter();
            for (columns, weights) in columns.zip(weights.as_chunks::<TAPS>().0) {
                let products = columns.iter().zip(weights);
                *sum = products.fold(*sum, |sum, (&column, &weight)| {
                    sum.wrapping_add(i32::from(column).wrapping_mul(i32::from(weight)))
                });
            }
        }
        for ((cell, sum), width) in line.iter_mut().zip(sums).zip(cells.widths) {
            *cell = sum as f32 / (4.0 * height * width);
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
            // Every pixel's parts are some cell's.
            let cells = Cells::new(size);
            let mut of_pixel = vec![0; size];
            for (start, share) in cells.rows.iter().flatten() {
                of_pixel[start / cells.row_bytes] += share;
            }
            assert!(of_pixel.iter().all(|&parts| parts == of_pixel[0]), "{size}");
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
