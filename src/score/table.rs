//! The table that every data-set-wide score starts from: one given label and one row of probabilities per video.
//!
//! The probabilities are out-of-fold (each comes from a model that never saw the video) and averaged over the clips.
//! This module checks the numbers once, so that the scores can trust them.

use super::ScoreError;
use super::error::check_length;

/// Rows whose probabilities sum to 1 within this are accepted: wide enough for rounded CSV columns, and too narrow
/// for logits.
pub(crate) const ROW_SUM_TOLERANCE: f64 = 1e-2;

/// Given labels and out-of-fold probabilities of `n` videos over `C` classes.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbabilityTable {
    labels: Vec<usize>,
    probs: Vec<f64>,
    classes: usize,
}

impl ProbabilityTable {
    /// Checks and keeps a table.
    ///
    /// `labels`: n class indices. `rows`: n rows of C probabilities each, kept as they are (not renormalised).
    ///
    /// # Errors
    /// Fails on an empty table, fewer than 2 classes, rows of the wrong width, labels outside `0..classes`, and rows that
    /// are no probability distribution.
    pub fn new<T, R>(labels: &[usize], rows: &[R], classes: usize) -> Result<Self, ScoreError>
    where
        T: Copy + Into<f64>,
        R: AsRef<[T]>,
    {
        if rows.is_empty() {
            return Err(ScoreError::Empty);
        }
        if classes < 2 {
            return Err(ScoreError::TooFewClasses { classes });
        }
        check_length("labels", labels.len(), rows.len())?;
        if let Some((row, &label)) = labels
            .iter()
            .enumerate()
            .find(|&(_, &label)| label >= classes)
        {
            return Err(ScoreError::LabelOutOfRange {
                row,
                label,
                classes,
            });
        }
        let mut probs = Vec::with_capacity(rows.len() * classes);
        for (row, values) in rows.iter().enumerate() {
            push_checked_row(&mut probs, row, values.as_ref(), classes)?;
        }
        Ok(Self {
            labels: labels.to_vec(),
            probs,
            classes,
        })
    }

    /// Number of videos, at least 1.
    pub fn videos(&self) -> usize {
        self.labels.len()
    }

    /// Number of classes C, at least 2.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// The given labels, one per video.
    pub fn labels(&self) -> &[usize] {
        &self.labels
    }

    /// The given label of one video.
    pub fn label(&self, video: usize) -> usize {
        self.labels[video]
    }

    /// The C probabilities of one video.
    pub fn row(&self, video: usize) -> &[f64] {
        &self.probs[video * self.classes..(video + 1) * self.classes]
    }

    /// All pairs of given label and probabilities, in order.
    pub fn rows(&self) -> impl Iterator<Item = (usize, &[f64])> {
        self.labels
            .iter()
            .copied()
            .zip(self.probs.chunks_exact(self.classes))
    }

    /// How many videos carry each given label, `[C]`.
    pub fn label_counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.classes];
        for &label in &self.labels {
            counts[label] += 1;
        }
        counts
    }

    /// The table of those videos for which `keep` is true, or `None` when none is left. `keep`: one entry per video.
    pub fn subset(&self, keep: &[bool]) -> Option<Self> {
        let kept: Vec<(usize, &[f64])> = self
            .rows()
            .zip(keep)
            .filter_map(|(row, &keep)| keep.then_some(row))
            .collect();
        (!kept.is_empty()).then(|| Self {
            labels: kept.iter().map(|&(label, _)| label).collect(),
            probs: kept
                .iter()
                .flat_map(|&(_, row)| row.iter().copied())
                .collect(),
            classes: self.classes,
        })
    }
}

