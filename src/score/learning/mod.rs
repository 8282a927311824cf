//! What decisions on some videos say of the others: the order that learns while people work. Ours, beyond the paper.
//!
//! Before anybody decided, every video has a probability that its label is wrong, which falls along the order. A decision tells
//! more than its own video's label: labels of one class, of one pair of classes, of one group are wrong or right together more
//! than the networks can know. A logistic regression on the decisions gives each of these a coefficient beside that probability,
//! with a prior that keeps it at zero until decisions say otherwise (the most probable coefficients; Gelman and others,
//! Annals of Applied Statistics 2, 2008).
//!
//! Coefficients of a [`Family`] move nothing unless they foretell decisions that they were not fitted to better than the order
//! alone does: by the gain in log-likelihood over held-out parts of the decisions. So where there is nothing to learn, the order
//! stays as it is. Exact copies need no such proof: they have one right label.
//!
//! No estimate rests on any of this: people look at the top first, and what they decide there is no sample of the rest.

mod regression;
mod surroundings;
#[cfg(test)]
mod tests;

use rayon::prelude::*;

use self::regression::{Prior, Row, Term, fit, log_likelihood, logit, probability};
pub use self::surroundings::Videos;
use super::ScoreError;

/// A decision on the video at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided {
    /// Its place in the order, from 0.
    pub place: usize,
    /// Whether its label does not stand: another one is right, none is, or the video does not belong in the data set.
    pub is_wrong: bool,
    /// The right class; nothing where there is none.
    pub right: Option<usize>,
}

/// By what videos are alike, so that decisions on some say something of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// The given class, the predicted one, and the pair of both.
    Classes,
    /// The group: one person, one film.
    Groups,
    /// The nearest videos by the networks' features, whose right classes are known by now.
    Neighbours,
}

impl Family {
    /// All families.
    pub const ALL: [Self; 3] = [Self::Classes, Self::Groups, Self::Neighbours];

    /// What the videos have in common, as a sentence says it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Classes => "classes",
            Self::Groups => "groups",
            Self::Neighbours => "neighbours",
        }
    }
}

/// What was learnt.
#[derive(Debug, Clone, PartialEq)]
pub struct Learnt {
    /// By place the probability that the label is wrong, in [0, 1]: 0 or 1 for a decided video.
    pub posteriors: Vec<f32>,
    /// What foretold decisions, so that it moves the order; ascending.
    pub families: Vec<Family>,
    /// Undecided videos that an exact copy's decision speaks of.
    pub by_copies: usize,
}

impl Learnt {
    /// The places in the order that was learnt: by posterior, equal ones as they stood.
    pub fn order(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.posteriors.len() as u32).collect();
        order.par_sort_by(|&a, &b| {
            let posterior = |place: u32| self.posteriors[place as usize];
            posterior(b).total_cmp(&posterior(a))
        });
        order
    }

    /// Whether anything but the decided videos themselves has moved.
    pub fn is_order_moved(&self) -> bool {
        !self.families.is_empty() || self.by_copies > 0
    }
}

/// Fewer decisions teach nothing of other videos but copies.
pub const FEWEST_DECIDED: usize = 20;

/// Parts of the decisions that are held out in turn.
const PARTS: u64 = 5;
/// Nats by which held-out decisions must be foretold better, and standard errors of that gain.
const LEAST_GAIN: f64 = 2.0;
const LEAST_ERRORS: f64 = 1.0;
/// What is believed of the order's own probabilities: shifted by so much, and flatter or steeper, but never flat.
const SHIFT: Prior = Prior {
    mean: 0.0,
    spread: 2.0,
};
const SLOPE: Prior = Prior {
    mean: 1.0,
    spread: 0.5,
};
const LEAST_SLOPE: f64 = 0.2;
/// How far a class or group may differ from the rest, in logits.
const GIVEN: Prior = Prior {
    mean: 0.0,
    spread: 1.0,
};
const PREDICTED: Prior = Prior {
    mean: 0.0,
    spread: 0.7,
};
const PAIR: Prior = Prior {
    mean: 0.0,
    spread: 1.0,
};
const GROUP: Prior = Prior {
    mean: 0.0,
    spread: 1.0,
};
/// How much all neighbours together may say, in logits.
const NEIGHBOURS: Prior = Prior {
    mean: 0.0,
    spread: 3.0,
};
/// Log-odds of what a decided copy says: people err on about one in twenty.
const COPY: f64 = 2.94;

/// Places of the first coefficients.
const SHIFT_TERM: usize = 0;
const SLOPE_TERM: usize = 1;
const NEIGHBOURS_TERM: usize = 2;
const FIRST_CLASS_TERM: usize = 3;

/// Learns from decisions on the videos of one order.
#[derive(Debug, Clone)]
pub struct Learner {
    videos: Videos,
    /// By place the logit of what is believed before anybody decides, falling.
    offsets: Vec<f64>,
    priors: Vec<Prior>,
}

/// By place what is decided; nothing where nobody did, or where it is held out.
type Known = Vec<Option<Decided>>;

