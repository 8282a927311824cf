//! What votes and networks say together (ours, after Dawid & Skene 1979).
//!
//! Votes on an item are independent given its true class; each rater has a confusion matrix, drawn to that of somebody who
//! knows the class in some share of the cases and else guesses as often as the rater says each class. The prior of an
//! item's class is what networks say of it, to a power and with a weight of each class that the votes decide: networks that
//! votes contradict count for little. Raters who err alike on an item are fewer witnesses than votes: an item's votes are
//! weighted down by their design effect (Kish 1965), `1 + (votes − 1) · correlation` of what their model does not explain.

use rayon::prelude::*;

use super::dawid_skene::{add_likelihoods, confusion_counts, normalise, said};
use super::{Vote, VoteTable};
use crate::score::ScoreError;
use crate::score::error::check_length;
use crate::score::table::off_class;

/// Steps of expectation and maximisation.
const STEPS: usize = 40;
/// It ends where no probability moves by more than this.
const STILL: f64 = 1e-6;
/// Votes that a row of a confusion matrix is worth before the rater's own are seen.
const PRIOR_VOTES: f64 = 5.0;
/// What is believed of a class at least, before votes: no network rules one out.
const LEAST: f64 = 1e-4;
/// Within which the power of the networks' word stays.
const POWERS: (f64, f64) = (0.05, 3.0);

/// What is believed of each item's class before anybody voted, n × C probabilities.
#[derive(Debug, Clone, Copy)]
pub struct JointPrior<'a>(pub &'a [f64]);

/// Votes joined with a prior, or votes alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Joint {
    /// Logarithm of the probability of each class, n × C.
    log_posterior: Vec<f64>,
    /// Logarithm of the probability that rater r says j of class t: `[(r · C + t) · C + j]`.
    log_confusion: Vec<f64>,
    /// To which power the prior is taken; 0 for votes alone.
    pub power: f64,
    /// Correlation of the raters' errors on an item, in [0, 1].
    pub correlation: f64,
    classes: usize,
}

impl Joint {
    /// What votes say alone; the prior is the share of each class among the items with votes.
    pub fn of_votes(votes: &VoteTable) -> Self {
        let classes = votes.classes();
        let mut start = Vec::with_capacity(votes.items() * classes);
        for item in 0..votes.items() {
            let mut row: Vec<f64> = votes
                .counts(item)
                .iter()
                .map(|c| (c + LEAST).ln())
                .collect();
            normalise(&mut row);
            start.append(&mut row);
        }
        Self::fit(votes, &Weighted::flat(votes), start)
    }

    /// What votes and prior say together. `alone`: what the votes say, from where it starts.
    ///
    /// # Errors
    /// Fails where the prior is not n × C.
    pub fn with(
        votes: &VoteTable,
        alone: &Self,
        JointPrior(prior): JointPrior,
    ) -> Result<Self, ScoreError> {
        check_length("prior", prior.len(), votes.items() * votes.classes())?;
        let start = alone.log_posterior.iter().map(|p| p.exp()).collect();
        let log_prior = prior.iter().map(|p| p.max(LEAST).ln()).collect();
        Ok(Self::fit(votes, &Weighted::given(votes, log_prior), start))
    }

    fn fit(votes: &VoteTable, prior: &Weighted, mut posterior: Vec<f64>) -> Self {
        let classes = votes.classes();
        let said = said(votes);
        let mut prior = prior.clone();
        let mut log_posterior = Vec::new();
        let mut log_confusion = Vec::new();
        let mut correlation = 0.0;
        for _ in 0..STEPS {
            let counts = confusion_counts(votes, &posterior);
            correlation = error_correlation(votes, &posterior, &counts);
            log_confusion = log_confusions(counts, &said, classes);
            prior.refit(votes, &posterior);
            log_posterior = prior.logarithms();
            let rows = log_posterior.par_chunks_exact_mut(classes).enumerate();
            rows.for_each(|(item, row)| {
                let weight = weight(votes, item, correlation);
                add_likelihoods(row, votes.of(item), (&log_confusion, weight));
                let sum = log_sum(row);
                for p in row {
                    *p -= sum;
                }
            });
            let mut moved = 0.0_f64;
            for (old, new) in posterior.iter_mut().zip(&log_posterior) {
                moved = moved.max((*old - new.exp()).abs());
                *old = new.exp();
            }
            if moved < STILL {
                break;
            }
        }
        Self {
            log_posterior,
            log_confusion,
            power: prior.power,
            correlation,
            classes,
        }
    }

