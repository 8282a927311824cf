//! AdamW (Loshchilov, Hutter, arXiv:1711.05101, Algorithm 2), over few long vectors.
//!
//! libtorch's own goes through a network's variables one by one, with a dozen small operations for each. A GPU spends more
//! time on being told of them than on the numbers. Here the variables lie one after the other in memory, and each operation is
//! one for all of them. Gradients are taken from the backward pass as they are and laid out alike.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

use tch::nn::VarStore;
use tch::{Device, Kind, TchError, Tensor};

use crate::model::layers::NO_DECAY;

/// Decay of the running mean of gradients, and of their squares; Kingma and Ba's (arXiv:1412.6980, §2).
const BETAS: [f64; 2] = [0.9, 0.999];
/// Keeps nought from dividing (ibid.).
const EPSILON: f64 = 1e-8;
/// Numbers of a vector that a processor updates before it goes on: a megabyte of each of the four.
const PART: i64 = 1 << 18;

/// The optimiser, and what it remembers.
#[derive(Debug)]
pub struct AdamW {
    /// What the loss is differentiated by, chunk after chunk.
    variables: Vec<Tensor>,
    chunks: Vec<Chunk>,
    weight_decay: f64,
    steps: i32,
    /// How many of the steps left the backbones alone.
    held: i32,
    is_held: bool,
    layer_decay: f64,
}

/// Variables that lie one after the other.
#[derive(Debug)]
struct Chunk {
    /// How many of the variables are this one's.
    count: usize,
    /// All their numbers.
    values: Tensor,
    /// The gradient so far.
    gradient: Option<Tensor>,
    mean: Tensor,
    square: Tensor,
    decays: bool,
    layer: Layer,
}

/// How many stages a variable lies before what comes after its backbone: 1 in the backbone's last stage, 5 in its first
/// convolution; 0 after the backbone, and for all variables where backbones learn as the rest does.
type Layer = u8;

/// Stages of a backbone, its first convolution among them.
const STAGES: Layer = 5;

/// How backbones learn beside what comes after them.
#[derive(Debug, Clone, Copy)]
pub struct Layers {
    /// What the learning rate is multiplied with, from each stage to the one before it, in (0, 1].
    pub decay: f64,
    /// Whether there are steps that leave the backbones alone.
    pub are_held: bool,
}

impl Layers {
    /// Of a variable's name.
    fn of(self, name: &str) -> Layer {
        let is_alike = self.decay >= 1.0 && !self.are_held;
        let Some((_, own)) = name.split_once("backbone.").filter(|_| !is_alike) else {
            return 0;
        };
        let stage = own
            .strip_prefix("layer")
            .and_then(|rest| rest.chars().next());
        let stage = stage.and_then(|digit| digit.to_digit(10)).unwrap_or(0);
        STAGES - stage as Layer
    }
}

impl AdamW {
    /// For the variables of a store that are to be learnt, all at one rate; moves them in memory. `weight_decay` counts for all
    /// but norms and biases.
    pub fn new(store: &VarStore, weight_decay: f64) -> Self {
        let alike = Layers {
            decay: 1.0,
            are_held: false,
        };
        Self::layered(store, weight_decay, alike)
    }

    /// The same with backbones that learn otherwise than what comes after them.
    pub fn layered(store: &VarStore, weight_decay: f64, layers: Layers) -> Self {
        let mut optimizer = Self {
            variables: Vec::new(),
            chunks: Vec::new(),
            weight_decay,
            steps: 0,
            held: 0,
            is_held: false,
            layer_decay: layers.decay,
        };
        let mut rest: BTreeMap<(Layer, bool), Vec<Tensor>> = BTreeMap::new();
        let mut laid_out: BTreeMap<String, Vec<Tensor>> = BTreeMap::new();
        let decaying = decaying(store);
        let named: BTreeMap<String, Tensor> = store.variables().into_iter().collect();
        for (name, variable) in named {
            if !variable.requires_grad() {
                continue;
            }
            match name.split_once(".lstm.") {
                // cuDNN has a layout of its own for these, and they have been moved to it.
                Some((stream, _)) if store.device().is_cuda() => {
                    laid_out
                        .entry(stream.to_owned())
                        .or_default()
                        .push(variable);
                }
                _ => {
                    let decays = decaying.contains(&(variable.data_ptr() as usize));
                    let key = (layers.of(&name), decays);
                    rest.entry(key).or_default().push(variable);
                }
            }
        }
        for (kind, variables) in rest {
            let values = lay_out(&variables);
            optimizer.add(variables, values, kind);
        }
        for (_, mut variables) in laid_out {
            variables.sort_by_key(|variable| variable.data_ptr() as usize);
            match together(&variables) {
                Some(values) => optimizer.add(variables, values, (0, true)),
                None => {
                    for variable in variables {
                        let values = variable.detach().view([-1]);
                        optimizer.add(vec![variable], values, (0, true));
                    }
                }
            }
        }
        optimizer
    }

