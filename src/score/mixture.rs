//! Small-loss selection: a two-component Gaussian mixture on the losses, as in `DivideMix` (Li, Socher, Hoi 2020).
//!
//! A baseline beside `noise_score`. The fit follows scikit-learn's `GaussianMixture` (k-means start, EM, variance
//! floor), in one dimension, where the k-means start can be found exactly.

use super::ScoreError;

/// How the mixture is fitted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MixtureSettings {
    /// Largest number of EM steps, at least 1.
    pub max_steps: usize,
    /// EM stops when the mean log-likelihood rises by less than this.
    pub tolerance: f64,
    /// Added to each variance, so that no component collapses onto one value.
    pub variance_floor: f64,
}

impl Default for MixtureSettings {
    /// `DivideMix`'s published settings: 10 steps, tolerance 1e-2, floor 5e-4 on losses scaled to [0, 1].
    fn default() -> Self {
        Self {
            max_steps: 10,
            tolerance: 1e-2,
            variance_floor: 5e-4,
        }
    }
}

/// Two Gaussians on a line, the one of lower mean first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GaussianMixture {
    /// Means, in ascending order.
    pub means: [f64; 2],
    /// Variances, above 0.
    pub variances: [f64; 2],
    /// Shares, summing to 1.
    pub weights: [f64; 2],
}

impl GaussianMixture {
    /// Fits the mixture to n values, or returns `None` when fewer than two of them differ.
    pub fn fit(values: &[f64], settings: MixtureSettings) -> Option<Self> {
        let split = two_means_split(values)?;
        let mut upper: Vec<f64> = values
            .iter()
            .map(|&value| if value > split { 1.0 } else { 0.0 })
            .collect();
        let mut mixture = Self::maximise(values, &upper, settings.variance_floor);
        let mut likelihood = f64::NEG_INFINITY;
        for _ in 0..settings.max_steps {
            let mut sum = 0.0;
            for (&value, share) in values.iter().zip(&mut upper) {
                let [low, high] = mixture.log_densities(value);
                let log_density = log_add(low, high);
                *share = (high - log_density).exp();
                sum += log_density;
            }
            mixture = Self::maximise(values, &upper, settings.variance_floor);
            let before = std::mem::replace(&mut likelihood, sum / values.len() as f64);
            if (likelihood - before).abs() < settings.tolerance {
                break;
            }
        }
        if mixture.means[0] > mixture.means[1] {
            mixture.means.reverse();
            mixture.variances.reverse();
            mixture.weights.reverse();
        }
        Some(mixture)
    }

    /// Probability that `value` comes from the component of lower mean, in [0, 1].
    pub fn lower_posterior(&self, value: f64) -> f64 {
        let [low, high] = self.log_densities(value);
        (low - log_add(low, high)).exp()
    }

    /// The M-step. `upper`: each value's share in the second component, in [0, 1].
    fn maximise(values: &[f64], upper: &[f64], variance_floor: f64) -> Self {
        // As in the reference, so that an empty component divides by something.
        let guard = 10.0 * f64::EPSILON;
        let component = |share: fn(f64) -> f64| {
            let total = upper.iter().map(|&u| share(u)).sum::<f64>() + guard;
            let mean = values
                .iter()
                .zip(upper)
                .map(|(value, &u)| share(u) * value)
                .sum::<f64>()
                / total;
            let squares = values
                .iter()
                .zip(upper)
                .map(|(value, &u)| share(u) * (value - mean).powi(2))
                .sum::<f64>();
            (total, mean, squares / total + variance_floor)
        };
        let (low, high) = (component(|u| 1.0 - u), component(|u| u));
        let total = low.0 + high.0;
        Self {
            means: [low.1, high.1],
            variances: [low.2, high.2],
            weights: [low.0 / total, high.0 / total],
        }
    }

    fn log_densities(&self, value: f64) -> [f64; 2] {
        [0, 1].map(|component| {
            let variance = self.variances[component];
            let square = (value - self.means[component]).powi(2) / variance;
            self.weights[component].ln()
                - 0.5 * (square + (2.0 * std::f64::consts::PI * variance).ln())
        })
    }
}

/// `ln(eᵃ + eᵇ)` without overflow.
fn log_add(a: f64, b: f64) -> f64 {
    let top = a.max(b);
    top + ((a - top).exp() + (b - top).exp()).ln()
}

/// The largest value of the lower of two groups with the least sum of squared distances to their means.
fn two_means_split(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let total: f64 = sorted.iter().sum();
    let mut left_sum = 0.0;
    let mut best: Option<(f64, f64)> = None;
    for (place, pair) in sorted.windows(2).enumerate() {
        left_sum += pair[0];
        if pair[0] < pair[1] {
            let left = (place + 1) as f64;
            let right = (sorted.len() - place - 1) as f64;
            // The sum of squares within the groups falls as this sum of squares between them rises.
            let between = left_sum.powi(2) / left + (total - left_sum).powi(2) / right;
            if best.is_none_or(|(most, _)| between > most) {
                best = Some((between, pair[0]));
            }
        }
    }
    best.map(|(_, split)| split)
}

