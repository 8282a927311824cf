//! Whether predictions name the classes in the order of the labels: columns in another order make every label look wrong.
//!
//! The order that agrees best with the labels is the assignment of columns to classes that gathers most of the confusion
//! matrix (R. Jonker and A. Volgenant, A Shortest Augmenting Path Algorithm for Dense and Sparse Linear Assignment
//! Problems, Computing 38, 1987).

use lapjv::{Matrix, lapjv};

/// Standard deviations by which another order must agree better, or this one worse than chance.
const FAR: f64 = 4.0;

/// The same where hardly any label is as predicted.
const FAR_FROM_NOTHING: f64 = 3.0;

/// How many times as many labels of the moved classes the other order must explain.
const TIMES: f64 = 2.0;

/// The same that counts as hardly any.
const TIMES_NOTHING: f64 = 4.0;

/// Standard deviations below chance from which predictions contradict the labels.
const BELOW: f64 = 3.0;

/// Predictions held against labels.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnOrder {
    /// Videos that count.
    pub videos: usize,
    /// Videos whose largest probability is their label's.
    pub agreeing: usize,
    /// How many would be by chance, were predictions and labels shuffled.
    pub by_chance: f64,
    /// By column: the class that it should stand for, so that most videos agree.
    pub best: Vec<usize>,
    /// Videos that agree then.
    pub best_agreeing: usize,
    is_far: bool,
}

impl ColumnOrder {
    /// Counts labels and predictions, one of each per video, both below `classes`.
    pub fn count(labels: &[usize], predicted: &[usize], classes: usize) -> Self {
        let mut counts = Matrix::<f64>::zeros((classes, classes));
        for (&label, &column) in labels.iter().zip(predicted) {
            counts[(column, label)] += 1.0;
        }
        let videos = labels.len().min(predicted.len());
        let share = |count: f64| count / videos.max(1) as f64;
        let by_chance = (0..classes)
            .map(|class| share(counts.row(class).sum()) * counts.column(class).sum())
            .sum();
        let identity: Vec<usize> = (0..classes).collect();
        let best = lapjv(&counts.mapv(|count| -count)).map_or(identity.clone(), |(best, _)| best);
        let sum = |order: &[usize]| -> f64 {
            let cells = order.iter().enumerate();
            cells.map(|(column, &class)| counts[(column, class)]).sum()
        };
        let (agreeing, best_agreeing) = (sum(&identity), sum(&best));
        // Of equal orders the one that was taken.
        let best = if best_agreeing > agreeing {
            best
        } else {
            identity
        };
        Self {
            videos,
            agreeing: agreeing as usize,
            by_chance,
            is_far: is_far(&counts, &best),
            best,
            best_agreeing: best_agreeing as usize,
        }
    }

    /// Whether another order agrees so much better that this one cannot be meant.
    pub fn is_other(&self) -> bool {
        self.is_far
    }

    /// Whether fewer videos agree than by chance, so that labels and predictions contradict each other.
    pub fn is_below_chance(&self) -> bool {
        let expected = self.by_chance;
        let deviation = (expected * (1.0 - expected / self.videos.max(1) as f64)).sqrt();
        (self.agreeing as f64) < expected - BELOW * deviation
    }
}

/// Whether the best order explains far more of the classes that it moves: by a test of paired counts (`McNemar`, Psychometrika
/// 12, 1947), and by a multiple.
fn is_far(counts: &Matrix<f64>, best: &[usize]) -> bool {
    let (mut own, mut other) = (0.0, 0.0);
    for (column, &class) in best
        .iter()
        .enumerate()
        .filter(|(column, class)| column != *class)
    {
        own += counts[(column, column)];
        other += counts[(column, class)];
    }
    let deviations = (other - own) / (own + other).sqrt().max(1.0);
    (deviations >= FAR && other >= TIMES * own)
        || (deviations >= FAR_FROM_NOTHING && other >= TIMES_NOTHING * own)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Predictions of which `right` of ten are the label's, in columns that stand for `order`.
    fn order_of(classes: usize, videos: usize, right: usize, order: &[usize]) -> ColumnOrder {
        let labels: Vec<usize> = (0..videos).map(|video| video % classes).collect();
        let predicted: Vec<usize> = (0..videos)
            .map(|video| {
                let is_right = video / classes % 10 < right;
                let class =
                    (video + usize::from(!is_right) * (1 + video % (classes - 1))) % classes;
                order.iter().position(|&other| other == class).unwrap()
            })
            .collect();
        ColumnOrder::count(&labels, &predicted, classes)
    }

    #[test]
    fn the_right_order_is_never_doubted() {
        for classes in 2..12 {
            let identity: Vec<usize> = (0..classes).collect();
            for right in [4, 6, 9] {
                let found = order_of(classes, 280, right, &identity);
                if classes > 2 || right > 5 {
                    assert!(!found.is_other() && !found.is_below_chance(), "{found:?}");
                    assert_eq!(found.best, identity);
                }
            }
        }
        // Nothing was learnt: one class is all that is ever said.
        let labels: Vec<usize> = (0..300).map(|video| usize::from(video % 10 == 0)).collect();
        let found = ColumnOrder::count(&labels, &[0; 300], 3);
        assert!(!found.is_other() && !found.is_below_chance(), "{found:?}");
    }

    #[test]
    fn another_order_is_found_whatever_it_is() {
        let shuffled = [3, 5, 0, 6, 4, 1, 2];
        for (videos, right) in [(14, 10), (70, 8), (700, 4)] {
            let found = order_of(7, videos, right, &shuffled);
            assert!(found.is_other(), "{found:?}");
            assert_eq!(found.best, shuffled);
            assert!(found.best_agreeing > found.agreeing);
        }
        // Two small classes alone.
        let found = order_of(7, 140, 7, &[0, 1, 2, 3, 4, 6, 5]);
        assert!(
            found.is_other() && found.best == [0, 1, 2, 3, 4, 6, 5],
            "{found:?}"
        );
        // Two classes, of which each is taken for the other.
        let found = order_of(2, 40, 9, &[1, 0]);
        assert!(found.is_other() && found.is_below_chance(), "{found:?}");
    }

    #[test]
    fn predictions_without_a_meaning_are_in_no_order() {
        let mut state = 1_u64;
        let mut draw = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) % below) as usize
        };
        let mut doubted = 0;
        for _ in 0..200 {
            let labels: Vec<usize> = (0..140).map(|_| draw(7)).collect();
            let predicted: Vec<usize> = (0..140).map(|_| draw(7)).collect();
            doubted += usize::from(ColumnOrder::count(&labels, &predicted, 7).is_other());
        }
        assert!(doubted < 10, "{doubted} of 200");
    }
}
