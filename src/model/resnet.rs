//! Residual networks with temporal shift (He et al., arXiv:1512.03385; Lin et al., arXiv:1811.08383).
//!
//! Parameters bear torchvision's names (`conv1`, `bn1`, `layer1.0.conv1`, `layer1.0.downsample.0`, …). Without temporal
//! shift and at a width of 64, ResNet-18, -34 and -50 are torchvision's networks up to the pooled feature.

use serde::{Deserialize, Serialize};
use tch::nn::Path;
use tch::{Kind, Tensor};

use super::layers::ConvNorm;
use super::temporal_shift::temporal_shift;

/// Which residual network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backbone {
    /// One basic block a stage: for CPUs and small frames.
    Small,
    /// ResNet-18.
    Resnet18,
    /// ResNet-34.
    Resnet34,
    /// ResNet-50.
    Resnet50,
}

impl Backbone {
    fn blocks(self) -> [i64; 4] {
        match self {
            Self::Small => [1, 1, 1, 1],
            Self::Resnet18 => [2, 2, 2, 2],
            Self::Resnet34 | Self::Resnet50 => [3, 4, 6, 3],
        }
    }

    /// The name in the settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Resnet18 => "resnet18",
            Self::Resnet34 => "resnet34",
            Self::Resnet50 => "resnet50",
        }
    }

    /// About how many values a training step keeps of each pixel of a frame at a width of 64: measured on a GPU at 112×112
    /// pixels (ResNet-18: 165, ResNet-50: 600), the others in proportion to their layers; rounded up.
    pub(super) fn values_a_pixel(self) -> i64 {
        match self {
            Self::Small => 120,
            Self::Resnet18 => 180,
            Self::Resnet34 => 280,
            Self::Resnet50 => 650,
        }
    }

    fn has_bottlenecks(self) -> bool {
        self == Self::Resnet50
    }

    /// Length of the pooled feature for a first stage of `width` channels.
    pub fn feature(self, width: i64) -> i64 {
        width * 8 * if self.has_bottlenecks() { 4 } else { 1 }
    }
}

/// A residual block: two 3×3 convolutions, or 1×1, 3×3, 1×1 where it is a bottleneck.
#[derive(Debug)]
struct Block {
    convolutions: Vec<ConvNorm>,
    downsample: Option<ConvNorm>,
    shift_segment: i64,
}

impl Block {
    fn new(
        path: &Path,
        input: i64,
        width: i64,
        stride: i64,
        bottleneck: bool,
        segment: i64,
    ) -> Self {
        let output = if bottleneck { width * 4 } else { width };
        let shapes = if bottleneck {
            vec![
                (input, width, 1, 1),
                (width, width, 3, stride),
                (width, output, 1, 1),
            ]
        } else {
            vec![(input, width, 3, stride), (width, output, 3, 1)]
        };
        let convolutions = shapes
            .into_iter()
            .zip(1..)
            .map(|((from, to, kernel, stride), number)| {
                let (convolution, norm) =
                    (path / format!("conv{number}"), path / format!("bn{number}"));
                ConvNorm::new((&convolution, &norm), (from, to), kernel, stride)
            })
            .collect();
        let downsample = (stride != 1 || input != output).then(|| {
            let path = path / "downsample";
            ConvNorm::new((&(&path / "0"), &(&path / "1")), (input, output), 1, stride)
        });
        Self {
            convolutions,
            downsample,
            shift_segment: segment,
        }
    }

    fn forward_t(&self, input: &Tensor, train: bool) -> Tensor {
        let shortcut = match &self.downsample {
            Some(downsample) => downsample.forward(input, train),
            None => input.shallow_clone(),
        };
        // "Residual shift": the shortcut keeps every frame as it was.
        let mut value = temporal_shift(input, self.shift_segment);
        let last = self.convolutions.len() - 1;
        for (index, convolution) in self.convolutions.iter().enumerate() {
            value = convolution.forward(&value, train);
            if index < last {
                // In place: nothing else needs what is cut off, and large tensors are dear.
                value = value.relu_();
            }
        }
        (value + shortcut).relu_()
    }

    fn fuse(&mut self) {
        self.convolutions
            .iter_mut()
            .chain(&mut self.downsample)
            .for_each(ConvNorm::fuse);
    }
}

/// A residual network without its classifier.
#[derive(Debug)]
pub struct ResNet {
    /// `conv1` and `bn1`.
    stem: ConvNorm,
    blocks: Vec<Block>,
    feature: i64,
}

