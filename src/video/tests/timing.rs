//! Frame rates, durations and counts where containers say little, or something else.

use super::super::samples::{TempDir, numbers, picture, write};
use super::super::*;
use super::{SETTINGS, options, problem};

fn written(dir: &TempDir, name: &str, fps: u32, options: EncoderOptions) -> camino::Utf8PathBuf {
    let path = dir.path(name);
    let mut encoder = VideoEncoder::create(&path, 64, 64, fps, options).unwrap();
    for number in 0..75 {
        let picture = picture(number, 64, 64);
        encoder.push(&picture).unwrap();
    }
    encoder.finish().unwrap();
    path
}

#[test]
fn the_rate_is_that_of_the_frames_in_every_container() {
    let dir = TempDir::new();
    for (name, codec) in [
        ("a.mp4", EncoderCodec::H264),
        ("a.mkv", EncoderCodec::H264),
        ("a.flv", EncoderCodec::H264),
        ("a.ts", EncoderCodec::H264),
        ("a.avi", EncoderCodec::Mpeg4),
        ("a.mpg", EncoderCodec::Mpeg2),
    ] {
        for fps in [25, 30] {
            let path = written(&dir, name, fps, EncoderOptions { codec, ..options() });
            let video = decode(&path, &SETTINGS).unwrap();
            let (facts, container) = (video.facts, &video.container);
            assert_eq!((facts.frames, facts.truncated), (75, false), "{name}");
            assert_eq!(container.promised_frames, 75, "{name}");
            let rate = fps as f32;
            approx::assert_relative_eq!(facts.fps, rate, max_relative = 0.001);
            approx::assert_relative_eq!(facts.duration_secs, 75.0 / rate, max_relative = 0.001);
            assert!(
                container.largest_gap < 1.1,
                "{name}: {}",
                container.largest_gap
            );
        }
    }
}

#[test]
fn a_start_that_cannot_be_decoded_does_not_slow_the_rest() {
    let dir = TempDir::new();
    let options = EncoderOptions {
        keyframe_interval: 30,
        ..options()
    };
    // Not the usual pictures, each of which is a new scene and becomes a key frame.
    let path = dir.path("whole.ts");
    let mut encoder = VideoEncoder::create(&path, 64, 64, 25, options).unwrap();
    for number in 0..75 {
        let grey = |at: u32| [((at % 64 + number) % 64 * 2 + 60) as u8; 3];
        let picture: Vec<u8> = (0..64 * 64).flat_map(grey).collect();
        encoder.push(&picture).unwrap();
    }
    encoder.finish().unwrap();
    let bytes = fs_err::read(&path).unwrap();
    // Service, program and its table stay; of the first pictures most go.
    let (packet, count) = (188, bytes.len() / 188);
    let (head, tail) = (&bytes[..3 * packet], &bytes[count / 5 * packet..]);
    let cut = dir.path("cut.ts");
    fs_err::write(&cut, [head, tail].concat()).unwrap();
    let facts = decode(&cut, &SETTINGS).unwrap().facts;
    assert!((40..50).contains(&facts.frames), "{}", facts.frames);
    approx::assert_abs_diff_eq!(facts.fps, 25.0, epsilon = 0.01);
    let seconds = facts.frames as f32 / 25.0;
    approx::assert_abs_diff_eq!(facts.duration_secs, seconds, epsilon = 0.01);
}

#[test]
fn an_avi_whose_header_counts_half_frames_is_whole() {
    let dir = TempDir::new();
    let codec = EncoderCodec::Mpeg4;
    let path = written(&dir, "a.avi", 25, EncoderOptions { codec, ..options() });
    let mut bytes = fs_err::read(&path).unwrap();
    // In the stream's header: scale, rate, start, length.
    let header = bytes.windows(4).position(|four| four == b"strh").unwrap() + 8;
    let number = |bytes: &[u8], at: usize| {
        u32::from_le_bytes(bytes[header + at..header + at + 4].try_into().unwrap())
    };
    assert_eq!(
        (number(&bytes, 20), number(&bytes, 24), number(&bytes, 32)),
        (1, 25, 75)
    );
    bytes[header + 32..header + 36].copy_from_slice(&150_u32.to_le_bytes());
    fs_err::write(&path, &bytes).unwrap();
    let video = decode(&path, &SETTINGS).unwrap();
    assert_eq!((video.facts.frames, video.facts.truncated), (75, false));
    assert_eq!(
        (video.container.promised_frames, video.container.lacks_index),
        (75, false)
    );
    // Without the index that is written last, the header is all there is.
    let index = bytes.windows(4).rposition(|four| four == b"idx1").unwrap();
    fs_err::write(&path, &bytes[..index]).unwrap();
    let video = decode(&path, &SETTINGS).unwrap();
    assert!(video.facts.truncated && video.container.lacks_index);
}

