//! The verdict on one video: clean, hard or mislabeled, and the two cases in which nobody can say.
//!
//! The rule is the paper's (RDFER, arXiv:2502.16129): clips that agree with each other and not with the label point
//! to a wrong label; clips that do not agree with each other point to a hard video.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::VideoScore;

/// What the tool holds of one video.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The clips agree with each other and with the label.
    Clean,
    /// The clips do not agree with each other.
    Hard,
    /// The clips agree with each other and contradict the label.
    Mislabeled,
    /// Nobody can say: the networks cannot judge it, or its clips cannot differ, so that they agree by construction.
    Undefined,
    /// The video could not be decoded.
    Unreadable,
}

impl Verdict {
    /// All verdicts, in the order in which a summary lists them.
    pub const ALL: [Self; 5] = [
        Self::Clean,
        Self::Hard,
        Self::Mislabeled,
        Self::Undefined,
        Self::Unreadable,
    ];

    /// The word that is written to files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Hard => "hard",
            Self::Mislabeled => "mislabeled",
            Self::Undefined => "undefined",
            Self::Unreadable => "unreadable",
        }
    }

    /// The verdict that a file's word means, if it is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|verdict| verdict.as_str() == name)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// What orders the videos.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// `noise_score`, see [`super::ranking`].
    #[default]
    NoiseScore,
    /// The paper's agreement, signed by the label; ties are broken by the log-margin.
    Agreement,
}

/// Where the agreement threshold τ comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThresholdSource {
    /// `agreement_threshold`.
    #[default]
    Fixed,
    /// The judged sample; `agreement_threshold` until one was judged.
    Calibrated,
}

/// How verdicts are reached, and what orders the videos.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VerdictSettings {
    /// τ, in (0, 1]: the share of clips that must vote alike before the clips count as agreeing.
    ///
    /// 0.8 by default (ours). With ten clips it asks for eight. Clips that waver evenly between two classes reach
    /// that by chance in 11 % of videos; at 0.7 it would be 34 %, and at 0.9, where 2 % are left, two odd clips out
    /// of ten, which a neutral start or end of a video easily gives, would turn a wrong label into a merely hard
    /// video.
    pub agreement_threshold: f64,
    /// Where τ comes from.
    pub threshold: ThresholdSource,
    /// A τ for every class: lower where all videos of a class make the network waver, higher where none does, so that
    /// a class is not called hard as a whole.
    pub per_class: bool,
    /// The precision that the recommended cut and a calibrated τ shall reach, in [0, 1]; 0 asks for the highest F1.
    pub target_precision: f64,
    /// What orders the videos.
    pub order: Order,
    /// Whether networks must have shown that they can judge ([`super::skill`]) before they do; without it a network that
    /// has learnt nothing calls nearly every label wrong.
    pub require_skill: bool,
}

impl Default for VerdictSettings {
    fn default() -> Self {
        Self {
            agreement_threshold: 0.8,
            threshold: ThresholdSource::default(),
            per_class: false,
            target_precision: 0.0,
            order: Order::default(),
            require_skill: true,
        }
    }
}

impl VerdictSettings {
    /// The precision to reach; `None` asks for the highest F1.
    pub fn target(&self) -> Option<f64> {
        (self.target_precision > 0.0).then_some(self.target_precision)
    }
}

/// The agreement thresholds of a data set, one per class.
#[derive(Debug, Clone, PartialEq)]
pub struct Thresholds {
    /// τ by consensus; a class beyond the list has the last one's.
    by_class: Vec<f64>,
}

impl Thresholds {
    /// The thresholds that settings ask for.
    ///
    /// `calibrated`: the τ that a judged sample supports, if any. `scores`: all videos with scores. A class's own τ is
    /// the common one moved by how far the class's mean agreement lies from that of all videos (as confident learning
    /// compares a class with its own mean confidence), kept above one half and at most 1.
    pub fn new(
        settings: &VerdictSettings,
        calibrated: Option<f64>,
        scores: &[&VideoScore],
    ) -> Self {
        let common = match settings.threshold {
            ThresholdSource::Fixed => settings.agreement_threshold,
            ThresholdSource::Calibrated => calibrated.unwrap_or(settings.agreement_threshold),
        };
        if !settings.per_class {
            return Self {
                by_class: vec![common],
            };
        }
        let classes = scores.first().map_or(1, |score| score.mean_probs.len());
        let mean = |class: Option<usize>| {
            let values = scores
                .iter()
                .filter(|score| class.is_none_or(|class| score.consensus == class))
                .map(|score| score.agreement);
            let (sum, count) =
                values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
            if count > 0.0 { Some(sum / count) } else { None }
        };
        let all = mean(None).unwrap_or(common);
        let by_class = (0..classes)
            .map(|class| {
                (common + mean(Some(class)).unwrap_or(all) - all).clamp(0.5_f64.next_up(), 1.0)
            })
            .collect();
        Self { by_class }
    }