    /// Probability of each class of an item, `[C]`.
    pub fn posterior(&self, item: usize) -> Vec<f64> {
        self.row(item).iter().map(|p| p.exp()).collect()
    }

    /// Log-odds that an item is of another class than `label`, in nats.
    pub fn log_odds_against(&self, item: usize, label: usize) -> f64 {
        let row = self.row(item);
        let others: Vec<f64> = off_class(row, label).map(|(_, p)| p).collect();
        log_sum(&others) - row[label]
    }

    /// Probability of each class where one vote had not been: what the others and the prior say, `[C]`.
    pub fn without(&self, votes: &VoteTable, vote: &Vote) -> Vec<f64> {
        let weight = weight(votes, vote.item, self.correlation);
        let place = |t: usize| (vote.rater * self.classes + t) * self.classes + vote.class;
        let row = self.row(vote.item).iter().enumerate();
        let mut row: Vec<f64> = row
            .map(|(t, p)| p - weight * self.log_confusion[place(t)])
            .collect();
        normalise(&mut row);
        row
    }

    fn row(&self, item: usize) -> &[f64] {
        &self.log_posterior[item * self.classes..][..self.classes]
    }
}

/// A prior to a power, with a weight of each class.
#[derive(Debug, Clone)]
struct Weighted {
    /// n × C logarithms; all 0 where votes stand alone.
    logarithms: Vec<f64>,
    power: f64,
    weights: Vec<f64>,
}

impl Weighted {
    fn flat(votes: &VoteTable) -> Self {
        Self {
            logarithms: vec![0.0; votes.items() * votes.classes()],
            power: 0.0,
            weights: vec![0.0; votes.classes()],
        }
    }

    fn given(votes: &VoteTable, logarithms: Vec<f64>) -> Self {
        Self {
            logarithms,
            power: 1.0,
            weights: vec![0.0; votes.classes()],
        }
    }

    fn logarithms(&self) -> Vec<f64> {
        let classes = self.weights.len();
        let weighted = |(place, p): (usize, &f64)| self.power * p + self.weights[place % classes];
        self.logarithms.iter().enumerate().map(weighted).collect()
    }

    /// A step of Newton's for the power and one of proportional fitting for the weights, so that the prior expects of the
    /// items with votes what the posterior finds.
    fn refit(&mut self, votes: &VoteTable, posterior: &[f64]) {
        /// The furthest that the power goes at once.
        const STRIDE: f64 = 0.3;
        let classes = self.weights.len();
        let weighted = self.logarithms();
        let (mut slope, mut curvature) = (0.0, 0.0);
        let (mut found, mut expected) = (vec![1.0; classes], vec![1.0; classes]);
        for item in votes.voted() {
            let place = item * classes;
            let mut row = weighted[place..][..classes].to_vec();
            normalise(&mut row);
            let (mut mean, mut square) = (0.0, 0.0);
            for class in 0..classes {
                let (p, log) = (row[class], self.logarithms[place + class]);
                slope += (posterior[place + class] - p) * log;
                mean += p * log;
                square += p * log * log;
                found[class] += posterior[place + class];
                expected[class] += p;
            }
            curvature += square - mean * mean;
        }
        if self.power > 0.0 {
            let step = (slope / curvature.max(1e-9)).clamp(-STRIDE, STRIDE);
            self.power = (self.power + step).clamp(POWERS.0, POWERS.1);
        }
        for ((weight, found), expected) in self.weights.iter_mut().zip(found).zip(expected) {
            *weight += (found / expected).ln();
        }
    }
}

