//! Key-expression re-sampling: where in the clip the detail stream looks (RDFER, arXiv:2502.16129, §3.3).
//!
//! From the synopsis bag, one linear layer gives K centres μ = tanh(·) and another K strides δ. Snippet k is n frames
//! at the positions
//!
//! ```text
//! (μ_k + 1)/2 · (F − 1)  +  (j − (n − 1)/2) · F/(n − 1) · exp(−|δ_k|),    j = 0 … n − 1
//! ```
//!
//! of the clip's F frames, held within [0, F − 1]. With the paper's n = 4 the largest stride is its F/3: one snippet
//! then spans the clip. The published code rounds the positions, so that μ and δ never learn. Ours: in training each
//! position shows the linear blend of the two frames around it, and gradients reach μ and δ; when scoring the nearest
//! frame is taken, half a frame away at most.
//!
//! The start is ours too: centres spread evenly over the clip, and strides of half the distance at which the snippets
//! would tile the clip, at least one frame. At μ = δ = 0 all snippets would be one, as wide as the clip, and |δ| would
//! have no gradient.

use tch::nn::{self, Module, Path};
use tch::{Kind, Tensor};

use super::ModelSettings;
use super::layers::linear;

/// The two linear layers that choose the snippets.
#[derive(Debug)]
pub struct Resampler {
    center: nn::Linear,
    stride: nn::Linear,
    snippet_frames: i64,
    frames: i64,
}

impl Resampler {
    /// Builds the layers under `path` for clips of `frames` frames.
    pub fn new(path: &Path, settings: &ModelSettings, frames: i64) -> Self {
        let (snippets, snippet_frames) = (settings.snippets, settings.snippet_frames);
        let centers: Vec<f32> = (0..snippets)
            .map(|snippet| ((2 * snippet + 1) as f32 / snippets as f32 - 1.0).atanh())
            .collect();
        let largest = largest_stride(frames, snippet_frames);
        let first = (frames as f64 / (2 * snippets * snippet_frames) as f64).max(1.0);
        let stride = (largest / first).ln().max(0.1) as f32;
        let layer = |name: &str, bias: &[f32]| {
            let mut layer = linear(&(path / name), 2 * settings.hidden, snippets);
            if let Some(own) = &mut layer.bs {
                tch::no_grad(|| own.copy_(&Tensor::from_slice(bias)));
            }
            layer
        };
        Self {
            center: layer("center", &centers),
            stride: layer("stride", &vec![stride; snippets as usize]),
            snippet_frames,
            frames,
        }
    }

    /// Where in the clip each frame of each snippet lies, in frames. `bag`: B×2·hidden; returns B×K·n in [0, F − 1].
    pub fn positions(&self, bag: &Tensor) -> Tensor {
        let last = (self.frames - 1) as f64;
        let center = (self.center.forward(bag).tanh() + 1.0) * (last / 2.0); // B×K
        let largest = largest_stride(self.frames, self.snippet_frames);
        let stride = (-self.stride.forward(bag).abs()).exp() * largest; // B×K
        let offsets = Tensor::arange(self.snippet_frames, (Kind::Float, bag.device()))
            - (self.snippet_frames - 1) as f64 / 2.0; // n
        let positions = center.unsqueeze(2) + stride.unsqueeze(2) * offsets; // B×K×n
        positions.clamp(0.0, last).flatten(1, 2)
    }
}

/// The stride at which one snippet spans the clip: F/(n − 1), or F for a snippet of one frame.
fn largest_stride(frames: i64, snippet_frames: i64) -> f64 {
    frames as f64 / (snippet_frames - 1).max(1) as f64
}

/// The frames nearest to the positions, ties to the even one. `positions`: B×P; returns B×P, i64.
pub fn nearest(positions: &Tensor) -> Tensor {
    positions.detach().round().to_kind(Kind::Int64)
}

/// The frames of those numbers. `clips`: B×F×H×W×C; `numbers`: B×P, i64; returns B×P×H×W×C.
pub fn pick(clips: &Tensor, numbers: &Tensor) -> Tensor {
    let size = clips.size();
    let [batch, frames, picked] = [size[0], size[1], numbers.size()[1]];
    let first = Tensor::arange(batch, (Kind::Int64, clips.device())) * frames; // B
    let rows = (numbers + first.unsqueeze(1)).view([-1]); // B·P
    clips
        .view([batch * frames, -1])
        .index_select(0, &rows)
        .view([batch, picked, size[2], size[3], size[4]])
}

