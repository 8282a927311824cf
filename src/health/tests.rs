//! For every issue of one video a file that shows it and one that nearly does, through the real encoder and decoder.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::*;
use crate::issue::{Issue, IssueKind};
use crate::video::samples::TempDir;
use crate::video::{DecodeSettings, DecodedVideo, EncoderOptions, FaceCrop, VideoEncoder, decode};

const EDGE: usize = 96;
const DECODE: DecodeSettings = DecodeSettings {
    size: 64,
    max_frames: 64,
    face_crop: FaceCrop::WHOLE,
};

/// Grey level of a pixel of a textured picture with a bright spot that wanders, both within 30 to 220.
fn scene(frame: usize, x: usize, y: usize) -> f32 {
    let (x, y) = (x as f32, y as f32);
    let texture =
        100.0 + 35.0 * (x * 0.9).sin() * (y * 0.7).cos() + 25.0 * (x * 0.11 + y * 0.07).sin();
    let spot = (
        frame as f32 * 1.5 + 20.0,
        48.0 + 20.0 * (frame as f32 * 0.3).sin(),
    );
    let distance = ((x - spot.0).powi(2) + (y - spot.1).powi(2)).sqrt();
    texture + (60.0 - 6.0 * distance).max(0.0)
}

struct Bench {
    dir: TempDir,
}

impl Bench {
    fn new() -> Self {
        Self {
            dir: TempDir::new(),
        }
    }

    /// Writes frames whose grey levels are given by frame, column and row; each is shown from its tick on.
    fn write(
        &self,
        name: &str,
        edge: usize,
        ticks: impl IntoIterator<Item = i64>,
        level: impl Fn(usize, usize, usize) -> f32,
    ) -> Utf8PathBuf {
        let path = self.dir.path(name);
        let options = EncoderOptions {
            quality: 8,
            ..EncoderOptions::default()
        };
        let mut encoder =
            VideoEncoder::create(&path, edge as u32, edge as u32, 25, options).unwrap();
        for (frame, tick) in ticks.into_iter().enumerate() {
            let pixels: Vec<u8> = (0..edge * edge)
                .flat_map(|at| [level(frame, at % edge, at / edge) as u8; 3])
                .collect();
            encoder.push_at(&pixels, tick).unwrap();
        }
        encoder.finish().unwrap();
        path
    }

    /// The issues of 40 frames.
    fn of(&self, level: impl Fn(usize, usize, usize) -> f32) -> BTreeSet<IssueKind> {
        issues(&self.write("a.mp4", EDGE, 0..40, level))
    }
}

fn issues(path: &Utf8Path) -> BTreeSet<IssueKind> {
    let found = audited(path, &decode(path, &DECODE).unwrap());
    found.iter().map(|issue| issue.kind).collect()
}

fn audited(path: &Utf8Path, video: &DecodedVideo) -> Vec<Issue> {
    let inspected = Inspected {
        video: 7,
        path,
        facts: video.facts,
        container: &video.container,
        kept: &video.kept,
        looks: &Measured::new(video, DECODE.size).looks,
        face_score: None,
        face: None,
    };
    let issues = audit(inspected, 16, &HealthSettings::default());
    assert!(
        issues.iter().all(|issue| issue.video == Some(7)),
        "{issues:?}"
    );
    issues
}

fn only(kind: IssueKind) -> BTreeSet<IssueKind> {
    BTreeSet::from([kind])
}

#[test]
fn a_good_video_has_no_issue() {
    assert_eq!(Bench::new().of(scene), BTreeSet::new());
}

#[test]
fn files_that_end_early_and_whole_ones() {
    let bench = Bench::new();
    let path = bench.write("whole.mp4", EDGE, 0..40, scene);
    let bytes = fs_err::read(&path).unwrap();
    let cut = bench.dir.path("cut.mp4");
    fs_err::write(&cut, &bytes[..bytes.len() * 6 / 10]).unwrap();
    let found = issues(&cut);
    assert!(found.contains(&IssueKind::Truncated), "{found:?}");
    assert!(found.contains(&IssueKind::MissingFrames), "{found:?}");
    let whole = issues(&bench.write("again.mp4", EDGE, 0..40, scene));
    assert!(whole.is_empty(), "{whole:?}");
}

#[test]
fn a_frame_less_than_promised_is_nothing() {
    let bench = Bench::new();
    let path = bench.write("a.mp4", EDGE, 0..20, scene);
    let mut video = decode(&path, &DECODE).unwrap();
    assert_eq!(video.container.promised_frames, 20);
    for (promised, expected) in [(21, false), (22, true), (25, true)] {
        video.container.promised_frames = promised;
        let found = audited(&path, &video);
        assert_eq!(!found.is_empty(), expected, "{promised}: {found:?}");
    }
}

