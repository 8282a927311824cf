//! The frames on a GPU, where they fit.

use tch::Device;
use tracing::info;

use super::Work;
use crate::clip::resident::Resident;
use crate::model::working_bytes;

/// Copies the frames of all videos to every device that is a GPU with room for them beside what the network needs.
/// Otherwise, and where frozen backbones have seen the frames already, each batch is copied when its turn comes.
///
/// # Errors
///
/// If frames cannot be read, or libtorch fails.
pub(super) fn prepare(work: &Work) -> anyhow::Result<Vec<Resident>> {
    let settings = &work.plan.settings;
    let mut residents: Vec<Resident> = Vec::new();
    if settings.model.frozen_backbone {
        return Ok(residents);
    }
    for &device in work.devices.iter().filter(|device| device.is_cuda()) {
        if residents.iter().all(|frames| frames.device() != device) {
            residents.extend(fill(work, device)?);
        }
    }
    Ok(residents)
}

fn fill(work: &Work, device: Device) -> anyhow::Result<Option<Resident>> {
    let settings = &work.plan.settings;
    let (batch, frames) = (settings.train.batch_size, settings.clips.frames);
    let kind = settings.train.precision.kind(device);
    let reserve = working_bytes(&settings.model, kind, batch, frames);
    let resident = Resident::fill(work.cache, settings.model.input, device, reserve)?;
    if let Some(frames) = &resident {
        info!("{} MB of frames lie on the device", frames.bytes() >> 20);
    } else {
        info!("the frames do not fit on the device; batches are copied one by one");
    }
    Ok(resident)
}
