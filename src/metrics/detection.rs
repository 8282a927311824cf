//! How well a suspicion score, high = suspect, separates wrong labels from right ones.

use super::{MetricsError, check_lengths, check_numbers};
use crate::score::ranks::average_ranks;

/// Area under the receiver operating characteristic, in [0, 1]; ties count half (Mann-Whitney).
///
/// `scores`: n suspicions, `is_error`: n outcomes.
///
/// # Errors
/// Fails on lists of unequal length, scores that are not numbers, and outcomes that are all alike.
pub fn area_under_roc(scores: &[f64], is_error: &[bool]) -> Result<f64, MetricsError> {
    let errors = check_detection(scores, is_error)? as f64;
    let clean = scores.len() as f64 - errors;
    let ranks = average_ranks(scores);
    let rank_sum: f64 = ranks
        .iter()
        .zip(is_error)
        .filter(|&(_, &error)| error)
        .map(|(rank, _)| rank)
        .sum();
    Ok((rank_sum - errors * (errors + 1.0) / 2.0) / (errors * clean))
}

/// Average precision `Σ (R_i − R_{i−1}) P_i` over distinct thresholds, in [0, 1], as scikit-learn's
/// `average_precision_score`.
///
/// # Errors
/// As [`area_under_roc`].
pub fn average_precision(scores: &[f64], is_error: &[bool]) -> Result<f64, MetricsError> {
    let errors = check_detection(scores, is_error)? as f64;
    let mut found_before = 0;
    let mut sum = 0.0;
    for (flagged, found) in thresholds(scores, is_error) {
        sum += (found - found_before) as f64 / errors * found as f64 / flagged as f64;
        found_before = found;
    }
    Ok(sum)
}

/// The highest F1 that any threshold on the score reaches, in [0, 1], with the number of rows it flags.
///
/// # Errors
/// As [`area_under_roc`].
pub fn best_f1(scores: &[f64], is_error: &[bool]) -> Result<(f64, usize), MetricsError> {
    let errors = check_detection(scores, is_error)?;
    let mut best = (0.0, 0);
    for (flagged, found) in thresholds(scores, is_error) {
        let f1 = 2.0 * found as f64 / (flagged + errors) as f64;
        if f1 > best.0 {
            best = (f1, flagged);
        }
    }
    Ok(best)
}

/// Share of errors among the `k` highest scores, in [0, 1]. Where equal scores straddle the cut, each of them counts
/// by its chance of lying above it, so that the order of rows does not matter. `k` beyond n means n.
///
/// # Errors
/// Fails on lists of unequal length, scores that are not numbers, no rows, and `k` = 0.
pub fn precision_at(scores: &[f64], is_error: &[bool], k: usize) -> Result<f64, MetricsError> {
    check_lengths(scores.len(), is_error.len())?;
    check_numbers(scores)?;
    let k = k.min(scores.len());
    if k == 0 {
        return Err(MetricsError::TooFew { needed: 1 });
    }
    let (mut flagged_before, mut found_before) = (0, 0);
    for (flagged, found) in thresholds(scores, is_error) {
        if flagged >= k {
            let share = (k - flagged_before) as f64 / (flagged - flagged_before) as f64;
            return Ok((found_before as f64 + (found - found_before) as f64 * share) / k as f64);
        }
        (flagged_before, found_before) = (flagged, found);
    }
    Err(MetricsError::TooFew { needed: k })
}

/// Outcomes of flagging some rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DetectionCounts {
    /// Errors that were flagged.
    pub true_positives: usize,
    /// Right labels that were flagged.
    pub false_positives: usize,
    /// Errors that were missed.
    pub false_negatives: usize,
    /// Right labels that were left alone.
    pub true_negatives: usize,
}

impl DetectionCounts {
    /// Counts the outcomes of n flags against n outcomes.
    ///
    /// # Errors
    /// Fails on lists of unequal length.
    pub fn count(flagged: &[bool], is_error: &[bool]) -> Result<Self, MetricsError> {
        check_lengths(flagged.len(), is_error.len())?;
        let mut counts = Self::default();
        for (&flag, &error) in flagged.iter().zip(is_error) {
            let cell = match (flag, error) {
                (true, true) => &mut counts.true_positives,
                (true, false) => &mut counts.false_positives,
                (false, true) => &mut counts.false_negatives,
                (false, false) => &mut counts.true_negatives,
            };
            *cell += 1;
        }
        Ok(counts)
    }

    /// Share of flagged rows that are errors, in [0, 1]; 0 when nothing is flagged.
    pub fn precision(&self) -> f64 {
        ratio(
            self.true_positives,
            self.true_positives + self.false_positives,
        )
    }

