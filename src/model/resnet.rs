//! Residual networks with temporal shift (He et al., arXiv:1512.03385; Lin et al., arXiv:1811.08383).
//!
//! Parameters bear torchvision's names (`conv1`, `bn1`, `layer1.0.conv1`, `layer1.0.downsample.0`, …). Without temporal
//! shift and at a width of 64, ResNet-18, -34 and -50 are torchvision's networks up to the pooled feature.

use serde::{Deserialize, Serialize};
use tch::nn::{self, Path};
use tch::{Kind, Tensor};

use super::layers::{Conv2d, batch_norm, norm_relu};
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
    convolutions: Vec<(Conv2d, nn::BatchNorm)>,
    downsample: Option<(Conv2d, nn::BatchNorm)>,
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
                (
                    Conv2d::new(
                        &(path / format!("conv{number}")),
                        (from, to),
                        kernel,
                        stride,
                    ),
                    batch_norm(&(path / format!("bn{number}")), to),
                )
            })
            .collect();
        let downsample = (stride != 1 || input != output).then(|| {
            let path = path / "downsample";
            (
                Conv2d::new(&(&path / "0"), (input, output), 1, stride),
                batch_norm(&(&path / "1"), output),
            )
        });
        Self {
            convolutions,
            downsample,
            shift_segment: segment,
        }
    }

    fn forward_t(&self, input: &Tensor, train: bool) -> Tensor {
        use nn::ModuleT;
        let shortcut = match &self.downsample {
            Some((convolution, norm)) => norm.forward_t(&convolution.forward(input), train),
            None => input.shallow_clone(),
        };
        // "Residual shift": the shortcut keeps every frame as it was.
        let mut value = temporal_shift(input, self.shift_segment);
        let last = self.convolutions.len() - 1;
        for (index, (convolution, norm)) in self.convolutions.iter().enumerate() {
            value = norm.forward_t(&convolution.forward(&value), train);
            if index < last {
                value = value.relu();
            }
        }
        (value + shortcut).relu()
    }
}

/// A residual network without its classifier.
#[derive(Debug)]
pub struct ResNet {
    conv1: Conv2d,
    bn1: nn::BatchNorm,
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
            conv1: Conv2d::new(&(path / "conv1"), (channels, width), 7, 2),
            bn1: batch_norm(&(path / "bn1"), width),
            blocks,
            feature: backbone.feature(width),
        }
    }

    /// Length of the pooled feature.
    pub fn feature(&self) -> i64 {
        self.feature
    }

    /// N×C×H×W, the frames of a clip one after the other → N×[`Self::feature`], in the kind of the input.
    pub fn forward_t(&self, frames: &Tensor, train: bool) -> Tensor {
        let value = norm_relu(&self.bn1, &self.conv1.forward(frames), train); // N×w×H/2×W/2
        let mut value = value.max_pool2d(3, 2, 1, 1, false); // N×w×H/4×W/4
        for block in &self.blocks {
            value = block.forward_t(&value, train);
        }
        value.mean_dim([2, 3].as_slice(), false, None::<Kind>) // N×feature
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::Device;

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
}
