//! What a video's neighbours in feature space say of it: whether they have its label, and how far away they are.
//!
//! A network puts videos that it takes for alike close together, whatever it says of their classes. So the labels of a
//! video's nearest neighbours are a second opinion on its own (Wilson 1972, "Asymptotic properties of nearest neighbor
//! rules using edited data"), and a video that is far from everything is one of its kind: another subject matter, a
//! broken crop, no face (Ramaswamy et al. 2000; the mean distance to the k nearest is what Kuan & Mueller 2022, "Back to
//! the basics", found to be as good as any score of that kind). Only features of one network can be compared: each fold
//! has its own, so neighbours are looked for within a fold.

mod search;
mod settings;

use super::ScoreError;
use super::error::check_length;

pub use self::settings::NeighbourSettings;

/// A normal distribution's standard deviation over its median absolute deviation.
const PER_MEDIAN_DEVIATION: f64 = 1.482_602;

/// The same over its mean absolute deviation.
const PER_MEAN_DEVIATION: f64 = 1.253_314;

/// The neighbours of one video among those of its fold.
#[derive(Debug, Clone, PartialEq)]
pub struct Neighbourhood {
    /// The nearest other videos by cosine, nearest first; indices into the features. Fewer than were asked for where there
    /// are not so many.
    pub nearest: Vec<usize>,
    /// Share of them that have another label, in [0, 1]; 0 where there is none.
    pub other_label_share: f64,
    /// Mean cosine distance to them, in [0, 2].
    pub distance: f64,
    /// By how many robust standard deviations that distance exceeds the median of all (see [`robust_z`]).
    pub outlier_score: f64,
}

/// The `k` nearest neighbours of each video, by the cosine of features that one network gave them, and what they say.
/// A feature without length is at distance 1 of everything. Runs on rayon's threads; the outcome does not depend on them.
///
/// # Errors
///
/// If there is not one label and one feature per video, features differ in length, or hold what is not a number.
pub fn neighbourhoods(
    features: &[Vec<f32>],
    labels: &[usize],
    k: usize,
) -> Result<Vec<Neighbourhood>, ScoreError> {
    check_length("labels", labels.len(), features.len())?;
    let width = features.first().map_or(0, Vec::len);
    for (row, feature) in features.iter().enumerate() {
        check_length("a feature", feature.len(), width)?;
        if let Some(value) = feature.iter().find(|value| !value.is_finite()) {
            return Err(ScoreError::NotFinite {
                row,
                value: f64::from(*value),
            });
        }
    }
    let mut found: Vec<Neighbourhood> = search::nearest(features, k)
        .into_iter()
        .enumerate()
        .map(|(video, nearest)| {
            let count = nearest.len().max(1) as f64;
            let others = nearest
                .iter()
                .filter(|(other, _)| labels[*other] != labels[video]);
            Neighbourhood {
                other_label_share: others.count() as f64 / count,
                distance: nearest.iter().map(|(_, distance)| distance).sum::<f64>() / count,
                nearest: nearest.into_iter().map(|(other, _)| other).collect(),
                outlier_score: 0.0,
            }
        })
        .collect();
    let distances: Vec<f64> = found.iter().map(|video| video.distance).collect();
    for (video, score) in found.iter_mut().zip(robust_z(&distances)) {
        video.outlier_score = score;
    }
    Ok(found)
}

/// By how many standard deviations each value exceeds the median, where the deviation is estimated from the median absolute
/// deviation, or where most values are the same from the mean one (Iglewicz & Hoaglin 1993, "How to detect and handle
/// outliers", who call from 3.5 on an outlier). 0 for all where all are the same.
pub fn robust_z(values: &[f64]) -> Vec<f64> {
    let middle = median(values);
    let away: Vec<f64> = values.iter().map(|value| (value - middle).abs()).collect();
    let by_median = PER_MEDIAN_DEVIATION * median(&away);
    let by_mean = PER_MEAN_DEVIATION * away.iter().sum::<f64>() / away.len().max(1) as f64;
    // What rounding leaves of equal values is no deviation.
    let is_real = |deviation: &f64| *deviation > 1e-9 * middle.abs().max(1e-9);
    let deviation = [by_median, by_mean].into_iter().find(is_real);
    values
        .iter()
        .map(|value| deviation.map_or(0.0, |deviation| (value - middle) / deviation))
        .collect()
}

/// The middle value, or the mean of the two middle ones; 0 of none.
fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    match (values.len() % 2, values.get(half)) {
        (_, None) => 0.0,
        (1, Some(&middle)) => middle,
        (_, Some(&upper)) => f64::midpoint(values[half - 1], upper),
    }
}

#[cfg(test)]
mod tests;
