//! Which way up a video is shown: the display matrix of a stream, reduced to a transposition and two flips.

use ffmpeg_next::frame;
use ffmpeg_next::frame::side_data;

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

    /// That of the stream, or where that has none what the frame itself says.
    pub(super) fn of(frame: &frame::Video, stream: Option<Self>) -> Self {
        stream.unwrap_or_else(|| {
            let matrix = frame.side_data(side_data::Type::DisplayMatrix);
            matrix.map_or_else(Self::default, |data| Self::from_display_matrix(data.data()))
        })
    }

    /// Whether frames are shown as they are stored.
    pub(super) fn is_upright(self) -> bool {
        self == Self::default()
    }

    /// Width and height as shown of what is stored; or as stored of what is shown.
    pub(super) fn dimensions(self, width: u32, height: u32) -> (u32, u32) {
        if self.transpose {
            (height, width)
        } else {
            (width, height)
        }
    }

    /// Turns a frame of pixels of so many bytes from `stored` into `shown`, which is `width` pixels wide.
    pub(super) fn turn<const BYTES: usize>(self, stored: &[u8], shown: &mut [u8], width: usize) {
        let height = shown.len() / (width * BYTES).max(1);
        let stored_width = if self.transpose { height } else { width };
        for (y, row) in shown.chunks_exact_mut(width * BYTES).enumerate() {
            for (x, pixel) in row.chunks_exact_mut(BYTES).enumerate() {
                let x = if self.flip_x { width - 1 - x } else { x };
                let y = if self.flip_y { height - 1 - y } else { y };
                let (column, line) = if self.transpose { (y, x) } else { (x, y) };
                let from = (line * stored_width + column) * BYTES;
                pixel.copy_from_slice(&stored[from..from + BYTES]);
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
        orientation.turn::<3>(&stored, &mut shown, 2);
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
    fn frames_that_are_no_squares_are_turned() {
        let clockwise = Orientation {
            transpose: true,
            flip_x: true,
            flip_y: false,
        };
        // Stored 3 wide and 2 high, shown 2 wide and 3 high.
        let mut shown = [0; 6];
        clockwise.turn::<1>(&[1, 2, 3, 4, 5, 6], &mut shown, 2);
        assert_eq!(shown, [4, 1, 5, 2, 6, 3]);
    }

    #[test]
    fn too_short_a_matrix_is_upright() {
        assert!(Orientation::from_display_matrix(&[]).is_upright());
        assert_eq!(Orientation::default().dimensions(3, 2), (3, 2));
    }
}
