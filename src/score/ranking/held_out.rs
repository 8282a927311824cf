//! The part of the order that rests on held-out predictions alone.

use rayon::prelude::*;

use super::RankedVideo;
use super::contradictions::unexplained_share;
use super::evidence::advantage;
use crate::score::ProbabilityTable;
use crate::score::agreement::log_ratio;
use crate::score::noise_model::NoiseModel;
use crate::score::ranks::unit_ranks;
use crate::score::table::{largest_except, off_class};

/// Six suspicions a video: noise posterior and margin by the model by class, odds and margin by the uniform one,
/// self-confidence and log-margin of the networks' own probabilities.
const KINDS: usize = 6;

/// The suspicions of all ranked videos, and what they add up to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct HeldOut {
    uniform: NoiseModel,
    doubts: Vec<[f64; KINDS]>,
    weights: [f64; KINDS],
    /// The weighted mean rank of each video, in [0, 1].
    scores: Vec<f64>,
}

impl HeldOut {
    /// Collects the suspicions of `members`, indices into `table`, whose judgement by class is in `videos`. The models are the
    /// one by class that this is from, and the one with a single share of wrong labels.
    pub(super) fn new(
        (by_class, uniform): (&NoiseModel, NoiseModel),
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
                    doubts(posterior, &ranked.clean_probs, &other, row, label),
                    (likelihoods[0] / likelihoods[1]).ln(),
                )
            })
            .unzip();
        let weights = weights(
            unexplained_share(table, members),
            advantage(&differences, table.classes()),
        );
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
            uniform,
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
            uniform: &self.uniform,
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
    uniform: &'a NoiseModel,
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
        let other = self.uniform.clean_probs(mean_probs);
        let last = self.scores.len().saturating_sub(1).max(1) as f64;
        let posterior = self.by_class.noise_posterior(clean_probs, label);
        let score: f64 = doubts(posterior, clean_probs, &other, mean_probs, label)
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

/// An advantage of the model by class, in nats a video, that takes the uniform model's weight to 1/e of what it was. Half of it
/// or a quarter orders made-up tables as well (mean AP within 0.002).
const CLEAR_ADVANTAGE: f64 = 0.02;

/// The weights of the suspicions, summing to 1: half for the uniform model, less by how much better the model by class
/// explains the labels, and the rest shared by that and the networks' own probabilities. `unexplained` in [0, 1]: the share
/// of contradictions that doubt does not explain; its odds are squared, as the errors of the networks themselves pull it
/// towards the middle. `advantage` of the model by class: nats a video, at least 0.
///
/// A uniform model is wrong about labels that are mistaken for each other by rule, and recalibrates to make up for it, until it
/// takes the mistaken label for the picture's.
fn weights(unexplained: f64, advantage: f64) -> [f64; KINDS] {
    let uniform = (-advantage / CLEAR_ADVANTAGE).exp() / 4.0;
    let (follows, rest) = (unexplained.powi(2), (1.0 - unexplained).powi(2));
    let class = follows / (follows + rest) * (0.5 - uniform);
    let own = 0.5 - uniform - class;
    [class, class, uniform, uniform, own, own]
}

/// The suspicions of one video, each high where the label is suspect: its noise posterior, then what three sets of its
/// probabilities say.
fn doubts(
    noise_posterior: f64,
    by_class: &[f64],
    uniform: &[f64],
    mean_probs: &[f64],
    label: usize,
) -> [f64; KINDS] {
    [
        noise_posterior,
        -margin(by_class, label),
        -log_odds(uniform, label),
        -margin(uniform, label),
        -mean_probs[label],
        -margin(mean_probs, label),
    ]
}

/// `ln p[label] − ln max_{j≠label} p[j]`, bounded as every log-ratio is.
pub(super) fn margin(probs: &[f64], label: usize) -> f64 {
    log_ratio(probs[label], largest_except(probs, label).1)
}

/// `ln p[label] − ln Σ_{j≠label} p[j]`, bounded as every log-ratio is.
fn log_odds(probs: &[f64], label: usize) -> f64 {
    let others = off_class(probs, label).map(|(_, p)| p).sum();
    log_ratio(probs[label], others)
}

fn ascending(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}
