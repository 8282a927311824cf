//! What is believed of the noise before the labels were seen, and how firmly.
//!
//! How firmly is not tuned: the videos themselves tell, by cross-validation. A model by class is fitted to four fifths of
//! them under each of some priors, from firm to loose, and the mean of these is taken, weighed by how likely each makes the labels
//! of the last fifths. Where classes are mistaken for each other by rule, a loose one wins, and the errors are counted in full;
//! where a small table could talk a free model into anything, a firm one; and where few videos leave it open, none alone.

use rayon::prelude::*;

use super::climb::Hill;
use super::fit::{Start, log_likelihood};
use super::lanes::{Group, by_label};
use super::{NoiseModel, Structure};
use crate::score::ProbabilityTable;

/// How firmly a fit is held.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Prior {
    /// How strongly `A` is drawn to a multiple of the identity, one temperature for all: the precision of a normal prior,
    /// above 0.
    pub(super) strength: f64,
    /// Videos that are added to each row of the transition matrix, above 0. As many of them are wrong as of all classes'
    /// videos together, by the confident joint, and those are spread evenly.
    pub(super) pseudo_videos: f64,
}

/// The precision of the normal prior of the temperature about 1, and of `b` about 0: only what keeps them finite.
const TEMPERATURE_PRECISION: f64 = 4.0;
const BIAS_PRECISION: f64 = 1.0;

/// The priors to choose among, the firmest first.
const CHOICE: [Prior; 4] = [
    choice(100.0, 20.0),
    choice(25.0, 10.0),
    choice(6.0, 5.0),
    choice(1.5, 5.0),
];

const fn choice(strength: f64, pseudo_videos: f64) -> Prior {
    Prior {
        strength,
        pseudo_videos,
    }
}

/// Parts of the cross-validation.
const PARTS: usize = 5;
/// From so many videos on there is a choice: with fewer, single videos would decide it.
const LEAST_VIDEOS: usize = 100;
/// About so many videos are enough for a choice: a prior speaks of the noise, and not of how many videos there are.
const ENOUGH_VIDEOS: usize = 3000;
/// Steps with the matrix held under the firmest prior, and under each that goes on from the one before; then steps with it free.
const FIRST_HELD_STEPS: usize = 10;
const NEXT_HELD_STEPS: usize = 4;
const FREE_STEPS: usize = 10;

impl Prior {
    /// For models that are not cross-validated, firmer the fewer videos there are: the one by class of a few videos, and the one
    /// with a single share of wrong labels, whose recalibration orders small tables better when held.
    pub(super) fn for_size(videos: usize) -> Self {
        Self {
            strength: 2.0 + 25_000.0 / videos as f64,
            pseudo_videos: 5.0 + 7500.0 / videos as f64,
        }
    }

    /// Of the model by class, by cross-validation on the videos of `table`; `order`: those of each label. The fits take up to
    /// `steps` steps.
    pub(super) fn by_class(table: &ProbabilityTable, order: &[Vec<usize>], steps: usize) -> Self {
        if table.videos() < LEAST_VIDEOS {
            return Self::for_size(table.videos());
        }
        let parts = parts(table.videos(), order);
        let likelihoods: Vec<[f64; CHOICE.len()]> = (0..PARTS)
            .into_par_iter()
            .filter_map(|part| {
                let of = |is_chosen: &dyn Fn(usize) -> bool| {
                    let chosen = parts.iter().map(|own| own.is_some_and(is_chosen));
                    table.subset(&chosen.collect::<Vec<_>>())
                };
                let (learnt, held_out) = (of(&|own| own != part)?, of(&|own| own == part)?);
                Some(held_out_likelihoods(&learnt, &held_out, steps))
            })
            .collect();
        if likelihoods.is_empty() {
            return Self::for_size(table.videos());
        }
        let total = |choice: usize| -> f64 { likelihoods.iter().map(|part| part[choice]).sum() };
        Self::weighed(std::array::from_fn(total))
    }