    /// Steps so far, and how many of them left the backbones alone.
    pub(super) fn steps(&self) -> (i32, i32) {
        (self.steps, self.held)
    }

    /// Lets the next steps leave the backbones alone, or not any more.
    pub fn hold_backbones(&mut self, is_held: bool) {
        self.is_held = is_held;
    }

    /// Its running means, chunk after chunk: whoever writes to them changes what it remembers.
    pub(super) fn means(&self) -> impl Iterator<Item = &Tensor> {
        self.chunks
            .iter()
            .flat_map(|chunk| [&chunk.mean, &chunk.square])
    }

    /// The gradient since the last step, chunk after chunk; nothing right after a step.
    pub(super) fn gradient(&self) -> impl Iterator<Item = &Tensor> {
        self.chunks
            .iter()
            .filter_map(|chunk| chunk.gradient.as_ref())
    }

    /// Takes up after so many steps, with the gradient since. The means are written to by themselves.
    pub(super) fn resume(&mut self, (steps, held): (i32, i32), gradient: Vec<Tensor>) {
        (self.steps, self.held) = (steps, held);
        for (chunk, gradient) in self.chunks.iter_mut().zip(gradient) {
            chunk.gradient = Some(gradient.to_device(chunk.values.device()));
        }
    }

    fn add(&mut self, variables: Vec<Tensor>, values: Tensor, (layer, decays): (Layer, bool)) {
        self.chunks.push(Chunk {
            count: variables.len(),
            gradient: None,
            mean: values.zeros_like(),
            square: values.zeros_like(),
            values,
            decays,
            layer,
        });
        self.variables.extend(variables);
    }

    /// Adds the gradient of a scalar to those of the scalars before, since the last step.
    ///
    /// # Errors
    ///
    /// Most often memory runs out.
    pub fn differentiate(&mut self, loss: &Tensor) -> Result<(), TchError> {
        let gradients = Tensor::f_run_backward(&[loss], &self.variables, false, false)?;
        let mut rest = self.variables.iter().zip(gradients);
        for chunk in &mut self.chunks {
            let parts: Vec<Tensor> = rest
                .by_ref()
                .take(chunk.count)
                .map(|(variable, gradient)| {
                    if gradient.defined() {
                        in_memory(&gradient, variable).reshape([-1])
                    } else {
                        variable.zeros_like().view([-1])
                    }
                })
                .collect();
            let gradient = Tensor::f_cat(&parts, 0)?;
            chunk.gradient = Some(match chunk.gradient.take() {
                Some(before) => before + gradient,
                None => gradient,
            });
        }
        Ok(())
    }

    /// Scales the gradient down where its norm is above `max`. The norm stays on the device.
    pub fn clip(&mut self, max: f64) {
        let gradients = || {
            self.chunks
                .iter()
                .filter_map(|chunk| chunk.gradient.as_ref())
        };
        let norms: Vec<Tensor> = gradients().map(Tensor::norm).collect();
        if norms.is_empty() {
            return;
        }
        let norm = Tensor::stack(&norms, 0).norm();
        // The summand keeps nought from dividing.
        let factor = ((norm + 1e-6).reciprocal() * max).clamp_max(1.0);
        for chunk in &mut self.chunks {
            if let Some(gradient) = &mut chunk.gradient {
                let _scaled = gradient.g_mul_(&factor);
            }
        }
    }

