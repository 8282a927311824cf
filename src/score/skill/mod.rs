//! Whether networks can judge labels at all: the skill of held-out predictions, by run, fold and class.
//!
//! A network that has not learnt contradicts labels at random, and every contradiction reads as a wrong label. So before
//! anything is said of labels, agreement of predictions and given labels is held against that of chance: Cohen's κ
//! (Cohen 1960), which is the Heidke skill score of forecasts (Heidke 1926). Chance is what the same predictions would
//! agree with if they were dealt to the videos of their fold at random, so that a network that always says the most
//! frequent class has no skill, however often it is right. Agreement with *noisy* labels is lower than with true ones,
//! and still far above chance.
//!
//! Ours: the rule. See `docs/method-learnt.md`.

mod tally;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use self::tally::{Fold, Tally, moulton_factor};
use super::ScoreError;
use super::calibration::Interval;
use super::error::check_length;

/// `ln 100`: a skill is believed that chance would show in one of a hundred runs, by a bound that is seldom reached.
const EVIDENCE: f64 = 4.605_170_185_988_091;
/// Below this κ a contradiction says next to nothing of a label, however sure it is that there is some skill.
const LEAST_KAPPA: f64 = 0.1;
/// From this κ on ("fair", Landis & Koch 1977) the networks' word counts in full.
const FULL_KAPPA: f64 = 0.2;
/// Variance of the agreement of cross-validated predictions over that of independent ones, at most: every pair of videos in
/// different folds counts twice, as each helps to predict the other (cf. Bengio & Grandvalet 2004).
const CROSS_VALIDATION: f64 = 2.0;
/// A fold or class has not learnt where chance explains it so many times better than the skill of the rest does.
const AGAINST_PART: f64 = 20.0;

/// Held-out predictions beside given labels, one entry per video.
#[derive(Debug, Clone, Copy)]
pub struct HeldOutLabels<'a> {
    /// The given labels, in `0..classes`.
    pub given: &'a [usize],
    /// The predicted classes, in `0..classes`.
    pub predicted: &'a [usize],
    /// The fold whose networks predicted, and never saw the video.
    pub folds: &'a [u8],
    /// What was kept together in the folds, by number: videos of one group are no independent witnesses.
    pub groups: &'a [Option<usize>],
    /// Number of classes C.
    pub classes: usize,
}

/// What networks are good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// Their word counts.
    Able,
    /// Their word counts in part: ranges are widened.
    Doubtful,
    /// Their predictions cannot be told from chance, or hardly: nothing follows from them.
    Unable,
}

/// The skill of some predictions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// Number of videos.
    pub videos: usize,
    /// Share of them whose predicted class is the given label, in [0, 1].
    pub right: f64,
    /// That share by chance, in [0, 1].
    pub chance: f64,
    /// Cohen's κ, `(right − chance) / (1 − chance)`, at most 1; 0 where chance is always right.
    pub kappa: f64,
    /// What κ is at least, with a confidence of 99 %; 0 where no skill is shown.
    pub kappa_low: f64,
}

/// The skill on one fold, or on the videos of one given label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// The fold's or class's number.
    pub number: usize,
    /// The skill.
    pub agreement: Agreement,
    /// Whether its predictions may count.
    pub has_learnt: bool,
}

/// The skill of a run's networks.
#[derive(Debug, Clone, PartialEq)]
pub struct Skill {
    /// What they are good for.
    pub grade: Grade,
    /// How much their word counts, in [0, 1]: 0 where they are unable, 1 where they are able.
    pub trust: f64,
    /// Over the folds that have learnt; over all where none has.
    pub agreement: Agreement,
    /// The folds that occur, ascending.
    pub folds: Vec<Part>,
    /// The classes, in the order of the label set.
    pub classes: Vec<Part>,
}

