//! The network against PyTorch 2.11.0 (`lab/golden/make_network_golden.py`): weights and inputs are made from their
//! names on both sides.

use std::collections::BTreeMap;

use serde_json::Value;
use tch::nn::{Path, VarStore};
use tch::{Device, Kind, Tensor};

use super::resampler::{Resampler, blend, nearest};
use super::resnet::ResNet;
use super::sequence::GatedSequence;
use super::temporal_shift::temporal_shift;
use super::{Backbone, Mode, ModelSettings, Output, Rdfer, working_bytes};
use crate::seed::Seed;

/// nvidia-smi told 9,500 MiB for training ResNet-18 on 64 clips at a time on an H100, and 59,600 for ResNet-50 on 128, the
/// driver's own 500 MiB among them.
#[test]
fn the_memory_of_a_gpu_is_estimated_on_the_safe_side() {
    for (backbone, clips, measured) in [
        (Backbone::Resnet18, 64, 9_000_i64 << 20),
        (Backbone::Resnet50, 128, 59_100 << 20),
    ] {
        let settings = ModelSettings {
            backbone,
            ..ModelSettings::default()
        };
        let estimate = working_bytes(&settings, Kind::BFloat16, clips, 64);
        assert!(
            (measured..measured * 3 / 2).contains(&estimate),
            "{estimate}"
        );
    }
}

fn golden() -> Value {
    serde_json::from_str(include_str!("../../tests/golden/network.json")).unwrap()
}

/// Numbers in [−1, 1) that depend on the name and the place alone.
fn numbers(name: &str, count: usize) -> Vec<f64> {
    let seed = name.bytes().fold(0_u32, |seed, byte| {
        seed.wrapping_mul(31).wrapping_add(u32::from(byte))
    });
    (0..count as u32)
        .map(|place| {
            let mut x = place.wrapping_mul(0x9E37_79B9).wrapping_add(seed);
            x = (x ^ (x >> 16)).wrapping_mul(0x85EB_CA6B);
            x = (x ^ (x >> 13)).wrapping_mul(0xC2B2_AE35);
            f64::from(x ^ (x >> 16)) / 2_f64.powi(31) - 1.0
        })
        .collect()
}

fn from_f64(values: &[f64], shape: &[i64]) -> Tensor {
    let values: Vec<f32> = values.iter().map(|&value| value as f32).collect();
    Tensor::from_slice(&values).view(shape)
}

pub(crate) fn tensor(name: &str, shape: &[i64]) -> Tensor {
    from_f64(
        &numbers(name, shape.iter().product::<i64>() as usize),
        shape,
    )
}

/// Gives every variable the value that the Python program gives it.
fn fill(store: &VarStore) {
    let variables: BTreeMap<String, Tensor> = store.variables().into_iter().collect();
    for (name, mut variable) in variables {
        let shape = variable.size();
        let fan_in = shape.iter().skip(1).product::<i64>() as f64;
        let is_read_from_bag = name.contains("resampler") || name.contains("classifier");
        let scaled = |u: f64| match shape.len() {
            4 => u * (6.0 / fan_in).sqrt(),
            2.. if is_read_from_bag => u * 8.0 * (3.0 / fan_in).sqrt(),
            2.. => u * (3.0 / fan_in).sqrt(),
            _ if name.ends_with("running_var") => 1.0 + 0.5 * u,
            _ if name.ends_with("weight") => 1.0 + 0.2 * u,
            _ if name.starts_with("resampler") => u,
            _ => 0.1 * u,
        };
        let values: Vec<f64> = numbers(&name, variable.numel())
            .into_iter()
            .map(scaled)
            .collect();
        tch::no_grad(|| variable.copy_(&from_f64(&values, &shape)));
    }
}

fn filled<T>(build: impl FnOnce(&Path) -> T) -> (VarStore, T) {
    // Threads that share a busy processor wait for each other far longer than they compute.
    tch::set_num_threads(1);
    let store = VarStore::new(Device::Cpu);
    let built = build(&store.root());
    fill(&store);
    (store, built)
}

