//! Training of one fold's network: schedule, loss, steps, robust training, and the record of training dynamics.

mod adamw;
pub mod dynamics;
mod epoch;
mod error;
pub mod features;
pub mod fold;
mod held_out;
pub mod lesson;
pub mod loss;
pub mod order;
pub(crate) mod pass;
pub mod plan;
pub mod robust;
pub mod schedule;
mod seen;
mod unfinished;

use serde::{Deserialize, Serialize};

use crate::clip::transform::AugmentSettings;

pub use self::adamw::{AdamW, Layers};
pub use self::error::TrainError;
pub use self::fold::{TrainedFold, train_fold};
pub use self::lesson::{Lesson, Lessons};
pub use self::plan::{TrainingSet, Unfinished};

/// The kind of number in which the convolutions work; weights and all else are fp32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// bfloat16 where it is fast: on CUDA, and on processors with AMX or AMD's AVX-512 BF16; fp32 elsewhere.
    Auto,
    /// 32-bit floats.
    Fp32,
    /// bfloat16: about twice as fast where the processor or GPU is made for it.
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

/// Whether the processor computes faster in bfloat16 than in fp32, by what Linux says of it: with AMX, and with AVX-512 BF16 if
/// it is AMD's (Zen 4: 2.1 times as fast). Intel's AVX-512 BF16 alone is no faster than its fp32 (a ResNet-18 trained at two
/// thirds of the speed, measured), and where there is neither, oneDNN emulates it.
fn processor_has_bf16() -> bool {
    fs_err::read_to_string("/proc/cpuinfo").is_ok_and(|cpuinfo| is_quick_in_bf16(&cpuinfo))
}

fn is_quick_in_bf16(cpuinfo: &str) -> bool {
    let has = |word: &str| cpuinfo.split_whitespace().any(|own| own == word);
    has("amx_bf16") || has("avx512_bf16") && has("AuthenticAMD")
}

/// How a network is trained.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch that a user sets on its own"
)]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainSettings {
    /// Passes over the training videos; each shows another clip of each video.
    pub epochs: usize,
    /// Networks of each fold, which differ in their seed alone: what they say of a clip is averaged, and whether they
    /// agree is told (ours).
    pub repeats: usize,
    /// Clips that the network sees at once; over them batch normalisation takes its statistics.
    pub batch_size: usize,
    /// Batches whose gradients make one step of the optimiser: a step then learns from `batch_size` times as many clips,
    /// but batch normalisation still sees each batch alone. An epoch's last step may have fewer.
    pub accumulation: usize,
    /// Whether an epoch shows each class equally often, instead of each video once. Training dynamics then keep a
    /// video's first clip in an epoch, and have no row for an epoch that leaves the video out.
    pub class_balanced: bool,
    /// AdamW's learning rate after the warm-up.
    pub learning_rate: f64,
    /// The learning rate at the end of the cosine.
    pub final_learning_rate: f64,
    /// Share of the epochs, and of the warm-up, for which networks learn that start from those of an earlier run
    /// (`scan --learn-from`), in (0, 1].
    pub relearn_epochs: f64,
    /// Whether such networks learn videos that nobody decided on as the earlier run's probabilities of their classes, rather
    /// than as their given labels.
    pub soft_targets: bool,
    /// Epochs of linear warm-up, fractions allowed.
    pub warmup_epochs: f64,
    /// What the learning rate of a backbone's stage is multiplied with, from each stage to the one before it, in (0, 1]: with 0.7
    /// its last stage learns at 0.7 times the rate, the first convolution at 0.7⁵ times. What comes after the backbone
    /// learns at the full rate.
    pub layer_decay: f64,
    /// Epochs at the beginning in which the backbones, their batch normalisation included, stay as their published weights
    /// make them, while the rest learns to use them.
    pub frozen_epochs: usize,
    /// AdamW's weight decay; norms and biases are left alone.
    pub weight_decay: f64,
    /// Share of the target that is spread over all classes, in [0, 1).
    pub label_smoothing: f64,
    /// Largest norm of the gradient; 0 switches clipping off.
    pub gradient_clip: f64,
    /// Smallest side of a random crop as a share of the frame's side, in (0, 1].
    pub crop_scale_min: f64,
    /// Probability of mirroring a training clip, in [0, 1].
    pub flip: f64,
    /// Strength of brightness, contrast and saturation jitter, in [0, 1).
    pub color_jitter: f64,
    /// Held-out clips that are looked at after each epoch, to show how the training goes; 0 looks at none. They decide
    /// nothing.
    pub held_out_clips: usize,
    /// What the convolutions compute in.
    pub precision: Precision,
    /// Whether videos are reweighted and relabelled while they are learnt, by what their last clips said.
    pub robust: bool,
    /// Clips that a video's vote memory holds, from the warm-up's end; without class balance one an epoch (ours).
    pub memory: usize,
    /// Share of the memory that must vote alike for its clips to count as agreeing, in (0, 1] (ours).
    pub agreement_threshold: f64,
    /// Whether robust training changes the weight of hard and noisy videos.
    pub reweight: bool,
    /// Weight of a hard video's loss (ours).
    pub hard_weight: f64,
    /// Weight of a noisy video's loss (ours).
    pub noisy_weight: f64,
    /// Whether robust training lets a noisy video be learnt as its memory's mean probabilities.
    pub relabel: bool,
    /// How far the memory's largest mean probability must be above the given label's for that, in [0, 1].
    pub relabel_margin: f64,
}

/// What no user has a reason to turn.
impl TrainSettings {
    /// Weight of the synopsis stream's own cross-entropy in the loss, where the detail stream has the last word.
    pub const BAG_LOSS: f64 = 0.1;

    /// Weight of the cross-entropy of the synopsis stream's frames.
    pub const INSTANCE_LOSS: f64 = 0.1;

    /// Weight of the cross-entropy of the detail stream's snippets.
    pub const DETAIL_INSTANCE_LOSS: f64 = 0.1;
}

impl Default for TrainSettings {
    /// The paper's schedule (RDFER, arXiv:2502.16129, §4.2); robust training waits for being switched on.
    fn default() -> Self {
        Self {
            epochs: 100,
            repeats: 1,
            batch_size: 128,
            accumulation: 1,
            class_balanced: false,
            relearn_epochs: 0.35,
            soft_targets: true,
            learning_rate: 5e-4,
            final_learning_rate: 5e-6,
            warmup_epochs: 10.0,
            layer_decay: 1.0,
            frozen_epochs: 0,
            weight_decay: 0.05,
            label_smoothing: 0.1,
            gradient_clip: 5.0,
            crop_scale_min: 0.8,
            flip: 0.5,
            color_jitter: 0.4,
            held_out_clips: 64,
            precision: Precision::Auto,
            robust: false,
            memory: 5,
            agreement_threshold: 0.8,
            reweight: true,
            hard_weight: 1.5,
            noisy_weight: 0.5,
            relabel: true,
            relabel_margin: 0.5,
        }
    }
}

impl TrainSettings {
    /// The same for networks that start from those of an earlier run.
    #[must_use]
    pub fn relearning(&self) -> Self {
        let epochs = (self.epochs as f64 * self.relearn_epochs).round() as usize;
        Self {
            epochs: epochs.max(1),
            warmup_epochs: self.warmup_epochs * self.relearn_epochs,
            // They know what comes after the backbones.
            frozen_epochs: 0,
            ..self.clone()
        }
    }

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
