//! Training dynamics: how a video behaved over the epochs in which it was trained on.
//!
//! Baselines beside `noise_score`: area under the margin (Pleiss et al. 2020, "Identifying Mislabeled Data using the
//! Area Under the Margin Ranking"), data maps (Swayamdipta et al. 2020, "Dataset Cartography") and forgetting (Toneva
//! et al. 2019, "An Empirical Study of Example Forgetting").

use super::ScoreError;
use super::table::{argmax, largest_except};

/// What one epoch says of one video.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EpochRecord {
    /// Softmax probability of the given label, in [0, 1].
    pub label_prob: f64,
    /// Logit of the given label minus the largest other logit.
    pub label_margin: f64,
    /// Cross-entropy of the given label in nats, without label smoothing; at least 0.
    pub loss: f64,
}

impl EpochRecord {
    /// Reads a record off C logits.
    ///
    /// # Errors
    /// Fails with fewer than 2 logits, with logits that are not finite, and when the label is no class of them.
    pub fn from_logits(logits: &[f64], label: usize) -> Result<Self, ScoreError> {
        let classes = logits.len();
        if classes < 2 {
            return Err(ScoreError::TooFewClasses { classes });
        }
        if label >= classes {
            return Err(ScoreError::LabelOutOfRange {
                row: 0,
                label,
                classes,
            });
        }
        if let Some((row, &value)) = logits
            .iter()
            .enumerate()
            .find(|(_, logit)| !logit.is_finite())
        {
            return Err(ScoreError::NotFinite { row, value });
        }
        let top = logits[argmax(logits)];
        let log_sum = top
            + logits
                .iter()
                .map(|logit| (logit - top).exp())
                .sum::<f64>()
                .ln();
        let loss = (log_sum - logits[label]).max(0.0);
        Ok(Self {
            label_prob: (-loss).exp(),
            label_margin: logits[label] - largest_except(logits, label).1,
            loss,
        })
    }

    /// Whether the label was predicted: no other class is as probable.
    pub fn is_learnt(self) -> bool {
        self.label_margin > 0.0
    }
}

/// The records of one video in the epochs of one network, summed up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NetworkDynamics {
    epochs: usize,
    /// Mean of `label_prob`, and the sum of its squared deviations from it.
    confidence: f64,
    deviations: f64,
    label_margins: f64,
    losses: f64,
    /// In how many epochs the label was predicted, and how often it was lost again.
    learnt: usize,
    forgotten: usize,
    /// Whether the first and the last epoch predict the label.
    starts_learnt: bool,
    ends_learnt: bool,
    /// The first value that is none, and its record.
    not_finite: Option<(usize, f64)>,
}

impl NetworkDynamics {
    /// Sums up the records of one video, in the order of epochs.
    pub fn new(records: impl ExactSizeIterator<Item = EpochRecord> + Clone) -> Self {
        let epochs = records.len();
        let sum = records.clone().map(|record| record.label_prob).sum::<f64>();
        let mut summed = Self {
            epochs,
            confidence: sum / epochs.max(1) as f64,
            deviations: 0.0,
            label_margins: 0.0,
            losses: 0.0,
            learnt: 0,
            forgotten: 0,
            starts_learnt: false,
            ends_learnt: false,
            not_finite: None,
        };
        for (row, record) in records.enumerate() {
            let is_learnt = record.is_learnt();
            summed.starts_learnt |= row == 0 && is_learnt;
            summed.learnt += usize::from(is_learnt);
            summed.forgotten += usize::from(summed.ends_learnt && !is_learnt);
            summed.ends_learnt = is_learnt;
            summed.deviations += (record.label_prob - summed.confidence).powi(2);
            summed.label_margins += record.label_margin;
            summed.losses += record.loss;
            let values = [record.label_prob, record.label_margin, record.loss];
            if summed.not_finite.is_none()
                && let Some(&value) = values.iter().find(|value| !value.is_finite())
            {
                summed.not_finite = Some((row, value));
            }
        }
        summed
    }

    /// Appends epochs that follow.
    #[must_use]
    pub fn then(self, later: Self) -> Self {
        if self.epochs == 0 {
            return later;
        }
        let joined = self.beside(later);
        Self {
            forgotten: joined.forgotten
                + usize::from(later.epochs > 0 && self.ends_learnt && !later.starts_learnt),
            ..joined
        }
    }

