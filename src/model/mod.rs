//! The network: from a batch of clips to logits.
//!
//! Module names follow the parts of RDFER (arXiv:2502.16129, §3): a temporal-shift residual backbone ([`resnet`],
//! [`temporal_shift`]), a sequence model over the frames' features ([`sequence`]), the two streams that join them
//! ([`synopsis`], [`detail`]; what they have in common is in [`stream`]), the choice of the frames that the second one
//! sees ([`resampler`]), and the whole ([`rdfer`]). Weights on disk are [`checkpoint`]'s, published ones
//! [`weights`]'s; networks of other kinds that stand for the backbone are [`traced`]'s,
//! among them dlib's for faces ([`faces`]).

pub mod checkpoint;
pub mod detail;
pub mod device;
pub mod faces;
mod folded;
pub(crate) mod layers;
pub mod rdfer;
pub mod resampler;
pub mod resnet;
pub mod sequence;
pub mod stream;
pub mod synopsis;
pub mod temporal_shift;
pub mod traced;
pub mod weights;

use serde::{Deserialize, Serialize};
use tch::Kind;

pub use self::layers::Mode;
pub use self::rdfer::{DetailOutput, Output, Rdfer};
pub use self::resnet::Backbone;
pub use crate::clip::transform::InputKind;

/// The network's shape.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelSettings {
    /// The residual network that sees the frames.
    pub backbone: Backbone,
    /// Whether the backbones stay as their published weights make them: what they see in each frame, which is then a
    /// picture by itself without temporal shift, is computed once and kept, and only what comes after them is trained.
    /// Training clips are mirrored, but neither cropped nor recoloured. It needs `--weights`.
    pub frozen_backbone: bool,
    /// Numbers a row of the features that the network is shown in the place of frames, as `--features` or `--backbone` says; 0:
    /// it is shown frames. There is no backbone then.
    #[serde(default)]
    pub row_width: i64,
    /// Channels of the backbone's first stage; 64 is torchvision's.
    pub width: i64,
    /// What the network is shown of a frame.
    pub input: InputKind,
    /// Side of the network's input in pixels.
    pub size: i64,
    /// Frames that the synopsis stream sees, S, spread evenly over the clip's.
    pub synopsis_frames: i64,
    /// Whether the detail stream looks closely at the clip's key moments; without it, the synopsis stream decides.
    pub detail: bool,
    /// Key moments that the detail stream looks at, K.
    pub snippets: i64,
    /// Frames of each of them, n.
    pub snippet_frames: i64,
    /// Frames among which the synopsis stream's temporal shift moves channels; must divide its frames.
    pub shift_segment: i64,
    /// Length of a frame's feature vector.
    pub feature: i64,
    /// Hidden units of the LSTM in each direction.
    pub hidden: i64,
    /// Layers of the LSTM.
    pub lstm_layers: i64,
    /// Heads of the self-attention; must divide twice `hidden`.
    pub heads: i64,
    /// Dropout before the frame's feature and before the classifier, in [0, 1).
    pub dropout: f64,
}

impl Default for ModelSettings {
    fn default() -> Self {
        Self {
            backbone: Backbone::Resnet18,
            frozen_backbone: false,
            row_width: 0,
            width: 64,
            input: InputKind::Rgb,
            size: 112,
            synopsis_frames: 16,
            detail: true,
            snippets: 4,
            snippet_frames: 4,
            shift_segment: 4,
            feature: 512,
            hidden: 512,
            lstm_layers: 2,
            heads: 8,
            dropout: 0.5,
        }
    }
}

/// About how much memory of a GPU a training step needs, in bytes: every frame that a stream sees leaves its values in all
/// layers until the backward pass, and the input is worked on as 32-bit numbers. `kind`: what the convolutions compute in.
pub fn working_bytes(settings: &ModelSettings, kind: Kind, clips: usize, frames: usize) -> i64 {
    let pixels = settings.size * settings.size;
    let detail = if settings.detail {
        settings.snippets * settings.snippet_frames
    } else {
        0
    };
    let images = clips as i64 * (settings.synopsis_frames + detail);
    let values = images * pixels * settings.backbone.values_a_pixel() * settings.width / 64;
    let input = clips as i64 * frames as i64 * pixels * settings.input.channels();
    values * kind.elt_size_in_bytes() as i64 + 4 * input * Kind::Float.elt_size_in_bytes() as i64
}

#[cfg(test)]
pub(crate) mod tests;