    /// The verdict on a video that was scored.
    ///
    /// One clip cannot disagree with itself, so a single prediction is judged by its place instead: `inside` the
    /// recommended cut a label that it contradicts is called wrong, and outside it the video hard.
    pub fn judge(&self, score: &VideoScore, inside: bool) -> Verdict {
        let threshold = self.by_class[score.consensus.min(self.by_class.len() - 1)];
        let confirms = score.consensus == score.label;
        let agrees = if score.clips == 1 {
            confirms || inside
        } else {
            reaches(score.agreement, threshold)
        };
        match (agrees, confirms) {
            (false, _) => Verdict::Hard,
            (true, true) => Verdict::Clean,
            (true, false) => Verdict::Mislabeled,
        }
    }
}

/// `agreement ≥ threshold`, where a threshold written as a decimal (0.7) still admits the fraction it means (7/10).
pub(crate) fn reaches(agreement: f64, threshold: f64) -> bool {
    agreement >= threshold - 1e-9
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::ClipVotes;

    fn score(votes_for_first: usize, clips: usize, label: usize) -> VideoScore {
        let rows: Vec<[f64; 2]> = (0..clips)
            .map(|i| {
                if i < votes_for_first {
                    [0.9, 0.1]
                } else {
                    [0.2, 0.8]
                }
            })
            .collect();
        VideoScore::new(&ClipVotes::count(&rows).unwrap(), label).unwrap()
    }

    fn judge(votes_for_first: usize, clips: usize, label: usize) -> Verdict {
        let score = score(votes_for_first, clips, label);
        Thresholds::new(&VerdictSettings::default(), None, &[&score]).judge(&score, false)
    }

    #[test]
    fn the_three_rows_of_the_rule() {
        assert_eq!(judge(8, 10, 0), Verdict::Clean);
        assert_eq!(judge(8, 10, 1), Verdict::Mislabeled);
        assert_eq!(judge(7, 10, 0), Verdict::Hard);
        assert_eq!(judge(7, 10, 1), Verdict::Hard);
    }

    #[test]
    fn a_single_prediction_is_judged_by_its_place() {
        let thresholds = Thresholds::new(&VerdictSettings::default(), None, &[]);
        assert_eq!(thresholds.judge(&score(1, 1, 0), false), Verdict::Clean);
        assert_eq!(thresholds.judge(&score(1, 1, 1), true), Verdict::Mislabeled);
        assert_eq!(thresholds.judge(&score(1, 1, 1), false), Verdict::Hard);
    }

    #[test]
    fn a_judged_sample_moves_the_threshold_where_asked() {
        let settings = VerdictSettings {
            threshold: ThresholdSource::Calibrated,
            ..VerdictSettings::default()
        };
        let wavering = score(7, 10, 1);
        let judge = |calibrated| {
            Thresholds::new(&settings, calibrated, &[&wavering]).judge(&wavering, false)
        };
        assert_eq!(judge(None), Verdict::Hard);
        assert_eq!(judge(Some(0.7)), Verdict::Mislabeled);
        let fixed = Thresholds::new(&VerdictSettings::default(), Some(0.7), &[&wavering]);
        assert_eq!(fixed.judge(&wavering, false), Verdict::Hard);
    }

    #[test]
    fn a_class_that_wavers_has_a_lower_threshold() {
        let settings = VerdictSettings {
            per_class: true,
            ..VerdictSettings::default()
        };
        let (wavers, firm) = (score(7, 10, 0), score(0, 10, 1));
        let thresholds = Thresholds::new(&settings, None, &[&wavers, &firm]);
        assert_eq!(thresholds.judge(&wavers, false), Verdict::Clean);
        assert_eq!(thresholds.judge(&score(1, 10, 1), false), Verdict::Hard);
        assert_eq!(judge(7, 10, 0), Verdict::Hard);
    }

    #[test]
    fn a_threshold_admits_the_fraction_it_names() {
        for clips in 1..40_usize {
            for votes in 1..=clips {
                let share = votes as f64 / clips as f64;
                assert!(reaches(share, share) && reaches(share, share.next_up()));
            }
        }
    }

    #[test]
    fn settings_and_words_round_trip() {
        let settings: VerdictSettings =
            serde_json::from_str(r#"{"agreement_threshold": 0.9}"#).unwrap();
        assert_eq!(
            settings,
            VerdictSettings {
                agreement_threshold: 0.9,
                ..VerdictSettings::default()
            }
        );
        for verdict in Verdict::ALL {
            let word = serde_json::to_string(&verdict).unwrap();
            assert_eq!(word, format!("\"{verdict}\""));
            assert_eq!(serde_json::from_str::<Verdict>(&word).unwrap(), verdict);
        }
    }
}
