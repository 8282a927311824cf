mod crops;
mod damage;
mod encoding;
mod folders;
mod timing;

use camino::Utf8Path;
use rand::RngExt;

use super::samples::{TempDir, numbers, picture, write};
use super::*;
use crate::seed::Seed;

const SETTINGS: DecodeSettings = DecodeSettings {
    size: 48,
    max_frames: 64,
    face_crop: FaceCrop::WHOLE,
};

fn all(frames: u32) -> Vec<u32> {
    (0..frames).collect()
}

fn options() -> EncoderOptions {
    EncoderOptions::default()
}

fn problem(path: &Utf8Path) -> DecodeProblem {
    decode(path, &SETTINGS).unwrap_err().problem
}

#[test]
fn b_frames_come_in_display_order() {
    let dir = TempDir::new();
    for (name, b_frames) in [
        ("none.mp4", 0),
        ("some.mp4", 3),
        ("some.mkv", 3),
        ("some.mov", 2),
    ] {
        let path = dir.path(name);
        write(
            &path,
            (64, 48),
            40,
            EncoderOptions {
                b_frames,
                ..options()
            },
        );
        let video = decode(&path, &SETTINGS).unwrap();
        assert_eq!(video.kept, all(40), "{name}");
        assert_eq!(numbers(&video, 48), all(40), "{name}");
        let facts = video.facts;
        assert_eq!(
            (facts.frames, facts.distinct_frames, facts.truncated),
            (40, 40, false),
            "{name}"
        );
        assert_eq!((facts.width, facts.height), (64, 48));
        approx::assert_abs_diff_eq!(facts.fps, 25.0, epsilon = 0.05);
        approx::assert_abs_diff_eq!(facts.duration_secs, 1.6, epsilon = 0.005);
    }
}

#[test]
fn every_codec_and_container() {
    let dir = TempDir::new();
    let cases = [
        ("a.avi", EncoderCodec::Mpeg4, EncoderPixels::Yuv420),
        ("a.mp4", EncoderCodec::Mpeg4, EncoderPixels::Yuv420),
        ("b.mkv", EncoderCodec::Ffv1, EncoderPixels::Yuv420),
        ("c.mkv", EncoderCodec::Ffv1, EncoderPixels::Rgba),
        ("d.avi", EncoderCodec::Mjpeg, EncoderPixels::Yuv420),
        ("e.mov", EncoderCodec::Png, EncoderPixels::Rgb),
        ("f.mp4", EncoderCodec::H264, EncoderPixels::Yuv420TenBit),
    ];
    for (name, codec, pixels) in cases {
        let path = dir.path(name);
        let options = EncoderOptions {
            codec,
            pixels,
            ..options()
        };
        if pixels == EncoderPixels::Rgba {
            // Half transparent: alpha is dropped and not blended.
            let mut encoder = VideoEncoder::create(&path, 64, 64, 25, options).unwrap();
            for number in 0..10 {
                let rgba: Vec<u8> = picture(number, 64, 64)
                    .chunks_exact(3)
                    .flat_map(|rgb| [rgb[0], rgb[1], rgb[2], 64])
                    .collect();
                encoder.push(&rgba).unwrap();
            }
            encoder.finish().unwrap();
        } else {
            write(&path, (64, 64), 10, options);
        }
        let video = decode(&path, &SETTINGS).unwrap();
        assert_eq!(numbers(&video, 48), all(10), "{name}");
        assert!(!video.facts.truncated, "{name}");
        let white = video.pixels[48 * 48 * 3 + (24 * 48 + 2) * 3];
        assert!((225..=245).contains(&white), "{name}: white is {white}");
    }
}

#[test]
fn more_frames_than_are_kept() {
    let dir = TempDir::new();
    let path = dir.path("long.mp4");
    write(&path, (64, 64), 200, options());
    let settings = DecodeSettings {
        max_frames: 9,
        ..SETTINGS
    };
    let video = decode(&path, &settings).unwrap();
    assert_eq!(video.facts.frames, 200);
    assert_eq!(video.kept, evenly_spread(200, 9));
    assert_eq!(numbers(&video, 48), video.kept);
}

