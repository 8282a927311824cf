//! What the order of the videos promises: how many labels are wrong, and how precise and complete each cut is.

use crate::rows::run::{ConfusedPair, DoubtCard, PromiseCard};
use crate::score::calibration::cut::recommended_cut;
use crate::score::calibration::range::{ErrorRange, doubtful};
pub use crate::score::calibration::sample::FEWEST_JUDGED;
use crate::score::calibration::sample::{inclusion_probabilities, next_places};
use crate::score::calibration::threshold::{JudgedAgreement, agreement_threshold};
use crate::score::calibration::{Basis, Calibration, Cut, Interval, JudgedVideo, SelfTest};
use crate::score::classes::{ClassReport, TransitionCount};
use crate::score::noise_model::ModelDoubt;
use crate::score::skill::Skill;
use crate::score::{ScoreError, VerdictSettings};
use crate::seed::Seed;

/// Pairs of classes that a card names.
const CONFUSED_PAIRS: usize = 5;

/// What is believed of a label that nobody can judge, until people do.
pub const UNKNOWN: f64 = 0.5;

/// A video in order of rank, as far as the promise needs it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranked {
    /// Probability that the label is wrong if errors depend on the class only, in [0, 1].
    pub noise_posterior: f64,
    /// Share of clips that vote for the consensus, in [1/C, 1].
    pub agreement: f64,
    /// Whether the consensus is not the label.
    pub contradicts: bool,
    /// Whether people judged the label wrong; nothing where nobody judged.
    pub is_error: Option<bool>,
}

/// What the order promises.
#[derive(Debug, Clone, PartialEq)]
pub struct Promise {
    /// What it rests on.
    pub basis: Basis,
    /// Number of judged videos.
    pub judged: usize,
    /// Number of wrong labels among the ranked videos: a range between two assumptions, or a 90 % interval.
    pub errors: Interval,
    /// The cut to recommend: a number of videos from the top; 0 where none reaches the target precision.
    pub recommended: usize,
    /// The listed cuts, ascending.
    pub cuts: Vec<Cut>,
    /// The agreement threshold that the sample supports, where one was judged and holds an error.
    pub agreement_threshold: Option<f64>,
    /// Probability by place that the label is wrong, where a sample was judged.
    pub error_probs: Option<Vec<f64>>,
    /// What came of labels that were changed on purpose, where that was asked for.
    pub self_test: Option<SelfTest>,
    /// What is doubtful about the noise model by class.
    pub doubt: Option<ModelDoubt>,
}

/// The places to judge next of a blind sample of `asked` videos; nothing once it is whole. `taken`: the places that were
/// served already, whose judgements are in `ranked`.
///
/// It does not depend on the settings, so that a sample stays one sample while the target precision changes.
///
/// # Errors
///
/// If there is no video.
pub fn next_to_judge(
    ranked: &[Ranked],
    taken: &[usize],
    asked: usize,
    seed: Seed,
) -> Result<Vec<usize>, ScoreError> {
    let range = range(ranked, None)?;
    let believed = (&range.middle[..], range.recommended);
    next_places(believed, &judged(ranked), taken, asked, seed)
}

/// The judged ones among the videos.
fn judged(ranked: &[Ranked]) -> Vec<JudgedVideo> {
    (0..)
        .zip(ranked)
        .filter_map(|(place, video)| {
            let is_error = video.is_error?;
            Some(JudgedVideo { place, is_error })
        })
        .collect()
}

fn range(ranked: &[Ranked], target: Option<f64>) -> Result<ErrorRange, ScoreError> {
    let posteriors: Vec<f64> = ranked.iter().map(|video| video.noise_posterior).collect();
    let contradicted: Vec<bool> = ranked.iter().map(|video| video.contradicts).collect();
    ErrorRange::state(&posteriors, &contradicted, target)
}

