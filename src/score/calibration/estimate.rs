//! From a judged sample to precision and recall at every cut, with 90 % intervals.
//!
//! Bayesian: every curve of [`super::curve`] is weighted by how well it explains the judgements; precision and recall
//! then follow from draws of curves and of the labels that nobody judged. Error probabilities fall along the ranking
//! by construction. The sample may be denser in some places, as long as the choice rests on the place alone.

use rand::RngExt;

use super::curve::{Curve, Predictors, curves};
use super::cut::{Basis, Cut, Interval, listed_cuts, recommended_cut};
use crate::score::ScoreError;
use crate::seed::Seed;

/// Draws from the posterior.
const DRAWS: usize = 2000;
/// Power of the likelihood: a little below 1, as no curve of the family is exactly true (Grünwald 2012, "the safe
/// Bayesian").
const LIKELIHOOD_POWER: f64 = 0.92;
/// Share of the draws that an interval holds: the shortest such interval, which reaches a bound of the range where
/// the draws crowd against it, as recall does when hardly any error is missed.
const INTERVAL_MASS: f64 = 0.9;

/// One judgement. Videos on which people could not decide are left out by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JudgedVideo {
    /// Place in the order of suspicion, 0 = most suspect.
    pub place: usize,
    /// Whether the label was judged wrong.
    pub is_error: bool,
}

/// What a judged sample says about the whole ranking.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// Number of judged videos.
    pub judged: usize,
    /// Number of wrong labels among all ranked videos, with a 90 % interval.
    pub errors: Interval,
    /// The listed cuts in ascending order, with 90 % intervals.
    pub cuts: Vec<Cut>,
    /// The cut to recommend: target precision or highest F1; 0 when no cut reaches the target.
    pub recommended: usize,
    /// Probability that the label at each place is wrong, n numbers that never rise.
    pub error_probs: Vec<f64>,
}

impl Calibration {
    /// Estimates from `judged` videos of a ranking, given the error probabilities `believed` of all n ranked videos before
    /// anybody looked ([`super::range::ErrorRange::middle`]), most suspect first.
    ///
    /// # Errors
    /// Fails without videos or judgements, and when a judged place is not in the ranking or is judged twice.
    pub fn estimate(
        believed: &[f64],
        judged: &[JudgedVideo],
        target_precision: Option<f64>,
        seed: Seed,
    ) -> Result<Self, ScoreError> {
        check(believed.len(), judged)?;
        let predictors = Predictors::new(believed);
        let posterior = Posterior::new(&predictors, judged);
        let error_probs = posterior.mean_probabilities(&predictors);
        let recommended = recommended_cut(&error_probs, target_precision);
        let ends = listed_cuts(predictors.places(), recommended);
        let expected = expected_counts(&error_probs, judged, &ends);
        let draws = posterior.draw_counts(&predictors, judged, &ends, seed);
        let total = ends.len() - 1;
        let cuts = ends
            .iter()
            .enumerate()
            .map(|(index, &flagged)| {
                let precision = |counts: &[f64]| counts[index] / flagged as f64;
                let recall = |counts: &[f64]| {
                    if counts[total] > 0.0 {
                        counts[index] / counts[total]
                    } else {
                        1.0
                    }
                };
                Cut {
                    flagged,
                    precision: interval(
                        precision(&expected),
                        draws.iter().map(|counts| precision(counts)),
                    ),
                    recall: interval(recall(&expected), draws.iter().map(|counts| recall(counts))),
                    basis: Basis::Judged,
                }
            })
            .collect();
        let errors = interval(expected[total], draws.iter().map(|counts| counts[total]));
        Ok(Self {
            judged: judged.len(),
            errors,
            cuts,
            recommended,
            error_probs,
        })
    }

    /// The cut that [`Self::estimate`] recommends, without the intervals, which take most of its time.
    ///
    /// # Errors
    /// As [`Self::estimate`].
    pub fn recommend(
        believed: &[f64],
        judged: &[JudgedVideo],
        target_precision: Option<f64>,
    ) -> Result<usize, ScoreError> {
        check(believed.len(), judged)?;
        let predictors = Predictors::new(believed);
        let error_probs = Posterior::new(&predictors, judged).mean_probabilities(&predictors);
        Ok(recommended_cut(&error_probs, target_precision))
    }

    /// The row of the recommended cut, or `None` when no cut reaches the target.
    pub fn recommended_cut(&self) -> Option<&Cut> {
        self.cuts.iter().find(|cut| cut.flagged == self.recommended)
    }
}

fn check(places: usize, judged: &[JudgedVideo]) -> Result<(), ScoreError> {
    if places == 0 || judged.is_empty() {
        return Err(ScoreError::Empty);
    }
    let mut seen = vec![false; places];
    for (row, video) in judged.iter().enumerate() {
        match seen.get_mut(video.place) {
            Some(seen) if !*seen => *seen = true,
            Some(_) => {
                return Err(ScoreError::JudgedTwice {
                    row,
                    place: video.place,
                });
            }
            None => {
                return Err(ScoreError::PlaceOutOfRange {
                    row,
                    place: video.place,
                    places,
                });
            }
        }
    }
    Ok(())
}

/// Curves with their posterior weights, which sum to 1.
struct Posterior {
    weighted: Vec<(f64, Curve)>,
}

