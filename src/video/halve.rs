//! The common case made quick: 8-bit 4:2:0 frames of exactly twice the stored size.
//!
//! Face crops of 224×224 for a network that reads 112×112 are the field's usual pair. There, the area average is the mean
//! of four luma samples, and the chroma samples are at the stored size already. This takes a fraction of the time that
//! the general scaler takes for the same picture, which it matches within rounding. The loops are laid out for 16-bit
//! lanes, which every 64-bit processor has. Nothing in them can overflow; the wrapping operations keep checks for it, and
//! with them one pixel at a time, out of builds that check.

use ffmpeg_next::format::Pixel;
use ffmpeg_next::{color, frame};

/// A longer line than this is a negative one, seen without its sign.
const LONGEST_STRIDE: usize = 1 << 24;

/// How luma and chroma make red, green and blue (ITU-T H.273, Table 4 and 8.3), in fixed point.
///
/// These are constants because the loops below only become quick when the compiler knows that they fit 16 bits.
trait Matrix {
    /// The luma weight of red.
    const RED: f64;
    /// The luma weight of blue.
    const BLUE: f64;
    /// Whether samples use all values, instead of 16 to 235 (luma) and 240 (chroma).
    const FULL: bool;

    /// Four times the luma sample that is black.
    const BLACK: i16 = if Self::FULL { 0 } else { 4 * 16 };
    /// What a step of luma adds, times 2^14.
    const LUMA: i16 = (16384.0 * if Self::FULL { 1.0 } else { 255.0 / 219.0 } + 0.5) as i16;
    /// What a step of chroma adds to each colour, times 2^13; to green, it takes away.
    const CHROMA: f64 = 2.0 * 8192.0 * if Self::FULL { 1.0 } else { 255.0 / 224.0 };
    /// To red, from V.
    const RED_FROM_V: i16 = (Self::CHROMA * (1.0 - Self::RED) + 0.5) as i16;
    /// To blue, from U.
    const BLUE_FROM_U: i16 = (Self::CHROMA * (1.0 - Self::BLUE) + 0.5) as i16;
    /// To green, from U.
    const GREEN_FROM_U: i16 = -((Self::CHROMA * (1.0 - Self::BLUE) * Self::BLUE
        / (1.0 - Self::RED - Self::BLUE)
        + 0.5) as i16);
    /// To green, from V.
    const GREEN_FROM_V: i16 = -((Self::CHROMA * (1.0 - Self::RED) * Self::RED
        / (1.0 - Self::RED - Self::BLUE)
        + 0.5) as i16);
}

/// BT.601, of standard definition and of most JPEG images.
struct Bt601<const FULL: bool>;

impl<const FULL: bool> Matrix for Bt601<FULL> {
    const RED: f64 = 0.299;
    const BLUE: f64 = 0.114;
    const FULL: bool = FULL;
}

/// BT.709, of high definition.
struct Bt709<const FULL: bool>;

impl<const FULL: bool> Matrix for Bt709<FULL> {
    const RED: f64 = 0.2126;
    const BLUE: f64 = 0.0722;
    const FULL: bool = FULL;
}

/// Appends the frame at half its size, if it is exactly twice as large as wanted and of a kind that is handled here.
pub(super) fn append(frame: &frame::Video, size: u32, pixels: &mut Vec<u8>) -> bool {
    if frame.width() != 2 * size || frame.height() != 2 * size {
        return false;
    }
    // Frames that are stored bottom up have negative strides, which do not come out as such.
    let width = 2 * size as usize;
    let usable = |plane, least| (least..=LONGEST_STRIDE).contains(&frame.stride(plane));
    if frame.planes() != 3 || !usable(0, width) || !usable(1, width / 2) || !usable(2, width / 2) {
        return false;
    }
    let full = match (frame.format(), frame.color_range()) {
        (Pixel::YUVJ420P, _) | (Pixel::YUV420P, color::Range::JPEG) => true,
        (Pixel::YUV420P, _) => false,
        _ => return false,
    };
    let append = match (frame.color_space(), full) {
        (color::Space::Unspecified | color::Space::BT470BG | color::Space::SMPTE170M, true) => {
            append_by::<Bt601<true>>
        }
        (color::Space::Unspecified | color::Space::BT470BG | color::Space::SMPTE170M, false) => {
            append_by::<Bt601<false>>
        }
        (color::Space::BT709, true) => append_by::<Bt709<true>>,
        (color::Space::BT709, false) => append_by::<Bt709<false>>,
        _ => return false,
    };
    append(frame, size as usize, pixels);
    true
}