impl Learner {
    /// Prepares what does not change while people decide.
    ///
    /// # Errors
    /// Fails without videos and on lists of unequal length.
    pub fn new(videos: Videos) -> Result<Self, ScoreError> {
        let videos = videos.checked()?;
        let classes = videos.classes;
        let mut priors = vec![SHIFT, SLOPE, NEIGHBOURS];
        priors.extend(vec![GIVEN; classes]);
        priors.extend(vec![PREDICTED; classes]);
        priors.extend(vec![PAIR; classes * classes]);
        let groups = videos
            .groups
            .iter()
            .flatten()
            .max()
            .map_or(0, |most| most + 1);
        priors.extend(vec![GROUP; groups]);
        Ok(Self {
            offsets: videos.offsets(),
            videos,
            priors,
        })
    }

    /// What the decisions say of all videos. Decisions on one place count once, the last; their order is of no account.
    pub fn learn(&self, decided: &[Decided]) -> Learnt {
        let known = self.known(decided);
        let families = self.foretelling(&known);
        let coefficients = self.fitted(&known, &families);
        let by_copies: Vec<f64> = (0..known.len())
            .map(|place| COPY * self.videos.copies_say(place, &known))
            .collect();
        let posteriors = (0..known.len())
            .into_par_iter()
            .map(|place| {
                if let Some(decision) = known[place] {
                    return f32::from(u8::from(decision.is_wrong));
                }
                let terms = self.terms(place, &known, &families);
                probability(logit(&terms, &coefficients) + by_copies[place]) as f32
            })
            .collect();
        let is_moved = |place: &usize| known[*place].is_none() && by_copies[*place].abs() > 0.0;
        Learnt {
            posteriors,
            by_copies: (0..known.len()).filter(is_moved).count(),
            families,
        }
    }

    fn known(&self, decided: &[Decided]) -> Known {
        let mut known: Known = vec![None; self.offsets.len()];
        for decision in decided {
            if let Some(place) = known.get_mut(decision.place) {
                *place = Some(*decision);
            }
        }
        known
    }

    /// The families whose coefficients foretell held-out decisions better than the order alone.
    fn foretelling(&self, known: &Known) -> Vec<Family> {
        if known.iter().flatten().count() < FEWEST_DECIDED {
            return Vec::new();
        }
        let gains = Family::ALL
            .into_par_iter()
            .filter(|family| self.foretells(known, *family));
        gains.collect()
    }

    fn foretells(&self, known: &Known, family: Family) -> bool {
        if !self.videos.has(family) {
            return false;
        }
        let gains: Vec<f64> = (0..PARTS)
            .flat_map(|part| {
                let is_held = |decision: &Decided| part_of(decision.place) == part;
                let mut rest = known.clone();
                for place in &mut rest {
                    *place = place.filter(|decision| !is_held(decision));
                }
                let alone = self.fitted(&rest, &[]);
                let with = self.fitted(&rest, &[family]);
                let gain = |decision: &Decided| {
                    let foretold = |coefficients: &[f64], families: &[Family]| {
                        let terms = self.terms(decision.place, &rest, families);
                        log_likelihood(logit(&terms, coefficients), decision.is_wrong)
                    };
                    foretold(&with, &[family]) - foretold(&alone, &[])
                };
                let held = known.iter().flatten().filter(|decision| is_held(decision));
                held.map(gain).collect::<Vec<f64>>()
            })
            .collect();
        let gain: f64 = gains.iter().sum();
        let mean = gain / gains.len() as f64;
        let error = gains.iter().map(|g| (g - mean).powi(2)).sum::<f64>().sqrt();
        gain > LEAST_GAIN && gain > LEAST_ERRORS * error
    }

    fn fitted(&self, known: &Known, families: &[Family]) -> Vec<f64> {
        let rows: Vec<Row> = known
            .iter()
            .flatten()
            .map(|decision| Row {
                terms: self.terms(decision.place, known, families),
                is_wrong: decision.is_wrong,
            })
            .collect();
        let mut coefficients = fit(&rows, &self.priors);
        let slope = &mut coefficients[SLOPE_TERM];
        *slope = slope.max(LEAST_SLOPE);
        coefficients
    }

    /// The terms of a video, as far as others of `known` are decided.
    fn terms(&self, place: usize, known: &Known, families: &[Family]) -> Vec<Term> {
        let (videos, classes) = (&self.videos, self.videos.classes);
        let mut terms = vec![(SHIFT_TERM, 1.0), (SLOPE_TERM, self.offsets[place])];
        for family in families {
            match family {
                Family::Classes => {
                    let (given, predicted) = (videos.given[place], videos.predicted[place]);
                    let pairs = FIRST_CLASS_TERM + 2 * classes;
                    terms.extend([
                        (FIRST_CLASS_TERM + given, 1.0),
                        (FIRST_CLASS_TERM + classes + predicted, 1.0),
                        (pairs + given * classes + predicted, 1.0),
                    ]);
                }
                Family::Groups => {
                    let groups = FIRST_CLASS_TERM + 2 * classes + classes * classes;
                    terms.extend(videos.groups[place].map(|group| (groups + group, 1.0)));
                }
                Family::Neighbours => {
                    let said = videos.neighbours_say(place, known, &self.offsets);
                    terms.push((NEIGHBOURS_TERM, said));
                }
            }
        }
        terms
    }
}

/// The part in which a place is held out: the same whatever else is decided, and by no rule of the order.
fn part_of(place: usize) -> u64 {
    ((place as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) % PARTS
}
