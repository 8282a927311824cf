//! `demo`: a data set of drawn faces with known errors, its scan, and how well the errors were found.

use camino::{Utf8Path, Utf8PathBuf};
use rayon::prelude::*;
use tracing::info;

use super::evaluate::measure;
use crate::cli::{DemoArgs, ExitStatus};
use crate::interrupt;
use crate::manifest::ReadOptions;
use crate::pipeline::networks::{Networks, weights};
use crate::pipeline::prepare::{DataSet, Setup};
use crate::pipeline::scan::scan;
use crate::rows::folder::{Existing, RunFolder};
use crate::settings::{DemoSettings, Resolved};
use crate::telemetry::Progress;
use crate::video::{EncoderOptions, VideoEncoder};
use crate::whole::WholeFile;
use faces::{CLASSES, FaceSettings, PlannedVideo, plan};

/// Makes the data set in `args.folder`, scans it, and prints the summary and the evaluation.
///
/// # Errors
///
/// If the data set cannot be made or scanned.
pub(super) fn run(
    args: &DemoArgs,
    resolved: &Resolved<DemoSettings>,
) -> anyhow::Result<ExitStatus> {
    let DemoSettings { run, demo } = &resolved.settings;
    let folder = RunFolder::new(args.out.clone());
    // What would end the scan shall end it before the faces are drawn.
    weights::read(args.weights.as_deref(), run)?;
    folder.prepare(Existing::Overwrite)?;
    let planned = plan(demo, run.seed().0)?;
    let files = make(&args.folder, &planned, demo, run.thread_count())?;
    info!(
        "{} videos in {}, their true labels in {}",
        planned.len(),
        files.labels,
        files.truth
    );
    let summary = scan(
        &DataSet::read((&files.labels, &[]), &ReadOptions::default())?,
        Setup {
            earlier: None,
            resolved: &resolved.run(),
            folder: &folder,
            // The demo's own run is made anew every time; its frames are found again in the cache.
            existing: Existing::Overwrite,
            features: None,
            backbone: None,
            stop: interrupt::flag(),
        },
        Networks::ToTrain {
            weights: args.weights.as_deref(),
        },
    )?;
    super::print_summary(&summary, false)?;
    super::print("\nheld against the truth:\n\n")?;
    super::print(&measure(&folder, &files.truth)?.to_table())?;
    Ok(ExitStatus::Done)
}

/// The data set's lists.
struct Files {
    /// `labels.csv`: what the scan is given.
    labels: Utf8PathBuf,
    /// `truth.csv`: the true labels, and what was planted.
    truth: Utf8PathBuf,
}

/// Draws and encodes the videos that are not there yet, and writes the lists.
fn make(
    folder: &Utf8Path,
    planned: &[PlannedVideo],
    settings: &FaceSettings,
    threads: usize,
) -> anyhow::Result<Files> {
    let videos = folder.join("videos");
    fs_err::create_dir_all(&videos)?;
    let bar = Progress::start("draw faces", planned.len() as u64);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()?;
    let drawn = pool.install(|| {
        planned.par_iter().try_for_each(|video| {
            interrupt::check(interrupt::flag())?;
            bar.advance(1);
            draw(video, &videos, settings)
        })
    });
    bar.finish();
    drawn?;
    let files = Files {
        labels: folder.join("labels.csv"),
        truth: folder.join("truth.csv"),
    };
    write_lists(&files, planned)?;
    Ok(files)
}

/// Draws one video into `videos/<id>.mp4`.
fn draw(video: &PlannedVideo, videos: &Utf8Path, settings: &FaceSettings) -> anyhow::Result<()> {
    let file = WholeFile::create(&videos.join(format!("{}.mp4", video.id)))?;
    let mut encoder = VideoEncoder::create(
        &file.temporary(),
        settings.size,
        settings.size,
        settings.fps,
        EncoderOptions::default(),
    )?;
    let mut renderer = video.renderer();
    let mut pixels = Vec::new();
    for frame in 0..video.frames {
        renderer.frame(frame, &mut pixels);
        encoder.push(&pixels)?;
    }
    encoder.finish()?;
    Ok(file.finish()?)
}

/// Writes both lists; the truth has what `evaluate` and a curious person want to know.
fn write_lists(files: &Files, planned: &[PlannedVideo]) -> anyhow::Result<()> {
    let path = |video: &PlannedVideo| format!("videos/{}.mp4", video.id);
    let person = |video: &PlannedVideo| format!("person {}", video.identity);
    let mut labels = csv::Writer::from_writer(WholeFile::create(&files.labels)?);
    labels.write_record(["path", "label", "group"])?;
    let mut truth = csv::Writer::from_writer(WholeFile::create(&files.truth)?);
    truth.write_record([
        "path",
        "label",
        "group",
        "trouble",
        "difficulty",
        "onset_frame",
        "apex_frame",
        "offset_frame",
    ])?;
    for video in planned {
        // A face that stays neutral has no moment of strongest expression.
        let is_moved = video.onset_frame < video.offset_frame;
        let frame = |number: usize| {
            if is_moved {
                number.to_string()
            } else {
                String::new()
            }
        };
        labels.write_record([path(video).as_str(), CLASSES[video.label], &person(video)])?;
        truth.write_record([
            path(video).as_str(),
            CLASSES[video.true_label],
            &person(video),
            video.trouble.as_str(),
            video
                .difficulty
                .map_or("", |difficulty| difficulty.as_str()),
            &frame(video.onset_frame),
            &frame(video.apex_frame),
            &frame(video.offset_frame),
        ])?;
    }
    for list in [labels, truth] {
        let file = list.into_inner().map_err(csv::IntoInnerError::into_error)?;
        file.finish()?;
    }
    Ok(())
}