    /// The geometric mean of the choices, each weighed by the likelihood whose logarithm is given.
    fn weighed(log_likelihoods: [f64; CHOICE.len()]) -> Self {
        let best = log_likelihoods.into_iter().fold(f64::MIN, f64::max);
        let weights = log_likelihoods.map(|likelihood| (likelihood - best).exp());
        let all: f64 = weights.iter().sum();
        let mean = |of: fn(Self) -> f64| {
            let weighed = CHOICE
                .iter()
                .zip(&weights)
                .map(|(prior, weight)| of(*prior) * weight);
            weighed.sum::<f64>() / all
        };
        Self {
            strength: mean(|prior| prior.strength.ln()).exp(),
            pseudo_videos: mean(|prior| prior.pseudo_videos.ln()).exp(),
        }
    }

    /// The logarithm of the density of `weights`, (C + 1) × C, up to a constant.
    pub(super) fn log_of_weights(self, weights: &[f64], classes: usize) -> f64 {
        let inverse_temperature = inverse_temperature(weights, classes);
        let (matrix, bias) = weights.split_at(classes * classes);
        let squares: f64 = matrix.iter().map(|weight| weight * weight).sum();
        let deviation = squares - classes as f64 * inverse_temperature.powi(2);
        let bias: f64 = bias.iter().map(|bias| bias * bias).sum();
        -0.5 * (self.strength * deviation
            + TEMPERATURE_PRECISION * (inverse_temperature - 1.0).powi(2)
            + BIAS_PRECISION * bias)
    }

    /// Adds its gradient by the weights to `gradient`.
    pub(super) fn add_gradient(self, weights: &[f64], classes: usize, gradient: &mut [f64]) {
        let inverse_temperature = inverse_temperature(weights, classes);
        let pull = TEMPERATURE_PRECISION * (inverse_temperature - 1.0) / classes as f64;
        for (place, (gradient, weight)) in gradient.iter_mut().zip(weights).enumerate() {
            *gradient -= if place >= classes * classes {
                BIAS_PRECISION * weight
            } else if place.is_multiple_of(classes + 1) {
                self.strength * (weight - inverse_temperature) + pull
            } else {
                self.strength * weight
            };
        }
    }

    /// The precision of the weights of one feature, of which the last is the constant.
    pub(super) fn precision(self, feature: usize, classes: usize) -> f64 {
        if feature == classes {
            BIAS_PRECISION
        } else {
            self.strength
        }
    }

    fn of_part(self) -> Self {
        let share = 1.0 - 1.0 / PARTS as f64;
        Self {
            strength: self.strength * share,
            pseudo_videos: self.pseudo_videos * share,
        }
    }
}

/// The mean diagonal of `A`.
fn inverse_temperature(weights: &[f64], classes: usize) -> f64 {
    let diagonal = weights[..classes * classes].iter().step_by(classes + 1);
    diagonal.sum::<f64>() / classes as f64
}

/// The log-likelihood of the held-out labels under each of the priors. What is fitted with the matrix held goes on from the fit
/// under a firmer prior.
fn held_out_likelihoods(
    learnt: &ProbabilityTable,
    held_out: &ProbabilityTable,
    steps: usize,
) -> [f64; CHOICE.len()] {
    let all = |table| Group::all(table, &by_label(table));
    let (learnt_from, held_out) = (all(learnt), all(held_out));
    let mut last: Option<NoiseModel> = None;
    CHOICE.map(|prior| {
        let prior = prior.of_part();
        let Start { model, expected } = Start::of(learnt, Structure::ByClass, prior);
        let hill = |is_held| Hill {
            groups: &learnt_from,
            structure: Structure::ByClass,
            prior,
            expected: &expected,
            is_held,
        };
        let (from, held) = match last.take() {
            None => (model, FIRST_HELD_STEPS),
            Some(anchored) => (anchored, NEXT_HELD_STEPS),
        };
        let anchored = hill(true).climb(from, steps.min(held));
        let free = hill(false).climb(anchored.clone(), steps.min(FREE_STEPS));
        last = Some(anchored);
        log_likelihood(&held_out, &free)
    })
}

