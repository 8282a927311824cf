//! Convolution and batch normalisation that work in the kind of their input, and a seeded dropout.
//!
//! Weights stay fp32 and are cast where they are used: on a bf16 input this is mixed precision with fp32 master weights,
//! whose gradients arrive in fp32.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use tch::nn::{self, Init, ModuleT, Path};
use tch::{Kind, Tensor};

use super::folded;

/// The optimizer's group of parameters that weight decay leaves alone: norms and biases.
pub(crate) const NO_DECAY: usize = 1;

/// What a forward pass is for.
#[derive(Debug)]
pub enum Mode<'a> {
    /// Training: batch statistics, and dropout drawn from this generator. libtorch's own is shared by all threads, so
    /// that folds which train side by side would change each other's draws.
    Train(&'a mut ChaCha8Rng),
    /// Scoring: running statistics, no dropout.
    Score,
}

impl Mode<'_> {
    /// Whether batch normalisation uses the batch's statistics.
    pub(super) fn is_training(&self) -> bool {
        matches!(self, Self::Train(_))
    }
}

/// Sets each value to 0 with probability `share`, and scales the others so that the mean stays; nothing when scoring.
///
/// Networks learn side by side, and a training may stop and go on: so none draws from libtorch's generators, which all share
/// and whose place nobody tells. On a GPU the numbers are made there, of one draw: nothing is copied.
pub(super) fn dropout(input: &Tensor, share: f64, mode: &mut Mode) -> Tensor {
    match mode {
        Mode::Train(random) if share > 0.0 && input.device().is_cuda() => {
            let drawn = uniform(random.random(), input).ge(share);
            input * drawn.to_kind(input.kind()) * (1.0 / (1.0 - share))
        }
        Mode::Train(random) if share > 0.0 => {
            let kept = 1.0 / (1.0 - share) as f32;
            let mask: Vec<f32> = (0..input.numel())
                .map(|_| {
                    if f64::from(random.random::<f32>()) < share {
                        0.0
                    } else {
                        kept
                    }
                })
                .collect();
            input * Tensor::from_slice(&mask).view_as(input)
        }
        Mode::Train(_) | Mode::Score => input.shallow_clone(),
    }
}

/// Numbers in [0, 1), fp32, in the shape and on the device of `like`, all of them from `key`: Steele, Lea and Flood's
/// `SplitMix64` (OOPSLA 2014, Fig. 17), of whose states each number takes one.
fn uniform(key: i64, like: &Tensor) -> Tensor {
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
    const MIX: [(i64, u64); 2] = [(30, 0xbf58_476d_1ce4_e5b9), (27, 0x94d0_49bb_1331_11eb)];
    // Integers wrap round, as the generator wants it; their sign is to move no bits in.
    let shifted = |bits: &Tensor, by: i64| {
        let moved = bits.bitwise_right_shift_tensor_scalar(by);
        moved.bitwise_and(i64::MAX >> (by - 1))
    };
    let places = Tensor::arange(like.numel() as i64, (Kind::Int64, like.device()));
    let mut bits = places * STEP.cast_signed() + key;
    for (by, factor) in MIX {
        bits = bits.bitwise_xor_tensor(&shifted(&bits, by)) * factor.cast_signed();
    }
    let bits = bits.bitwise_xor_tensor(&shifted(&bits, 31));
    // As many bits as the number holds.
    (shifted(&bits, 40).to_kind(Kind::Float) * 2.0_f64.powi(-24)).view_as(like)
}

/// Added to the variance by batch normalisation; libtorch's default.
const NORM_EPS: f64 = 1e-5;

/// A 2-D convolution without bias, and the batch normalisation after it.
#[derive(Debug)]
pub(super) struct ConvNorm {
    weight: Tensor,
    stride: i64,
    padding: i64,
    norm: nn::BatchNorm,
    /// Weight and bias of the one convolution that does both while scoring.
    fused: Option<(Tensor, Tensor)>,
}

impl ConvNorm {
    /// He et al.'s initialisation for ReLU (arXiv:1502.01852, Eq. 10), fan-out, as torchvision's ResNet has it.
    pub(super) fn new(
        (convolution, norm): (&Path, &Path),
        (input, output): (i64, i64),
        kernel: i64,
        stride: i64,
    ) -> Self {
        let init = Init::Kaiming {
            dist: nn::init::NormalOrUniform::Normal,
            fan: nn::init::FanInOut::FanOut,
            non_linearity: nn::init::NonLinearity::ReLU,
        };
        Self {
            weight: convolution.var("weight", &[output, input, kernel, kernel], init),
            stride,
            padding: kernel / 2,
            norm: batch_norm(norm, output),
            fused: None,
        }
    }

