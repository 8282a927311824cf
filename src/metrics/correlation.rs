//! How alike two orders of the same videos are.

use super::{MetricsError, check_lengths, check_numbers};
use crate::score::ranks::average_ranks;

/// Spearman's rank correlation of n pairs, in [−1, 1]; ties share their mean rank.
///
/// # Errors
/// Fails on lists of unequal length, fewer than 2 pairs, values that are not numbers, and constant lists.
pub fn spearman(a: &[f64], b: &[f64]) -> Result<f64, MetricsError> {
    check_lengths(a.len(), b.len())?;
    if a.len() < 2 {
        return Err(MetricsError::TooFew { needed: 2 });
    }
    check_numbers(a)?;
    check_numbers(b)?;
    let mean = f64::midpoint(a.len() as f64, 1.0);
    let (mut covariance, mut variance_a, mut variance_b) = (0.0, 0.0, 0.0);
    for (rank_a, rank_b) in average_ranks(a).into_iter().zip(average_ranks(b)) {
        covariance += (rank_a - mean) * (rank_b - mean);
        variance_a += (rank_a - mean).powi(2);
        variance_b += (rank_b - mean).powi(2);
    }
    if variance_a <= 0.0 || variance_b <= 0.0 {
        return Err(MetricsError::Constant { rows: a.len() });
    }
    Ok((covariance / (variance_a * variance_b).sqrt()).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn equal_to_scipy() {
        // scipy.stats.spearmanr([1, 2, 2, 4, 5], [2, 1, 4, 4, 9])
        let value = spearman(&[1.0, 2.0, 2.0, 4.0, 5.0], &[2.0, 1.0, 4.0, 4.0, 9.0]).unwrap();
        assert_relative_eq!(value, 0.763_157_894_736_842_1, epsilon = 1e-12);
    }

    #[test]
    fn extremes() {
        assert_relative_eq!(
            spearman(&[1.0, 2.0, 3.0], &[10.0, 20.0, 99.0]).unwrap(),
            1.0
        );
        assert_relative_eq!(spearman(&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0]).unwrap(), -1.0);
        assert_eq!(
            spearman(&[1.0, 1.0], &[3.0, 2.0]),
            Err(MetricsError::Constant { rows: 2 })
        );
        assert!(spearman(&[1.0], &[3.0]).is_err());
    }
}