/// The part that each video belongs to; `None` for one that is not needed. Every part has its share of each label's
/// videos, from the most suspect to the least.
fn parts(videos: usize, order: &[Vec<usize>]) -> Vec<Option<usize>> {
    let every = videos.div_ceil(ENOUGH_VIDEOS);
    let mut parts = vec![None; videos];
    for of_label in order {
        for (place, &video) in of_label.iter().step_by(every).enumerate() {
            parts[video] = Some(place % PARTS);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use rand::RngExt;

    use super::*;
    use crate::seed::Seed;

    #[test]
    fn every_part_has_its_share_of_each_label() {
        let labels: Vec<usize> = (0..7000).map(|video| video % 7 / 3).collect();
        let rows: Vec<[f64; 3]> = (0..7000)
            .map(|video| {
                let p = 0.9 - 0.0001 * f64::from(video);
                [p, 0.95 - p, 0.05]
            })
            .collect();
        let table = ProbabilityTable::new(&labels, &rows, 3).unwrap();
        let parts = parts(7000, &by_label(&table));
        for label in 0..3 {
            let of_label = |part: usize| {
                let own = |video: &usize| labels[*video] == label && parts[*video] == Some(part);
                (0..7000).filter(own).count()
            };
            let counts: Vec<usize> = (0..PARTS).map(of_label).collect();
            let expected = labels.iter().filter(|own| **own == label).count() / 3 / PARTS;
            assert!(
                counts.iter().all(|count| count.abs_diff(expected) <= 1),
                "{counts:?}"
            );
        }
    }

    #[test]
    fn a_calibrated_network_gets_a_firm_one_and_a_timid_one_a_looser_one() {
        // Six classes; some labels turn into any other one. The network knows how likely each class is, and says so, or says
        // its `power`, made to sum to 1.
        let chosen = |power: f64| {
            let mut random = Seed(3).stream("prior", "");
            let (mut labels, mut rows) = (Vec::new(), Vec::new());
            for _ in 0..600 {
                let odds: [f64; 6] =
                    std::array::from_fn(|_| random.random_range(-4.0..4.0_f64).exp());
                let share = |odds: [f64; 6]| odds.map(|own| own / odds.iter().sum::<f64>());
                let mut place = random.random_range(0.0..1.0);
                let truth = share(odds).iter().position(|p| {
                    place -= p;
                    place < 0.0
                });
                let turns = random.random_range(0.0..1.0) < 0.15;
                let onward = usize::from(turns) * random.random_range(1..6);
                labels.push((truth.unwrap_or(5) + onward) % 6);
                rows.push(share(odds.map(|own| own.powf(power))));
            }
            let table = ProbabilityTable::new(&labels, &rows, 6).unwrap();
            Prior::by_class(&table, &by_label(&table), 40)
        };
        let (calibrated, timid) = (chosen(1.0), chosen(0.3));
        assert!(calibrated.strength > 30.0, "{calibrated:?}");
        assert!(timid.strength < calibrated.strength / 2.0, "{timid:?}");
    }

    #[test]
    fn what_is_left_open_is_a_mean_and_what_is_not_a_choice() {
        let even = Prior::weighed([-100.0; CHOICE.len()]);
        let logs: f64 = CHOICE.iter().map(|prior| prior.strength.ln()).sum();
        let mean = logs / CHOICE.len() as f64;
        assert!((even.strength.ln() - mean).abs() < 1e-12, "{even:?}");
        let mut clear = [-1000.0; CHOICE.len()];
        clear[3] = -900.0;
        let chosen = Prior::weighed(clear);
        assert!(
            (chosen.strength - CHOICE[3].strength).abs() < 1e-9,
            "{chosen:?}"
        );
        assert!((chosen.pseudo_videos - CHOICE[3].pseudo_videos).abs() < 1e-9);
    }

    #[test]
    fn few_videos_leave_no_choice() {
        let table = ProbabilityTable::new(&[0, 1], &[[0.9, 0.1], [0.2, 0.8]], 2).unwrap();
        assert_eq!(
            Prior::by_class(&table, &by_label(&table), 40),
            Prior::for_size(2)
        );
    }
}
