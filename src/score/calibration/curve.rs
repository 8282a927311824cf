//! How the probability of an error falls along the ranking: a family of falling curves with prior weights.
//!
//! A curve is `floor + (ceiling − floor) · σ(shift + slope · x)` of one of two predictors `x` that fall with the
//! place: the logit of the error probability believed before, made to fall by isotonic regression, or the logarithm of
//! the place. The floor stands for errors that no score can see, the ceiling for right labels that the network contradicts
//! with full conviction. A grid instead of a sampler keeps the result exact and equal on every machine.

/// Bounds of the logit of a believed probability: beyond them it says no more than "surely".
const LOGIT_BOUNDS: (f64, f64) = (-14.0, 5.0);
/// Shifts relative to what the predictor itself says, in logits.
const SHIFTS: (f64, f64, usize) = (-4.0, 4.0, 17);
/// Spread of the normal prior of the shift, in logits.
const SHIFT_SPREAD: f64 = 1.5;
/// Slopes on the logit of the believed probability and on the logarithm of the place. Probabilities are believed to be the
/// middle of two ends, which is flatter than either, so that the likeliest slope is steep: the fifth, by a normal prior over
/// the list.
const BELIEVED_SLOPES: [f64; 6] = [0.25, 0.45, 0.7, 1.1, 2.0, 4.0];
const PLACE_SLOPES: [f64; 6] = [0.7, 1.1, 1.7, 2.6, 4.5, 8.0];
const LIKELIEST_SLOPE: f64 = 4.0;
/// Spread of that prior, in steps of the list.
const SLOPE_SPREAD: f64 = 1.7;
/// Error shares far down the ranking, as parts of the error share that is believed of the whole ranking,
/// with prior weights.
const FLOORS: [(f64, f64); 6] = [
    (0.0, 0.25),
    (0.01, 0.2),
    (0.03, 0.2),
    (0.1, 0.2),
    (0.25, 0.1),
    (0.6, 0.05),
];
/// Error shares at the very top with their prior weights.
const CEILINGS: [(f64, f64); 6] = [
    (1.0, 0.25),
    (0.97, 0.2),
    (0.92, 0.2),
    (0.85, 0.15),
    (0.7, 0.12),
    (0.5, 0.08),
];

/// One curve of the family.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Curve {
    by_place: bool,
    shift: f64,
    slope: f64,
    floor: f64,
    ceiling: f64,
    /// Logarithm of the prior weight, up to a constant.
    pub log_prior: f64,
}

/// Both predictors at every place.
#[derive(Debug, Clone, PartialEq)]
pub struct Predictors {
    believed_logits: Vec<f64>,
    place_logs: Vec<f64>,
    error_share: f64,
}

impl Predictors {
    /// Prepares the predictors of n ranked videos from the error probabilities believed of them, in [0, 1], most suspect first.
    pub fn new(believed: &[f64]) -> Self {
        let falling = falling_fit(believed);
        let errors: f64 = believed.iter().sum::<f64>().max(1.0);
        let (low, high) = LOGIT_BOUNDS;
        Self {
            believed_logits: falling
                .iter()
                .map(|p| (p / (1.0 - p)).ln().clamp(low, high))
                .collect(),
            place_logs: (0..falling.len())
                .map(|place| (errors / (place as f64 + 0.5)).ln())
                .collect(),
            error_share: errors / falling.len().max(1) as f64,
        }
    }

    /// Number of places n.
    pub fn places(&self) -> usize {
        self.place_logs.len()
    }

    /// The error probability that `curve` gives to `place`, in (0, 1).
    pub fn probability(&self, curve: &Curve, place: usize) -> f64 {
        let x = if curve.by_place {
            self.place_logs[place]
        } else {
            self.believed_logits[place]
        };
        let sigmoid = 1.0 / (1.0 + (-(curve.shift + curve.slope * x)).exp());
        let floor = (curve.floor * self.error_share).min(curve.ceiling);
        // Kept off 0 and 1, so that no single judgement can rule out a curve on its own.
        (floor + (curve.ceiling - floor) * sigmoid).clamp(1e-6, 1.0 - 1e-3)
    }
}

/// All curves of the family.
pub fn curves() -> Vec<Curve> {
    let (first, last, steps) = SHIFTS;
    let mut curves = Vec::new();
    for (by_place, slopes) in [(false, BELIEVED_SLOPES), (true, PLACE_SLOPES)] {
        for (index, slope) in slopes.into_iter().enumerate() {
            let slope_prior = -0.5 * ((index as f64 - LIKELIEST_SLOPE) / SLOPE_SPREAD).powi(2);
            for step in 0..steps {
                let shift = first + (last - first) * step as f64 / (steps - 1) as f64;
                let shift_prior = -0.5 * (shift / SHIFT_SPREAD).powi(2);
                for (floor, floor_weight) in FLOORS {
                    for (ceiling, ceiling_weight) in CEILINGS {
                        let log_prior =
                            slope_prior + shift_prior + f64::ln(floor_weight * ceiling_weight);
                        curves.push(Curve {
                            by_place,
                            shift,
                            slope,
                            floor,
                            ceiling,
                            log_prior,
                        });
                    }
                }
            }
        }
    }
    curves
}

/// The closest falling sequence in least squares (pool adjacent violators; Ayer et al. 1955).
pub(in crate::score) fn falling_fit(values: &[f64]) -> Vec<f64> {
    // Blocks of (mean, number of places).
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    for &value in values {
        let mut block = (value, 1);
        while let Some(&(mean, count)) = blocks.last() {
            if mean >= block.0 {
                break;
            }
            let total = count + block.1;
            block = (
                (mean * count as f64 + block.0 * block.1 as f64) / total as f64,
                total,
            );
            blocks.pop();
        }
        blocks.push(block);
    }
    blocks
        .into_iter()
        .flat_map(|(mean, count)| std::iter::repeat_n(mean, count))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn falling_fit_pools_violators() {
        let fit = falling_fit(&[0.9, 0.3, 0.5, 0.1, 0.2, 0.3]);
        for (found, expected) in fit.iter().zip([0.9, 0.4, 0.4, 0.2, 0.2, 0.2]) {
            assert_relative_eq!(*found, expected, epsilon = 1e-12);
        }
    }

    #[test]
    fn every_curve_falls_and_stays_a_probability() {
        let believed: Vec<f64> = (0..50).map(|place| 1.0 - f64::from(place) / 49.0).collect();
        let predictors = Predictors::new(&believed);
        for curve in curves() {
            let mut before = 1.0;
            for place in 0..predictors.places() {
                let probability = predictors.probability(&curve, place);
                assert!(probability > 0.0 && probability <= before);
                before = probability;
            }
        }
    }
}
