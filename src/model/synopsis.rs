//! The synopsis stream, S-Net: the long-term view of a clip (RDFER, arXiv:2502.16129, §3.2).

use tch::Tensor;
use tch::nn::Path;

use super::ModelSettings;
use super::layers::Mode;
use super::stream::{Shown, Stream, StreamOutput};

/// Backbone, frame feature, gated sequence model; every frame is an instance.
#[derive(Debug)]
pub struct Synopsis {
    stream: Stream,
}

impl Synopsis {
    /// Builds the stream under `path` for clips of [`ModelSettings::synopsis_frames`] frames.
    pub fn new(path: &Path, settings: &ModelSettings, classes: i64) -> Self {
        Self {
            stream: Stream::new(
                path,
                settings,
                settings.synopsis_frames,
                settings.shift_segment,
                classes,
            ),
        }
    }

    /// See [`super::Rdfer::hold_backbones`].
    pub(super) fn hold_backbone(&mut self, is_held: bool) {
        self.stream.hold_backbone(is_held);
    }

    /// See [`super::resnet::ResNet::fuse`].
    pub(super) fn fuse(&mut self) {
        self.stream.fuse();
    }

    /// `frames`: B×S×H×W×C, fp32 or bf16.
    pub(super) fn forward(&self, frames: (&Tensor, Shown), mode: &mut Mode) -> StreamOutput {
        let sequence = &self.stream.sequence;
        let features = self.stream.features(frames, 1, mode); // B×S×feature
        let instances = sequence.gate(&sequence.recur(&features)); // B×S×2·hidden
        self.stream.judge(&instances, mode)
    }
}