/// Appends `values` to `probs` after checking that they are one probability distribution over `classes`.
pub(crate) fn push_checked_row<T: Copy + Into<f64>>(
    probs: &mut Vec<f64>,
    row: usize,
    values: &[T],
    classes: usize,
) -> Result<(), ScoreError> {
    if values.len() != classes {
        return Err(ScoreError::WrongWidth {
            row,
            found: values.len(),
            expected: classes,
        });
    }
    let mut sum = 0.0;
    for (class, &value) in values.iter().enumerate() {
        let value: f64 = value.into();
        if !(0.0..=1.0 + ROW_SUM_TOLERANCE).contains(&value) {
            return Err(ScoreError::NotAProbability { row, class, value });
        }
        sum += value;
        probs.push(value);
    }
    if (sum - 1.0).abs() > ROW_SUM_TOLERANCE {
        return Err(ScoreError::RowSum { row, sum });
    }
    Ok(())
}

/// Index of the largest value; the first one wins a tie. `values` must not be empty.
pub(crate) fn argmax(values: &[f64]) -> usize {
    let mut best = 0;
    for (index, &value) in values.iter().enumerate() {
        if value > values[best] {
            best = index;
        }
    }
    best
}

/// The largest value outside class `except`, with its class; the first one wins a tie. `values` holds at least 2
/// entries.
pub(crate) fn largest_except(values: &[f64], except: usize) -> (usize, f64) {
    let mut best = usize::from(except == 0);
    for (class, &value) in values.iter().enumerate() {
        if class != except && value > values[best] {
            best = class;
        }
    }
    (best, values[best])
}

/// The values of all classes but one, with their classes.
pub(crate) fn off_class(values: &[f64], class: usize) -> impl Iterator<Item = (usize, f64)> {
    values
        .iter()
        .copied()
        .enumerate()
        .filter(move |&(other, _)| other != class)
}

/// Entropy in nats of a distribution; 0 · ln 0 counts as 0.
pub(crate) fn entropy(probs: impl IntoIterator<Item = f64>) -> f64 {
    let sum: f64 = probs
        .into_iter()
        .filter(|&p| p > 0.0)
        .map(|p| p * p.ln())
        .sum();
    // `0.0 - sum`, so that certainty is 0 and not -0.
    0.0 - sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_rows_are_kept_as_they_are() {
        let table = ProbabilityTable::new(&[1, 0], &[[0.25_f32, 0.75], [1.0, 0.0]], 2).unwrap();
        assert_eq!(table.row(0), [0.25, 0.75]);
        assert_eq!(table.label_counts(), [1, 1]);
        assert_eq!(table.subset(&[false, true]).unwrap().labels(), [0]);
        assert!(table.subset(&[false, false]).is_none());
    }

    #[test]
    fn bad_rows_are_named() {
        let check = |labels: &[usize], rows: &[Vec<f64>]| {
            ProbabilityTable::new(labels, rows, 2).unwrap_err()
        };
        assert_eq!(check(&[], &[]), ScoreError::Empty);
        assert!(matches!(
            check(&[0], &[vec![1.0]]),
            ScoreError::WrongWidth { row: 0, .. }
        ));
        assert!(matches!(
            check(&[0, 2], &[vec![1.0, 0.0], vec![1.0, 0.0]]),
            ScoreError::LabelOutOfRange {
                row: 1,
                label: 2,
                ..
            }
        ));
        assert!(matches!(
            check(&[0], &[vec![f64::NAN, 0.0]]),
            ScoreError::NotAProbability { class: 0, .. }
        ));
        assert!(matches!(
            check(&[0], &[vec![-3.0, 4.0]]),
            ScoreError::NotAProbability { value: -3.0, .. }
        ));
        assert!(matches!(
            check(&[0], &[vec![0.2, 0.2]]),
            ScoreError::RowSum { .. }
        ));
        assert!(matches!(
            check(&[0, 1], &[vec![1.0, 0.0]]),
            ScoreError::LengthsDiffer { found: 2, .. }
        ));
    }

    #[test]
    fn ties_go_to_the_first_class() {
        assert_eq!(argmax(&[0.4, 0.4, 0.2]), 0);
        assert_eq!(largest_except(&[0.4, 0.3, 0.3], 0), (1, 0.3));
        assert_eq!(largest_except(&[0.4, 0.3, 0.3], 2), (0, 0.4));
    }
}
