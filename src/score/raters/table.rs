//! Votes by item.

use crate::score::ScoreError;
use crate::score::table::argmax;

/// Votes of one rater for one class of one item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Vote {
    /// The item.
    pub item: usize,
    /// Who voted; people who are not told apart are one rater.
    pub rater: usize,
    /// The class.
    pub class: usize,
    /// How often, at least 1.
    pub count: f64,
}

/// Votes of raters on items, sorted by item.
#[derive(Debug, Clone, PartialEq)]
pub struct VoteTable {
    votes: Vec<Vote>,
    /// Where each item's votes begin, and their end: n + 1.
    starts: Vec<usize>,
    raters: usize,
    classes: usize,
}

impl VoteTable {
    /// Sorts votes by item. `items`, `raters`, `classes`: how many of each there are; an item may have no vote.
    ///
    /// # Errors
    /// Fails on fewer than 2 classes, and on a class, an item or a rater that is not there.
    pub fn new(
        mut votes: Vec<Vote>,
        items: usize,
        raters: usize,
        classes: usize,
    ) -> Result<Self, ScoreError> {
        if classes < 2 {
            return Err(ScoreError::TooFewClasses { classes });
        }
        if let Some((row, vote)) = (0..).zip(&votes).find(|(_, vote)| vote.class >= classes) {
            let label = vote.class;
            return Err(ScoreError::LabelOutOfRange {
                row,
                label,
                classes,
            });
        }
        let largest =
            |of: fn(&Vote) -> usize| votes.iter().map(of).max().map_or(0, |most| most + 1);
        for (what, found, expected) in [
            ("votes by item", largest(|vote| vote.item), items),
            ("votes by rater", largest(|vote| vote.rater), raters),
        ] {
            if found > expected {
                return Err(ScoreError::LengthsDiffer {
                    what,
                    found,
                    expected,
                });
            }
        }
        votes.sort_by_key(|vote| (vote.item, vote.rater, vote.class));
        let starts = (0..=items).map(|item| votes.partition_point(|vote| vote.item < item));
        Ok(Self {
            starts: starts.collect(),
            votes,
            raters,
            classes,
        })
    }

    /// Number of items, with votes or without.
    pub fn items(&self) -> usize {
        self.starts.len() - 1
    }

    /// Number of raters.
    pub fn raters(&self) -> usize {
        self.raters
    }

    /// Number of classes C, at least 2.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// All votes, by item.
    pub fn votes(&self) -> &[Vote] {
        &self.votes
    }

    /// The votes on one item.
    pub fn of(&self, item: usize) -> &[Vote] {
        &self.votes[self.starts[item]..self.starts[item + 1]]
    }

    /// The items that have a vote.
    pub fn voted(&self) -> impl Iterator<Item = usize> {
        (0..self.items()).filter(|&item| self.starts[item] < self.starts[item + 1])
    }

    /// How many votes each class of an item has, `[C]`.
    pub fn counts(&self, item: usize) -> Vec<f64> {
        let mut counts = vec![0.0; self.classes];
        for vote in self.of(item) {
            counts[vote.class] += vote.count;
        }
        counts
    }

    /// The class with the most votes and its share of them; the first of a tie, nothing without votes.
    pub fn first_choice(&self, item: usize) -> Option<(usize, f64)> {
        let counts = self.counts(item);
        let first = argmax(&counts);
        let sum: f64 = counts.iter().sum();
        (sum > 0.0).then(|| (first, counts[first] / sum))
    }
}
