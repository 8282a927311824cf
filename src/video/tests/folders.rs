use camino::Utf8Path;

use super::super::samples::{TempDir, numbers, picture};
use super::super::*;
use super::{SETTINGS, all, options, problem};

fn image(path: &Utf8Path, number: u32, edge: u32, codec: EncoderCodec, pixels: EncoderPixels) {
    let options = EncoderOptions {
        codec,
        pixels,
        quality: 3,
        ..options()
    };
    let mut encoder = VideoEncoder::create(path, edge, edge, 25, options).unwrap();
    encoder.push(&picture(number, edge, edge)).unwrap();
    encoder.finish().unwrap();
}

#[test]
fn folders_of_frames_in_numeric_order() {
    let dir = TempDir::new();
    let folder = dir.path("clip");
    fs_err::create_dir(&folder).unwrap();
    assert!(matches!(problem(&folder), DecodeProblem::EmptyFolder));
    fs_err::write(folder.join("notes.txt"), "x").unwrap();
    for number in 1..=12 {
        if number % 3 == 0 {
            let path = folder.join(format!("f_{number}.png"));
            image(&path, number, 64, EncoderCodec::Png, EncoderPixels::Rgb);
        } else {
            // Frames of one folder may differ in size.
            let path = folder.join(format!("f_{number}.jpg"));
            image(
                &path,
                number,
                40 * (1 + number % 4),
                EncoderCodec::Mjpeg,
                EncoderPixels::Yuv420,
            );
        }
    }
    // A PNG image under a JPEG name.
    fs_err::rename(folder.join("f_3.png"), folder.join("f_3.jpeg")).unwrap();
    let video = decode(&folder, &SETTINGS).unwrap();
    assert_eq!(numbers(&video, 48), (1..=12).collect::<Vec<_>>());
    assert_eq!(video.kept, all(12));
    let facts = video.facts;
    assert_eq!(
        (facts.frames, facts.truncated, facts.width, facts.height),
        (12, false, 80, 80)
    );
    assert_eq!((facts.fps, facts.duration_secs), (0.0, 0.0));

    // Broken frames are left out: one without its end, one with a broken checksum, one that is no image.
    for (name, cut) in [("f_2.jpg", 0.7), ("f_6.png", 0.8), ("f_10.jpg", 0.0)] {
        let bytes = fs_err::read(folder.join(name)).unwrap();
        fs_err::write(
            folder.join(name),
            &bytes[..(bytes.len() as f64 * cut) as usize],
        )
        .unwrap();
    }
    let mut bytes = fs_err::read(folder.join("f_9.png")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x40;
    fs_err::write(folder.join("f_9.png"), bytes).unwrap();
    let video = decode(&folder, &SETTINGS).unwrap();
    assert_eq!(video.kept, [0, 2, 3, 4, 6, 7, 10, 11]);
    assert_eq!(numbers(&video, 48), [1, 3, 4, 5, 7, 8, 11, 12]);
    assert!(video.facts.truncated);
    assert_eq!(video.facts.frames, 12);

    let few = DecodeSettings {
        max_frames: 2,
        ..SETTINGS
    };
    assert_eq!(decode(&folder, &few).unwrap().kept, [0, 11]);
    for number in 1..=12 {
        for name in [
            format!("f_{number}.jpg"),
            format!("f_{number}.png"),
            format!("f_{number}.jpeg"),
        ] {
            if folder.join(&name).exists() {
                fs_err::write(folder.join(name), b"\xFF\xD8\xFF\xD9").unwrap();
            }
        }
    }
    assert!(matches!(problem(&folder), DecodeProblem::NothingDecodable));
}

#[test]
fn images_are_halved_while_they_are_decoded() {
    let dir = TempDir::new();
    let decoded = |name: &str, codec, pixels, exif: bool| {
        let folder = dir.path(name);
        fs_err::create_dir(&folder).unwrap();
        let extension = if codec == EncoderCodec::Png {
            "png"
        } else {
            "jpg"
        };
        let path = folder.join(format!("1.{extension}"));
        image(&path, 5, 96, codec, pixels);
        if exif {
            let mut bytes = fs_err::read(&path).unwrap();
            let notes = b"\xFF\xE1\x00\x10Exif\0\0II*\0\x08\0\0\0";
            bytes.splice(2..2, notes.iter().copied());
            fs_err::write(&path, bytes).unwrap();
        }
        decode(&folder, &SETTINGS).unwrap().pixels
    };
    let plain = decoded("png", EncoderCodec::Png, EncoderPixels::Rgb, false);
    let halved = decoded("jpeg", EncoderCodec::Mjpeg, EncoderPixels::Yuv420, false);
    // What a camera wrote beside the picture sends it the other way.
    let whole = decoded("exif", EncoderCodec::Mjpeg, EncoderPixels::Yuv420, true);
    let distance = |a: &[u8], b: &[u8]| {
        let sum: u32 = a
            .iter()
            .zip(b)
            .map(|(a, b)| u32::from(a.abs_diff(*b)))
            .sum();
        f64::from(sum) / a.len() as f64
    };
    assert_ne!(halved, whole);
    assert!(
        distance(&halved, &whole) < 2.0,
        "{}",
        distance(&halved, &whole)
    );
    assert!(
        distance(&halved, &plain) < 4.0,
        "{}",
        distance(&halved, &plain)
    );
    assert!(
        distance(&whole, &plain) < 4.0,
        "{}",
        distance(&whole, &plain)
    );
}
