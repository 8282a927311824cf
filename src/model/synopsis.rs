//! The synopsis stream, S-Net: the long-term view of a clip (RDFER, arXiv:2502.16129, §3.2).

use tch::Tensor;
use tch::nn::{self, Module, Path};

use super::ModelSettings;
use super::layers::{Mode, channels_last, dropout, linear, to_float};
use super::resnet::ResNet;
use super::sequence::GatedSequence;

/// What the stream says of a batch of clips.
#[derive(Debug)]
pub struct SynopsisOutput {
    /// One feature a clip, B×2·hidden.
    pub bag: Tensor,
    /// One feature a frame, B×T×2·hidden.
    pub instances: Tensor,
}

/// Backbone, frame feature, sequence model, and the merging of the frames ("instances") into one bag feature.
#[derive(Debug)]
pub struct Synopsis {
    backbone: ResNet,
    feature: nn::Linear,
    sequence: GatedSequence,
    merge: nn::Conv1D,
    dropout: f64,
}

impl Synopsis {
    /// Builds the stream under `path` for clips of `frames` frames.
    pub fn new(path: &Path, settings: &ModelSettings, frames: i64) -> Self {
        let backbone = ResNet::new(
            &(path / "backbone"),
            settings.backbone,
            settings.input.channels(),
            settings.width,
            settings.shift_segment,
        );
        let merge = nn::ConvConfig {
            padding: 1,
            ..Default::default()
        };
        Self {
            feature: linear(&(path / "feature"), backbone.feature(), settings.feature),
            backbone,
            sequence: GatedSequence::new(
                &(path / "sequence"),
                settings.feature,
                settings.hidden,
                settings.lstm_layers,
                settings.heads,
            ),
            // The instances are the channels: the convolution slides over the feature, kernel 3.
            merge: nn::conv1d(path / "merge", frames, 1, 3, merge),
            dropout: settings.dropout,
        }
    }

    /// `clips`: B×T×C×H×W, fp32 or bf16.
    pub fn forward(&self, clips: &Tensor, mode: &mut Mode) -> SynopsisOutput {
        let size = clips.size();
        let frames = clips.view([size[0] * size[1], size[2], size[3], size[4]]); // B·T×C×H×W
        let pooled = self
            .backbone
            .forward_t(&channels_last(&frames), mode.is_training());
        let features = self
            .feature
            .forward(&dropout(&to_float(&pooled), self.dropout, mode))
            .view([size[0], size[1], -1]); // B×T×feature
        let instances = self.sequence.gate(&self.sequence.recur(&features)); // B×T×2·hidden
        let bag = self.merge.forward(&instances).squeeze_dim(1); // B×2·hidden
        SynopsisOutput { bag, instances }
    }
}
