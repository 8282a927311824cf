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

/// Whose decisions are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    /// What somebody said who was asked to settle.
    Rulings,
    /// What reviewers said.
    Votes,
}

impl Book {
    /// What the reviewers of a video come to; nothing where nobody decided. `given`: the label that a bare `keep` confirms.
    ///
    /// Adjudication goes before votes. Among either, the strict majority decides: more than half of those who had a say.
    /// Who skipped had none. Whatever else is asked of a video ([`Self::is_disputed`], [`Self::judged_blind`]) follows the same
    /// rule.
    pub fn settled(&self, id: &str, given: &str) -> Option<Settlement> {
        let count = |said| {
            settle(
                self.sides(id, said, |decision| outcome(decision, given)),
                said,
            )
        };
        count(Said::Rulings).or_else(|| count(Said::Votes))
    }

    /// Whether those who had a say contradict each other, and no side has more than half of them.
    pub fn is_disputed(&self, id: &str, given: &str) -> bool {
        self.settled(id, given)
            .is_some_and(|settled| settled.outcome == Outcome::Tie)
    }

    /// Whether the votes alone, or the rulings alone, settle nothing: what an adjudicator is asked about, and was.
    pub fn was_disputed(&self, id: &str, given: &str) -> bool {
        [Said::Rulings, Said::Votes].into_iter().any(|said| {
            let settled = settle(
                self.sides(id, said, |decision| outcome(decision, given)),
                said,
            );
            settled.is_some_and(|settled| settled.outcome == Outcome::Tie)
        })
    }

    /// Of the videos that people judged blind: whether the label is wrong, by the rule of [`Self::settled`] where the sides
    /// are those who keep the label and those who change it. What contradicts each other judges nothing.
    pub fn judged_blind(&self) -> BTreeMap<String, bool> {
        let is_error = |decision: &Decision| match decision.choice {
            Choice::Keep(_) => Some(false),
            Choice::Relabel(_) => Some(true),
            _ => None,
        };
        let is_blind_error = |decision: &Decision| is_error(decision).filter(|_| decision.blind);
        let judged = |id: &str| {
            let votes = self.sides(id, Said::Votes, is_blind_error);
            if votes.is_empty() {
                return None;
            }
            let rulings = self.sides(id, Said::Rulings, is_error);
            let (is_wrong, _by) = majority(if rulings.is_empty() { votes } else { rulings })?;
            Some(is_wrong)
        };
        self.ids()
            .filter_map(|id| Some((id.to_owned(), judged(id)?)))
            .collect()
    }

    /// Who had a say, by what they say.
    fn sides<Side: Ord>(
        &self,
        id: &str,
        said: Said,
        side: impl Fn(&Decision) -> Option<Side>,
    ) -> BTreeMap<Side, Vec<String>> {
        let mut sides: BTreeMap<Side, Vec<String>> = BTreeMap::new();
        for (reviewer, standing) in self.of_video(id) {
            let decision = match said {
                Said::Rulings => &standing.ruling,
                Said::Votes => &standing.vote,
            };
            if let Some(side) = decision.as_ref().and_then(&side) {
                sides.entry(side).or_default().push(reviewer.to_owned());
            }
        }
        sides
    }
}

/// The side of more than half of those who had a say.
fn majority<Side: Ord>(sides: BTreeMap<Side, Vec<String>>) -> Option<(Side, Vec<String>)> {
    let voters: usize = sides.values().map(Vec::len).sum();
    sides.into_iter().find(|(_, by)| 2 * by.len() > voters)
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

fn settle(sides: BTreeMap<Outcome, Vec<String>>, said: Said) -> Option<Settlement> {
    let voters: usize = sides.values().map(Vec::len).sum();
    let mut all: Vec<String> = sides.values().flatten().cloned().collect();
    all.sort();
    let (outcome, by) = majority(sides).unwrap_or((Outcome::Tie, all));
    (voters > 0).then_some(Settlement {
        outcome,
        by,
        voters,
        is_adjudicated: said == Said::Rulings,
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
        // That is a dispute again, for everybody who asks.
        let book = book(&votes);
        assert!(book.is_disputed("v", "sad") && book.was_disputed("v", "sad"));
    }

    #[test]
    fn disputed_judged_and_settled_are_one_rule() {
        use Action::{Keep, Relabel, Skip};
        let say = |book: &mut Book, who: &str, action, label: Option<&str>, adjudication| {
            let entry = Entry {
                blind: true,
                ..entry(action, label, adjudication)
            };
            book.apply(who, &entry);
        };
        let judged = |book: &Book| book.judged_blind().get("v").copied();
        let mut book = Book::default();
        say(&mut book, "a", Relabel, Some("fear"), false);
        assert_eq!(
            (book.is_disputed("v", "sad"), judged(&book)),
            (false, Some(true))
        );
        say(&mut book, "b", Keep, Some("sad"), false);
        assert_eq!((book.is_disputed("v", "sad"), judged(&book)), (true, None));
        // A majority settles it: nobody is asked, nobody exports another label.
        say(&mut book, "c", Keep, Some("sad"), false);
        assert_eq!(
            (book.is_disputed("v", "sad"), judged(&book)),
            (false, Some(false))
        );
        say(&mut book, "d", Relabel, Some("fear"), false);
        // Who is asked to settle and skips has not settled it.
        say(&mut book, "chief", Skip, None, true);
        assert!(book.is_disputed("v", "sad"));
        say(&mut book, "chief", Relabel, Some("fear"), true);
        assert_eq!(
            (book.is_disputed("v", "sad"), judged(&book)),
            (false, Some(true))
        );
        assert!(book.was_disputed("v", "sad"));
        say(&mut book, "other", Keep, Some("sad"), true);
        assert_eq!((book.is_disputed("v", "sad"), judged(&book)), (true, None));
        let tie = book.settled("v", "sad").unwrap();
        assert_eq!((tie.outcome, tie.by.len()), (Outcome::Tie, 2));
        // Who keeps the label that another one gives does not contradict them.
        let mut book = Book::default();
        say(&mut book, "a", Relabel, Some("sad"), false);
        say(&mut book, "b", Keep, None, false);
        assert!(!book.is_disputed("v", "sad"));
    }

    #[test]
    fn keeping_a_label_means_the_label_that_was_seen() {
        assert_eq!(
            outcome_of(&[("a", Action::Keep, Some("fear"), false)]),
            Some(Outcome::Label("fear".into()))
        );
    }
}
