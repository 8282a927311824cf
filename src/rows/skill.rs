//! What the networks are good for: `skill` in `run.json`, and its sentences.

use serde::{Deserialize, Serialize};

use crate::score::skill::{Agreement, Grade, Part, Skill};

/// The skill of a run's networks on labels that they never saw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SkillCard {
    /// What they are good for.
    pub grade: Grade,
    /// How much their word counts, in [0, 1].
    pub trust: f64,
    /// Whether that was heeded, as `verdict.require_skill` asks for.
    pub is_required: bool,
    /// How often they are right, and what chance would be.
    pub agreement: Agreement,
    /// The folds whose networks have not learnt, where others have.
    pub folds_not_learnt: Vec<SkillPart>,
    /// The classes that they have not learnt, where they have learnt others.
    pub classes_not_learnt: Vec<SkillPart>,
}

/// The skill on a fold, or on the videos of a class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SkillPart {
    /// The fold's number, from 1, or the class's name.
    pub name: String,
    /// How often the networks are right on it, and what chance would be.
    pub agreement: Agreement,
}

impl SkillCard {
    /// The card of a skill. `labels`: the class names; `is_required`: whether it is heeded.
    pub fn new(skill: &Skill, labels: &[String], is_required: bool) -> Self {
        let parts = |parts: &[Part], name: &dyn Fn(usize) -> String| {
            parts
                .iter()
                .filter(|part| {
                    skill.grade != Grade::Unable && !part.has_learnt && part.agreement.videos > 0
                })
                .map(|part| SkillPart {
                    name: name(part.number),
                    agreement: part.agreement,
                })
                .collect()
        };
        Self {
            grade: skill.grade,
            trust: skill.trust,
            is_required,
            agreement: skill.agreement,
            folds_not_learnt: parts(&skill.folds, &|fold| (fold + 1).to_string()),
            classes_not_learnt: parts(&skill.classes, &|class| labels[class].clone()),
        }
    }

    /// Whether nothing follows from what the networks say.
    pub fn is_unable(&self) -> bool {
        self.is_required && self.grade == Grade::Unable
    }

    /// `the networks are right on 19 % of the held-out labels, chance is 14 %`.
    pub fn measured(&self) -> String {
        format!(
            "the networks {}",
            right(&self.agreement, "the held-out labels")
        )
    }

    /// What takes the place of an estimate where there can be none, without a full stop.
    pub fn cannot_be_said(&self) -> String {
        format!(
            "cannot be said: {}; more epochs, pretrained weights or more videos",
            self.measured()
        )
    }

    /// What one must know of the networks, in sentences without a full stop; none where they are able and have learnt all.
    pub fn doubts(&self) -> Vec<String> {
        if self.is_unable() {
            return vec!["no label is called wrong for what these networks say".to_owned()];
        }
        let mut doubts = Vec::new();
        match (self.grade, self.is_required) {
            (Grade::Able, _) => {}
            (Grade::Doubtful, true) => doubts.push(format!(
                "{}: their word counts {:.2}, and the ranges are the wider for it",
                self.measured(),
                self.trust
            )),
            (Grade::Doubtful | Grade::Unable, _) => doubts.push(format!(
                "{}, which was not heeded (verdict.require_skill is false)",
                self.measured()
            )),
        }
        if !self.is_required {
            return doubts;
        }
        for fold in &self.folds_not_learnt {
            doubts.push(format!(
                "the network of fold {} has not learnt: it {}; its videos are not judged",
                fold.name,
                right(&fold.agreement, "its labels").replacen("are", "is", 1)
            ));
        }
        for class in &self.classes_not_learnt {
            doubts.push(format!(
                "what '{}' is the networks have not learnt: they {}; videos with this label, and those taken for it, are \
                 not judged",
                class.name,
                right(&class.agreement, "its labels")
            ));
        }
        doubts
    }
}

fn right(agreement: &Agreement, of: &str) -> String {
    format!(
        "are right on {} of {of}, chance is {}",
        percent(agreement.right),
        percent(agreement.chance)
    )
}

/// A share in [0, 1] in whole percent.
pub fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agreement(right: f64, chance: f64) -> Agreement {
        Agreement {
            videos: 60,
            right,
            chance,
            kappa: (right - chance) / (1.0 - chance),
            kappa_low: 0.0,
        }
    }

    fn card(grade: Grade, is_required: bool) -> SkillCard {
        let part = |name: &str| SkillPart {
            name: name.to_owned(),
            agreement: agreement(0.05, 0.15),
        };
        SkillCard {
            grade,
            trust: 0.4,
            is_required,
            agreement: agreement(0.19, 0.143),
            folds_not_learnt: vec![part("2")],
            classes_not_learnt: vec![part("disgust")],
        }
    }

    #[test]
    fn sentences_name_what_was_measured_and_what_to_do() {
        assert_eq!(
            card(Grade::Unable, true).cannot_be_said(),
            "cannot be said: the networks are right on 19 % of the held-out labels, chance is 14 %; more epochs, \
             pretrained weights or more videos"
        );
        assert!(card(Grade::Unable, true).is_unable() && !card(Grade::Unable, false).is_unable());
        let doubts = card(Grade::Doubtful, true).doubts();
        assert_eq!(doubts.len(), 3);
        assert!(doubts[0].ends_with("their word counts 0.40, and the ranges are the wider for it"));
        assert!(
            doubts[1].contains(
                "fold 2 has not learnt: it is right on 5 % of its labels, chance is 15 %"
            )
        );
        assert!(doubts[2].starts_with("what 'disgust' is the networks have not learnt"));
        let ignored = card(Grade::Unable, false).doubts();
        assert!(
            ignored.len() == 1 && ignored[0].contains("verdict.require_skill"),
            "{ignored:?}"
        );
    }
}
