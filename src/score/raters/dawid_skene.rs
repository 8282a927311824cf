//! The model of Dawid and Skene (1979, "Maximum likelihood estimation of observer error-rates using the EM algorithm"): each
//! rater has a confusion matrix, and votes on an item are independent given its true class. With one coin a rater is
//! right as often in every class, and all wrong classes are alike (Zhang, Chen, Zhou & Jordan 2016).

use super::{Vote, VoteTable};

/// No probability of a vote and of a class is below this, as in crowd-kit.
const LEAST: f64 = 1e-10;

/// How many parameters a rater has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coins {
    /// A confusion matrix.
    Full,
    /// The share of right votes.
    One,
}

/// A fitted model.
#[derive(Debug, Clone, PartialEq)]
pub struct DawidSkene {
    /// Probability of each class to be an item's true one, n × C; the prior for an item without votes.
    pub posterior: Vec<f64>,
    /// Shares of the classes among the items with votes, `[C]`.
    pub prior: Vec<f64>,
    /// Probability that rater r says j of an item of class t: `[(r · C + t) · C + j]`.
    pub confusion: Vec<f64>,
    /// Share of each rater's votes that are right, in [0, 1]; not a number for a rater without votes.
    pub skills: Vec<f64>,
}

impl DawidSkene {
    /// Fits the model by `steps` of expectation and maximisation, from the shares of the votes on. Equal to crowd-kit 1.4.
    pub fn fit(votes: &VoteTable, coins: Coins, steps: usize) -> Self {
        let (items, classes) = (votes.items(), votes.classes());
        let mut model = Self {
            posterior: vec![0.0; items * classes],
            prior: Vec::new(),
            confusion: Vec::new(),
            skills: Vec::new(),
        };
        for item in 0..items {
            let counts = votes.counts(item);
            let sum: f64 = counts.iter().sum();
            let row = &mut model.posterior[item * classes..][..classes];
            for (share, count) in row.iter_mut().zip(counts) {
                *share = if sum > 0.0 { count / sum } else { 0.0 };
            }
        }
        model.maximise(votes, coins);
        for _ in 0..steps {
            model.expect(votes);
            model.maximise(votes, coins);
        }
        for item in 0..items {
            if votes.of(item).is_empty() {
                model.posterior[item * classes..][..classes].copy_from_slice(&model.prior);
            }
        }
        model
    }

    fn expect(&mut self, votes: &VoteTable) {
        let classes = votes.classes();
        let prior: Vec<f64> = self.prior.iter().map(|p| p.max(LEAST).ln()).collect();
        let confusion: Vec<f64> = self.confusion.iter().map(|p| p.ln()).collect();
        for item in votes.voted() {
            let row = &mut self.posterior[item * classes..][..classes];
            row.copy_from_slice(&prior);
            add_likelihoods(row, votes.of(item), (&confusion, 1.0));
            normalise(row);
        }
    }

    fn maximise(&mut self, votes: &VoteTable, coins: Coins) {
        let classes = votes.classes();
        let voted = votes.voted().count().max(1) as f64;
        self.prior = vec![0.0; classes];
        for item in votes.voted() {
            for (sum, p) in self.prior.iter_mut().zip(&self.posterior[item * classes..]) {
                *sum += p / voted;
            }
        }
        let said = said(votes);
        let counts = confusion_counts(votes, &self.posterior);
        self.skills = (0..votes.raters())
            .map(|rater| {
                let of_rater = &counts[rater * classes * classes..][..classes * classes];
                let right: f64 = (0..classes).map(|c| of_rater[c * classes + c]).sum();
                right / said[rater * classes..][..classes].iter().sum::<f64>()
            })
            .collect();
        self.confusion = match coins {
            Coins::Full => shares_of_said(counts, &said, classes),
            Coins::One => one_coin(&self.skills, classes),
        };
    }
}

/// How often each rater says each class, `[r · C + j]`.
pub(super) fn said(votes: &VoteTable) -> Vec<f64> {
    let mut said = vec![0.0; votes.raters() * votes.classes()];
    for vote in votes.votes() {
        said[vote.rater * votes.classes() + vote.class] += vote.count;
    }
    said
}

/// Expected number of votes of each rater for j on items of class t, `[(r · C + t) · C + j]`. `posterior`: n × C.
pub(super) fn confusion_counts(votes: &VoteTable, posterior: &[f64]) -> Vec<f64> {
    let classes = votes.classes();
    let mut counts = vec![0.0; votes.raters() * classes * classes];
    for vote in votes.votes() {
        let row = &posterior[vote.item * classes..][..classes];
        for (class, p) in row.iter().enumerate() {
            counts[(vote.rater * classes + class) * classes + vote.class] += p * vote.count;
        }
    }
    counts
}

/// Adds the logarithm of the probability of some votes to each class of a row. `confusion`: logarithms, and how many witnesses
/// a vote is.
pub(super) fn add_likelihoods(row: &mut [f64], votes: &[Vote], confusion: (&[f64], f64)) {
    let (classes, (confusion, weight)) = (row.len(), confusion);
    for vote in votes {
        for (class, sum) in row.iter_mut().enumerate() {
            let place = (vote.rater * classes + class) * classes + vote.class;
            *sum += weight * vote.count * confusion[place];
        }
    }
}

/// Logarithms as probabilities that sum to 1.
pub(super) fn normalise(row: &mut [f64]) {
    let most = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    for value in &mut *row {
        *value = (*value - most).exp();
    }
    let sum: f64 = row.iter().sum();
    for value in row {
        *value /= sum;
    }
}

/// Shares among the classes that a rater ever says; a class that no item seems to be of is said as often as any other.
fn shares_of_said(mut counts: Vec<f64>, said: &[f64], classes: usize) -> Vec<f64> {
    for (place, row) in counts.chunks_exact_mut(classes).enumerate() {
        let said = &said[place / classes * classes..][..classes];
        for (count, said) in row.iter_mut().zip(said) {
            *count = if *said > 0.0 { count.max(LEAST) } else { 0.0 };
        }
        let sum: f64 = row.iter().sum();
        for count in row {
            *count = (*count / sum).max(f64::MIN_POSITIVE);
        }
    }
    counts
}

fn one_coin(skills: &[f64], classes: usize) -> Vec<f64> {
    let entry = |place: usize| {
        let (row, column) = (place / classes, place % classes);
        let skill = skills[row / classes];
        let p = if row % classes == column {
            skill
        } else {
            (1.0 - skill) / (classes - 1) as f64
        };
        p.clamp(LEAST, 1.0 - LEAST)
    };
    (0..skills.len() * classes * classes).map(entry).collect()
}
