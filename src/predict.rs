//! Out-of-fold prediction: every held-out video on N clips.

use tch::{Kind, Tensor};

use crate::cache::Cache;
use crate::clip::loader::{ClipRequest, for_each_batch};
use crate::clip::sampler::{scoring_clips, whole_clip};
use crate::clip::transform::Augmentation;
use crate::model::{Mode, Rdfer};
use crate::seed::Seed;
use crate::train::plan::{Stop, TrainPlan};
use crate::train::{TrainError, pass};

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
    /// Where the detail stream looked: frames of the video in display order, K·n values, snippet by snippet; empty where
    /// there is no detail stream.
    pub key_frames: Vec<u32>,
}

impl ClipPrediction {
    /// The class with the largest probability; the first one of equals.
    pub fn prediction(&self) -> usize {
        largest(&self.probs)
    }
}

/// Index of the largest value; the first one of equals, and 0 where there are none.
pub(crate) fn largest(values: &[f32]) -> usize {
    (0..values.len())
        .reduce(|best, index| {
            if values[index] > values[best] {
                index
            } else {
                best
            }
        })
        .unwrap_or(0)
}

/// What the network says of videos.
#[derive(Debug, Clone, PartialEq)]
pub struct Predictions {
    /// Of every clip, ordered as the videos, then by clip.
    pub clips: Vec<ClipPrediction>,
    /// Of every video, in their order, its index and the feature from which the logits come, mean over the clips: 2·hidden
    /// values. Only features of the same network can be compared.
    pub features: Vec<(usize, Vec<f32>)>,
}

/// Scores `videos` on the clips of `plan.clips`. `watch` hears of every batch's number of clips.
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
) -> Result<Predictions, TrainError> {
    let (mut requests, mut clips_of) = (Vec::new(), Vec::new());
    for &video in videos.indices {
        let found = videos.cache.video(video).map(|video| {
            let distinct = video.facts.distinct_frames as usize;
            (video.kept.len(), distinct)
        });
        let (frames, distinct) = found.unwrap_or((0, 0));
        let clips = if frames > 0 && distinct < plan.few_frames {
            vec![whole_clip(plan.clips, frames)]
        } else {
            scoring_clips(plan.clips, frames, videos.seed, &videos.ids[video])
        };
        clips_of.push(clips.len());
        for clip in clips {
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
    let mut features: Vec<(usize, Vec<f32>)> = videos
        .indices
        .iter()
        .map(|&video| (video, Vec::new()))
        .collect();
    let (mut place, mut number) = (0, 0);
    for_each_batch(plan.source(videos.cache), batches, |batch| {
        if stop() {
            return Err(TrainError::Interrupted);
        }
        let (probs, bags, key_frames) = tch::no_grad(|| {
            let output = pass::forward(network, plan, &batch, &mut Mode::Score)?;
            let to_cpu = |tensor: &Tensor| tensor.to_device(tch::Device::Cpu);
            Ok::<_, TrainError>((
                to_cpu(&output.logits.softmax(1, Kind::Float)),
                to_cpu(&output.bag.to_kind(Kind::Float)),
                output.detail.map(|detail| to_cpu(&detail.key_frames)),
            ))
        })?;
        for (request, row) in batch.requests.iter().zip(0_i64..) {
            while number == clips_of[place] {
                (place, number) = (place + 1, 0);
            }
            let bag = Vec::try_from(bags.get(row)).map_err(TrainError::Torch)?;
            add(&mut features[place].1, &bag);
            let key_frames = key_frames.as_ref().map(|frames| frames.get(row));
            predictions.push(prediction(
                videos.cache,
                request,
                number,
                &probs.get(row),
                key_frames.as_ref(),
            )?);
            number += 1;
        }
        watch(batch.requests.len());
        Ok(())
    })?;
    for ((_, feature), clips) in features.iter_mut().zip(clips_of) {
        for value in feature {
            *value /= clips as f32;
        }
    }
    Ok(Predictions {
        clips: predictions,
        features,
    })
}

/// Adds to a sum that begins empty.
fn add(sum: &mut Vec<f32>, values: &[f32]) {
    sum.resize(values.len(), 0.0);
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += value;
    }
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
    key_frames: Option<&Tensor>,
) -> Result<ClipPrediction, TrainError> {
    let kept = cache
        .video(request.video)
        .map_or(&[][..], |video| video.kept);
    let frame = |position: Option<&usize>| {
        position
            .and_then(|&position| kept.get(position))
            .copied()
            .unwrap_or(0)
    };
    let positions = &request.clip.positions;
    let key_frames: Vec<i64> = key_frames
        .map_or_else(|| Ok(Vec::new()), Vec::try_from)
        .map_err(TrainError::Torch)?;
    Ok(ClipPrediction {
        video: request.video,
        clip,
        start_frame: frame(positions.first()),
        end_frame: frame(positions.last()),
        flipped: request.clip.flipped,
        probs: Vec::try_from(probs).map_err(TrainError::Torch)?,
        key_frames: key_frames
            .into_iter()
            .map(|number| frame(positions.get(number as usize)))
            .collect(),
    })
}
