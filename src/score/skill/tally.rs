//! Agreement beside chance, and how sure a difference of the two is.

use std::collections::BTreeMap;
use std::iter::Sum;

use super::{Agreement, EVIDENCE, HeldOutLabels, LEAST_KAPPA};

/// The margins of one fold's table of given labels and predictions.
#[derive(Debug, Clone)]
pub(super) struct Fold {
    pub(super) number: usize,
    videos: f64,
    given: Vec<f64>,
    predicted: Vec<f64>,
    both: Vec<f64>,
}

impl Fold {
    /// The folds that occur, ascending.
    pub(super) fn count(labels: HeldOutLabels) -> Vec<Self> {
        let mut folds: BTreeMap<u8, Self> = BTreeMap::new();
        for (video, &number) in labels.folds.iter().enumerate() {
            let fold = folds.entry(number).or_insert_with(|| Self {
                number: number.into(),
                videos: 0.0,
                given: vec![0.0; labels.classes],
                predicted: vec![0.0; labels.classes],
                both: vec![0.0; labels.classes],
            });
            let (given, predicted) = (labels.given[video], labels.predicted[video]);
            fold.videos += 1.0;
            fold.given[given] += 1.0;
            fold.predicted[predicted] += 1.0;
            if given == predicted {
                fold.both[given] += 1.0;
            }
        }
        folds.into_values().collect()
    }

    /// All videos of the fold. Mean and variance are those of dealing the same predictions to its videos at random.
    pub(super) fn whole(&self) -> Tally {
        let n = self.videos;
        let pairs = || self.given.iter().zip(&self.predicted);
        let products: f64 = pairs().map(|(a, b)| a * b).sum();
        let squares: f64 = pairs().map(|(a, b)| (a * b).powi(2)).sum();
        let same: f64 = pairs().map(|(a, b)| a * (a - 1.0) * b * (b - 1.0)).sum();
        let expected = products / n;
        let variance = if n > 1.0 {
            let ordered_pairs = (same + products.powi(2) - squares) / (n * (n - 1.0));
            (ordered_pairs + expected - expected.powi(2)).max(0.0)
        } else {
            0.0
        };
        Tally {
            videos: n,
            right: self.both.iter().sum(),
            expected,
            variance,
            // Exchanging two predictions can make both right.
            step: 2.0,
        }
    }

    /// The videos whose given label is `class`; the number of right ones is hypergeometric by chance.
    pub(super) fn given(&self, class: usize) -> Tally {
        Tally {
            videos: self.given[class],
            ..self.hits(class)
        }
    }

    /// The videos that are taken for `class`; as many of them are right.
    pub(super) fn predicted(&self, class: usize) -> Tally {
        Tally {
            videos: self.predicted[class],
            ..self.hits(class)
        }
    }

    fn hits(&self, class: usize) -> Tally {
        let (n, given, predicted) = (self.videos, self.given[class], self.predicted[class]);
        let variance = if n > 1.0 {
            given * predicted * (n - given) * (n - predicted) / (n * n * (n - 1.0))
        } else {
            0.0
        };
        Tally {
            videos: n,
            right: self.both[class],
            expected: given * predicted / n,
            variance,
            step: 1.0,
        }
    }
}

/// How many of some predictions are right, beside what chance gives.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    videos: f64,
    right: f64,
    /// Mean of the number of right ones by chance.
    expected: f64,
    /// Its variance.
    variance: f64,
    /// What one exchange of predictions changes it by, at most.
    step: f64,
}

impl Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(tallies: I) -> Self {
        tallies.fold(Self::default(), |a, b| Self {
            videos: a.videos + b.videos,
            right: a.right + b.right,
            expected: a.expected + b.expected,
            variance: a.variance + b.variance,
            step: a.step.max(b.step),
        })
    }
}

impl Tally {
    /// Cohen's κ; 0 where chance is always right.
    pub(super) fn kappa(&self) -> f64 {
        let room = self.videos - self.expected;
        if room > 0.0 {
            (self.right - self.expected) / room
        } else {
            0.0
        }
    }

    /// Whether there is a skill, and one that is worth something. `design`: variance over that of independent videos, at
    /// least 1.
    pub(super) fn has_skill(&self, design: f64) -> bool {
        self.kappa() >= LEAST_KAPPA && self.evidence(0.0) >= EVIDENCE * design
    }

