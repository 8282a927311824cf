//! Whether and where faces are in a picture, by a detector whose model the user names.
//!
//! The detector is `SeetaFace`'s funnel-structured cascade (Wu, Kan, He, Shan & Chen 2017, "Funnel-structured cascade for
//! multi-view face detection with alignment-awareness"). It knows upright faces from the front up to about half a profile;
//! a video in which it finds none is one to look at, not one without a face for certain.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use camino::{Utf8Path, Utf8PathBuf};
use rustface::{Detector, ImageData, Model};
use thiserror::Error;

use crate::video::evenly_spread;

/// Frames are brought to at least this edge, in pixels: on the 64 pixels of a small cache faces have a quarter of the
/// score.
const EDGE: usize = 128;

/// Edge of the smallest face that is found, in pixels: the crate looks at no picture larger than it is given, and the
/// cascade's window has so many.
pub(super) const SMALLEST_FACE: u32 = 40;

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
pub struct FaceModel {
    model: Model,
    digest: String,
}

/// A face in a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Face {
    /// Its middle, in pixels from the left.
    pub(super) x: f32,
    /// Its middle, in pixels from the top.
    pub(super) y: f32,
    /// Edge of its square, in pixels.
    pub(super) edge: f32,
    /// How sure the detector is, in its own unit.
    pub(super) score: f32,
}

impl fmt::Debug for FaceModel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "FaceModel({})", self.digest)
    }
}

impl FaceModel {
    /// The file of the model: the one that is `named`, or where `scripts/setup --detector` puts it if that is empty.
    pub fn file(named: &str) -> Utf8PathBuf {
        if !named.is_empty() {
            return Utf8PathBuf::from(named);
        }
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let home = || variable("HOME").map(|home| format!("{home}/.cache"));
        let cache = variable("XDG_CACHE_HOME").or_else(home).unwrap_or_default();
        Utf8Path::new(&cache).join("rdfer-audit/face_detector.bin")
    }

    /// Digest of its file.
    pub fn digest(&self) -> &str {
        &self.digest
    }

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
        let model = catch_unwind(|| rustface::read_model(&bytes[..])).ok();
        Ok(Self {
            model: model.and_then(Result::ok).ok_or_else(no_model)?,
            digest: blake3::hash(&bytes).to_hex().to_string(),
        })
    }

    /// A finder, which one thread uses for one frame after the other.
    pub fn finder(&self) -> FaceFinder {
        let mut detector = rustface::create_detector_with_model(self.model.clone());
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
            let faces = self.detect(&grey, (edge as u32, edge as u32))?;
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

    /// The faces in a picture of one byte a pixel, doubtful ones too; nothing where the detector gave up.
    pub(super) fn faces(&mut self, grey: &[u8], shape: (u32, u32)) -> Option<Vec<Face>> {
        let face = |info: &rustface::FaceInfo| {
            let square = info.bbox();
            let middle = |start: i32, length: u32| start as f32 + length as f32 / 2.0;
            Face {
                x: middle(square.x(), square.width()),
                y: middle(square.y(), square.height()),
                edge: (square.width() + square.height()) as f32 / 2.0,
                score: info.score() as f32,
            }
        };
        let faces = self.detect(grey, shape)?;
        Some(faces.iter().map(face).collect())
    }

    fn detect(
        &mut self,
        grey: &[u8],
        (width, height): (u32, u32),
    ) -> Option<Vec<rustface::FaceInfo>> {
        // Whatever it was working on is overwritten by the next picture.
        catch_unwind(AssertUnwindSafe(|| {
            self.detector.detect(&ImageData::new(grey, width, height))
        }))
        .ok()
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
