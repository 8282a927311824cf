//! All stages of a run, one after the other.

use std::time::Instant;

use super::networks::borrowed::Checkpoint;
use super::networks::{self, Networks, order};
use super::plan::Plan;
use super::prepare::{self, DataSet, Setup};
use super::ready::{Ready, Rest};
use super::{Job, judge, merge, votes};
use crate::export::original;
use crate::model::device;
use crate::page::summary::Summary;

/// The main job: decode, check, train, score, rank, write.
///
/// # Errors
///
/// If a class is too small for the folds, the folder cannot be used, the training fails, or somebody interrupts.
pub(crate) fn scan(
    data_set: &DataSet,
    setup: Setup,
    networks: Networks,
) -> anyhow::Result<Summary> {
    match networks {
        Networks::ToTrain { weights } => {
            let ready = Ready::make(data_set, setup, weights, Rest::Here)?;
            let start = Instant::now();
            let job = ready.job(setup.folder, setup.stop);
            networks::train(ready.work(&job), ready.plan.networks())?;
            let mut timings_secs = ready.timings_secs.clone();
            timings_secs.insert("folds".to_owned(), start.elapsed().as_secs_f64());
            merge::judge_networks(&job, timings_secs)
        }
        Networks::Trained {
            checkpoint,
            keep_order,
        } => borrow(data_set, setup, checkpoint, keep_order),
    }
}

/// The same with the networks of another run.
fn borrow(
    data_set: &DataSet,
    setup: Setup,
    checkpoint: &Checkpoint,
    keep_order: bool,
) -> anyhow::Result<Summary> {
    let (manifest, settings) = (&data_set.manifest, &setup.resolved.settings);
    let devices = device::choose(&settings.device)?;
    // What cannot be done shall be told before everything is decoded.
    checkpoint.check_labels(manifest.labels.names())?;
    let prepared = prepare::prepare(data_set, setup)?;
    // Without training there are no folds to keep anything in.
    let folds = vec![0; manifest.videos.len()];
    let plan = Plan::new(
        (manifest, &prepared.cache),
        settings,
        &devices,
        folds,
        None,
        None,
    )?;
    let job = Job {
        plan: &plan,
        cache: &prepared.cache,
        devices: &devices,
        folder: setup.folder,
        stop: setup.stop,
    };
    let start = Instant::now();
    let answers = checkpoint.score(&job)?;
    if !keep_order {
        order::doubt(manifest, &answers.clips, &settings.labels)?;
    }
    let mut timings_secs = prepared.timings_secs;
    timings_secs.insert("folds".to_owned(), start.elapsed().as_secs_f64());
    original::keep(
        setup.folder,
        &manifest.source,
        manifest.source.is_dir(),
        &data_set.label_files,
    )?;
    votes::keep(data_set.votes.as_ref(), setup.folder, &plan.classes)?;
    judge::scanned(&job, answers, timings_secs)
}
