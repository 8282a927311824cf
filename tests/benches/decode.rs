//! Decoding to the frames that are stored: `cargo bench --bench decode -- LIST [THREADS]`.
//!
//! `LIST` names one video file or folder of frames per line. Each becomes at most 64 frames of 112×112; nothing is cached.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that stops at the first thing that is wrong and tells the rest"
)]

use std::time::Instant;

use camino::Utf8Path;
use rayon::prelude::*;
use rdfer_audit::video::{self, DecodeSettings};

fn main() {
    let mut words = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'));
    let Some(list) = words.next() else {
        println!("name a list of videos: cargo bench --bench decode -- LIST [THREADS]");
        return;
    };
    let threads = words.next().map_or(2, |word| word.parse().unwrap());
    let list = fs_err::read_to_string(list).unwrap();
    let paths: Vec<&Utf8Path> = list.lines().map(Utf8Path::new).collect();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap();
    let settings = DecodeSettings::default();
    let start = Instant::now();
    let frames: usize = pool.install(|| {
        paths
            .par_iter()
            .map(|path| video::decode(path, &settings).unwrap().kept.len())
            .sum()
    });
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{} videos, {frames} frames in {seconds:.2} s: {:.1} videos/s on {threads} threads",
        paths.len(),
        paths.len() as f64 / seconds
    );
}