impl ResNet {
    /// Builds the network under `path` for `channels` input channels; `shift_segment` frames share a temporal shift
    /// (1: none).
    pub fn new(
        path: &Path,
        backbone: Backbone,
        channels: i64,
        width: i64,
        shift_segment: i64,
    ) -> Self {
        let bottleneck = backbone.has_bottlenecks();
        let mut blocks = Vec::new();
        let mut input = width;
        for (stage, count) in (0_u32..).zip(backbone.blocks()) {
            let stage_width = width << stage;
            for block in 0..count {
                let stride = if stage > 0 && block == 0 { 2 } else { 1 };
                let path = path / format!("layer{}", stage + 1) / block;
                blocks.push(Block::new(
                    &path,
                    input,
                    stage_width,
                    stride,
                    bottleneck,
                    shift_segment,
                ));
                input = if bottleneck {
                    stage_width * 4
                } else {
                    stage_width
                };
            }
        }
        Self {
            stem: ConvNorm::new(
                (&(path / "conv1"), &(path / "bn1")),
                (channels, width),
                7,
                2,
            ),
            blocks,
            feature: backbone.feature(width),
        }
    }

    /// Length of the pooled feature.
    pub fn feature(&self) -> i64 {
        self.feature
    }

    /// Makes scoring faster: batch normalisations become part of the convolutions before them. Nothing that is learnt later
    /// counts when scoring.
    pub fn fuse(&mut self) {
        self.stem.fuse();
        self.blocks.iter_mut().for_each(Block::fuse);
    }

    /// N×C×H×W, the frames of a clip one after the other → N×[`Self::feature`], in the kind of the input.
    pub fn forward_t(&self, frames: &Tensor, train: bool) -> Tensor {
        let value = self.stem.forward(frames, train); // N×w×H/2×W/2
        // The largest of what is cut off at nought is the largest, cut off; a quarter of the numbers is cut off this way.
        let mut value = value.max_pool2d(3, 2, 1, 1, false).relu_(); // N×w×H/4×W/4
        for block in &self.blocks {
            value = block.forward_t(&value, train);
        }
        value.mean_dim([2, 3].as_slice(), false, None::<Kind>) // N×feature
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use tch::{Device, nn};

    #[test]
    fn parameters_bear_torchvisions_names() {
        let store = nn::VarStore::new(Device::Cpu);
        let network = ResNet::new(&store.root(), Backbone::Resnet50, 3, 64, 4);
        assert_eq!(network.feature(), 2048);
        let variables = store.variables();
        for name in [
            "conv1.weight",
            "bn1.running_var",
            "layer1.0.downsample.0.weight",
            "layer4.2.bn3.bias",
            "layer3.5.conv2.weight",
        ] {
            assert!(variables.contains_key(name), "{name}");
        }
        // torchvision.models.resnet50 has 25,557,032 parameters, 2,049,000 of them in its classifier.
        let count: usize = store.trainable_variables().iter().map(Tensor::numel).sum();
        assert_eq!(count, 25_557_032 - 2_049_000);
    }

    #[test]
    fn resnet18_has_torchvisions_parameter_count() {
        let store = nn::VarStore::new(Device::Cpu);
        let network = ResNet::new(&store.root(), Backbone::Resnet18, 3, 64, 1);
        // torchvision.models.resnet18 has 11,689,512 parameters, 513,000 of them in its classifier.
        let count: usize = store.trainable_variables().iter().map(Tensor::numel).sum();
        assert_eq!(count, 11_689_512 - 513_000);
        let frames = Tensor::rand([4, 3, 48, 48], (Kind::Float, Device::Cpu));
        assert_eq!(network.forward_t(&frames, false).size(), [4, 512]);
    }

    #[test]
    fn a_fused_network_says_the_same() {
        tch::manual_seed(4);
        for backbone in [Backbone::Resnet18, Backbone::Resnet50] {
            let store = nn::VarStore::new(Device::Cpu);
            let mut network = ResNet::new(&store.root(), backbone, 3, 16, 4);
            let frames = Tensor::randn([8, 3, 48, 48], (Kind::Float, Device::Cpu));
            // Statistics, gains and offsets that are not those of a new network.
            let variables: BTreeMap<String, Tensor> = store.variables().into_iter().collect();
            for (name, mut variable) in variables {
                if name.contains("bn") || name.contains("downsample.1") {
                    let more = variable.rand_like() * 0.5;
                    let _added = tch::no_grad(|| variable.g_add_(&more));
                }
            }
            let features = |network: &ResNet| tch::no_grad(|| network.forward_t(&frames, false));
            let before = features(&network);
            network.fuse();
            let after = features(&network);
            let largest = before.abs().max().double_value(&[]);
            let difference = (&before - &after).abs().max().double_value(&[]);
            assert!(
                difference > 0.0 && difference <= 1e-4 * largest.max(1.0),
                "{backbone:?}: {difference} of {largest}"
            );
            // Training goes on as before.
            assert_ne!(network.forward_t(&frames, true), after);
        }
    }
}
