//! How sharply the likelihood bends at a point: what the steps of the fit are measured by.
//!
//! Böhning's (1992) bound of a softmax regression's Hessian, ½·XᵀX for every class, is loose where the network is sure: a
//! probability p near 0 or 1 bends the likelihood by p·(1 − p) only. As `diag(p) − p·pᵀ` is at most `2·diag(p·(1 − p))`
//! (its rows sum to 0), each class can have a bound of its own at the point where the fit stands. It holds near there, so
//! that it is taken anew every few steps, and a fit takes a fifth of the steps.

use multiversion::multiversion;
use rayon::prelude::*;

use super::lanes::{Group, Lanes, softmax};
use super::matrix::Cholesky;

/// One bound per class, factorised.
pub(super) struct Curvature {
    factors: Vec<Cholesky>,
}

impl Curvature {
    /// The bounds `Σ 2·p_k·(1 − p_k)·x·xᵀ + precision` of the classes k at `weights`, (C + 1) × C; x are the C + 1 features
    /// of the videos in `groups`, p their probabilities. `precision`: the prior's of the weights of each feature, on the diagonal.
    pub(super) fn at(
        weights: &[f64],
        groups: &[Group],
        classes: usize,
        precision: impl Fn(usize) -> f64,
    ) -> Self {
        let width = classes + 1;
        let parts: Vec<Vec<f64>> = groups
            .par_iter()
            .map(|group| part(group, weights, classes))
            .collect();
        let factors = (0..classes).map(|class| {
            let mut bound = vec![0.0; width * width];
            let pairs = (0..width).flat_map(|row| (0..=row).map(move |column| (row, column)));
            for (place, (row, column)) in pairs.enumerate() {
                let sum: f64 = parts.iter().map(|part| part[place * classes + class]).sum();
                bound[row * width + column] =
                    sum + if row == column { precision(row) } else { 0.0 };
            }
            Cholesky::new(&bound, width)
        });
        Self {
            factors: factors.collect(),
        }
    }

    /// Replaces a gradient by the weights, (C + 1) × C, by the step that these bounds allow.
    pub(super) fn step(&self, gradient: &mut [f64]) {
        let classes = self.factors.len();
        for (class, factor) in self.factors.iter().enumerate() {
            factor.solve(gradient, class, classes);
        }
    }
}

/// The sums over one group without the prior: pair by pair of features, the lower triangle row by row, one number per class.
#[multiversion(targets("x86_64+avx2"))]
fn part(group: &Group, weights: &[f64], classes: usize) -> Vec<f64> {
    let width = classes + 1;
    let mut bends = vec![Lanes::default(); classes];
    let mut sums = vec![Lanes::default(); width * (width + 1) / 2 * classes];
    for (features, _) in group.rows() {
        softmax(features, weights, &mut bends);
        for bend in &mut bends {
            *bend = Lanes::all(2.0) * *bend * (Lanes::all(1.0) - *bend);
        }
        let pairs = features
            .iter()
            .enumerate()
            .flat_map(|(row, a)| features[..=row].iter().map(|b| *a * *b));
        for (sums, product) in sums.chunks_exact_mut(classes).zip(pairs) {
            for (sum, bend) in sums.iter_mut().zip(&bends) {
                *sum = *sum + product * *bend; // lanes without a video have no features
            }
        }
    }
    sums.into_iter().map(Lanes::sum).collect()
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;
    use crate::score::ProbabilityTable;

    #[test]
    fn one_video_bends_by_its_own_probabilities() {
        let table = ProbabilityTable::new(&[0], &[[0.8, 0.2]], 2).unwrap();
        // Weights that leave probabilities as they are; both classes bend by 2·0.8·0.2, the constant feature is 1.
        let identity = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];
        let bound = part(&Group::all(&table, &[vec![0], vec![]])[0], &identity, 2);
        let half = (0.8_f64 / 0.2).ln() / 2.0;
        let expected = [half * half, -half * half, half * half, half, -half, 1.0];
        for (pair, product) in bound.chunks_exact(2).zip(expected) {
            for sum in pair {
                assert_relative_eq!(*sum, 0.32 * product, epsilon = 1e-12);
            }
        }
    }

    #[test]
    fn without_videos_only_the_prior_holds_a_step_back() {
        let mut gradient = vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        Curvature::at(&[0.0; 6], &[], 2, |_| 4.0).step(&mut gradient);
        assert_eq!(gradient, [0.25, 0.5, 0.75, 1.0, 1.25, 1.5]);
    }
}
