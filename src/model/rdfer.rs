//! The whole network (RDFER, arXiv:2502.16129, §3): the synopsis stream, and the detail stream, which looks where the first one says.

use tch::nn::Path;
use tch::{Kind, Tensor};

use super::ModelSettings;
use super::detail::Detail;
use super::layers::{Mode, to_float};
use super::resampler::{Resampler, blend, nearest, pick};
use super::stream::Shown;
use super::synopsis::Synopsis;

/// Logits of a batch of clips.
#[derive(Debug)]
pub struct Output {
    /// The prediction, B×C: the detail stream's, or the synopsis stream's where there is no detail stream.
    pub logits: Tensor,
    /// The feature from which the logits come, one a clip: B×2·hidden, fp32.
    pub bag: Tensor,
    /// The synopsis stream's word on each of its frames, B×S×C; the loss uses it, nobody else.
    pub instance_logits: Tensor,
    /// What there is only with a detail stream.
    pub detail: Option<DetailOutput>,
}

/// What the detail stream adds to an [`Output`].
#[derive(Debug)]
pub struct DetailOutput {
    /// The synopsis stream's word on the clip, B×C.
    pub synopsis_logits: Tensor,
    /// The detail stream's word on each snippet, B×K×C.
    pub instance_logits: Tensor,
    /// The frames of the clip that it looked at, or that were nearest, snippet by snippet: B×K·n, i64 in [0, F).
    pub key_frames: Tensor,
}

/// The network.
#[derive(Debug)]
pub struct Rdfer {
    synopsis: Synopsis,
    detail: Option<(Resampler, Detail)>,
    /// The clip's frames that the synopsis stream sees.
    synopsis_frames: Tensor,
}

impl Rdfer {
    /// Builds the network under `path` for clips of `frames` frames (F) and `classes` classes (C).
    pub fn new(path: &Path, settings: &ModelSettings, frames: usize, classes: usize) -> Self {
        let (frames, classes) = (frames as i64, classes as i64);
        let synopsis = Synopsis::new(&(path / "synopsis"), settings, classes);
        let detail = settings.detail.then(|| {
            (
                Resampler::new(&(path / "resampler"), settings, frames),
                Detail::new(&(path / "detail"), settings, classes),
            )
        });
        Self {
            synopsis,
            detail,
            synopsis_frames: Tensor::from_slice(&spread(settings.synopsis_frames, frames))
                .to_device(path.device()),
        }
    }

    /// Makes scoring faster, for a network that has learnt all that it will: see [`super::resnet::ResNet::fuse`].
    pub fn fuse(&mut self) {
        self.synopsis.fuse();
        if let Some((_, detail)) = &mut self.detail {
            detail.fuse();
        }
    }

    /// Keeps the backbones from learning, their batch normalisation included, or lets them learn again.
    pub fn hold_backbones(&mut self, is_held: bool) {
        self.synopsis.hold_backbone(is_held);
        if let Some((_, detail)) = &mut self.detail {
            detail.hold_backbone(is_held);
        }
    }

    /// `clips`: B×F×C×H×W as [`crate::clip::transform::network_input`] makes them; the convolutions work in `kind`
    /// (fp32 or bf16), everything after them in fp32.
    pub fn forward(&self, clips: &Tensor, kind: Kind, mode: &mut Mode) -> Output {
        // Channels last, which CPU and GPU convolutions prefer; then a frame is one run of numbers, quick to pick.
        let clips = clips.to_kind(kind).permute([0, 1, 3, 4, 2]).contiguous(); // B×F×H×W×C
        self.look(&clips, Shown::Frames, mode)
    }

    /// The same from what the frozen backbones saw. `features`: B×F×pooled, any kind of float.
    pub fn forward_features(&self, features: &Tensor, mode: &mut Mode) -> Output {
        let pixels = to_float(features).unsqueeze(2).unsqueeze(2); // B×F×1×1×pooled
        self.look(&pixels, Shown::Features, mode)
    }

    /// `clips`: B×F×H×W×C.
    fn look(&self, clips: &Tensor, shown: Shown, mode: &mut Mode) -> Output {
        let overview = self.overview(clips);
        let synopsis = self.synopsis.forward((&overview, shown), mode);
        let Some((resampler, detail)) = &self.detail else {
            return Output {
                logits: synopsis.logits,
                bag: synopsis.bag,
                instance_logits: synopsis.instance_logits,
                detail: None,
            };
        };
        let positions = resampler.positions(&synopsis.bag); // B×K·n
        let key_frames = nearest(&positions);
        let snippets = if mode.is_training() {
            blend(clips, &positions)
        } else {
            pick(clips, &key_frames)
        }; // B×K·n×H×W×C
        let view = detail.forward((&snippets, shown), &synopsis.bag, mode);
        Output {
            logits: view.logits,
            bag: view.bag,
            instance_logits: synopsis.instance_logits,
            detail: Some(DetailOutput {
                synopsis_logits: synopsis.logits,
                instance_logits: view.instance_logits,
                key_frames,
            }),
        }
    }

    /// The synopsis stream's frames of the clips. B×F×H×W×C → B×S×H×W×C.
    fn overview(&self, clips: &Tensor) -> Tensor {
        if self.synopsis_frames.size() == [clips.size()[1]] {
            return clips.shallow_clone();
        }
        clips.index_select(1, &self.synopsis_frames)
    }
}

/// The middle frames of `count` equal parts of `frames` frames.
fn spread(count: i64, frames: i64) -> Vec<i64> {
    (0..count)
        .map(|part| (2 * part + 1) * frames / (2 * count))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_overview_is_spread_evenly() {
        assert_eq!(spread(4, 16), [2, 6, 10, 14]);
        assert_eq!(spread(16, 16), (0..16).collect::<Vec<_>>());
        assert_eq!(spread(3, 4), [0, 2, 3]);
    }
}