    /// One step down the gradient, which is then forgotten.
    pub fn step(&mut self, learning_rate: f64) {
        self.steps += 1;
        self.held += i32::from(self.is_held);
        tch::no_grad(|| {
            for chunk in &mut self.chunks {
                let is_backbone = chunk.layer > 0;
                let Some(gradient) = chunk.gradient.take() else {
                    continue;
                };
                if is_backbone && self.is_held {
                    continue;
                }
                let steps = self.steps - if is_backbone { self.held } else { 0 };
                let [mean_bias, square_bias] = BETAS.map(|beta| 1.0 - beta.powi(steps));
                let learning_rate = learning_rate * self.layer_decay.powi(chunk.layer.into());
                let kept = chunk
                    .decays
                    .then_some(1.0 - learning_rate * self.weight_decay);
                let vectors = [&chunk.values, &chunk.mean, &chunk.square, &gradient];
                for [mut values, mut mean, mut square, gradient] in parts(vectors) {
                    if let Some(kept) = kept {
                        let _decayed = values.g_mul_scalar_(kept);
                    }
                    let _mean = mean.lerp_(&gradient, 1.0 - BETAS[0]);
                    let squared = &gradient * &gradient;
                    let _square = square.lerp_(&squared, 1.0 - BETAS[1]);
                    let spread = (square / square_bias).sqrt_().g_add_scalar_(EPSILON);
                    let change = (mean / spread).g_mul_scalar_(learning_rate / mean_bias);
                    let _moved = values.g_sub_(&change);
                }
            }
        });
    }
}

/// Cuts vectors of one length into parts. A processor goes through them many times, so that they should stay close to it; a GPU
/// is told of each operation once.
fn parts<const N: usize>(vectors: [&Tensor; N]) -> impl Iterator<Item = [Tensor; N]> {
    let whole = vectors[0].size()[0];
    let part = if vectors[0].device().is_cuda() {
        whole.max(1)
    } else {
        PART
    };
    (0..whole).step_by(part as usize).map(move |first| {
        let len = part.min(whole - first);
        vectors.map(|vector| vector.narrow(0, first, len))
    })
}

/// Where the variables lie that weight decay counts for.
fn decaying(store: &VarStore) -> BTreeSet<usize> {
    let variables = store
        .variables_
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    variables
        .trainable_variables
        .iter()
        .filter(|variable| variable.group != NO_DECAY)
        .map(|variable| variable.tensor.data_ptr() as usize)
        .collect()
}

/// Moves variables into one vector, each as [`in_memory`] has it, and returns that.
fn lay_out(variables: &[Tensor]) -> Tensor {
    tch::no_grad(|| {
        let parts: Vec<Tensor> = variables
            .iter()
            .map(|variable| in_memory(variable, variable).reshape([-1]))
            .collect();
        let values = Tensor::cat(&parts, 0);
        let mut first = 0;
        for variable in variables {
            let len = variable.numel() as i64;
            let own = values.narrow(0, first, len);
            let shape = in_memory(variable, variable).size();
            let own = own.view(shape.as_slice());
            let own = if is_channels_last(variable) {
                own.permute([0, 3, 1, 2])
            } else {
                own
            };
            variable.shallow_clone().set_data(&own);
            first += len;
        }
        values
    })
}

/// The vector that variables make which lie one after the other in one piece of memory.
fn together(variables: &[Tensor]) -> Option<Tensor> {
    let first = variables.first()?;
    let start = first.data_ptr() as usize;
    let mut len = 0;
    for variable in variables {
        if variable.data_ptr() as usize != start + len * size_of::<f32>() {
            return None;
        }
        len += variable.numel();
    }
    let mut values = Tensor::empty([0], (Kind::Float, first.device()));
    // The offset counts from the first one's own.
    values
        .f_set_source_tensor_storage_offset_(&first.detach(), 0, [len as i64], [1])
        .ok()
}

/// A tensor of a variable's shape, with its axes in the order in which the variable's numbers lie in memory.
fn in_memory(tensor: &Tensor, variable: &Tensor) -> Tensor {
    if is_channels_last(variable) {
        tensor.permute([0, 2, 3, 1])
    } else {
        tensor.shallow_clone()
    }
}

