//! Logistic regression with a normal prior on every coefficient: the most probable coefficients, by Newton's method.

/// A term of a row: which coefficient it is multiplied by, and its value.
pub(super) type Term = (usize, f64);

/// A decision as the regression sees it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) terms: Vec<Term>,
    pub(super) is_wrong: bool,
}

/// The normal prior of one coefficient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Prior {
    pub(super) mean: f64,
    pub(super) spread: f64,
}

/// Newton steps at most; four or five are usual.
const STEPS: usize = 25;
/// Steps of conjugate gradients within one of Newton's, at most.
const GRADIENTS: usize = 60;
/// A coefficient that moves by less stands still.
const STILL: f64 = 1e-7;
/// No coefficient moves farther in one step, so that separable decisions do not throw it off.
const FARTHEST: f64 = 2.0;

/// The most probable coefficients, one for each prior.
pub(super) fn fit(rows: &[Row], priors: &[Prior]) -> Vec<f64> {
    let mut coefficients: Vec<f64> = priors.iter().map(|prior| prior.mean).collect();
    let precisions: Vec<f64> = priors.iter().map(|prior| prior.spread.powi(-2)).collect();
    for _ in 0..STEPS {
        let mut slope: Vec<f64> = coefficients
            .iter()
            .zip(priors)
            .zip(&precisions)
            .map(|((coefficient, prior), precision)| precision * (prior.mean - coefficient))
            .collect();
        let mut weights = Vec::with_capacity(rows.len());
        for row in rows {
            let p = probability(logit(&row.terms, &coefficients));
            let residual = f64::from(u8::from(row.is_wrong)) - p;
            for &(term, value) in &row.terms {
                slope[term] += value * residual;
            }
            weights.push(p * (1.0 - p));
        }
        let step = solve(rows, &weights, &precisions, &slope);
        let farthest = step.iter().fold(0.0, |most: f64, by| most.max(by.abs()));
        let part = (FARTHEST / farthest).min(1.0);
        for (coefficient, by) in coefficients.iter_mut().zip(&step) {
            *coefficient += part * by;
        }
        if farthest < STILL {
            break;
        }
    }
    coefficients
}

/// `Σ value · coefficient`.
pub(super) fn logit(terms: &[Term], coefficients: &[f64]) -> f64 {
    terms
        .iter()
        .map(|&(term, value)| value * coefficients[term])
        .sum()
}

/// The inverse of the logit.
pub(super) fn probability(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}

/// `ln P(is_wrong)` of a logit.
pub(super) fn log_likelihood(logit: f64, is_wrong: bool) -> f64 {
    let against = if is_wrong { -logit } else { logit };
    // ln(1 + eˣ) without overflow.
    -(against.max(0.0) + (-against.abs()).exp().ln_1p())
}

/// Solves `(Σ wᵢ xᵢxᵢᵀ + diag(precisions)) · step = slope` by conjugate gradients, scaled by the diagonal: there may be as many
/// coefficients as groups, and no row has more than a handful.
fn solve(rows: &[Row], weights: &[f64], precisions: &[f64], slope: &[f64]) -> Vec<f64> {
    let times = |vector: &[f64]| {
        let mut product: Vec<f64> = vector.iter().zip(precisions).map(|(v, p)| v * p).collect();
        for (row, weight) in rows.iter().zip(weights) {
            let scale = weight * logit(&row.terms, vector);
            for &(term, value) in &row.terms {
                product[term] += scale * value;
            }
        }
        product
    };
    let mut diagonal = precisions.to_vec();
    for (row, weight) in rows.iter().zip(weights) {
        for &(term, value) in &row.terms {
            diagonal[term] += weight * value * value;
        }
    }
    let scaled =
        |vector: &[f64]| -> Vec<f64> { vector.iter().zip(&diagonal).map(|(v, d)| v / d).collect() };
    let dot = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
    let mut step = vec![0.0; slope.len()];
    let mut rest = slope.to_vec();
    let mut direction = scaled(&rest);
    let mut size = dot(&rest, &direction);
    let enough = size * 1e-16;
    for _ in 0..GRADIENTS {
        if size <= enough {
            break;
        }
        let product = times(&direction);
        let length = size / dot(&direction, &product);
        for (place, value) in step.iter_mut().enumerate() {
            *value += length * direction[place];
            rest[place] -= length * product[place];
        }
        let next = scaled(&rest);
        let next_size = dot(&rest, &next);
        let keep = next_size / size;
        size = next_size;
        for (value, next) in direction.iter_mut().zip(next) {
            *value = next + keep * *value;
        }
    }
    step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_probable_coefficients_are_where_the_slope_is_zero() {
        let rows: Vec<Row> = (0..60)
            .map(|number| Row {
                terms: vec![
                    (0, 1.0),
                    (1, f64::from(number % 7) - 3.0),
                    (2 + number as usize % 3, 1.0),
                ],
                is_wrong: number % 7 + number % 3 > 4,
            })
            .collect();
        let prior = |mean, spread| Prior { mean, spread };
        let priors = [
            prior(0.0, 2.0),
            prior(1.0, 0.5),
            prior(0.0, 1.0),
            prior(0.0, 1.0),
            prior(0.0, 1.0),
        ];
        let found = fit(&rows, &priors);
        for (term, prior) in priors.iter().enumerate() {
            let mut slope = (prior.mean - found[term]) / prior.spread.powi(2);
            for row in &rows {
                let value: f64 = row
                    .terms
                    .iter()
                    .filter(|(other, _)| *other == term)
                    .map(|(_, value)| value)
                    .sum();
                slope += value
                    * (f64::from(u8::from(row.is_wrong)) - probability(logit(&row.terms, &found)));
            }
            approx::assert_abs_diff_eq!(slope, 0.0, epsilon = 1e-6);
        }
    }

    #[test]
    fn without_decisions_the_prior_stands_and_separable_ones_stay_finite() {
        let priors = [Prior {
            mean: 0.3,
            spread: 1.0,
        }];
        approx::assert_relative_eq!(fit(&[], &priors)[0], 0.3);
        let rows = vec![
            Row {
                terms: vec![(0, 1.0)],
                is_wrong: true
            };
            500
        ];
        let found = fit(&rows, &priors)[0];
        assert!(found > 3.0 && found < 10.0, "{found}");
    }
}