#[test]
fn few_frames_and_just_enough() {
    let bench = Bench::new();
    let found = issues(&bench.write("few.mp4", EDGE, 0..15, scene));
    assert_eq!(found, only(IssueKind::TooShort));
    let found = issues(&bench.write("enough.mp4", EDGE, 0..16, scene));
    assert_eq!(found, BTreeSet::new());
}

#[test]
fn gaps_in_time() {
    let bench = Bench::new();
    let ticks = |gap: i64| (0..40).map(move |frame| if frame < 20 { frame } else { frame + gap });
    let found = issues(&bench.write("gap.mp4", EDGE, ticks(5), scene));
    assert_eq!(found, only(IssueKind::UnevenFrameRate));
    let found = issues(&bench.write("pause.mp4", EDGE, ticks(2), scene));
    assert_eq!(found, BTreeSet::new());
}

#[test]
fn names_that_lie_and_names_that_are_only_unusual() {
    let bench = Bench::new();
    let path = bench.write("a.mp4", EDGE, 0..40, scene);
    for (name, expected) in [
        ("b.avi", true),
        ("c.webm", true),
        ("d.mov", false),
        ("e.M4V", false),
        ("nothing", false),
    ] {
        let copy = bench.dir.path(name);
        fs_err::copy(&path, &copy).unwrap();
        let found = issues(&copy);
        assert_eq!(
            found.contains(&IssueKind::WrongExtension),
            expected,
            "{name}"
        );
    }
}

#[test]
fn stored_turned_or_upright() {
    let bench = Bench::new();
    let path = bench.write("a.mp4", EDGE, 0..40, scene);
    let bytes = fs_err::read(&path).unwrap();
    let matrix = bytes.windows(4).position(|four| four == b"tkhd").unwrap() + 44;
    let mut turned = bytes;
    for (entry, at) in [(0_i32, 0), (1, 4), (-1, 12), (0, 16)] {
        turned[matrix + at..][..4].copy_from_slice(&(entry * 65536).to_be_bytes());
    }
    let path = bench.dir.path("turned.mp4");
    fs_err::write(&path, turned).unwrap();
    assert_eq!(issues(&path), only(IssueKind::Rotated));
}

#[test]
fn half_pictures_hidden_frames_and_uneven_steps() {
    let bench = Bench::new();
    let path = bench.write("a.mp4", EDGE, 0..40, scene);
    let mut video = decode(&path, &DECODE).unwrap();
    let mut of = |interlaced, hidden_frames| {
        video.container.uneven = hidden_frames > 0;
        video.container.interlaced = interlaced;
        video.container.hidden_frames = hidden_frames;
        audited(&path, &video)
    };
    assert!(of(0.5, 0).is_empty());
    let found = of(0.9, 3);
    let kinds: Vec<IssueKind> = found.iter().map(|issue| issue.kind).collect();
    let all = [
        IssueKind::VariableFrameRate,
        IssueKind::Interlaced,
        IssueKind::EditList,
    ];
    assert_eq!(kinds, all);
    approx::assert_abs_diff_eq!(found[2].value, 3.0);
}

#[test]
fn few_pixels() {
    let bench = Bench::new();
    let found = issues(&bench.write("small.mp4", 46, 0..40, scene));
    assert!(found.contains(&IssueKind::LowResolution), "{found:?}");
    let found = issues(&bench.write("larger.mp4", 48, 0..40, scene));
    assert!(!found.contains(&IssueKind::LowResolution), "{found:?}");
}

#[test]
fn blank_and_faint() {
    let bench = Bench::new();
    let blank = bench.of(|_, _, _| 128.0);
    assert_eq!(
        blank,
        BTreeSet::from([IssueKind::TooShort, IssueKind::Blank])
    );
    let faint = bench.of(|frame, x, y| 100.0 + 0.3 * scene(frame, x, y));
    assert!(!faint.contains(&IssueKind::Blank), "{faint:?}");
}

#[test]
fn dark_and_dim() {
    let bench = Bench::new();
    let scaled = |factor: f32| bench.of(|frame, x, y| 16.0 + factor * scene(frame, x, y));
    assert!(scaled(0.2).contains(&IssueKind::Dark));
    assert!(!scaled(0.5).contains(&IssueKind::Dark));
}

#[test]
fn burnt_out_and_bright() {
    let bench = Bench::new();
    let burnt = |columns: usize| {
        bench.of(|frame, x, y| {
            if x < columns {
                255.0
            } else {
                scene(frame, x, y)
            }
        })
    };
    assert!(burnt(EDGE / 2).contains(&IssueKind::Overexposed));
    assert!(!burnt(EDGE / 4).contains(&IssueKind::Overexposed));
    let bright = bench.of(|frame, x, y| (120.0 + 0.6 * scene(frame, x, y)).min(240.0));
    assert!(!bright.contains(&IssueKind::Overexposed));
}

