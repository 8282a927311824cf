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
    /// The most probable class; the first one wins a tie.
    pub prediction: usize,
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
        let prediction = argmax(logits);
        let top = logits[prediction];
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
            prediction,
        })
    }
}

/// The records of one video over its epochs in a few numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VideoDynamics {
    /// Area under the margin: mean `label_margin`; low = suspect.
    pub aum: f64,
    /// Data-map confidence: mean `label_prob`, in [0, 1]; low = suspect.
    pub confidence: f64,
    /// Data-map variability: standard deviation of `label_prob` (divided by the number of epochs), in [0, 0.5]; high
    /// = ambiguous.
    pub variability: f64,
    /// Data-map correctness: share of epochs whose prediction is the label, in [0, 1].
    pub correctness: f64,
    /// Mean loss in nats; high = suspect.
    pub mean_loss: f64,
    /// How often the video went from learnt to not learnt; `None` when it never was learnt.
    pub forgetting_events: Option<usize>,
}

impl VideoDynamics {
    /// Summarises the records of one video, in the order of epochs.
    ///
    /// # Errors
    /// Fails without records and on records that are not finite.
    pub fn summarise(records: &[EpochRecord], label: usize) -> Result<Self, ScoreError> {
        if records.is_empty() {
            return Err(ScoreError::Empty);
        }
        for (row, record) in records.iter().enumerate() {
            let values = [record.label_prob, record.label_margin, record.loss];
            if let Some(&value) = values.iter().find(|value| !value.is_finite()) {
                return Err(ScoreError::NotFinite { row, value });
            }
        }
        let epochs = records.len() as f64;
        let mean = |value: fn(&EpochRecord) -> f64| records.iter().map(value).sum::<f64>() / epochs;
        let confidence = mean(|record| record.label_prob);
        let variance = records
            .iter()
            .map(|record| (record.label_prob - confidence).powi(2))
            .sum::<f64>()
            / epochs;
        let learnt_epochs = records
            .iter()
            .filter(|record| record.prediction == label)
            .count();
        Ok(Self {
            aum: mean(|record| record.label_margin),
            confidence,
            variability: variance.sqrt(),
            correctness: learnt_epochs as f64 / epochs,
            mean_loss: mean(|record| record.loss),
            forgetting_events: forgetting_events(records, label),
        })
    }
}

/// How often a video went from learnt to not learnt; `None` when it never was learnt. `records`: in the order of epochs.
pub fn forgetting_events(records: &[EpochRecord], label: usize) -> Option<usize> {
    let is_learnt = |record: &EpochRecord| record.prediction == label;
    let forgotten = records
        .windows(2)
        .filter(|pair| is_learnt(&pair[0]) && !is_learnt(&pair[1]));
    records.iter().any(is_learnt).then(|| forgotten.count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;
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
            let dynamics = VideoDynamics::summarise(&records, label).unwrap();
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
            let forgetting = dynamics
                .forgetting_events
                .map_or(1000.0, |events| events as f64);
            assert_abs_diff_eq!(forgetting, number("forgetfulness", video));
        }
    }

    #[test]
    fn forgetting_needs_learning() {
        let record = |prediction| EpochRecord {
            label_prob: 0.5,
            label_margin: 0.0,
            loss: 0.7,
            prediction,
        };
        let events = |predictions: &[usize]| {
            let records: Vec<EpochRecord> =
                predictions.iter().map(|&class| record(class)).collect();
            VideoDynamics::summarise(&records, 1)
                .unwrap()
                .forgetting_events
        };
        assert_eq!(events(&[0, 2, 0]), None);
        assert_eq!(events(&[0, 1, 1]), Some(0));
        assert_eq!(events(&[1, 0, 1, 2, 0]), Some(2));
    }

    #[test]
    fn extreme_logits_stay_finite_and_broken_ones_are_refused() {
        let record = EpochRecord::from_logits(&[1e4, -1e4], 1).unwrap();
        assert_eq!(
            (record.label_prob, record.loss, record.prediction),
            (0.0, 2e4, 0)
        );
        assert!(matches!(
            EpochRecord::from_logits(&[0.0, f64::NAN], 0),
            Err(ScoreError::NotFinite { row: 1, .. })
        ));
        assert!(EpochRecord::from_logits(&[0.0], 0).is_err());
        assert!(EpochRecord::from_logits(&[0.0, 1.0], 2).is_err());
        assert_eq!(VideoDynamics::summarise(&[], 0), Err(ScoreError::Empty));
    }
}
