//! What a frozen backbone sees in the frames, computed once a data set for all folds and later runs; or what was given in
//! its place.

use anyhow::Context;
use camino::Utf8Path;
use tracing::info;

use super::Work;
use crate::cache::{Cache, Features, Given, Rows};
use crate::interrupt;
use crate::model::device;
use crate::model::weights::BackboneWeights;
use crate::settings::Settings;
use crate::telemetry::Progress;
use crate::train::features;
use crate::train::plan::TrainPlan;

/// The features of all videos, from the cache or computed now; nothing where the backbones learn.
///
/// # Errors
///
/// If the file of features cannot be read or written, libtorch fails, or somebody interrupts.
pub(crate) fn prepare(work: &Work) -> anyhow::Result<Option<Features>> {
    if let Some(card) = &work.plan.features {
        return given(&work.folder.cache(), &card.digest).map(Some);
    }
    let Some(wanted) = Wanted::new(work)? else {
        return Ok(None);
    };
    if let Some(features) = wanted.open(work)? {
        info!("what the backbone sees is known already");
        return Ok(Some(features));
    }
    let (settings, cache) = (&work.plan.settings, work.cache);
    let (backbone, _store) = wanted.weights.backbone(&settings.model, work.device);
    tch::set_num_threads(settings.thread_count() as i32);
    let Wanted { frames, digest, .. } = &wanted;
    let bar = Progress::start("features", frames.iter().sum::<usize>() as u64);
    let dir = work.folder.cache();
    let made = Features::create(&dir, digest, frames, wanted.rows, |index| {
        interrupt::check(work.stop)?;
        let rows = match cache.video(index) {
            Ok(video) if !video.kept.is_empty() => {
                features::of_video(&backbone, work.train_plan(), video)?
            }
            _ => Vec::new(),
        };
        bar.advance(frames[index] as u64);
        anyhow::Ok(rows)
    });
    bar.finish();
    made.map(Some)
        .context("what the backbone sees cannot be kept in the cache")
}

/// The features that were given under a digest.
fn given(cache: &Utf8Path, digest: &str) -> anyhow::Result<Features> {
    let features = Given::read(cache, digest).and_then(|given| given.features(cache));
    let lost = || {
        format!(
            "the features are no longer in '{cache}'; scan again, with --features or --backbone as before"
        )
    };
    features.with_context(lost)?.with_context(lost)
}

/// The features of all videos, which are in the cache; nothing where the backbones learn.
///
/// # Errors
///
/// If they are not there, or cannot be read.
pub(crate) fn open(work: &Work) -> anyhow::Result<Option<Features>> {
    if let Some(card) = &work.plan.features {
        return given(&work.folder.cache(), &card.digest).map(Some);
    }
    let Some(wanted) = Wanted::new(work)? else {
        return Ok(None);
    };
    let features = wanted.open(work)?;
    features.map(Some).with_context(|| {
        format!(
            "what the backbone sees is not in '{}'; prepare the run again with --resume, on a device as this one ({})",
            work.folder.cache(),
            device::names(&[work.device])
        )
    })
}

/// What is to be found in the cache.
struct Wanted<'a> {
    weights: &'a BackboneWeights,
    /// Frames of each video.
    frames: Vec<usize>,
    rows: Rows,
    digest: String,
}

impl<'a> Wanted<'a> {
    /// Nothing where the backbones learn.
    fn new(work: &Work<'a>) -> anyhow::Result<Option<Self>> {
        let (settings, cache) = (&work.plan.settings, work.cache);
        let Some(weights) = work.weights.filter(|_| settings.model.frozen_backbone) else {
            return Ok(None);
        };
        Ok(Some(Self {
            weights,
            frames: (0..cache.len())
                .map(|video| cache.video(video).map_or(0, |video| video.kept.len()))
                .collect(),
            rows: Rows {
                width: settings.model.backbone.feature(settings.model.width) as usize,
                is_mirrored: true,
            },
            digest: digest(cache, work.train_plan(), settings)?,
        }))
    }

    fn open(&self, work: &Work) -> std::io::Result<Option<Features>> {
        Features::open(&work.folder.cache(), &self.digest, &self.frames, self.rows)
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
    let mut parts = serde_json::to_string(&(
        &settings.video,
        settings.model.input,
        settings.model.size,
        plan.weights.map(BackboneWeights::digest),
        kind,
        contents,
    ))?;
    if let Some(follow) = cache.follow() {
        parts += &serde_json::to_string(follow)?;
    }
    Ok(blake3::hash(parts.as_bytes()).to_hex().to_string())
}