    /// N×Cin×H×W → N×Cout×H'×W', in the kind of the input.
    pub(super) fn forward(&self, input: &Tensor, train: bool) -> Tensor {
        match &self.fused {
            Some((weight, bias)) if !train => self.convolve(input, weight, Some(bias)),
            _ => {
                let convolved = self.convolve(input, &self.weight, None);
                self.norm.forward_t(&convolved, train)
            }
        }
    }

    fn convolve(&self, input: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Tensor {
        let kind = input.kind();
        let (weight, bias) = (weight.to_kind(kind), bias.map(|bias| bias.to_kind(kind)));
        let [height, width] = [2, 3].map(|axis| input.size()[axis]);
        let is_even = (height % 2, width % 2) == (0, 0);
        if input.device().is_cuda() && (self.padding, self.stride) == (3, 2) && is_even {
            return folded::convolve(input, &weight, bias.as_ref());
        }
        input.conv2d(
            &weight,
            bias,
            self.stride,
            self.padding,
            1, // dilation
            1, // groups
        )
    }

    /// Folds the normalisation by running statistics into the convolution: with s = γ/√(σ² + ε), the weights w become s·w
    /// and the bias β − s·μ. What is learnt later does not reach a network that scores in this way.
    pub(super) fn fuse(&mut self) {
        let norm = &self.norm;
        let (Some(gain), Some(offset)) = (&norm.ws, &norm.bs) else {
            return;
        };
        self.fused = Some(tch::no_grad(|| {
            let scale = gain / (&norm.running_var + NORM_EPS).sqrt();
            let weight = &self.weight * scale.view([-1, 1, 1, 1]);
            (weight, offset - &norm.running_mean * scale)
        }));
    }
}

/// A 2-D batch normalisation whose weights start at 1; without weight decay.
fn batch_norm(path: &Path, channels: i64) -> nn::BatchNorm {
    let config = nn::BatchNormConfig {
        eps: NORM_EPS,
        ws_init: Init::Const(1.0),
        ..Default::default()
    };
    nn::batch_norm2d(path.set_group(NO_DECAY), channels, config)
}

/// A linear layer for fp32 features, with PyTorch's own initialisation; its bias is without weight decay.
pub(super) fn linear(path: &Path, input: i64, output: i64) -> nn::Linear {
    let bound = 1.0 / (input as f64).sqrt();
    let uniform = Init::Uniform {
        lo: -bound,
        up: bound,
    };
    nn::Linear {
        ws: path.var("weight", &[output, input], uniform),
        bs: Some(path.set_group(NO_DECAY).var("bias", &[output], uniform)),
    }
}

/// Features leave the backbone in fp32.
pub(super) fn to_float(input: &Tensor) -> Tensor {
    input.to_kind(Kind::Float)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Seed;

    #[test]
    fn dropout_keeps_the_mean_and_is_off_when_scoring() {
        let ones = Tensor::ones([100, 100], (Kind::Float, tch::Device::Cpu));
        let mut random = Seed(3).stream("test", "");
        let dropped = dropout(&ones, 0.3, &mut Mode::Train(&mut random));
        assert!((dropped.mean(Kind::Float).double_value(&[]) - 1.0).abs() < 0.02);
        let zeros = dropped.eq(0.0).sum(Kind::Int64).int64_value(&[]);
        assert!((2800..3200).contains(&zeros), "{zeros}");
        assert_eq!(dropout(&ones, 0.3, &mut Mode::Score), ones);
    }

    #[test]
    fn numbers_made_of_one_draw_are_splitmix64s() {
        let like = Tensor::zeros([2, 50_000], (Kind::Float, tch::Device::Cpu));
        let numbers = uniform(-7, &like);
        // The published algorithm, number by number.
        let step = 0x9e37_79b9_7f4a_7c15_u64;
        for place in [0_u64, 1, 99_999] {
            let mut z = (-7_i64)
                .cast_unsigned()
                .wrapping_add(place.wrapping_mul(step));
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let expected = ((z ^ (z >> 31)) >> 40) as f64 / f64::from(1 << 24);
            let place = place as i64;
            let found = numbers.double_value(&[place / 50_000, place % 50_000]);
            assert!(
                (found - expected).abs() < 1e-12,
                "{place}: {found}, {expected}"
            );
        }
        let mean = |numbers: &Tensor| numbers.mean(Kind::Float).double_value(&[]);
        assert!((mean(&numbers) - 0.5).abs() < 0.005);
        assert!((mean(&(&numbers * &numbers)) - 1.0 / 3.0).abs() < 0.005);
        // Another draw has nothing to do with it.
        let other = uniform(-6, &like);
        assert!((mean(&(&numbers * &other)) - 0.25).abs() < 0.005);
    }
}