impl Promise {
    /// States the promise of an order, most suspect first.
    ///
    /// # Errors
    ///
    /// If there is no video.
    pub fn state(
        ranked: &[Ranked],
        settings: &VerdictSettings,
        seed: Seed,
    ) -> Result<Self, ScoreError> {
        let target = settings.target();
        let range = range(ranked, target)?;
        let judged = judged(ranked);
        if judged.len() < FEWEST_JUDGED {
            return Ok(Self {
                basis: Basis::Range,
                judged: judged.len(),
                errors: range.errors,
                recommended: range.recommended,
                cuts: range.cuts,
                agreement_threshold: None,
                error_probs: None,
                self_test: None,
                doubt: None,
            });
        }
        let calibration = Calibration::estimate(&range.middle, &judged, target, seed)?;
        let places: Vec<usize> = judged.iter().map(|video| video.place).collect();
        // The first part of the sample was drawn around one cut, the last near another.
        let first = self::range(ranked, None)?.recommended;
        let last = recommended_cut(&calibration.error_probs, None);
        let inclusion = inclusion_probabilities(ranked.len(), &[first, last], &places);
        let agreements: Vec<JudgedAgreement> = judged
            .iter()
            .zip(inclusion)
            .map(|(video, inclusion_probability)| JudgedAgreement {
                agreement: ranked[video.place].agreement,
                contradicts: ranked[video.place].contradicts,
                is_error: video.is_error,
                inclusion_probability,
            })
            .collect();
        Ok(Self {
            basis: Basis::Judged,
            judged: judged.len(),
            errors: calibration.errors,
            recommended: calibration.recommended,
            cuts: calibration.cuts,
            agreement_threshold: agreement_threshold(&agreements, target),
            error_probs: Some(calibration.error_probs),
            self_test: None,
            doubt: None,
        })
    }

    /// The same range as far as the networks' word counts: [`Skill::widen`] of the number of errors and of all cuts.
    #[must_use]
    pub fn widened(mut self, skill: &Skill) -> Self {
        let videos = self.cuts.last().map_or(0, |cut| cut.flagged);
        self.errors = skill.widen(self.errors, videos as f64);
        for cut in &mut self.cuts {
            cut.precision = skill.widen(cut.precision, 1.0);
            cut.recall = skill.widen(cut.recall, 1.0);
        }
        self
    }

    /// The same where the noise model is in doubt: every range that rests on it is wider.
    #[must_use]
    pub fn in_doubt(mut self, doubt: Option<ModelDoubt>, videos: usize) -> Self {
        self.doubt = doubt;
        if doubt.is_some() && self.basis == Basis::Range {
            self.errors = doubtful(self.errors, videos as f64);
            for cut in &mut self.cuts {
                cut.precision = doubtful(cut.precision, 1.0);
                cut.recall = doubtful(cut.recall, 1.0);
            }
        }
        self
    }

    /// The promise as a run's card keeps it, with the class pairs that are confused most.
    pub fn card(&self, classes: Option<&ClassReport>, labels: &[String]) -> PromiseCard {
        let cut = self.recommended_cut();
        let mut pairs: Vec<&TransitionCount> = classes
            .into_iter()
            .flat_map(|report| &report.transitions)
            .filter(|pair| pair.given != pair.estimated && pair.count >= 1.0)
            .collect();
        pairs.sort_by(|a, b| b.count.total_cmp(&a.count));
        PromiseCard {
            basis: self.basis,
            judged: self.judged,
            errors: self.errors,
            recommended: self.recommended,
            precision: cut.map(|cut| cut.precision),
            recall: cut.map(|cut| cut.recall),
            agreement_threshold: self.agreement_threshold,
            self_test: self.self_test,
            confused: pairs
                .into_iter()
                .take(CONFUSED_PAIRS)
                .map(|pair| ConfusedPair {
                    given: labels[pair.given].clone(),
                    estimated: labels[pair.estimated].clone(),
                    count: pair.count,
                })
                .collect(),
            doubt: self.doubt.map(|doubt| DoubtCard {
                kind: doubt.as_str().to_owned(),
                sentence: doubt.sentence(labels),
            }),
        }
    }

    /// The row of the recommended cut, if any cut reaches the target.
    pub fn recommended_cut(&self) -> Option<&Cut> {
        self.cuts.iter().find(|cut| cut.flagged == self.recommended)
    }
}
