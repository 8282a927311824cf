//! Whether a face can be found in a video's frames, by a detector whose model the user names.
//!
//! The detector is `SeetaFace`'s funnel-structured cascade (Wu, Kan, He, Shan & Chen 2017, "Funnel-structured cascade for
//! multi-view face detection with alignment-awareness"). It knows upright faces from the front up to about half a profile;
//! a video in which it finds none is one to look at, not one without a face for certain.

use std::panic::{AssertUnwindSafe, catch_unwind};

use camino::{Utf8Path, Utf8PathBuf};
use rustface::{Detector, ImageData, Model};
use thiserror::Error;

use crate::video::evenly_spread;

/// Frames are brought to at least this edge, in pixels: on the 64 pixels of a small cache faces have a quarter of the
/// score.
const EDGE: usize = 128;

/// The smallest face that is looked for, in pixels of the enlarged frame: the least that the cascade takes.
const SMALLEST_FACE: u32 = 20;

/// The factor between two sizes at which faces are looked for, and the pixels from one place to the next: `SeetaFace`'s own.
const SCALE_STEP: f32 = 0.8;
const PLACE_STEP: u32 = 4;

/// Scores below are not told by the detector: the lowest threshold that its authors name.
const LEAST_SCORE: f64 = 0.95;

/// More than any model has: one hierarchy of classifiers for each of a few stages.
const MOST_HIERARCHIES: u32 = 16;

/// A model that cannot be used.
#[derive(Debug, Error)]
pub enum FaceModelError {
    /// The file cannot be read.
    #[error("cannot read the face model that 'health.face_model' names")]
    File(#[source] std::io::Error),
    /// The file is no model.
    #[error(
        "'{path}' is no SeetaFace model; name its 'seeta_fd_frontal_v1.0.bin' with 'health.face_model', or leave that empty"
    )]
    NoModel {
        /// The file.
        path: Utf8PathBuf,
    },
}

/// A face detector's model.
#[derive(Clone)]
pub struct FaceModel(Model);

impl FaceModel {
    /// Reads a model in `SeetaFace`'s format.
    ///
    /// # Errors
    /// When the file cannot be read, or is no such model.
    pub fn read(path: &Utf8Path) -> Result<Self, FaceModelError> {
        let bytes = fs_err::read(path).map_err(FaceModelError::File)?;
        let no_model = || FaceModelError::NoModel {
            path: path.to_owned(),
        };
        // The reader reserves what the first number says.
        let (first, _) = bytes.split_first_chunk().ok_or_else(no_model)?;
        if !(1..=MOST_HIERARCHIES).contains(&u32::from_le_bytes(*first)) {
            return Err(no_model());
        }
        // It panics on kinds of classifiers that it does not know.
        catch_unwind(|| rustface::read_model(&bytes[..]))
            .ok()
            .and_then(Result::ok)
            .map(Self)
            .ok_or_else(no_model)
    }

    /// A finder, which one thread uses for one frame after the other.
    pub fn finder(&self) -> FaceFinder {
        let mut detector = rustface::create_detector_with_model(self.0.clone());
        detector.set_min_face_size(SMALLEST_FACE);
        detector.set_score_thresh(LEAST_SCORE);
        detector.set_pyramid_scale_factor(SCALE_STEP);
        detector.set_slide_window_step(PLACE_STEP, PLACE_STEP);
        FaceFinder { detector }
    }
}

/// Looks for faces in frames.
pub struct FaceFinder {
    detector: Box<dyn Detector>,
}

