//! One pass over the videos: the posterior of the true class of every video under a model, summed up.

use multiversion::multiversion;
use rayon::prelude::*;

use super::NoiseModel;
use super::lanes::{Group, Lanes, softmax};

/// Rows of four videos whose likelihoods are multiplied before a logarithm is taken: few enough that no product is below what a
/// number can hold.
const ROWS_PER_LOGARITHM: usize = 16;

/// What one pass over the videos finds.
pub(super) struct Sums {
    /// `Σ ln P(given label)`, in nats.
    pub(super) log_likelihood: f64,
    /// (C + 1) × C: Xᵀ·(posterior − clean), the gradient of the likelihood by the weights.
    pub(super) gradient: Vec<f64>,
    /// C × C: expected videos by true class and given label.
    pub(super) counts: Vec<f64>,
}

impl Sums {
    /// The sums over `groups` under `model`.
    pub(super) fn over(groups: &[Group], model: &NoiseModel) -> Self {
        let parts: Vec<Self> = groups
            .par_iter()
            .map(|group| part(group, &model.weights, &model.transition, model.classes))
            .collect();
        parts.iter().fold(Self::zero(model.classes), Self::add)
    }

    fn zero(classes: usize) -> Self {
        Self {
            log_likelihood: 0.0,
            gradient: vec![0.0; (classes + 1) * classes],
            counts: vec![0.0; classes * classes],
        }
    }

    fn add(mut self, other: &Self) -> Self {
        self.log_likelihood += other.log_likelihood;
        for (sum, value) in self.gradient.iter_mut().zip(&other.gradient) {
            *sum += value;
        }
        for (sum, value) in self.counts.iter_mut().zip(&other.counts) {
            *sum += value;
        }
        self
    }
}

/// The sums over one group. Wider registers are used where there are some; the numbers are the same to the last bit.
#[multiversion(targets("x86_64+avx2"))]
fn part(group: &Group, weights: &[f64], transition: &[f64], classes: usize) -> Sums {
    let rates = transition.iter().skip(group.label).step_by(classes);
    let rates: Vec<Lanes> = rates.copied().map(Lanes::all).collect();
    let mut clean = vec![Lanes::default(); classes];
    let mut posterior = vec![Lanes::default(); classes];
    let mut gradient = vec![Lanes::default(); (classes + 1) * classes];
    let mut counts = vec![Lanes::default(); classes];
    let mut likelihoods = Likelihoods::default();
    for (features, is_there) in group.rows() {
        softmax(features, weights, &mut clean);
        let mut sum = Lanes::default();
        for ((joint, p), rate) in posterior.iter_mut().zip(&clean).zip(&rates) {
            *joint = *p * *rate;
            sum = sum + *joint;
        }
        likelihoods.add(sum, is_there);
        let share = is_there / sum;
        for ((joint, p), count) in posterior.iter().zip(&mut clean).zip(&mut counts) {
            let posterior = *joint * share;
            *count = *count + posterior;
            *p = posterior - *p; // what is left of it is the residual; lanes without a video have no features
        }
        for (feature, gradient) in features.iter().zip(gradient.chunks_exact_mut(classes)) {
            for (gradient, residual) in gradient.iter_mut().zip(&clean) {
                *gradient = *gradient + *feature * *residual;
            }
        }
    }
    let mut sums = Sums::zero(classes);
    sums.log_likelihood = likelihoods.log();
    for (sum, lanes) in sums.gradient.iter_mut().zip(&gradient) {
        *sum = lanes.sum();
    }
    let of_label = sums.counts.iter_mut().skip(group.label).step_by(classes);
    for (sum, lanes) in of_label.zip(&counts) {
        *sum = lanes.sum();
    }
    sums
}

/// The logarithm of a product of likelihoods, taken every few rows.
struct Likelihoods {
    product: Lanes,
    rows: usize,
    logs: Lanes,
}

impl Default for Likelihoods {
    fn default() -> Self {
        Self {
            product: Lanes::all(1.0),
            rows: 0,
            logs: Lanes::default(),
        }
    }
}

impl Likelihoods {
    #[expect(clippy::inline_always, reason = "as the lanes' own functions")]
    #[inline(always)]
    fn add(&mut self, likelihood: Lanes, is_there: Lanes) {
        let none = Lanes::all(1.0) - is_there;
        self.product = self.product * (likelihood * is_there + none);
        self.rows += 1;
        if self.rows == ROWS_PER_LOGARITHM {
            self.logs = self.logs + self.product.ln();
            (self.product, self.rows) = (Lanes::all(1.0), 0);
        }
    }

    fn log(&self) -> f64 {
        (self.logs + self.product.ln()).sum()
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::super::lanes::by_label;
    use super::*;
    use crate::score::ProbabilityTable;

    #[test]
    fn the_likelihood_is_that_of_every_video() {
        let labels: Vec<usize> = (0..131).map(|video| video % 2).collect();
        let rows: Vec<[f64; 2]> = (0..131)
            .map(|video| {
                let p = (f64::from(video) + 0.5) / 131.0;
                [p, 1.0 - p]
            })
            .collect();
        let table = ProbabilityTable::new(&labels, &rows, 2).unwrap();
        let model = NoiseModel {
            weights: vec![1.5, 0.0, 0.0, 1.5, 0.1, -0.1],
            transition: vec![0.9, 0.1, 0.3, 0.7],
            classes: 2,
        };
        let sums = Sums::over(&Group::all(&table, &by_label(&table)), &model);
        let each = table
            .rows()
            .map(|(label, row)| model.label_probability(&model.clean_probs(row), label).ln());
        assert_relative_eq!(sums.log_likelihood, each.sum::<f64>(), epsilon = 1e-9);
        assert_relative_eq!(sums.counts.iter().sum::<f64>(), 131.0, epsilon = 1e-9);
    }
}
