//! What `check` costs beside decoding: the aim is at most 1.15 times the processor time of decoding alone.
//!
//! `cargo bench --package rdfer-lab --bench check -- [COUNT] [ROUNDS]` makes so many clips (10,000 by default) that are all different, decodes
//! them alone on all threads, and checks them by the program, by turns; the clips are kept between runs in `target/check`.
//! With `--stages` what a check does besides is measured one by one, in this process.

#![expect(clippy::print_stdout, reason = "a bench prints what it measures")]

use std::fmt::Write;
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use camino::{Utf8Path, Utf8PathBuf};
use rand::RngExt;
use rayon::prelude::*;
use rdfer_audit::cache::{Source, fill};
use rdfer_audit::duplicates::{DuplicateSettings, find};
use rdfer_audit::seed::Seed;
use rdfer_audit::settings::Layers;
use rdfer_audit::video::{DecodeSettings, EncodeError, EncoderOptions, VideoEncoder, decode};

/// Edge of a clip in pixels, as that of published face crops, and its frames.
const EDGE: usize = 224;
const FRAMES: usize = 30;

/// The preset whose decoder is measured, that of computers without a GPU.
const PRESET: &str = "cpu";

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    let arguments = lab::arguments();
    let program = lab::program("rdfer-audit");
    let mut numbers = arguments.iter().filter(|text| !text.starts_with("--"));
    let count = numbers.next().map_or(Ok(10_000), |text| text.parse())?;
    let rounds = numbers.next().map_or(Ok(3), |text| text.parse())?;
    let folder = Utf8PathBuf::from("target/check");
    let paths = make(&folder, count)?;
    let settings = Layers::new().config(PRESET).resolve()?.settings.video;
    if arguments.iter().any(|argument| argument == "--stages") {
        return stages(&paths, &settings);
    }
    let mut ratios = Vec::new();
    for _ in 0..rounds {
        let alone = timed(|| decode_all(&paths, &settings))?;
        let checked = timed(|| check(&program, &folder))?;
        let ratio = checked.1 / alone.1;
        println!(
            "{count} clips: decoding alone {:.1} s, {:.1} s of CPU time; check {:.1} s, {:.1} s: {ratio:.3} times the CPU time",
            alone.0, alone.1, checked.0, checked.1
        );
        ratios.push(ratio);
    }
    ratios.sort_by(f64::total_cmp);
    println!("ratio {:.3} (median)", ratios[ratios.len() / 2]);
    Ok(())
}

/// Draws the clips that are not there, and lists all with one of seven labels.
fn make(folder: &Utf8Path, count: usize) -> Outcome<Vec<Utf8PathBuf>> {
    let videos = folder.join("videos");
    fs_err::create_dir_all(&videos)?;
    let paths: Vec<Utf8PathBuf> = (0..count)
        .map(|number| videos.join(format!("{number:05}.mp4")))
        .collect();
    paths
        .par_iter()
        .enumerate()
        .filter(|(_, path)| !path.exists())
        .try_for_each(|(number, path)| draw(path, number))?;
    let mut labels = String::from("path,label\n");
    for number in 0..count {
        writeln!(labels, "videos/{number:05}.mp4,class {}", number % 7)?;
    }
    fs_err::write(folder.join("labels.csv"), labels)?;
    Ok(paths)
}