impl FaceFinder {
    /// The score of the surest face in `looked_at` of the frames, evenly spread over them; 0 where none is found. Looks no
    /// further when one has the score `enough`. `pixels`: frames of `size`×`size`×3 bytes of RGB. Nothing where the
    /// detector gave up.
    pub fn best_score(
        &mut self,
        pixels: &[u8],
        size: usize,
        looked_at: usize,
        enough: f64,
    ) -> Option<f64> {
        let frame_bytes = size * size * 3;
        let mut best = 0.0_f64;
        for frame in evenly_spread(pixels.len() / frame_bytes, looked_at) {
            let frame = &pixels[frame as usize * frame_bytes..][..frame_bytes];
            let (grey, edge) = enlarged(frame, size);
            // Whatever it was working on is overwritten by the next frame.
            let faces = catch_unwind(AssertUnwindSafe(|| {
                let image = ImageData::new(&grey, edge as u32, edge as u32);
                self.detector.detect(&image)
            }))
            .ok()?;
            best = faces
                .iter()
                .map(rustface::FaceInfo::score)
                .fold(best, f64::max);
            if best >= enough {
                break;
            }
        }
        Some(best)
    }
}

/// The luma of a frame at an edge of at least [`EDGE`] pixels, blended between the nearest ones.
fn enlarged(frame: &[u8], size: usize) -> (Vec<u8>, usize) {
    let grey: Vec<f32> = frame
        .chunks_exact(3)
        .map(|rgb| (f32::from(rgb[0]) + 2.0 * f32::from(rgb[1]) + f32::from(rgb[2])) / 4.0)
        .collect();
    let edge = size.max(EDGE);
    // For each of the new pixels the one before it and the next one's share.
    let places: Vec<(usize, f32)> = (0..edge)
        .map(|at| {
            let place = (at as f32 + 0.5) * size as f32 / edge as f32 - 0.5;
            let place = place.clamp(0.0, size as f32 - 1.0);
            let before = (place as usize).min(size.saturating_sub(2));
            (before, place - before as f32)
        })
        .collect();
    let pixels = places
        .iter()
        .flat_map(|&(row, down)| {
            let line = |row: usize| &grey[row * size..][..size];
            let (upper, lower) = (line(row), line((row + 1).min(size - 1)));
            places.iter().map(move |&(left, along)| {
                let right = (left + 1).min(size - 1);
                let blend = |line: &[f32]| line[left] + (line[right] - line[left]) * along;
                (blend(upper) + (blend(lower) - blend(upper)) * down).round() as u8
            })
        })
        .collect();
    (pixels, edge)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_enlarged_without_shift() {
        // Left black, right white.
        let frame: Vec<u8> = (0..64 * 64)
            .flat_map(|at| [if at % 64 < 32 { 0 } else { 255 }; 3])
            .collect();
        let (grey, edge) = enlarged(&frame, 64);
        assert_eq!((edge, grey.len()), (128, 128 * 128));
        for row in grey.chunks_exact(128) {
            assert!(row[..63].iter().all(|&level| level == 0));
            assert!(row[65..].iter().all(|&level| level == 255));
            assert_eq!((row[63], row[64]), (64, 191));
        }
        let large = vec![7; 160 * 160 * 3];
        assert_eq!(enlarged(&large, 160), (vec![7; 160 * 160], 160));
    }

    #[test]
    fn what_is_no_model_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join("m.bin");
        let word = |number: i32| number.to_le_bytes().to_vec();
        for bytes in [
            Vec::new(),
            b"no model at all".to_vec(),
            word(-1),
            word(1),
            // A classifier of a kind that there is not.
            [word(1), word(1), word(1), word(7)].concat(),
            // A layer whose size is more than a number can hold.
            [
                word(1),
                word(1),
                word(1),
                word(1),
                word(2),
                word(0),
                word(0),
                word(i32::MAX),
                word(i32::MAX),
            ]
            .concat(),
        ] {
            fs_err::write(&path, &bytes).unwrap();
            let error = FaceModel::read(&path).err().unwrap().to_string();
            assert!(error.contains("m.bin' is no SeetaFace model"), "{error}");
        }
        let missing = FaceModel::read(Utf8Path::new("nothing.bin")).err().unwrap();
        assert!(matches!(missing, FaceModelError::File(_)));
    }
}
