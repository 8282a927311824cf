//! Time and size of the page of 40,000 videos with ten clips each: `cargo bench --bench report`.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that stops at the first thing that is wrong and tells the rest"
)]

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use rand::RngExt;
use rdfer_audit::report::clips::{self, ClipRow};
use rdfer_audit::report::findings::{Findings, ReviewFacts};
use rdfer_audit::report::folder::RunFolder;
use rdfer_audit::report::html::{Page, render};
use rdfer_audit::report::judge::{Evidence, FileState, JudgeSettings, VideoFile, judge};
use rdfer_audit::report::run::{self, RunCard};
use rdfer_audit::report::summary::verdict_counts;
use rdfer_audit::report::training::{self, EpochRow};
use rdfer_audit::report::{SCHEMA, classes, promise, videos};
use rdfer_audit::score::noise_model::NoiseModelSettings;
use rdfer_audit::score::{CalibrationSettings, VerdictSettings};
use rdfer_audit::seed::Seed;
use rdfer_audit::video::{DecodeSettings, EncoderOptions, VideoEncoder, VideoFacts};

const VIDEOS: usize = 40_000;
const CLIPS: u16 = 10;
const LABELS: [&str; 7] = [
    "happy", "sad", "neutral", "angry", "surprise", "disgust", "fear",
];

/// What the page may cost.
const LONGEST: Duration = Duration::from_secs(5);
const LARGEST: u64 = 5_000_000;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
    let run_folder = RunFolder::new(root.join("run"));
    write_run(&root, &run_folder);

    let start = Instant::now();
    let findings = Findings::read(&run_folder, ReviewFacts::default()).unwrap();
    println!("read {VIDEOS} videos: {:.0} ms", millis(start.elapsed()));
    let start = Instant::now();
    let page = render(&Page {
        findings: &findings,
        strips: &BTreeMap::new(),
        comparison: None,
    });
    let (time, bytes) = (millis(start.elapsed()), page.len() / 1000);
    println!("page without pictures: {time:.0} ms, {bytes} kB");

    // The videos that the page shows are real: 4.8 s of 640×480, with more texture than faces have.
    let shown: Vec<&usize> = findings.suspects.iter().chain(&findings.hard).collect();
    encode(
        &root,
        shown
            .iter()
            .map(|place| findings.rows[**place].path.as_str()),
    );
    let report = || {
        let start = Instant::now();
        let mut command = Command::new(env!("CARGO_BIN_EXE_rdfer-audit"));
        let command = command.args(["report", "run", "--json"]).current_dir(&root);
        assert!(command.output().unwrap().status.success());
        start.elapsed()
    };
    println!(
        "program 'report' without decoded frames: {:.0} ms",
        millis(report())
    );
    // A scan leaves its decoded frames in the run's folder; the first report fills the cache as it does.
    fs_err::create_dir(run_folder.cache()).unwrap();
    report();
    let time = report();
    let bytes = fs_err::metadata(run_folder.page()).unwrap().len();
    println!(
        "program 'report' with {} strips: {:.0} ms, {} kB",
        shown.len(),
        millis(time),
        bytes / 1000
    );
    assert!(time < LONGEST, "the page takes longer than {LONGEST:?}");
    assert!(bytes < LARGEST, "the page is larger than {LARGEST} bytes");
}

