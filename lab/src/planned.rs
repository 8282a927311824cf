//! A prepared run of many videos that are not there: a few real ones are prepared by the program itself, and their lines in the
//! plan and in the cache's index are repeated under other names and contents. So all but the number is as it would be.

use std::fmt::Write;

use camino::Utf8Path;
use rand::RngExt;
use rdfer_audit::rows::clips::{self, ClipRow};
use rdfer_audit::rows::dynamics::{Dynamics, DynamicsRow};
use rdfer_audit::rows::features::{self, FeatureRow};
use rdfer_audit::rows::fold_card::NetworkInTheMaking;
use rdfer_audit::rows::folder::RunFolder;
use rdfer_audit::rows::training;
use rdfer_audit::seed::Seed;
use rdfer_audit::video::{EncoderCodec, EncoderOptions, VideoEncoder};
use serde_json::Value;

use crate::made_up::epochs;
use crate::program;

const LABELS: [&str; 7] = [
    "angry", "disgust", "fear", "happy", "neutral", "sad", "surprise",
];

/// Real videos of each class.
const REAL: usize = 5;

/// Clips of each video that a network scores, and what it leaves of each video.
const CLIPS: usize = 10;
const FEATURE: usize = 128;

const EDGE: u32 = 32;
const FRAMES: u32 = 64;

/// As little of a network as there can be; videos of 64 frames, as the presets keep them.
const SETTINGS: &str = "--device cpu --threads 1 --folds 5 --set clips.count=10 --set video.size=32 --set clips.frames=8 \
    --set model.size=32 --set model.width=8 --set model.synopsis_frames=8 --set model.shift_segment=4 \
    --set model.feature=16 --set model.hidden=16 --set train.batch_size=8 --quiet";

/// Prepares a run of so many videos below `root`.
pub fn prepare(root: &Utf8Path, videos: usize) -> RunFolder {
    real(root);
    let run = root.join("run");
    let status = std::process::Command::new(program("rdfer-audit-network"))
        .args(["scan", "labels.csv", "--prepare", "--out", "run"])
        .args(SETTINGS.split_whitespace())
        .current_dir(root)
        .stdout(std::process::Stdio::null())
        .status();
    assert!(status.unwrap().success(), "the run cannot be prepared");
    let run = RunFolder::new(run);
    let mut plan: Value = serde_json::from_slice(&fs_err::read(run.plan()).unwrap()).unwrap();
    let contents = repeat_plan(&mut plan, videos);
    fs_err::write(run.plan(), plan.to_string()).unwrap();
    repeat_index(&run.cache().join("index.jsonl"), &contents, videos);
    run
}

fn real(root: &Utf8Path) {
    let mut list = String::from("path,label\n");
    for number in 0..REAL * LABELS.len() {
        let path = format!("{number}.mp4");
        let options = EncoderOptions {
            codec: EncoderCodec::Mpeg4,
            ..EncoderOptions::default()
        };
        let mut encoder = VideoEncoder::create(&root.join(&path), EDGE, EDGE, 25, options).unwrap();
        let mut random = Seed(number as u64).stream("pictures", "");
        for _ in 0..FRAMES {
            let pixels: Vec<u8> = (0..EDGE * EDGE * 3).map(|_| random.random()).collect();
            encoder.push(&pixels).unwrap();
        }
        encoder.finish().unwrap();
        writeln!(list, "{path},{}", LABELS[number % LABELS.len()]).unwrap();
    }
    fs_err::write(root.join("labels.csv"), list).unwrap();
}

/// The name of a made-up video, as data sets have them.
fn id(number: usize) -> String {
    format!("part_{:02}/clip_{number:07}", number % 12)
}

/// What stands for its content.
fn content(number: usize) -> String {
    format!("{number:064x}")
}

/// Repeats the plan's videos; the contents that they had.
fn repeat_plan(plan: &mut Value, videos: usize) -> Vec<String> {
    let columns = &mut plan["videos"];
    let strings = |column: &Value| -> Vec<String> {
        let values = column.as_array().unwrap().iter();
        values
            .map(|value| value.as_str().unwrap().to_owned())
            .collect()
    };
    let contents = strings(&columns["content"]);
    columns["id"] = (0..videos).map(id).collect();
    columns["path"] = (0..videos).map(|number| id(number) + ".mp4").collect();
    columns["content"] = (0..videos).map(content).collect();
    for column in ["label", "fold", "group"] {
        let known = columns[column].as_array().unwrap().clone();
        columns[column] = known.iter().cycle().take(videos).cloned().collect();
    }
    contents
}

