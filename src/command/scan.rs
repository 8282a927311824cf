//! `scan`: from a data set to a ranked report.

use anyhow::bail;

use super::steps;
use crate::cli::{ExitStatus, ScanArgs};
use crate::interrupt;
use crate::manifest::ReadOptions;
use crate::pipeline::networks::Networks;
use crate::pipeline::networks::borrowed::Checkpoint;
use crate::pipeline::prepare::{DataSet, Setup};
use crate::pipeline::ready::Ready;
use crate::pipeline::scan::scan;
use crate::rows::folder::{Existing, RunFolder};
use crate::settings::Resolved;
use crate::telemetry::{self, Event};
use crate::vectors::Vectors;

/// Scans a data set and says what was found. `vectors`: features that stand for the frames.
///
/// # Errors
///
/// If the data set, the folder or the settings cannot be used, the training fails, or somebody interrupts.
pub(super) fn run(
    args: &ScanArgs,
    (checkpoint, vectors): (Option<&Checkpoint>, Option<&Vectors>),
    resolved: &Resolved,
) -> anyhow::Result<ExitStatus> {
    if args.json {
        telemetry::tell_events();
    }
    let settings = &resolved.settings;
    if settings.model.row_width > 0 && vectors.is_none() {
        bail!(
            "'model.row_width' says that the networks are shown features; give them with --features"
        );
    }
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
    if args.json {
        telemetry::tell(&Event::Understood {
            data_set: &data_set.manifest.understood,
        });
    } else {
        super::print(&data_set.told(dataset))?;
    }
    let setup = Setup {
        resolved,
        folder: &RunFolder::new(args.data.run_folder()),
        existing: match (args.resume, args.overwrite) {
            (true, _) => Existing::Resume,
            (_, true) => Existing::Overwrite,
            _ => Existing::Refuse,
        },
        features: vectors.zip(checked.as_ref()),
        stop: interrupt::flag(),
    };
    if args.prepare {
        let ready = Ready::make(&data_set, setup, args.weights.as_deref())?;
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
