//! A video as a strip of a few small pictures in one JPEG image, for a page that needs no other file.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use camino::Utf8Path;
use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;

use crate::video::{self, DecodeSettings, VideoFacts};

/// Pictures in a strip.
pub const FRAMES: usize = 8;

/// Edge of a picture in pixels where the video itself is decoded; a browser stretches it back to the video's own shape.
const SIZE: u32 = 80;

/// Quality of the JPEG image, from 1 to 100.
const QUALITY: u8 = 72;

/// The pictures of a video, side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filmstrip {
    /// A JPEG image of [`FRAMES`]·`size` × `size` pixels as a `data:` address.
    pub address: String,
    /// Edge of a picture in pixels.
    pub size: u32,
    /// Width and height of the video as it is shown.
    pub shape: (u32, u32),
    /// Its decoded frames.
    pub frames: u32,
}

/// Frames of a video, decoded somewhere.
#[derive(Debug, Clone, Copy)]
pub struct Frames<'a> {
    /// What the video is like.
    pub facts: VideoFacts,
    /// The index of each frame in display order, ascending.
    pub kept: &'a [u32],
    /// Edge of the frames in pixels.
    pub size: u32,
    /// The frames: `kept.len()`×`size`×`size`×3, RGB, rows from the top.
    pub pixels: &'a [u8],
}

/// Decodes a video into a strip; nothing where the video is missing, cannot be decoded or is no video.
pub fn of_video(path: &Utf8Path) -> Option<Filmstrip> {
    let settings = DecodeSettings {
        size: SIZE,
        // Every second one of these stands in the middle of its part.
        max_frames: 2 * FRAMES + 1,
        ..DecodeSettings::default()
    };
    // A decoder that breaks down costs its strip, not the page.
    let decoded = std::panic::catch_unwind(|| video::decode(path, &settings)).ok()?;
    let video = decoded.ok()?;
    of_frames(&Frames {
        facts: video.facts,
        kept: &video.kept,
        size: settings.size,
        pixels: &video.pixels,
    })
}

/// Lays frames side by side. Picture `i` of `n` is the frame nearest to the middle of the `i`-th of `n` equal parts of the
/// video, so that a timeline below the strip fits it; nothing where there are no frames.
pub fn of_frames(frames: &Frames) -> Option<Filmstrip> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY)
        .encode(
            &side_by_side(frames)?,
            frames.size * FRAMES as u32,
            frames.size,
            ExtendedColorType::Rgb8,
        )
        .ok()?;
    Some(Filmstrip {
        address: format!("data:image/jpeg;base64,{}", STANDARD.encode(jpeg)),
        size: frames.size,
        shape: (frames.facts.width.max(1), frames.facts.height.max(1)),
        frames: frames.facts.frames,
    })
}

/// The pixels of the strip, rows from the top.
fn side_by_side(frames: &Frames) -> Option<Vec<u8>> {
    let (edge, count) = (frames.size as usize, u64::from(frames.facts.frames));
    let (line, parts) = (edge * 3, FRAMES as u64);
    // Twice each middle, since the middle of a part may lie between two frames.
    let middles = (0..parts).map(|part| (2 * part + 1) * count / parts);
    let shown = middles
        .map(|middle| {
            let kept = frames.kept.iter().enumerate();
            let nearest = kept.min_by_key(|(_, frame)| (2 * u64::from(**frame)).abs_diff(middle));
            nearest.map(|(place, _)| place * edge * line)
        })
        .collect::<Option<Vec<usize>>>()?;
    let mut pixels = Vec::with_capacity(FRAMES * edge * line);
    for row in 0..edge {
        for start in &shown {
            let start = start + row * line;
            pixels.extend_from_slice(frames.pixels.get(start..start + line)?);
        }
    }
    Some(pixels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::video::EncoderOptions;
    use crate::video::samples::{self, TempDir};

    #[test]
    fn a_strip_shows_the_middle_of_each_part() {
        let folder = TempDir::new();
        let path = folder.path("count.mp4");
        samples::write(&path, (96, 64), 170, EncoderOptions::default());
        let strip = of_video(&path).unwrap();
        assert_eq!((strip.shape, strip.frames), ((96, 64), 170));
        let base64 = strip
            .address
            .strip_prefix("data:image/jpeg;base64,")
            .unwrap();
        let jpeg = STANDARD.decode(base64).unwrap();
        assert!(jpeg.len() < 20_000, "{}", jpeg.len());
        let picture = image::load_from_memory(&jpeg).unwrap().to_rgb8();
        assert_eq!(picture.dimensions(), (SIZE * FRAMES as u32, SIZE));
        let edge = SIZE as usize;
        let shown: Vec<u32> = (0..FRAMES)
            .map(|part| {
                let at = image::imageops::crop_imm(&picture, part as u32 * SIZE, 0, SIZE, SIZE);
                samples::number_of(&at.to_image().into_raw(), edge)
            })
            .collect();
        // Of 170 frames 17 are decoded, every 10.56th; those with an odd number are shown.
        assert_eq!(shown, [11, 32, 53, 74, 95, 116, 137, 158]);
    }

    #[test]
    fn short_videos_fill_the_strip_and_missing_ones_have_none() {
        let folder = TempDir::new();
        let path = folder.path("short.mp4");
        samples::write(&path, (64, 64), 3, EncoderOptions::default());
        assert!(of_video(&path).is_some());
        assert_eq!(of_video(&folder.path("gone.mp4")), None);
        fs_err::write(folder.path("broken.mp4"), "no video").unwrap();
        assert_eq!(of_video(&folder.path("broken.mp4")), None);
    }
}
