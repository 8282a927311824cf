//! What decisions say of labels, for who learns from them.

use std::collections::BTreeMap;

use super::book::{Book, Choice, Decision};
use super::settled::Outcome;
use crate::judge::learnt::Queue;
use crate::score::learning::Decided;

impl Book {
    /// What the reviewers of each ranked video come to, by [`Self::settled`]: a label that is not the given one, a video that
    /// is dropped and one that nobody can say speak against the label. A tie says nothing, nor do decisions that do not fit the
    /// queue's run: labels that it lacks, and a label that was kept when the video bore another one than now.
    pub fn decided(&self, queue: &Queue) -> Vec<Decided> {
        let decided = |id: &str| {
            let (place, given) = queue.find(id)?;
            let fits = |decision: &Decision| match &decision.choice {
                Choice::Keep(Some(kept)) => kept == given,
                Choice::Relabel(label) | Choice::Ambiguous(Some(label)) => {
                    queue.class(label).is_some()
                }
                Choice::Keep(None) | Choice::Ambiguous(None) | Choice::Drop | Choice::Skip => true,
            };
            let mut standings = self.clone_of(id);
            for standing in standings.values_mut() {
                standing.vote = standing.vote.take().filter(fits);
                standing.ruling = standing.ruling.take().filter(fits);
            }
            let fitting = Self {
                videos: BTreeMap::from([(id.to_owned(), standings)]),
            };
            let (is_wrong, right) = match fitting.settled(id, given)?.outcome {
                Outcome::Label(label) => (label != given, queue.class(&label)),
                Outcome::Drop | Outcome::Ambiguous => (true, None),
                Outcome::Tie => return None,
            };
            Some(Decided {
                place,
                is_wrong,
                right,
            })
        };
        self.ids().filter_map(decided).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Action, Entry};
    use crate::rows::samples;
    use crate::rows::videos::VideoRow;

    fn queue() -> Queue {
        let row = |number: u32| samples::row(&format!("v{number}"), "sad");
        let rows: Vec<VideoRow> = (0..9).map(row).collect();
        let labels = ["happy", "sad"].map(str::to_owned);
        Queue::new(&rows, &[], &labels).unwrap().unwrap()
    }

    #[test]
    fn what_settles_a_video_is_evidence_and_what_does_not_fit_is_none() {
        use Action::{Ambiguous, Drop, Keep, Relabel, Skip};
        let mut book = Book::default();
        let mut say = |id: &str, who: &str, action, label: Option<&str>| {
            let entry = Entry {
                id: id.to_owned(),
                action,
                label: label.map(str::to_owned),
                note: None,
                blind: false,
                adjudication: false,
            };
            book.apply(who, &entry);
        };
        say("v0", "a", Keep, Some("sad"));
        say("v1", "a", Relabel, Some("happy"));
        say("v2", "a", Drop, None);
        say("v3", "a", Ambiguous, Some("happy"));
        say("v4", "a", Skip, None);
        say("v5", "a", Keep, None);
        say("v5", "b", Drop, None);
        // The run has no such class, and kept another label.
        say("v6", "a", Relabel, Some("fear"));
        say("v7", "a", Keep, Some("happy"));
        say("v8", "a", Relabel, Some("fear"));
        say("v8", "b", Relabel, Some("sad"));
        say("nobody", "a", Drop, None);
        let decided = |place, is_wrong, right| Decided {
            place,
            is_wrong,
            right,
        };
        assert_eq!(
            book.decided(&queue()),
            [
                decided(0, false, Some(1)),
                decided(1, true, Some(0)),
                decided(2, true, None),
                decided(3, true, None),
                decided(8, false, Some(1)),
            ]
        );
    }
}
