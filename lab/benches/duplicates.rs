//! How well the search for duplicates does on real videos, and what it costs.
//!
//! - `cargo bench --package rdfer-lab --bench duplicates -- FOLDER [COUNT]`, where FOLDER holds video files: the first COUNT of every third (250
//!   by default) are encoded again by the `ffmpeg` command in six ways each, all files are searched for duplicates, and the
//!   pairs that are found are held against the known ones.
//! - `… -- --faces [COUNT]`: draws so many faces (3,000 by default), of which no two are the same and many move alike, and
//!   counts what is taken for a duplicate all the same.
//! - `… -- --hashes`: how the search for candidates grows, on generated moments of 1,000 to 100,000 videos.
//!
//! Without arguments nothing is done. What is made is kept between runs in `target/duplicates`.

#![expect(clippy::print_stdout, reason = "a bench prints what it measures")]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use camino::{Utf8Path, Utf8PathBuf};
use faces::{FaceSettings, PlannedVideo, plan};
use rand::RngExt;
use rayon::prelude::*;
use rdfer_audit::cache::{Source, fill};
use rdfer_audit::duplicates::{DuplicateSettings, Duplicates, Moment, Sameness, candidates, find};
use rdfer_audit::seed::Seed;
use rdfer_audit::video::{DecodeSettings, EncoderOptions, VideoEncoder};

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
    let arguments = lab::arguments();
    let count = |default: usize| arguments.get(1).map_or(Ok(default), |text| text.parse());
    match arguments.first().map(String::as_str) {
        None => {
            println!(
                "cargo bench --package rdfer-lab --bench duplicates -- FOLDER [COUNT] | --faces [COUNT] | --hashes"
            );
            Ok(())
        }
        Some("--faces") => faces(count(3_000)?),
        Some("--hashes") => hashes(),
        Some(folder) => {
            let (originals, copies) = make(Utf8Path::new(folder), count(250)?)?;
            measure(&originals, &copies)
        }
    }
}

/// Searches drawn faces, of which no two are the same.
fn faces(count: usize) -> Outcome<()> {
    let settings = FaceSettings {
        videos: count,
        identities: count.div_ceil(6),
        // What the search sees.
        size: 64,
        ..FaceSettings::default()
    };
    let folder = Utf8PathBuf::from(format!("target/duplicates/faces_{count}"));
    fs_err::create_dir_all(&folder)?;
    let planned = plan(&settings, 0)?;
    let path = |video: &PlannedVideo| folder.join(format!("{}.mp4", video.id));
    planned
        .par_iter()
        .filter(|video| !path(video).exists())
        .try_for_each(|video| draw(video, &path(video), &settings))
        .map_err(|error| error.to_string())?;
    let paths: Vec<Utf8PathBuf> = planned.iter().map(path).collect();
    let found = search(&paths)?;
    println!(
        "{} groups and {} pairs of {count} drawn faces, none of which is another's copy",
        found.groups.len(),
        found.pairs.len()
    );
    for pair in found.pairs.iter().take(40) {
        println!(
            "  {:?} {} {} at {:.2}",
            pair.sameness, planned[pair.first].id, planned[pair.second].id, pair.likeness
        );
    }
    Ok(())
}

fn draw(
    video: &PlannedVideo,
    path: &Utf8Path,
    settings: &FaceSettings,
) -> Result<(), rdfer_audit::video::EncodeError> {
    let temporary = path.with_extension("tmp.mp4");
    let options = EncoderOptions::default();
    let (size, fps) = (settings.size, settings.fps);
    let mut encoder = VideoEncoder::create(&temporary, size, size, fps, options)?;
    let (mut renderer, mut pixels) = (video.renderer(), Vec::new());
    for frame in 0..video.frames {
        renderer.frame(frame, &mut pixels);
        encoder.push(&pixels)?;
    }
    encoder.finish()?;
    // What could not be renamed is missing, which the decoder tells.
    fs_err::rename(temporary, path).ok();
    Ok(())
}

/// Moments of a generated video.
const MOMENTS: usize = 16;

/// Movements that many generated videos have in common, as blinks are.
const COMMON: usize = 50;

