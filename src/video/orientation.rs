//! Which way up a video is shown: the display matrix of a stream, reduced to a transposition and two flips.

/// How a decoded frame is turned before it is shown. All eight upright orientations can be expressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Orientation {
    /// Rows and columns are swapped, before the flips.
    pub(super) transpose: bool,
    /// Left and right are swapped.
    pub(super) flip_x: bool,
    /// Top and bottom are swapped.
    pub(super) flip_y: bool,
}

impl Orientation {
    /// Reads `FFmpeg`'s display matrix: nine native-endian 16.16 integers, of which the upper left 2×2 turn the picture.
    ///
    /// A pixel at (p, q) is shown at (a·p + c·q, b·p + d·q). Angles between the quarter turns go to the nearest one.
    /// Anything shorter than a matrix means upright.
    pub(super) fn from_display_matrix(bytes: &[u8]) -> Self {
        let mut entries = bytes.chunks_exact(4).map(|four| {
            let mut word = [0; 4];
            word.copy_from_slice(four);
            i64::from(i32::from_ne_bytes(word))
        });
        let mut next = || entries.next().unwrap_or(0);
        let (a, b, _, c, d) = (next(), next(), next(), next(), next());
        if b.abs() + c.abs() > a.abs() + d.abs() {
            Self {
                transpose: true,
                flip_x: c < 0,
                flip_y: b < 0,
            }
        } else {
            Self {
                transpose: false,
                flip_x: a < 0,
                flip_y: d < 0,
            }
        }
    }

    /// Whether frames are shown as they are stored.
    pub(super) fn is_upright(self) -> bool {
        self == Self::default()
    }

    /// Width and height as shown.
    pub(super) fn dimensions(self, width: u32, height: u32) -> (u32, u32) {
        if self.transpose {
            (height, width)
        } else {
            (width, height)
        }
    }

    /// Turns a square RGB frame of `edge`×`edge`×3 bytes from `stored` into `shown`.
    pub(super) fn turn(self, stored: &[u8], shown: &mut [u8], edge: usize) {
        for (y, row) in shown.chunks_exact_mut(edge * 3).enumerate() {
            for (x, pixel) in row.chunks_exact_mut(3).enumerate() {
                let x = if self.flip_x { edge - 1 - x } else { x };
                let y = if self.flip_y { edge - 1 - y } else { y };
                let (column, line) = if self.transpose { (y, x) } else { (x, y) };
                let from = (line * edge + column) * 3;
                pixel.copy_from_slice(&stored[from..from + 3]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turned(a: i32, b: i32, c: i32, d: i32) -> Vec<u8> {
        let one = 1 << 16;
        let matrix: Vec<u8> = [a * one, b * one, 0, c * one, d * one, 0, 0, 0, 1 << 30]
            .iter()
            .flat_map(|entry: &i32| entry.to_ne_bytes())
            .collect();
        let orientation = Orientation::from_display_matrix(&matrix);
        let stored: Vec<u8> = [1, 2, 3, 4].iter().flat_map(|&v| [v; 3]).collect();
        let mut shown = vec![0; 12];
        orientation.turn(&stored, &mut shown, 2);
        shown.into_iter().step_by(3).collect()
    }

    #[test]
    fn every_upright_orientation() {
        assert_eq!(turned(1, 0, 0, 1), [1, 2, 3, 4]);
        assert_eq!(turned(0, 1, -1, 0), [3, 1, 4, 2], "clockwise");
        assert_eq!(turned(-1, 0, 0, -1), [4, 3, 2, 1]);
        assert_eq!(turned(0, -1, 1, 0), [2, 4, 1, 3], "counterclockwise");
        assert_eq!(turned(-1, 0, 0, 1), [2, 1, 4, 3], "mirrored");
        assert_eq!(turned(1, 0, 0, -1), [3, 4, 1, 2], "upside down");
        assert_eq!(turned(0, 1, 1, 0), [1, 3, 2, 4], "transposed");
    }

    #[test]
    fn too_short_a_matrix_is_upright() {
        assert!(Orientation::from_display_matrix(&[]).is_upright());
        assert_eq!(Orientation::default().dimensions(3, 2), (3, 2));
    }
}
