//! What a video looks like, in a few numbers that are measured once, when it is decoded, and stored with its frames.

use serde::{Deserialize, Serialize};

use super::motion::motion;
use super::thumbs::{CELLS, EDGE, Thumb, thumbs};
use crate::video::DecodedVideo;

/// Frames whose sharpness is measured, evenly spread.
const SHARPNESS_FRAMES: usize = 8;

/// Cells from this grey level on are burnt out.
const BURNT_OUT: f32 = 250.0;

/// Rows and columns that never get lighter than this, in grey levels, are bars: black is 16, and codecs ring.
const BAR_LEVEL: f32 = 28.0;

/// What a video looks like. All of it is measured on the kept frames, on grey pictures of 32×32 cells except for the
/// sharpness; grey levels are those of luma, 0 to 255. No number depends on a setting but the decoder's.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Looks {
    /// Standard deviation of the luma within a frame, in grey levels; the median over the frames.
    pub contrast: f32,
    /// The grey level below which nine tenths of a frame stay; the median over the frames.
    pub dark_level: f32,
    /// Share of a frame at 250 grey levels or more, in [0, 1]; the median over the frames.
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
    /// Digest of the kept frames' grey pictures: videos with the same frames have the same.
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
        Self {
            motion: motion(&thumbs),
            looks: Looks::measure(&thumbs, &video.pixels, size),
        }
    }
}

impl Looks {
    fn measure(thumbs: &[Thumb], pixels: &[u8], size: usize) -> Self {
        let (changes, change_at) = changes(thumbs);
        Self {
            contrast: median(thumbs.iter().map(|thumb| variance(thumb).sqrt())),
            dark_level: median(thumbs.iter().map(nine_tenths)),
            bright_share: median(thumbs.iter().map(|thumb| {
                let burnt_out = thumb.iter().filter(|&&cell| cell >= BURNT_OUT).count();
                burnt_out as f32 / CELLS as f32
            })),
            sharpness: sharpness(pixels, size),
            movement: movement(thumbs),
            largest_change: changes.iter().copied().fold(0.0, f32::max),
            usual_change: median(changes),
            change_at,
            bars: bars(thumbs),
            digest: digest(thumbs),
        }
    }
}

/// The middle value, the larger one of two; 0 of nothing.
fn median(values: impl IntoIterator<Item = f32>) -> f32 {
    let mut values: Vec<f32> = values.into_iter().collect();
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

fn variance(values: &[f32]) -> f32 {
    let mean = values.iter().sum::<f32>() / values.len() as f32;
    let squares: f32 = values.iter().map(|value| (value - mean).powi(2)).sum();
    squares / values.len() as f32
}

/// The value that nine tenths of the cells are below.
fn nine_tenths(thumb: &Thumb) -> f32 {
    let mut cells = *thumb;
    let (_, value, _) = cells.select_nth_unstable_by(CELLS * 9 / 10, f32::total_cmp);
    *value
}

/// Energy of the Laplacian over the variance, in the green channel; 0 for frames without contrast. In natural pictures it
/// falls with the square of the size at which they are stored, which is made up for.
fn sharpness(pixels: &[u8], size: usize) -> f32 {
    let frame_bytes = size * size * 3;
    let frames = pixels.len() / frame_bytes;
    let of_frame = |number: usize| {
        let frame = &pixels[number * frame_bytes..(number + 1) * frame_bytes];
        let green: Vec<f32> = frame
            .iter()
            .skip(1)
            .step_by(3)
            .copied()
            .map(f32::from)
            .collect();
        let spread = variance(&green);
        if spread < 1.0 || size < 3 {
            return 0.0;
        }
        let mut energy = 0.0;
        for row in 1..size - 1 {
            let [above, here, below] =
                [row - 1, row, row + 1].map(|row| &green[row * size..][..size]);
            energy += (1..size - 1)
                .map(|x| (4.0 * here[x] - here[x - 1] - here[x + 1] - above[x] - below[x]).powi(2))
                .sum::<f32>();
        }
        energy / ((size - 2) * (size - 2)) as f32 / spread * (size as f32 / 64.0).powi(2)
    };
    let sampled = frames.min(SHARPNESS_FRAMES);
    (0..sampled)
        .map(|sample| of_frame((2 * sample + 1) * frames / (2 * sampled)))
        .fold(0.0, f32::max)
}

/// How far the most changing twentieth of the cells gets from its mean over time.
fn movement(thumbs: &[Thumb]) -> f32 {
    let mean = mean(thumbs);
    let most = |thumb: &Thumb| {
        let mut away: Thumb = std::array::from_fn(|cell| (thumb[cell] - mean[cell]).abs());
        let (.., most) = away.select_nth_unstable_by(CELLS * 19 / 20 - 1, f32::total_cmp);
        most.iter().sum::<f32>() / most.len() as f32
    };
    thumbs.iter().map(most).fold(0.0, f32::max)
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
        .map(|pair| {
            let sum: f32 = pair[0]
                .iter()
                .zip(&pair[1])
                .map(|(a, b)| (a - b).abs())
                .sum();
            sum / CELLS as f32
        })
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

fn digest(thumbs: &[Thumb]) -> u64 {
    let mut hasher = blake3::Hasher::new();
    for thumb in thumbs {
        // A cell is a sum of bytes over a constant: equal frames give equal bits.
        let bytes: Vec<u8> = thumb.iter().flat_map(|cell| cell.to_le_bytes()).collect();
        hasher.update(&bytes);
    }
    let mut word = [0; 8];
    word.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    u64::from_le_bytes(word)
}
