//! The steps of a scan on a made-up plan of many videos: how long a network takes to begin, and with `--merge` what it costs to
//! judge what networks said, ten clips a video: `cargo bench --package rdfer-lab --bench steps [-- VIDEOS [--merge EPOCHS]]`,
//! 100,000 videos by default.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that stops at the first thing that is wrong and tells the rest"
)]

use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use lab::{cost, planned};
use rdfer_audit::rows::folder::RunFolder;

const VIDEOS: usize = 100_000;

/// What a network may take to begin on so many videos, beyond the time that libtorch takes to load, in seconds.
const LONGEST: f64 = 2.0;

const RUNS: usize = 3;

fn main() {
    let words = lab::arguments();
    let number = |word: Option<&String>| word.and_then(|word| word.parse::<usize>().ok());
    let videos = number(words.first()).unwrap_or(VIDEOS);
    let merge = words.iter().position(|word| word == "--merge");
    let temporary = tempfile::tempdir().unwrap();
    let root = Utf8PathBuf::from_path_buf(temporary.path().to_owned()).unwrap();
    let run = planned::prepare(&root, videos);
    let size = |path: Utf8PathBuf| fs_err::metadata(path).unwrap().len() as f64 / 1e6;
    println!(
        "{videos} videos: a plan of {:.0} MB, an index of {:.0} MB",
        size(run.plan()),
        size(run.cache().join("index.jsonl"))
    );
    let program = lab::program("rdfer-audit-network");
    let median = |of: &dyn Fn() -> f64| {
        let mut seconds = [(); RUNS].map(|()| of());
        seconds.sort_by(f64::total_cmp);
        seconds[RUNS / 2]
    };
    let load = median(&|| cost::of(&program, &["--version"], &root).seconds);
    let begin = median(&|| begin(&program, &root, &run));
    println!("libtorch is loaded after {load:.2} s, a network has begun after {begin:.2} s");
    if let Some(at) = merge {
        let epochs = number(words.get(at + 1)).unwrap();
        let start = Instant::now();
        planned::finish(&run, epochs);
        println!(
            "made up in {:.0} s: networks of {epochs} epochs",
            start.elapsed().as_secs_f64()
        );
        let cost = cost::of(
            &program,
            &["scan", "--merge", "--out", "run", "--quiet"],
            &root,
        );
        println!("merged in {:.1} s and {:.0} MB", cost.seconds, cost.peak_mb);
    }
    assert!(
        begin - load < LONGEST || videos > VIDEOS,
        "a network takes {:.1} s to begin",
        begin - load
    );
}

/// How long a process of a network takes until it says that it works on it.
fn begin(program: &str, root: &Utf8Path, run: &RunFolder) -> f64 {
    let said = run.root().join("folds/.0.worker");
    let start = Instant::now();
    let mut child = Command::new(program)
        .args(["scan", "--network", "0", "--out", "run", "--quiet"])
        .current_dir(root)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    while !said.exists() {
        assert!(child.try_wait().unwrap().is_none(), "the network has ended");
        thread::sleep(Duration::from_millis(2));
    }
    let seconds = start.elapsed().as_secs_f64();
    child.kill().unwrap();
    child.wait().unwrap();
    fs_err::remove_file(said).unwrap();
    seconds
}
