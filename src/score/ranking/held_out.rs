//! The part of the order that rests on held-out predictions alone.

use rayon::prelude::*;

use super::RankedVideo;
use super::contradictions::unexplained_share;
use super::evidence::advantage;
use crate::score::ProbabilityTable;
use crate::score::agreement::log_ratio;
use crate::score::noise_model::NoiseModel;
use crate::score::ranks::unit_ranks;
use crate::score::table::largest_except;

/// Three suspicions a video: the noise posterior by the model by class, and self-confidence and log-margin of the networks' own
/// probabilities.
const KINDS: usize = 3;

/// The suspicions of all ranked videos, and what they add up to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct HeldOut {
    doubts: Vec<[f64; KINDS]>,
    weights: [f64; KINDS],
    /// The weighted mean rank of each video, in [0, 1].
    scores: Vec<f64>,
}

impl HeldOut {
    /// Collects the suspicions of `members`, indices into `table`, whose judgement by class is in `videos`. The models are the
    /// one by class that this is from, and the one with a single share of wrong labels; `is_trusted`: whether the former may order
    /// videos at all.
    pub(super) fn new(
        (by_class, uniform): (&NoiseModel, &NoiseModel),
        is_trusted: bool,
        table: &ProbabilityTable,
        videos: &[RankedVideo],
        members: &[usize],
    ) -> Self {
        let (doubts, differences): (Vec<[f64; KINDS]>, Vec<f64>) = members
            .par_iter()
            .map(|&video| {
                let ranked = &videos[video];
                let row = table.row(video);
                let (label, other) = (table.label(video), uniform.clean_probs(row));
                let posterior = ranked.noise_posterior;
                let likelihoods = [
                    by_class.label_probability(&ranked.clean_probs, label),
                    uniform.label_probability(&other, label),
                ];
                (
                    doubts(posterior, row, label),
                    (likelihoods[0] / likelihoods[1]).ln(),
                )
            })
            .unzip();
        let clean = members
            .iter()
            .map(|&video| (table.label(video), &videos[video].clean_probs[..]));
        let unexplained = unexplained_share(clean, table.classes());
        let advantage = advantage(&differences, table.classes());
        let weights = unexplained
            .filter(|_| is_trusted)
            .map_or(shared(0.0), |unexplained| weights(unexplained, advantage));
        let ranks: Vec<Vec<f64>> = (0..KINDS)
            .into_par_iter()
            .map(|kind| {
                let values: Vec<f64> = doubts.iter().map(|doubts| doubts[kind]).collect();
                unit_ranks(&values)
            })
            .collect();
        let mut scores = vec![0.0; doubts.len()];
        for (ranks, weight) in ranks.iter().zip(weights) {
            for (sum, rank) in scores.iter_mut().zip(ranks) {
                *sum += rank * weight;
            }
        }
        Self {
            doubts,
            weights,
            scores,
        }
    }

    /// The weighted mean rank of each member in [0, 1]; with the AUM of each member, the mean of that and of the AUM's rank.
    pub(super) fn noise_scores(&self, area_under_margin: Option<&[f64]>) -> Vec<f64> {
        let Some(margins) = area_under_margin else {
            return self.scores.clone();
        };
        let trained: Vec<f64> = margins.iter().map(|margin| -margin).collect();
        self.scores
            .iter()
            .zip(unit_ranks(&trained))
            .map(|(held_out, trained)| f64::midpoint(*held_out, trained))
            .collect()
    }

    /// The order by these suspicions alone, for looking up where another label would stand; `by_class` is the model
    /// that the suspicions are from.
    pub(super) fn places<'a>(&'a self, by_class: &'a NoiseModel) -> Places<'a> {
        Places {
            by_class,
            weights: self.weights,
            sorted: std::array::from_fn(|kind| {
                ascending(self.doubts.iter().map(|doubts| doubts[kind]))
            }),
            scores: ascending(self.scores.iter().copied()),
        }
    }
}

