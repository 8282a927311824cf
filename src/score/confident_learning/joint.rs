//! The confident joint: how many videos of each given label are confidently of each true class.

use super::super::ProbabilityTable;
use super::super::table::argmax;

/// The reference's lower bound of a threshold; below it any probability would count as confident.
const THRESHOLD_FLOOR: f64 = 2e-6;
/// The threshold of a class that no label names: out of reach of any probability.
const UNREACHABLE_THRESHOLD: f64 = 2.0;
/// The slack with which a probability reaches a threshold.
const THRESHOLD_SLACK: f64 = 1e-6;

/// Thresholds and counts of confident learning for one table. Matrices are `[given][true]`, C × C.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfidentJoint {
    thresholds: Vec<f64>,
    counts: Vec<Vec<usize>>,
    calibrated: Vec<Vec<f64>>,
    confident_classes: Vec<Option<usize>>,
}

impl ConfidentJoint {
    /// Counts the confident joint `C` of Northcutt et al. 2021, Eq. (1).
    ///
    /// A video counts for the class whose threshold its probability reaches; for the most probable class when it
    /// reaches several; and for none when it reaches none. The diagonal is at least 1.
    pub fn count(table: &ProbabilityTable) -> Self {
        let classes = table.classes();
        let label_counts = table.label_counts();
        let mut thresholds = vec![0.0; classes];
        for (label, row) in table.rows() {
            thresholds[label] += row[label];
        }
        for (threshold, &count) in thresholds.iter_mut().zip(&label_counts) {
            *threshold = if count == 0 {
                UNREACHABLE_THRESHOLD
            } else {
                (*threshold / count as f64).max(THRESHOLD_FLOOR)
            };
        }
        let mut counts = vec![vec![0; classes]; classes];
        let confident_classes: Vec<Option<usize>> = table
            .rows()
            .map(|(_, row)| confident_class(row, &thresholds))
            .collect();
        for (&label, class) in table.labels().iter().zip(&confident_classes) {
            if let Some(class) = *class {
                counts[label][class] += 1;
            }
        }
        for (class, row) in counts.iter_mut().enumerate() {
            row[class] = row[class].max(1);
        }
        let calibrated = calibrate(&counts, &label_counts);
        Self {
            thresholds,
            counts,
            calibrated,
            confident_classes,
        }
    }

    /// Mean self-confidence of the videos that carry each label, `[C]`; 2 for a class that no label names.
    pub fn thresholds(&self) -> &[f64] {
        &self.thresholds
    }

    /// The counts as they are, `[given][true]`.
    pub fn counts(&self) -> &[Vec<usize>] {
        &self.counts
    }

    /// The counts scaled so that row `given` sums to the number of videos that carry that label, `[given][true]`.
    pub fn calibrated(&self) -> &[Vec<f64>] {
        &self.calibrated
    }

    /// [`Self::calibrated`] in whole videos, each row's sum kept.
    pub fn calibrated_counts(&self) -> Vec<Vec<i64>> {
        self.calibrated
            .iter()
            .map(|row| round_preserving_sum(row))
            .collect()
    }

    /// The class that each video was counted for, if any, n entries.
    pub fn confident_classes(&self) -> &[Option<usize>] {
        &self.confident_classes
    }
}

/// The class that a row is confidently of, if any.
fn confident_class(row: &[f64], thresholds: &[f64]) -> Option<usize> {
    let mut reached =
        (0..row.len()).filter(|&class| row[class] >= thresholds[class] - THRESHOLD_SLACK);
    let first = reached.next()?;
    Some(if reached.next().is_some() {
        argmax(row)
    } else {
        first
    })
}

/// Scales each row to its label's count, and all of it to the number of videos.
fn calibrate(counts: &[Vec<usize>], label_counts: &[usize]) -> Vec<Vec<f64>> {
    let scaled: Vec<Vec<f64>> = counts
        .iter()
        .zip(label_counts)
        .map(|(row, &label_count)| {
            let sum = row.iter().sum::<usize>() as f64;
            row.iter()
                .map(|&count| count as f64 / sum * label_count as f64)
                .collect()
        })
        .collect();
    // Rows sum to the counts already. The reference divides by the total once more, and rounding to whole videos can
    // hinge on that last bit; so its order of summation is kept too, column by column.
    let classes = counts.len();
    let columns: Vec<f64> = (0..classes * classes)
        .map(|cell| scaled[cell % classes][cell / classes])
        .collect();
    let total = pairwise_sum(&columns);
    let videos = label_counts.iter().sum::<usize>() as f64;
    scaled
        .into_iter()
        .map(|row| {
            row.into_iter()
                .map(|count| count / total * videos)
                .collect()
        })
        .collect()
}

/// The sum of `values` in numpy's order: eight running sums within blocks of at most 128.
fn pairwise_sum(values: &[f64]) -> f64 {
    const BLOCK: usize = 128;
    const LANES: usize = 8;
    if values.len() < LANES {
        return values.iter().sum();
    }
    if values.len() > BLOCK {
        let half = values.len() / 2;
        let (left, right) = values.split_at(half - half % LANES);
        return pairwise_sum(left) + pairwise_sum(right);
    }
    let mut lanes = [0.0; LANES];
    let chunks = values.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += value;
        }
    }
    let pair = |first: usize| lanes[first] + lanes[first + 1];
    let sum = (pair(0) + pair(2)) + (pair(4) + pair(6));
    rest.iter().fold(sum, |sum, value| sum + value)
}

/// Rounds to whole numbers (halves to even) and then moves those that were rounded the furthest, so that the sum
/// stays.
pub(super) fn round_preserving_sum(values: &[f64]) -> Vec<i64> {
    let mut whole: Vec<f64> = values.iter().map(|value| value.round_ties_even()).collect();
    let target = pairwise_sum(values).round_ties_even();
    loop {
        let difference = target - whole.iter().sum::<f64>();
        if difference.abs() < 0.5 {
            return whole.into_iter().map(|value| value as i64).collect();
        }
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|&a, &b| (values[a] - whole[a]).total_cmp(&(values[b] - whole[b])));
        if difference > 0.0 {
            order.reverse();
        }
        let changes = (difference.abs() as usize).min(values.len());
        for &index in &order[..changes] {
            whole[index] += difference.signum();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rounding_keeps_the_sum() {
        assert_eq!(round_preserving_sum(&[0.4, 0.4, 0.2]), [0, 1, 0]);
        assert_eq!(round_preserving_sum(&[2.5, 3.5, 1.0]), [2, 4, 1]);
        assert_eq!(round_preserving_sum(&[0.6, 0.7, 0.7]), [0, 1, 1]);
    }

    #[test]
    fn several_reached_thresholds_go_to_the_most_probable_class() {
        assert_eq!(confident_class(&[0.5, 0.3, 0.2], &[0.6, 0.3, 0.2]), Some(0));
        assert_eq!(confident_class(&[0.5, 0.3, 0.2], &[0.6, 0.3, 0.5]), Some(1));
        assert_eq!(confident_class(&[0.5, 0.3, 0.2], &[0.6, 0.6, 0.6]), None);
    }

    proptest! {
        #[test]
        fn summation_order_changes_rounding_only(values in prop::collection::vec(0.0..100.0_f64, 0..400)) {
            let plain: f64 = values.iter().sum();
            prop_assert!((pairwise_sum(&values) - plain).abs() < 1e-7);
        }
    }
}
