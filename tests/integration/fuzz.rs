//! No input ends in a panic: damaged manifests, caches, reports and videos each end as a value or as an error.
//!
//! `PROPTEST_CASES` sets how many damages are tried, `MUTATED_VIDEOS` how many videos the ignored test goes through.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use camino::{Utf8Path, Utf8PathBuf};
use proptest::prelude::*;
use rand::RngExt;
use rdfer_audit::cache::{self, Source};
use rdfer_audit::duplicates::{self, DuplicateSettings};
use rdfer_audit::health::{HealthSettings, Inspected, Measured, audit};
use rdfer_audit::manifest::{self, Format, ReadOptions};
use rdfer_audit::predictions::{self, GivenLabels};
use rdfer_audit::rows::clip_probs::ClipProbs;
use rdfer_audit::rows::dynamics::{Dynamics, DynamicsRow};
use rdfer_audit::rows::timeline::Timelines;
use rdfer_audit::rows::training_dynamics::TrainingDynamics;
use rdfer_audit::rows::{clips, features, issues, run, videos};
use rdfer_audit::seed::Seed;
use rdfer_audit::video::{
    DecodeSettings, EncoderCodec, EncoderOptions, EncoderPixels, FaceCrop, VideoEncoder, decode,
};

use crate::support::Workspace;

const DECODE: DecodeSettings = DecodeSettings {
    size: 32,
    max_frames: 16,
    face_crop: FaceCrop::WHOLE,
};

/// A damage: bytes set, cut out, doubled or filled, each at a place given in parts of the whole.
#[derive(Debug, Clone)]
enum Damage {
    Set(f64, u8),
    Flip(f64, u8),
    Cut(f64, f64),
    Double(f64, f64),
    End(f64),
    Fill(f64, f64, u8),
}

impl Damage {
    fn apply(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let length = bytes.len();
        let place = |at: f64| ((at * length as f64) as usize).min(length - 1);
        let range = |from: f64, share: f64| {
            let start = place(from);
            start..(start + 1 + (share * 200.0) as usize).min(length)
        };
        match *self {
            Self::Set(at, value) => bytes[place(at)] = value,
            Self::Flip(at, bit) => bytes[place(at)] ^= 1 << (bit % 8),
            Self::Cut(from, share) => drop(bytes.drain(range(from, share))),
            Self::Double(from, share) => {
                let copy = bytes[range(from, share)].to_vec();
                let at = place(from);
                bytes.splice(at..at, copy);
            }
            Self::End(at) => bytes.truncate(place(at)),
            Self::Fill(from, share, value) => bytes[range(from, share)].fill(value),
        }
    }
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = 0.0..1.0_f64;
    prop_oneof![
        3 => (at.clone(), any::<u8>()).prop_map(|(at, value)| Damage::Set(at, value)),
        3 => (at.clone(), any::<u8>()).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        2 => (at.clone(), 0.0..1.0).prop_map(|(at, share)| Damage::Cut(at, share)),
        2 => (at.clone(), 0.0..1.0).prop_map(|(at, share)| Damage::Double(at, share)),
        1 => at.clone().prop_map(Damage::End),
        1 => (at, 0.0..1.0, any::<u8>()).prop_map(|(at, share, value)| Damage::Fill(at, share, value)),
    ]
}

fn damages() -> impl Strategy<Value = Vec<Damage>> {
    prop::collection::vec(damage(), 1..6)
}

fn utf8(path: &std::path::Path) -> &Utf8Path {
    Utf8Path::from_path(path).unwrap()
}

/// A test that is run on so many damages of the files that `prepare` makes.
fn on_damaged(files: &[Utf8PathBuf], cases: u32, check: impl Fn(&Utf8Path)) {
    let wholes: BTreeMap<&Utf8Path, Vec<u8>> = files
        .iter()
        .map(|path| (path.as_path(), fs_err::read(path).unwrap()))
        .collect();
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(
            std::env::var("PROPTEST_CASES").map_or(cases, |text| text.parse().unwrap()),
        )
    };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let which = 0..files.len();
    runner
        .run(&(which, damages()), |(which, damages)| {
            let path = &files[which];
            let mut bytes = wholes[path.as_path()].clone();
            for damage in &damages {
                damage.apply(&mut bytes);
            }
            fs_err::write(path, &bytes).unwrap();
            check(path);
            fs_err::write(path, &wholes[path.as_path()]).unwrap();
            Ok(())
        })
        .unwrap();
}

