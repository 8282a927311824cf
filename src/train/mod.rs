//! Training of one fold's network: schedule, loss, steps, and the record of training dynamics.

pub mod dynamics;
pub mod fold;
pub mod loss;
pub mod schedule;

use serde::{Deserialize, Serialize};

use crate::clip::transform::AugmentSettings;

pub use self::fold::{TrainError, TrainedFold, TrainingSet, train_fold};

/// The kind of number in which the convolutions work; weights and all else are fp32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// bfloat16 where it is fast: on CUDA, and on processors with AVX-512 BF16; fp32 elsewhere.
    Auto,
    /// 32-bit floats.
    Fp32,
    /// bfloat16: about twice as fast where the processor or GPU has it.
    Bf16,
}

impl Precision {
    /// libtorch's name for it on a device.
    pub fn kind(self, device: tch::Device) -> tch::Kind {
        let bf16 = match self {
            Self::Auto => device.is_cuda() || processor_has_bf16(),
            Self::Fp32 => false,
            Self::Bf16 => true,
        };
        if bf16 {
            tch::Kind::BFloat16
        } else {
            tch::Kind::Float
        }
    }
}

/// Elsewhere oneDNN emulates bfloat16, which is slower than fp32.
fn processor_has_bf16() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("avx512bf16");
    #[cfg(not(target_arch = "x86_64"))]
    return false;
}

/// How a network is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainSettings {
    /// Passes over the training videos; each shows another clip of each video.
    pub epochs: usize,
    /// Clips per step.
    pub batch_size: usize,
    /// AdamW's learning rate after the warm-up.
    pub learning_rate: f64,
    /// The learning rate at the end of the cosine.
    pub final_learning_rate: f64,
    /// Epochs of linear warm-up, fractions allowed.
    pub warmup_epochs: f64,
    /// AdamW's weight decay; norms and biases are left alone.
    pub weight_decay: f64,
    /// Share of the target that is spread over all classes, in [0, 1).
    pub label_smoothing: f64,
    /// Weight of the synopsis stream's own cross-entropy in the loss, where the detail stream has the last word.
    pub bag_loss: f64,
    /// Weight of the cross-entropy of the synopsis stream's frames.
    pub instance_loss: f64,
    /// Weight of the cross-entropy of the detail stream's snippets.
    pub detail_instance_loss: f64,
    /// Largest norm of the gradient; 0 switches clipping off.
    pub gradient_clip: f64,
    /// Smallest side of a random crop as a share of the frame's side, in (0, 1].
    pub crop_scale_min: f64,
    /// Probability of mirroring a training clip, in [0, 1].
    pub flip: f64,
    /// Strength of brightness, contrast and saturation jitter, in [0, 1).
    pub color_jitter: f64,
    /// What the convolutions compute in.
    pub precision: Precision,
}

impl Default for TrainSettings {
    /// The paper's schedule (RDFER, arXiv:2502.16129, §4.2).
    fn default() -> Self {
        Self {
            epochs: 100,
            batch_size: 128,
            learning_rate: 5e-4,
            final_learning_rate: 5e-6,
            warmup_epochs: 10.0,
            weight_decay: 0.05,
            label_smoothing: 0.1,
            bag_loss: 0.1,
            instance_loss: 0.1,
            detail_instance_loss: 0.1,
            gradient_clip: 5.0,
            crop_scale_min: 0.8,
            flip: 0.5,
            color_jitter: 0.4,
            precision: Precision::Auto,
        }
    }
}

impl TrainSettings {
    /// The part of the settings that varies clips.
    pub fn augmentation(&self) -> AugmentSettings {
        AugmentSettings {
            crop_scale_min: self.crop_scale_min,
            flip: self.flip,
            color_jitter: self.color_jitter,
        }
    }
}

#[cfg(test)]
mod tests;
