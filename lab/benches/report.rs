//! Time and size of the page of 40,000 videos with ten clips each: `cargo bench --package rdfer-lab --bench report`.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that stops at the first thing that is wrong and tells the rest"
)]

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use lab::made_up;
use rdfer_audit::page::findings::{Findings, ReviewFacts};
use rdfer_audit::page::html::{Page, render};
use rdfer_audit::rows::folder::RunFolder;
use rdfer_audit::video::{EncoderOptions, VideoEncoder};

const VIDEOS: usize = 40_000;

/// What the page may cost.
const LONGEST: Duration = Duration::from_secs(5);
const LARGEST: u64 = 5_000_000;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
    let run_folder = RunFolder::new(root.join("run"));
    made_up::write(&root, &run_folder, VIDEOS);

    let start = Instant::now();
    let findings = Findings::read(&run_folder, ReviewFacts::default()).unwrap();
    println!("read {VIDEOS} videos: {:.0} ms", millis(start.elapsed()));
    let start = Instant::now();
    let page = render(&Page {
        findings: &findings,
        strips: &BTreeMap::new(),
        comparison: None,
        left_out: &[],
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
    let tool = lab::program("rdfer-audit");
    let report = || {
        let start = Instant::now();
        let mut command = Command::new(&tool);
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

fn encode<'a>(root: &Utf8Path, paths: impl Iterator<Item = &'a str>) {
    for (number, path) in paths.enumerate() {
        let path = root.join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        let mut encoder =
            VideoEncoder::create(&path, 640, 480, 25, EncoderOptions::default()).unwrap();
        for frame in 0..made_up::FACTS.frames {
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