/// Convolutions on a GPU want the channels of their weights last, as those of their input.
fn is_channels_last(variable: &Tensor) -> bool {
    variable.device() != Device::Cpu && variable.dim() == 4
}

#[cfg(test)]
mod tests {
    use tch::nn::{self, OptimizerConfig, Path};

    use super::*;

    /// A convolution and a layer without decay, and a loss that depends on `turn`.
    fn network(store: &VarStore) -> impl Fn(i64) -> Tensor {
        let uniform = nn::Init::Uniform { lo: -0.5, up: 0.5 };
        let var = |path: &Path, shape: &[i64]| path.var("value", shape, uniform);
        let convolution = var(&(&store.root() / "convolution"), &[4, 3, 3, 3]);
        let bias = var(&(&store.root() / "bias").set_group(NO_DECAY), &[4]);
        let frozen = var(&(&store.root() / "frozen"), &[4]);
        let _frozen = frozen.set_requires_grad(false);
        move |turn| {
            let numbers = Tensor::arange(2 * 3 * 5 * 5, (Kind::Float, Device::Cpu));
            let input = (numbers * (turn + 1)).sin().view([2, 3, 5, 5]);
            let output = input.conv2d(&convolution, Some(&(&bias * &frozen)), 1, 1, 1, 1);
            (output.tanh() - 0.3).square().mean(Kind::Float) * 40.0
        }
    }

    fn stores() -> [VarStore; 2] {
        [0, 1].map(|_| VarStore::new(Device::Cpu))
    }

    #[test]
    fn steps_equal_libtorchs() {
        let [ours, theirs] = stores();
        let losses = {
            tch::manual_seed(5);
            let first = network(&ours);
            let second = network(&theirs);
            let variables: BTreeMap<String, Tensor> = ours.variables().into_iter().collect();
            for (name, variable) in variables {
                tch::no_grad(|| theirs.variables()[&name].shallow_clone().copy_(&variable));
            }
            [
                Box::new(first) as Box<dyn Fn(i64) -> Tensor>,
                Box::new(second),
            ]
        };
        let mut own = AdamW::new(&ours, 0.1);
        let mut reference = nn::AdamW::default().wd(0.1).build(&theirs, 0.0).unwrap();
        reference.set_weight_decay_group(NO_DECAY, 0.0);
        for turn in 0..6 {
            let rate = 0.05 / (turn + 1) as f64;
            own.differentiate(&losses[0](turn)).unwrap();
            own.clip(0.7);
            own.step(rate);
            reference.set_lr(rate);
            reference.zero_grad();
            losses[1](turn).backward();
            reference.clip_grad_norm(0.7);
            reference.step();
        }
        let variables: BTreeMap<String, Tensor> = ours.variables().into_iter().collect();
        assert_eq!(variables.len(), 3);
        for (name, variable) in variables {
            let reference = &theirs.variables()[&name];
            let difference = (&variable - reference).abs().max().double_value(&[]);
            assert!(difference < 1e-5, "{name}: {difference}");
        }
    }

    /// A variable of each layer, and a loss whose gradient is 1 everywhere.
    fn stages(store: &VarStore) -> impl Fn() -> Tensor {
        let names = ["conv1", "layer1", "layer2", "layer3", "layer4"];
        let root = store.root() / "synopsis";
        let backbone = names.map(|name| {
            let path = &root / "backbone" / name;
            path.var("weight", &[3], nn::Init::Const(1.0))
        });
        let feature = (&root / "feature").var("weight", &[3], nn::Init::Const(1.0));
        move || {
            let all: Vec<&Tensor> = backbone.iter().chain([&feature]).collect();
            Tensor::cat(&all, 0).sum(Kind::Float)
        }
    }

    /// How far each variable is from 1, from the first convolution on.
    fn moved(store: &VarStore) -> Vec<f64> {
        let named: BTreeMap<String, Tensor> = store.variables().into_iter().collect();
        let first = |variable: &Tensor| 1.0 - variable.double_value(&[0]);
        named.values().map(first).collect()
    }

