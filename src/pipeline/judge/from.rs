//! The ranking for anybody's out-of-fold predictions, without video or training.

use std::collections::BTreeMap;
use std::time::Instant;

use camino::Utf8Path;

use crate::judge::{Evidence, FileState, VideoFile};
use crate::manifest::words::Classes;
use crate::page::summary::Summary;
use crate::pipeline::right_labels::{Given, judged_videos};
use crate::pipeline::votes;
use crate::pipeline::{LIBTORCH, absolute};
use crate::predictions::Predictions;
use crate::rows::SCHEMA;
use crate::rows::clip_probs::ClipProbs;
use crate::rows::clips;
use crate::rows::folder::RunFolder;
use crate::rows::run::RunCard;
use crate::rows::training_dynamics::TrainingDynamics;
use crate::settings::Resolved;
use crate::whole;

/// The name of what was read, in the run's card.
const FORMAT: &str = "predictions";

/// Judges predictions and writes a run without video. `source`: the file that they were read from.
///
/// # Errors
///
/// If they cannot be scored, the judged videos cannot be read, or a file cannot be written.
pub(crate) fn from_predictions(
    predictions: Predictions,
    source: &Utf8Path,
    folder: &RunFolder,
    resolved: &Resolved,
    given: Given<'_>,
) -> anyhow::Result<Summary> {
    let start = Instant::now();
    whole::write(&folder.settings(), resolved.to_toml())?;
    let settings = &resolved.settings;
    let Predictions {
        labels,
        videos,
        clips: clip_rows,
        fingerprint,
        told: _,
    } = predictions;
    let files: Vec<VideoFile> = videos
        .into_iter()
        .map(|video| VideoFile {
            path: video.path.unwrap_or_else(|| video.id.clone()),
            id: video.id,
            label: video.label,
            group: None,
            fold: video.fold,
            state: FileState::Unknown,
            issues: Vec::new(),
            copies: Vec::new(),
            neighbours: None,
            extra: Vec::new(),
        })
        .collect();
    let classes = Classes {
        names: &labels,
        written: &settings.labels,
    };
    let votes = votes::of_run(given.votes, folder, (&votes::named(&files), &[]), classes)?;
    let evidence = Evidence {
        clips: &ClipProbs::new(&clip_rows),
        dynamics: &TrainingDynamics::default(),
        judged: &judged_videos(folder, given.judged, &files, classes)?,
        votes: votes.as_ref(),
    };
    let judged = super::judge_videos(files, evidence, &labels, settings)?;
    clips::write(&folder.clips(), &clip_rows)?;
    let card = RunCard {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        schema: SCHEMA,
        dataset: absolute(source)?,
        format: FORMAT.to_owned(),
        root: None,
        digests: BTreeMap::new(),
        fingerprint,
        labels,
        settings: serde_json::to_value(settings)?,
        seed: settings.seed,
        device: "none".to_owned(),
        weights: None,
        networks: None,
        libtorch: LIBTORCH.to_owned(),
        clip_overlap: 0.0,
        timings_secs: BTreeMap::from([("scores".to_owned(), start.elapsed().as_secs_f64())]),
        ..RunCard::default()
    };
    super::write(folder, judged, card, &[])
}
