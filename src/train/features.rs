//! What a frozen backbone, or a traced network in its place, sees in a video's frames.

use tch::{Device, Kind, Tensor};

use super::error::TrainError;
use super::plan::TrainPlan;
use crate::cache::CachedVideo;
use crate::clip::loader::whole_video;
use crate::clip::transform::{Augmentation, InputKind, network_input};
use crate::model::resnet::ResNet;
use crate::model::traced::TracedNetwork;

/// Frames that pass through the backbone at once.
const AT_ONCE: i64 = 64;

/// The pooled features of all frames of a video, and of the mirrored frames, as [`crate::cache::Features`] keeps them.
///
/// # Errors
///
/// If the frames cannot be read, or libtorch fails.
pub fn of_video(
    backbone: &ResNet,
    plan: TrainPlan,
    video: CachedVideo,
) -> Result<Vec<u8>, TrainError> {
    let frames = whole_video(plan.model.input, video)
        .map_err(TrainError::Frames)?
        .f_to_device(plan.device)
        .map_err(TrainError::Torch)?;
    let kind = plan.train.precision.kind(plan.device);
    let view = |is_mirrored: bool| {
        let plain = [Augmentation::none(is_mirrored)];
        let input =
            network_input(&frames, &plain, plan.model.input, plan.model.size).squeeze_dim(0);
        // Channels last, as the convolutions have it in training.
        let input = input
            .to_kind(kind)
            .permute([0, 2, 3, 1])
            .contiguous()
            .permute([0, 3, 1, 2]); // F×C×H×W
        let count = input.size()[0];
        let parts: Vec<Tensor> = (0..count)
            .step_by(AT_ONCE as usize)
            .map(|start| {
                let part = input.narrow(0, start, AT_ONCE.min(count - start));
                backbone.forward_t(&part, false)
            })
            .collect();
        Tensor::cat(&parts, 0) // F×feature
    };
    kept(&tch::no_grad(|| Tensor::cat(&[view(false), view(true)], 0)))
}

/// What a traced network sees in windows of a video's frames, and in the mirrored ones where they are wanted, kept in the same
/// way. `windows`: the places of each one's frames.
///
/// # Errors
///
/// If the frames cannot be read, libtorch fails, or an answer is beyond half precision.
pub fn of_windows(
    network: &TracedNetwork,
    video: CachedVideo,
    windows: &[Vec<usize>],
    is_mirrored: bool,
) -> Result<Vec<u8>, TrainError> {
    let frames = whole_video(InputKind::Rgb, video).map_err(TrainError::Frames)?;
    let rows = network.see(&frames.squeeze_dim(0), windows, is_mirrored);
    let rows = rows.map_err(TrainError::Torch)?.to_kind(Kind::Half);
    if rows.isfinite().all().int64_value(&[]) == 0 {
        return Err(TrainError::Features);
    }
    kept(&rows)
}

/// Rows as they are kept: in half precision, in the machine's order of bytes.
fn kept(rows: &Tensor) -> Result<Vec<u8>, TrainError> {
    let bytes = rows
        .to_kind(Kind::Half)
        .to_device(Device::Cpu)
        .contiguous()
        .view_dtype(Kind::Uint8)
        .reshape([-1]);
    Vec::<u8>::try_from(&bytes).map_err(TrainError::Torch)
}