fn append_by<M: Matrix>(frame: &frame::Video, edge: usize, pixels: &mut Vec<u8>) {
    let plane = |index| frame.data(index).chunks_exact(frame.stride(index));
    let (upper, lower) = (plane(0).step_by(2), plane(0).skip(1).step_by(2));
    let start = pixels.len();
    pixels.resize(start + edge * edge * 3, 0);
    let mut line = Line::new(edge);
    let rows = pixels[start..].chunks_exact_mut(edge * 3);
    for ((row, (upper, lower)), (u, v)) in rows.zip(upper.zip(lower)).zip(plane(1).zip(plane(2))) {
        line.add_fours(&upper[..2 * edge], &lower[..2 * edge]);
        line.convert::<M>(&u[..edge], &v[..edge]);
        line.pack(row);
    }
}

/// One line of pixels on its way, colour by colour.
struct Line {
    luma: Vec<i16>,
    red: Vec<u8>,
    green: Vec<u8>,
    blue: Vec<u8>,
}

impl Line {
    fn new(edge: usize) -> Self {
        Self {
            luma: vec![0; edge],
            red: vec![0; edge],
            green: vec![0; edge],
            blue: vec![0; edge],
        }
    }

    /// Adds the luma samples of every square of 2×2.
    fn add_fours(&mut self, upper: &[u8], lower: &[u8]) {
        let pairs = upper
            .as_chunks::<2>()
            .0
            .iter()
            .zip(lower.as_chunks::<2>().0);
        for (sum, (&upper, &lower)) in self.luma.iter_mut().zip(pairs) {
            let (upper, lower) = (u16::from_le_bytes(upper), u16::from_le_bytes(lower));
            let pair = |two: u16| (two & 0xFF).wrapping_add(two >> 8);
            *sum = pair(upper).wrapping_add(pair(lower)) as i16;
        }
    }

    /// From sums of luma and from chroma to colours.
    fn convert<M: Matrix>(&mut self, u: &[u8], v: &[u8]) {
        let Self {
            luma,
            red,
            green,
            blue,
        } = self;
        for luma in luma.iter_mut() {
            // Five bits after the point. A half and the mean loss of two products are added, so that the bits can be cut off.
            *luma = high_product(luma.wrapping_sub(M::BLACK) << 5, M::LUMA).wrapping_add(17);
        }
        let centred = |sample: u8| i16::from(sample).wrapping_sub(128) << 8;
        let byte = |value: i16| (value >> 5).clamp(0, 255) as u8;
        for ((to, &luma), &v) in red.iter_mut().zip(&*luma).zip(v) {
            *to = byte(luma.wrapping_add(high_product(centred(v), M::RED_FROM_V)));
        }
        for (((to, &luma), &u), &v) in green.iter_mut().zip(&*luma).zip(u).zip(v) {
            let (from_u, from_v) = (
                high_product(centred(u), M::GREEN_FROM_U),
                high_product(centred(v), M::GREEN_FROM_V),
            );
            *to = byte(luma.wrapping_add(from_u).wrapping_add(from_v));
        }
        for ((to, &luma), &u) in blue.iter_mut().zip(&*luma).zip(u) {
            *to = byte(luma.wrapping_add(high_product(centred(u), M::BLUE_FROM_U)));
        }
    }