impl Skill {
    /// Measures the skill of held-out predictions.
    ///
    /// # Errors
    /// Fails without videos, and on lists of unequal length.
    pub fn measure(labels: HeldOutLabels) -> Result<Self, ScoreError> {
        let videos = labels.given.len();
        if videos == 0 {
            return Err(ScoreError::Empty);
        }
        check_length("predictions", labels.predicted.len(), videos)?;
        check_length("folds", labels.folds.len(), videos)?;
        check_length("groups", labels.groups.len(), videos)?;
        let folds = Fold::count(labels);
        let clustering = moulton_factor(labels);
        let of_all = clustering * CROSS_VALIDATION;

        let has_learnt = learnt_folds(&folds, clustering);
        let any = has_learnt.contains(&true);
        let kept = || {
            let folds = folds.iter().zip(&has_learnt);
            folds.filter_map(move |(fold, &learnt)| (learnt || !any).then_some(fold))
        };
        let whole: Tally = kept().map(Fold::whole).sum();
        let able = any && whole.has_skill(of_all);
        let agreement = whole.agreement(of_all);
        let classes: Vec<Part> = (0..labels.classes)
            .map(|class| {
                let given: Tally = kept().map(|fold| fold.given(class)).sum();
                let predicted: Tally = kept().map(|fold| fold.predicted(class)).sum();
                // Most labels of a rare class may be wrong: its predictions then show what its labels do not.
                let has_learnt = able
                    && (given.has_skill(of_all)
                        || !is_chance(&given, agreement.kappa, of_all)
                        || (predicted.has_skill(of_all)
                            && !is_chance(&predicted, agreement.kappa, of_all)));
                part(class, &given, of_all, has_learnt)
            })
            .collect();
        let trust = if able {
            (agreement.kappa_low / FULL_KAPPA).min(1.0)
        } else {
            0.0
        };
        Ok(Self {
            grade: if !able {
                Grade::Unable
            } else if trust < 1.0 {
                Grade::Doubtful
            } else {
                Grade::Able
            },
            trust,
            agreement,
            folds: folds
                .iter()
                .zip(&has_learnt)
                .map(|(fold, &learnt)| part(fold.number, &fold.whole(), clustering, able && learnt))
                .collect(),
            classes,
        })
    }

    /// Whether the fold's networks may judge at all.
    pub fn fold_has_learnt(&self, fold: u8) -> bool {
        let mut folds = self.folds.iter();
        folds.any(|part| part.number == usize::from(fold) && part.has_learnt)
    }

    /// Whether the networks can tell a class from the others.
    pub fn class_has_learnt(&self, class: usize) -> bool {
        self.classes.get(class).is_some_and(|part| part.has_learnt)
    }

    /// Whether a prediction says anything of a label: its fold, the label's class and the predicted one were all learnt.
    pub fn may_judge(&self, fold: u8, given: usize, predicted: usize) -> bool {
        self.grade != Grade::Unable
            && self.fold_has_learnt(fold)
            && self.class_has_learnt(given)
            && self.class_has_learnt(predicted)
    }

    /// A range as far as the networks' word counts: the rest of the weight lies on everything between 0 and `most`.
    ///
    /// `low · trust` and `high + (1 − trust)·(most − high)`; the estimate stays.
    pub fn widen(&self, range: Interval, most: f64) -> Interval {
        Interval::new(
            range.estimate,
            range.low * self.trust,
            range.high + (1.0 - self.trust) * (most - range.high).max(0.0),
        )
    }
}

/// Which folds have learnt: those with a skill of their own, and those whose few videos do not speak against the skill of
/// the others. None where no skill shows anywhere.
fn learnt_folds(folds: &[Fold], clustering: f64) -> Vec<bool> {
    let tallies: Vec<Tally> = folds.iter().map(Fold::whole).collect();
    // A fold's network is one network: nothing is counted twice within it.
    let alone: Vec<bool> = tallies
        .iter()
        .map(|tally| tally.has_skill(clustering))
        .collect();
    let shown: Tally = tallies
        .iter()
        .zip(&alone)
        .filter_map(|(tally, &alone)| alone.then_some(*tally))
        .sum();
    let all: Tally = tallies.iter().copied().sum();
    let reference = if alone.contains(&true) {
        shown
    } else if all.has_skill(clustering * CROSS_VALIDATION) {
        all
    } else {
        return vec![false; folds.len()];
    };
    let kappa = reference.kappa();
    tallies
        .iter()
        .zip(&alone)
        .map(|(tally, &alone)| alone || !is_chance(tally, kappa, clustering))
        .collect()
}

/// Whether chance explains a part's agreement [`AGAINST_PART`] times better than a skill of `kappa` does. By Markov's inequality that
/// befalls a part with this skill in one of as many cases at most.
fn is_chance(tally: &Tally, kappa: f64, design: f64) -> bool {
    tally.log_odds_of_chance(kappa) / design > AGAINST_PART.ln()
}

fn part(number: usize, tally: &Tally, design: f64, has_learnt: bool) -> Part {
    Part {
        number,
        agreement: tally.agreement(design),
        has_learnt,
    }
}
