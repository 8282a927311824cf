//! What a fitted model by class is tested for before anything rests on it.

use super::NoiseModel;
use crate::score::ProbabilityTable;
use crate::score::table::{argmax, largest_except};

/// Videos of a class or label below which nothing is said of it.
const FEWEST: f64 = 5.0;
/// Rates and counts that differ by no more than this part are the same: the fit holds them there.
const SAME: f64 = 1e-6;

/// A prediction with such a probability shows no doubt; and the part of all predictions without doubt from which on nothing tells
/// mistakes of the networks from wrong labels.
const SURE: f64 = 0.999;
const NEARLY_ALL: f64 = 0.9;

/// Why a model by class is not what it should be. Classes are indices into the label set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelDoubt {
    /// Most videos that the networks take for `class` it takes for `other`, and those for the former, or so on in a circle: classes
    /// are exchanged.
    Exchanged {
        /// The class by the networks.
        class: usize,
        /// The class by the model.
        other: usize,
    },
    /// As many videos of `class` bear `label` as bear the right one, or more: no noise matrix can be known then.
    MostlyWrong {
        /// The true class.
        class: usize,
        /// Its most frequent other label.
        label: usize,
    },
    /// More of the videos with `label` are of `class` than of the label's own.
    Misleading {
        /// The given label.
        label: usize,
        /// The most frequent true class.
        class: usize,
    },
    /// Nearly all predictions are sure, as votes and one-hot rows are: mistakes of the networks count as wrong labels.
    Sure,
}

impl ModelDoubt {
    /// The word that is written to files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exchanged { .. } => "exchanged",
            Self::MostlyWrong { .. } => "mostly_wrong",
            Self::Misleading { .. } => "misleading",
            Self::Sure => "sure",
        }
    }

    /// The doubt in words without a full stop, by class names.
    pub fn sentence(self, labels: &[String]) -> String {
        let name = |class: usize| labels.get(class).map_or("?", String::as_str);
        match self {
            Self::Exchanged { class, other } => format!(
                "the noise model takes most videos that the networks call '{}' for '{}' and was left out of the order; all ranges are wider",
                name(class),
                name(other)
            ),
            Self::MostlyWrong { class, label } => format!(
                "no more videos of '{}' seem to be labelled so than '{}', and then nobody can know how many labels are wrong; all ranges are wider",
                name(class),
                name(label)
            ),
            Self::Misleading { label, class } => format!(
                "more videos labelled '{}' seem to be '{}' than what the label says; all ranges are wider",
                name(label),
                name(class)
            ),
            Self::Sure => "the networks are sure of all that they say, so that their mistakes cannot be told from wrong labels; all ranges are wider"
                .to_owned(),
        }
    }

    /// Whether the model must not order the videos.
    pub fn is_grave(self) -> bool {
        matches!(self, Self::Exchanged { .. })
    }
}

impl NoiseModel {
    /// The gravest doubt about a model that was fitted to `table`, if there is one.
    pub fn doubt(&self, table: &ProbabilityTable) -> Option<ModelDoubt> {
        let classes = self.classes;
        let mut seen = vec![vec![0.0; classes]; classes]; // by the networks' class and the model's
        let mut joint = vec![vec![0.0; classes]; classes]; // by true class and given label
        for (label, row) in table.rows() {
            let clean = self.clean_probs(row);
            seen[argmax(row)][argmax(&clean)] += 1.0;
            for (truth, p) in self.true_class_posterior(&clean, label).iter().enumerate() {
                joint[truth][label] += p;
            }
        }
        circle(&seen)
            .map(|(class, other)| ModelDoubt::Exchanged { class, other })
            .or_else(|| {
                let rates = joint.iter().enumerate().map(|(truth, row)| {
                    let sum: f64 = row.iter().sum();
                    (0..classes)
                        .map(|given| sum * self.transition(truth, given))
                        .collect()
                });
                let held = outweighed(&rates.collect::<Vec<Vec<f64>>>());
                held.map(|(class, label)| ModelDoubt::MostlyWrong { class, label })
            })
            .or_else(|| {
                let by_label: Vec<Vec<f64>> = (0..classes)
                    .map(|label| joint.iter().map(|row| row[label]).collect())
                    .collect();
                let misled = outweighed(&by_label);
                misled.map(|(label, class)| ModelDoubt::Misleading { label, class })
            })
            .or_else(|| {
                let is_sure = |(_, row): &(usize, &[f64])| row[argmax(row)] >= SURE;
                let sure = table.rows().filter(is_sure).count() as f64;
                (sure >= NEARLY_ALL * table.videos() as f64).then_some(ModelDoubt::Sure)
            })
    }
}

/// A class in a circle of classes each of which is mostly taken for the next one, and that next one. One class that is taken for
/// another alone is no exchange: where most of its labels are wrong, the networks themselves say the other one.
fn circle(seen: &[Vec<f64>]) -> Option<(usize, usize)> {
    let next = |class: usize| {
        let is_seen = seen[class].iter().sum::<f64>() >= FEWEST;
        if is_seen { argmax(&seen[class]) } else { class }
    };
    (0..seen.len()).find_map(|class| {
        let mut reached = next(class);
        for _ in 1..seen.len() {
            if reached == class {
                break;
            }
            reached = next(reached);
        }
        (reached == class && next(class) != class).then(|| (class, next(class)))
    })
}