    /// Share of errors that are flagged, in [0, 1]; 0 when there is no error.
    pub fn recall(&self) -> f64 {
        ratio(
            self.true_positives,
            self.true_positives + self.false_negatives,
        )
    }

    /// Harmonic mean of precision and recall, in [0, 1]; 0 when there is neither flag nor error.
    pub fn f1(&self) -> f64 {
        ratio(
            2 * self.true_positives,
            2 * self.true_positives + self.false_positives + self.false_negatives,
        )
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

/// Number of errors, after checking that detection is defined.
fn check_detection(scores: &[f64], is_error: &[bool]) -> Result<usize, MetricsError> {
    check_lengths(scores.len(), is_error.len())?;
    check_numbers(scores)?;
    let errors = is_error.iter().filter(|&&error| error).count();
    if errors == 0 || errors == scores.len() {
        return Err(MetricsError::SingleOutcome { rows: scores.len() });
    }
    Ok(errors)
}

/// `(rows flagged, errors among them)` at every distinct threshold, from the highest score down.
fn thresholds(scores: &[f64], is_error: &[bool]) -> Vec<(usize, usize)> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let mut steps = Vec::new();
    let mut found = 0;
    for (place, &row) in order.iter().enumerate() {
        found += usize::from(is_error[row]);
        // `>=` holds within a tie, and +0 ties with -0.
        let tied = order
            .get(place + 1)
            .is_some_and(|&next| scores[next] >= scores[row]);
        if !tied {
            steps.push((place + 1, found));
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    const SCORES: [f64; 8] = [0.9, 0.8, 0.8, 0.7, 0.6, 0.5, 0.5, 0.1];
    const IS_ERROR: [bool; 8] = [true, false, true, true, false, true, false, false];

    #[test]
    fn equal_to_scikit_learn() {
        // scikit-learn 1.x: roc_auc_score, average_precision_score on the two lists above.
        assert_relative_eq!(
            area_under_roc(&SCORES, &IS_ERROR).unwrap(),
            0.75,
            epsilon = 1e-12
        );
        assert_relative_eq!(
            average_precision(&SCORES, &IS_ERROR).unwrap(),
            0.747_023_809_523_809_5,
            epsilon = 1e-12
        );
        let (f1, flagged) = best_f1(&SCORES, &IS_ERROR).unwrap();
        assert_eq!((f1, flagged), (0.75, 4));
    }

    #[test]
    fn a_constant_score_knows_nothing() {
        assert_relative_eq!(area_under_roc(&[1.0; 8], &IS_ERROR).unwrap(), 0.5);
        assert_relative_eq!(average_precision(&[1.0; 8], &IS_ERROR).unwrap(), 0.5);
        assert_relative_eq!(precision_at(&[1.0; 8], &IS_ERROR, 3).unwrap(), 0.5);
    }

    #[test]
    fn precision_at_shares_ties() {
        assert_relative_eq!(precision_at(&SCORES, &IS_ERROR, 1).unwrap(), 1.0);
        assert_relative_eq!(precision_at(&SCORES, &IS_ERROR, 2).unwrap(), 0.75);
        assert_relative_eq!(precision_at(&SCORES, &IS_ERROR, 100).unwrap(), 0.5);
        assert!(precision_at(&SCORES, &IS_ERROR, 0).is_err());
    }

    #[test]
    fn undefined_cases_are_errors() {
        assert_eq!(
            area_under_roc(&[0.1, 0.2], &[true, true]),
            Err(MetricsError::SingleOutcome { rows: 2 })
        );
        assert_eq!(
            average_precision(&[f64::NAN, 0.2], &[true, false]),
            Err(MetricsError::NotANumber { row: 0 })
        );
        assert_eq!(
            best_f1(&[0.1], &[true, false]),
            Err(MetricsError::LengthsDiffer {
                found: 2,
                expected: 1
            })
        );
    }

    #[test]
    fn counts_by_hand() {
        let counts = DetectionCounts::count(
            &[true, true, false, false, true],
            &[true, false, true, false, true],
        )
        .unwrap();
        assert_eq!(
            counts,
            DetectionCounts {
                true_positives: 2,
                false_positives: 1,
                false_negatives: 1,
                true_negatives: 1
            }
        );
        assert_relative_eq!(counts.precision(), 2.0 / 3.0);
        assert_relative_eq!(counts.recall(), 2.0 / 3.0);
        assert_relative_eq!(counts.f1(), 2.0 / 3.0);
        let none = DetectionCounts::count(&[false], &[false]).unwrap();
        assert_eq!(
            (none.precision(), none.recall(), none.f1()),
            (0.0, 0.0, 0.0)
        );
    }
}
