//! Small grey pictures of every kept frame: enough to see light, movement and cuts, and quick to go through.

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
    let bounds = bounds(size);
    let mut columns = vec![0_u16; size * 3];
    // A cell is at most 1024 / 32 rows high: 32 · 255 fits.
    pixels
        .chunks_exact(size * size * 3)
        .map(|frame| {
            let mut thumb = [0.0; CELLS];
            for (line, &(top, bottom)) in thumb.chunks_exact_mut(EDGE).zip(&bounds) {
                columns.fill(0);
                for row in frame[top * size * 3..bottom * size * 3].chunks_exact(size * 3) {
                    for (sum, &value) in columns.iter_mut().zip(row) {
                        *sum += u16::from(value);
                    }
                }
                for (cell, &(left, right)) in line.iter_mut().zip(&bounds) {
                    let sum: u32 = columns[left * 3..right * 3]
                        .chunks_exact(3)
                        .map(|rgb| u32::from(rgb[0]) + 2 * u32::from(rgb[1]) + u32::from(rgb[2]))
                        .sum();
                    *cell = sum as f32 / (4 * (right - left) * (bottom - top)) as f32;
                }
            }
            thumb
        })
        .collect()
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
