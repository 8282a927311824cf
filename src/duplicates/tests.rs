//! Copies of every kind among videos of one person, through the real encoder, decoder and cache.

use std::sync::atomic::AtomicBool;

use camino::Utf8PathBuf;
use rand::RngExt;

use super::*;
use crate::cache::{Source, fill};
use crate::seed::Seed;
use crate::video::samples::TempDir;
use crate::video::{DecodeSettings, EncoderCodec, EncoderOptions, VideoEncoder};

/// How a recording is written down.
#[derive(Clone)]
struct Cut {
    edge: u32,
    frames: std::ops::Range<usize>,
    /// The part of the picture that is shown: left, top and edge, of 1.
    part: [f32; 3],
    mirrored: bool,
    quality: u8,
    /// Who moves: another one looks different, and moves just so.
    person: u8,
}

/// A recording as it is.
const WHOLE: Cut = Cut {
    edge: 96,
    frames: 0..60,
    part: [0.0, 0.0, 1.0],
    mirrored: false,
    quality: 14,
    person: 0,
};

struct Set {
    dir: TempDir,
    paths: Vec<Utf8PathBuf>,
}

impl Set {
    fn new() -> Self {
        Self {
            dir: TempDir::new(),
            paths: Vec::new(),
        }
    }

    /// Adds a recording of the person: always the same picture, in which six spots move as the number says.
    fn add(&mut self, number: usize, cut: &Cut) -> usize {
        let mut random = Seed(3).stream("recording", number);
        let spots: Vec<[f32; 8]> = (0..6)
            .map(|_| std::array::from_fn(|_| random.random::<f32>()))
            .collect();
        let options = EncoderOptions {
            codec: EncoderCodec::H264,
            quality: cut.quality,
            ..EncoderOptions::default()
        };
        let path = self.dir.path(&format!("{}.mp4", self.paths.len()));
        let mut encoder = VideoEncoder::create(&path, cut.edge, cut.edge, 25, options).unwrap();
        for frame in cut.frames.clone() {
            let places: Vec<(f32, f32)> = spots.iter().map(|spot| place(spot, frame)).collect();
            let edge = cut.edge as usize;
            let pixels: Vec<u8> = (0..edge * edge)
                .flat_map(|at| {
                    let column = if cut.mirrored {
                        edge - 1 - at % edge
                    } else {
                        at % edge
                    };
                    let along = |at: usize| (at as f32 + 0.5) / edge as f32 * cut.part[2];
                    let (x, y) = (cut.part[0] + along(column), cut.part[1] + along(at / edge));
                    [level(x, y, &places, cut.person) as u8; 3]
                })
                .collect();
            encoder.push(&pixels).unwrap();
        }
        encoder.finish().unwrap();
        self.paths.push(path);
        self.paths.len() - 1
    }

    fn find(&self, settings: DuplicateSettings) -> Duplicates {
        let sources: Vec<Source<'_>> = self.paths.iter().map(Source::from).collect();
        let decode = DecodeSettings {
            size: 64,
            max_frames: 48,
            ..DecodeSettings::default()
        };
        let stop = AtomicBool::new(false);
        let cache = fill(
            &self.dir.path("cache"),
            &sources,
            &decode,
            2,
            &stop,
            &|_| (),
        )
        .unwrap();
        find(&cache, &settings, &stop)
    }
}

/// Where a spot is: it rests, and twice it goes elsewhere and back.
fn place(spot: &[f32; 8], frame: usize) -> (f32, f32) {
    let time = frame as f32 / 25.0;
    let bump = |when: f32| (-((time - when * 2.4) / 0.12).powi(2)).exp();
    let away = bump(spot[2]) - bump(spot[3]);
    (
        0.15 + 0.7 * spot[0] + 0.12 * (spot[4] - 0.5) * away,
        0.15 + 0.7 * spot[1] + 0.16 * (spot[5] - 0.3) * away,
    )
}

fn level(x: f32, y: f32, places: &[(f32, f32)], person: u8) -> f32 {
    // Another person's face runs another way.
    let (u, v) = if person == 0 {
        (x, y)
    } else {
        (y + 0.3, 1.0 - x)
    };
    let face = 110.0 + 40.0 * (7.0 * u + 2.0 * v).sin() * (5.0 * v).cos() + 20.0 * (23.0 * u).sin();
    let spots: f32 = places
        .iter()
        .map(|(left, top)| -70.0 * (-((x - left).powi(2) + (y - top).powi(2)) / 0.004).exp())
        .sum();
    (face + spots).clamp(0.0, 255.0)
}

