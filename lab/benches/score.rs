//! `score` on 40,000 videos of ten clips, without and with the dynamics of their training and key frames, and its parts:
//! `cargo bench --package rdfer-lab --bench score`.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that stops at the first thing that is wrong and tells the rest"
)]

use std::process::Command;
use std::time::Instant;

use camino::{Utf8Path, Utf8PathBuf};
use polars::prelude::*;
use rand::RngExt;
use rand::seq::SliceRandom;
use rdfer_audit::rows::clips::{self, ClipRow};
use rdfer_audit::rows::dynamics::{Dynamics, DynamicsRow};
use rdfer_audit::score::ProbabilityTable;
use rdfer_audit::score::confident_learning::{ConfidentJoint, LabelFlags};
use rdfer_audit::score::noise_model::NoiseModelSettings;
use rdfer_audit::score::ranking::Ranking;
use rdfer_audit::seed::Seed;

const VIDEOS: usize = 40_000;
const CLIPS: usize = 10;
/// Networks of a run, each of which trains on the videos of the others' folds, and their epochs.
const FOLDS: usize = 5;
const EPOCHS: usize = 20;
const LABELS: [&str; 7] = [
    "angry", "disgust", "fear", "happy", "neutral", "sad", "surprise",
];

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
    let (labels, rows) = clip_rows();
    parts(&labels, &rows);
    let run = root.join("run");
    write_predictions(&root, &labels, &rows);
    let tool = lab::program("rdfer-audit");
    let program = |arguments: &[&str]| {
        let start = Instant::now();
        let output = Command::new(&tool).args(arguments).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        start.elapsed().as_secs_f64()
    };
    let from = root.join("predictions.parquet");
    let first = program(&[
        "score",
        "--from",
        from.as_str(),
        "--out",
        run.as_str(),
        "--json",
    ]);
    println!("score --from of {VIDEOS} videos x {CLIPS} clips: {first:.2} s");
    let again = |name: &str| {
        for _ in 0..5 {
            let seconds = program(&["score", run.as_str(), "--json"]);
            println!("{name}: {seconds:.2} s");
        }
    };
    again("score RUN");
    let watched = dynamics(&labels);
    watched.write(&run.join("dynamics.parquet")).unwrap();
    again(&format!(
        "score RUN with {} rows of dynamics",
        watched.len()
    ));
    // As the full network leaves them: with the frames that its second stream saw.
    clips::write(&run.join("clips.parquet"), &rows).unwrap();
    again("score RUN with dynamics and key frames");
    println!(
        "start of the program (completions): {:.2} s",
        program(&["completions", "bash"])
    );
}

/// Labels of the videos, and their clips' rows, one video after the other.
fn clip_rows() -> (Vec<usize>, Vec<ClipRow>) {
    let mut random = Seed(3).stream("bench", "");
    let (mut labels, mut rows) = (Vec::new(), Vec::new());
    for video in 0..VIDEOS {
        let shown = random.random_range(0..LABELS.len());
        labels.push(if random.random_bool(0.1) {
            random.random_range(0..LABELS.len())
        } else {
            shown
        });
        for clip in 0..CLIPS {
            let mut weights: Vec<f32> = LABELS
                .iter()
                .map(|_| random.random_range(0.0..1.0_f32))
                .collect();
            weights[shown] += 4.0 * random.random_range(0.0..1.0_f32);
            let sum: f32 = weights.iter().sum();
            rows.push(ClipRow {
                id: format!("{video:05}"),
                repeat: 0,
                clip: clip as u16,
                start_frame: 0,
                end_frame: 63,
                flipped: false,
                key_frames: (0..16).map(|frame| 4 * frame + clip as u32 % 4).collect(),
                prediction: LABELS[shown].to_owned(),
                probs: weights.iter().map(|weight| weight / sum).collect(),
            });
        }
    }
    (labels, rows)
}

/// What training left of every video, sorted as a scan writes it.
fn dynamics(labels: &[usize]) -> Dynamics {
    let mut random = Seed(4).stream("bench", "");
    let ids: Vec<String> = (0..VIDEOS).map(|video| format!("{video:05}")).collect();
    let mut dynamics = Dynamics::default();
    for fold in 0..FOLDS {
        let mut videos: Vec<usize> = (0..VIDEOS).filter(|video| video % FOLDS != fold).collect();
        for epoch in 0..EPOCHS {
            videos.shuffle(&mut random);
            for &video in &videos {
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
                    state: if epoch < 5 { "warmup" } else { "clean" },
                });
            }
        }
    }
    dynamics.sort_by_video();
    dynamics
}

fn parts(labels: &[usize], rows: &[ClipRow]) {
    let means: Vec<Vec<f64>> = rows
        .chunks_exact(CLIPS)
        .map(|clips| {
            (0..LABELS.len())
                .map(|class| {
                    clips
                        .iter()
                        .map(|clip| f64::from(clip.probs[class]))
                        .sum::<f64>()
                        / CLIPS as f64
                })
                .collect()
        })
        .collect();
    let table = ProbabilityTable::new(labels, &means, LABELS.len()).unwrap();
    let timed = |name: &str, work: &dyn Fn()| {
        let start = Instant::now();
        work();
        println!("{name}: {:.3} s", start.elapsed().as_secs_f64());
    };
    timed("confident joint and flags", &|| {
        let _flags = LabelFlags::find(&table, &ConfidentJoint::count(&table));
    });
    timed("noise models and order", &|| {
        let everyone = vec![true; VIDEOS];
        let _ranking =
            Ranking::new(&table, &everyone, None, NoiseModelSettings::default()).unwrap();
    });
}

/// The file that `score --from` takes.
fn write_predictions(root: &Utf8Path, labels: &[usize], rows: &[ClipRow]) {
    let words: Vec<&str> = (0..rows.len())
        .map(|row| LABELS[labels[row / CLIPS]])
        .collect();
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let mut probs = ListPrimitiveChunkedBuilder::<Float32Type>::new(
        "pred_probs".into(),
        0,
        0,
        DataType::Float32,
    );
    for row in rows {
        probs.append_slice(&row.probs);
    }
    let columns = vec![
        Column::new("id".into(), ids),
        Column::new("label".into(), words),
        probs.finish().into_column(),
    ];
    let mut frame = DataFrame::new(rows.len(), columns).unwrap();
    let file = fs_err::File::create(root.join("predictions.parquet")).unwrap();
    ParquetWriter::new(file).finish(&mut frame).unwrap();
}
