//! Out-of-fold prediction: every held-out video on N clips.

use tch::{Kind, Tensor};

use crate::cache::Cache;
use crate::clip::loader::{ClipRequest, for_each_batch};
use crate::clip::sampler::scoring_clips;
use crate::clip::transform::{Augmentation, network_input};
use crate::model::{Mode, Rdfer};
use crate::seed::Seed;
use crate::train::fold::{Stop, TrainError, TrainPlan};

/// What the network says of one clip.
#[derive(Debug, Clone, PartialEq)]
pub struct ClipPrediction {
    /// The video's index.
    pub video: usize,
    /// The clip's number among the video's clips, from 0.
    pub clip: usize,
    /// First frame of the clip, in display order.
    pub start_frame: u32,
    /// Last frame of the clip, in display order.
    pub end_frame: u32,
    /// Whether it was mirrored.
    pub flipped: bool,
    /// Probability of each class, C values that sum to 1.
    pub probs: Vec<f32>,
}

impl ClipPrediction {
    /// The class with the largest probability; the first one of equals.
    pub fn prediction(&self) -> usize {
        (0..self.probs.len())
            .reduce(|best, class| {
                if self.probs[class] > self.probs[best] {
                    class
                } else {
                    best
                }
            })
            .unwrap_or(0)
    }
}

/// Scores `videos` on the clips of `plan.clips`; predictions come ordered as `videos`, then by clip. `watch` hears of
/// every batch's number of clips.
///
/// # Errors
///
/// If `stop` says so, or libtorch fails.
pub fn predict(
    network: &Rdfer,
    plan: TrainPlan,
    videos: &Videos,
    stop: Stop,
    watch: &mut dyn FnMut(usize),
) -> Result<Vec<ClipPrediction>, TrainError> {
    let mut requests = Vec::new();
    for &video in videos.indices {
        let frames = videos
            .cache
            .video(video)
            .map_or(0, |video| video.kept.len());
        for clip in scoring_clips(plan.clips, frames, videos.seed, &videos.ids[video]) {
            let augmentation = Augmentation::none(clip.flipped);
            requests.push(ClipRequest {
                video,
                clip,
                augmentation,
            });
        }
    }
    let batches = requests
        .chunks(plan.train.batch_size)
        .map(<[ClipRequest]>::to_vec);
    let mut predictions = Vec::with_capacity(requests.len());
    for_each_batch(videos.cache, plan.model.input, batches, |batch| {
        if stop() {
            return Err(TrainError::Interrupted);
        }
        let frames = batch
            .frames
            .f_to_device(plan.device)
            .map_err(TrainError::Torch)?;
        let augmentations: Vec<Augmentation> =
            batch.requests.iter().map(|r| r.augmentation).collect();
        let probs = tch::no_grad(|| {
            let clips = network_input(&frames, &augmentations, plan.model.input, plan.model.size);
            let kind = plan.train.precision.kind(plan.device);
            let output = network.forward(&clips, kind, &mut Mode::Score);
            output
                .logits
                .softmax(1, Kind::Float)
                .to_device(tch::Device::Cpu)
        });
        for (request, row) in batch.requests.iter().zip(0_i64..) {
            let number = predictions.len() % plan.clips.count;
            predictions.push(prediction(videos.cache, request, number, &probs.get(row))?);
        }
        watch(batch.requests.len());
        Ok(())
    })?;
    Ok(predictions)
}

/// The videos to score.
#[derive(Debug, Clone, Copy)]
pub struct Videos<'a> {
    /// The frames of all videos.
    pub cache: &'a Cache,
    /// Every video's id, in the cache's order.
    pub ids: &'a [String],
    /// Which of them.
    pub indices: &'a [usize],
    /// The run's seed; with the id and the clip's number it decides the clip.
    pub seed: Seed,
}

fn prediction(
    cache: &Cache,
    request: &ClipRequest,
    clip: usize,
    probs: &Tensor,
) -> Result<ClipPrediction, TrainError> {
    let frame = |position: Option<&usize>| {
        let kept = cache
            .video(request.video)
            .map_or(&[][..], |video| video.kept);
        position
            .and_then(|&position| kept.get(position))
            .copied()
            .unwrap_or(0)
    };
    Ok(ClipPrediction {
        video: request.video,
        clip,
        start_frame: frame(request.clip.positions.first()),
        end_frame: frame(request.clip.positions.last()),
        flipped: request.clip.flipped,
        probs: Vec::try_from(probs).map_err(TrainError::Torch)?,
    })
}
