//! That the network learns: on synthetic clips of a square that moves one of four ways.

use tch::nn::{self, OptimizerConfig, VarStore};
use tch::{Device, Kind, Tensor};

use super::loss::loss;
use super::{Precision, TrainSettings, is_quick_in_bf16};
use crate::model::{Backbone, Mode, ModelSettings, Rdfer};
use crate::seed::Seed;

const CLASSES: usize = 4;
const FRAMES: i64 = 8;
const SIZE: i64 = 24;

/// `count` clips, B×F×3×H×W, and their labels. Only the order of the frames tells to and fro apart.
fn clips(count: i64) -> (Tensor, Tensor) {
    let clips = Tensor::zeros([count, FRAMES, 3, SIZE, SIZE], (Kind::Float, Device::Cpu));
    for clip in 0..count {
        let start = 1 + clip / CLASSES as i64;
        for frame in 0..FRAMES {
            let (there, back) = (start + frame, start + FRAMES - 1 - frame);
            let (x, y) = [(there, 9), (9, there), (back, 9), (9, back)][clip as usize % CLASSES];
            let square = clips.get(clip).get(frame).narrow(1, y, 6).narrow(2, x, 6);
            let _filled = square.shallow_clone().fill_(1.0);
        }
    }
    (
        clips,
        Tensor::arange(count, (Kind::Int64, Device::Cpu)).remainder(CLASSES as i64),
    )
}

fn model(detail: bool) -> ModelSettings {
    ModelSettings {
        backbone: Backbone::Small,
        width: 8,
        size: SIZE,
        synopsis_frames: if detail { 4 } else { FRAMES },
        snippets: 2,
        detail,
        feature: 32,
        hidden: 16,
        lstm_layers: 1,
        heads: 4,
        dropout: 0.1,
        ..ModelSettings::default()
    }
}

struct Learner {
    network: Rdfer,
    optimizer: nn::Optimizer,
    store: VarStore,
    kind: Kind,
}

impl Learner {
    fn new(settings: &ModelSettings, precision: Precision, learning_rate: f64) -> Self {
        // Threads that share a busy processor wait for each other far longer than they compute.
        tch::set_num_threads(1);
        tch::manual_seed(5);
        let store = VarStore::new(Device::Cpu);
        let network = Rdfer::new(&store.root(), settings, FRAMES as usize, CLASSES);
        let optimizer = nn::AdamW::default().build(&store, learning_rate).unwrap();
        let kind = precision.kind(Device::Cpu);
        Self {
            network,
            optimizer,
            store,
            kind,
        }
    }

    /// One step; returns the loss before it. The draws of the dropout are the same at every `step` of that number.
    fn step(&mut self, clips: &Tensor, labels: &Tensor, step: usize) -> f64 {
        let mut random = Seed(1).stream("dropout", step);
        let output = self
            .network
            .forward(clips, self.kind, &mut Mode::Train(&mut random));
        let weights = labels.ones_like().to_kind(Kind::Float);
        let loss = loss(
            &output,
            &labels.one_hot(CLASSES as i64).to_kind(Kind::Float),
            &weights,
            &TrainSettings::default(),
        );
        self.optimizer.backward_step(&loss);
        loss.double_value(&[])
    }

    fn accuracy(&self, clips: &Tensor, labels: &Tensor) -> f64 {
        let output = tch::no_grad(|| self.network.forward(clips, self.kind, &mut Mode::Score));
        let right = output.logits.argmax(1, false).eq_tensor(labels);
        right
            .to_kind(Kind::Float)
            .mean(Kind::Float)
            .double_value(&[])
    }
}

#[test]
fn a_step_lowers_the_loss_and_reaches_the_re_sampler() {
    let (clips, labels) = clips(8);
    for (detail, precision) in [
        (false, Precision::Fp32),
        (true, Precision::Fp32),
        (true, Precision::Bf16),
    ] {
        let mut learner = Learner::new(&model(detail), precision, 1e-3);
        let before = learner.step(&clips, &labels, 0);
        if detail {
            for layer in ["center", "stride"] {
                let weight = &learner.store.variables()[&format!("resampler.{layer}.weight")];
                let gradient = weight.grad().abs().max().double_value(&[]);
                assert!(
                    gradient > 0.0 && gradient.is_finite(),
                    "{layer}: {gradient}"
                );
            }
        }
        let after = learner.step(&clips, &labels, 0);
        assert!(
            after < before,
            "detail {detail}, {precision:?}: {before}, then {after}"
        );
    }
}

#[test]
fn thirty_two_videos_are_learnt_by_heart() {
    let (clips, labels) = clips(32);
    let mut learner = Learner::new(&model(true), Precision::Fp32, 3e-3);
    let losses: Vec<f64> = (0..50)
        .map(|step| learner.step(&clips, &labels, step))
        .collect();
    let accuracy = learner.accuracy(&clips, &labels);
    assert!(accuracy > 0.999, "{accuracy}, losses {losses:.3?}");
}

#[test]
fn bf16_is_chosen_where_processors_gain_by_it() {
    let says =
        |vendor: &str, flags: &str| format!("vendor_id\t: {vendor}\nflags\t\t: fpu {flags} avx2\n");
    for (vendor, flags, quick) in [
        ("AuthenticAMD", "avx512f avx512_bf16", true),
        ("AuthenticAMD", "avx512f", false),
        ("GenuineIntel", "avx512f avx512_bf16", false),
        ("GenuineIntel", "avx512_bf16 amx_bf16 amx_tile", true),
    ] {
        assert_eq!(
            is_quick_in_bf16(&says(vendor, flags)),
            quick,
            "{vendor} {flags}"
        );
    }
}
