//! Two networks' out-of-fold predictions for the same videos, one against the other: did cleaned labels help?

use std::collections::BTreeMap;

use serde::Serialize;

use crate::metrics::{ConfusionMatrix, MetricsError, paired_gains};
use crate::rows::clips::ClipRow;

/// What was compared, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairedComparison {
    /// What the predictions were held against, in words.
    pub basis: &'static str,
    /// Videos that count.
    pub videos: usize,
    /// Labels that differ between the two.
    pub relabeled: usize,
    /// Videos that only the first learnt from.
    pub dropped: usize,
    /// Learnt from the original labels.
    pub before: Accuracy,
    /// Learnt from the cleaned labels.
    pub after: Accuracy,
    /// WAR after less WAR before.
    pub war_gain: f64,
    /// The ends of its 95 % interval.
    pub war_gain_interval: (f64, f64),
    /// Videos that were wrong before and are right after.
    pub gained: usize,
    /// Videos that were right before and are wrong after.
    pub lost: usize,
}

/// How often predictions are right.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Accuracy {
    /// Weighted average recall: the share of videos predicted right, in [0, 1].
    pub war: f64,
    /// Unweighted average recall: the mean of that share over the classes, in [0, 1].
    pub uar: f64,
    /// Recall by class, in [0, 1]; classes without videos are not there.
    pub recall: BTreeMap<String, f64>,
}

/// The class of largest mean probability over a video's clips, by id; of equal ones the first.
pub fn predictions(clips: &[ClipRow]) -> BTreeMap<&str, usize> {
    let mut sums: BTreeMap<&str, Vec<f32>> = BTreeMap::new();
    for clip in clips {
        let sum = sums.entry(clip.id.as_str()).or_default();
        sum.resize(clip.probs.len(), 0.0);
        for (sum, prob) in sum.iter_mut().zip(&clip.probs) {
            *sum += prob;
        }
    }
    let largest = |sum: &[f32]| {
        (0..sum.len()).fold(
            0,
            |best, class| if sum[class] > sum[best] { class } else { best },
        )
    };
    sums.iter().map(|(id, sum)| (*id, largest(sum))).collect()
}

impl PairedComparison {
    /// Compares predictions `before` and `after` of the same videos with their classes `truth`. `labels`: the class names.
    ///
    /// # Errors
    /// There is no video, or the lists differ in length.
    pub fn measure(
        basis: &'static str,
        truth: &[usize],
        before: &[usize],
        after: &[usize],
        labels: &[String],
    ) -> Result<Self, MetricsError> {
        if truth.is_empty() {
            return Err(MetricsError::TooFew { needed: 1 });
        }
        let (first, second) = (
            Accuracy::of(truth, before, labels)?,
            Accuracy::of(truth, after, labels)?,
        );
        let videos = truth.len();
        let count = |wanted: (bool, bool)| {
            (0..videos)
                .filter(|&video| {
                    (before[video] == truth[video], after[video] == truth[video]) == wanted
                })
                .count()
        };
        let (gained, lost) = (count((false, true)), count((true, false)));
        let [war, _uar] = paired_gains(truth, before, after, labels.len())?;
        Ok(Self {
            basis,
            videos,
            relabeled: 0,
            dropped: 0,
            war_gain: war.gain,
            war_gain_interval: war.interval,
            before: first,
            after: second,
            gained,
            lost,
        })
    }

    /// The comparison as a table for people.
    pub fn to_table(&self) -> String {
        let (low, high) = self.war_gain_interval;
        let mut lines = vec![
            format!(
                "{} labels changed, {} videos left out; held against {} ({} videos)",
                self.relabeled, self.dropped, self.basis, self.videos
            ),
            String::new(),
            format!("{:<16} {:>8} {:>8}", "learnt from", "WAR", "UAR"),
        ];
        for (name, accuracy) in [
            ("original labels", &self.before),
            ("cleaned labels", &self.after),
        ] {
            lines.push(format!(
                "{name:<16} {:>8.3} {:>8.3}",
                accuracy.war, accuracy.uar
            ));
        }
        lines.push(format!(
            "{:<16} {:>+8.3} {:>+8.3}",
            "gain",
            self.war_gain,
            self.after.uar - self.before.uar
        ));
        lines.push(String::new());
        lines.push(format!(
            "95 % interval of the gain in WAR: {low:+.3} to {high:+.3}; {} videos are right now that were wrong, {} wrong \
             that were right",
            self.gained, self.lost
        ));
        lines.push(format!("\n{:<16} {:>8} {:>8}", "recall", "before", "after"));
        for (label, before) in &self.before.recall {
            let after = self.after.recall.get(label).copied().unwrap_or(0.0);
            lines.push(format!("{label:<16} {before:>8.3} {after:>8.3}"));
        }
        lines.join("\n") + "\n"
    }
}

impl Accuracy {
    fn of(truth: &[usize], predicted: &[usize], labels: &[String]) -> Result<Self, MetricsError> {
        let confusion = ConfusionMatrix::count(truth, predicted, labels.len())?;
        let recall = labels.iter().zip(0..).filter_map(|(label, class)| {
            let recall = confusion.recall(class)?;
            Some((label.clone(), recall))
        });
        Ok(Self {
            war: confusion.weighted_average_recall().unwrap_or(0.0),
            uar: confusion.unweighted_average_recall().unwrap_or(0.0),
            recall: recall.collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    fn names() -> Vec<String> {
        ["happy", "sad", "fear"].map(str::to_owned).to_vec()
    }

    #[test]
    fn numbers_by_hand() {
        let truth = [0, 0, 0, 0, 1, 1];
        let before = [0, 0, 1, 1, 0, 1];
        let after = [0, 0, 0, 1, 1, 0];
        let found = PairedComparison::measure("truth", &truth, &before, &after, &names()).unwrap();
        assert_relative_eq!(found.before.war, 0.5);
        assert_relative_eq!(found.before.uar, 0.5);
        assert_relative_eq!(found.after.war, 4.0 / 6.0);
        assert_relative_eq!(found.after.uar, f64::midpoint(0.75, 0.5));
        assert_eq!((found.gained, found.lost), (2, 1));
        assert_relative_eq!(found.war_gain, 1.0 / 6.0);
        // 1.96·√(3 − 1/6)/6
        let margin = 1.96 * (3.0_f64 - 1.0 / 6.0).sqrt() / 6.0;
        assert_relative_eq!(found.war_gain_interval.1, 1.0 / 6.0 + margin);
        // Nobody is of the third class.
        assert_eq!(found.after.recall.len(), 2);
        assert!(PairedComparison::measure("truth", &[], &[], &[], &names()).is_err());
        assert!(PairedComparison::measure("truth", &[0], &[0], &[], &names()).is_err());
    }

    #[test]
    fn clips_are_averaged_not_counted() {
        let clip = |id: &str, probs: [f32; 3]| ClipRow {
            id: id.to_owned(),
            repeat: 0,
            clip: 0,
            start_frame: 0,
            end_frame: 0,
            flipped: false,
            prediction: String::new(),
            probs: probs.to_vec(),
            key_frames: Vec::new(),
        };
        let clips = [
            clip("a", [0.4, 0.35, 0.25]),
            clip("a", [0.4, 0.35, 0.25]),
            clip("a", [0.0, 0.9, 0.1]),
            clip("b", [0.5, 0.5, 0.0]),
        ];
        let found = predictions(&clips);
        assert_eq!((found["a"], found["b"]), (1, 0));
    }
}