#[test]
fn damaged_manifests() {
    let workspace = Workspace::new();
    let files = [
        (
            "a.csv",
            "path,label,group,split\na.mp4,happy,p,train\n\"b, c.mp4\",sad,q,test\n",
        ),
        ("b.csv", "video_name,label\n00001,1\n00002,2\n00003,7\n"),
        ("c.txt", "a/happy/1.mp4 happy\nb.mp4 12 sad\n"),
        (
            "d.jsonl",
            "{\"path\": \"a.mp4\", \"label\": \"happy\"}\n{\"path\": \"b.mp4\", \"label\": 2, \"id\": \"x\"}\n",
        ),
        ("e.json", "48"),
        (
            "f.json",
            "{\"samples\": [{\"filepath\": \"a.mp4\", \"label\": {\"label\": \"sad\"}}]}",
        ),
    ];
    let paths: Vec<Utf8PathBuf> = files
        .iter()
        .map(|(name, text)| {
            workspace.write(name, text);
            utf8(&workspace.path(name)).to_owned()
        })
        .collect();
    on_damaged(&paths, 300, |path| {
        for (_, format) in Format::NAMES {
            for words_only in [true, false] {
                let options = ReadOptions {
                    format,
                    words_only,
                    ..ReadOptions::default()
                };
                match manifest::read_with_files(path, &options) {
                    Ok((manifest, files)) => drop(manifest.splits(&files)),
                    Err(error) => assert!(!error.to_string().is_empty()),
                }
            }
        }
    });
}

/// What an error says; nothing of a file that was read.
fn reason<T>(read: Result<T, impl std::fmt::Display>) -> Option<String> {
    read.err().map(|error| error.to_string())
}

#[test]
fn damaged_reports() {
    let workspace = Workspace::new();
    workspace.data_set(3);
    workspace.done("check labels.csv --out run --config cpu");
    let run_folder = utf8(&workspace.path("run")).to_owned();
    let clip = clips::ClipRow {
        id: "a".to_owned(),
        repeat: 0,
        clip: 1,
        start_frame: 2,
        end_frame: 9,
        flipped: false,
        prediction: "happy".to_owned(),
        probs: vec![0.25, 0.75],
        key_frames: vec![1, 2, 3],
    };
    clips::write(&run_folder.join("clips.parquet"), &vec![clip; 20]).unwrap();
    let row = DynamicsRow {
        id: "a",
        fold: 0,
        repeat: 0,
        epoch: 1,
        label_prob: 0.5,
        label_margin: 0.1,
        loss: 0.7,
        prediction: "sad",
        state: "clean",
    };
    let mut dynamics = Dynamics::default();
    for _ in 0..20 {
        dynamics.push(row);
    }
    dynamics
        .write(&run_folder.join("dynamics.parquet"))
        .unwrap();
    let row = features::FeatureRow {
        id: "a".to_owned(),
        fold: 1,
        feature: vec![0.5; 40],
    };
    features::write(&run_folder.join("features.parquet"), &vec![row; 20]).unwrap();
    workspace.write(
        "run/run.json",
        "{\"version\": \"0.1.0\", \"schema\": 2, \"labels\": [\"a\"]}",
    );
    let files: Vec<Utf8PathBuf> = [
        "videos.parquet",
        "issues.parquet",
        "clips.parquet",
        "dynamics.parquet",
        "features.parquet",
        "run.json",
    ]
    .iter()
    .map(|name| run_folder.join(name))
    .collect();
    let as_manifest = ReadOptions {
        format: Format::Parquet,
        ..ReadOptions::default()
    };
    on_damaged(&files, 300, |path| {
        let told = [
            reason(manifest::read(path, &as_manifest)),
            reason(videos::read(path)),
            reason(issues::read(path)),
            reason(clips::read(path)),
            reason(Dynamics::default().read(path)),
            reason(TrainingDynamics::read(path)),
            reason(Timelines::read(path, &[], 1, |_| Some(0))),
            reason(ClipProbs::read(path)),
            reason(features::read(path)),
            reason(run::read(path)),
            reason(predictions::read(&[path], GivenLabels::default(), false)),
        ];
        assert!(told.iter().flatten().all(|text| !text.is_empty()));
    });
}

#[test]
fn damaged_caches() {
    let workspace = Workspace::new();
    workspace.data_set(2);
    let paths: Vec<Utf8PathBuf> = (0..3)
        .map(|class| utf8(&workspace.path(&format!("videos/{class}_1.mp4"))).to_owned())
        .collect();
    let sources: Vec<Source<'_>> = paths.iter().map(Source::from).collect();
    let folder = utf8(&workspace.path("cache")).to_owned();
    let stop = AtomicBool::new(false);
    let fill = || cache::fill(&folder, &sources, &DECODE, 1, &stop, &|_| ());
    drop(fill().unwrap());
    let whole = fs_err::read(folder.join("frames.bin")).unwrap();
    let files = ["index.jsonl", "frames.bin"].map(|name| folder.join(name));
    on_damaged(&files, 200, |_| {
        if let Ok(cache) = fill() {
            for video in 0..cache.len() {
                if let Ok(video) = cache.video(video) {
                    assert_eq!(video.pixels.len(), video.kept.len() * DECODE.frame_bytes());
                }
            }
            drop(duplicates::find(
                &cache,
                &DuplicateSettings::default(),
                &stop,
            ));
        }
        // What was decoded again is behind the rest.
        fs_err::write(folder.join("frames.bin"), &whole).unwrap();
    });
}

