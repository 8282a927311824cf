use rand::RngExt;

use super::super::samples::{TempDir, numbers, write};
use super::super::*;
use super::{SETTINGS, all, options, problem};
use crate::seed::Seed;

#[test]
fn no_video_no_bytes_no_file() {
    let dir = TempDir::new();
    let wav = dir.path("sound.wav");
    let mut bytes = b"RIFF\x24\x10\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\0\x10\0\0".to_vec();
    bytes.resize(44 + 4096, 0);
    fs_err::write(&wav, bytes).unwrap();
    assert!(
        matches!(problem(&wav), DecodeProblem::NoVideoStream),
        "{:?}",
        problem(&wav)
    );
    let error = decode(&wav, &SETTINGS).unwrap_err();
    assert_eq!(error.to_string(), format!("'{wav}' has no video stream"));

    let empty = dir.path("empty.mp4");
    fs_err::write(&empty, b"").unwrap();
    assert!(matches!(problem(&empty), DecodeProblem::EmptyFile));
    let text = dir.path("text.mp4");
    fs_err::write(&text, "no video at all\n".repeat(100)).unwrap();
    assert!(matches!(
        problem(&text),
        DecodeProblem::NotAVideo { .. } | DecodeProblem::NoVideoStream
    ));
    let missing = problem(&dir.path("missing.mp4"));
    assert!(matches!(missing, DecodeProblem::Unreadable { .. }) && !missing.is_lasting());
    assert_eq!(missing.reason(), "cannot be read: entity not found");
    assert!(matches!(
        problem(&dir.path("a\0b.mp4")),
        DecodeProblem::Unreadable { .. }
    ));
    let none = DecodeSettings {
        max_frames: 0,
        ..SETTINGS
    };
    assert!(matches!(
        decode(&empty, &none).unwrap_err().problem,
        DecodeProblem::Settings { .. }
    ));
}

#[test]
fn names_that_look_like_urls_are_files() {
    let dir = TempDir::new();
    let path = dir.path("http:a%03d?.mp4");
    write(&path, (64, 64), 3, options());
    assert_eq!(decode(&path, &SETTINGS).unwrap().kept, all(3));
}

#[test]
fn a_packet_without_a_frame_shifts_the_kept_ones() {
    let dir = TempDir::new();
    let path = dir.path("hole.mov");
    let options = EncoderOptions {
        codec: EncoderCodec::Png,
        pixels: EncoderPixels::Rgb,
        ..options()
    };
    write(&path, (64, 64), 100, options);
    let mut bytes = fs_err::read(&path).unwrap();
    let starts: Vec<usize> = (0..bytes.len() - 4)
        .filter(|&at| &bytes[at..at + 4] == b"\x89PNG")
        .collect();
    assert_eq!(starts.len(), 100);
    bytes[starts[5]] = 0;
    fs_err::write(&path, bytes).unwrap();
    // Beyond `max_frames`, which asks for another pass, and below, where dropping is enough.
    for max_frames in [10, 64, 99, 100, 200] {
        let settings = DecodeSettings {
            max_frames,
            ..SETTINGS
        };
        let video = decode(&path, &settings).unwrap();
        assert_eq!((video.facts.frames, video.facts.truncated), (99, true));
        assert_eq!(video.kept, evenly_spread(99, max_frames));
        let expected: Vec<u32> = video
            .kept
            .iter()
            .map(|&at| at + u32::from(at >= 5))
            .collect();
        assert_eq!(numbers(&video, 48), expected);
    }
}

#[test]
fn a_file_that_ends_early_gives_what_is_there() {
    let dir = TempDir::new();
    for name in ["cut.mp4", "cut.mkv", "cut.avi"] {
        let path = dir.path(name);
        let codec = if name == "cut.avi" {
            EncoderCodec::Mpeg4
        } else {
            EncoderCodec::H264
        };
        write(&path, (64, 64), 100, EncoderOptions { codec, ..options() });
        let bytes = fs_err::read(&path).unwrap();
        fs_err::write(&path, &bytes[..bytes.len() * 6 / 10]).unwrap();
        let video = decode(&path, &SETTINGS).unwrap();
        assert!(video.facts.truncated, "{name}");
        assert!(
            (20..95).contains(&video.facts.frames),
            "{name}: {}",
            video.facts.frames
        );
        assert_eq!(
            video.kept,
            evenly_spread(video.facts.frames as usize, 64),
            "{name}"
        );
        // The last frame may be concealed damage.
        let (seen, kept) = (numbers(&video, 48), &video.kept);
        assert_eq!(seen[..seen.len() - 4], kept[..kept.len() - 4], "{name}");
    }
}

#[test]
fn damaged_bytes_never_panic() {
    let dir = TempDir::new();
    for name in ["small.mp4", "small.mkv"] {
        let path = dir.path(name);
        write(&path, (64, 64), 20, options());
        let bytes = fs_err::read(&path).unwrap();
        let mut random = Seed(3).stream("damage", name);
        let (mut readable, mut marked) = (0, 0);
        for _ in 0..200 {
            let mut damaged = bytes.clone();
            for _ in 0..random.random_range(1..20) {
                let at = random.random_range(0..damaged.len());
                damaged[at] = random.random();
            }
            fs_err::write(&path, &damaged).unwrap();
            if let Ok(video) = decode(&path, &SETTINGS) {
                readable += 1;
                marked += u32::from(video.facts.truncated);
                assert_eq!(
                    video.pixels.len(),
                    video.kept.len() * SETTINGS.frame_bytes()
                );
                assert!(video.kept.len() <= 64 && video.kept.is_sorted() && !video.kept.is_empty());
                assert_eq!(decode(&path, &SETTINGS).unwrap(), video, "twice the same");
            }
        }
        println!("{name}: {readable} of 200 readable, {marked} of them marked");
        assert!(readable > 20, "{readable}");
    }
}