/// Holds every `step`th value against the expected ones: equal up to 1e-4 of the largest.
fn assert_close(what: &str, value: &Tensor, step: usize, expected: &Value) {
    let found: Vec<f64> = Vec::try_from(value.reshape([-1]).to_kind(Kind::Double)).unwrap();
    let found: Vec<f64> = found.into_iter().step_by(step).collect();
    let expected: Vec<f64> = serde_json::from_value(expected.clone()).unwrap();
    assert_eq!(found.len(), expected.len(), "{what}");
    let largest = expected
        .iter()
        .fold(0.0_f64, |largest, value| largest.max(value.abs()));
    for (place, (found, expected)) in found.iter().zip(&expected).enumerate() {
        let difference = (found - expected).abs();
        assert!(
            difference <= 1e-4 * largest,
            "{what}[{place}]: {found}, not {expected}, where the largest is {largest}"
        );
    }
}

#[test]
fn backbones_equal_torchvisions() {
    let golden = golden();
    let frames = tensor("frames", &[8, 3, 64, 64]);
    for (name, backbone, segment, train, step) in [
        ("resnet18", Backbone::Resnet18, 1, false, 8),
        ("resnet18_shift_training", Backbone::Resnet18, 4, true, 8),
        ("resnet34_shift", Backbone::Resnet34, 8, false, 8),
        ("resnet50_shift", Backbone::Resnet50, 4, false, 32),
    ] {
        let (_store, network) = filled(|path| ResNet::new(path, backbone, 3, 64, segment));
        let features = tch::no_grad(|| network.forward_t(&frames, train));
        assert_close(name, &features, step, &golden[name]);
    }
}

#[test]
fn temporal_shift_equals_its_authors() {
    let shifted = temporal_shift(&tensor("shift", &[8, 16, 2, 3]), 4);
    assert_close("shift", &shifted, 2, &golden()["temporal_shift"]);
}

#[test]
fn sequence_model_equals_pytorchs() {
    let golden = golden();
    let (_store, sequence) = filled(|path| GatedSequence::new(path, 12, 16, 2, 4));
    let recurred = sequence.recur(&tensor("features", &[3, 5, 12]));
    assert_close("lstm", &recurred, 1, &golden["lstm"]);
    assert_close("gate", &sequence.gate(&recurred), 1, &golden["gate"]);
}

#[test]
fn re_sampler_picks_and_learns_as_in_pytorch() {
    let golden = &golden()["resampler"];
    let settings = ModelSettings {
        hidden: 8,
        ..ModelSettings::default()
    };
    let (store, resampler) = filled(|path| Resampler::new(&(path / "resampler"), &settings, 64));
    let positions = resampler.positions(&tensor("bag", &[3, 16]));
    assert_close("positions", &positions, 1, &golden["positions"]);
    assert_close("nearest", &nearest(&positions), 1, &golden["nearest"]);
    let picked = blend(&tensor("clips", &[3, 64, 4, 4, 3]), &positions);
    assert_close("picked", &picked, 7, &golden["picked"]);
    (&picked * tensor("coefficients", &picked.size()))
        .sum(Kind::Float)
        .backward();
    for (name, expected) in golden["gradients"].as_object().unwrap() {
        let gradient = store.variables()[&format!("resampler.{name}")].grad();
        assert_close(name, &gradient, 1, expected);
    }
}

/// The network of the Python program, without dropout, and its clips.
fn network() -> (VarStore, Rdfer, Tensor) {
    let settings = ModelSettings {
        backbone: Backbone::Small,
        size: 32,
        synopsis_frames: 8,
        snippets: 3,
        feature: 48,
        hidden: 32,
        heads: 4,
        dropout: 0.0,
        ..ModelSettings::default()
    };
    let (store, network) = filled(|path| Rdfer::new(path, &settings, 24, 7));
    let clips =
        tensor("still frame", &[2, 1, 3, 32, 32]) + tensor("clips", &[2, 24, 3, 32, 32]) * 0.1;
    (store, network, clips)
}

