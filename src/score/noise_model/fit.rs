//! Fitting the noise model by expectation and maximisation.
//!
//! The step of the recalibration is Böhning's (1992): the Hessian of a softmax regression is bounded by ½·XᵀX, which
//! is the same in every step, so that one factorisation serves the whole fit. Nesterov's momentum shortens it.

use multiversion::multiversion;
use rayon::prelude::*;

use super::lanes::{Group, Lanes, softmax};
use super::matrix::Cholesky;
use super::{NoiseModel, NoiseModelSettings, Structure};
use crate::score::ProbabilityTable;
use crate::score::confident_learning::ConfidentJoint;

/// The fit ends when no weight moves by more.
const STILL: f64 = 1e-4;
/// Videos that are added to each row of the transition matrix at least, and the least strength of the recalibration's prior.
const LEAST_PSEUDO_VIDEOS: f64 = 5.0;
const LEAST_STRENGTH: f64 = 2.0;
/// From so many videos on, a fit first takes all its steps on one in [`PART`] of each label, which leads nearly to where all of
/// them do, and then one in [`REST`] of the steps on all.
const MANY: usize = 20_000;
const PART: usize = 5;
const REST: usize = 4;
/// Up to so many videos a fit with hardly any prior takes as many steps as the one that it starts from.
const WHOLE_WAY: usize = 4000;
/// The share of wrong labels that [`Structure::Uniform`] starts from.
const FIRST_ERROR_SHARE: f64 = 0.1;

/// What one pass over the videos finds.
struct Sums {
    /// (C + 1) × C: Xᵀ·(posterior − clean), the gradient of the likelihood by the weights.
    gradient: Vec<f64>,
    /// C × C: expected videos by true class and given label.
    counts: Vec<f64>,
}

impl Sums {
    fn zero(classes: usize) -> Self {
        Self {
            gradient: vec![0.0; (classes + 1) * classes],
            counts: vec![0.0; classes * classes],
        }
    }

    fn add(mut self, other: &Self) -> Self {
        for (sum, value) in self.gradient.iter_mut().zip(&other.gradient) {
            *sum += value;
        }
        for (sum, value) in self.counts.iter_mut().zip(&other.counts) {
            *sum += value;
        }
        self
    }
}

/// The videos of a table, laid out once for all that is fitted to them.
pub(in crate::score) struct Fitting<'a> {
    table: &'a ProbabilityTable,
    all: Vec<Group>,
    /// What fits begin with, where there are many.
    part: Option<Vec<Group>>,
}

impl<'a> Fitting<'a> {
    pub(in crate::score) fn new(table: &'a ProbabilityTable) -> Self {
        Self {
            table,
            all: Group::all(table),
            part: (table.videos() >= MANY).then(|| Group::some(table, PART)),
        }
    }

    /// [`NoiseModel::fit`].
    pub(in crate::score) fn fit(
        &self,
        structure: Structure,
        settings: NoiseModelSettings,
    ) -> NoiseModel {
        let (videos, classes) = (self.table.videos(), self.table.classes());
        let prior = Prior {
            pseudo_videos: LEAST_PSEUDO_VIDEOS + settings.transition_prior / videos as f64,
            strength: LEAST_STRENGTH + settings.recalibration_prior / videos as f64,
        };
        let start = NoiseModel {
            weights: identity(classes),
            transition: match structure {
                Structure::ByClass => from_joint(self.table, prior.pseudo_videos),
                Structure::Uniform => uniform(classes, FIRST_ERROR_SHARE),
            },
            classes,
        };
        let Some(part) = &self.part else {
            return fit_from(start, &self.all, structure, prior, settings.steps);
        };
        let start = fit_from(start, part, structure, prior, settings.steps);
        let steps = settings.steps.div_ceil(REST);
        fit_from(start, &self.all, structure, prior, steps)
    }

