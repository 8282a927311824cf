//! What one of two predictions of the same videos is better by.

use serde::Serialize;

use super::{ConfusionMatrix, MetricsError};

/// Normal deviate of a 95 % interval.
const DEVIATE: f64 = 1.96;

/// Two predictions of the same videos against their classes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PairedGain {
    /// The first one's recall, in [0, 1].
    pub before: f64,
    /// The second one's.
    pub after: f64,
    /// What the second is better by.
    pub gain: f64,
    /// The ends of its 95 % interval.
    pub interval: (f64, f64),
}

impl PairedGain {
    fn new(before: f64, after: f64, gain: f64, variance: f64) -> Self {
        let margin = DEVIATE * variance.max(0.0).sqrt();
        Self {
            before,
            after,
            gain,
            interval: (gain - margin, gain + margin),
        }
    }
}

/// The gain in weighted and in unweighted average recall of predictions `after` over `before`, of the same videos, whose
/// classes are `truth`.
///
/// The intervals are those of a difference of two dependent shares (Agresti, Categorical Data Analysis, 3rd edition, §11.1.1):
/// with g gained and l lost of n videos, (g − l)/n ± 1.96·√(g + l − (g − l)²/n)/n; of the unweighted recall, whose gain is the
/// mean over the classes, the variances of these are summed up.
///
/// # Errors
/// There is no video, the lists differ in length, or a class is none.
pub fn paired_gains(
    truth: &[usize],
    before: &[usize],
    after: &[usize],
    classes: usize,
) -> Result<[PairedGain; 2], MetricsError> {
    if truth.is_empty() {
        return Err(MetricsError::TooFew { needed: 1 });
    }
    let matrices = [before, after].map(|said| ConfusionMatrix::count(truth, said, classes));
    let [first, second] = matrices;
    let (first, second) = (first?, second?);
    let of_class = |class: Option<usize>| {
        let mut counts = [0.0; 3];
        for (video, &own) in truth.iter().enumerate() {
            if class.is_none_or(|class| class == own) {
                counts[0] += 1.0;
                counts[1] += f64::from(after[video] == own) - f64::from(before[video] == own);
                counts[2] += f64::from((after[video] == own) != (before[video] == own));
            }
        }
        let [n, net, changed] = counts;
        (net / n, (changed - net * net / n) / (n * n))
    };
    let (gain, variance) = of_class(None);
    let share = |matrix: &ConfusionMatrix, unweighted: bool| {
        let recall = if unweighted {
            matrix.unweighted_average_recall()
        } else {
            matrix.weighted_average_recall()
        };
        recall.unwrap_or(0.0)
    };
    let weighted = PairedGain::new(share(&first, false), share(&second, false), gain, variance);
    let there = (0..classes).filter(|&class| first.support(class) > 0);
    let by_class: Vec<(f64, f64)> = there.map(|class| of_class(Some(class))).collect();
    let count = by_class.len() as f64;
    let gain = by_class.iter().map(|(gain, _)| gain).sum::<f64>() / count;
    let variance = by_class.iter().map(|(_, variance)| variance).sum::<f64>() / (count * count);
    let unweighted = PairedGain::new(share(&first, true), share(&second, true), gain, variance);
    Ok([weighted, unweighted])
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn numbers_by_hand() {
        let truth = [0, 0, 0, 0, 1, 1];
        let before = [0, 0, 1, 1, 0, 1];
        let after = [0, 0, 0, 1, 1, 0];
        let [war, uar] = paired_gains(&truth, &before, &after, 3).unwrap();
        assert_relative_eq!(war.gain, 1.0 / 6.0);
        // 1.96·√(3 − 1/6)/6
        let margin = 1.96 * (3.0_f64 - 1.0 / 6.0).sqrt() / 6.0;
        assert_relative_eq!(war.interval.1, 1.0 / 6.0 + margin);
        // A quarter and nothing; (1 − 1/4)/16 and 2/4.
        assert_relative_eq!(uar.gain, 0.125);
        assert_relative_eq!(uar.after - uar.before, uar.gain);
        let margin = 1.96 * (0.75_f64 / 16.0 + 0.5).sqrt() / 2.0;
        assert_relative_eq!(uar.interval.0, 0.125 - margin);
        assert!(paired_gains(&[], &[], &[], 3).is_err());
        assert!(paired_gains(&[0], &[0], &[], 3).is_err());
    }
}
