//! A look at held-out clips at an epoch's end: whether the network learns what carries over. It decides nothing.

use super::error::TrainError;
use super::pass;
use super::plan::{Fit, Stop, TrainPlan, TrainingSet};
use crate::clip::loader::{ClipRequest, for_each_batch};
use crate::clip::sampler::scoring_clips;
use crate::clip::transform::Augmentation;
use crate::model::{Mode, Rdfer};
use crate::seed::Seed;
use crate::video::evenly_spread;

/// Predicts the middle one of the scoring clips of up to `plan.train.held_out_clips` held-out videos, evenly spread over
/// them; the same clips at every epoch. No random number is drawn and nothing of the network changes.
///
/// # Errors
///
/// If `stop` says so, or libtorch fails.
pub(super) fn look(
    network: &Rdfer,
    plan: TrainPlan,
    set: TrainingSet,
    seed: Seed,
    stop: Stop,
) -> Result<Option<Fit>, TrainError> {
    let requests: Vec<ClipRequest> = evenly_spread(set.held_out.len(), plan.train.held_out_clips)
        .into_iter()
        .filter_map(|place| {
            let video = set.held_out[place as usize];
            let frames = set.cache.video(video).ok()?.kept.len();
            let mut clips = scoring_clips(plan.clips, frames, seed, &set.ids[video]);
            let clip = clips.swap_remove(clips.len() / 2);
            let augmentation = Augmentation::none(clip.flipped);
            Some(ClipRequest {
                video,
                clip,
                augmentation,
            })
        })
        .collect();
    let given: Vec<usize> = requests.iter().map(|r| set.labels[r.video]).collect();
    let batches = requests
        .chunks(plan.train.batch_size)
        .map(<[ClipRequest]>::to_vec);
    let mut predicted: Vec<usize> = Vec::with_capacity(requests.len());
    for_each_batch(plan.source(set.cache), batches, |batch| {
        if stop() {
            return Err(TrainError::Interrupted);
        }
        let classes = tch::no_grad(|| {
            let output = pass::forward(network, plan, &batch, &mut Mode::Score)?;
            Ok::<_, TrainError>(output.logits.argmax(1, false).to_device(tch::Device::Cpu))
        })?;
        let classes = Vec::<i64>::try_from(&classes).map_err(TrainError::Torch)?;
        predicted.extend(classes.into_iter().map(|class| class as usize));
        Ok(())
    })?;
    Ok(Fit::of(&given, &predicted, set.classes))
}
