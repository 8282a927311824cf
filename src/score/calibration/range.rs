//! Before review: how many labels are wrong, and how precise is each cut, under two assumptions of opposite leaning.
//!
//! One end is the sum of noise posteriors: right when errors depend on the true class only, too low when people err
//! on ambiguous videos. The other end counts the videos whose clips' consensus contradicts the label: right when the
//! network is right wherever it contradicts, too high when the network is weak. With a weak network both can be too
//! high.

use super::cut::{Basis, Cut, Interval, listed_cuts, recommended_cut};
use crate::score::ScoreError;
use crate::score::error::check_length;

/// The range of the number of errors and of every cut.
#[derive(Debug, Clone, PartialEq)]
pub struct ErrorRange {
    /// Number of errors if they depend on the true class only, not on how ambiguous the video is.
    pub errors_by_posterior: f64,
    /// Number of errors if the network is right wherever its clips contradict the label.
    pub errors_by_contradiction: f64,
    /// The listed cuts in ascending order; each estimate is the middle of its range.
    pub cuts: Vec<Cut>,
    /// The middle of both ends at every place, n probabilities: what a judged sample starts from.
    pub middle: Vec<f64>,
    /// The cut to recommend until somebody has looked: target precision or highest F1 by the middle of both ends; 0 =
    /// none.
    pub recommended: usize,
}

impl ErrorRange {
    /// States the range for n ranked videos, most suspect first.
    ///
    /// `noise_posteriors`: n probabilities; `contradicted`: for each video whether its consensus is not its label.
    ///
    /// # Errors
    /// Fails without videos and on lists of unequal length.
    pub fn state(
        noise_posteriors: &[f64],
        contradicted: &[bool],
        target_precision: Option<f64>,
    ) -> Result<Self, ScoreError> {
        let videos = noise_posteriors.len();
        if videos == 0 {
            return Err(ScoreError::Empty);
        }
        check_length("contradicted", contradicted.len(), videos)?;
        let by_contradiction: Vec<f64> = contradicted
            .iter()
            .map(|&other| f64::from(u8::from(other)))
            .collect();
        let middle: Vec<f64> = noise_posteriors
            .iter()
            .zip(&by_contradiction)
            .map(|(&a, &b)| f64::midpoint(a, b))
            .collect();
        let recommended = recommended_cut(&middle, target_precision);
        let (low, high) = (cumulated(noise_posteriors), cumulated(&by_contradiction));
        let cuts = listed_cuts(videos, recommended)
            .into_iter()
            .map(|flagged| Cut {
                flagged,
                precision: between(
                    low[flagged] / flagged as f64,
                    high[flagged] / flagged as f64,
                ),
                recall: between(
                    share(low[flagged], low[videos]),
                    share(high[flagged], high[videos]),
                ),
                basis: Basis::Range,
            })
            .collect();
        Ok(Self {
            errors_by_posterior: low[videos],
            errors_by_contradiction: high[videos],
            cuts,
            middle,
            recommended,
        })
    }
}

/// Sums over the first 0, 1, …, n values.
fn cumulated(values: &[f64]) -> Vec<f64> {
    let mut sum = 0.0;
    std::iter::once(0.0)
        .chain(values.iter().map(|value| {
            sum += value;
            sum
        }))
        .collect()
}

fn between(a: f64, b: f64) -> Interval {
    Interval::new(f64::midpoint(a, b), a.min(b), a.max(b))
}

/// `part / whole`; of no errors at all, every cut finds all.
fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 {
        (part / whole).min(1.0)
    } else {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn both_ends_by_hand() {
        let range =
            ErrorRange::state(&[0.9, 0.5, 0.1, 0.0], &[true, true, false, true], None).unwrap();
        assert_relative_eq!(range.errors_by_posterior, 1.5);
        assert_relative_eq!(range.errors_by_contradiction, 3.0);
        let cut = range.cuts.iter().find(|cut| cut.flagged == 2).unwrap();
        assert_relative_eq!(cut.precision.low, 0.7);
        assert_relative_eq!(cut.precision.high, 1.0);
        assert_relative_eq!(cut.recall.low, 2.0 / 3.0);
        assert_relative_eq!(cut.recall.high, 1.4 / 1.5, epsilon = 1e-12);
        assert_eq!(cut.basis, Basis::Range);
        assert_eq!(range.recommended, 2);
    }

    #[test]
    fn no_errors_and_bad_input() {
        let range = ErrorRange::state(&[0.0, 0.0], &[false, false], Some(0.8)).unwrap();
        assert_eq!((range.recommended, range.errors_by_posterior), (0, 0.0));
        assert!(
            range
                .cuts
                .iter()
                .all(|cut| cut.precision.high <= 0.0 && cut.recall.low >= 1.0)
        );
        assert!(ErrorRange::state(&[], &[], None).is_err());
        assert!(ErrorRange::state(&[0.1], &[], None).is_err());
    }
}