#[test]
fn interlaced_and_progressive() {
    let dir = TempDir::new();
    for (name, codec) in [
        ("a.mpg", EncoderCodec::Mpeg2),
        ("a.mp4", EncoderCodec::Mpeg4),
    ] {
        for interlaced in [true, false] {
            let options = EncoderOptions {
                codec,
                interlaced,
                ..options()
            };
            let path = written(&dir, name, 25, options);
            let video = decode(&path, &SETTINGS).unwrap();
            let share = video.container.interlaced;
            approx::assert_abs_diff_eq!(share, f32::from(u8::from(interlaced)));
            assert_eq!(video.facts.frames, 75);
        }
    }
}

#[test]
fn a_recording_that_was_broken_off_is_named_as_such() {
    let dir = TempDir::new();
    let path = dir.path("a.mp4");
    write(&path, (64, 64), 40, options());
    let bytes = fs_err::read(&path).unwrap();
    let place = |kind: &[u8]| bytes.windows(4).position(|four| four == kind).unwrap() - 4;
    // The encoder writes the index first; a camera writes it last, and this one never did.
    let (moov, mdat) = (place(b"moov"), place(b"mdat"));
    assert!(moov < mdat);
    let media = [&bytes[..moov], &bytes[mdat..]].concat();
    for name in ["b.mp4", "b.mov"] {
        for end in [media.len(), media.len() * 2 / 3] {
            let path = dir.path(name);
            fs_err::write(&path, &media[..end]).unwrap();
            assert!(
                matches!(problem(&path), DecodeProblem::NoIndex),
                "{:?}",
                problem(&path)
            );
        }
    }
    let reason = DecodeProblem::NoIndex.reason();
    assert!(reason.starts_with("has lost its end"), "{reason}");
}

#[test]
fn an_animated_webp_is_named_or_read() {
    let dir = TempDir::new();
    let path = dir.path("a.webp");
    // A file of two frames of 16×16 pixels: its header, animation parameters, and frames without sense in them.
    let chunk =
        |name: &[u8], data: &[u8]| [name, &(data.len() as u32).to_le_bytes(), data].concat();
    let frame = [
        &[0; 6][..],
        &[15, 0, 0, 15, 0, 0, 100, 0, 0, 0],
        &chunk(b"VP8L", &[0x2f, 15, 192, 3, 0, 0]),
    ]
    .concat();
    let parts = [
        b"WEBP".to_vec(),
        chunk(b"VP8X", &[0b10, 0, 0, 0, 15, 0, 0, 15, 0, 0]),
        chunk(b"ANIM", &[0; 6]),
        chunk(b"ANMF", &frame),
        chunk(b"ANMF", &frame),
    ]
    .concat();
    fs_err::write(&path, chunk(b"RIFF", &parts)).unwrap();
    // FFmpeg up to 8 cannot decode them; what a later one makes of such frames is its own affair.
    if let Err(error) = decode(&path, &SETTINGS) {
        assert!(
            matches!(error.problem, DecodeProblem::AnimatedWebp),
            "{error:?}"
        );
    }
}

#[test]
fn hidden_frames_are_counted() {
    let dir = TempDir::new();
    let path = dir.path("a.mp4");
    write(&path, (64, 64), 40, options());
    assert_eq!(decode(&path, &SETTINGS).unwrap().container.hidden_frames, 0);
    let mut bytes = fs_err::read(&path).unwrap();
    // Version and flags, the number of entries, the first one's duration, then the time in the media where it begins.
    let start = bytes.windows(4).position(|four| four == b"elst").unwrap() + 4 + 12;
    let time = u32::from_be_bytes(bytes[start..start + 4].try_into().unwrap());
    let later = time + 10 * (time / 2);
    bytes[start..start + 4].copy_from_slice(&later.to_be_bytes());
    fs_err::write(&path, bytes).unwrap();
    let video = decode(&path, &SETTINGS).unwrap();
    assert_eq!(video.container.hidden_frames, 10);
    assert_eq!(numbers(&video, 48), (10..40).collect::<Vec<_>>());
}