#[test]
fn variable_frame_rate_keeps_every_frame_once() {
    let dir = TempDir::new();
    let path = dir.path("variable.mp4");
    let mut encoder = VideoEncoder::create(&path, 64, 64, 30, options()).unwrap();
    let ticks = [0, 1, 2, 10, 11, 30, 31, 32, 33, 59];
    for (number, tick) in ticks.into_iter().enumerate() {
        encoder
            .push_at(&picture(number as u32, 64, 64), tick)
            .unwrap();
    }
    encoder.finish().unwrap();
    let video = decode(&path, &SETTINGS).unwrap();
    assert_eq!(numbers(&video, 48), all(10));
    approx::assert_abs_diff_eq!(video.facts.duration_secs, 2.0, epsilon = 0.05);
    approx::assert_abs_diff_eq!(video.facts.fps, 5.0, epsilon = 0.2);
}

#[test]
fn odd_and_tiny_sizes() {
    let dir = TempDir::new();
    let options = EncoderOptions {
        codec: EncoderCodec::Ffv1,
        ..options()
    };
    for (width, height) in [
        (65, 49),
        (17, 33),
        (16, 1),
        (48, 48),
        (96, 96),
        (97, 95),
        (300, 20),
    ] {
        let path = dir.path("odd.mkv");
        write(&path, (width, height), 5, options);
        let video = decode(&path, &SETTINGS).unwrap();
        assert_eq!(numbers(&video, 48), all(5), "{width}×{height}");
        assert_eq!((video.facts.width, video.facts.height), (width, height));
    }
    write(&dir.path("one.mkv"), (1, 1), 1, options);
    assert_eq!(decode(&dir.path("one.mkv"), &SETTINGS).unwrap().kept, [0]);
}

#[test]
fn one_frame() {
    let dir = TempDir::new();
    let path = dir.path("one.mp4");
    write(&path, (64, 64), 1, options());
    let video = decode(&path, &SETTINGS).unwrap();
    assert_eq!((video.facts.frames, video.facts.distinct_frames), (1, 1));
    approx::assert_abs_diff_eq!(video.facts.duration_secs, 0.04, epsilon = 0.001);
}

/// Upright, and turned by 90°, 180° and 270°: a, b, c and d of the display matrix.
const TURNS: [[i32; 4]; 4] = [[1, 0, 0, 1], [0, 1, -1, 0], [-1, 0, 0, -1], [0, -1, 1, 0]];

/// The MP4 file with these entries in its track's matrix.
fn turned(bytes: &[u8], entries: [i32; 4]) -> Vec<u8> {
    let mut turned = bytes.to_vec();
    let matrix = bytes.windows(4).position(|four| four == b"tkhd").unwrap() + 4 + 40;
    for (entry, at) in entries.into_iter().zip([0, 4, 12, 16]) {
        turned[matrix + at..matrix + at + 4].copy_from_slice(&(entry * 65536).to_be_bytes());
    }
    turned
}

#[test]
fn rotated_as_phones_do_it() {
    let dir = TempDir::new();
    let path = dir.path("upright.mp4");
    write(&path, (64, 32), 4, options());
    let bytes = fs_err::read(&path).unwrap();
    let upright = decode(&path, &SETTINGS).unwrap();
    for (entries, transposed) in TURNS.into_iter().zip([false, true, false, true]).skip(1) {
        let path = dir.path("turned.mp4");
        fs_err::write(&path, turned(&bytes, entries)).unwrap();
        let video = decode(&path, &SETTINGS).unwrap();
        let shape = if transposed { (32, 64) } else { (64, 32) };
        assert_eq!(
            (video.facts.width, video.facts.height),
            shape,
            "{entries:?}"
        );
        let (frame, shown) = (&upright.pixels[6912..13824], &video.pixels[6912..13824]);
        // The top left pixel of frame 1 is white; follow it.
        let corner = |x: usize, y: usize| shown[(y * 48 + x) * 3] > 127;
        assert!(frame[0] > 127 && frame[47 * 3] < 127);
        let corners = [corner(0, 0), corner(47, 0), corner(0, 47), corner(47, 47)];
        let expected = match entries {
            [0, 1, ..] => [true, true, false, false],
            [-1, ..] => [false, true, false, true],
            _ => [false, false, true, true],
        };
        assert_eq!(corners, expected, "{entries:?}");
    }
}