    pub(super) fn agreement(&self, design: f64) -> Agreement {
        let share = |count: f64| {
            if self.videos > 0.0 {
                count / self.videos
            } else {
                0.0
            }
        };
        Agreement {
            videos: self.videos as usize,
            right: share(self.right),
            chance: share(self.expected),
            kappa: self.kappa(),
            kappa_low: self.kappa_low(design),
        }
    }

    /// The largest κ that the number of right ones still speaks against with [`EVIDENCE`].
    fn kappa_low(&self, design: f64) -> f64 {
        let needed = EVIDENCE * design;
        if self.evidence(0.0) < needed {
            return 0.0;
        }
        let (mut low, mut high) = (0.0, self.kappa());
        for _ in 0..50 {
            let middle = f64::midpoint(low, high);
            if self.evidence(middle) >= needed {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Minus the logarithm of a bound on the probability of so many right ones at a skill of `kappa`: the sharper one of
    /// Hoeffding's (1963, Theorem 1: `n·KL(share ‖ chance)`; it holds for draws without replacement, ibid. §6), which is the
    /// sharper one of few videos, and Bennett's (1962: `V/b²·h(b·t/V)`), which is that of uneven classes.
    fn evidence(&self, kappa: f64) -> f64 {
        let mean = self.expected + kappa * (self.videos - self.expected);
        let excess = self.right - mean;
        if excess <= 0.0 || self.variance <= 0.0 {
            return 0.0;
        }
        let hoeffding = self.videos * divergence(self.right / self.videos, mean / self.videos);
        let scale = self.variance / self.step.powi(2);
        let x = self.step * excess / self.variance;
        let bennett = scale * ((1.0 + x) * x.ln_1p() - x);
        hoeffding.max(bennett)
    }

    /// `ln P(right | chance) − ln P(right | skill of kappa)`, of independent videos.
    pub(super) fn log_odds_of_chance(&self, kappa: f64) -> f64 {
        if self.videos <= 0.0 {
            return 0.0;
        }
        let right = self.right / self.videos;
        let chance = self.expected / self.videos;
        let skilled = chance + kappa * (1.0 - chance);
        let odds = divergence(right, skilled) - divergence(right, chance);
        if odds.is_nan() {
            return 0.0;
        }
        self.videos * odds
    }
}

/// The Kullback–Leibler divergence of two coins, in nats.
fn divergence(p: f64, q: f64) -> f64 {
    let part = |p: f64, q: f64| if p > 0.0 { p * (p / q).ln() } else { 0.0 };
    part(p, q) + part(1.0 - p, 1.0 - q)
}

/// How much more the agreement varies by chance than with independent videos, at least 1: `1 + (m − 1)·ρ_given·ρ_predicted`
/// with the intraclass correlations of labels and predictions within groups, m the mean size of a video's group
/// (Moulton 1990). Videos of one person with all labels among them are as good as independent ones; a group of one label
/// and one prediction is a single witness.
pub(super) fn moulton_factor(labels: HeldOutLabels) -> f64 {
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (video, group) in labels.groups.iter().enumerate() {
        if let Some(group) = group {
            groups.entry(*group).or_default().push(video);
        }
    }
    groups.retain(|_, members| members.len() > 1);
    let pairs: f64 = groups
        .values()
        .map(|members| ordered_pairs(members.len()))
        .sum();
    if pairs <= 0.0 {
        return 1.0;
    }
    let everybody: Vec<usize> = (0..labels.given.len()).collect();
    let correlation = |classes: &[usize]| {
        let alike = |members: &Vec<usize>| alike_pairs(members, classes, labels.classes);
        let within = groups.values().map(alike).sum::<f64>() / pairs;
        let among_all = alike(&everybody) / ordered_pairs(everybody.len());
        if among_all < 1.0 {
            ((within - among_all) / (1.0 - among_all)).max(0.0)
        } else {
            0.0
        }
    };
    let others = pairs / labels.given.len() as f64;
    1.0 + others * correlation(labels.given) * correlation(labels.predicted)
}

fn ordered_pairs(videos: usize) -> f64 {
    videos as f64 * (videos as f64 - 1.0)
}

/// Ordered pairs of `members` that are of one class.
fn alike_pairs(members: &[usize], classes: &[usize], count: usize) -> f64 {
    let mut counts = vec![0_usize; count];
    for &member in members {
        counts[classes[member]] += 1;
    }
    counts
        .into_iter()
        .filter(|&videos| videos > 0)
        .map(ordered_pairs)
        .sum()
}
