//! The verdict on one video: clean, hard or mislabeled, and the two cases in which nobody can say.
//!
//! The rule is the paper's (RDFER, arXiv:2502.16129): clips that agree with each other and not with the label point
//! to a wrong label; clips that do not agree with each other point to a hard video.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{ScoreError, VideoScore};

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
    /// Too few distinct frames for the clips to differ: their agreement would be 1 by construction and says nothing.
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
    /// What orders the videos.
    pub order: Order,
}

impl Default for VerdictSettings {
    fn default() -> Self {
        Self {
            agreement_threshold: 0.8,
            order: Order::default(),
        }
    }
}

impl VerdictSettings {
    /// Checks the ranges.
    ///
    /// # Errors
    /// Fails when a number lies outside (0, 1].
    pub fn check(&self) -> Result<(), ScoreError> {
        let value = self.agreement_threshold;
        if !(value > 0.0 && value <= 1.0) {
            return Err(ScoreError::SettingOutOfRange {
                name: "agreement_threshold",
                value,
                range: "(0, 1]",
            });
        }
        Ok(())
    }

    /// The verdict on a video that was scored. `clips_differ`: whether its clips show enough distinct frames for
    /// their agreement to mean anything.
    pub fn judge(&self, score: &VideoScore, clips_differ: bool) -> Verdict {
        if !clips_differ {
            Verdict::Undefined
        } else if !reaches(score.agreement, self.agreement_threshold) {
            Verdict::Hard
        } else if score.consensus == score.label {
            Verdict::Clean
        } else {
            Verdict::Mislabeled
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

    fn judge(votes_for_first: usize, clips: usize, label: usize, clips_differ: bool) -> Verdict {
        let rows: Vec<[f64; 2]> = (0..clips)
            .map(|i| {
                if i < votes_for_first {
                    [0.9, 0.1]
                } else {
                    [0.2, 0.8]
                }
            })
            .collect();
        let score = VideoScore::new(&ClipVotes::count(&rows).unwrap(), label).unwrap();
        VerdictSettings::default().judge(&score, clips_differ)
    }

    #[test]
    fn the_three_rows_of_the_rule() {
        assert_eq!(judge(8, 10, 0, true), Verdict::Clean);
        assert_eq!(judge(8, 10, 1, true), Verdict::Mislabeled);
        assert_eq!(judge(7, 10, 0, true), Verdict::Hard);
        assert_eq!(judge(7, 10, 1, true), Verdict::Hard);
    }

    #[test]
    fn identical_clips_prove_nothing() {
        assert_eq!(judge(10, 10, 0, false), Verdict::Undefined);
        assert_eq!(judge(10, 10, 1, false), Verdict::Undefined);
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
    fn settings_outside_their_range_are_refused() {
        assert!(VerdictSettings::default().check().is_ok());
        for bad in [0.0, 1.5, f64::NAN] {
            let settings = VerdictSettings {
                agreement_threshold: bad,
                ..VerdictSettings::default()
            };
            assert!(settings.check().is_err());
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
