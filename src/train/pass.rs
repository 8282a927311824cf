//! A batch of clips through a network, whether it learns from them or not.

use super::error::TrainError;
use super::plan::TrainPlan;
use crate::clip::loader::ClipBatch;
use crate::clip::memory;
use crate::clip::transform::{Augmentation, network_input};
use crate::model::{Mode, Output, Rdfer};

/// What `network` says of a batch's clips, in the batch's order, varied as the batch asks.
///
/// # Errors
///
/// If libtorch has no room for the frames on the device.
pub(crate) fn forward(
    network: &Rdfer,
    plan: TrainPlan,
    batch: &ClipBatch,
    mode: &mut Mode,
) -> Result<Output, TrainError> {
    let (input, size) = (plan.model.input, plan.model.size);
    let frames = memory::upload(&batch.frames, plan.device).map_err(TrainError::Torch)?;
    if plan.features.is_some() {
        return Ok(network.forward_features(&frames, mode));
    }
    let augmentations: Vec<Augmentation> = batch.requests.iter().map(|r| r.augmentation).collect();
    let clips = network_input(&frames, &augmentations, input, size);
    let kind = plan.train.precision.kind(plan.device);
    Ok(network.forward(&clips, kind, mode))
}
