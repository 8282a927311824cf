//! Label quality of each video as the confident-learning literature scores it: low means suspect.
//!
//! Formulas as in cleanlab 2.9 (Northcutt et al. 2021, "Confident Learning", and Kuan & Mueller 2022, "Model-agnostic
//! label quality scoring"), so that numbers can be compared with published ones. They are baselines beside
//! `noise_score`.

use super::ProbabilityTable;
use super::agreement::log_ratio;
use super::table::{entropy, largest_except};

/// The reference's lower bound of the divisors in `confidence_weighted_entropy`.
const SCORE_FLOOR: f64 = 1e-6;

/// `probs[y]` per video, in [0, 1].
pub fn self_confidence(table: &ProbabilityTable) -> Vec<f64> {
    table.rows().map(|(label, row)| row[label]).collect()
}

/// `(probs[y] − max_{c≠y} probs[c] + 1) / 2` per video, in [0, 1].
pub fn normalized_margin(table: &ProbabilityTable) -> Vec<f64> {
    table
        .rows()
        .map(|(label, row)| f64::midpoint(row[label] - largest_except(row, label).1, 1.0))
        .collect()
}

/// `ln probs[y] − ln max_{c≠y} probs[c]` per video, within ±27.64.
pub fn log_margin(table: &ProbabilityTable) -> Vec<f64> {
    table
        .rows()
        .map(|(label, row)| log_ratio(row[label], largest_except(row, label).1))
        .collect()
}

/// `ln(1 + s) / s` with `s = H(probs) / (ln C · probs[y])` per video, in [0, 1]; both divisors are floored at 1e-6.
///
/// Full certainty (s = 0) gets 0 by that floor, as in the reference, though the limit is 1.
pub fn confidence_weighted_entropy(table: &ProbabilityTable) -> Vec<f64> {
    let log_classes = (table.classes() as f64).ln();
    table
        .rows()
        .map(|(label, row)| {
            let weighted = entropy(row.iter().copied()) / log_classes / row[label].max(SCORE_FLOOR);
            weighted.ln_1p() / weighted.max(SCORE_FLOOR)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn extremes_are_finite() {
        let rows = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0 / 3.0; 3]];
        let table = ProbabilityTable::new(&[0, 0, 0], &rows, 3).unwrap();
        assert_eq!(self_confidence(&table), [1.0, 0.0, 1.0 / 3.0]);
        assert_eq!(normalized_margin(&table), [1.0, 0.0, 0.5]);
        let weighted = confidence_weighted_entropy(&table);
        assert!(weighted.iter().all(|score| score.is_finite()));
        assert_relative_eq!(weighted[2], 4.0_f64.ln() / 3.0, epsilon = 1e-12);
    }
}