    /// A model by class, which was fitted to these videos in up to `steps` steps, with hardly any prior left: 5 pseudo-videos a
    /// row of the transition matrix, and a strength of 2 for the recalibration's (ours).
    ///
    /// A strong prior orders small tables better, since it keeps what a few videos say from turning the order over; but it
    /// draws the probabilities to the middle, so that errors are counted short.
    pub(in crate::score) fn freed(&self, model: NoiseModel, steps: usize) -> NoiseModel {
        let prior = Prior {
            pseudo_videos: LEAST_PSEUDO_VIDEOS,
            strength: LEAST_STRENGTH,
        };
        // The more videos, the less the prior had to say, and the shorter the way from there.
        let steps = steps.min((steps * WHOLE_WAY).div_ceil(self.table.videos()));
        fit_from(model, &self.all, Structure::ByClass, prior, steps)
    }
}

/// What is believed before the labels were seen.
#[derive(Clone, Copy)]
struct Prior {
    /// Videos that are added to each row of the transition matrix.
    pseudo_videos: f64,
    /// How strongly weights are drawn to the identity.
    strength: f64,
}

fn fit_from(
    mut model: NoiseModel,
    groups: &[Group],
    structure: Structure,
    prior: Prior,
    steps: usize,
) -> NoiseModel {
    let classes = model.classes;
    let width = classes + 1;
    let videos: usize = groups.iter().map(|group| group.videos).sum();
    let Prior {
        pseudo_videos,
        strength,
    } = prior;
    let bound = Cholesky::new(&bound(groups, width, strength), width);
    let prior = identity(classes);
    let mut ahead = model.weights.clone();
    let mut momentum = 1.0_f64;
    for _ in 0..steps {
        let sums = pass(groups, &ahead, &model.transition, classes);
        let mut step = sums.gradient;
        for ((step, weight), prior) in step.iter_mut().zip(&ahead).zip(&prior) {
            *step -= strength * (weight - prior);
        }
        bound.solve(&mut step, classes);
        let next_momentum = f64::midpoint(1.0, (1.0 + 4.0 * momentum * momentum).sqrt());
        let push = (momentum - 1.0) / next_momentum;
        let mut largest_move = 0.0_f64;
        for ((weight, ahead), step) in model.weights.iter_mut().zip(&mut ahead).zip(&step) {
            let next = *ahead + step;
            largest_move = largest_move.max((next - *weight).abs());
            *ahead = next + push * (next - *weight);
            *weight = next;
        }
        momentum = next_momentum;
        model.transition = match structure {
            Structure::ByClass => smoothed(&sums.counts, classes, pseudo_videos),
            Structure::Uniform => {
                let right: f64 = (0..classes).map(|k| sums.counts[k * width]).sum();
                uniform(classes, 1.0 - right / videos as f64)
            }
        };
        if largest_move < STILL {
            break;
        }
    }
    model
}

/// One pass: the posterior of the true class of every video under the current model, summed up.
fn pass(groups: &[Group], weights: &[f64], transition: &[f64], classes: usize) -> Sums {
    let parts: Vec<Sums> = groups
        .par_iter()
        .map(|group| part_of_pass(group, weights, transition, classes))
        .collect();
    parts.iter().fold(Sums::zero(classes), Sums::add)
}

