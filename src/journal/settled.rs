//! What all reviewers of a video together come to.

use std::collections::BTreeMap;

use super::book::{Book, Choice, Decision};

/// What a video's reviewers come to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// This label is right, be it the given one or another.
    Label(String),
    /// The video does not belong in the data set.
    Drop,
    /// Nobody can say.
    Ambiguous,
    /// They contradict each other, and no side has more than half of the votes.
    Tie,
}

/// What a video's reviewers come to, and who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// What holds.
    pub outcome: Outcome,
    /// Those who said so, sorted; all who voted where it is a tie. The unnamed reviewer's name is empty.
    pub by: Vec<String>,
    /// How many had a say.
    pub voters: usize,
    /// Whether somebody settled it who was asked to, rather than the majority.
    pub is_adjudicated: bool,
}

impl Book {
    /// What the reviewers of a video come to; nothing where nobody decided. `given`: the label that a bare `keep` confirms.
    ///
    /// Adjudication goes before votes. Among either, the strict majority decides: more than half of those who had a say.
    /// Who skipped had none.
    pub fn settled(&self, id: &str, given: &str) -> Option<Settlement> {
        let count = |is_adjudicated: bool| {
            let mut sides: BTreeMap<Outcome, Vec<String>> = BTreeMap::new();
            for (reviewer, standing) in self.of_video(id) {
                let decision = if is_adjudicated {
                    &standing.ruling
                } else {
                    &standing.vote
                };
                if let Some(outcome) = decision.as_ref().and_then(|said| outcome(said, given)) {
                    sides.entry(outcome).or_default().push(reviewer.to_owned());
                }
            }
            settle(sides, is_adjudicated)
        };
        count(true).or_else(|| count(false))
    }
}

/// What one decision says of the video; nothing where it was skipped.
fn outcome(decision: &Decision, given: &str) -> Option<Outcome> {
    Some(match &decision.choice {
        // Whoever keeps a label keeps the one that they saw, whatever the data set says by now.
        Choice::Keep(Some(label)) | Choice::Relabel(label) => Outcome::Label(label.clone()),
        Choice::Keep(None) => Outcome::Label(given.to_owned()),
        Choice::Drop => Outcome::Drop,
        Choice::Ambiguous(_) => Outcome::Ambiguous,
        Choice::Skip => return None,
    })
}

fn settle(sides: BTreeMap<Outcome, Vec<String>>, is_adjudicated: bool) -> Option<Settlement> {
    let voters: usize = sides.values().map(Vec::len).sum();
    let mut all: Vec<String> = sides.values().flatten().cloned().collect();
    all.sort();
    let winner = sides.into_iter().find(|(_, by)| 2 * by.len() > voters);
    let (outcome, by) = winner.unwrap_or((Outcome::Tie, all));
    (voters > 0).then_some(Settlement {
        outcome,
        by,
        voters,
        is_adjudicated,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Action, Entry};

    fn entry(action: Action, label: Option<&str>, adjudication: bool) -> Entry {
        Entry {
            id: "v".into(),
            action,
            label: label.map(str::to_owned),
            note: None,
            blind: false,
            adjudication,
        }
    }

    fn book(votes: &[(&str, Action, Option<&str>, bool)]) -> Book {
        let mut book = Book::default();
        for (reviewer, action, label, adjudication) in votes {
            book.apply(reviewer, &entry(*action, *label, *adjudication));
        }
        book
    }

    fn outcome_of(votes: &[(&str, Action, Option<&str>, bool)]) -> Option<Outcome> {
        book(votes)
            .settled("v", "sad")
            .map(|settled| settled.outcome)
    }

    #[test]
    fn more_than_half_decide_and_a_tie_decides_nothing() {
        use Action::{Ambiguous, Drop, Keep, Relabel, Skip};
        assert_eq!(outcome_of(&[]), None);
        assert_eq!(outcome_of(&[("a", Skip, None, false)]), None);
        let label = |name: &str| Some(Outcome::Label(name.to_owned()));
        assert_eq!(outcome_of(&[("a", Keep, None, false)]), label("sad"));
        assert_eq!(
            outcome_of(&[
                ("a", Relabel, Some("fear"), false),
                ("b", Keep, Some("sad"), false)
            ]),
            Some(Outcome::Tie)
        );
        // Two of four are not more than half, however the others split.
        assert_eq!(
            outcome_of(&[
                ("a", Relabel, Some("fear"), false),
                ("b", Relabel, Some("fear"), false),
                ("c", Drop, None, false),
                ("d", Ambiguous, Some("sad"), false),
            ]),
            Some(Outcome::Tie)
        );
        // Who skips takes no part.
        let settled = book(&[
            ("a", Relabel, Some("fear"), false),
            ("b", Relabel, Some("fear"), false),
            ("c", Drop, None, false),
            ("d", Skip, None, false),
        ])
        .settled("v", "sad")
        .unwrap();
        assert_eq!(settled.outcome, Outcome::Label("fear".into()));
        assert_eq!(
            (settled.by, settled.voters),
            (vec!["a".into(), "b".into()], 3)
        );
    }

    #[test]
    fn adjudication_goes_before_any_majority() {
        use Action::{Drop, Keep, Relabel};
        let votes = [
            ("a", Relabel, Some("fear"), false),
            ("b", Relabel, Some("fear"), false),
            ("chief", Drop, None, true),
        ];
        assert_eq!(outcome_of(&votes), Some(Outcome::Drop));
        // Adjudicators who contradict each other settle nothing.
        let mut votes = votes.to_vec();
        votes.push(("other", Keep, None, true));
        assert_eq!(outcome_of(&votes), Some(Outcome::Tie));
    }

    #[test]
    fn keeping_a_label_means_the_label_that_was_seen() {
        assert_eq!(
            outcome_of(&[("a", Action::Keep, Some("fear"), false)]),
            Some(Outcome::Label("fear".into()))
        );
    }
}