/// A run whose predictions are drawn: 8 % of the labels are wrong, 15 % of the videos waver.
fn write_run(root: &Utf8Path, folder: &RunFolder) {
    let labels = LABELS.map(str::to_owned);
    let (files, clip_rows) = predictions(&labels);
    let verdict = VerdictSettings::default();
    let settings = JudgeSettings {
        labels: &labels,
        verdict: &verdict,
        noise: &NoiseModelSettings::default(),
        calibration: &CalibrationSettings::default(),
        min_distinct_frames: 8,
        seed: Seed(0),
    };
    let evidence = Evidence {
        clips: &clip_rows,
        dynamics: &[],
        judged: &BTreeMap::new(),
    };
    let judged = judge(files, evidence, settings).unwrap();
    fs_err::create_dir_all(folder.root()).unwrap();
    videos::write(&folder.videos(), &judged.rows, &[]).unwrap();
    clips::write(&folder.clips(), &clip_rows).unwrap();
    let report = judged.classes.as_ref().unwrap();
    classes::write_classes(&folder.classes(), report, &labels).unwrap();
    classes::write_transitions(&folder.transitions(), report, &labels).unwrap();
    let promise = judged.promise.as_ref().unwrap();
    promise::write_cuts(&folder.cuts(), &promise.cuts).unwrap();
    for fold in 0..5 {
        fs_err::create_dir_all(folder.fold(fold)).unwrap();
        training::write(&folder.training_log(fold), &epochs()).unwrap();
    }
    let card = RunCard {
        promise: Some(promise.card(judged.classes.as_ref(), &labels)),
        root: Some(root.to_string()),
        version: "0.1.0".into(),
        schema: SCHEMA,
        dataset: root.join("labels.csv").to_string(),
        format: "csv".into(),
        fingerprint: "f00d".into(),
        labels: labels.to_vec(),
        settings: serde_json::json!({"verdict": verdict, "video": DecodeSettings::default()}),
        device: "cpu".into(),
        libtorch: "2.11.0".into(),
        videos: judged.rows.len(),
        verdicts: verdict_counts(&judged.rows),
        clip_overlap: 0.5,
        ..RunCard::default()
    };
    run::write(&folder.card(), &card).unwrap();
}

/// Drawn videos, and what is said of their clips.
fn predictions(labels: &[String]) -> (Vec<VideoFile>, Vec<ClipRow>) {
    let (mut files, mut clip_rows) = (Vec::new(), Vec::new());
    let mut random = Seed(0).stream("bench", "");
    for number in 0..VIDEOS {
        let id = format!("part_{}/clip_{number:06}", number % 12);
        let shown = random.random_range(0..LABELS.len());
        let is_hard = random.random_bool(0.15);
        let label = if random.random_bool(0.08) {
            random.random_range(0..LABELS.len())
        } else {
            shown
        };
        for clip in 0..CLIPS {
            let seen = if is_hard && random.random_bool(0.5) {
                random.random_range(0..LABELS.len())
            } else {
                shown
            };
            let mut probs = [0.0; LABELS.len()].map(|_: f32| random.random_range(0.01..0.2));
            probs[seen] += 1.0;
            let sum: f32 = probs.iter().sum();
            clip_rows.push(ClipRow {
                id: id.clone(),
                repeat: 0,
                clip,
                start_frame: u32::from(clip) * 6,
                end_frame: u32::from(clip) * 6 + 60,
                flipped: false,
                key_frames: (0..16)
                    .map(|frame| u32::from(clip) * 6 + frame * 3)
                    .collect(),
                prediction: labels[seen].clone(),
                probs: probs.iter().map(|prob| prob / sum).collect(),
            });
        }
        files.push(VideoFile {
            path: format!("{id}.mp4"),
            id,
            label,
            group: None,
            fold: (number % 5) as u8,
            state: FileState::Decoded(FACTS),
            issues: Vec::new(),
            copies: Vec::new(),
            neighbours: None,
            extra: Vec::new(),
        });
    }
    (files, clip_rows)
}

const FACTS: VideoFacts = VideoFacts {
    frames: 120,
    fps: 25.0,
    duration_secs: 4.8,
    width: 640,
    height: 480,
    distinct_frames: 64,
    truncated: false,
};

fn epochs() -> Vec<EpochRow> {
    (1..=100_usize)
        .map(|epoch| EpochRow {
            epoch,
            loss: 2.0 / epoch as f64,
            accuracy: 1.0 - 1.0 / epoch as f64,
            uar: Some(0.9 - 0.9 / epoch as f64),
            held_out: None,
            learning_rate: 5e-4,
        })
        .collect()
}

fn encode<'a>(root: &Utf8Path, paths: impl Iterator<Item = &'a str>) {
    for (number, path) in paths.enumerate() {
        let path = root.join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        let mut encoder =
            VideoEncoder::create(&path, 640, 480, 25, EncoderOptions::default()).unwrap();
        for frame in 0..FACTS.frames {
            let pixels: Vec<u8> = (0..640 * 480_u32)
                .flat_map(|at| {
                    let (x, y) = (at % 640 + frame * 3, at / 640 + number as u32 * 40);
                    [(x / 2 + y) as u8, (y * x / 97) as u8, (x ^ y) as u8]
                })
                .collect();
            encoder.push(&pixels).unwrap();
        }
        encoder.finish().unwrap();
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
