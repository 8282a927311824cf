use camino::Utf8Path;

use super::super::samples::{TempDir, picture, write};
use super::super::*;
use super::{SETTINGS, options};

/// Bits 2 to 5 of the pictures' eight bars, from their left to their right border.
const MIDDLE: FaceCrop = FaceCrop {
    left: 0.25,
    top: 0.5,
    right: 0.75,
    bottom: 1.0,
};

/// Which of four bars are white in the first frame.
fn bars(path: &Utf8Path, crop: FaceCrop) -> [bool; 4] {
    let settings = DecodeSettings {
        face_crop: crop,
        ..SETTINGS
    };
    let video = decode(path, &settings).unwrap();
    let edge = SETTINGS.size as usize;
    // The picture's own size is told, not the part's.
    assert_eq!((video.facts.width, video.facts.height), (128, 96));
    let frame = &video.pixels[..edge * edge * 3];
    [1, 3, 5, 7].map(|eighth| frame[(edge / 2 * edge + eighth * edge / 8) * 3] > 127)
}

#[test]
fn a_crop_is_cut_out_of_every_kind_of_video() {
    let dir = TempDir::new();
    const NUMBER: u32 = 0b1101_0110;
    let file = dir.path("a.mp4");
    write(&file, (128, 96), NUMBER + 1, options());
    // The last frame of the file shows the number: the kept frames are all of them.
    let settings = DecodeSettings {
        face_crop: MIDDLE,
        max_frames: 512,
        ..SETTINGS
    };
    let video = decode(&file, &settings).unwrap();
    let edge = SETTINGS.size as usize;
    let last = &video.pixels[NUMBER as usize * edge * edge * 3..];
    let white = [1, 3, 5, 7].map(|eighth| last[(edge / 2 * edge + eighth * edge / 8) * 3] > 127);
    assert_eq!(white, [true, false, true, false]);

    for (name, codec, pixels) in [
        ("jpg", EncoderCodec::Mjpeg, EncoderPixels::Yuv420),
        ("png", EncoderCodec::Png, EncoderPixels::Rgb),
    ] {
        let folder = dir.path(name);
        fs_err::create_dir(&folder).unwrap();
        let options = EncoderOptions {
            codec,
            pixels,
            quality: 3,
            ..options()
        };
        let path = folder.join(format!("1.{name}"));
        let mut encoder = VideoEncoder::create(&path, 128, 96, 25, options).unwrap();
        encoder.push(&picture(NUMBER, 128, 96)).unwrap();
        encoder.finish().unwrap();
        assert_eq!(bars(&folder, MIDDLE), [true, false, true, false], "{name}");
        let right = FaceCrop {
            left: 0.5,
            right: 1.0,
            ..FaceCrop::WHOLE
        };
        assert_eq!(bars(&folder, right), [true, false, true, true], "{name}");
    }
}

#[test]
fn a_crop_that_no_frame_has_is_refused() {
    let dir = TempDir::new();
    let path = dir.path("a.mp4");
    write(&path, (64, 64), 2, options());
    for crop in [
        FaceCrop {
            left: 0.6,
            right: 0.4,
            ..FaceCrop::WHOLE
        },
        FaceCrop {
            bottom: 1.5,
            ..FaceCrop::WHOLE
        },
        FaceCrop {
            top: f64::NAN,
            ..FaceCrop::WHOLE
        },
    ] {
        let settings = DecodeSettings {
            face_crop: crop,
            ..SETTINGS
        };
        let problem = decode(&path, &settings).unwrap_err().problem;
        assert!(matches!(problem, DecodeProblem::Crop { .. }), "{problem}");
        assert!(!problem.is_lasting());
    }
}
