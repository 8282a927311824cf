//! Fitting the noise model by expectation and maximisation, from an anchored start.
//!
//! Likelihood cannot tell a network that says the truth from one that has learnt to say the noise: of a video of class k such a one
//! says row k of the matrix, and "the picture is ambiguous, and labels are right" explains the labels as well as "labels are
//! wrong". What can tell are anchors (Patrini et al. 2017; Li et al. 2021): where a network is as sure as it ever is of a class,
//! the class is certain, and the labels there are a row of the matrix. The confident joint counts just those videos. So the fit
//! starts from its matrix and holds it while the recalibration moves, and frees it only then.

use super::climb::Hill;
use super::lanes::{Group, by_label};
use super::prior::Prior;
use super::transition::{as_they_are, joint_counts, likeliest, uniform, wrong_share};
use super::{NoiseModel, NoiseModelSettings, Structure};
use crate::score::ProbabilityTable;
use crate::score::table::largest_except;

/// From so many videos on, a fit first takes all its steps on one in [`PART`] of each label, which leads nearly to where all of
/// them do, and then one in [`REST`] of the steps on all.
const MANY: usize = 20_000;
const PART: usize = 5;
const REST: usize = 4;
/// One in so many steps is taken with the matrix held.
const HELD: usize = 3;
/// The share of wrong labels that [`Structure::Uniform`] starts from.
const FIRST_ERROR_SHARE: f64 = 0.1;
/// That of the even matrix that [`Structure::ByClass`] starts from too.
const EVEN_ERROR_SHARE: f64 = 0.3;
/// Nats by which the labels must be likelier from there: odds of 150 to 1.
const CLEARLY: f64 = 5.0;

/// The videos of a table, laid out once for all that is fitted to them.
pub(in crate::score) struct Fitting<'a> {
    table: &'a ProbabilityTable,
    /// The videos of each label.
    order: Vec<Vec<usize>>,
    all: Vec<Group>,
    /// What fits begin with, where there are many.
    part: Option<Vec<Group>>,
}

impl<'a> Fitting<'a> {
    pub(in crate::score) fn new(table: &'a ProbabilityTable) -> Self {
        let order = by_label(table);
        Self {
            table,
            all: Group::all(table, &order),
            part: (table.videos() >= MANY).then(|| Group::some(table, &order, PART)),
            order,
        }
    }

    /// [`NoiseModel::fit`].
    pub(in crate::score) fn fit(
        &self,
        structure: Structure,
        settings: NoiseModelSettings,
    ) -> NoiseModel {
        let steps = settings.steps;
        let prior = match structure {
            Structure::ByClass => Prior::by_class(self.table, &self.order, steps),
            Structure::Uniform => Prior::for_size(self.table.videos()),
        };
        let Start { model, expected } = Start::of(self.table, structure, prior);
        let hill = |groups, is_held| Hill {
            groups,
            structure,
            prior,
            expected: &expected,
            is_held,
        };
        let first = self.part.as_ref().unwrap_or(&self.all);
        let held = steps / HELD;
        let near = match structure {
            Structure::ByClass => {
                let anchored = hill(first, true).climb(model, held);
                let near = hill(first, false).climb(anchored, steps - held);
                if leaves_open(&near) {
                    likelier(&hill(first, false), near, steps)
                } else {
                    near
                }
            }
            Structure::Uniform => hill(first, false).climb(model, steps),
        };
        if self.part.is_none() {
            return near;
        }
        hill(&self.all, false).climb(near, steps.div_ceil(REST))
    }
}

/// Whether some class's right label is no more frequent than another: what diagonal dominance alone held there.
fn leaves_open(model: &NoiseModel) -> bool {
    let classes = model.classes;
    let mut rows = model.transition.chunks_exact(classes).enumerate();
    rows.any(|(truth, row)| largest_except(row, truth).1 >= row[truth] * (1.0 - 1e-6))
}

/// The `anchored` model, or one from an even matrix where that makes the labels clearly likelier: where most labels of a class are
/// wrong the joint may mistake one class for another, which no step from there mends.
fn likelier(hill: &Hill, anchored: NoiseModel, steps: usize) -> NoiseModel {
    let classes = anchored.classes;
    let even = as_they_are(uniform(classes, EVEN_ERROR_SHARE), classes);
    let even = hill.climb(even, steps);
    let is_clear =
        log_likelihood(hill.groups, &even) > log_likelihood(hill.groups, &anchored) + CLEARLY;
    if is_clear { even } else { anchored }
}

/// What a fit starts from.
pub(super) struct Start {
    /// The probabilities as they are, and the confident joint's matrix or a first share of errors.
    pub(super) model: NoiseModel,
    /// How the prior's videos are spread over each row of the matrix: as many of them are wrong as of all videos by the
    /// confident joint, evenly.
    pub(super) expected: Vec<f64>,
}

impl Start {
    pub(super) fn of(table: &ProbabilityTable, structure: Structure, prior: Prior) -> Self {
        let classes = table.classes();
        let counts = joint_counts(table);
        let expected = uniform(classes, wrong_share(&counts, classes));
        let transition = match structure {
            Structure::ByClass => likeliest(&counts, &expected, prior.pseudo_videos, classes),
            Structure::Uniform => uniform(classes, FIRST_ERROR_SHARE),
        };
        Self {
            model: as_they_are(transition, classes),
            expected,
        }
    }
}

/// `Σ ln P(given label)` of the videos in `groups`.
pub(super) fn log_likelihood(groups: &[Group], model: &NoiseModel) -> f64 {
    super::pass::Sums::over(groups, model).log_likelihood
}
