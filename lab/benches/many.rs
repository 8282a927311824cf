//! A scan of many tiny videos, and its memory over time: `cargo bench --package rdfer-lab --bench many [-- VIDEOS]`, 20,000 by default.
//!
//! Frames of the cache are mapped, and count as the program's memory for as long as the system has no better use for it;
//! `own` is the memory that it has for itself. Flat means that a thousand further videos cost little of it, held against a
//! scan of a tenth of them.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that stops at the first thing that is wrong and tells the rest"
)]

use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use rayon::prelude::*;
use rdfer_audit::video::{EncoderCodec, EncoderOptions, VideoEncoder};

const VIDEOS: usize = 20_000;
const EDGE: u32 = 32;
const FRAMES: u32 = 12;
const LABELS: [&str; 4] = ["left", "right", "up", "down"];

/// How much more own memory, in MB per 1,000 videos, is still called flat: rows, votes, fingerprints, signatures of
/// duplicates.
const MOST_PER_THOUSAND: f64 = 15.0;

/// The network and the schedule: as little as there can be.
const SETTINGS: &str = "--quiet --json --folds 2 --clips 2 --epochs 1 --set video.size=32 --set clips.frames=8 \
    --set model.size=32 --set model.width=8 --set model.synopsis_frames=8 --set model.shift_segment=4 \
    --set model.feature=16 --set model.hidden=16 --set train.batch_size=128";

fn main() {
    let count = std::env::args().find_map(|word| word.parse().ok());
    let videos = count.unwrap_or(VIDEOS);
    let temporary = tempfile::tempdir().unwrap();
    let root = Utf8PathBuf::from_path_buf(temporary.path().to_owned()).unwrap();
    let start = Instant::now();
    make(&root, videos);
    println!(
        "{videos} videos of {FRAMES} frames of {EDGE}×{EDGE} made in {:.0} s",
        start.elapsed().as_secs_f64()
    );
    let tenth = scan(&root, "tenth", &["--limit", &(videos / 10).to_string()]);
    let whole = scan(&root, "whole", &[]);
    for (name, scanned) in [("a tenth", &tenth), ("all", &whole)] {
        println!(
            "scan of {name}: {:.0} s, at most {:.0} MB own, {:.0} MB with mapped frames",
            scanned.seconds, scanned.own_mb, scanned.peak_mb
        );
    }
    println!(
        "own MB over the time of the scan of all: {:.0?}",
        whole.course
    );
    let thousands = (videos - videos / 10) as f64 / 1000.0;
    let growth = (whole.own_mb - tenth.own_mb) / thousands;
    println!("{growth:.1} MB of own memory for a thousand further videos");
    let second = scan(&root, "whole", &["--overwrite"]);
    println!(
        "the second scan of the same videos: {:.0} s",
        second.seconds
    );
    assert!(
        growth < MOST_PER_THOUSAND,
        "memory grows with the number of videos"
    );
}

/// Writes the videos, a spot that moves over a ground of each video's own, and their labels.
fn make(root: &Utf8Path, videos: usize) {
    let options = EncoderOptions {
        codec: EncoderCodec::Mpeg4,
        ..EncoderOptions::default()
    };
    (0..videos).into_par_iter().for_each(|number| {
        let path = root.join(path_of(number));
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        let mut encoder = VideoEncoder::create(&path, EDGE, EDGE, 25, options).unwrap();
        for frame in 0..FRAMES {
            encoder.push(&picture(number as u32, frame)).unwrap();
        }
        encoder.finish().unwrap();
    });
    let mut list = String::from("path,label\n");
    for number in 0..videos {
        let path = path_of(number);
        list.extend([&path, ",", LABELS[number % LABELS.len()], "\n"]);
    }
    fs_err::write(root.join("labels.csv"), list).unwrap();
}

fn path_of(number: usize) -> String {
    format!("videos/{:02}/{number:06}.mp4", number % 100)
}

fn picture(number: u32, frame: u32) -> Vec<u8> {
    // Fractions of the golden ratio spread over the cube of parameters.
    let own =
        |axis: u32| (f64::from(number + 1) * [0.618, 0.755, 0.57, 0.353][axis as usize]).fract();
    let along = f64::from(frame) / f64::from(FRAMES);
    let edge = f64::from(EDGE);
    let (x, y) = match number % 4 {
        0 => (1.0 - along, own(0)),
        1 => (along, own(0)),
        2 => (own(0), 1.0 - along),
        _ => (own(0), along),
    };
    (0..EDGE * EDGE)
        .flat_map(|at| {
            let (u, v) = (f64::from(at % EDGE) / edge, f64::from(at / EDGE) / edge);
            let ground =
                90.0 + 60.0 * (6.0 * (u + own(1))).sin() * (9.0 * own(2) * v + 7.0 * own(3)).cos();
            let near = (-30.0 * ((u - x).powi(2) + (v - y).powi(2))).exp();
            [ground + 90.0 * near, ground, ground + 40.0 * own(1)].map(|value| value as u8)
        })
        .collect()
}

/// What a scan cost.
struct Scanned {
    seconds: f64,
    /// The most memory of its own, in MB.
    own_mb: f64,
    /// The most memory in all.
    peak_mb: f64,
    /// Own memory at ten times, evenly spread over the scan.
    course: Vec<f64>,
}

fn scan(root: &Utf8Path, run: &str, more: &[&str]) -> Scanned {
    let start = Instant::now();
    // Not through `rdfer-audit`, which would start it: this process is the one to watch.
    let mut child = Command::new(lab::program("rdfer-audit-network"))
        .args(["scan", "labels.csv", "--out", run])
        .args(SETTINGS.split_whitespace())
        .args(more)
        .current_dir(root)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let file = format!("/proc/{}/status", child.id());
    let (mut own, mut peak_mb) = (Vec::new(), 0.0_f64);
    let status = loop {
        let text = fs_err::read_to_string(&file).unwrap_or_default();
        let megabytes = |word: &str| {
            let line = text.lines().find(|line| line.starts_with(word));
            line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok())
                .map_or(0.0, |kilobytes| kilobytes / 1024.0)
        };
        own.push(megabytes("RssAnon"));
        peak_mb = peak_mb.max(megabytes("VmHWM"));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        thread::sleep(Duration::from_millis(100));
    };
    assert!(status.success(), "{status}");
    Scanned {
        seconds: start.elapsed().as_secs_f64(),
        own_mb: own.iter().copied().fold(0.0, f64::max),
        peak_mb,
        course: (0..10)
            .map(|part| own[(own.len() - 1) * part / 9])
            .collect(),
    }
}