/// Repeats the index' lines, whose frames are those of the real videos.
fn repeat_index(path: &Utf8Path, contents: &[String], videos: usize) {
    let text = fs_err::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let mut index = lines.next().unwrap().to_owned() + "\n";
    let lines: Vec<&str> = lines.collect();
    let lines: Vec<&str> = contents
        .iter()
        .map(|content| *lines.iter().find(|line| line.contains(content)).unwrap())
        .collect();
    for number in 0..videos {
        let real = number % contents.len();
        index += &lines[real].replacen(&contents[real], &content(number), 1);
        index.push('\n');
    }
    fs_err::write(path, index).unwrap();
}

/// Writes what the plan's networks would leave after so many epochs, drawn.
pub fn finish(run: &RunFolder, epochs_of_each: usize) {
    let plan: Value = serde_json::from_slice(&fs_err::read(run.plan()).unwrap()).unwrap();
    let digest = plan["digest"].as_str().unwrap();
    let column = |name: &str| plan["videos"][name].as_array().unwrap();
    let folds: Vec<usize> = column("fold")
        .iter()
        .map(|fold| fold.as_u64().unwrap() as usize)
        .collect();
    let labels: Vec<usize> = column("label")
        .iter()
        .map(|label| label.as_u64().unwrap() as usize)
        .collect();
    for fold in 0..=folds.iter().copied().max().unwrap() {
        let mut random = Seed(fold as u64).stream("networks", "");
        let made = NetworkInTheMaking::create(run, fold, 0).unwrap();
        let own = || (0..folds.len()).filter(|&video| folds[video] == fold);
        let rows: Vec<ClipRow> = own()
            .flat_map(|video| (0..CLIPS).map(move |clip| (video, clip)))
            .map(|(video, clip)| clip_row(video, clip, labels[video], &mut random))
            .collect();
        clips::write(&made.path().join("clips.parquet"), &rows).unwrap();
        drop(rows);
        let rows: Vec<FeatureRow> = own()
            .map(|video| FeatureRow {
                id: id(video),
                fold: fold as u8,
                feature: (0..FEATURE)
                    .map(|place| {
                        let is_of_class = place % LABELS.len() == labels[video];
                        f32::from(u8::from(is_of_class)) + random.random_range(0.0..1.0_f32)
                    })
                    .collect(),
            })
            .collect();
        features::write(&made.path().join("features.parquet"), &rows).unwrap();
        drop(rows);
        let mut dynamics = Dynamics::default();
        let ids: Vec<String> = (0..folds.len()).map(id).collect();
        for epoch in 0..epochs_of_each {
            for video in (0..folds.len()).filter(|&video| folds[video] != fold) {
                let loss = random.random_range(0.0..2.0_f32);
                dynamics.push(DynamicsRow {
                    id: &ids[video],
                    fold: fold as u8,
                    repeat: 0,
                    epoch: epoch as u16,
                    label_prob: (-loss).exp(),
                    label_margin: 0.7 - loss,
                    loss,
                    prediction: LABELS[(labels[video] + usize::from(loss > 0.7)) % LABELS.len()],
                    state: if epoch < 2 { "warmup" } else { "clean" },
                });
            }
        }
        dynamics
            .write(&made.path().join("dynamics.parquet"))
            .unwrap();
        training::write(&made.path().join("training.jsonl"), &epochs()).unwrap();
        assert!(made.finish(digest).unwrap());
    }
}

fn clip_row(video: usize, clip: usize, label: usize, random: &mut impl RngExt) -> ClipRow {
    let shown = if video.is_multiple_of(12) {
        video / 12 % LABELS.len()
    } else {
        label
    };
    let mut probs: Vec<f32> = LABELS
        .iter()
        .map(|_| random.random_range(0.0..1.0_f32))
        .collect();
    probs[shown] += 4.0 * random.random_range(0.0..1.0_f32);
    let sum: f32 = probs.iter().sum();
    for prob in &mut probs {
        *prob /= sum;
    }
    ClipRow {
        id: id(video),
        repeat: 0,
        clip: clip as u16,
        start_frame: 4 * clip as u32,
        end_frame: 4 * clip as u32 + 15,
        flipped: false,
        prediction: LABELS[shown].to_owned(),
        key_frames: (0..16).map(|frame| 4 * clip as u32 + frame).collect(),
        probs,
    }
}