    #[test]
    fn each_stage_learns_slower_than_the_one_after_it() {
        let [store, _] = stores();
        let loss = stages(&store);
        let layers = Layers {
            decay: 0.5,
            are_held: false,
        };
        let mut optimizer = AdamW::layered(&store, 0.0, layers);
        optimizer.differentiate(&loss()).unwrap();
        optimizer.step(0.32);
        // Adam's first step is as long as the rate.
        for (moved, expected) in moved(&store)
            .iter()
            .zip([0.01, 0.02, 0.04, 0.08, 0.16, 0.32])
        {
            assert!((moved - expected).abs() < 1e-6, "{moved}, {expected}");
        }
    }

    #[test]
    fn held_backbones_stay_and_begin_later_as_if_it_were_the_beginning() {
        let [store, _] = stores();
        let loss = stages(&store);
        let layers = Layers {
            decay: 1.0,
            are_held: true,
        };
        let mut optimizer = AdamW::layered(&store, 0.5, layers);
        for is_held in [true, true, true, false] {
            optimizer.hold_backbones(is_held);
            optimizer.differentiate(&loss()).unwrap();
            optimizer.step(0.01);
            let moved = moved(&store);
            assert!(moved[5] > 0.01);
            let expected = if is_held { 0.0 } else { 0.015 };
            assert!((moved[0] - expected).abs() < 1e-6, "{moved:?}");
            assert!((moved[0] - moved[4]).abs() < 1e-9);
        }
        assert_eq!(optimizer.steps(), (4, 3));
    }

    #[test]
    fn gradients_add_up_until_the_step() {
        let [one, other] = stores();
        tch::manual_seed(6);
        let loss = network(&one);
        tch::manual_seed(6);
        let same = network(&other);
        let (mut at_once, mut in_parts) = (AdamW::new(&one, 0.0), AdamW::new(&other, 0.0));
        let before = one.variables()["frozen.value"].copy();
        for _ in 0..3 {
            at_once.differentiate(&(loss(0) + loss(1))).unwrap();
            in_parts.differentiate(&same(0)).unwrap();
            in_parts.differentiate(&same(1)).unwrap();
            at_once.step(0.01);
            in_parts.step(0.01);
        }
        for name in ["convolution.value", "bias.value"] {
            let difference = &one.variables()[name] - &other.variables()[name];
            assert!(difference.abs().max().double_value(&[]) < 1e-5, "{name}");
        }
        assert_eq!(one.variables()["frozen.value"], before);
        let moved = &one.variables()["bias.value"] - &before;
        assert!(moved.abs().max().double_value(&[]) > 1e-3);
    }

    #[test]
    fn a_small_gradient_is_left_alone_and_a_large_one_becomes_the_largest_allowed() {
        let [store, _] = stores();
        let loss = network(&store);
        let mut optimizer = AdamW::new(&store, 0.0);
        for (max, is_shortened) in [(1e6, false), (1e-3, true)] {
            optimizer.differentiate(&loss(0)).unwrap();
            let norm = |optimizer: &AdamW| {
                let norms = optimizer.chunks.iter();
                let squares = norms.map(|chunk| {
                    let gradient = chunk.gradient.as_ref().unwrap();
                    gradient.norm().double_value(&[]).powi(2)
                });
                squares.sum::<f64>().sqrt()
            };
            let before = norm(&optimizer);
            optimizer.clip(max);
            let expected = if is_shortened { max } else { before };
            assert!((norm(&optimizer) - expected).abs() < 1e-3 * expected);
            optimizer.step(0.01);
        }
    }

    #[test]
    fn neighbours_in_memory_are_one_vector() {
        let whole = Tensor::arange(10, (Kind::Float, Device::Cpu));
        let part = |first, len| whole.narrow(0, first, len);
        let values = together(&[part(0, 4), part(4, 5)]).unwrap();
        assert_eq!(values, part(0, 9));
        assert!(together(&[part(0, 4), part(5, 5)]).is_none());
        assert_eq!(together(&[part(1, 4), part(5, 5)]).unwrap(), part(1, 9));
    }
}
