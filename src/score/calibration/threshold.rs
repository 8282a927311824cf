//! The agreement threshold τ that a judged sample supports.

use crate::score::verdict::reaches;

/// One judged video, with what its clips said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JudgedAgreement {
    /// Share of clips that vote for the consensus, in (0, 1].
    pub agreement: f64,
    /// Whether the consensus is not the label.
    pub contradicts: bool,
    /// Whether people judged the label wrong.
    pub is_error: bool,
    /// The probability with which the video came into the sample, in (0, 1].
    pub inclusion_probability: f64,
}

/// The τ at which the verdict "mislabeled" serves best, or `None` when no judged error is contradicted by its clips.
///
/// Among the agreement levels that occur: with a target, the lowest one whose precision reaches it, or the one of
/// highest precision when none does; without, the one of highest F1. Each judged video counts by the inverse of its
/// inclusion probability, so that a sample that is denser near the cut does not lean (Horvitz & Thompson 1952).
pub fn agreement_threshold(
    judged: &[JudgedAgreement],
    target_precision: Option<f64>,
) -> Option<f64> {
    let mut levels: Vec<f64> = judged
        .iter()
        .filter(|video| video.contradicts)
        .map(|video| video.agreement)
        .collect();
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    let weight = |keep: &dyn Fn(&JudgedAgreement) -> bool| -> f64 {
        judged
            .iter()
            .filter(|video| keep(video))
            .map(|video| 1.0 / video.inclusion_probability)
            .sum()
    };
    let errors = weight(&|video| video.is_error);
    let measured: Vec<(f64, f64, f64)> = levels
        .into_iter()
        .map(|level| {
            let flagged = weight(&|video| video.contradicts && reaches(video.agreement, level));
            let found = weight(&|video| {
                video.is_error && video.contradicts && reaches(video.agreement, level)
            });
            (level, found / flagged, 2.0 * found / (flagged + errors))
        })
        .filter(|&(_, precision, _)| precision > 0.0)
        .collect();
    let best_by = |key: fn(&(f64, f64, f64)) -> f64| {
        measured
            .iter()
            .copied()
            .max_by(|a, b| key(a).total_cmp(&key(b)).then(b.0.total_cmp(&a.0)))
    };
    let chosen = match target_precision {
        None => best_by(|&(_, _, f1)| f1),
        Some(target) => measured
            .iter()
            .copied()
            .find(|&(_, precision, _)| precision >= target)
            .or_else(|| best_by(|&(_, precision, _)| precision)),
    };
    chosen.map(|(level, _, _)| level)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(agreement: f64, contradicts: bool, is_error: bool) -> JudgedAgreement {
        JudgedAgreement {
            agreement,
            contradicts,
            is_error,
            inclusion_probability: 0.5,
        }
    }

    #[test]
    fn target_and_f1_by_hand() {
        let sample = [
            judged(1.0, true, true),
            judged(1.0, true, true),
            judged(0.8, true, true),
            judged(0.8, true, false),
            judged(0.6, true, false),
            judged(0.6, true, false),
            judged(1.0, false, false),
        ];
        assert_eq!(agreement_threshold(&sample, Some(0.9)), Some(1.0));
        assert_eq!(agreement_threshold(&sample, Some(0.7)), Some(0.8));
        // F1: 0.6 gives 6/9, 0.8 gives 6/7, 1.0 gives 4/5.
        assert_eq!(agreement_threshold(&sample, None), Some(0.8));
    }

    #[test]
    fn weights_undo_the_dense_strata() {
        let mut sample = vec![
            judged(0.8, true, false),
            judged(0.8, true, true),
            judged(1.0, true, true),
        ];
        assert_eq!(agreement_threshold(&sample, Some(0.6)), Some(0.8));
        // The false alarm stands for ten times as many videos.
        sample[0].inclusion_probability = 0.05;
        assert_eq!(agreement_threshold(&sample, Some(0.6)), Some(1.0));
    }

    #[test]
    fn nothing_to_learn_from() {
        assert_eq!(agreement_threshold(&[], None), None);
        assert_eq!(
            agreement_threshold(&[judged(1.0, true, false), judged(0.5, false, true)], None),
            None
        );
    }
}
