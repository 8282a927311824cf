//! Fitting the noise model by expectation and maximisation.
//!
//! The steps of the recalibration are measured by [`Curvature`], which is taken anew every few of them, and Nesterov's
//! momentum shortens the way.

use multiversion::multiversion;
use rayon::prelude::*;

use super::curvature::Curvature;
use super::lanes::{Group, Lanes, by_label, softmax};
use super::prior::Prior;
use super::{NoiseModel, NoiseModelSettings, Structure};
use crate::score::ProbabilityTable;
use crate::score::confident_learning::ConfidentJoint;

/// The fit ends when no weight moves by more.
const STILL: f64 = 1e-4;
/// Steps that a curvature serves.
const REFRESH: usize = 5;
/// From so many videos on, a fit first takes all its steps on one in [`PART`] of each label, which leads nearly to where all of
/// them do, and then one in [`REST`] of the steps on all.
const MANY: usize = 20_000;
const PART: usize = 5;
const REST: usize = 4;
/// The share of wrong labels that [`Structure::Uniform`] starts from, and that of the even start of [`Structure::ByClass`].
const FIRST_ERROR_SHARE: f64 = 0.1;
const EVEN_ERROR_SHARE: f64 = 0.3;
/// Nats by which the labels must be likelier from the even start: odds of 150 to 1.
const CLEARLY: f64 = 5.0;

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
    /// The videos of each label.
    order: Vec<Vec<usize>>,
    all: Vec<Group>,
    /// What fits begin with, where there are many.
    part: Option<Vec<Group>>,
}

impl<'a> Fitting<'a> {
    pub(in crate::score) fn new(table: &'a ProbabilityTable) -> Self {
        let order = by_label(table);
        Self {
            table,
            all: Group::all(table, &order),
            part: (table.videos() >= MANY).then(|| Group::some(table, &order, PART)),
            order,
        }
    }

    /// [`NoiseModel::fit`].
    pub(in crate::score) fn fit(
        &self,
        structure: Structure,
        settings: NoiseModelSettings,
    ) -> NoiseModel {
        let steps = settings.steps;
        let prior = match structure {
            Structure::ByClass => Prior::by_class(self.table, &self.order, steps),
            Structure::Uniform => Prior::for_size(self.table.videos()),
        };
        let first = self.part.as_ref().unwrap_or(&self.all);
        let near = match structure {
            Structure::ByClass => self.likelier(first, prior, steps),
            Structure::Uniform => {
                let start = start(self.table, structure, prior);
                fit_from(start, first, structure, prior, steps)
            }
        };
        if self.part.is_none() {
            return near;
        }
        fit_from(near, &self.all, structure, prior, steps.div_ceil(REST))
    }

    /// Half of the steps from the confident joint's matrix and from an even one, and the rest from the former, or from the latter
    /// where that makes the labels clearly likelier: with many wrong labels the joint may mistake one class for another, which no
    /// step from there mends.
    fn likelier(&self, groups: &[Group], prior: Prior, steps: usize) -> NoiseModel {
        let by_joint = start(self.table, Structure::ByClass, prior);
        let even = NoiseModel {
            transition: uniform(by_joint.classes, EVEN_ERROR_SHARE),
            ..by_joint.clone()
        };
        let half = |start| {
            let model = fit_from(start, groups, Structure::ByClass, prior, steps / 2);
            (log_likelihood(groups, &model), model)
        };
        let (by_joint, even) = rayon::join(|| half(by_joint), || half(even));
        let is_clear = even.0 > by_joint.0 + CLEARLY;
        let (_, likelier) = if is_clear { even } else { by_joint };
        fit_from(
            likelier,
            groups,
            Structure::ByClass,
            prior,
            steps - steps / 2,
        )
    }
}

/// What a fit starts from: the probabilities as they are, and the confident joint's matrix or a first share of errors.
pub(super) fn start(table: &ProbabilityTable, structure: Structure, prior: Prior) -> NoiseModel {
    let classes = table.classes();
    NoiseModel {
        weights: identity(classes),
        transition: match structure {
            Structure::ByClass => from_joint(table, prior.pseudo_videos),
            Structure::Uniform => uniform(classes, FIRST_ERROR_SHARE),
        },
        classes,
    }
}

/// Up to `steps` steps from `model` on.
pub(super) fn fit_from(
    mut model: NoiseModel,
    groups: &[Group],
    structure: Structure,
    prior: Prior,
    steps: usize,
) -> NoiseModel {
    let classes = model.classes;
    let videos: usize = groups.iter().map(|group| group.videos).sum();
    let identity = identity(classes);
    let mut ahead = model.weights.clone();
    let mut momentum = 1.0_f64;
    let mut curvature = None;
    for step in 0..steps {
        if step % REFRESH == 0 {
            curvature = None;
        }
        let curvature =
            curvature.get_or_insert_with(|| Curvature::at(&ahead, groups, classes, prior.strength));
        let sums = pass(groups, &ahead, &model.transition, classes);
        let mut step = sums.gradient;
        for ((step, weight), identity) in step.iter_mut().zip(&ahead).zip(&identity) {
            *step -= prior.strength * (weight - identity);
        }
        curvature.step(&mut step);
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
            Structure::ByClass => smoothed(&sums.counts, classes, prior.pseudo_videos),
            Structure::Uniform => {
                let right: f64 = (0..classes).map(|k| sums.counts[k * (classes + 1)]).sum();
                uniform(classes, 1.0 - right / videos as f64)
            }
        };
        if largest_move < STILL {
            break;
        }
    }
    model
}

/// `Σ ln P(given label)` of the videos in `groups`.
pub(super) fn log_likelihood(groups: &[Group], model: &NoiseModel) -> f64 {
    let mut clean = vec![Lanes::default(); model.classes];
    let mut sum = 0.0;
    for group in groups {
        for (features, is_there) in group.rows() {
            softmax(features, &model.weights, &mut clean);
            let likelihood = clean
                .iter()
                .enumerate()
                .fold(Lanes::default(), |sum, (k, p)| {
                    sum + *p * Lanes::all(model.transition(k, group.label))
                });
            sum += (likelihood.ln() * is_there).sum();
        }
    }
    sum
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

/// Rows of `counts` with the prior's pseudo-videos added, as distributions. The prior's errors are as frequent as those of all
/// classes together.
fn smoothed(counts: &[f64], classes: usize, pseudo_videos: f64) -> Vec<f64> {
    let all: f64 = counts.iter().sum();
    let right: f64 = counts.iter().step_by(classes + 1).sum();
    let prior = uniform(classes, 1.0 - right / all);
    let mut transition = counts.to_vec();
    let rows = transition.chunks_exact_mut(classes);
    for (row, prior) in rows.zip(prior.chunks_exact(classes)) {
        for (rate, prior) in row.iter_mut().zip(prior) {
            *rate += pseudo_videos * prior;
        }
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