#[test]
fn a_turn_is_the_videos_own_whatever_was_decoded_before() {
    let dir = TempDir::new();
    let path = dir.path("upright.mp4");
    write(&path, (64, 32), 8, options());
    let bytes = fs_err::read(&path).unwrap();
    let paths: Vec<_> = (0..4)
        .map(|turn| dir.path(&format!("{turn}.mp4")))
        .collect();
    for (path, entries) in paths.iter().zip(TURNS) {
        fs_err::write(path, turned(&bytes, entries)).unwrap();
    }
    let decoded = |turn: usize| decode(&paths[turn], &SETTINGS).unwrap();
    // Each thread has decoders of its own.
    let alone =
        |turn| std::thread::scope(|scope| scope.spawn(move || decoded(turn)).join().unwrap());
    let alone: Vec<_> = (0..4).map(alone).collect();
    for (turn, video) in alone.iter().enumerate() {
        let shape = [(64, 32), (32, 64)][turn % 2];
        assert_eq!((video.facts.width, video.facts.height), shape, "{turn}");
        assert_eq!(video.container.turned, turn > 0);
        assert!(
            alone[..turn]
                .iter()
                .all(|other| other.pixels != video.pixels)
        );
    }
    for order in 0..4_usize.pow(4) {
        let order = [order % 4, order / 4 % 4, order / 16 % 4, order / 64];
        for turn in order {
            assert!(decoded(turn) == alone[turn], "{turn} of {order:?}");
        }
    }
}

#[test]
fn edit_lists_hide_frames() {
    let dir = TempDir::new();
    let path = dir.path("edited.mp4");
    write(&path, (64, 64), 40, options());
    let mut bytes = fs_err::read(&path).unwrap();
    // Version and flags, the number of entries, the first one's duration, then the time in the media where it begins.
    let start = bytes.windows(4).position(|four| four == b"elst").unwrap() + 4 + 12;
    let time = u32::from_be_bytes(bytes[start..start + 4].try_into().unwrap());
    let ticks_per_frame = time / 2;
    let later = time + 10 * ticks_per_frame;
    bytes[start..start + 4].copy_from_slice(&later.to_be_bytes());
    fs_err::write(&path, bytes).unwrap();
    let video = decode(&path, &SETTINGS).unwrap();
    assert_eq!(numbers(&video, 48), (10..40).collect::<Vec<_>>());
    assert_eq!(video.kept, all(30));
    assert!(!video.facts.truncated);
    approx::assert_abs_diff_eq!(video.facts.duration_secs, 1.2, epsilon = 0.05);
}

#[test]
fn frames_that_stand_still_are_counted_once() {
    let dir = TempDir::new();
    let path = dir.path("still.mkv");
    let options = EncoderOptions {
        codec: EncoderCodec::Ffv1,
        ..options()
    };
    let mut encoder = VideoEncoder::create(&path, 64, 64, 25, options).unwrap();
    for number in [1, 1, 1, 2, 2, 1] {
        encoder.push(&picture(number, 64, 64)).unwrap();
    }
    encoder.finish().unwrap();
    assert_eq!(decode(&path, &SETTINGS).unwrap().facts.distinct_frames, 2);
}

#[test]
fn halving_agrees_with_the_general_scaler() {
    let dir = TempDir::new();
    let path = dir.path("noise.mkv");
    let mut random = Seed(1).stream("noise", 0);
    let smooth: Vec<u8> = (0..96 * 96)
        .flat_map(|at: u32| {
            [
                (at % 96 * 2) as u8,
                (at / 96 * 2) as u8,
                random.random_range(100..140),
            ]
        })
        .collect();
    let options = EncoderOptions {
        codec: EncoderCodec::Ffv1,
        ..options()
    };
    let mut encoder = VideoEncoder::create(&path, 96, 96, 25, options).unwrap();
    encoder.push(&smooth).unwrap();
    encoder.finish().unwrap();
    let quick = decode(&path, &SETTINGS).unwrap().pixels;
    let mut expected = Vec::new();
    for y in 0..48 {
        for x in 0..48 {
            for channel in 0..3 {
                let at = |dx: usize, dy: usize| {
                    u32::from(smooth[((2 * y + dy) * 96 + 2 * x + dx) * 3 + channel])
                };
                expected.push((at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1) + 2) / 4);
            }
        }
    }
    let differences: Vec<u32> = quick
        .iter()
        .zip(&expected)
        .map(|(&a, &b)| u32::from(a).abs_diff(b))
        .collect();
    let mean = differences.iter().sum::<u32>() as f32 / differences.len() as f32;
    assert!(mean < 1.5, "mean difference {mean}");
    assert!(
        differences.iter().all(|&difference| difference <= 12),
        "{:?}",
        differences.iter().max()
    );
}
