//! A video that is a folder of frame images, as `DFEW` and `FERV39k` ship them.
//!
//! The frames are the image files in natural order (frame 2 before frame 10); other files, hidden ones and subfolders are passed
//! over. Of several sets of frames, as flow fields beside pictures, one is the video (see `frame_set`). Only the frames that are kept are opened, so damage elsewhere goes unseen. A
//! broken frame is left out and the video is marked as truncated.

use std::cmp::Ordering;
use std::io;
use std::path::{Path, PathBuf};

use camino::Utf8Path;

use super::error::DecodeProblem;
use super::frame_set;
use super::image::{self, ImageDecoder};
use super::jpeg::JpegDecoder;
use super::settings::{ContainerFacts, DecodedVideo, VideoFacts};
use super::wish::{Painter, Wish};
use crate::manifest::FRAME_EXTENSIONS;

/// Decodes a folder. See [`super::decode`].
pub(super) fn decode(path: &Utf8Path, wish: &Wish<'_>) -> Result<DecodedVideo, DecodeProblem> {
    let files = frame_files(path).map_err(|source| DecodeProblem::Unreadable { source })?;
    if files.is_empty() {
        return Err(DecodeProblem::EmptyFolder);
    }
    let wanted = wish.wanted(files.len());
    let mut jpegs = JpegDecoder::new();
    let mut images = ImageDecoder::default();
    let mut painter = wish.painter(None);
    let mut kept = Vec::with_capacity(wanted.len());
    let mut pixels = Vec::with_capacity(wanted.len() * wish.settings.frame_bytes());
    let mut first_shown = None;
    for &number in &wanted {
        let bytes = fs_err::read(&files[number as usize])
            .map_err(|source| DecodeProblem::Unreadable { source })?;
        if let (Some(jpegs), Painter::Stored(scaler)) = (&mut jpegs, &mut painter)
            && image::is_whole_jpeg(&bytes)
            && let Some(shown) = jpegs.append(&bytes, wish.settings, scaler, &mut pixels)?
        {
            first_shown = first_shown.or(Some(shown));
            kept.push(number);
            continue;
        }
        let mut shown = None;
        let before = pixels.len();
        let whole = images.decode(&bytes, &mut |_, frame| {
            shown = Some(painter.append(frame, number, &mut pixels)?);
            Ok(())
        });
        if let Err(problem @ DecodeProblem::NoDecoder { .. }) = whole {
            return Err(problem);
        }
        if shown.is_some() && matches!(whole, Ok(true)) {
            first_shown = first_shown.or(shown);
            kept.push(number);
        } else {
            // What a broken image left behind, if it got so far.
            pixels.truncate(before);
        }
    }
    let Some((width, height)) = first_shown else {
        return Err(DecodeProblem::NothingDecodable);
    };
    let frame_bytes = (pixels.len() / kept.len()).max(1);
    Ok(DecodedVideo {
        facts: VideoFacts {
            frames: files.len() as u32,
            fps: 0.0,
            duration_secs: 0.0,
            width,
            height,
            distinct_frames: DecodedVideo::count_distinct(&pixels, frame_bytes),
            truncated: kept.len() < wanted.len(),
        },
        container: ContainerFacts {
            promised_frames: wanted.len() as u32,
            largest_gap: 1.0,
            ..ContainerFacts::default()
        },
        kept,
        pixels,
    })
}

/// The sets of frames of a folder by the pattern of their names, the one that is the video first; nothing for what is no
/// folder that can be listed.
pub(crate) fn frame_sets_of(folder: &Utf8Path) -> Option<Vec<String>> {
    let entries = std::fs::read_dir(folder).ok()?;
    let files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| is_frame(path))
        .collect();
    Some(frame_set::patterns(&files))
}

/// The frame images of a folder in the order in which they are shown.
///
/// # Errors
/// When the folder cannot be listed.
pub(crate) fn frame_files(folder: &Utf8Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs_err::read_dir(folder)? {
        let path = entry?.path();
        if is_frame(&path) && path.is_file() {
            files.push(path);
        }
    }
    frame_set::keep_one(&mut files);
    files.sort_by(|a, b| natural_order(name_of(a), name_of(b)));
    Ok(files)
}

fn is_frame(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default();
    FRAME_EXTENSIONS
        .iter()
        .any(|known| extension.eq_ignore_ascii_case(known))
        && !name_of(path).starts_with(b".")
}

fn name_of(path: &Path) -> &[u8] {
    path.file_name().unwrap_or_default().as_encoded_bytes()
}

/// Compares names with their runs of digits taken as numbers; names that differ only in leading zeros go by bytes.
fn natural_order(a: &[u8], b: &[u8]) -> Ordering {
    let (mut left, mut right) = (a, b);
    while let (Some(&x), Some(&y)) = (left.first(), right.first()) {
        let order = if x.is_ascii_digit() && y.is_ascii_digit() {
            let (m, n) = (take_number(&mut left), take_number(&mut right));
            m.len().cmp(&n.len()).then_with(|| m.cmp(n))
        } else {
            (left, right) = (&left[1..], &right[1..]);
            x.cmp(&y)
        };
        if order.is_ne() {
            return order;
        }
    }
    left.len().cmp(&right.len()).then_with(|| a.cmp(b))
}

/// Takes the digits from the front of `text`, and gives them back without their leading zeros.
fn take_number<'a>(text: &mut &'a [u8]) -> &'a [u8] {
    let end = text
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    *text = rest;
    let zeros = digits.iter().take_while(|&&byte| byte == b'0').count();
    &digits[zeros..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_count_as_numbers() {
        let mut names = [
            "10.jpg",
            "2.jpg",
            "1b.jpg",
            "1.jpg",
            "01.jpg",
            "f9_2.jpg",
            "f9_10.jpg",
            "f09_3.jpg",
        ];
        names.sort_by(|a, b| natural_order(a.as_bytes(), b.as_bytes()));
        assert_eq!(
            names,
            [
                "01.jpg",
                "1.jpg",
                "1b.jpg",
                "2.jpg",
                "10.jpg",
                "f9_2.jpg",
                "f09_3.jpg",
                "f9_10.jpg"
            ]
        );
    }

    #[test]
    fn numbers_of_any_length() {
        let (small, large) = ("9".repeat(40), format!("1{}", "0".repeat(40)));
        assert_eq!(
            natural_order(small.as_bytes(), large.as_bytes()),
            Ordering::Less
        );
    }

    #[test]
    fn only_visible_images_are_frames() {
        assert!(
            is_frame(Path::new("a/b.JPG"))
                && is_frame(Path::new("b.jpeg"))
                && is_frame(Path::new("b.png"))
        );
        assert!(
            !is_frame(Path::new("._b.jpg"))
                && !is_frame(Path::new("b.txt"))
                && !is_frame(Path::new("jpg"))
        );
    }
}
