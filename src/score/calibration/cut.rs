//! A cut of the ranking, and which one to recommend.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What the numbers of a cut rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// Two assumptions about the noise, one for each end; nobody has looked yet.
    Range,
    /// A judged sample; the ends are those of a 90 % interval.
    Judged,
}

impl Basis {
    /// The word that is written to files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Range => "range",
            Self::Judged => "judged",
        }
    }

    /// The basis that a file's word means, if it is one.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Range, Self::Judged]
            .into_iter()
            .find(|basis| basis.as_str() == name)
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// An estimate with its ends, `low ≤ estimate ≤ high`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The single best number.
    pub estimate: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// The interval around `estimate`, widened where needed to hold it.
    pub fn new(estimate: f64, low: f64, high: f64) -> Self {
        Self {
            estimate,
            low: low.min(estimate),
            high: high.max(estimate),
        }
    }

    /// Upper minus lower end.
    pub fn width(&self) -> f64 {
        self.high - self.low
    }
}

/// Precision and recall when the `flagged` most suspect videos are flagged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cut {
    /// Number of videos flagged, at least 1.
    pub flagged: usize,
    /// Share of the flagged videos that are mislabeled, in [0, 1].
    pub precision: Interval,
    /// Share of the mislabeled videos that are flagged, in [0, 1].
    pub recall: Interval,
    /// What the numbers rest on.
    pub basis: Basis,
}

/// The cuts that a report lists for `videos` ranked videos: every percent, and finer steps at the top and around
/// `near`; ascending.
pub fn listed_cuts(videos: usize, near: usize) -> Vec<usize> {
    let percents = (1..=100).map(|percent| videos * percent / 100);
    let top = [
        1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500,
    ]
    .into_iter();
    let around = (0..=40).map(|step| near * step / 20);
    let mut cuts: Vec<usize> = percents
        .chain(top)
        .chain(around)
        .filter(|&cut| (1..=videos).contains(&cut))
        .collect();
    cuts.push(videos);
    cuts.retain(|&cut| cut > 0);
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

/// The cut to recommend given the error probability of each place: with a target, the most videos that still reach
/// that precision (0 when none does); without, the cut of highest F1. `error_probs`: n numbers in [0, 1], most
/// suspect first.
pub fn recommended_cut(error_probs: &[f64], target_precision: Option<f64>) -> usize {
    let total: f64 = error_probs.iter().sum();
    let (mut found, mut cut, mut best_f1) = (0.0, 0, 0.0);
    for (place, probability) in error_probs.iter().enumerate() {
        found += probability;
        let flagged = place + 1;
        if let Some(target) = target_precision {
            if found / flagged as f64 >= target {
                cut = flagged;
            }
        } else {
            let f1 = 2.0 * found / (flagged as f64 + total);
            if f1 > best_f1 {
                (cut, best_f1) = (flagged, f1);
            }
        }
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_ascend_and_end_with_all() {
        for (videos, near) in [(1, 0), (1, 1), (7, 3), (1000, 100), (40_000, 3000)] {
            let cuts = listed_cuts(videos, near);
            assert!(cuts.windows(2).all(|pair| pair[0] < pair[1]));
            assert_eq!((cuts[0], cuts.last()), (1, Some(&videos)));
        }
        assert!(listed_cuts(0, 0).is_empty());
    }

    #[test]
    fn recommended_cut_by_hand() {
        let probs = [0.9, 0.9, 0.5, 0.1, 0.0];
        assert_eq!(recommended_cut(&probs, Some(0.9)), 2);
        assert_eq!(recommended_cut(&probs, Some(0.75)), 3);
        assert_eq!(recommended_cut(&probs, Some(0.95)), 0);
        // F1: 1.8 · 2 / (2 + 2.4) = 0.82, then 2.3 · 2 / (3 + 2.4) = 0.85, then 2.4 · 2 / (4 + 2.4) = 0.75.
        assert_eq!(recommended_cut(&probs, None), 3);
    }
}
