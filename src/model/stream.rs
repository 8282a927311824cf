//! What both streams are made of: a backbone with its features, the sequence model over them, and the merging of the
//! instances into one bag (RDFER, arXiv:2502.16129, §3.2 and §3.3). Each stream has weights of its own.

use tch::nn::{self, Module, Path};
use tch::{Device, Kind, Tensor};

use super::ModelSettings;
use super::layers::{Mode, dropout, linear, to_float};
use super::resnet::ResNet;
use super::sequence::GatedSequence;

/// What a stream says of a batch of clips.
#[derive(Debug)]
pub struct StreamOutput {
    /// One feature a clip, B×2·hidden.
    pub bag: Tensor,
    /// The classifier's word on the clip, B×C.
    pub logits: Tensor,
    /// The classifier's word on every instance, B×N×C.
    pub instance_logits: Tensor,
}

/// The parts of a stream with N instances a clip.
#[derive(Debug)]
pub(super) struct Stream {
    /// Nothing where features are given in the place of frames.
    backbone: Option<ResNet>,
    feature: nn::Linear,
    pub(super) sequence: GatedSequence,
    merge: nn::Conv1D,
    classifier: nn::Linear,
    dropout: f64,
    is_frozen: bool,
    /// Whether the backbone does not learn for the time being.
    is_held: bool,
}

/// What a stream is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// Frames.
    Frames,
    /// What a frozen backbone saw in each frame, as a picture of one pixel.
    Features,
}

impl Stream {
    /// Builds a stream under `path` for `instances` instances a clip; `shift_segment` frames share a temporal shift.
    pub(super) fn new(
        path: &Path,
        settings: &ModelSettings,
        instances: i64,
        shift_segment: i64,
        classes: i64,
    ) -> Self {
        let backbone = |shift_segment| {
            ResNet::new(
                &(path / "backbone"),
                settings.backbone,
                settings.input.channels(),
                settings.width,
                shift_segment,
            )
        };
        let (is_frozen, is_given) = (settings.frozen_backbone, settings.row_width > 0);
        let backbone = if is_frozen {
            // Published weights know single pictures only.
            apart(|| (!is_given).then(|| backbone(1)))
        } else {
            Some(backbone(shift_segment))
        };
        let seen = backbone
            .as_ref()
            .map_or(settings.row_width, ResNet::feature);
        let merge = nn::ConvConfig {
            padding: 1,
            ..Default::default()
        };
        Self {
            feature: linear(&(path / "feature"), seen, settings.feature),
            backbone,
            sequence: GatedSequence::new(
                &(path / "sequence"),
                settings.feature,
                settings.hidden,
                settings.lstm_layers,
                settings.heads,
            ),
            // The instances are the channels: the convolution slides over the feature, kernel 3.
            merge: nn::conv1d(path / "merge", instances, 1, 3, merge),
            // One classifier for the bag and the instances: both are vectors of the same space.
            classifier: linear(&(path / "classifier"), 2 * settings.hidden, classes),
            dropout: settings.dropout,
            is_frozen,
            is_held: false,
        }
    }

    /// See [`ResNet::fuse`].
    pub(super) fn fuse(&mut self) {
        if let Some(backbone) = &mut self.backbone {
            backbone.fuse();
        }
    }

    /// See [`super::Rdfer::hold_backbones`].
    pub(super) fn hold_backbone(&mut self, is_held: bool) {
        self.is_held = is_held;
    }

    /// One feature an instance: the mean over its frames, then a linear layer, with dropout before it.
    /// `frames`: B×N·`instance_frames`×H×W×C, fp32 or bf16; returns B×N×feature, fp32.
    pub(super) fn features(
        &self,
        (frames, shown): (&Tensor, Shown),
        instance_frames: i64,
        mode: &mut Mode,
    ) -> Tensor {
        let [batch, count, height, width, channels] =
            [0, 1, 2, 3, 4].map(|axis| frames.size()[axis]);
        // A view that convolutions know as channels-last: nothing is copied.
        let images = frames
            .view([batch * count, height, width, channels])
            .permute([0, 3, 1, 2]); // B·T×C×H×W
        let pooled = match (shown, &self.backbone) {
            (Shown::Frames, Some(backbone)) => {
                let learns = mode.is_training() && !self.is_frozen && !self.is_held;
                // Frames that were chosen by what is learnt pass their gradient on all the same.
                if self.is_held && !images.requires_grad() {
                    tch::no_grad(|| backbone.forward_t(&images, learns))
                } else {
                    backbone.forward_t(&images, learns)
                }
            }
            _ => images.flatten(1, 3),
        };
        let pooled = to_float(&pooled); // B·T×pooled
        let pooled = if instance_frames == 1 {
            pooled
        } else {
            pooled
                .view([batch * count / instance_frames, instance_frames, -1])
                .mean_dim([1].as_slice(), false, None)
        }; // B·N×pooled
        self.feature
            .forward(&dropout(&pooled, self.dropout, mode))
            .view([batch, count / instance_frames, -1])
    }

    /// Merges the instances into a bag and classifies both. `instances`: B×N×2·hidden.
    pub(super) fn judge(&self, instances: &Tensor, mode: &mut Mode) -> StreamOutput {
        let bag = self.merge.forward(instances).squeeze_dim(1); // B×2·hidden
        StreamOutput {
            logits: self.classifier.forward(&dropout(&bag, self.dropout, mode)),
            instance_logits: self.classifier.forward(instances),
            bag,
        }
    }
}

/// Builds a part of a network, after which libtorch's generator draws the same, whatever the part drew: what is drawn for the
/// others does not depend on weights that are replaced, or on a part that is not there.
fn apart<T>(build: impl FnOnce() -> T) -> T {
    let next = Tensor::randint(i64::from(i32::MAX), [1], (Kind::Int64, Device::Cpu));
    let built = build();
    tch::manual_seed(next.int64_value(&[0]));
    built
}
