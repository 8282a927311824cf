use super::super::samples::{TempDir, number_of, picture, write};
use super::super::*;
use super::options;

#[test]
fn the_same_frames_give_the_same_bytes() {
    let dir = TempDir::new();
    for name in ["a.mp4", "a.mkv", "a.avi"] {
        let codec = if name == "a.avi" {
            EncoderCodec::Mpeg4
        } else {
            EncoderCodec::H264
        };
        let write = |name| {
            let path = dir.path(name);
            write(&path, (64, 64), 30, EncoderOptions { codec, ..options() });
            fs_err::read(&path).unwrap()
        };
        assert_eq!(write(name), write(&format!("b{name}")), "{name}");
    }
}

#[test]
fn the_encoder_says_what_is_wrong() {
    let dir = TempDir::new();
    let path = dir.path("a.mp4");
    for (width, height, fps) in [(0, 64, 25), (64, 63, 25), (64, 64, 0)] {
        let error = VideoEncoder::create(&path, width, height, fps, options())
            .err()
            .unwrap();
        assert!(matches!(error, EncodeError::Shape { .. }), "{error}");
    }
    let error = VideoEncoder::create(&dir.path("no/a.mp4"), 64, 64, 25, options())
        .err()
        .unwrap();
    assert!(matches!(error, EncodeError::Write { .. }), "{error}");
    let mut encoder = VideoEncoder::create(&path, 64, 64, 25, options()).unwrap();
    assert!(matches!(
        encoder.push(&[0; 3]),
        Err(EncodeError::FrameBytes { got: 3, .. })
    ));
    encoder.push_at(&picture(0, 64, 64), 5).unwrap();
    assert!(matches!(
        encoder.push_at(&picture(0, 64, 64), 5),
        Err(EncodeError::Order { .. })
    ));
}

#[test]
fn number_bars_are_readable() {
    for number in [0, 1, 77, 255] {
        assert_eq!(number_of(&picture(number, 48, 48), 48), number);
    }
}