/// Each video's probability of belonging to the component of small losses, in [0, 1]; low = suspect.
///
/// `losses`: n mean losses in nats, scaled to [0, 1] before the fit, as `DivideMix` does. When all are equal nothing
/// sets one apart, and every video gets 1.
///
/// # Errors
/// Fails without losses and on losses that are not finite.
pub fn small_loss_posterior(
    losses: &[f64],
    settings: MixtureSettings,
) -> Result<Vec<f64>, ScoreError> {
    if losses.is_empty() {
        return Err(ScoreError::Empty);
    }
    if let Some((row, &value)) = losses
        .iter()
        .enumerate()
        .find(|(_, loss)| !loss.is_finite())
    {
        return Err(ScoreError::NotFinite { row, value });
    }
    let lowest = losses.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = losses.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let range = highest - lowest;
    if range <= 0.0 {
        return Ok(vec![1.0; losses.len()]);
    }
    let scaled: Vec<f64> = losses.iter().map(|loss| (loss - lowest) / range).collect();
    Ok(GaussianMixture::fit(&scaled, settings).map_or_else(
        || vec![1.0; losses.len()],
        |mixture| {
            scaled
                .iter()
                .map(|&loss| mixture.lower_posterior(loss))
                .collect()
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;
    use proptest::prelude::*;
    use serde_json::Value;

    fn golden() -> Value {
        serde_json::from_str(include_str!("../../tests/golden/mixture.json")).unwrap()
    }

    fn numbers(value: &Value) -> Vec<f64> {
        value
            .as_array()
            .unwrap()
            .iter()
            .map(|number| number.as_f64().unwrap())
            .collect()
    }

    #[test]
    fn equal_to_scikit_learn_with_the_published_settings() {
        let golden = golden();
        let posterior =
            small_loss_posterior(&numbers(&golden["losses"]), MixtureSettings::default()).unwrap();
        for (found, expected) in posterior
            .iter()
            .zip(numbers(&golden["p_clean_dividemix_params"]))
        {
            assert_abs_diff_eq!(*found, expected, epsilon = 1e-6);
        }
        let clean = posterior.iter().filter(|&&p| p > 0.5).count();
        assert_eq!(clean as u64, golden["n_clean_at_0.5"].as_u64().unwrap());
    }

    #[test]
    fn equal_to_scikit_learn_when_converged() {
        let golden = golden();
        let losses = numbers(&golden["losses"]);
        let (lowest, highest) = (
            losses.iter().copied().fold(9.0, f64::min),
            losses.iter().copied().fold(0.0, f64::max),
        );
        let scaled: Vec<f64> = losses
            .iter()
            .map(|loss| (loss - lowest) / (highest - lowest))
            .collect();
        let settings = MixtureSettings {
            max_steps: 500,
            tolerance: 1e-9,
            ..MixtureSettings::default()
        };
        let mixture = GaussianMixture::fit(&scaled, settings).unwrap();
        let expected = &golden["converged(max_iter=500,tol=1e-9)"];
        for component in 0..2 {
            assert_abs_diff_eq!(
                mixture.means[component],
                numbers(&expected["means"])[component],
                epsilon = 1e-6
            );
            assert_abs_diff_eq!(
                mixture.variances[component],
                numbers(&expected["vars"])[component],
                epsilon = 1e-6
            );
            assert_abs_diff_eq!(
                mixture.weights[component],
                numbers(&expected["weights"])[component],
                epsilon = 1e-6
            );
        }
    }

    #[test]
    fn equal_losses_accuse_nobody() {
        assert_eq!(
            small_loss_posterior(&[0.3; 4], MixtureSettings::default()).unwrap(),
            [1.0; 4]
        );
        assert_eq!(
            small_loss_posterior(&[0.3], MixtureSettings::default()).unwrap(),
            [1.0]
        );
        assert!(small_loss_posterior(&[], MixtureSettings::default()).is_err());
        assert!(small_loss_posterior(&[f64::INFINITY], MixtureSettings::default()).is_err());
    }

    proptest! {
        #[test]
        fn posteriors_are_probabilities(losses in prop::collection::vec(0.0..50.0_f64, 1..60)) {
            let posterior = small_loss_posterior(&losses, MixtureSettings::default()).unwrap();
            prop_assert!(posterior.iter().all(|p| (0.0..=1.0).contains(p)));
        }
    }
}
