//! The sequence model: a bidirectional LSTM whose output is gated by self-attention (RDFER, arXiv:2502.16129, §3.2).

use tch::Tensor;
use tch::nn::{self, Module, Path, RNN};

use super::layers::{NO_DECAY, linear};

/// A bidirectional LSTM and the gate over its output.
#[derive(Debug)]
pub struct GatedSequence {
    lstm: nn::LSTM,
    projection: nn::Linear,
    output: nn::Linear,
    norm: nn::LayerNorm,
    heads: i64,
}

impl GatedSequence {
    /// Builds the model under `path`: `input` features a frame, `hidden` units each way, `heads` attention heads.
    pub fn new(path: &Path, input: i64, hidden: i64, layers: i64, heads: i64) -> Self {
        // PyTorch's own start: uniform in ± 1/√hidden for every weight and bias.
        let bound = 1.0 / (hidden as f64).sqrt();
        let uniform = nn::Init::Uniform {
            lo: -bound,
            up: bound,
        };
        let config = nn::RNNConfig {
            num_layers: layers,
            bidirectional: true,
            batch_first: true,
            w_ih_init: uniform,
            w_hh_init: uniform,
            b_ih_init: Some(uniform),
            b_hh_init: Some(uniform),
            ..Default::default()
        };
        let width = 2 * hidden;
        Self {
            lstm: nn::lstm(&(path / "lstm"), input, hidden, config),
            projection: linear(&(path / "attention" / "in_proj"), width, 3 * width),
            output: linear(&(path / "attention" / "out_proj"), width, width),
            norm: nn::layer_norm(
                (path / "norm").set_group(NO_DECAY),
                vec![width],
                nn::LayerNormConfig::default(),
            ),
            heads,
        }
    }

    /// The LSTM's output over the sequence. B×T×input → B×T×2·hidden.
    pub fn recur(&self, features: &Tensor) -> Tensor {
        self.lstm.seq(features).0
    }

    /// Gates a sequence elementwise by `sigmoid(LayerNorm(self-attention))`. B×T×2·hidden → B×T×2·hidden.
    pub fn gate(&self, sequence: &Tensor) -> Tensor {
        let [batch, time, width] = [0, 1, 2].map(|axis| sequence.size()[axis]);
        let projected = self
            .projection
            .forward(sequence)
            .view([batch, time, 3, self.heads, width / self.heads])
            .permute([2, 0, 3, 1, 4]); // 3×B×heads×T×width/heads
        let [query, key, value] = [0, 1, 2].map(|index| projected.get(index));
        let scale = ((width / self.heads) as f64).sqrt();
        let weights = (query.matmul(&key.transpose(-2, -1)) / scale).softmax(-1, None); // B×heads×T×T
        let attended = weights
            .matmul(&value)
            .transpose(1, 2)
            .reshape([batch, time, width]);
        let gate = self.norm.forward(&self.output.forward(&attended)).sigmoid();
        sequence * gate
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::{Device, Kind};

    #[test]
    fn a_gate_only_weakens() {
        tch::manual_seed(1);
        let store = nn::VarStore::new(Device::Cpu);
        let model = GatedSequence::new(&store.root(), 6, 8, 2, 4);
        let features = Tensor::randn([2, 5, 6], (Kind::Float, Device::Cpu));
        let sequence = model.recur(&features);
        assert_eq!(sequence.size(), [2, 5, 16]);
        let gated = model.gate(&sequence);
        assert_eq!(gated.size(), sequence.size());
        let weaker = gated.abs().le_tensor(&sequence.abs()).all();
        assert!(weaker.int64_value(&[]) == 1);
    }

    #[test]
    fn both_directions_see_the_whole_sequence() {
        tch::manual_seed(1);
        let store = nn::VarStore::new(Device::Cpu);
        let model = GatedSequence::new(&store.root(), 6, 8, 1, 4);
        let features = Tensor::randn([1, 5, 6], (Kind::Float, Device::Cpu));
        let changed = features.copy();
        let _filled = changed.narrow(1, 4, 1).fill_(3.0);
        let difference = (model.recur(&features) - model.recur(&changed)).abs();
        // The first frame's forward half cannot know the last frame, its backward half must.
        let first = difference.select(1, 0).select(0, 0);
        assert!(first.narrow(0, 0, 8).max().double_value(&[]) < 1e-7);
        assert!(first.narrow(0, 8, 8).max().double_value(&[]) > 1e-6);
    }
}