#[test]
fn the_same_person_in_other_recordings_is_no_duplicate() {
    let mut set = Set::new();
    for number in 0..20 {
        set.add(number, &WHOLE);
    }
    assert_eq!(
        set.find(DuplicateSettings::default()),
        Duplicates::default()
    );
}

#[test]
fn another_person_who_moves_the_same_way_is_no_duplicate() {
    let mut set = Set::new();
    for number in 0..6 {
        set.add(number, &WHOLE);
        set.add(number, &Cut { person: 1, ..WHOLE });
    }
    let settings = DuplicateSettings::default();
    assert_eq!(set.find(settings), Duplicates::default());
    // The movement is enough to find a copy by.
    let copy = Cut {
        quality: 30,
        ..WHOLE
    };
    set.add(0, &copy);
    assert_eq!(set.find(settings).groups, [[0, 12]]);
}

#[test]
fn copies_of_every_kind_are_found_and_told_apart() {
    let mut set = Set::new();
    for number in 0..12 {
        set.add(number, &WHOLE);
    }
    let copies = [
        (
            0,
            Cut {
                quality: 34,
                ..WHOLE
            },
            Sameness::Recording,
        ),
        (1, Cut { edge: 64, ..WHOLE }, Sameness::Recording),
        (
            2,
            Cut {
                part: [0.05, 0.02, 0.93],
                ..WHOLE
            },
            Sameness::Recording,
        ),
        (
            3,
            Cut {
                frames: 9..60,
                ..WHOLE
            },
            Sameness::Recording,
        ),
        (
            4,
            Cut {
                frames: 0..48,
                ..WHOLE
            },
            Sameness::Recording,
        ),
        (
            5,
            Cut {
                mirrored: true,
                ..WHOLE
            },
            Sameness::Mirrored,
        ),
        (
            6,
            Cut {
                edge: 80,
                frames: 5..60,
                part: [0.02, 0.03, 0.95],
                quality: 26,
                mirrored: true,
                person: 0,
            },
            Sameness::Mirrored,
        ),
        (7, WHOLE, Sameness::Bytes),
    ];
    let mut expected = Vec::new();
    for (number, cut, sameness) in copies {
        expected.push((number, set.add(number, &cut), sameness));
    }
    let found = set.find(DuplicateSettings::default());
    let told: Vec<(usize, usize, Sameness)> = found
        .pairs
        .iter()
        .map(|pair| (pair.first, pair.second, pair.sameness))
        .collect();
    assert_eq!(told, expected, "{found:?}");
    let groups: Vec<Vec<usize>> = expected.iter().map(|(a, b, _)| vec![*a, *b]).collect();
    assert_eq!(found.groups, groups);
    // Nine frames are missing at the start, so that everything comes 0.36 s earlier.
    approx::assert_abs_diff_eq!(found.pairs[3].later_secs, -0.36, epsilon = 0.06);
    assert!(found.pairs[0].likeness > 0.7 && found.pairs[7].likeness >= 1.0);
    // Without near duplicates the copies by bytes are left.
    let exact = set.find(DuplicateSettings {
        near: false,
        ..DuplicateSettings::default()
    });
    assert_eq!(exact.groups, [[7, 19]]);
}

#[test]
fn the_same_frames_in_other_files_are_exact_copies() {
    let mut set = Set::new();
    set.add(0, &WHOLE);
    set.add(1, &WHOLE);
    // A box that players pass over.
    let mut bytes = fs_err::read(&set.paths[0]).unwrap();
    bytes.extend([0, 0, 0, 12]);
    bytes.extend(b"free");
    bytes.extend([7; 4]);
    let path = set.dir.path("padded.mp4");
    fs_err::write(&path, bytes).unwrap();
    set.paths.push(path);
    let found = set.find(DuplicateSettings::default());
    assert_eq!(found.pairs.len(), 1, "{found:?}");
    assert_eq!(
        (
            found.pairs[0].first,
            found.pairs[0].second,
            found.pairs[0].sameness
        ),
        (0, 2, Sameness::Frames)
    );
}

#[test]
fn a_group_is_found_whole_and_unreadable_files_do_not_matter() {
    let mut set = Set::new();
    let path = set.dir.path("broken.mp4");
    fs_err::write(&path, "no video").unwrap();
    set.paths.push(path);
    for number in 0..4 {
        set.add(number, &WHOLE);
    }
    let mut group = vec![2];
    for cut in [
        Cut {
            quality: 30,
            ..WHOLE
        },
        Cut { edge: 72, ..WHOLE },
        Cut {
            frames: 6..60,
            ..WHOLE
        },
        WHOLE,
    ] {
        group.push(set.add(1, &cut));
    }
    assert_eq!(set.find(DuplicateSettings::default()).groups, [group]);
}
