//! What the confident joint says about the true labels as a whole.

use super::super::ProbabilityTable;
use super::ConfidentJoint;

/// The reference's upper bound of a noise rate, which keeps every matrix usable.
const NOISE_RATE_CEILING: f64 = 0.9999;
/// The reference's lower bound of a class's prior.
const PRIOR_FLOOR: f64 = 1e-6;
/// The reference's guard against division by zero.
const TINY: f64 = 1e-100;

/// Priors and noise rates, estimated from the calibrated confident joint in whole videos.
#[derive(Debug, Clone, PartialEq)]
pub struct LatentEstimates {
    /// `P(true = k)`, `[C]`, summing to 1.
    pub true_prior: Vec<f64>,
    /// `P(given = j | true = k)` at `[k][j]`: the transition matrix `T`, each row summing to 1 (or all 0 for a class
    /// that nothing is truly of).
    pub transition: Vec<Vec<f64>>,
    /// `P(true = k | given = j)` at `[j][k]`, each row summing to 1 (or all 0 for a class that no label names).
    pub inverse_transition: Vec<Vec<f64>>,
    /// Estimated number of wrong labels: the off-diagonal of the calibrated joint.
    pub wrong_labels: usize,
}

impl LatentEstimates {
    /// Estimates the latent quantities as cleanlab's `estimate_latent` with its default method "cnt".
    pub fn estimate(table: &ProbabilityTable, joint: &ConfidentJoint) -> Self {
        let counts = joint.calibrated_counts();
        let classes = counts.len();
        let given_totals: Vec<f64> = counts
            .iter()
            .map(|row| row.iter().sum::<i64>() as f64)
            .collect();
        let true_totals: Vec<f64> = (0..classes)
            .map(|class| counts.iter().map(|row| row[class]).sum::<i64>() as f64)
            .collect();
        let cell = |given: usize, truth: usize| counts[given][truth] as f64;
        let transition: Vec<Vec<f64>> = (0..classes)
            .map(|truth| {
                (0..classes)
                    .map(|given| cell(given, truth) / true_totals[truth].max(TINY))
                    .collect()
            })
            .collect();
        let inverse_transition: Vec<Vec<f64>> = (0..classes)
            .map(|given| {
                (0..classes)
                    .map(|truth| cell(given, truth) / given_totals[given].max(TINY))
                    .collect()
            })
            .collect();
        let videos = table.videos() as f64;
        let mut true_prior: Vec<f64> = table
            .label_counts()
            .into_iter()
            .enumerate()
            .map(|(class, count)| {
                let ratio = inverse_transition[class][class] / transition[class][class].max(TINY);
                (ratio * count as f64 / videos).clamp(PRIOR_FLOOR, 1.0)
            })
            .collect();
        let sum: f64 = true_prior.iter().sum();
        for prior in &mut true_prior {
            *prior /= sum;
        }
        let right: f64 = (0..classes).map(|class| cell(class, class)).sum();
        Self {
            true_prior,
            transition: clip_noise_rates(transition),
            inverse_transition: clip_noise_rates(inverse_transition),
            wrong_labels: (given_totals.iter().sum::<f64>() - right).round() as usize,
        }
    }
}

/// Bounds the off-diagonal entries and scales each row back to a sum of 1.
fn clip_noise_rates(mut matrix: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    for (diagonal, row) in matrix.iter_mut().enumerate() {
        for (column, rate) in row.iter_mut().enumerate() {
            if column != diagonal {
                *rate = rate.min(NOISE_RATE_CEILING);
            }
        }
        let sum = row.iter().sum::<f64>().max(TINY);
        for rate in row.iter_mut() {
            *rate /= sum;
        }
    }
    matrix
}