/// A textured picture in which some spots wander, all of it drawn by the clip's number.
fn draw(path: &Utf8Path, number: usize) -> Result<(), EncodeError> {
    let mut random = Seed(5).stream("clip", number);
    let waves: [f32; 6] = std::array::from_fn(|_| random.random_range(0.05..0.6));
    let spots: [[f32; 4]; 5] = std::array::from_fn(|_| std::array::from_fn(|_| random.random()));
    let still: Vec<f32> = (0..EDGE * EDGE)
        .map(|at| {
            let (x, y) = ((at % EDGE) as f32, (at / EDGE) as f32);
            let wave = |a: f32, b: f32, c: f32| (a * x + b * y + 9.0 * c).sin();
            110.0
                + 35.0 * wave(waves[0], waves[1], waves[2])
                + 25.0 * wave(waves[3], -waves[4], waves[5])
        })
        .collect();
    let (edge, options) = (EDGE as u32, EncoderOptions::default());
    let temporary = path.with_extension("tmp.mp4");
    let mut encoder = VideoEncoder::create(&temporary, edge, edge, 25, options)?;
    for frame in 0..FRAMES {
        let mut grey = still.clone();
        for [x, y, phase, speed] in spots {
            let turn = 6.3 * phase + (0.05 + 0.4 * speed) * frame as f32;
            let (x, y) = (
                EDGE as f32 * x + 9.0 * turn.sin(),
                EDGE as f32 * y + 7.0 * turn.cos(),
            );
            let around =
                |centre: f32| (centre as usize).saturating_sub(9)..(centre as usize + 9).min(EDGE);
            for row in around(y) {
                for column in around(x) {
                    let away = (column as f32 - x).powi(2) + (row as f32 - y).powi(2);
                    grey[row * EDGE + column] += 80.0 * (-away / 20.0).exp();
                }
            }
        }
        let pixels: Vec<u8> = grey.iter().flat_map(|level| [*level as u8; 3]).collect();
        encoder.push(&pixels)?;
    }
    encoder.finish()?;
    // A clip that could not be renamed is missing, which the decoder tells.
    fs_err::rename(temporary, path).ok();
    Ok(())
}

fn decode_all(paths: &[Utf8PathBuf], settings: &DecodeSettings) -> Outcome<()> {
    let frames: usize = paths
        .par_iter()
        .map(|path| decode(path, settings).map_or(0, |video| video.kept.len()))
        .sum();
    if frames == paths.len() * FRAMES {
        Ok(())
    } else {
        Err(format!("{frames} frames of {} clips", paths.len()).into())
    }
}

/// Checks the clips by the program, into a new folder.
fn check(program: &str, folder: &Utf8Path) -> Outcome<()> {
    let run = tempfile::tempdir()?;
    let status = Command::new(program)
        .args(["check", folder.join("labels.csv").as_str(), "-q"])
        .args(["--config", PRESET, "--out"])
        .arg(run.path().join("run"))
        .stdout(std::process::Stdio::null())
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err("the check failed".into())
    }
}

/// What a check does, one after the other.
fn stages(paths: &[Utf8PathBuf], settings: &DecodeSettings) -> Outcome<()> {
    let alone = timed(|| decode_all(paths, settings))?.1;
    println!("decoding alone: {alone:.1} s of CPU time");
    let sources: Vec<Source<'_>> = paths.iter().map(Source::from).collect();
    let stop = AtomicBool::new(false);
    let folder = tempfile::tempdir()?;
    let dir = Utf8Path::from_path(folder.path()).ok_or("the temporary folder is not UTF-8")?;
    let threads = std::thread::available_parallelism()?.get();
    let mut cache = None;
    let filled = timed(|| {
        cache = Some(fill(dir, &sources, settings, threads, &stop, &|_| ())?);
        Ok(())
    })?;
    println!(
        "decoding, measuring and storing: {:.3} times as much",
        filled.1 / alone
    );
    let cache = cache.ok_or("nothing was decoded")?;
    let mut groups = 0;
    let searched = timed(|| {
        groups = find(&cache, &DuplicateSettings::default(), &stop)
            .groups
            .len();
        Ok(())
    })?;
    println!(
        "looking for duplicates: {:.3} times as much, {groups} groups",
        searched.1 / alone
    );
    Ok(())
}

/// Seconds on the clock, and of all threads and ended children on the processor.
fn timed(work: impl FnOnce() -> Outcome<()>) -> Outcome<(f64, f64)> {
    let (start, before) = (Instant::now(), cpu_secs()?);
    work()?;
    Ok((start.elapsed().as_secs_f64(), cpu_secs()? - before))
}

fn cpu_secs() -> Outcome<f64> {
    let stat = fs_err::read_to_string("/proc/self/stat")?;
    // The name, in parentheses, may hold spaces.
    let after = stat.rsplit(')').next().unwrap_or_default();
    let fields: Vec<&str> = after.split_whitespace().collect();
    let mut ticks = 0.0;
    for field in fields.get(11..15).ok_or("no times in /proc/self/stat")? {
        ticks += field.parse::<f64>()?;
    }
    Ok(ticks / 100.0)
}
