//! A run that nobody scanned: predictions are drawn, and judged as those of a network are.

use std::collections::BTreeMap;

use camino::Utf8Path;
use rand::RngExt;
use rdfer_audit::export::original;
use rdfer_audit::judge::{Evidence, FileState, JudgeSettings, VideoFile, judge};
use rdfer_audit::manifest::{self, Format, LabelFile, ReadOptions};
use rdfer_audit::page::summary::verdict_counts;
use rdfer_audit::rows::clip_probs::ClipProbs;
use rdfer_audit::rows::clips::{self, ClipRow};
use rdfer_audit::rows::cuts;
use rdfer_audit::rows::folder::RunFolder;
use rdfer_audit::rows::run::{self, RunCard};
use rdfer_audit::rows::training::{self, EpochRow};
use rdfer_audit::rows::training_dynamics::TrainingDynamics;
use rdfer_audit::rows::{SCHEMA, classes, videos};
use rdfer_audit::score::noise_model::NoiseModelSettings;
use rdfer_audit::score::{CalibrationSettings, VerdictSettings};
use rdfer_audit::seed::Seed;
use rdfer_audit::video::{DecodeSettings, VideoFacts};

const CLIPS: u16 = 10;
const LABELS: [&str; 7] = [
    "happy", "sad", "neutral", "angry", "surprise", "disgust", "fear",
];

/// What every video is like.
pub const FACTS: VideoFacts = VideoFacts {
    frames: 120,
    fps: 25.0,
    duration_secs: 4.8,
    width: 640,
    height: 480,
    distinct_frames: 64,
    truncated: false,
};

/// Writes a run of `videos` videos with ten clips each, and its file of labels at `root`: 8 % of the labels are wrong, 15 %
/// of the videos waver.
pub fn write(root: &Utf8Path, folder: &RunFolder, videos: usize) {
    let labels = LABELS.map(str::to_owned);
    let (files, clip_rows) = predictions(&labels, videos);
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
        clips: &ClipProbs::new(&clip_rows),
        dynamics: &TrainingDynamics::default(),
        judged: &BTreeMap::new(),
        votes: None,
    };
    fs_err::create_dir_all(folder.root()).unwrap();
    let dataset = root.join("labels.csv");
    let scanned = write_labels(&dataset, &files, &labels);
    original::keep(folder, &dataset, false, &scanned).unwrap();
    let judged = judge(files, evidence, settings).unwrap();
    videos::write(&folder.videos(), &judged.rows, &[]).unwrap();
    clips::write(&folder.clips(), &clip_rows).unwrap();
    let report = judged.classes.as_ref().unwrap();
    classes::write_classes(&folder.classes(), report, &labels).unwrap();
    classes::write_transitions(&folder.transitions(), report, &labels).unwrap();
    let promise = judged.promise.as_ref().unwrap();
    cuts::write(&folder.cuts(), &promise.cuts).unwrap();
    for fold in 0..5 {
        fs_err::create_dir_all(folder.fold(fold)).unwrap();
        training::write(&folder.training_log(fold), &epochs()).unwrap();
    }
    let card = RunCard {
        promise: Some(promise.card(judged.classes.as_ref(), &labels)),
        root: Some(root.to_string()),
        version: "0.1.0".into(),
        schema: SCHEMA,
        digests: scanned
            .iter()
            .map(|file| (file.path.to_string(), manifest::digest(&file.bytes)))
            .collect(),
        dataset: dataset.to_string(),
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
    let preset = include_str!("../../configs/cpu.toml");
    fs_err::write(folder.settings(), preset).unwrap();
}

/// Writes the labels as a user's file, and reads it as a scan does.
fn write_labels(path: &Utf8Path, files: &[VideoFile], labels: &[String]) -> Vec<LabelFile> {
    let mut text = String::from("path,label\n");
    for file in files {
        text.extend([&file.path, ",", &labels[file.label], "\n"]);
    }
    fs_err::write(path, text).unwrap();
    let options = ReadOptions {
        format: Format::Csv,
        words_only: true,
        ..ReadOptions::default()
    };
    manifest::read_with_files(path, &options).unwrap().1
}

/// Drawn videos, and what is said of their clips.
fn predictions(labels: &[String], videos: usize) -> (Vec<VideoFile>, Vec<ClipRow>) {
    let (mut files, mut clip_rows) = (Vec::new(), Vec::new());
    let mut random = Seed(0).stream("bench", "");
    for number in 0..videos {
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

/// A training log of a hundred epochs.
pub(crate) fn epochs() -> Vec<EpochRow> {
    (1..=100_usize)
        .map(|epoch| EpochRow {
            epoch,
            loss: 2.0 / epoch as f64,
            accuracy: 1.0 - 1.0 / epoch as f64,
            uar: 0.9 - 0.9 / epoch as f64,
            held_out: None,
            learning_rate: 5e-4,
        })
        .collect()
}
