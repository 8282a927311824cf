//! The common case made quick: 8-bit 4:2:0 frames of exactly twice the stored size.
//!
//! Face crops of 224×224 for a network that reads 112×112 are the field's usual pair. There, the area average is the mean
//! of four luma samples, and the chroma samples are at the stored size already. This takes a fraction of the time that
//! the general scaler takes for the same picture, which it matches within rounding.

#![expect(
    clippy::inline_always,
    reason = "a function that is not inlined does not take on the registers of the one that calls it"
)]

use ffmpeg_next::frame;
use multiversion::multiversion;

use super::colour::{Line, Matrix, Work, by_colours_of};

/// Appends the frame at half its size, if it is exactly twice as large as wanted and of a kind that is handled here; `line`
/// serves from one frame to the next.
pub(super) fn append(
    frame: &frame::Video,
    size: u32,
    line: &mut Option<Line>,
    pixels: &mut Vec<u8>,
) -> bool {
    let edge = size as usize;
    frame.width() == 2 * size
        && frame.height() == 2 * size
        && by_colours_of(
            frame,
            Halves {
                frame,
                edge,
                line: line.get_or_insert_with(|| Line::new(edge)),
                pixels,
            },
        )
}

struct Halves<'a> {
    frame: &'a frame::Video,
    edge: usize,
    line: &'a mut Line,
    pixels: &'a mut Vec<u8>,
}

impl Work for Halves<'_> {
    fn run<M: Matrix>(self) {
        let Self {
            frame,
            edge,
            line,
            pixels,
        } = self;
        let planes = [0, 1, 2].map(|index| (frame.data(index), frame.stride(index)));
        let start = pixels.len();
        pixels.resize(start + edge * edge * 3, 0);
        halve::<M>(planes, edge, line, &mut pixels[start..]);
    }
}

/// Writes `edge`×`edge`×3 bytes from planes, each with the length of its rows. Wider registers are used where there are some.
#[multiversion(targets("x86_64+avx2"))]
fn halve<M: Matrix>(planes: [(&[u8], usize); 3], edge: usize, line: &mut Line, pixels: &mut [u8]) {
    let [luma, u, v] = planes.map(|(samples, stride)| samples.chunks_exact(stride));
    let (upper, lower) = (luma.clone().step_by(2), luma.skip(1).step_by(2));
    let rows = pixels.chunks_exact_mut(edge * 3);
    for ((row, (upper, lower)), (u, v)) in rows.zip(upper.zip(lower)).zip(u.zip(v)) {
        average_fours(&upper[..2 * edge], &lower[..2 * edge], &mut line.luma);
        line.convert::<M>(&u[..edge], &v[..edge]);
        line.pack(row);
    }
}

/// The mean of the luma samples of every square of 2×2, times 2^7.
#[inline(always)]
fn average_fours(upper: &[u8], lower: &[u8], means: &mut [i16]) {
    let upper = upper.as_chunks::<2>().0;
    let lower = lower.as_chunks::<2>().0;
    for ((mean, &upper), &lower) in means.iter_mut().zip(upper).zip(lower) {
        let (upper, lower) = (u16::from_le_bytes(upper), u16::from_le_bytes(lower));
        let pair = |two: u16| (two & 0xFF).wrapping_add(two >> 8);
        *mean = (pair(upper).wrapping_add(pair(lower)) << 5) as i16;
    }
}
