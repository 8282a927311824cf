//! Transition matrices `P(given | true)`, C × C, row by row: where a fit starts from, and the best one for given counts.
//!
//! A matrix can be known at all only if right labels are the most frequent ones of every true class: else two classes could be
//! exchanged in the matrix and in the recalibration, and nothing would tell (Patrini et al. 2017; Li et al. 2021). So no matrix
//! of a fit leaves that: `T[k][k] ≥ T[k][j]`.

use super::NoiseModel;
use crate::score::ProbabilityTable;
use crate::score::confident_learning::ConfidentJoint;

/// The matrix of the calibrated confident joint, as counts by true class and given label.
pub(super) fn joint_counts(table: &ProbabilityTable) -> Vec<f64> {
    let classes = table.classes();
    let joint = ConfidentJoint::count(table);
    let mut counts = vec![0.0; classes * classes];
    for (given, row) in joint.calibrated().iter().enumerate() {
        for (truth, count) in row.iter().enumerate() {
            counts[truth * classes + given] = *count;
        }
    }
    counts
}

/// The share of `counts` off the diagonal.
pub(super) fn wrong_share(counts: &[f64], classes: usize) -> f64 {
    let right: f64 = counts.iter().step_by(classes + 1).sum();
    1.0 - right / counts.iter().sum::<f64>()
}

/// The matrix of one share of wrong labels, kept where right labels are the likeliest.
pub(super) fn uniform(classes: usize, error_share: f64) -> Vec<f64> {
    let others = (classes - 1) as f64;
    let error_share = error_share.clamp(1e-3, 0.9 * others / classes as f64);
    let mut transition = vec![error_share / others; classes * classes];
    for diagonal in transition.iter_mut().step_by(classes + 1) {
        *diagonal = 1.0 - error_share;
    }
    transition
}

/// The likeliest matrix for `counts` by true class and given label, `pseudo_videos` in each row spread as `expected` has it,
/// among those in which right labels are the most frequent of each row.
pub(super) fn likeliest(
    counts: &[f64],
    expected: &[f64],
    pseudo_videos: f64,
    classes: usize,
) -> Vec<f64> {
    let mut transition: Vec<f64> = counts
        .iter()
        .zip(expected)
        .map(|(count, expected)| count + pseudo_videos * expected)
        .collect();
    for (truth, row) in transition.chunks_exact_mut(classes).enumerate() {
        let sum: f64 = row.iter().sum();
        for rate in row.iter_mut() {
            *rate /= sum;
        }
        hold_dominant(row, truth);
    }
    transition
}

/// The closest row in likelihood whose entry `truth` is no smaller than any other: it is pooled with those above it, the largest
/// first, until their mean is (Ayer et al. 1955; a tree order).
fn hold_dominant(row: &mut [f64], truth: usize) {
    let own = row[truth];
    let mut above: Vec<usize> = (0..row.len())
        .filter(|&given| given != truth && row[given] > own)
        .collect();
    above.sort_by(|&a, &b| row[b].total_cmp(&row[a]));
    let (mut sum, mut pooled) = (own, 0);
    for &given in &above {
        if sum >= row[given] * (pooled + 1) as f64 {
            break;
        }
        sum += row[given];
        pooled += 1;
    }
    let mean = sum / (pooled + 1) as f64;
    for &given in &above[..pooled] {
        row[given] = mean;
    }
    row[truth] = mean;
}

/// The weights that leave probabilities as they are: `A` = I, `b` = 0.
pub(super) fn identity(classes: usize) -> Vec<f64> {
    let mut weights = vec![0.0; (classes + 1) * classes];
    for diagonal in weights
        .iter_mut()
        .take(classes * classes)
        .step_by(classes + 1)
    {
        *diagonal = 1.0;
    }
    weights
}

/// The probabilities as they are, under `transition`.
pub(super) fn as_they_are(transition: Vec<f64>, classes: usize) -> NoiseModel {
    NoiseModel {
        weights: identity(classes),
        transition,
        classes,
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn right_labels_stay_the_most_frequent() {
        let counts = [6.0, 3.0, 1.0, 5.0, 1.0, 4.0, 0.0, 0.0, 8.0];
        let found = likeliest(&counts, &uniform(3, 0.3), 0.0, 3);
        // The second row's own 0.1 is pooled with 0.5, and their mean 0.3 with 0.4: a third each.
        let third = 1.0 / 3.0;
        let expected = [0.6, 0.3, 0.1, third, third, third, 0.0, 0.0, 1.0];
        for (found, expected) in found.iter().zip(expected) {
            assert_relative_eq!(*found, expected, epsilon = 1e-12);
        }
    }

    #[test]
    fn only_what_is_above_is_pooled() {
        let mut row = [0.5, 0.3, 0.2];
        hold_dominant(&mut row, 1);
        assert_relative_eq!(row[0], 0.4);
        assert_relative_eq!(row[1], 0.4);
        assert_relative_eq!(row[2], 0.2);
    }

    #[test]
    fn no_dominant_row_is_likelier() {
        // Against every row of a grid.
        let counts = [2.0, 7.0, 5.0];
        let mut best = counts.map(|count| count / 14.0);
        hold_dominant(&mut best, 0);
        let likelihood = |row: &[f64; 3]| -> f64 {
            counts
                .iter()
                .zip(row)
                .map(|(count, p)| count * p.ln())
                .sum()
        };
        for first in 1..100 {
            for second in 1..100 - first {
                let row = [first, second, 100 - first - second].map(|part| f64::from(part) / 100.0);
                if row[0] >= row[1] && row[0] >= row[2] {
                    assert!(likelihood(&row) <= likelihood(&best) + 1e-9, "{row:?}");
                }
            }
        }
    }
}
