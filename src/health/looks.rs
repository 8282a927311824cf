//! What a video looks like, in a few numbers that are measured once, when it is decoded, and stored with its frames.

#![expect(
    clippy::inline_always,
    reason = "a function that is not inlined does not take on the registers of the one that calls it"
)]

use multiversion::multiversion;
use serde::{Deserialize, Serialize};

use super::levels::Levels;
use super::motion::motion;
use super::thumbs::{CELLS, EDGE, Thumb, thumbs};
use crate::video::DecodedVideo;

/// Frames whose light and sharpness are measured, evenly spread: more of them say the same at many times the price.
const SAMPLED_FRAMES: usize = 8;

/// Cells from this grey level on are burnt out.
const BURNT_OUT: f32 = 250.0;

/// Rows and columns that never get lighter than this, in grey levels, are bars: black is 16, and codecs ring.
const BAR_LEVEL: f32 = 28.0;

/// What a video looks like. All of it is measured on the kept frames, on grey pictures of 32×32 cells except for the
/// sharpness; grey levels are those of luma, 0 to 255. No number depends on a setting but the decoder's.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Looks {
    /// Standard deviation of the luma within a frame, in grey levels; the median over eight frames.
    pub contrast: f32,
    /// The grey level below which nine tenths of a frame stay; the median over eight frames.
    pub dark_level: f32,
    /// Share of a frame at 250 grey levels or more, in [0, 1]; the median over eight frames.
    pub bright_share: f32,
    /// Energy of the Laplacian over the variance, at the stored size and times (size / 64)², which makes it nearly the same
    /// at any size; the largest of eight frames.
    pub sharpness: f32,
    /// How far the most changing twentieth of the picture gets from its mean over time, in grey levels; the largest over the
    /// frames.
    pub movement: f32,
    /// The largest mean change from one kept frame to the next, in grey levels.
    pub largest_change: f32,
    /// The median of those changes.
    pub usual_change: f32,
    /// The position, among the kept frames, of the frame after the largest change.
    pub change_at: u32,
    /// Share of the picture that is black bars, in [0, 1].
    pub bars: f32,
    /// Digest of how the kept frames' low spatial frequencies run, and of the middle one's grey picture: videos with the same
    /// frames have the same.
    pub digest: u64,
}

/// All that is measured on a decoded video.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measured {
    /// What it looks like.
    pub looks: Looks,
    /// How its low spatial frequencies run over time, a fixed number of bytes a frame.
    pub motion: Vec<u8>,
}

impl Measured {
    /// Measures a decoded video whose frames are `size`×`size` pixels.
    pub fn new(video: &DecodedVideo, size: u32) -> Self {
        let size = size as usize;
        let thumbs = thumbs(&video.pixels, size);
        if thumbs.is_empty() {
            return Self::default();
        }
        let motion = motion(&thumbs);
        Self {
            looks: Looks::measure(&thumbs, &motion, &video.pixels, size),
            motion,
        }
    }
}

impl Looks {
    /// `thumbs`: those of all frames, at least one; `motion`: what is stored of them.
    fn measure(thumbs: &[Thumb], motion: &[u8], pixels: &[u8], size: usize) -> Self {
        let (changes, change_at) = changes(thumbs);
        let some: Vec<&Thumb> = sampled(thumbs.len()).map(|at| &thumbs[at]).collect();
        Self {
            contrast: median(some.iter().map(|thumb| variance(thumb).sqrt())),
            dark_level: median(
                some.iter()
                    .map(|thumb| Levels::new(|cell| thumb[cell]).at_place(CELLS * 9 / 10)),
            ),
            bright_share: median(some.iter().map(|thumb| {
                let burnt_out = thumb.iter().filter(|&&cell| cell >= BURNT_OUT).count();
                burnt_out as f32 / CELLS as f32
            })),
            sharpness: sharpness(pixels, size),
            movement: movement(thumbs),
            largest_change: changes.iter().copied().fold(0.0, f32::max),
            usual_change: median(changes),
            change_at,
            bars: bars(thumbs),
            digest: digest(motion, &thumbs[thumbs.len() / 2]),
        }
    }
}

