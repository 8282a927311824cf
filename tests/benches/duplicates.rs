//! How well the search for duplicates does on real videos, and what it costs.
//!
//! `cargo bench --bench duplicates -- FOLDER [COUNT]`, where FOLDER holds video files: the first COUNT of every third (250 by
//! default) are encoded again by the `ffmpeg` command in six ways each, all files are searched for duplicates, and the
//! pairs that are found are held against the known ones. Without a folder nothing is done. The copies are kept between
//! runs in `target/duplicates`.

#![expect(clippy::print_stdout, reason = "a bench prints what it measures")]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use camino::{Utf8Path, Utf8PathBuf};
use rdfer_audit::cache::{Source, fill};
use rdfer_audit::duplicates::{DuplicateSettings, Duplicates, Sameness, find};
use rdfer_audit::video::DecodeSettings;

/// Ways to copy a video: name, filters, and x264's constant rate factor.
const WAYS: [(&str, &str, &str); 6] = [
    ("encode", "null", "32"),
    ("scale", "scale=80:80", "24"),
    (
        "crop",
        "crop=iw*0.92:ih*0.92:iw*0.05:ih*0.03,scale=128:128",
        "24",
    ),
    ("trim", "trim=start_frame=12,setpts=PTS-STARTPTS", "24"),
    ("flip", "hflip", "24"),
    (
        "all",
        "trim=start_frame=8,setpts=PTS-STARTPTS,crop=iw*0.94:ih*0.94:iw*0.02:ih*0.04,scale=96:96,eq=brightness=0.05:contrast=1.1",
        "28",
    ),
];

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    // Cargo adds '--bench'.
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let Some(folder) = arguments.first() else {
        println!("name a folder of videos: cargo bench --bench duplicates -- FOLDER [COUNT]");
        return Ok(());
    };
    let count = arguments.get(1).map_or(Ok(250), |text| text.parse())?;
    let (originals, copies) = make(Utf8Path::new(folder), count)?;
    measure(&originals, &copies)
}

/// The originals, and the copies with the original's index and the way.
fn make(folder: &Utf8Path, count: usize) -> Outcome<(Vec<Utf8PathBuf>, Vec<Copied>)> {
    let mut originals = Vec::new();
    for entry in folder.read_dir_utf8()? {
        let path = entry?.into_path();
        if path.extension().is_some_and(|extension| extension == "mp4") {
            originals.push(path);
        }
    }
    originals.sort();
    let made = Utf8PathBuf::from("target/duplicates");
    fs_err::create_dir_all(&made)?;
    let mut copies = Vec::new();
    for (index, original) in originals.iter().enumerate().step_by(3).take(count) {
        for (way, filters, rate) in WAYS {
            let stem = original.file_stem().unwrap_or_default();
            let path = made.join(format!("{stem}__{way}.mp4"));
            if !path.exists() {
                let status = Command::new("ffmpeg")
                    .args([
                        "-nostdin",
                        "-loglevel",
                        "error",
                        "-y",
                        "-an",
                        "-threads",
                        "1",
                    ])
                    .args(["-i", original.as_str(), "-vf", filters])
                    .args(["-c:v", "libx264", "-preset", "veryfast", "-crf", rate])
                    .arg(&path)
                    .status()?;
                if !status.success() {
                    return Err(format!("ffmpeg cannot copy '{original}'").into());
                }
            }
            copies.push(Copied { index, way, path });
        }
    }
    Ok((originals, copies))
}

struct Copied {
    index: usize,
    way: &'static str,
    path: Utf8PathBuf,
}

fn measure(originals: &[Utf8PathBuf], copies: &[Copied]) -> Outcome<()> {
    let paths: Vec<&Utf8PathBuf> = originals
        .iter()
        .chain(copies.iter().map(|copy| &copy.path))
        .collect();
    let sources: Vec<Source<'_>> = paths
        .iter()
        .map(|path| Source {
            id: path.as_str(),
            path,
        })
        .collect();
    let decode = DecodeSettings {
        size: 64,
        max_frames: 64,
        ..DecodeSettings::default()
    };
    let stop = AtomicBool::new(false);
    let folder = tempfile::tempdir()?;
    let dir = Utf8Path::from_path(folder.path()).ok_or("the temporary folder is not UTF-8")?;
    let threads = std::thread::available_parallelism()?.get();
    let start = Instant::now();
    let cache = fill(dir, &sources, &decode, threads, &stop, &|_| ())?;
    println!("{} videos decoded in {:.1?}", paths.len(), start.elapsed());
    let start = Instant::now();
    let found = find(&cache, &DuplicateSettings::default(), &stop);
    println!("searched in {:.1?}\n", start.elapsed());

    report(originals, copies, &found);
    Ok(())
}

/// Holds what was found against what is known.
fn report(originals: &[Utf8PathBuf], copies: &[Copied], found: &Duplicates) {
    let path_of = |video: usize| {
        originals
            .get(video)
            .unwrap_or_else(|| &copies[video - originals.len()].path)
    };
    let source_of = |video: usize| {
        video
            .checked_sub(originals.len())
            .map_or(video, |copy| copies[copy].index)
    };
    // Groups are what counts: a pair is found when both are in one.
    let mut pairs = BTreeSet::new();
    for group in &found.groups {
        for (place, &second) in group.iter().enumerate() {
            pairs.extend(group[..place].iter().map(|&first| (first, second)));
        }
    }
    let is_right = |(first, second): &&(usize, usize)| source_of(*first) == source_of(*second);
    let right = pairs.iter().filter(is_right).count();
    let families = copies.len() / WAYS.len();
    let known = families * (WAYS.len() + 1) * WAYS.len() / 2;
    println!(
        "pairs in groups: {} found, {right} right of {known}: precision {:.4}, recall {:.4}",
        pairs.len(),
        right as f64 / pairs.len().max(1) as f64,
        right as f64 / known.max(1) as f64
    );
    for (first, second) in pairs.iter().filter(|pair| !is_right(pair)) {
        println!("  wrong: {} {}", path_of(*first), path_of(*second));
    }
    let direct: BTreeMap<(usize, usize), Sameness> = found
        .pairs
        .iter()
        .map(|pair| ((pair.first, pair.second), pair.sameness))
        .collect();
    println!(
        "\n{:8} {:>7} {:>9} {:>9}",
        "copy", "videos", "grouped", "direct"
    );
    let mut direct_hits = 0;
    for (way, ..) in WAYS {
        let wanted = if way == "flip" {
            Sameness::Mirrored
        } else {
            Sameness::Recording
        };
        let of_way: Vec<(usize, usize)> = copies
            .iter()
            .enumerate()
            .filter(|(_, copy)| copy.way == way)
            .map(|(number, copy)| (copy.index, originals.len() + number))
            .collect();
        let grouped = of_way.iter().filter(|pair| pairs.contains(pair)).count();
        let hits = of_way
            .iter()
            .filter(|pair| direct.get(pair) == Some(&wanted))
            .count();
        direct_hits += hits;
        println!("{way:8} {:>7} {grouped:>9} {hits:>9}", of_way.len());
    }
    println!(
        "found as a pair with the original, in the right way: {:.4}",
        direct_hits as f64 / copies.len().max(1) as f64
    );
}