/// The row, and its largest entry off the diagonal, where that most clearly reaches the diagonal one; rows of few videos do not count.
fn outweighed(rows: &[Vec<f64>]) -> Option<(usize, usize)> {
    let candidates = rows.iter().enumerate().filter_map(|(own, row)| {
        let (other, largest) = largest_except(row, own);
        let reaches = largest >= row[own] * (1.0 - SAME);
        (reaches && row.iter().sum::<f64>() >= FEWEST).then_some((own, other, largest - row[own]))
    });
    let worst = candidates.max_by(|a, b| a.2.total_cmp(&b.2));
    worst.map(|(own, other, _)| (own, other))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(shown: &[[f64; 2]], labels: &[usize]) -> ProbabilityTable {
        ProbabilityTable::new(labels, shown, 2).unwrap()
    }

    /// Ten sure videos of each of two classes, labelled as they are.
    fn clear() -> ProbabilityTable {
        let labels: Vec<usize> = (0..20).map(|video| video % 2).collect();
        let rows: Vec<[f64; 2]> = labels
            .iter()
            .map(|&label| if label == 0 { [0.9, 0.1] } else { [0.1, 0.9] })
            .collect();
        table(&rows, &labels)
    }

    fn model(weights: [f64; 6], transition: [f64; 4]) -> NoiseModel {
        NoiseModel {
            weights: weights.to_vec(),
            transition: transition.to_vec(),
            classes: 2,
        }
    }

    const AS_THEY_ARE: [f64; 6] = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];
    const CROSSED: [f64; 6] = [0.0, 1.0, 1.0, 0.0, 0.0, 0.0];

    #[test]
    fn a_good_model_leaves_no_doubt() {
        assert_eq!(
            model(AS_THEY_ARE, [0.9, 0.1, 0.1, 0.9]).doubt(&clear()),
            None
        );
    }

    #[test]
    fn predictions_without_doubt_are_named() {
        let labels: Vec<usize> = (0..20).map(|video| video % 2).collect();
        let sure = |video: usize| {
            if labels[video] == 0 {
                [1.0, 0.0]
            } else {
                [0.0, 1.0]
            }
        };
        let told = |doubtful: usize| {
            let row = |video| {
                if video < doubtful {
                    [0.6, 0.4]
                } else {
                    sure(video)
                }
            };
            let rows: Vec<[f64; 2]> = (0..20).map(row).collect();
            model(AS_THEY_ARE, [0.9, 0.1, 0.1, 0.9]).doubt(&table(&rows, &labels))
        };
        assert_eq!(told(1), Some(ModelDoubt::Sure));
        assert_eq!(told(4), None);
        assert!(!ModelDoubt::Sure.is_grave());
    }

    #[test]
    fn exchanged_classes_are_seen() {
        // Crossed in both, the labels are as likely as before.
        let doubt = model(CROSSED, [0.1, 0.9, 0.9, 0.1])
            .doubt(&clear())
            .unwrap();
        assert!(matches!(doubt, ModelDoubt::Exchanged { .. }) && doubt.is_grave());
        let names = ["happy".to_owned(), "sad".to_owned()];
        assert!(doubt.sentence(&names).contains("'happy'"));
    }

    #[test]
    fn one_class_that_is_taken_for_another_is_no_exchange() {
        let rows = |pairs: [[f64; 3]; 3]| pairs.map(|row| row.to_vec());
        assert_eq!(
            circle(&rows([[9.0, 1.0, 0.0], [8.0, 2.0, 0.0], [0.0, 0.0, 9.0]])),
            None
        );
        let turned = rows([[1.0, 9.0, 0.0], [0.0, 1.0, 9.0], [9.0, 0.0, 1.0]]);
        assert_eq!(circle(&turned), Some((0, 1)));
        // A class before the circle is not in it.
        let before = rows([[0.0, 9.0, 0.0], [0.0, 0.0, 9.0], [0.0, 9.0, 0.0]]);
        assert_eq!(circle(&before), Some((1, 2)));
    }

    #[test]
    fn a_class_without_a_right_majority_is_named() {
        let doubt = model(AS_THEY_ARE, [0.9, 0.1, 0.5, 0.5]).doubt(&clear());
        assert_eq!(doubt, Some(ModelDoubt::MostlyWrong { class: 1, label: 0 }));
        assert!(!doubt.unwrap().is_grave());
    }

    #[test]
    fn a_label_that_mostly_says_something_else_is_named() {
        // Thirty videos of class 0, of which ten bear label 1, and six of class 1.
        let labels: Vec<usize> = (0..36).map(|video| usize::from(video >= 20)).collect();
        let rows: Vec<[f64; 2]> = (0..36)
            .map(|video| {
                if video < 30 {
                    [0.99, 0.01]
                } else {
                    [0.01, 0.99]
                }
            })
            .collect();
        let doubt = model(AS_THEY_ARE, [0.67, 0.33, 0.1, 0.9]).doubt(&table(&rows, &labels));
        assert_eq!(doubt, Some(ModelDoubt::Misleading { label: 1, class: 0 }));
    }
}