/// Videos of several kinds, as bytes by name.
fn sound_videos(workspace: &Workspace) -> Vec<(String, Vec<u8>)> {
    let kinds = [
        ("a.mp4", EncoderCodec::H264),
        ("b.mkv", EncoderCodec::H264),
        ("c.avi", EncoderCodec::Mpeg4),
        ("d.mov", EncoderCodec::Mpeg4),
        ("e.mkv", EncoderCodec::Ffv1),
        ("f.avi", EncoderCodec::Mjpeg),
    ];
    kinds
        .into_iter()
        .map(|(name, codec)| {
            let path = workspace.path(name);
            let options = EncoderOptions {
                codec,
                pixels: EncoderPixels::Yuv420,
                ..EncoderOptions::default()
            };
            let mut encoder = VideoEncoder::create(utf8(&path), 48, 48, 25, options).unwrap();
            for frame in 0..20_usize {
                let pixels: Vec<u8> = (0..48 * 48 * 3)
                    .map(|at| (at * (frame + 3) / 7 % 251) as u8)
                    .collect();
                encoder.push(&pixels).unwrap();
            }
            encoder.finish().unwrap();
            (name.to_owned(), fs_err::read(path).unwrap())
        })
        .collect()
}

/// Decodes a file, measures and audits it; whether it gave frames.
fn goes_through(path: &Utf8Path) -> bool {
    match decode(path, &DECODE) {
        Ok(video) => {
            assert!(!video.kept.is_empty());
            assert_eq!(video.pixels.len(), video.kept.len() * DECODE.frame_bytes());
            let measured = Measured::new(&video, DECODE.size);
            let inspected = Inspected {
                video: 0,
                path,
                facts: video.facts,
                container: &video.container,
                kept: &video.kept,
                looks: &measured.looks,
                face_score: None,
                face: None,
            };
            drop(audit(inspected, 16, &HealthSettings::default()));
            true
        }
        Err(error) => {
            assert!(!error.problem.reason().is_empty());
            false
        }
    }
}

#[test]
fn damaged_videos() {
    let workspace = Workspace::new();
    let files: Vec<Utf8PathBuf> = sound_videos(&workspace)
        .into_iter()
        .map(|(name, _)| utf8(&workspace.path(&name)).to_owned())
        .collect();
    on_damaged(&files, 300, |path| {
        goes_through(path);
    });
}

#[test]
#[ignore = "takes minutes: run it with '--ignored', and as many videos as MUTATED_VIDEOS says"]
fn thousands_of_damaged_and_spliced_videos() {
    let workspace = Workspace::new();
    let sound = sound_videos(&workspace);
    let count = std::env::var("MUTATED_VIDEOS").map_or(5000, |text| text.parse().unwrap());
    let mut random = Seed(5).stream("damage", 0);
    let (mut with_frames, mut without) = (0, 0);
    for _ in 0..count {
        let (name, whole) = &sound[random.random_range(0..sound.len())];
        let mut bytes = whole.clone();
        if random.random_range(0..4) == 0 {
            // The first part of one file and the last of another.
            let (_, other) = &sound[random.random_range(0..sound.len())];
            bytes.truncate(random.random_range(0..bytes.len()));
            bytes.extend(&other[random.random_range(0..other.len())..]);
        }
        for _ in 0..random.random_range(0..20) {
            let (at, share) = (random.random(), random.random());
            let damage = match random.random_range(0..6) {
                0 => Damage::Set(at, random.random()),
                1 => Damage::Flip(at, random.random()),
                2 => Damage::Cut(at, share),
                3 => Damage::Double(at, share),
                4 => Damage::Fill(at, share, random.random()),
                _ => Damage::Flip(at * at, random.random()),
            };
            damage.apply(&mut bytes);
        }
        let path = workspace.path(&format!("damaged_{name}"));
        fs_err::write(&path, &bytes).unwrap();
        if goes_through(utf8(&path)) {
            with_frames += 1;
        } else {
            without += 1;
        }
    }
    println!("{with_frames} gave frames, {without} an error");
    assert_eq!(with_frames + without, count);
}
