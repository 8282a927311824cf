//! The steps of a fit, none of which lowers the penalised likelihood.
//!
//! Expectation and maximisation: the transition matrix of a step is the likeliest for the expected counts, and the recalibration
//! goes as far as its [`Curvature`] allows, with momentum. Both together may go too far. Then the step is not taken: first the
//! momentum is dropped (restarted by function value, O'Donoghue & Candès 2015), and then the step halved; a step that is short
//! enough always rises.

use super::curvature::Curvature;
use super::lanes::Group;
use super::pass::Sums;
use super::prior::Prior;
use super::transition::{likeliest, uniform, wrong_share};
use super::{NoiseModel, Structure};

/// The fit ends when no weight and no rate moves by more.
const STILL: f64 = 1e-4;
/// Steps that a curvature serves.
const REFRESH: usize = 5;
/// The shortest step that is tried.
const SHORTEST: f64 = 1.0 / 64.0;
/// A fall by less than this part of the penalised likelihood is rounding.
const ROUNDING: f64 = 1e-12;

/// Videos and what is believed of the noise: what the steps climb.
pub(super) struct Hill<'a> {
    pub(super) groups: &'a [Group],
    pub(super) structure: Structure,
    pub(super) prior: Prior,
    /// How the prior's videos are spread over each row of the matrix, C × C.
    pub(super) expected: &'a [f64],
    /// Whether the matrix stays as it is while the weights move.
    pub(super) is_held: bool,
}

impl Hill<'_> {
    /// Up to `steps` passes over the videos from `model` on.
    pub(super) fn climb(&self, model: NoiseModel, steps: usize) -> NoiseModel {
        let mut place = Place::at(self, model);
        for _ in 0..steps {
            if place.step(self) == Progress::Ended {
                break;
            }
        }
        place.model
    }

    fn height(&self, model: &NoiseModel, log_likelihood: f64) -> f64 {
        let classes = model.classes;
        let mut height = log_likelihood + self.prior.log_of_weights(&model.weights, classes);
        if self.structure == Structure::ByClass {
            let logs = model.transition.iter().map(|rate| rate.ln());
            let spread = logs.zip(self.expected).map(|(log, share)| log * share);
            height += self.prior.pseudo_videos * spread.sum::<f64>();
        }
        height
    }

    /// The likeliest matrix for expected counts by true class and given label.
    fn transition(&self, counts: &[f64], classes: usize) -> Vec<f64> {
        match self.structure {
            Structure::ByClass => {
                likeliest(counts, self.expected, self.prior.pseudo_videos, classes)
            }
            Structure::Uniform => uniform(classes, wrong_share(counts, classes)),
        }
    }
}

/// Where a fit stands.
pub(super) struct Place {
    pub(super) model: NoiseModel,
    sums: Sums,
    /// The penalised log-likelihood, in nats.
    pub(super) height: f64,
    /// The weights one step ago.
    before: Vec<f64>,
    momentum: f64,
    /// The part of a whole step that is taken.
    stride: f64,
    curvature: Option<Curvature>,
    taken: usize,
}

/// What came of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    Risen,
    Refused,
    Ended,
}

impl Place {
    pub(super) fn at(hill: &Hill, model: NoiseModel) -> Self {
        let sums = Sums::over(hill.groups, &model);
        Self {
            height: hill.height(&model, sums.log_likelihood),
            before: model.weights.clone(),
            momentum: 1.0,
            stride: 1.0,
            curvature: None,
            taken: 0,
            sums,
            model,
        }
    }

    /// Tries one step.
    pub(super) fn step(&mut self, hill: &Hill) -> Progress {
        let classes = self.model.classes;
        let next_momentum = f64::midpoint(1.0, (1.0 + 4.0 * self.momentum.powi(2)).sqrt());
        let push = (self.momentum - 1.0) / next_momentum;
        let next = NoiseModel {
            weights: self.ahead(hill, push),
            transition: if hill.is_held {
                self.model.transition.clone()
            } else {
                hill.transition(&self.sums.counts, classes)
            },
            classes,
        };
        let sums = Sums::over(hill.groups, &next);
        let height = hill.height(&next, sums.log_likelihood);
        if height < self.height - ROUNDING * self.height.abs() || height.is_nan() {
            if push > 0.0 {
                self.momentum = 1.0;
            } else {
                self.stride /= 2.0;
            }
            return if self.stride < SHORTEST {
                Progress::Ended
            } else {
                Progress::Refused
            };
        }
        let moved = furthest(&next.weights, &self.model.weights)
            .max(furthest(&next.transition, &self.model.transition));
        self.momentum = next_momentum;
        self.stride = (2.0 * self.stride).min(1.0);
        (self.sums, self.height) = (sums, height);
        self.before = std::mem::replace(&mut self.model, next).weights;
        self.taken += 1;
        if self.taken.is_multiple_of(REFRESH) {
            self.curvature = None;
        }
        if moved < STILL {
            Progress::Ended
        } else {
            Progress::Risen
        }
    }

    /// The weights that one step leads to.
    fn ahead(&mut self, hill: &Hill, push: f64) -> Vec<f64> {
        let (weights, classes) = (&self.model.weights, self.model.classes);
        let mut step = self.sums.gradient.clone();
        hill.prior.add_gradient(weights, classes, &mut step);
        self.curvature
            .get_or_insert_with(|| {
                Curvature::at(weights, hill.groups, classes, |row| {
                    hill.prior.precision(row, classes)
                })
            })
            .step(&mut step);
        let moves = step.iter().zip(weights.iter().zip(&self.before));
        moves
            .map(|(step, (now, before))| now + self.stride * step + push * (now - before))
            .collect()
    }
}

fn furthest(one: &[f64], other: &[f64]) -> f64 {
    let moves = one
        .iter()
        .zip(other)
        .map(|(one, other)| (one - other).abs());
    moves.fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::super::lanes::by_label;
    use super::super::tests::learnt_noise;
    use super::super::transition::as_they_are;
    use super::*;

    #[test]
    fn no_step_lowers_the_penalised_likelihood() {
        // A strong network that says the noise itself: free steps with momentum fall without bound here.
        let (table, _wrong) = learnt_noise(3000, 7, 8.0, 4);
        let groups = Group::all(&table, &by_label(&table));
        let expected = uniform(7, 0.2);
        for (structure, strength) in [
            (Structure::ByClass, 100.0),
            (Structure::ByClass, 0.5),
            (Structure::Uniform, 8.0),
        ] {
            let hill = Hill {
                groups: &groups,
                structure,
                prior: Prior {
                    strength,
                    pseudo_videos: 5.0,
                },
                expected: &expected,
                is_held: false,
            };
            let mut place = Place::at(&hill, as_they_are(uniform(7, 0.3), 7));
            let (start, mut risen) = (place.height, 0);
            for _ in 0..60 {
                let before = place.height;
                let progress = place.step(&hill);
                assert!(place.height >= before - 1e-9 * before.abs());
                risen += usize::from(progress == Progress::Risen);
            }
            assert!(risen > 20 && place.height > start + 100.0, "{risen}");
        }
    }
}
