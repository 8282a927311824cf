//! The label set in review: how many labels of each class are wrong, and what they should have been.
//!
//! Estimates come from the noise model's posteriors, or from the judged error probabilities where a sample was
//! judged. Videos that were left out of the ranking (undefined, unreadable) are counted, and estimated nothing about.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::calibration::Interval;
use super::error::check_length;
use super::ranking::Ranking;
use super::table::off_class;
use super::{ProbabilityTable, ScoreError};

/// The z of a 90 % interval.
const INTERVAL_Z: f64 = 1.645;
/// Fewer ranked videos than this say too little about a class.
const FEWEST_VIDEOS: usize = 20;
/// Up to this share mislabeled a class is good, up to the next it is fair.
const GOOD_UP_TO: f64 = 0.05;
const FAIR_UP_TO: f64 = 0.15;

/// The state of a class in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassHealth {
    /// At most 5 % of the labels are estimated to be wrong.
    Good,
    /// At most 15 %.
    Fair,
    /// More than 15 %.
    Poor,
    /// Fewer than 20 videos could be ranked: too few for a word.
    TooFew,
}

impl ClassHealth {
    /// The word that is written to files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Fair => "fair",
            Self::Poor => "poor",
            Self::TooFew => "too_few",
        }
    }

    fn of(videos: usize, share_mislabeled: f64) -> Self {
        if videos < FEWEST_VIDEOS {
            Self::TooFew
        } else if share_mislabeled <= GOOD_UP_TO {
            Self::Good
        } else if share_mislabeled <= FAIR_UP_TO {
            Self::Fair
        } else {
            Self::Poor
        }
    }
}

impl fmt::Display for ClassHealth {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// One class of the label set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassSummary {
    /// The class.
    pub class: usize,
    /// Number of videos that carry its label.
    pub given: usize,
    /// Number of those that were ranked.
    pub ranked: usize,
    /// Estimated number of ranked videos that truly are of this class, whatever their label.
    pub estimated_true: f64,
    /// Estimated share of its ranked labels that are wrong, in [0, 1].
    pub share_mislabeled: Interval,
    /// The class that its wrong labels most often should have been, if any is wrong.
    pub confused_with: Option<usize>,
    /// The state in one word.
    pub health: ClassHealth,
}

/// Ranked videos of one given label that are estimated to be of one true class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TransitionCount {
    /// Given label.
    pub given: usize,
    /// Estimated true class.
    pub estimated: usize,
    /// Expected number of videos, at least 0.
    pub count: f64,
    /// `count` as a share of the ranked videos with that label, in [0, 1]; 0 when there are none.
    pub share: f64,
}

/// Classes and transitions of one ranking.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassReport {
    /// One entry per class, in the order of the label set.
    pub classes: Vec<ClassSummary>,
    /// All C × C pairs, by given label and then by estimated class.
    pub transitions: Vec<TransitionCount>,
}

impl ClassReport {
    /// Summarises the ranked videos of `table`.
    ///
    /// `contradicted`: n flags, whether a video's consensus is not its label. `error_probs`: the probability that
    /// each video is mislabeled, n numbers, from a judged sample; the noise posteriors stand in before anyone
    /// has judged.
    ///
    /// The interval spans the estimate and, before anyone has judged, the share of contradicted labels, each widened
    /// by its 90 % Wilson score interval (Wilson 1927).
    ///
    /// # Errors
    /// Fails on lists that do not fit the table.
    pub fn summarise(
        table: &ProbabilityTable,
        ranking: &Ranking,
        contradicted: &[bool],
        error_probs: Option<&[f64]>,
    ) -> Result<Self, ScoreError> {
        check_length("ranking", ranking.videos.len(), table.videos())?;
        let ranked = ranking.scored();
        check_length("contradicted", contradicted.len(), table.videos())?;
        check_length(
            "error_probs",
            error_probs.map_or(table.videos(), <[f64]>::len),
            table.videos(),
        )?;
        let classes = table.classes();
        let mut counts = vec![vec![0.0; classes]; classes];
        let (mut members, mut contradictions) = (vec![0_usize; classes], vec![0_usize; classes]);
        for &video in ranked {
            let label = table.label(video);
            members[label] += 1;
            contradictions[label] += usize::from(contradicted[video]);
            let judged = error_probs.map(|probs| probs[video]);
            for (count, p) in counts[label]
                .iter_mut()
                .zip(true_class(ranking, video, label, judged))
            {
                *count += p;
            }
        }
        let transitions = counts.iter().enumerate().flat_map(|(given, row)| {
            let total = members[given] as f64;
            row.iter().enumerate().map(move |(estimated, &count)| {
                let share = if total > 0.0 { count / total } else { 0.0 };
                TransitionCount {
                    given,
                    estimated,
                    count,
                    share,
                }
            })
        });
        let given_counts = table.label_counts();
        let summaries = (0..classes).map(|class| {
            let wrong: f64 = off_class(&counts[class], class)
                .map(|(_, count)| count)
                .sum();
            let contradictions = error_probs
                .is_none()
                .then_some(contradictions[class] as f64);
            let share_mislabeled = share_interval(wrong, contradictions, members[class] as f64);
            ClassSummary {
                class,
                given: given_counts[class],
                ranked: members[class],
                estimated_true: counts.iter().map(|row| row[class]).sum(),
                share_mislabeled,
                confused_with: off_class(&counts[class], class)
                    .filter(|&(_, count)| count > 0.0)
                    .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
                    .map(|(other, _)| other),
                health: ClassHealth::of(members[class], share_mislabeled.estimate),
            }
        });
        Ok(Self {
            classes: summaries.collect(),
            transitions: transitions.collect(),
        })
    }
}

/// `P(true = · | video, label)`; with a judged error probability, that much lies on the other classes.
fn true_class(ranking: &Ranking, video: usize, label: usize, judged: Option<f64>) -> Vec<f64> {
    let mut posterior = ranking.videos[video].true_class_probs.clone();
    if let Some(error_prob) = judged {
        let others: f64 = off_class(&posterior, label).map(|(_, p)| p).sum();
        let even = error_prob / (posterior.len() - 1) as f64;
        for (class, p) in posterior.iter_mut().enumerate() {
            *p = match (class == label, others > 0.0) {
                (true, _) => 1.0 - error_prob,
                (false, true) => *p * error_prob / others,
                (false, false) => even,
            };
        }
    }
    posterior
}

/// The share `wrong / total` with its interval; the whole range when there is nothing to count.
fn share_interval(wrong: f64, contradictions: Option<f64>, total: f64) -> Interval {
    if total <= 0.0 {
        return Interval::new(0.0, 0.0, 1.0);
    }
    let (low, high) = wilson(wrong / total, total);
    let (other_low, other_high) =
        contradictions.map_or((low, high), |count| wilson(count / total, total));
    Interval::new(wrong / total, low.min(other_low), high.max(other_high))
}

/// The Wilson score interval of a share of `total`.
fn wilson(share: f64, total: f64) -> (f64, f64) {
    let z2 = INTERVAL_Z.powi(2) / total;
    let centre = (share + z2 / 2.0) / (1.0 + z2);
    let half = (share * (1.0 - share) * z2 + z2.powi(2) / 4.0)
        .max(0.0)
        .sqrt()
        / (1.0 + z2);
    (
        (centre - half).clamp(0.0, 1.0),
        (centre + half).clamp(0.0, 1.0),
    )
}

#[cfg(test)]
mod tests;
