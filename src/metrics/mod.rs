//! Measures of how well a score finds errors and how well predictions fit labels.
//!
//! Detection metrics compare a suspicion score (high = suspect) with known errors; classification metrics compare
//! predicted with true classes; agreement among people who rated the same videos. Definitions are scikit-learn's, so that numbers can be compared with published ones.

mod classification;
mod correlation;
mod detection;
mod paired;
mod raters;

pub use classification::ConfusionMatrix;
pub use correlation::spearman;
pub use detection::{DetectionCounts, area_under_roc, average_precision, best_f1, precision_at};
pub use paired::{PairedGain, paired_gains};
pub use raters::{cohen_kappa, fleiss_kappa, krippendorff_alpha};

use thiserror::Error;

/// A reason why a metric has no value.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum MetricsError {
    /// Two lists that belong together differ in length.
    #[error("'{found}' values face '{expected}' outcomes; give one of each per video")]
    LengthsDiffer {
        /// Length of the second list.
        found: usize,
        /// Length of the first list.
        expected: usize,
    },
    /// Nothing to measure.
    #[error("no values to measure; at least '{needed}' are needed")]
    TooFew {
        /// The smallest number of values that is defined.
        needed: usize,
    },
    /// A score that is not a number.
    #[error("score of row '{row}' is not a number; leave rows without a score out")]
    NotANumber {
        /// Row at fault.
        row: usize,
    },
    /// Errors only, or no error at all: there is nothing to tell apart.
    #[error(
        "all '{rows}' rows have the same outcome; detection is undefined without both wrong and right labels"
    )]
    SingleOutcome {
        /// Number of rows.
        rows: usize,
    },
    /// All values are equal, so that a correlation is undefined.
    #[error("all '{rows}' values are equal; a correlation needs some variation")]
    Constant {
        /// Number of rows.
        rows: usize,
    },
    /// A class outside the label set.
    #[error(
        "row '{row}': class '{class}' is outside the '{classes}' classes; check the label set and its order"
    )]
    ClassOutOfRange {
        /// Row at fault.
        row: usize,
        /// The class found.
        class: usize,
        /// Number of classes.
        classes: usize,
    },
}

/// Fails unless both lists have the same length.
fn check_lengths(expected: usize, found: usize) -> Result<(), MetricsError> {
    if expected == found {
        Ok(())
    } else {
        Err(MetricsError::LengthsDiffer { found, expected })
    }
}

/// Fails on the first value that is not a number.
fn check_numbers(values: &[f64]) -> Result<(), MetricsError> {
    match values.iter().position(|value| value.is_nan()) {
        Some(row) => Err(MetricsError::NotANumber { row }),
        None => Ok(()),
    }
}