#[test]
fn blurred_and_soft() {
    let bench = Bench::new();
    let waves = |length: f32| {
        bench.of(move |frame, x, y| {
            let at = |value: usize, frame: usize| (value as f32 + frame as f32) / length;
            110.0 + 80.0 * at(x, frame).sin() * at(y, 0).cos()
        })
    };
    assert_eq!(waves(12.0), only(IssueKind::Blurred));
    assert_eq!(waves(3.0), BTreeSet::new());
}

#[test]
fn frozen_and_hardly_moving() {
    let bench = Bench::new();
    let frozen = bench.of(|_, x, y| scene(0, x, y));
    assert!(frozen.contains(&IssueKind::Frozen), "{frozen:?}");
    // Eyes that close once: two small spots change for a moment.
    let blinks = bench.of(|frame, x, y| {
        let is_eye = (30..40).contains(&y) && ((25..37).contains(&x) || (59..71).contains(&x));
        let closes = if is_eye && (18..23).contains(&frame) {
            40.0
        } else {
            0.0
        };
        scene(0, x, y) - closes
    });
    assert!(!blinks.contains(&IssueKind::Frozen), "{blinks:?}");
}

#[test]
fn frames_again_and_again() {
    let bench = Bench::new();
    // Without loss, so that the same picture gives the same pixels.
    let repeated = |times: usize| {
        let path = bench.dir.path("repeated.mkv");
        let options = EncoderOptions {
            codec: crate::video::EncoderCodec::Ffv1,
            ..EncoderOptions::default()
        };
        let mut encoder =
            VideoEncoder::create(&path, EDGE as u32, EDGE as u32, 25, options).unwrap();
        for frame in 0..60 {
            let pixels: Vec<u8> = (0..EDGE * EDGE)
                .flat_map(|at| [scene(frame / times, at % EDGE, at / EDGE) as u8; 3])
                .collect();
            encoder.push(&pixels).unwrap();
        }
        encoder.finish().unwrap();
        issues(&path)
    };
    assert_eq!(repeated(3), only(IssueKind::RepeatedFrames));
    assert_eq!(repeated(2), BTreeSet::new());
}

#[test]
fn cuts_and_quick_changes() {
    let bench = Bench::new();
    let other = |frame, x: usize, y: usize| 255.0 - scene(frame, y, x) * 0.9;
    let cut = bench.of(|frame, x, y| {
        if frame < 20 {
            scene(frame, x, y)
        } else {
            other(frame, x, y)
        }
    });
    assert_eq!(cut, only(IssueKind::SceneCut));
    let fade = bench.of(|frame, x, y| {
        let share = ((frame as f32 - 15.0) / 10.0).clamp(0.0, 1.0);
        scene(frame, x, y) * (1.0 - share) + other(frame, x, y) * share
    });
    assert_eq!(fade, BTreeSet::new());
}

#[test]
fn bars_and_a_dark_margin() {
    let bench = Bench::new();
    let barred = |rows: usize| {
        bench.of(move |frame, x, y| {
            if y < rows || y >= EDGE - rows {
                16.0
            } else {
                scene(frame, x, y)
            }
        })
    };
    assert_eq!(barred(12), only(IssueKind::Letterboxed));
    assert_eq!(barred(3), BTreeSet::new());
    // Black corners, as of a face in a circle, are no bars.
    let round = bench.of(|frame, x, y| {
        let from_middle = (x as f32 - 47.5).hypot(y as f32 - 47.5);
        if from_middle > 47.0 {
            16.0
        } else {
            scene(frame, x, y)
        }
    });
    assert_eq!(round, BTreeSet::new());
}

#[test]
fn folders_of_frames_are_measured_too() {
    let bench = Bench::new();
    let folder = bench.dir.path("frames");
    fs_err::create_dir(&folder).unwrap();
    for frame in 0..20 {
        let options = EncoderOptions {
            codec: crate::video::EncoderCodec::Png,
            pixels: crate::video::EncoderPixels::Rgb,
            ..EncoderOptions::default()
        };
        let path = folder.join(format!("{frame}.png"));
        let mut encoder =
            VideoEncoder::create(&path, EDGE as u32, EDGE as u32, 25, options).unwrap();
        let pixels: Vec<u8> = (0..EDGE * EDGE)
            .flat_map(|at| [scene(frame, at % EDGE, at / EDGE) as u8; 3])
            .collect();
        encoder.push(&pixels).unwrap();
        encoder.finish().unwrap();
    }
    assert_eq!(issues(&folder), BTreeSet::new());
    for frame in [3, 4, 5] {
        fs_err::write(folder.join(format!("{frame}.png")), b"no image").unwrap();
    }
    let found = issues(&folder);
    assert!(found.contains(&IssueKind::MissingFrames), "{found:?}");
}
