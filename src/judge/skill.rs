//! Which videos the networks may judge, by the skill that they have shown, and what that leaves of ranges.

use std::collections::BTreeMap;

use super::copies::Contradiction;
use super::promise::{Promise, UNKNOWN};
use super::{JudgeError, JudgeSettings, VideoFile};
use crate::rows::skill::percent;
use crate::score::calibration::Basis;
use crate::score::classes::ClassReport;
use crate::score::ranking::RankedVideo;
use crate::score::skill::{Grade, HeldOutLabels, Skill};
use crate::score::{VerdictSettings, VideoScore};

/// The networks' skill on the scored videos.
pub(super) struct Competence {
    pub(super) skill: Skill,
    /// By scored video, whether what the networks say of it counts.
    pub(super) may_judge: Vec<bool>,
    is_nobody: bool,
    is_required: bool,
}

impl Competence {
    pub(super) fn measure(
        scored: &[(VideoFile, VideoScore)],
        settings: JudgeSettings,
    ) -> Result<Self, JudgeError> {
        let of = |pick: fn(&VideoScore) -> usize| -> Vec<usize> {
            scored.iter().map(|(_, score)| pick(score)).collect()
        };
        let (given, predicted) = (of(|score| score.label), of(|score| score.consensus));
        let folds: Vec<u8> = scored.iter().map(|(file, _)| file.fold).collect();
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        let groups: Vec<Option<usize>> = scored
            .iter()
            .map(|(file, _)| {
                let next = numbers.len();
                Some(*numbers.entry(file.group.as_deref()?).or_insert(next))
            })
            .collect();
        let skill = Skill::measure(HeldOutLabels {
            given: &given,
            predicted: &predicted,
            folds: &folds,
            groups: &groups,
            classes: settings.labels.len(),
        })
        .map_err(JudgeError::Set)?;
        let VerdictSettings { require_skill, .. } = *settings.verdict;
        let may_judge: Vec<bool> = (0..scored.len())
            .map(|video| {
                !require_skill || skill.may_judge(folds[video], given[video], predicted[video])
            })
            .collect();
        Ok(Self {
            skill,
            is_nobody: !may_judge.contains(&true),
            may_judge,
            is_required: require_skill,
        })
    }

    /// Whether the networks may judge no video at all.
    pub(super) fn is_nobody(&self) -> bool {
        self.is_nobody
    }

    /// Why a video cannot be judged, before what its clips say; empty where it can.
    pub(super) fn why_not(
        &self,
        index: usize,
        (file, score): (&VideoFile, &VideoScore),
        labels: &[String],
    ) -> String {
        if self.may_judge[index] {
            return String::new();
        }
        let skill = &self.skill;
        let class = [score.label, score.consensus]
            .into_iter()
            .find(|&class| !skill.class_has_learnt(class));
        match class {
            _ if skill.grade == Grade::Unable => {
                let (right, chance) = (skill.agreement.right, skill.agreement.chance);
                format!(
                    "the networks cannot judge it, being right on {} of the held-out labels where chance is {}; ",
                    percent(right),
                    percent(chance)
                )
            }
            _ if !skill.fold_has_learnt(file.fold) => {
                format!(
                    "the network of fold {} has not learnt, and cannot judge it; ",
                    file.fold + 1
                )
            }
            Some(class) => format!(
                "the networks have not learnt what '{}' is, and cannot judge it; ",
                labels[class]
            ),
            None => String::new(),
        }
    }

    /// What the ranking still promises: ranges are as wide as doubt has them, and nothing is recommended where nobody may
    /// judge. What people judged stands as it is.
    pub(super) fn doubt(&self, promise: Promise) -> Option<Promise> {
        match (promise.basis, self.is_nobody()) {
            (Basis::Range, true) => None,
            (Basis::Judged, true) => Some(Promise {
                recommended: 0,
                agreement_threshold: None,
                ..promise
            }),
            (Basis::Range, false) if self.is_required => Some(promise.widened(&self.skill)),
            (Basis::Range | Basis::Judged, false) => Some(promise),
        }
    }

    /// The classes as far as the networks' word counts.
    pub(super) fn doubt_classes(&self, mut report: ClassReport, basis: Basis) -> ClassReport {
        if basis == Basis::Range && self.is_required {
            for class in &mut report.classes {
                class.share_mislabeled = self.skill.widen(class.share_mislabeled, 1.0);
            }
        }
        report
    }
}

/// What may be said of each scored video, by networks or by its copies.
pub(super) struct Standing {
    pub(super) competence: Competence,
    pub(super) contradictions: Vec<Option<Contradiction>>,
    /// Whether votes and networks together hold the label for wrong; nothing where nobody voted.
    pub(super) contradicted_by_votes: Vec<Option<bool>>,
}

impl Standing {
    /// What a video's copies say, where by them its label is wrong for certain. Which of as many copies is wrong, networks
    /// decide that may judge.
    pub(super) fn certain(&self, index: usize) -> Option<Contradiction> {
        let may_judge = self.competence.may_judge[index];
        self.contradictions[index]
            .filter(|copies| copies.is_wrong && (copies.by_majority || may_judge))
    }

    pub(super) fn is_certain(&self, index: usize) -> bool {
        self.certain(index).is_some()
    }

    /// Whether a video has a place in the ranking.
    pub(super) fn is_ranked(&self, index: usize) -> bool {
        self.competence.may_judge[index] || self.is_certain(index)
    }

    /// Whether a video counts in what the ranking promises: where nobody may judge, people judge a sample of all.
    pub(super) fn counts(&self, index: usize) -> bool {
        self.competence.is_nobody() || self.is_ranked(index)
    }

    /// The probability that a video's label is wrong, in [0, 1]. `ranked`: what the noise model says of it.
    pub(super) fn noise_posterior(&self, index: usize, ranked: &RankedVideo) -> f64 {
        if self.is_certain(index) {
            1.0
        } else if self.competence.may_judge[index] {
            ranked.noise_posterior
        } else {
            UNKNOWN
        }
    }
}
