//! What a frozen backbone sees in the frames: computed once a data set, for all folds and later runs.

use std::ops::ControlFlow;
use std::sync::atomic::Ordering;

use anyhow::Context;
use tch::Device;
use tracing::info;

use crate::cache::{Cache, Features};
use crate::interrupt;
use crate::model::weights::BackboneWeights;
use crate::rows::folder::RunFolder;
use crate::settings::Settings;
use crate::telemetry::Progress;
use crate::train::fold::TrainPlan;
use crate::train::{TrainError, features};

/// The features of all videos, from the cache or computed now; nothing where the backbones learn. It breaks
/// off where somebody interrupts.
///
/// # Errors
///
/// If the file of features cannot be read or written, or libtorch fails.
pub(crate) fn prepare(
    cache: &Cache,
    settings: &Settings,
    device: Device,
    weights: Option<&BackboneWeights>,
    folder: &RunFolder,
) -> anyhow::Result<ControlFlow<(), Option<Features>>> {
    let Some(weights) = weights.filter(|_| settings.model.frozen_backbone) else {
        return Ok(ControlFlow::Continue(None));
    };
    let plan = TrainPlan {
        clips: &settings.clips,
        model: &settings.model,
        train: &settings.train,
        device,
        weights: Some(weights),
        features: None,
        resident: None,
    };
    let frames: Vec<usize> = (0..cache.len())
        .map(|video| cache.video(video).map_or(0, |video| video.kept.len()))
        .collect();
    let width = settings.model.backbone.feature(settings.model.width) as usize;
    let digest = digest(cache, plan, settings)?;
    if let Some(features) = Features::open(&folder.cache(), &digest, &frames, width)? {
        info!("what the backbone sees is known already");
        return Ok(ControlFlow::Continue(Some(features)));
    }
    let (backbone, _store) = weights.backbone(&settings.model, device);
    tch::set_num_threads(settings.thread_count() as i32);
    let bar = Progress::start("features", frames.iter().sum::<usize>() as u64);
    let made = Features::create(&folder.cache(), &digest, &frames, width, |index| {
        if interrupt::flag().load(Ordering::Relaxed) {
            return Err(TrainError::Interrupted.into());
        }
        let rows = match cache.video(index) {
            Ok(video) if !video.kept.is_empty() => features::of_video(&backbone, plan, video)?,
            _ => Vec::new(),
        };
        bar.advance(frames[index] as u64);
        anyhow::Ok(rows)
    });
    bar.finish();
    match made {
        Ok(features) => Ok(ControlFlow::Continue(Some(features))),
        Err(error) if matches!(error.downcast_ref(), Some(TrainError::Interrupted)) => {
            Ok(ControlFlow::Break(()))
        }
        Err(error) => Err(error).context("what the backbone sees cannot be kept in the cache"),
    }
}

/// Of all that decides the features.
fn digest(cache: &Cache, plan: TrainPlan, settings: &Settings) -> anyhow::Result<String> {
    let contents: Vec<String> = (0..cache.len())
        .map(|video| {
            let content = cache.fingerprint(video);
            content.map_or_else(String::new, |content| content.to_string())
        })
        .collect();
    let kind = format!("{:?}", plan.train.precision.kind(plan.device));
    let parts = serde_json::to_string(&(
        &settings.video,
        settings.model.input,
        settings.model.size,
        plan.weights.map(BackboneWeights::digest),
        kind,
        contents,
    ))?;
    Ok(blake3::hash(parts.as_bytes()).to_hex().to_string())
}
