//! The whole network (RDFER, arXiv:2502.16129, §3): so far its long-term view, the synopsis stream.

use tch::nn::{self, Module, Path};
use tch::{Kind, Tensor};

use super::ModelSettings;
use super::layers::{Mode, dropout, linear};
use super::synopsis::Synopsis;

/// Logits of a batch of clips.
#[derive(Debug)]
pub struct Output {
    /// The prediction, B×C.
    pub logits: Tensor,
    /// The classifier's word on every frame, B×T×C; the loss uses it, nobody else.
    pub instance_logits: Tensor,
}

/// The network.
#[derive(Debug)]
pub struct Rdfer {
    synopsis: Synopsis,
    classifier: nn::Linear,
    dropout: f64,
}

impl Rdfer {
    /// Builds the network under `path` for clips of `frames` frames and `classes` classes.
    pub fn new(path: &Path, settings: &ModelSettings, frames: usize, classes: usize) -> Self {
        Self {
            synopsis: Synopsis::new(&(path / "synopsis"), settings, frames as i64),
            classifier: linear(&(path / "classifier"), 2 * settings.hidden, classes as i64),
            dropout: settings.dropout,
        }
    }

    /// `clips`: B×T×C×H×W as [`crate::clip::transform::network_input`] makes them; the convolutions work in `kind`
    /// (fp32 or bf16), everything after them in fp32.
    pub fn forward(&self, clips: &Tensor, kind: Kind, mode: &mut Mode) -> Output {
        let view = self.synopsis.forward(&clips.to_kind(kind), mode);
        Output {
            logits: self
                .classifier
                .forward(&dropout(&view.bag, self.dropout, mode)), // B×C
            instance_logits: self.classifier.forward(&view.instances), // B×T×C
        }
    }
}