/// The middle value, the larger one of two; 0 of nothing.
fn median(values: impl IntoIterator<Item = f32>) -> f32 {
    let mut values: Vec<f32> = values.into_iter().collect();
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// The sum of a number for each cell of a thumb, eight by eight: one after the other would wait for each addition. Nothing
/// of a thumb's length is made for it, which would be copied about.
fn sum(of_cell: impl Fn(usize) -> f32) -> f32 {
    let mut sums = [0.0; 8];
    for eight in 0..CELLS / 8 {
        for (place, sum) in sums.iter_mut().enumerate() {
            *sum += of_cell(8 * eight + place);
        }
    }
    sums.iter().sum()
}

fn variance(thumb: &Thumb) -> f32 {
    let mean = sum(|cell| thumb[cell]) / CELLS as f32;
    sum(|cell| (thumb[cell] - mean).powi(2)) / CELLS as f32
}

/// Energy of the Laplacian over the variance, in the green channel, of the sharpest of some frames; 0 for frames without
/// contrast. In natural pictures it falls with the square of the size at which they are stored, which is made up for.
fn sharpness(pixels: &[u8], size: usize) -> f32 {
    let frame_bytes = size * size * 3;
    let mut green = vec![0_i16; size * size];
    sampled(pixels.len() / frame_bytes)
        .map(|number| &pixels[number * frame_bytes..(number + 1) * frame_bytes])
        .map(|frame| sharpness_of(frame, size, &mut green))
        .fold(0.0, f32::max)
}

/// That of one frame, of whose green `green` takes the copy. Wider registers are used where there are some.
#[multiversion(targets("x86_64+avx2"))]
fn sharpness_of(frame: &[u8], size: usize, green: &mut [i16]) -> f32 {
    for (to, rgb) in green.iter_mut().zip(frame.as_chunks::<3>().0) {
        *to = i16::from(rgb[1]);
    }
    let (mut sum, mut squares) = (0, 0);
    for row in green.chunks_exact(size) {
        let of_row = |sum: i32, value: &i16| sum.wrapping_add(i32::from(*value));
        sum += i64::from(row.iter().fold(0, of_row));
        squares += energy(row.iter().copied());
    }
    let cells = (size * size) as f64;
    let spread = (squares as f64 - (sum as f64).powi(2) / cells) / cells;
    if spread < 1.0 || size < 3 {
        return 0.0;
    }
    let mut edges = 0;
    for row in 1..size - 1 {
        let [above, here, below] = [row - 1, row, row + 1].map(|row| &green[row * size..][..size]);
        let across = here.windows(3).zip(&above[1..]).zip(&below[1..]);
        edges += energy(across.map(|((here, above), below)| {
            let around = here[0].wrapping_add(here[2]);
            here[1]
                .wrapping_mul(4)
                .wrapping_sub(around.wrapping_add(*above).wrapping_add(*below))
        }));
    }
    let inner = ((size - 2) * (size - 2)) as f64;
    (edges as f64 / inner / spread) as f32 * (size as f32 / 64.0).powi(2)
}

/// The numbers of the sampled ones among `frames` frames: the middles of as many equal parts.
fn sampled(frames: usize) -> impl Iterator<Item = usize> {
    let sampled = frames.min(SAMPLED_FRAMES);
    (0..sampled).map(move |sample| (2 * sample + 1) * frames / (2 * sampled))
}

/// The sum of squares of a row: at most 1024 values of at most 4 · 255 fit, and are not looked after, which is many times faster.
#[inline(always)]
fn energy(row: impl Iterator<Item = i16>) -> u64 {
    let of_row = row.fold(0_i32, |sum, value| {
        sum.wrapping_add(i32::from(value).wrapping_mul(i32::from(value)))
    });
    u64::from(of_row.cast_unsigned())
}

/// How far the most changing twentieth of the cells gets from its mean over time.
fn movement(thumbs: &[Thumb]) -> f32 {
    const MOST: usize = CELLS - CELLS * 19 / 20;
    let mean = mean(thumbs);
    let away = |thumb: &Thumb, cell: usize| (thumb[cell] - mean[cell]).abs();
    // No mean of some cells is above the root of all squares over their number: most frames need no more than that.
    let mut most: Vec<(f32, &Thumb)> = thumbs
        .iter()
        .map(|thumb| {
            let squares = sum(|cell| away(thumb, cell).powi(2));
            ((squares / MOST as f32).sqrt(), thumb)
        })
        .collect();
    most.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut largest = 0.0;
    for (at_most, thumb) in most {
        if at_most <= largest {
            break;
        }
        let levels = Levels::new(|cell| away(thumb, cell));
        largest = largest.max(levels.mean_of_largest(MOST));
    }
    largest
}

/// The mean picture.
pub(crate) fn mean(thumbs: &[Thumb]) -> Thumb {
    let mut mean = [0.0; CELLS];
    for thumb in thumbs {
        for (sum, cell) in mean.iter_mut().zip(thumb) {
            *sum += cell;
        }
    }
    mean.map(|sum| sum / thumbs.len().max(1) as f32)
}

/// The mean change from each frame to the next, and the position of the frame after the largest.
fn changes(thumbs: &[Thumb]) -> (Vec<f32>, u32) {
    let changes: Vec<f32> = thumbs
        .windows(2)
        .map(|pair| sum(|cell| (pair[0][cell] - pair[1][cell]).abs()) / CELLS as f32)
        .collect();
    let largest =
        (0..changes.len()).max_by(|&a, &b| changes[a].total_cmp(&changes[b]).then(b.cmp(&a)));
    (changes, largest.map_or(0, |at| at as u32 + 1))
}

/// The share of the picture outside the rectangle in which anything ever gets lighter than a bar. A video that is dark all
/// over has no bars.
fn bars(thumbs: &[Thumb]) -> f32 {
    let mut lightest = [0.0_f32; CELLS];
    for thumb in thumbs {
        for (most, &cell) in lightest.iter_mut().zip(thumb) {
            *most = most.max(cell);
        }
    }
    let is_light = |row: usize, column: usize| lightest[row * EDGE + column] > BAR_LEVEL;
    let inner = |is_light: &dyn Fn(usize) -> bool| {
        let first = (0..EDGE).position(is_light)?;
        let last = (0..EDGE).rposition(is_light)?;
        Some(last + 1 - first)
    };
    let rows = inner(&|row| (0..EDGE).any(|column| is_light(row, column)));
    let columns = inner(&|column| (0..EDGE).any(|row| is_light(row, column)));
    match (rows, columns) {
        (Some(rows), Some(columns)) => 1.0 - (rows * columns) as f32 / CELLS as f32,
        _ => 0.0,
    }
}

fn digest(motion: &[u8], middle: &Thumb) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(motion);
    // A cell is a sum of bytes over a constant: equal frames give equal bits.
    hasher.update(middle.map(f32::to_le_bytes).as_flattened());
    let mut word = [0; 8];
    word.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    u64::from_le_bytes(word)
}
