//! The part of the order that rests on held-out predictions alone.

use super::RankedVideo;
use crate::score::ProbabilityTable;
use crate::score::agreement::log_ratio;
use crate::score::noise_model::NoiseModel;
use crate::score::ranks::unit_ranks;
use crate::score::table::largest_except;

/// Four suspicions a video: odds and margin by the model by class, then by the uniform one.
const KINDS: usize = 4;

/// The suspicions of all ranked videos, and what they add up to.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldOut {
    uniform: NoiseModel,
    doubts: Vec<[f64; KINDS]>,
    /// The mean rank of each video, in [0, 1].
    scores: Vec<f64>,
}

impl HeldOut {
    /// Collects the suspicions of `members`, indices into `table`, whose clean probabilities by class are in `videos`.
    pub(super) fn new(
        uniform: NoiseModel,
        table: &ProbabilityTable,
        videos: &[RankedVideo],
        members: &[usize],
    ) -> Self {
        let doubts: Vec<[f64; KINDS]> = members
            .iter()
            .map(|&video| {
                let label = table.label(video);
                let other = uniform.clean_probs(table.row(video));
                doubts(&videos[video].clean_probs, &other, label)
            })
            .collect();
        let mut scores = vec![0.0; doubts.len()];
        for kind in 0..KINDS {
            let values: Vec<f64> = doubts.iter().map(|doubts| doubts[kind]).collect();
            for (sum, rank) in scores.iter_mut().zip(unit_ranks(&values)) {
                *sum += rank / KINDS as f64;
            }
        }
        Self {
            uniform,
            doubts,
            scores,
        }
    }

    /// The mean rank of each member in [0, 1]; with the AUM of each member, the mean of that and of the AUM's rank.
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

    /// The order by these suspicions alone, for looking up where another label would stand.
    pub fn places(&self) -> Places<'_> {
        Places {
            uniform: &self.uniform,
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
    uniform: &'a NoiseModel,
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
        let score: f64 = doubts(clean_probs, &other, label)
            .iter()
            .zip(&self.sorted)
            .map(|(doubt, sorted)| {
                let below = sorted.partition_point(|value| value < doubt);
                let up_to = sorted.partition_point(|value| value <= doubt);
                let rank = f64::midpoint(below as f64, up_to.max(below + 1) as f64 - 1.0);
                (rank / last).min(1.0) / KINDS as f64
            })
            .sum();
        self.scores.len() - self.scores.partition_point(|value| *value <= score)
    }
}

/// Odds and margin under two sets of clean probabilities, each high where the label is suspect.
fn doubts(by_class: &[f64], uniform: &[f64], label: usize) -> [f64; KINDS] {
    [
        -log_odds(by_class, label),
        -margin(by_class, label),
        -log_odds(uniform, label),
        -margin(uniform, label),
    ]
}

/// `ln p[label] − ln max_{j≠label} p[j]`, bounded as every log-ratio is.
pub(super) fn margin(probs: &[f64], label: usize) -> f64 {
    log_ratio(probs[label], largest_except(probs, label).1)
}

/// `ln p[label] − ln Σ_{j≠label} p[j]`, bounded as every log-ratio is.
fn log_odds(probs: &[f64], label: usize) -> f64 {
    let others = probs
        .iter()
        .enumerate()
        .filter(|&(class, _)| class != label)
        .map(|(_, p)| p)
        .sum();
    log_ratio(probs[label], others)
}

fn ascending(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}
