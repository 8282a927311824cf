//! Before review: how many labels are wrong, and how precise is each cut, under two assumptions of opposite leaning.
//!
//! One end is the sum of noise posteriors: right when errors depend on the true class only, too low when people err
//! on ambiguous videos. The other end counts the videos whose clips' consensus contradicts the label: right when the
//! network is right wherever it contradicts, too high when the network is weak. With a weak network both can be too
//! high.
//!
//! A stated range is wider than both ends: by what either end is off where its assumption nearly holds, and by chance. Where a range
//! of one number rests on two others, recall above all, it takes the worst of both: the assumptions may fail in different places.

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
    /// The stated range of the number of errors, around the middle of both.
    pub errors: Interval,
    /// The listed cuts in ascending order; each estimate is the middle of its range.
    pub cuts: Vec<Cut>,
    /// The middle of both ends at every place, n probabilities: what a judged sample starts from.
    pub middle: Vec<f64>,
    /// The cut to recommend until somebody has looked: target precision by the middle of both ends, or highest F1 where the
    /// posterior weighs more, since every video that a weak network gets wrong is a contradiction; 0 = none.
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
        let weighed: Vec<f64> = noise_posteriors
            .iter()
            .zip(&by_contradiction)
            .map(|(&a, &b)| POSTERIOR_WEIGHT * a + (1.0 - POSTERIOR_WEIGHT) * b)
            .collect();
        let recommended = match target_precision {
            None => recommended_cut(&weighed, None),
            target => recommended_cut(&middle, target),
        };
        let (low, high) = (cumulated(noise_posteriors), cumulated(&by_contradiction));
        let errors = |flagged: usize| stated(low[flagged], high[flagged], flagged);
        let all = errors(videos);
        let cuts = listed_cuts(videos, recommended)
            .into_iter()
            .map(|flagged| {
                let (found, missed) = (errors(flagged), {
                    let (low, high) = (low[videos] - low[flagged], high[videos] - high[flagged]);
                    stated(low, high, videos - flagged)
                });
                let flags = flagged as f64;
                Cut {
                    flagged,
                    precision: Interval::new(
                        found.estimate / flags,
                        found.low / flags,
                        found.high / flags,
                    ),
                    recall: Interval::new(
                        share(found.estimate, missed.estimate),
                        share(found.low, missed.high),
                        share(found.high, missed.low),
                    ),
                    basis: Basis::Range,
                }
            })
            .collect();
        Ok(Self {
            errors_by_posterior: low[videos],
            errors_by_contradiction: high[videos],
            errors: all,
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

/// Weight of the posterior where the cut of highest F1 is looked for; a contradiction has the rest. From 0.75 to 0.85 the cuts of
/// the tables of `docs/benchmarks/ranking.md` were equally good.
const POSTERIOR_WEIGHT: f64 = 0.8;

/// How far both ends may be off where their assumptions nearly hold.
const BELOW: f64 = 0.8;
const ABOVE: f64 = 1.1;
/// Standard deviations of a 90 % interval.
const CHANCE: f64 = 1.645;

/// The range of a number of errors among `videos` that is one of `a` and `b`, or between: a little beyond both, and by what chance
/// adds (Poisson 1837; no fewer than three of none).
fn stated(a: f64, b: f64, videos: usize) -> Interval {
    let (low, high) = (a.min(b), a.max(b));
    let most = videos as f64;
    Interval::new(
        f64::midpoint(a, b),
        (BELOW * low - CHANCE * low.sqrt()).max(0.0),
        (ABOVE * high + CHANCE * high.max(1.0).sqrt()).min(most),
    )
}

/// `found` as a share of itself and `missed`; of no errors at all, every cut finds all.
fn share(found: f64, missed: f64) -> f64 {
    if found + missed > 0.0 {
        found / (found + missed)
    } else {
        1.0
    }
}

/// The same range where the noise model is in doubt: as far again on both sides.
pub fn doubtful(range: Interval, most: f64) -> Interval {
    let Interval {
        estimate,
        low,
        high,
    } = range;
    Interval::new(
        estimate,
        (2.0 * low - estimate).max(0.0),
        (2.0 * high - estimate).min(most),
    )
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
        // Found 1.4 or 2, less and more by chance; at most the two flagged. Missed 0.1 or 1, at most the two others.
        let low = 0.8 * 1.4 - 1.645 * 1.4_f64.sqrt();
        assert!(low < 0.0);
        assert_relative_eq!(cut.precision.low, 0.0);
        assert_relative_eq!(cut.precision.estimate, 0.85);
        assert_relative_eq!(cut.precision.high, 1.0);
        assert_relative_eq!(cut.recall.low, 0.0);
        assert_relative_eq!(cut.recall.estimate, 1.7 / 2.25, epsilon = 1e-12);
        assert_relative_eq!(cut.recall.high, 1.0);
        assert_eq!(cut.basis, Basis::Range);
        assert_eq!(range.recommended, 2);
    }

    #[test]
    fn no_errors_and_bad_input() {
        let range = ErrorRange::state(&[0.0, 0.0], &[false, false], Some(0.8)).unwrap();
        assert_eq!((range.recommended, range.errors_by_posterior), (0, 0.0));
        let all = range.cuts.last().unwrap();
        assert!(all.precision.estimate <= 0.0 && all.recall.estimate >= 1.0);
        // Of two videos none of which is suspect both may still be wrong, by chance.
        assert!(range.errors.low <= 0.0 && range.errors.high > 1.6);
        assert!(ErrorRange::state(&[], &[], None).is_err());
        assert!(ErrorRange::state(&[0.1], &[], None).is_err());
    }

    #[test]
    fn a_range_is_wider_than_its_ends_and_in_doubt_wider_still() {
        let range = stated(400.0, 500.0, 10_000);
        assert_relative_eq!(range.low, 320.0 - 1.645 * 20.0);
        assert_relative_eq!(range.high, 550.0 + 1.645 * 500.0_f64.sqrt());
        let wider = doubtful(range, 600.0);
        assert_relative_eq!(wider.low, 2.0 * range.low - 450.0);
        assert_relative_eq!(wider.high, 600.0);
    }
}