/// Each rater's confusion matrix, in logarithms. `counts`: expected votes, R × C × C; `said`: how often each rater says each
/// class.
fn log_confusions(mut counts: Vec<f64>, said: &[f64], classes: usize) -> Vec<f64> {
    for (rater, of_rater) in counts.chunks_exact_mut(classes * classes).enumerate() {
        let (known, guessed) = knowledge(of_rater, &said[rater * classes..][..classes]);
        for (class, row) in of_rater.chunks_exact_mut(classes).enumerate() {
            for (said, count) in row.iter_mut().enumerate() {
                let right = if said == class { known } else { 0.0 };
                *count += PRIOR_VOTES * (right + (1.0 - known) * guessed[said]);
            }
            let sum: f64 = row.iter().sum();
            for count in row {
                *count = (*count / sum).ln();
            }
        }
    }
    counts
}

/// How many witnesses each vote on an item is, in (0, 1].
fn weight(votes: &VoteTable, item: usize, correlation: f64) -> f64 {
    let number: f64 = votes.of(item).iter().map(|vote| vote.count).sum();
    1.0 / (1.0 + correlation * (number - 1.0).max(0.0))
}

/// Intraclass correlation of what the raters' mistakes leave unexplained of an item's votes: over all pairs of votes on
/// an item the product of their residuals, over what it would be were they the same; in [0, 1]. `counts`: R × C × C.
fn error_correlation(votes: &VoteTable, posterior: &[f64], counts: &[f64]) -> f64 {
    let classes = votes.classes();
    let shares = |row: &[f64]| {
        let sum = row.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        row.iter().map(|count| count / sum).collect::<Vec<f64>>()
    };
    let confusion: Vec<f64> = counts.chunks_exact(classes).flat_map(shares).collect();
    let (mut of_pairs, mut of_same) = (0.0, 0.0);
    let mut residuals = vec![0.0; classes];
    for item in votes.voted() {
        let number: f64 = votes.of(item).iter().map(|vote| vote.count).sum();
        for class in 0..classes {
            let p = posterior[item * classes + class];
            if p < LEAST {
                continue;
            }
            residuals.fill(0.0);
            let mut own = 0.0;
            for vote in votes.of(item) {
                let expected = &confusion[(vote.rater * classes + class) * classes..][..classes];
                for (said, (sum, q)) in residuals.iter_mut().zip(expected).enumerate() {
                    let residual = f64::from(u8::from(said == vote.class)) - q;
                    *sum += vote.count * residual;
                    own += vote.count * residual * residual;
                }
            }
            let all: f64 = residuals.iter().map(|sum| sum * sum).sum();
            of_pairs += p * (all - own);
            of_same += p * own * (number - 1.0);
        }
    }
    if of_same > 0.0 {
        (of_pairs / of_same).clamp(0.0, 1.0)
    } else {
        0.0
    }
}

/// In which share of the cases a rater knows the class, and how often each class is said where not. `counts`: C × C.
fn knowledge(counts: &[f64], said: &[f64]) -> (f64, Vec<f64>) {
    /// Nobody is taken to know everything.
    const MOST: f64 = 0.99;
    let classes = said.len();
    let votes: f64 = said.iter().sum();
    let guessed: Vec<f64> = said
        .iter()
        .map(|count| (count + 1.0) / (votes + classes as f64))
        .collect();
    let right: f64 = (0..classes)
        .map(|class| counts[class * classes + class])
        .sum();
    let by_chance: f64 = (0..classes)
        .map(|class| counts[class * classes..][..classes].iter().sum::<f64>() * guessed[class])
        .sum();
    let beyond = (right - by_chance) / (votes - by_chance).max(1e-9);
    (beyond.clamp(0.0, MOST), guessed)
}

fn log_sum(values: &[f64]) -> f64 {
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = values.iter().map(|value| (value - most).exp()).sum();
    most + sum.ln()
}