    /// Writes the colours side by side, four pixels to three words.
    fn pack(&self, row: &mut [u8]) {
        let (red, green, blue) = (
            self.red.as_chunks::<4>(),
            self.green.as_chunks::<4>(),
            self.blue.as_chunks::<4>(),
        );
        let (twelves, tail) = row.as_chunks_mut::<12>();
        for (((twelve, r), g), b) in twelves.iter_mut().zip(red.0).zip(green.0).zip(blue.0) {
            let pixel = |at: usize| u32::from_le_bytes([r[at], g[at], b[at], 0]);
            let (first, second, third, fourth) = (pixel(0), pixel(1), pixel(2), pixel(3));
            let words = [
                first | second << 24,
                second >> 8 | third << 16,
                third >> 16 | fourth << 8,
            ];
            for (four, word) in twelve.as_chunks_mut::<4>().0.iter_mut().zip(words) {
                *four = word.to_le_bytes();
            }
        }
        for (((three, r), g), b) in tail.chunks_exact_mut(3).zip(red.1).zip(green.1).zip(blue.1) {
            three.copy_from_slice(&[*r, *g, *b]);
        }
    }
}

/// The upper half of a product.
#[inline]
fn high_product(a: i16, b: i16) -> i16 {
    (i32::from(a).wrapping_mul(i32::from(b)) >> 16) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ITU-T H.273, 8.3, in floating point.
    fn exact(sample: f64, u: f64, v: f64, (red, blue): (f64, f64), full: bool) -> [f64; 3] {
        let (luma, steps) = if full {
            (sample, 255.0)
        } else {
            ((sample - 16.0) * 255.0 / 219.0, 224.0)
        };
        let from_v = luma + 2.0 * (1.0 - red) * (v - 128.0) * 255.0 / steps;
        let from_u = luma + 2.0 * (1.0 - blue) * (u - 128.0) * 255.0 / steps;
        let rest = (luma - red * from_v - blue * from_u) / (1.0 - red - blue);
        [from_v, rest, from_u].map(|value| value.clamp(0.0, 255.0))
    }

    fn check<M: Matrix>() {
        let chroma = (0..=255).step_by(15);
        let chroma = chroma
            .clone()
            .flat_map(|u| chroma.clone().map(move |v| (u, v)));
        let (u, v): (Vec<u8>, Vec<u8>) = chroma.unzip();
        for sum in (0..=1020).step_by(17) {
            let mut line = Line::new(u.len());
            line.luma.fill(sum);
            line.convert::<M>(&u, &v);
            for at in 0..u.len() {
                let luma = f64::from(sum) / 4.0;
                let exact = exact(
                    luma,
                    f64::from(u[at]),
                    f64::from(v[at]),
                    (M::RED, M::BLUE),
                    M::FULL,
                );
                for (quick, exact) in [line.red[at], line.green[at], line.blue[at]]
                    .into_iter()
                    .zip(exact)
                {
                    assert!(
                        (f64::from(quick) - exact).abs() < 0.6,
                        "{quick} for {exact}"
                    );
                }
            }
        }
    }

    #[test]
    fn colours_are_right_within_rounding() {
        check::<Bt601<false>>();
        check::<Bt601<true>>();
        check::<Bt709<false>>();
        check::<Bt709<true>>();
    }

    #[test]
    fn colours_lie_side_by_side() {
        for edge in 0..14 {
            let mut line = Line::new(edge);
            for at in 0..edge {
                (line.red[at], line.green[at], line.blue[at]) =
                    (at as u8, 100 + at as u8, 200 + at as u8);
            }
            let mut row = vec![0; edge * 3];
            line.pack(&mut row);
            let expected: Vec<u8> = (0..edge as u8)
                .flat_map(|at| [at, 100 + at, 200 + at])
                .collect();
            assert_eq!(row, expected);
        }
    }
}
