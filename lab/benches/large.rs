//! The program itself on a run of many videos of ten clips: `cargo bench --package rdfer-lab --bench large [-- VIDEOS]`, 100,000 by default.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that stops at the first thing that is wrong and tells the rest"
)]

use camino::Utf8PathBuf;
use lab::screen::Screen;
use lab::{cost, made_up};
use rdfer_audit::rows::folder::RunFolder;

const VIDEOS: usize = 100_000;

/// What every command may cost.
const LONGEST: f64 = 3.0;
const MOST_MB: f64 = 1000.0;

fn main() {
    let count = std::env::args().find_map(|word| word.parse().ok());
    let videos = count.unwrap_or(VIDEOS);
    let temporary = tempfile::tempdir().unwrap();
    let root = Utf8PathBuf::from_path_buf(temporary.path().to_owned()).unwrap();
    made_up::write(&root, &RunFolder::new(root.join("run")), videos);
    println!("{videos} videos of ten clips");
    println!("{:<24} {:>8} {:>8}", "command", "seconds", "peak MB");
    let mut dear = Vec::new();
    let mut told = |name: &str, seconds: f64, peak_mb: f64| {
        println!("{name:<24} {seconds:>8.2} {peak_mb:>8.0}");
        if seconds > LONGEST || peak_mb > MOST_MB {
            dear.push(name.to_owned());
        }
    };
    let commands: [(&str, &[&str]); 4] = [
        ("score", &["score", "run", "--json"]),
        ("report", &["report", "run", "--json"]),
        ("review --list", &["review", "run", "--list", "--json"]),
        (
            "export",
            &[
                "export",
                "run",
                "--to",
                "cleaned.csv",
                "--apply",
                "both",
                "--min-prob",
                "0.9",
                "--force",
            ],
        ),
    ];
    for (name, arguments) in commands {
        let program = &lab::program("rdfer-audit");
        let runs = [(); 3].map(|()| cost::of(program, arguments, &root));
        let fastest = runs.iter().map(|run| run.seconds).fold(f64::MAX, f64::min);
        let most = runs.iter().map(|run| run.peak_mb).fold(0.0, f64::max);
        told(name, fastest, most);
    }
    let screen = Screen::start(
        &["review", "run", "--set", "review.images=half_blocks"],
        &root,
    );
    // The header says how many there are.
    let seconds = screen.seconds_until(&videos.to_string());
    let memory = screen.memory(&["VmHWM"]);
    let kilobytes = memory
        .first()
        .and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    told(
        "review, first screen",
        seconds,
        kilobytes.unwrap_or(0.0) / 1024.0,
    );
    screen.quit();
    assert!(
        dear.is_empty(),
        "more than {LONGEST} s or {MOST_MB} MB: {}",
        dear.join(", ")
    );
}
