//! What a video is to be learnt as, where somebody knows its class or an earlier run doubts its label.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Probabilities are kept as shares of this, so that they are the same wherever they are read.
const WHOLE: f64 = 10_000.0;

/// What a video is to be learnt as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lesson {
    /// This class, whatever networks say of it: people decided so.
    Decided(usize),
    /// Probabilities of the C classes, in ten-thousandths.
    Soft(Vec<u16>),
}

/// What videos are to be learnt as that are not learnt as their given label alone, by their place.
pub type Lessons = BTreeMap<usize, Lesson>;

impl Lesson {
    /// Of probabilities of the C classes, which sum to 1.
    pub fn soft(probs: &[f64]) -> Self {
        let parts = probs.iter().map(|prob| (prob * WHOLE).round() as u16);
        Self::Soft(parts.collect())
    }

    /// The target, C probabilities that sum to 1.
    pub fn target(&self, classes: usize) -> Vec<f32> {
        match self {
            Self::Decided(class) => one_hot(*class, classes),
            Self::Soft(parts) => {
                let sum: u32 = parts.iter().map(|&part| u32::from(part)).sum();
                let share = |&part: &u16| f32::from(part) / sum.max(1) as f32;
                parts.iter().map(share).collect()
            }
        }
    }
}

/// C probabilities, all of it on one class.
pub(super) fn one_hot(class: usize, classes: usize) -> Vec<f32> {
    let mut target = vec![0.0; classes];
    if let Some(given) = target.get_mut(class) {
        *given = 1.0;
    }
    target
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_sum_to_one_and_come_back_from_a_file_as_they_were() {
        let lessons = Lessons::from([
            (2, Lesson::Decided(1)),
            (7, Lesson::soft(&[0.333_33, 0.333_33, 0.333_34])),
        ]);
        let json = serde_json::to_string(&lessons).unwrap();
        assert_eq!(json, r#"{"2":{"decided":1},"7":{"soft":[3333,3333,3333]}}"#);
        let again: Lessons = serde_json::from_str(&json).unwrap();
        assert_eq!(again, lessons);
        assert_eq!(again[&2].target(3), [0.0, 1.0, 0.0]);
        let sum: f32 = again[&7].target(3).iter().sum();
        assert!((sum - 1.0).abs() < 1e-6, "{sum}");
    }
}