    /// The sums of both, each with its own order of epochs (Chan et al. 1979 on the deviations).
    fn beside(self, other: Self) -> Self {
        let epochs = self.epochs + other.epochs;
        let share = other.epochs as f64 / epochs.max(1) as f64;
        let apart = other.confidence - self.confidence;
        let moved = |(row, value)| (row + self.epochs, value);
        Self {
            epochs,
            confidence: self.confidence + apart * share,
            deviations: self.deviations
                + other.deviations
                + apart.powi(2) * share * self.epochs as f64,
            label_margins: self.label_margins + other.label_margins,
            losses: self.losses + other.losses,
            learnt: self.learnt + other.learnt,
            forgotten: self.forgotten + other.forgotten,
            starts_learnt: self.starts_learnt,
            ends_learnt: if other.epochs == 0 {
                self.ends_learnt
            } else {
                other.ends_learnt
            },
            not_finite: self.not_finite.or(other.not_finite.map(moved)),
        }
    }

    /// How often the network lost the label again; `None` when it never learnt it.
    pub fn forgetting_events(&self) -> Option<usize> {
        (self.learnt > 0).then_some(self.forgotten)
    }
}

/// The records of one video over the epochs of all networks that trained on it in a few numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VideoDynamics {
    /// Area under the margin: mean `label_margin`; low = suspect.
    pub aum: f64,
    /// Data-map confidence: mean `label_prob`, in [0, 1]; low = suspect.
    pub confidence: f64,
    /// Data-map variability: standard deviation of `label_prob` (divided by the number of epochs), in [0, 0.5]; high
    /// = ambiguous.
    pub variability: f64,
    /// Data-map correctness: share of epochs whose prediction is the label ([`EpochRecord::is_learnt`]), in [0, 1].
    pub correctness: f64,
    /// Mean loss in nats; high = suspect.
    pub mean_loss: f64,
    /// How often a network went from learnt to not learnt, mean over the networks that ever learnt the label; `None`
    /// where none did.
    pub forgetting: Option<f64>,
}

