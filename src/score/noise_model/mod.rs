//! A model of how true labels became given ones, and of what the network would have said without that noise (ours).
//!
//! Out-of-fold probabilities are learnt from noisy labels, so they predict the *given* label, and a network is seldom
//! calibrated. The model says that each video's true class has the probabilities `clean = softmax(A·ln p + b)` of its
//! `mean_probs` p, and that the given label then follows a transition matrix `T[k][j] = P(given = j | true = k)`.
//! `A`, `b` and `T` are fitted together to all given labels ("forward correction", Patrini et al. 2017, on top of
//! vector scaling, Guo et al. 2017), from the calibrated confident joint (Northcutt et al. 2021) on. That is the
//! deconvolution of `mean_probs = clean · T`, solved for all videos at once instead of row by row.
//!
//! With `A` and `T` both free, exchanging two classes in both changes no likelihood. So the fit is anchored: it starts with the
//! joint's matrix held, no matrix leaves diagonal dominance, no step lowers the penalised likelihood, and what came out is
//! tested ([`ModelDoubt`]).
//!
//! It is exact when errors depend on the true class only; where people err on ambiguous material the posterior finds
//! too few of them, while the order by `clean` alone still holds. See [`super::ranking`] for how both are used.

mod climb;
mod curvature;
mod doubt;
mod fit;
mod lanes;
mod matrix;
mod pass;
mod prior;
mod settings;
mod transition;

pub use self::doubt::ModelDoubt;
pub(super) use self::fit::Fitting;
pub use self::settings::NoiseModelSettings;

use self::lanes::softmax_of;
use super::ProbabilityTable;
use super::table::off_class;

/// What may depend on the class in the transition matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Structure {
    /// Every pair of classes has a rate of its own.
    ByClass,
    /// One share of labels is wrong, and every wrong class is as likely: the few parameters that even small tables
    /// and errors of any other kind allow.
    Uniform,
}

/// A recalibration of probabilities and a transition matrix with every entry above 0.
#[derive(Debug, Clone, PartialEq)]
pub struct NoiseModel {
    /// (C + 1) × C, row by row: `A` transposed, then `b`.
    weights: Vec<f64>,
    /// C × C, row by row.
    transition: Vec<f64>,
    classes: usize,
}

impl NoiseModel {
    /// Fits the model to the given labels of `table`.
    ///
    /// Maximum a posteriori by expectation and maximisation; how firmly a model by class is held to its prior,
    /// cross-validation decides. The same table in another order gives the same model up to rounding.
    pub fn fit(
        table: &ProbabilityTable,
        structure: Structure,
        settings: NoiseModelSettings,
    ) -> Self {
        Fitting::new(table).fit(structure, settings)
    }

    /// Number of classes C.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// `P(given | true)`, in (0, 1).
    pub fn transition(&self, truth: usize, given: usize) -> f64 {
        self.transition[truth * self.classes + given]
    }

    /// Probabilities of the true class before the label is seen: `softmax(A·ln mean_probs + b)`.
    ///
    /// `mean_probs`: C probabilities. Returns C probabilities that sum to 1.
    pub fn clean_probs(&self, mean_probs: &[f64]) -> Vec<f64> {
        softmax_of(mean_probs, &self.weights)
    }

    /// `P(given = label) = Σ_k clean[k]·T[k][label]`, in (0, 1).
    pub fn label_probability(&self, clean_probs: &[f64], label: usize) -> f64 {
        let joint = clean_probs.iter().enumerate();
        joint
            .map(|(truth, p)| p * self.transition(truth, label))
            .sum()
    }

    /// `P(true = k | video, given = label) ∝ clean_probs[k] · T[k][label]`, `[C]`, summing to 1.
    pub fn true_class_posterior(&self, clean_probs: &[f64], label: usize) -> Vec<f64> {
        // Above 0: the probabilities sum to 1 and every rate is above 0.
        let sum = self.label_probability(clean_probs, label);
        let joint = clean_probs.iter().enumerate();
        joint
            .map(|(truth, p)| p * self.transition(truth, label) / sum)
            .collect()
    }

    /// `P(mislabeled) = 1 − clean[y]·T[y][y] / Σ_k clean[k]·T[k][y]`, in [0, 1].
    pub fn noise_posterior(&self, clean_probs: &[f64], label: usize) -> f64 {
        wrong_label(&self.true_class_posterior(clean_probs, label), label)
    }
}

/// The probability that the label is wrong, in [0, 1]: that of all other classes, summed up, as 1 − x would lose a small one
/// to rounding. `true_class_probs`: C probabilities, as of [`NoiseModel::true_class_posterior`].
pub(super) fn wrong_label(true_class_probs: &[f64], label: usize) -> f64 {
    let others = off_class(true_class_probs, label).map(|(_, p)| p);
    others.sum::<f64>().min(1.0)
}

#[cfg(test)]
mod tests;
