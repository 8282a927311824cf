//! `score --from`: the ranking for anybody's out-of-fold predictions, without video or training.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::cli::{ExitStatus, GlobalArgs, ScoreArgs};
use crate::judge::{Evidence, FileState, VideoFile};
use crate::pipeline::{self, judge};
use crate::rows::clip_probs::ClipProbs;
use crate::rows::folder::{Existing, RunFolder};
use crate::rows::predictions::{self, Predictions};
use crate::rows::run::RunCard;
use crate::rows::watched::Watched;
use crate::rows::{SCHEMA, clips};
use crate::whole;

/// The name of what was read, in the run's card.
const FORMAT: &str = "predictions";

/// Reads the predictions, judges them, and writes a run without video.
///
/// # Errors
///
/// If the predictions cannot be read or scored, the settings are wrong, or the folder cannot be used.
pub(super) fn run(args: &ScoreArgs, global: &GlobalArgs) -> anyhow::Result<ExitStatus> {
    let resolved = global.layers("cpu").resolve()?;
    if global.print_config {
        super::print(&resolved.to_toml())?;
        return Ok(ExitStatus::Done);
    }
    let settings = &resolved.settings;
    let source = args.from.clone().unwrap_or_default();
    let start = Instant::now();
    let predictions = predictions::read(&source, &args.labels)?;
    let folder = RunFolder::new(args.run_folder(&source));
    let existing = if args.overwrite {
        Existing::Overwrite
    } else {
        Existing::Refuse
    };
    folder.prepare(existing)?;
    whole::write(&folder.settings(), resolved.to_toml())?;
    let Predictions {
        labels,
        videos,
        clips: clip_rows,
        fingerprint,
    } = predictions;
    let files: Vec<VideoFile> = videos
        .into_iter()
        .map(|video| VideoFile {
            path: video.path.unwrap_or_else(|| video.id.clone()),
            id: video.id,
            label: video.label,
            group: None,
            fold: 0,
            state: FileState::Unknown,
            issues: Vec::new(),
            copies: Vec::new(),
            neighbours: None,
            extra: Vec::new(),
        })
        .collect();
    let evidence = Evidence {
        clips: &ClipProbs::new(&clip_rows),
        dynamics: &Watched::default(),
        judged: &judge::judged_videos(
            &folder,
            args.judged.as_deref(),
            &files,
            &labels,
            &settings.labels,
        )?,
    };
    let judged = judge::judge_videos(files, evidence, &labels, settings)?;
    clips::write(&folder.clips(), &clip_rows)?;
    let card = RunCard {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        schema: SCHEMA,
        dataset: pipeline::absolute(&source)?,
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
        libtorch: pipeline::LIBTORCH.to_owned(),
        clip_overlap: 0.0,
        timings_secs: BTreeMap::from([("scores".to_owned(), start.elapsed().as_secs_f64())]),
        ..RunCard::default()
    };
    let summary = judge::write(&folder, judged, card, &[])?;
    super::print_summary(&summary, args.json)?;
    Ok(ExitStatus::Done)
}