/// The frames at the positions, between two frames their linear blend, through which gradients reach the positions.
/// `clips`: B×F×H×W×C with F ≥ 2; `positions`: B×P; returns B×P×H×W×C.
pub fn blend(clips: &Tensor, positions: &Tensor) -> Tensor {
    let lower = positions
        .detach()
        .floor()
        .clamp(0.0, (clips.size()[1] - 2) as f64); // B×P
    let share = (positions - &lower)
        .to_kind(clips.kind())
        .view([positions.size()[0], -1, 1, 1, 1]);
    let lower = lower.to_kind(Kind::Int64);
    pick(clips, &lower).lerp_tensor(&pick(clips, &(&lower + 1)), &share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::{Device, nn::VarStore};

    const FRAMES: i64 = 64;

    fn resampler(store: &VarStore) -> Resampler {
        tch::manual_seed(3);
        let settings = ModelSettings {
            hidden: 8,
            ..ModelSettings::default()
        };
        Resampler::new(&store.root(), &settings, FRAMES)
    }

    /// Clips whose frame f is filled with f².
    fn squares(batch: i64) -> Tensor {
        let numbers = Tensor::arange(FRAMES, (Kind::Float, Device::Cpu));
        (&numbers * &numbers)
            .view([1, FRAMES, 1, 1, 1])
            .expand([batch, FRAMES, 2, 2, 3], false)
            .contiguous()
    }

    #[test]
    fn snippets_start_spread_over_the_clip_with_short_strides() {
        let store = VarStore::new(Device::Cpu);
        let positions =
            resampler(&store).positions(&Tensor::zeros([1, 16], (Kind::Float, Device::Cpu)));
        let positions: Vec<f64> = Vec::try_from(positions.view([-1])).unwrap();
        let centers = [0.125, 0.375, 0.625, 0.875].map(|share| share * 63.0);
        for (index, position) in positions.iter().enumerate() {
            let expected = centers[index / 4] + ((index % 4) as f64 - 1.5) * 2.0;
            assert!(
                (position - expected).abs() < 1e-4,
                "{index}: {position}, not {expected}"
            );
        }
    }

    #[test]
    fn positions_stay_within_the_clip() {
        let store = VarStore::new(Device::Cpu);
        let bag = Tensor::randn([50, 16], (Kind::Float, Device::Cpu)) * 20.0;
        let positions = resampler(&store).positions(&bag);
        assert_eq!(positions.size(), [50, 16]);
        assert!(positions.min().double_value(&[]) >= 0.0);
        assert!(positions.max().double_value(&[]) <= 63.0);
    }

    #[test]
    fn between_two_frames_lies_their_blend() {
        let clips = squares(2);
        let positions = Tensor::from_slice(&[0.0_f32, 10.25, 63.0, 62.5, 7.0, 1.75]).view([2, 3]);
        let blended = blend(&clips, &positions);
        assert_eq!(blended.size(), [2, 3, 2, 2, 3]);
        let value = |clip: i64, frame: i64| blended.double_value(&[clip, frame, 1, 1, 2]);
        assert!((value(0, 0) - 0.0).abs() < 1e-3);
        assert!((value(0, 1) - (0.75 * 100.0 + 0.25 * 121.0)).abs() < 1e-3);
        assert!((value(0, 2) - 63.0 * 63.0).abs() < 1e-3);
        assert!((value(1, 0) - f64::midpoint(62.0 * 62.0, 63.0 * 63.0)).abs() < 1e-3);
        assert!((value(1, 1) - 49.0).abs() < 1e-3);
        let nearest = nearest(&positions);
        assert_eq!(
            Vec::<i64>::try_from(nearest.view([-1])).unwrap(),
            [0, 10, 63, 62, 7, 2]
        );
        assert!((pick(&clips, &nearest).double_value(&[1, 2, 0, 0, 0]) - 4.0).abs() < 1e-6);
    }

    #[test]
    fn centers_and_strides_receive_gradients() {
        let store = VarStore::new(Device::Cpu);
        let resampler = resampler(&store);
        let bag = Tensor::randn([3, 16], (Kind::Float, Device::Cpu));
        blend(&squares(3), &resampler.positions(&bag))
            .mean(Kind::Float)
            .backward();
        for name in [
            "center.weight",
            "center.bias",
            "stride.weight",
            "stride.bias",
        ] {
            let gradient = store.variables()[name].grad().abs().max().double_value(&[]);
            assert!(gradient > 0.0 && gradient.is_finite(), "{name}: {gradient}");
        }
    }
}
