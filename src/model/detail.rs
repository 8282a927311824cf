//! The detail stream, D-Net: the short-term view of a clip's key moments (RDFER, arXiv:2502.16129, §3.3).

use tch::Tensor;
use tch::nn::{self, Module, Path};

use super::ModelSettings;
use super::layers::{Mode, linear};
use super::stream::{Shown, Stream, StreamOutput};

/// Like the synopsis stream, but a snippet of frames is an instance, and the synopsis bag gates the sequence.
///
/// Temporal shift moves channels within a snippet only: the next snippet is another moment.
#[derive(Debug)]
pub struct Detail {
    stream: Stream,
    gate: nn::Linear,
    snippet_frames: i64,
}

impl Detail {
    /// Builds the stream under `path` for [`ModelSettings::snippets`] snippets.
    pub fn new(path: &Path, settings: &ModelSettings, classes: i64) -> Self {
        let width = 2 * settings.hidden;
        Self {
            stream: Stream::new(
                path,
                settings,
                settings.snippets,
                settings.snippet_frames,
                classes,
            ),
            gate: linear(&(path / "gate"), width, width),
            snippet_frames: settings.snippet_frames,
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

    /// `snippets`: B×K·n×H×W×C, the frames of a snippet one after the other, fp32 or bf16; `synopsis_bag`: B×2·hidden.
    pub(super) fn forward(
        &self,
        snippets: (&Tensor, Shown),
        synopsis_bag: &Tensor,
        mode: &mut Mode,
    ) -> StreamOutput {
        let sequence = &self.stream.sequence;
        let features = self.stream.features(snippets, self.snippet_frames, mode); // B×K×feature
        let context = self.gate.forward(synopsis_bag).sigmoid().unsqueeze(1); // B×1×2·hidden
        let gated = sequence.recur(&features) * context; // B×K×2·hidden
        self.stream.judge(&sequence.gate(&gated), mode)
    }
}