impl Posterior {
    fn new(predictors: &Predictors, judged: &[JudgedVideo]) -> Self {
        let mut weighted: Vec<(f64, Curve)> = curves()
            .into_iter()
            .map(|curve| {
                let likelihood: f64 = judged
                    .iter()
                    .map(|video| {
                        let p = predictors.probability(&curve, video.place);
                        if video.is_error { p.ln() } else { (-p).ln_1p() }
                    })
                    .sum();
                (curve.log_prior + LIKELIHOOD_POWER * likelihood, curve)
            })
            .collect();
        let highest = weighted
            .iter()
            .map(|&(log, _)| log)
            .fold(f64::NEG_INFINITY, f64::max);
        // Curves a thousand million times less likely than the best change nothing but the time.
        weighted.retain(|&(log, _)| log > highest - 20.0);
        let sum: f64 = weighted.iter().map(|&(log, _)| (log - highest).exp()).sum();
        for (weight, _) in &mut weighted {
            *weight = (*weight - highest).exp() / sum;
        }
        weighted.sort_by(|a, b| b.0.total_cmp(&a.0));
        Self { weighted }
    }

    /// The posterior mean at every place: exact at up to 400 places and interpolated between them.
    fn mean_probabilities(&self, predictors: &Predictors) -> Vec<f64> {
        const KNOTS: usize = 400;
        let last = predictors.places() - 1;
        let mut knots: Vec<usize> = (0..=KNOTS)
            .map(|knot| (last as f64 * (knot as f64 / KNOTS as f64).powi(2)).round() as usize)
            .collect();
        knots.dedup();
        let means: Vec<f64> = knots
            .iter()
            .map(|&place| {
                self.weighted
                    .iter()
                    .map(|(weight, curve)| weight * predictors.probability(curve, place))
                    .sum()
            })
            .collect();
        let mut probabilities = Vec::with_capacity(last + 1);
        for (knot, mean) in knots.windows(2).zip(means.windows(2)) {
            let length = (knot[1] - knot[0]) as f64;
            probabilities
                .extend((knot[0]..knot[1]).map(|place| {
                    mean[0] + (mean[1] - mean[0]) * (place - knot[0]) as f64 / length
                }));
        }
        probabilities.extend(means.last());
        probabilities
    }

    /// Draws the number of errors up to each of `ends`, [`DRAWS`] times.
    fn draw_counts(
        &self,
        predictors: &Predictors,
        judged: &[JudgedVideo],
        ends: &[usize],
        seed: Seed,
    ) -> Vec<Vec<f64>> {
        let segments = segments(judged, ends);
        let mut random = seed.stream("calibration draws", "");
        let mut drawn = Vec::with_capacity(DRAWS);
        let (mut index, mut reached) = (0, self.weighted[0].0);
        for draw in 0..DRAWS {
            // Systematic draws from the weights: the same curve mix as independent draws with less noise.
            let target = (draw as f64 + random.random::<f64>()) / DRAWS as f64;
            while reached < target && index + 1 < self.weighted.len() {
                index += 1;
                reached += self.weighted[index].0;
            }
            let curve = &self.weighted[index].1;
            let (mut counts, mut deviation, mut mean, mut known) =
                (Vec::with_capacity(ends.len()), 0.0, 0.0, 0.0);
            for segment in &segments {
                let p = predictors.probability(curve, segment.middle);
                let unknown = segment.unjudged as f64;
                mean += unknown * p;
                deviation += (unknown * p * (1.0 - p)).sqrt() * standard_normal(&mut random);
                known += segment.errors as f64;
                // Normal deviations only approximate the binomial ones: whole sums are bounded, single segments are
                // not.
                counts.push((known + mean + deviation).clamp(known, segment.end as f64));
            }
            // The number of errors cannot fall along the ranking.
            for place in 1..counts.len() {
                counts[place] = counts[place].max(counts[place - 1]);
            }
            drawn.push(counts);
        }
        drawn
    }
}

/// The places between two listed cuts.
struct Segment {
    end: usize,
    middle: usize,
    unjudged: usize,
    errors: usize,
}

fn segments(judged: &[JudgedVideo], ends: &[usize]) -> Vec<Segment> {
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts
        .zip(ends)
        .map(|(start, &end)| {
            let within = judged
                .iter()
                .filter(|video| (start..end).contains(&video.place));
            Segment {
                end,
                middle: start + (end - start) / 2,
                unjudged: end - start - within.clone().count(),
                errors: within.filter(|video| video.is_error).count(),
            }
        })
        .collect()
}

/// Expected number of errors up to each of `ends`: judged ones count as they are, the others by their probability.
fn expected_counts(error_probs: &[f64], judged: &[JudgedVideo], ends: &[usize]) -> Vec<f64> {
    let mut outcomes = error_probs.to_vec();
    for video in judged {
        outcomes[video.place] = f64::from(u8::from(video.is_error));
    }
    let mut sum = 0.0;
    let mut done = 0;
    ends.iter()
        .map(|&end| {
            sum += outcomes[done..end].iter().sum::<f64>();
            done = end;
            sum
        })
        .collect()
}

fn interval(estimate: f64, draws: impl Iterator<Item = f64>) -> Interval {
    let mut sorted: Vec<f64> = draws.collect();
    sorted.sort_by(f64::total_cmp);
    let span = (sorted.len() as f64 * INTERVAL_MASS).ceil() as usize;
    let widths = sorted
        .windows(span)
        .map(|window| window[span - 1] - window[0]);
    let start = widths
        .enumerate()
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map_or(0, |(start, _)| start);
    Interval::new(estimate, sorted[start], sorted[start + span - 1])
}

/// A standard normal number (Box & Muller 1958).
fn standard_normal(random: &mut impl RngExt) -> f64 {
    let radius = (-2.0 * (1.0 - random.random::<f64>()).ln()).sqrt();
    radius * (2.0 * std::f64::consts::PI * random.random::<f64>()).cos()
}
