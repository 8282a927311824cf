//! How well predicted classes fit true ones: accuracy as the field reports it, weighted (WAR) and unweighted (UAR).

use super::{MetricsError, check_lengths};

/// Counts of true × predicted classes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfusionMatrix {
    counts: Vec<usize>,
    classes: usize,
}

impl ConfusionMatrix {
    /// Counts n pairs of true and predicted class, each in `0..classes`.
    ///
    /// # Errors
    /// Fails on lists of unequal length and classes out of range.
    pub fn count(
        truth: &[usize],
        predicted: &[usize],
        classes: usize,
    ) -> Result<Self, MetricsError> {
        check_lengths(truth.len(), predicted.len())?;
        let mut counts = vec![0; classes * classes];
        for (row, (&truth, &predicted)) in truth.iter().zip(predicted).enumerate() {
            let class = truth.max(predicted);
            if class >= classes {
                return Err(MetricsError::ClassOutOfRange {
                    row,
                    class,
                    classes,
                });
            }
            counts[truth * classes + predicted] += 1;
        }
        Ok(Self { counts, classes })
    }

    /// Number of classes C.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// How many rows of class `truth` were predicted as `predicted`.
    pub fn at(&self, truth: usize, predicted: usize) -> usize {
        self.counts[truth * self.classes + predicted]
    }

    /// Number of rows of class `truth`.
    pub fn support(&self, truth: usize) -> usize {
        (0..self.classes)
            .map(|predicted| self.at(truth, predicted))
            .sum()
    }

    /// Share of rows of class `truth` that were predicted right, in [0, 1]; `None` for an absent class.
    pub fn recall(&self, truth: usize) -> Option<f64> {
        let support = self.support(truth);
        (support > 0).then(|| self.at(truth, truth) as f64 / support as f64)
    }

    /// Share of rows predicted as `predicted` that are of that class, in [0, 1]; `None` when it was never predicted.
    pub fn precision(&self, predicted: usize) -> Option<f64> {
        let total: usize = (0..self.classes)
            .map(|truth| self.at(truth, predicted))
            .sum();
        (total > 0).then(|| self.at(predicted, predicted) as f64 / total as f64)
    }

    /// Weighted average recall (WAR): the share of rows predicted right, in [0, 1]; `None` without rows.
    pub fn weighted_average_recall(&self) -> Option<f64> {
        let total: usize = self.counts.iter().sum();
        let right: usize = (0..self.classes).map(|class| self.at(class, class)).sum();
        (total > 0).then(|| right as f64 / total as f64)
    }

    /// Unweighted average recall (UAR): the mean recall of the classes that occur, in [0, 1]; `None` without rows.
    pub fn unweighted_average_recall(&self) -> Option<f64> {
        let recalls: Vec<f64> = (0..self.classes)
            .filter_map(|class| self.recall(class))
            .collect();
        (!recalls.is_empty()).then(|| recalls.iter().sum::<f64>() / recalls.len() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn recalls_by_hand() {
        let matrix = ConfusionMatrix::count(&[0, 0, 0, 1, 1], &[0, 0, 1, 1, 2], 3).unwrap();
        assert_eq!(
            (
                matrix.at(0, 0),
                matrix.at(0, 1),
                matrix.at(1, 2),
                matrix.support(2)
            ),
            (2, 1, 1, 0)
        );
        assert_relative_eq!(matrix.weighted_average_recall().unwrap(), 0.6);
        // Class 2 does not occur and does not count.
        assert_relative_eq!(
            matrix.unweighted_average_recall().unwrap(),
            f64::midpoint(2.0 / 3.0, 0.5)
        );
        assert_eq!(
            (matrix.recall(2), matrix.precision(2), matrix.precision(1)),
            (None, Some(0.0), Some(0.5))
        );
    }

    #[test]
    fn bad_input_is_refused_and_no_rows_have_no_accuracy() {
        assert!(matches!(
            ConfusionMatrix::count(&[0, 1], &[0, 3], 3),
            Err(MetricsError::ClassOutOfRange {
                row: 1,
                class: 3,
                ..
            })
        ));
        assert!(ConfusionMatrix::count(&[0], &[], 3).is_err());
        let empty = ConfusionMatrix::count(&[], &[], 3).unwrap();
        assert_eq!(
            (
                empty.weighted_average_recall(),
                empty.unweighted_average_recall()
            ),
            (None, None)
        );
    }
}
