//! All stages of a run, one after the other.

use std::time::Instant;

use super::networks::{self, Networks, Work, order, weights};
use super::plan::{Plan, assign_folds};
use super::prepare::{self, DataSet, Given, Setup, check};
use super::{Job, absolute, judge};
use crate::export::original;
use crate::model::device;
use crate::model::weights::BackboneWeights;
use crate::page::summary::Summary;
use crate::rows::run::FeaturesCard;

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
    let settings = &setup.resolved.settings;
    let devices = device::choose(&settings.device)?;
    // What cannot be done shall be told before everything is decoded.
    let weights = match networks {
        Networks::ToTrain { weights } => {
            data_set.manifest.check_folds(settings.folds)?;
            weights::read(weights, settings)?
        }
        Networks::Trained { checkpoint, .. } => {
            checkpoint.check_labels(data_set.manifest.labels.names())?;
            None
        }
    };
    let prepared = prepare::prepare(data_set, setup)?;
    check::require_judgeable(&data_set.manifest, &prepared.cache, settings)?;
    let manifest = match networks {
        Networks::ToTrain { .. } => {
            check::keep_together(&data_set.manifest, &prepared.duplicates, settings.folds)?
        }
        // Without training there are no folds to keep anything in.
        Networks::Trained { .. } => data_set.manifest.clone(),
    };
    let features = setup.features.map(card).transpose()?;
    let job = Job {
        manifest: &manifest,
        votes: data_set.votes.as_ref(),
        cache: &prepared.cache,
        settings,
        features: features.as_ref(),
        devices: &devices,
        folder: setup.folder,
        stop: setup.stop,
    };

    let start = Instant::now();
    let digest = weights.as_ref().map(BackboneWeights::digest);
    let answers = match networks {
        Networks::ToTrain { .. } => {
            let plan = Plan::new(&job, assign_folds(&manifest, settings)?, digest)?;
            networks::train(Work::new(&job, &plan, weights.as_ref()))?;
            networks::read(&plan, job.folder)?
        }
        Networks::Trained {
            checkpoint,
            keep_order,
        } => {
            let answers = checkpoint.score(&job)?;
            if !keep_order {
                order::doubt(&manifest, &answers.clips, &settings.labels)?;
            }
            answers
        }
    };
    let mut timings_secs = prepared.timings_secs;
    timings_secs.insert("folds".to_owned(), start.elapsed().as_secs_f64());

    let is_folder = manifest.source.is_dir();
    original::keep(
        job.folder,
        &manifest.source,
        is_folder,
        &data_set.label_files,
    )?;
    let weights = digest.map(str::to_owned);
    judge::scanned(&job, &prepared.issue_rows, answers, weights, timings_secs)
}

/// What is told of features that stand for frames.
fn card((vectors, checked): Given) -> anyhow::Result<FeaturesCard> {
    Ok(FeaturesCard {
        source: absolute(vectors.path())?,
        model: vectors.model().map(str::to_owned),
        width: checked.given.rows.width,
        digest: checked.given.digest(),
    })
}