impl VideoDynamics {
    /// Summarises what `networks` say of one video.
    ///
    /// # Errors
    /// Fails without records and on records that are not finite.
    pub fn summarise(networks: &[NetworkDynamics]) -> Result<Self, ScoreError> {
        let all = networks
            .iter()
            .copied()
            .reduce(NetworkDynamics::beside)
            .filter(|all| all.epochs > 0)
            .ok_or(ScoreError::Empty)?;
        if let Some((row, value)) = all.not_finite {
            return Err(ScoreError::NotFinite { row, value });
        }
        let epochs = all.epochs as f64;
        let events = networks
            .iter()
            .filter_map(NetworkDynamics::forgetting_events);
        let learners = networks.iter().filter(|network| network.learnt > 0).count();
        Ok(Self {
            aum: all.label_margins / epochs,
            confidence: all.confidence,
            variability: (all.deviations / epochs).sqrt(),
            correctness: all.learnt as f64 / epochs,
            mean_loss: all.losses / epochs,
            forgetting: (learners > 0).then(|| events.sum::<usize>() as f64 / learners as f64),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;
    use proptest::prelude::*;
    use serde_json::Value;

    #[test]
    fn equal_to_the_references() {
        // aum, data maps and forgetting on one history of logits [epoch][video][class]; see
        // tests/golden/make_golden.py.
        let golden: Value =
            serde_json::from_str(include_str!("../../tests/golden/dynamics.json")).unwrap();
        let number = |key: &str, video: usize| golden[key][video].as_f64().unwrap();
        let labels = golden["labels"].as_array().unwrap();
        for (video, label) in labels.iter().enumerate() {
            let label = label.as_u64().unwrap() as usize;
            let records: Vec<EpochRecord> = golden["logits"]
                .as_array()
                .unwrap()
                .iter()
                .map(|epoch| {
                    let logits: Vec<f64> = epoch[video]
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|logit| logit.as_f64().unwrap())
                        .collect();
                    EpochRecord::from_logits(&logits, label).unwrap()
                })
                .collect();
            let network = NetworkDynamics::new(records.iter().copied());
            let dynamics = VideoDynamics::summarise(&[network]).unwrap();
            assert_abs_diff_eq!(dynamics.aum, number("aum", video), epsilon = 1e-9);
            assert_abs_diff_eq!(
                dynamics.confidence,
                number("confidence", video),
                epsilon = 1e-9
            );
            assert_abs_diff_eq!(
                dynamics.variability,
                number("variability_std_ddof0", video),
                epsilon = 1e-9
            );
            assert_abs_diff_eq!(
                dynamics.correctness * 5.0,
                number("correctness_count", video),
                epsilon = 1e-9
            );
            assert_abs_diff_eq!(
                dynamics.mean_loss,
                number("csl_mean_ce", video),
                epsilon = 1e-9
            );
            // The reference writes 1000 for a video that was never learnt.
            let forgetting = dynamics.forgetting.unwrap_or(1000.0);
            assert_abs_diff_eq!(forgetting, number("forgetfulness", video));
        }
    }

    fn record(margin: i32) -> EpochRecord {
        EpochRecord {
            label_prob: 0.1 * f64::from(margin) + 0.3,
            label_margin: f64::from(margin),
            loss: 0.7,
        }
    }

    fn network(margins: &[i32]) -> NetworkDynamics {
        NetworkDynamics::new(margins.iter().map(|&margin| record(margin)))
    }

    #[test]
    fn forgetting_needs_learning() {
        let events = |margins: &[i32]| network(margins).forgetting_events();
        // A tie is no prediction of the label.
        assert_eq!(events(&[0, -2, 0]), None);
        assert_eq!(events(&[0, 1, 1]), Some(0));
        assert_eq!(events(&[1, 0, 1, -2, 0]), Some(2));
        let of_all = |networks: &[NetworkDynamics]| VideoDynamics::summarise(networks).unwrap();
        let networks = [network(&[0, -2]), network(&[1, 0, 1, 0]), network(&[1, 1])];
        assert_eq!(of_all(&networks).forgetting, Some(1.0));
        assert_eq!(of_all(&networks[..1]).forgetting, None);
    }

    proptest! {
        #[test]
        fn parts_add_up_to_the_whole(
            margins in prop::collection::vec(-1_i32..3, 1..30),
            cut in 0_usize..30,
        ) {
            let (head, tail) = margins.split_at(cut.min(margins.len()));
            let joined = VideoDynamics::summarise(&[network(head).then(network(tail))]).unwrap();
            let whole = VideoDynamics::summarise(&[network(&margins)]).unwrap();
            prop_assert_eq!(joined.forgetting, whole.forgetting);
            // The same mean over all epochs, whichever network they are of.
            let apart = VideoDynamics::summarise(&[network(head), network(tail)]).unwrap();
            for found in [joined, apart] {
                prop_assert!((found.aum - whole.aum).abs() < 1e-12);
                prop_assert!((found.correctness - whole.correctness).abs() < 1e-12);
                prop_assert!((found.confidence - whole.confidence).abs() < 1e-12);
                prop_assert!((found.variability - whole.variability).abs() < 1e-9);
                prop_assert!((found.mean_loss - whole.mean_loss).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn extreme_logits_stay_finite_and_broken_ones_are_refused() {
        let extreme = EpochRecord::from_logits(&[1e4, -1e4], 1).unwrap();
        assert_eq!((extreme.label_prob, extreme.loss), (0.0, 2e4));
        assert!(matches!(
            EpochRecord::from_logits(&[0.0, f64::NAN], 0),
            Err(ScoreError::NotFinite { row: 1, .. })
        ));
        assert!(EpochRecord::from_logits(&[0.0], 0).is_err());
        assert!(EpochRecord::from_logits(&[0.0, 1.0], 2).is_err());
        assert_eq!(VideoDynamics::summarise(&[]), Err(ScoreError::Empty));
        let none = network(&[]);
        assert_eq!(VideoDynamics::summarise(&[none]), Err(ScoreError::Empty));
        let broken = EpochRecord {
            loss: f64::INFINITY,
            ..record(0)
        };
        let broken = NetworkDynamics::new([record(0), broken].into_iter());
        let error = VideoDynamics::summarise(&[network(&[1]), broken]).unwrap_err();
        assert!(
            matches!(error, ScoreError::NotFinite { row: 2, .. }),
            "{error}"
        );
    }
}