/// The search for candidates among generated moments: half of each video's are common movements, a tenth of the videos are
/// copies of others, trimmed and with some bits changed.
fn hashes() -> Outcome<()> {
    println!(
        "{:>8} {:>10} {:>8} {:>8} {:>12}",
        "videos", "candidates", "copies", "found", "CPU seconds"
    );
    for count in [1_000, 10_000, 100_000] {
        let mut random = Seed(1).stream("hashes", count);
        let common: [u64; COMMON] = std::array::from_fn(|_| random.random());
        let mut changed = |hash: u64, bits: usize| {
            (0..bits).fold(hash, |hash, _| hash ^ 1 << random.random_range(0..64_u32))
        };
        let mut videos: Vec<Vec<Moment>> = Vec::with_capacity(count);
        for video in 0..count {
            let moments = (0..MOMENTS).map(|number| {
                let source = common[(video * 7 + number * 11) % COMMON];
                // So many changes leave nothing of what was there.
                let is_common = number < MOMENTS / 2;
                let [hash, mirrored] = [source, source.rotate_left(17)]
                    .map(|source| changed(source, if is_common { 10 } else { 300 }));
                Moment {
                    at: (number * 190) as i32,
                    hash,
                    mirrored,
                }
            });
            let moments: Vec<Moment> = moments.collect();
            videos.push(moments);
        }
        for copy in (count - count / 10)..count {
            let original = videos[copy - count / 2].clone();
            let trimmed = original.into_iter().skip(3);
            videos[copy] = trimmed
                .map(|moment| Moment {
                    at: moment.at - 570,
                    hash: changed(moment.hash, 8),
                    mirrored: changed(moment.mirrored, 8),
                })
                .collect();
        }
        let cpu = cpu_secs()?;
        let (votes, most) = (DuplicateSettings::VOTES, DuplicateSettings::CANDIDATES);
        let found = candidates(&videos, votes, most);
        let cpu = cpu_secs()? - cpu;
        let pairs: BTreeSet<(usize, usize)> = found
            .iter()
            .filter(|pair| !pair.mirrored)
            .map(|pair| (pair.first, pair.second))
            .collect();
        let copies = (count - count / 10)..count;
        let hits = copies
            .clone()
            .filter(|&copy| pairs.contains(&(copy - count / 2, copy)));
        println!(
            "{count:>8} {:>10} {:>8} {:>8} {cpu:>12.2}",
            found.len(),
            copies.len(),
            hits.count()
        );
    }
    Ok(())
}

/// Decodes files and searches them, and says how long both took.
fn search(paths: &[Utf8PathBuf]) -> Outcome<Duplicates> {
    let sources: Vec<Source<'_>> = paths.iter().map(Source::from).collect();
    let decode = DecodeSettings {
        size: 64,
        max_frames: 64,
        ..DecodeSettings::default()
    };
    let stop = AtomicBool::new(false);
    let folder = tempfile::tempdir()?;
    let dir = Utf8Path::from_path(folder.path()).ok_or("the temporary folder is not UTF-8")?;
    let threads = std::thread::available_parallelism()?.get();
    let (start, cpu) = (Instant::now(), cpu_secs()?);
    let cache = fill(dir, &sources, &decode, threads, &stop, &|_| ())?;
    let decoding = cpu_secs()? - cpu;
    println!(
        "{} videos decoded in {:.1?}, {decoding:.1} s of CPU time",
        paths.len(),
        start.elapsed()
    );
    let (start, cpu) = (Instant::now(), cpu_secs()?);
    let found = find(&cache, &DuplicateSettings::default(), &stop);
    let searching = cpu_secs()? - cpu;
    println!(
        "searched in {:.1?}, {searching:.1} s of CPU time, {:.3} of the decoding's\n",
        start.elapsed(),
        searching / decoding
    );
    Ok(found)
}

/// Seconds of all threads on the processor so far, in the kernel's steps of a hundredth.
fn cpu_secs() -> Outcome<f64> {
    let stat = fs_err::read_to_string("/proc/self/stat")?;
    // The name, in parentheses, may hold spaces.
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks = |field: usize| -> Outcome<f64> {
        let text = after.split_whitespace().nth(field);
        Ok(text.ok_or("no times in /proc/self/stat")?.parse()?)
    };
    Ok((ticks(11)? + ticks(12)?) / 100.0)
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
    let paths: Vec<Utf8PathBuf> = originals
        .iter()
        .chain(copies.iter().map(|copy| &copy.path))
        .cloned()
        .collect();
    report(originals, copies, &search(&paths)?);
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