fn assert_logits(what: &str, output: &Output, expected: &Value) {
    let detail = output.detail.as_ref().unwrap();
    for (name, value) in [
        ("logits", &output.logits),
        ("synopsis_logits", &detail.synopsis_logits),
        ("instance_logits", &output.instance_logits),
        ("detail_instance_logits", &detail.instance_logits),
    ] {
        assert_close(&format!("{what} {name}"), value, 1, &expected[name]);
    }
}

#[test]
fn the_whole_network_scores_as_in_pytorch() {
    let expected = &golden()["scoring"];
    let (_store, mut network, clips) = network();
    let output = tch::no_grad(|| network.forward(&clips, Kind::Float, &mut Mode::Score));
    assert_logits("scoring", &output, expected);
    let key_frames = output.detail.unwrap().key_frames;
    assert_close("key frames", &key_frames, 1, &expected["key_frames"]);
    network.fuse();
    let output = tch::no_grad(|| network.forward(&clips, Kind::Float, &mut Mode::Score));
    assert_logits("fused", &output, expected);
}

#[test]
fn the_whole_network_learns_as_in_pytorch() {
    let expected = &golden()["training"];
    let (store, network, clips) = network();
    let mut random = Seed(0).stream("dropout", "");
    let output = network.forward(&clips, Kind::Float, &mut Mode::Train(&mut random));
    assert_logits("training", &output, expected);

    // The loss of the Python program, by libtorch's own function; `train::loss` has a test of its own.
    let targets = (tensor("targets", &[2, 7]) * 3.0).softmax(1, Kind::Float);
    let weights = Tensor::from_slice(&[1.0_f32, 1.5]);
    let mean = |logits: &Tensor| {
        let count = logits.size()[1];
        let targets = targets
            .unsqueeze(1)
            .expand([2, count, 7], false)
            .reshape([-1, 7]);
        logits
            .reshape([-1, 7])
            .cross_entropy_loss(&targets, None::<&Tensor>, tch::Reduction::None, -100, 0.1)
            .view([2, count])
            .mean_dim([1].as_slice(), false, Kind::Float)
    };
    let detail = output.detail.as_ref().unwrap();
    let loss = mean(&output.logits.unsqueeze(1))
        + mean(&detail.synopsis_logits.unsqueeze(1)) * 0.1
        + mean(&output.instance_logits) * 0.1
        + mean(&detail.instance_logits) * 0.1;
    let loss = (loss * weights).mean(Kind::Float);
    assert!((loss.double_value(&[]) - expected["loss"].as_f64().unwrap()).abs() < 1e-4);
    loss.backward();
    let gradients = expected["gradients"].as_object().unwrap();
    let variables = store.variables();
    assert_eq!(gradients.len(), store.trainable_variables().len());
    // Wider than for values, which are within 1e-5 where sums run in the same order: in another order one ReLU falls on
    // the other side of its kink, and gradients move by up to 0.6 %.
    for (name, expected) in gradients {
        let gradient = variables[name].grad().reshape([-1]);
        let norm = expected["norm"].as_f64().unwrap();
        let allowed = 2e-2 * norm;
        let found = gradient.norm().double_value(&[]);
        assert!(
            (found - norm).abs() <= allowed,
            "{name}: {found}, not {norm}"
        );
        let first: Vec<f64> = serde_json::from_value(expected["first"].clone()).unwrap();
        for (place, expected) in first.iter().enumerate() {
            let found = gradient.double_value(&[place as i64]);
            assert!(
                (found - expected).abs() <= allowed,
                "{name}[{place}]: {found}, not {expected}"
            );
        }
    }
}
