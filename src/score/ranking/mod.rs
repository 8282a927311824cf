//! The order in which a curator should look at the videos: `noise_score`, 1 = most suspect.
//!
//! Ours, beyond the paper, whose agreement alone has only as many levels as there are clips.

use super::agreement::log_ratio;
use super::confident_learning::ConfidentJoint;
use super::noise_model::{NoiseModel, NoiseModelSettings};
use super::ranks::unit_ranks;
use super::table::{argmax, largest_except};
use super::{ProbabilityTable, ScoreError, Verdict, VideoScore};

/// What the noise model says of one video.
#[derive(Debug, Clone, PartialEq)]
pub struct RankedVideo {
    /// Place in the order, 1 = most suspect.
    pub rank: usize,
    /// Suspicion in [0, 1], 1 = most suspect; `None` for a video that was left out of the order.
    pub noise_score: Option<f64>,
    /// Probability that the label is wrong if errors depend on the class only, in [0, 1].
    pub noise_posterior: f64,
    /// `ln clean_probs[y] − ln max_{j≠y} clean_probs[j]`, within ±27.64; low = suspect.
    pub corrected_log_margin: f64,
    /// Class probabilities with the label noise undone, `[C]`, summing to 1.
    pub clean_probs: Vec<f64>,
}

impl RankedVideo {
    /// The label to offer to a person, with its probability in `clean_probs`.
    ///
    /// For a video whose verdict is [`Verdict::Mislabeled`] the best class other than the label, as the label is
    /// ruled out; for any other the best class, which then mostly confirms the label: no verdict, no change suggested
    /// against the odds.
    pub fn suggestion(&self, label: usize, verdict: Verdict) -> (usize, f64) {
        if verdict == Verdict::Mislabeled {
            largest_except(&self.clean_probs, label)
        } else {
            let class = argmax(&self.clean_probs);
            (class, self.clean_probs[class])
        }
    }
}

/// All videos of a table in order of suspicion.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    /// One entry per video, in the order of the table.
    pub videos: Vec<RankedVideo>,
    /// Indices of videos, most suspect first; those that were left out come last.
    pub order: Vec<usize>,
    /// The noise model behind the scores.
    pub noise_model: NoiseModel,
}

impl Ranking {
    /// Ranks the videos of `table` by the mean of three ranks (ours): those of `noise_posterior`, of
    /// `corrected_log_margin`, and of the self-confidence `mean_probs[y]`.
    ///
    /// The first two rest on an estimated transition matrix and gain where errors follow the class. Self-confidence
    /// does not rest on it, and holds the order where few errors or a weak network leave the matrix uncertain.
    ///
    /// `area_under_margin`: one AUM (Pleiss et al. 2020) per video, where the training was watched; its rank then
    /// counts as much as those three together. It is what the networks that *trained* on a video had to say: on the
    /// demo's faces and on GRID the mean of both finds more planted errors than the held-out scores alone.
    ///
    /// `scorable`: one entry per video, false for one whose clips cannot differ ([`Verdict::Undefined`]): it takes no
    /// part in any estimate, gets no `noise_score`, and is ranked after all others. When none is, the noise model is
    /// estimated from all of them. Equal videos share a score; the first in the table goes first.
    ///
    /// # Errors
    /// Fails when `scorable` has not one entry per video, and on settings out of range.
    pub fn new(
        table: &ProbabilityTable,
        scorable: &[bool],
        area_under_margin: Option<&[f64]>,
        settings: NoiseModelSettings,
    ) -> Result<Self, ScoreError> {
        settings.check()?;
        if let Some(margins) = area_under_margin.filter(|margins| margins.len() != table.videos()) {
            let (found, expected) = (margins.len(), table.videos());
            return Err(ScoreError::LengthsDiffer {
                what: "area_under_margin",
                found,
                expected,
            });
        }
        if scorable.len() != table.videos() {
            let (found, expected) = (scorable.len(), table.videos());
            return Err(ScoreError::LengthsDiffer {
                what: "scorable",
                found,
                expected,
            });
        }
        let kept = table.subset(scorable);
        let basis = kept.as_ref().unwrap_or(table);
        let noise_model = NoiseModel::estimate(basis, &ConfidentJoint::count(basis), settings);
        let mut videos: Vec<RankedVideo> = table
            .rows()
            .map(|(label, row)| unranked(&noise_model, label, row))
            .collect();
        let members: Vec<usize> = (0..table.videos())
            .filter(|&video| scorable[video])
            .collect();
        for (&video, score) in
            members
                .iter()
                .zip(noise_scores(table, &videos, &members, area_under_margin))
        {
            videos[video].noise_score = Some(score);
        }
        let mut order: Vec<usize> = (0..videos.len()).collect();
        order.sort_by(|&a, &b| {
            let key =
                |video: &RankedVideo| (video.noise_score.unwrap_or(-1.0), video.noise_posterior);
            let (a, b) = (key(&videos[a]), key(&videos[b]));
            b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1))
        });
        for (place, &video) in order.iter().enumerate() {
            videos[video].rank = place + 1;
        }
        Ok(Self {
            videos,
            order,
            noise_model,
        })
    }
}

fn unranked(model: &NoiseModel, label: usize, mean_probs: &[f64]) -> RankedVideo {
    let clean_probs = model.clean_probs(mean_probs);
    RankedVideo {
        rank: 0,
        noise_score: None,
        noise_posterior: model.noise_posterior(&clean_probs, label),
        corrected_log_margin: log_ratio(clean_probs[label], largest_except(&clean_probs, label).1),
        clean_probs,
    }
}

/// The mean rank of each member among the members, in [0, 1].
fn noise_scores(
    table: &ProbabilityTable,
    videos: &[RankedVideo],
    members: &[usize],
    area_under_margin: Option<&[f64]>,
) -> Vec<f64> {
    let ranks_of = |suspicion: &dyn Fn(usize) -> f64| -> Vec<f64> {
        unit_ranks(
            &members
                .iter()
                .map(|&video| suspicion(video))
                .collect::<Vec<_>>(),
        )
    };
    let posterior = ranks_of(&|video| videos[video].noise_posterior);
    let margin = ranks_of(&|video| -videos[video].corrected_log_margin);
    let doubt = ranks_of(&|video| -table.row(video)[table.label(video)]);
    let held_out = posterior
        .iter()
        .zip(&margin)
        .zip(&doubt)
        .map(|((a, b), c)| (a + b + c) / 3.0);
    match area_under_margin {
        None => held_out.collect(),
        Some(margins) => held_out
            .zip(ranks_of(&|video| -margins[video]))
            .map(|(held_out, trained)| f64::midpoint(held_out, trained))
            .collect(),
    }
}

/// The paper's own order for comparison, as suspicions in [0, 1], 1 = most suspect: signed agreement, ties broken by
/// log-margin.
pub fn signed_agreement_order(scores: &[VideoScore]) -> Vec<f64> {
    let signed = unit_ranks(
        &scores
            .iter()
            .map(VideoScore::signed_agreement)
            .collect::<Vec<_>>(),
    );
    let margins = unit_ranks(
        &scores
            .iter()
            .map(|score| -score.log_margin)
            .collect::<Vec<_>>(),
    );
    // Neighbouring levels of the first rank lie at least half a step of 1/(n−1) apart, so this weight only breaks
    // ties.
    let tie_weight = 0.25 / scores.len().max(1) as f64;
    let combined: Vec<f64> = signed
        .iter()
        .zip(&margins)
        .map(|(rank, tie)| rank + tie_weight * tie)
        .collect();
    unit_ranks(&combined)
}

#[cfg(test)]
mod tests;