/// The same of one group. Wider registers are used where there are some; the numbers are the same to the last bit.
#[multiversion(targets("x86_64+avx2"))]
fn part_of_pass(group: &Group, weights: &[f64], transition: &[f64], classes: usize) -> Sums {
    let rates = transition.iter().skip(group.label).step_by(classes);
    let rates: Vec<Lanes> = rates.copied().map(Lanes::all).collect();
    let mut clean = vec![Lanes::default(); classes];
    let mut posterior = vec![Lanes::default(); classes];
    let mut gradient = vec![Lanes::default(); (classes + 1) * classes];
    let mut counts = vec![Lanes::default(); classes];
    for (features, is_there) in group.rows() {
        softmax(features, weights, &mut clean);
        let mut sum = Lanes::default();
        for ((joint, p), rate) in posterior.iter_mut().zip(&clean).zip(&rates) {
            *joint = *p * *rate;
            sum = sum + *joint;
        }
        let share = is_there / sum;
        for ((joint, p), count) in posterior.iter().zip(&mut clean).zip(&mut counts) {
            let posterior = *joint * share;
            *count = *count + posterior;
            *p = posterior - *p; // what is left of it is the residual; lanes without a video have no features
        }
        for (feature, gradient) in features.iter().zip(gradient.chunks_exact_mut(classes)) {
            for (gradient, residual) in gradient.iter_mut().zip(&clean) {
                *gradient = *gradient + *feature * *residual;
            }
        }
    }
    let mut sums = Sums::zero(classes);
    for (sum, lanes) in sums.gradient.iter_mut().zip(&gradient) {
        *sum = lanes.sum();
    }
    let of_label = sums.counts.iter_mut().skip(group.label).step_by(classes);
    for (sum, lanes) in of_label.zip(&counts) {
        *sum = lanes.sum();
    }
    sums
}

/// ½·XᵀX + strength·I, (C + 1) × (C + 1).
fn bound(groups: &[Group], width: usize, strength: f64) -> Vec<f64> {
    let mut lanes = vec![Lanes::default(); width * width];
    for (features, _) in groups.iter().flat_map(Group::rows) {
        for (feature, sums) in features.iter().zip(lanes.chunks_exact_mut(width)) {
            for (sum, other) in sums.iter_mut().zip(features) {
                *sum = *sum + *feature * *other;
            }
        }
    }
    let mut bound: Vec<f64> = lanes.iter().map(|sum| sum.sum() / 2.0).collect();
    for diagonal in bound.iter_mut().step_by(width + 1) {
        *diagonal += strength;
    }
    bound
}

/// The weights that leave probabilities as they are: `A` = I, `b` = 0.
fn identity(classes: usize) -> Vec<f64> {
    let mut weights = vec![0.0; (classes + 1) * classes];
    for diagonal in weights
        .iter_mut()
        .take(classes * classes)
        .step_by(classes + 1)
    {
        *diagonal = 1.0;
    }
    weights
}

/// The transition matrix of the calibrated confident joint, smoothed.
fn from_joint(table: &ProbabilityTable, pseudo_videos: f64) -> Vec<f64> {
    let classes = table.classes();
    let joint = ConfidentJoint::count(table);
    let mut counts = vec![0.0; classes * classes];
    for (given, row) in joint.calibrated().iter().enumerate() {
        for (truth, count) in row.iter().enumerate() {
            counts[truth * classes + given] = *count;
        }
    }
    smoothed(&counts, classes, pseudo_videos)
}

/// Rows of `counts` with the prior's pseudo-videos added, as distributions.
fn smoothed(counts: &[f64], classes: usize, pseudo_videos: f64) -> Vec<f64> {
    let mut transition = counts.to_vec();
    for (truth, row) in transition.chunks_exact_mut(classes).enumerate() {
        for rate in row.iter_mut() {
            *rate += pseudo_videos * 0.2 / classes as f64;
        }
        row[truth] += pseudo_videos * 0.8;
        let sum: f64 = row.iter().sum();
        for rate in row {
            *rate /= sum;
        }
    }
    transition
}

/// The matrix of one share of wrong labels, kept where right labels are the likeliest.
fn uniform(classes: usize, error_share: f64) -> Vec<f64> {
    let others = (classes - 1) as f64;
    let error_share = error_share.clamp(1e-3, 0.9 * others / classes as f64);
    let mut transition = vec![error_share / others; classes * classes];
    for diagonal in transition.iter_mut().step_by(classes + 1) {
        *diagonal = 1.0 - error_share;
    }
    transition
}
