//! From averages of luma and chroma to red, green and blue, a line at a time.
//!
//! The loops are laid out for 16-bit lanes, which every 64-bit processor has. Nothing in them can overflow; the wrapping
//! operations keep checks for it, and with them one pixel at a time, out of builds that check.

#![expect(
    clippy::inline_always,
    reason = "a function that is not inlined does not take on the registers of the one that calls it"
)]

use ffmpeg_next::format::Pixel;
use ffmpeg_next::{color, frame};

/// A longer line than this is a negative one, seen without its sign.
const LONGEST_STRIDE: usize = 1 << 24;

/// How luma and chroma make red, green and blue (ITU-T H.273, Table 4 and 8.3), in fixed point.
///
/// These are constants because the loops below only become quick when the compiler knows that they fit 16 bits.
pub(super) trait Matrix {
    /// The luma weight of red.
    const RED: f64;
    /// The luma weight of blue.
    const BLUE: f64;
    /// Whether samples use all values, instead of 16 to 235 (luma) and 240 (chroma).
    const FULL: bool;

    /// The luma sample that is black, times 2^7.
    const BLACK: i16 = if Self::FULL { 0 } else { 16 << 7 };
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

/// Work on a frame whose colours are known.
pub(super) trait Work {
    /// Does it.
    fn run<M: Matrix>(self);
}

/// Does the work by the matrix and range of a frame, if it is an 8-bit 4:2:0 one whose colours are handled here.
pub(super) fn by_colours_of(frame: &frame::Video, work: impl Work) -> bool {
    // Frames that are stored bottom up have negative strides, which do not come out as such.
    let usable = |plane, least| (least..=LONGEST_STRIDE).contains(&frame.stride(plane));
    let (width, half) = (frame.width() as usize, frame.width().div_ceil(2) as usize);
    if frame.planes() != 3 || !usable(0, width) || !usable(1, half) || !usable(2, half) {
        return false;
    }
    let full = match (frame.format(), frame.color_range()) {
        (Pixel::YUVJ420P, _) | (Pixel::YUV420P, color::Range::JPEG) => true,
        (Pixel::YUV420P, _) => false,
        _ => return false,
    };
    match (frame.color_space(), full) {
        (color::Space::Unspecified | color::Space::BT470BG | color::Space::SMPTE170M, true) => {
            work.run::<Bt601<true>>();
        }
        (color::Space::Unspecified | color::Space::BT470BG | color::Space::SMPTE170M, false) => {
            work.run::<Bt601<false>>();
        }
        (color::Space::BT709, true) => work.run::<Bt709<true>>(),
        (color::Space::BT709, false) => work.run::<Bt709<false>>(),
        _ => return false,
    }
    true
}

/// A chroma sample.
pub(super) trait Chroma: Copy {
    /// Less the middle, times 2^8.
    fn centred(self) -> i16;
}

/// As a frame has it.
impl Chroma for u8 {
    fn centred(self) -> i16 {
        i16::from(self).wrapping_sub(128) << 8
    }
}

/// An average, times 2^7.
impl Chroma for u16 {
    fn centred(self) -> i16 {
        (self << 1).wrapping_sub(128 << 8) as i16
    }
}

/// One line of pixels on its way, colour by colour.
pub(super) struct Line {
    /// Averages of luma, times 2^7.
    pub(super) luma: Vec<i16>,
    red: Vec<u8>,
    green: Vec<u8>,
    blue: Vec<u8>,
}

impl Line {
    pub(super) fn new(edge: usize) -> Self {
        Self {
            luma: vec![0; edge],
            red: vec![0; edge],
            green: vec![0; edge],
            blue: vec![0; edge],
        }
    }

    /// From averages of luma and from chroma to colours.
    #[inline(always)]
    pub(super) fn convert<M: Matrix>(&mut self, u: &[impl Chroma], v: &[impl Chroma]) {
        let Self {
            luma,
            red,
            green,
            blue,
        } = self;
        for luma in luma.iter_mut() {
            // Five bits after the point. A half and the mean loss of two products are added, so that the bits can be cut off.
            *luma = high_product(luma.wrapping_sub(M::BLACK), M::LUMA).wrapping_add(17);
        }
        let byte = |value: i16| (value >> 5).clamp(0, 255) as u8;
        for ((to, &luma), &v) in red.iter_mut().zip(&*luma).zip(v) {
            *to = byte(luma.wrapping_add(high_product(v.centred(), M::RED_FROM_V)));
        }
        for (((to, &luma), &u), &v) in green.iter_mut().zip(&*luma).zip(u).zip(v) {
            let (from_u, from_v) = (
                high_product(u.centred(), M::GREEN_FROM_U),
                high_product(v.centred(), M::GREEN_FROM_V),
            );
            *to = byte(luma.wrapping_add(from_u).wrapping_add(from_v));
        }
        for ((to, &luma), &u) in blue.iter_mut().zip(&*luma).zip(u) {
            *to = byte(luma.wrapping_add(high_product(u.centred(), M::BLUE_FROM_U)));
        }
    }

    /// Writes the colours side by side.
    #[inline(always)]
    pub(super) fn pack(&self, row: &mut [u8]) {
        let colours = self.red.iter().zip(&self.green).zip(&self.blue);
        for (pixel, ((r, g), b)) in row.as_chunks_mut::<3>().0.iter_mut().zip(colours) {
            *pixel = [*r, *g, *b];
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
            line.luma.fill(sum << 5);
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
