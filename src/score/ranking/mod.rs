//! The order in which a curator should look at the videos: `noise_score`, 1 = most suspect.
//!
//! Ours, beyond the paper, whose agreement alone has only as many levels as there are clips.

mod contradictions;
mod evidence;
mod held_out;
mod votes;

use rayon::prelude::*;

pub use self::held_out::Places;
use self::held_out::{HeldOut, margin};
use super::error::check_length;
use super::noise_model::{
    Fitting, ModelDoubt, NoiseModel, NoiseModelSettings, Structure, wrong_label,
};
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
    /// Probability that the label is wrong if errors depend on the class only, in [0, 1]; by [`Ranking::noise_model`].
    pub noise_posterior: f64,
    /// Probability of each class to be the true one, now that the label is seen, by the same model; `[C]`, summing to 1.
    pub true_class_probs: Vec<f64>,
    /// `ln clean_probs[y] − ln max_{j≠y} clean_probs[j]`, within ±27.64; low = suspect.
    pub corrected_log_margin: f64,
    /// Class probabilities with the label noise undone, `[C]`, summing to 1; where votes were joined, `true_class_probs`.
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
    /// The noise model by class.
    pub noise_model: NoiseModel,
    /// What is doubtful about it, if anything; it orders no video where that is grave.
    pub doubt: Option<ModelDoubt>,
    /// What the order was made of, apart from the training.
    held_out: HeldOut,
}

impl Ranking {
    /// Ranks the videos of `table` by a weighted mean of three ranks (ours): the noise posterior by the model by class, and
    /// self-confidence and log-margin of the networks' own probabilities.
    ///
    /// The noise posterior is the best of all scores when errors depend on the class only, and the worst when people
    /// err on ambiguous material, where the networks' own probabilities do best. Which it is, the predictions tell: the
    /// share of contradictions that doubt does not explain, and how much better the model by class explains the labels than one
    /// with a single share of wrong labels. A model in which classes seem exchanged has no part in the order.
    ///
    /// `area_under_margin`: one AUM (Pleiss et al. 2020) per video, where the training was watched; its rank then
    /// counts as much as those three together. It is what the networks that *trained* on a video had to say: on the
    /// demo's faces and on GRID the mean of both finds more planted errors than the held-out scores alone.
    ///
    /// `scorable`: one entry per video, false for one whose clips cannot differ ([`Verdict::Undefined`]): it takes no
    /// part in any estimate, gets no `noise_score`, and is ranked after all others. When none is, the noise models are
    /// fitted to all of them. Equal videos share a score; the first in the table goes first.
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
        if let Some(margins) = area_under_margin {
            check_length("area_under_margin", margins.len(), table.videos())?;
        }
        check_length("scorable", scorable.len(), table.videos())?;
        let kept = table.subset(scorable);
        let basis = kept.as_ref().unwrap_or(table);
        let fitting = Fitting::new(basis);
        let (noise_model, uniform) = rayon::join(
            || fitting.fit(Structure::ByClass, settings),
            || fitting.fit(Structure::Uniform, settings),
        );
        let mut videos: Vec<RankedVideo> = (0..table.videos())
            .into_par_iter()
            .map(|video| {
                let (label, mean_probs) = (table.label(video), table.row(video));
                unranked(&noise_model, label, mean_probs)
            })
            .collect();
        let members: Vec<usize> = (0..table.videos())
            .filter(|&video| scorable[video])
            .collect();
        let doubt = noise_model.doubt(basis);
        let is_trusted = !doubt.is_some_and(ModelDoubt::is_grave);
        let models = (&noise_model, &uniform);
        let held_out = HeldOut::new(models, is_trusted, table, &videos, &members);
        let margins: Option<Vec<f64>> =
            area_under_margin.map(|all| members.iter().map(|&video| all[video]).collect());
        for (&video, score) in members
            .iter()
            .zip(held_out.noise_scores(margins.as_deref()))
        {
            videos[video].noise_score = Some(score);
        }
        let order = by_suspicion(&mut videos);
        Ok(Self {
            videos,
            order,
            noise_model,
            doubt,
            held_out,
        })
    }

    /// The order by held-out predictions alone, for looking up where another label would stand.
    pub fn places(&self) -> Places<'_> {
        self.held_out.places(&self.noise_model)
    }

    /// Indices of the videos that have a `noise_score`, most suspect first.
    pub fn scored(&self) -> &[usize] {
        let scored = self
            .order
            .partition_point(|&video| self.videos[video].noise_score.is_some());
        &self.order[..scored]
    }
}

/// Indices of the videos, most suspect first; each is told its place.
fn by_suspicion(videos: &mut [RankedVideo]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..videos.len()).collect();
    order.par_sort_by(|&a, &b| {
        let key = |video: &RankedVideo| (video.noise_score.unwrap_or(-1.0), video.noise_posterior);
        let (a, b) = (key(&videos[a]), key(&videos[b]));
        b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1))
    });
    for (place, &video) in order.iter().enumerate() {
        videos[video].rank = place + 1;
    }
    order
}

fn unranked(model: &NoiseModel, label: usize, mean_probs: &[f64]) -> RankedVideo {
    let clean_probs = model.clean_probs(mean_probs);
    let true_class_probs = model.true_class_posterior(&clean_probs, label);
    RankedVideo {
        rank: 0,
        noise_score: None,
        noise_posterior: wrong_label(&true_class_probs, label),
        true_class_probs,
        corrected_log_margin: margin(&clean_probs, label),
        clean_probs,
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
