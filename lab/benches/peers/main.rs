//! Our side of the table that `lab/bench` prints, and the limits that nobody can pass: `cargo bench --package rdfer-lab --bench peers -- WHAT`.
//!
//! | WHAT | does |
//! |---|---|
//! | `corpus DIR SMALL LARGE` | writes SMALL videos of 224×224, as many folders of JPEG images, and LARGE videos of 1280×720 |
//! | `decode LIST` | decodes the files or folders that LIST names, one a line, to 64 frames of 112×112 |
//! | `cache LIST DIR` | the same into a cache, as `check` and `scan` do: fingerprint, decode, look at, store |
//! | `found LIST DIR` | the same again: all is found |
//! | `limit LIST` | libavcodec alone: demultiplexes and decodes, and looks at no pixel |
//! | `limit-jpeg LIST` | libjpeg-turbo alone, at the scale that is nearest above 112×112 |
//! | `labels FILE` | cleanlab's scores and masks of a Parquet file of `label` and `pred_probs`, read before the clock starts |
//! | `parquet DIR` | writes and reads 40,000 videos of ten clips of seven probabilities |
//!
//! All on two threads. Each prints a line of JSON: items, seconds of wall clock and of processor, and the peak of memory.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that stops at the first thing that is wrong and tells the rest"
)]

mod corpus;
mod limit;
mod work;

use std::time::Instant;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::json;

const THREADS: usize = 2;

fn main() {
    let words = lab::arguments();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["corpus", dir, small, large] => corpus::write(
            Utf8Path::new(dir),
            small.parse().unwrap(),
            large.parse().unwrap(),
        ),
        ["decode", list] => timed(paths(list), |paths| work::decode(&paths)),
        ["cache" | "found", list, dir] => timed(paths(list), |paths| {
            work::fill(&paths, Utf8Path::new(dir), words[0] == "found")
        }),
        ["limit", list] => timed(paths(list), |paths| limit::video(&paths)),
        ["limit-jpeg", list] => timed(paths(list), |paths| limit::jpeg(&paths)),
        ["labels", file] => timed(work::table(Utf8Path::new(file)), |table| {
            work::label_issues(&table)
        }),
        ["parquet", dir] => timed(work::clips(), |rows| {
            work::parquet(&rows, Utf8Path::new(dir))
        }),
        _ => println!("see the head of lab/benches/peers/main.rs for what to say"),
    }
}

fn paths(list: &str) -> Vec<Utf8PathBuf> {
    let list = fs_err::read_to_string(list).unwrap();
    list.lines().map(Utf8PathBuf::from).collect()
}

/// Does the work, and prints what it cost; `work` says how many items it did.
fn timed<T>(given: T, work: impl FnOnce(T) -> usize) {
    rayon::ThreadPoolBuilder::new()
        .num_threads(THREADS)
        .build_global()
        .unwrap();
    let (before, start) = (processor_seconds(), Instant::now());
    let items = work(given);
    let wall = start.elapsed().as_secs_f64();
    let processor = processor_seconds() - before;
    let status = fs_err::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find(|line| line.starts_with("VmHWM"));
    let peak = peak.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    println!(
        "{}",
        json!({"items": items, "wall": wall, "processor": processor, "peak_mb": peak.unwrap_or(0.0) / 1024.0})
    );
}

/// The processor time of all threads of this process; Linux counts it in hundredths of a second.
fn processor_seconds() -> f64 {
    let text = fs_err::read_to_string("/proc/self/stat").unwrap();
    // The program's name stands in parentheses and may hold blanks; user and system time are the 12th and 13th after it.
    let after = text.rsplit_once(')').unwrap().1;
    let ticks = after.split_whitespace().skip(11).take(2);
    ticks.map(|word| word.parse::<f64>().unwrap()).sum::<f64>() / 100.0
}
