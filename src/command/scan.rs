//! `scan`: from a data set to a ranked report.

use anyhow::bail;

use super::steps;
use crate::cli::{ExitStatus, ScanArgs};
use crate::interrupt;
use crate::manifest::{Choice, ReadOptions};
use crate::model::traced::{Traced, TracedCard};
use crate::pipeline::earlier::Earlier;
use crate::pipeline::networks::Networks;
use crate::pipeline::networks::borrowed::Checkpoint;
use crate::pipeline::prepare::{DataSet, Setup};
use crate::pipeline::ready::{self, Ready, Rest};
use crate::pipeline::scan::scan;
use crate::pipeline::shards::Shards;
use crate::rows::folder::{Existing, RunFolder};
use crate::settings::{Resolved, Settings};
use crate::telemetry::{self, Event};
use crate::vectors::Vectors;

/// Whose knowledge a scan takes in; nothing where its networks learn all themselves.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    /// Networks of another run, which score the videos.
    pub(super) checkpoint: Option<&'a Checkpoint>,
    /// Features that stand for the frames.
    pub(super) vectors: Option<&'a Vectors>,
    /// A network whose rows stand for the frames.
    pub(super) backbone: Option<&'a Traced>,
    /// A run whose networks learn again.
    pub(super) earlier: Option<&'a Earlier>,
}

/// Scans a data set and says what was found.
///
/// # Errors
///
/// If the data set, the folder or the settings cannot be used, the training fails, or somebody interrupts.
pub(super) fn run(
    args: &ScanArgs,
    source: Source,
    resolved: &Resolved,
) -> anyhow::Result<ExitStatus> {
    if args.json {
        telemetry::tell_events();
    }
    let Source {
        checkpoint,
        vectors,
        backbone,
        earlier,
    } = source;
    let settings = &resolved.settings;
    require_fit(settings, vectors, backbone)?;
    let dataset = args.data.dataset();
    let options = ReadOptions {
        may_lack_videos: vectors.is_some(),
        ..args.data.options(settings)
    };
    let mut data_set = DataSet::read((dataset, &args.data.lists), &options)?
        .with_votes(args.data.votes.as_deref(), &options)?;
    if let Some(limit) = args.limit {
        data_set = data_set.sample(limit.get(), settings);
    }
    let checked = vectors
        .map(|vectors| vectors.check(&data_set.manifest))
        .transpose()?;
    if let Some(checked) = &checked {
        let understood = &mut data_set.manifest.understood;
        understood.choices.push(checked.choice.clone());
    }
    if let Some(backbone) = backbone {
        let understood = &mut data_set.manifest.understood;
        understood.choices.push(choice(backbone));
    }
    if args.json {
        telemetry::tell(&Event::Understood {
            data_set: &data_set.manifest.understood,
        });
    } else {
        super::print(&data_set.told(dataset))?;
    }
    let setup = Setup {
        earlier,
        resolved,
        folder: &RunFolder::new(args.data.run_folder()),
        existing: match (args.resume, args.overwrite) {
            (true, _) => Existing::Resume,
            (_, true) => Existing::Overwrite,
            _ => Existing::Refuse,
        },
        features: vectors.zip(checked.as_ref()),
        backbone,
        stop: interrupt::flag(),
    };
    if let Some(count) = args.shards {
        ready::require(&data_set, setup, args.weights.as_deref(), Rest::Elsewhere)?;
        let shards = Shards::divide(&data_set.manifest, setup, count.get())?;
        return steps::tell_lines_of_shards(args, setup.folder, &shards);
    }
    if args.prepare {
        let weights = args.weights.as_deref();
        let ready = Ready::make(&data_set, setup, weights, Rest::Elsewhere)?;
        return steps::tell_lines(args, setup.folder, &ready.plan);
    }
    let networks = match checkpoint {
        Some(checkpoint) => Networks::Trained {
            checkpoint,
            keep_order: args.keep_order,
        },
        None => Networks::ToTrain {
            weights: args.weights.as_deref(),
        },
    };
    let summary = scan(&data_set, setup, networks)?;
    steps::tell_summary(args, &summary)
}

/// That the settings fit what the networks are shown.
fn require_fit(
    settings: &Settings,
    vectors: Option<&Vectors>,
    backbone: Option<&Traced>,
) -> anyhow::Result<()> {
    if settings.model.row_width > 0 && vectors.is_none() && backbone.is_none() {
        bail!(
            "'model.row_width' says that the networks are shown features; give them with --features or --backbone"
        );
    }
    if settings.face.follows() && vectors.is_some() {
        bail!(
            "'face=track' cuts a face out of frames, and features stand for the frames; leave one of the two out"
        );
    }
    Ok(())
}

/// What a backbone was understood to be.
fn choice(backbone: &Traced) -> Choice {
    let TracedCard {
        model,
        size,
        frames,
        fps,
        ..
    } = backbone.card();
    let model = model
        .as_ref()
        .map_or_else(String::new, |model| format!("{model} "));
    let fps = fps.map_or_else(String::new, |fps| format!(" at {fps} a second"));
    let shown = match frames {
        1 => "a frame".to_owned(),
        frames => format!("a window of {frames} frames{fps}"),
    };
    Choice {
        what: "backbone".to_owned(),
        taken: format!(
            "{model}in '{}': {} numbers for {shown}, {size}×{size}",
            backbone.path(),
            backbone.width()
        ),
        ..Choice::default()
    }
}