/// The ranked videos' suspicions in order.
#[derive(Debug)]
pub struct Places<'a> {
    by_class: &'a NoiseModel,
    weights: [f64; KINDS],
    /// Each kind's values, ascending.
    sorted: [Vec<f64>; KINDS],
    /// The mean ranks, ascending.
    scores: Vec<f64>,
}

impl Places<'_> {
    /// The place, from 0, that a video would take among the ranked ones if it bore `label`.
    ///
    /// An out-of-fold prediction does not depend on the video's own label, so that this is what a changed label would
    /// have brought. `clean_probs`: the video's by class, C numbers; `mean_probs`: as the network said, C numbers.
    pub fn of(&self, clean_probs: &[f64], mean_probs: &[f64], label: usize) -> usize {
        let last = self.scores.len().saturating_sub(1).max(1) as f64;
        let posterior = self.by_class.noise_posterior(clean_probs, label);
        let score: f64 = doubts(posterior, mean_probs, label)
            .iter()
            .zip(&self.sorted)
            .zip(self.weights)
            .map(|((doubt, sorted), weight)| {
                let below = sorted.partition_point(|value| value < doubt);
                let up_to = sorted.partition_point(|value| value <= doubt);
                let rank = f64::midpoint(below as f64, up_to.max(below + 1) as f64 - 1.0);
                (rank / last).min(1.0) * weight
            })
            .sum();
        self.scores.len() - self.scores.partition_point(|value| *value <= score)
    }
}

/// Where errors follow the class, as many contradictions as this share are unexplained even if a weak network adds its own; and
/// from how many on nothing else is likely.
const FEW_UNEXPLAINED: f64 = 0.2;
const MANY_UNEXPLAINED: f64 = 0.7;
/// What an advantage of the model by class adds to its weight, per standard deviation, and within which bounds.
const ADVANTAGE_WEIGHT: f64 = 3.5;
const ADVANTAGE_OFFSET: f64 = 0.1;
const ADVANTAGE_BOUNDS: (f64, f64) = (-0.3, 0.4);

/// The weights of the suspicions, summing to 1. `unexplained` in [0, 1]: the share of contradictions by the corrected probabilities
/// that doubt does not explain. `advantage` of the model by class, in standard deviations.
///
/// The noise posterior is the best of all scores where errors follow the class, however few pairs of classes they concentrate on,
/// and the worst where people err on ambiguous material, where the networks' own probabilities do best.
fn weights(unexplained: f64, advantage: f64) -> [f64; KINDS] {
    let (least, most) = ADVANTAGE_BOUNDS;
    let share = (unexplained - FEW_UNEXPLAINED) / (MANY_UNEXPLAINED - FEW_UNEXPLAINED);
    let gain = (ADVANTAGE_WEIGHT * advantage - ADVANTAGE_OFFSET).clamp(least, most);
    shared((share + gain).clamp(0.0, 1.0))
}

/// The noise posterior's weight, and the rest shared by the networks' own scores.
fn shared(class: f64) -> [f64; KINDS] {
    let own = (1.0 - class) / 2.0;
    [class, own, own]
}

/// The suspicions of one video, each high where the label is suspect.
fn doubts(noise_posterior: f64, mean_probs: &[f64], label: usize) -> [f64; KINDS] {
    [
        noise_posterior,
        -mean_probs[label],
        -margin(mean_probs, label),
    ]
}

/// `ln p[label] − ln max_{j≠label} p[j]`, bounded as every log-ratio is.
pub(super) fn margin(probs: &[f64], label: usize) -> f64 {
    log_ratio(probs[label], largest_except(probs, label).1)
}

fn ascending(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_that_follow_the_class_are_the_model_s_to_order() {
        approx::assert_relative_eq!(weights(0.9, 0.03)[0], 1.0);
        approx::assert_relative_eq!(weights(0.1, 0.0)[0], 0.0);
        let [class, own, other] = weights(0.45, 0.0);
        approx::assert_relative_eq!(class, 0.4, epsilon = 1e-12);
        approx::assert_relative_eq!(own, other);
        // No advantage, however large, decides alone.
        approx::assert_relative_eq!(weights(0.2, 9.0)[0], 0.4, epsilon = 1e-12);
    }
}
