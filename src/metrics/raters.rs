//! How far people who rate the same videos agree, beyond what chance would give.
//!
//! Categories are indices. 1 is perfect agreement, 0 what chance gives, negative is worse than chance.

use super::{MetricsError, check_lengths};

/// Cohen's κ of two raters over n items, each rated by both (Cohen 1960, "A coefficient of agreement for nominal
/// scales").
///
/// # Errors
/// Fails on lists of unequal length, without items, and when both raters know one category only, the same.
pub fn cohen_kappa(first: &[usize], second: &[usize]) -> Result<f64, MetricsError> {
    check_lengths(first.len(), second.len())?;
    if first.is_empty() {
        return Err(MetricsError::TooFew { needed: 1 });
    }
    let items = first.len() as f64;
    let agreed = first.iter().zip(second).filter(|(a, b)| a == b).count() as f64 / items;
    let (a, b) = (shares(first), shares(second));
    let by_chance: f64 = a.iter().zip(&b).map(|(a, b)| a * b).sum();
    beyond_chance(agreed, by_chance, first.len())
}

/// Fleiss' κ of items that were rated by equally many raters, at least two; who rated does not matter (Fleiss 1971,
/// "Measuring nominal scale agreement among many raters").
///
/// `ratings`: per item its ratings.
///
/// # Errors
/// Fails without items, with fewer than two ratings or unequally many of them, and when there is one category only.
pub fn fleiss_kappa(ratings: &[Vec<usize>]) -> Result<f64, MetricsError> {
    let raters = ratings.first().map_or(0, Vec::len);
    if raters < 2 {
        return Err(MetricsError::TooFew { needed: 2 });
    }
    let mut agreed = 0.0;
    for item in ratings {
        check_lengths(raters, item.len())?;
        let pairs: f64 = counts(item).iter().map(|count| count * (count - 1.0)).sum();
        agreed += pairs / (raters as f64 * (raters as f64 - 1.0));
    }
    let all: Vec<usize> = ratings.iter().flatten().copied().collect();
    let by_chance: f64 = shares(&all).iter().map(|share| share * share).sum();
    beyond_chance(agreed / ratings.len() as f64, by_chance, ratings.len())
}

/// Krippendorff's α for categories; ratings may be missing (Krippendorff 2011, "Computing Krippendorff's
/// alpha-reliability").
///
/// `ratings`: per item, per rater a category or nothing. Items with fewer than two ratings count for nothing.
///
/// # Errors
/// Fails when no item has two ratings, and when there is one category only.
pub fn krippendorff_alpha(ratings: &[Vec<Option<usize>>]) -> Result<f64, MetricsError> {
    let items: Vec<Vec<usize>> = ratings
        .iter()
        .map(|item| item.iter().copied().flatten().collect())
        .filter(|item: &Vec<usize>| item.len() > 1)
        .collect();
    let all: Vec<usize> = items.iter().flatten().copied().collect();
    if all.is_empty() {
        return Err(MetricsError::TooFew { needed: 2 });
    }
    let values = all.len() as f64;
    let disagreed: f64 = items
        .iter()
        .map(|item| {
            let raters = item.len() as f64;
            let equal: f64 = counts(item).iter().map(|count| count * (count - 1.0)).sum();
            (raters * (raters - 1.0) - equal) / (raters - 1.0)
        })
        .sum::<f64>()
        / values;
    let equal: f64 = counts(&all).iter().map(|count| count * (count - 1.0)).sum();
    let by_chance = 1.0 - equal / (values * (values - 1.0));
    beyond_chance(1.0 - disagreed, 1.0 - by_chance, items.len())
}

fn beyond_chance(agreed: f64, by_chance: f64, rows: usize) -> Result<f64, MetricsError> {
    if by_chance >= 1.0 {
        return Err(MetricsError::Constant { rows });
    }
    Ok((agreed - by_chance) / (1.0 - by_chance))
}

/// How often each category occurs.
fn counts(ratings: &[usize]) -> Vec<f64> {
    let mut counts = vec![0.0; ratings.iter().max().map_or(0, |most| most + 1)];
    for &rating in ratings {
        counts[rating] += 1.0;
    }
    counts
}

fn shares(ratings: &[usize]) -> Vec<f64> {
    let mut shares = counts(ratings);
    for share in &mut shares {
        *share /= ratings.len() as f64;
    }
    shares
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Golden {
        ratings: Vec<Vec<usize>>,
        cohen_01: f64,
        cohen_02: f64,
        fleiss: f64,
        krippendorff_nominal: f64,
        ratings_missing: Vec<Vec<Option<usize>>>,
        krippendorff_nominal_missing: f64,
    }

    #[test]
    fn equal_to_other_programs() {
        let golden: Golden =
            serde_json::from_str(include_str!("../../tests/golden/raters.json")).unwrap();
        let rater = |rater: usize| -> Vec<usize> {
            golden.ratings.iter().map(|item| item[rater]).collect()
        };
        let close = |value: Result<f64, MetricsError>, expected: f64| {
            assert_relative_eq!(value.unwrap(), expected, epsilon = 1e-12);
        };
        close(cohen_kappa(&rater(0), &rater(1)), golden.cohen_01);
        close(cohen_kappa(&rater(0), &rater(2)), golden.cohen_02);
        close(fleiss_kappa(&golden.ratings), golden.fleiss);
        let full: Vec<Vec<Option<usize>>> = golden
            .ratings
            .iter()
            .map(|item| item.iter().copied().map(Some).collect())
            .collect();
        close(krippendorff_alpha(&full), golden.krippendorff_nominal);
        close(
            krippendorff_alpha(&golden.ratings_missing),
            golden.krippendorff_nominal_missing,
        );
    }

    #[test]
    fn perfect_agreement_and_none_to_measure() {
        assert_relative_eq!(cohen_kappa(&[0, 1, 2], &[0, 1, 2]).unwrap(), 1.0);
        assert_relative_eq!(fleiss_kappa(&[vec![0, 0], vec![1, 1]]).unwrap(), 1.0);
        assert!(cohen_kappa(&[], &[]).is_err());
        assert!(cohen_kappa(&[1], &[1, 2]).is_err());
        assert_eq!(
            cohen_kappa(&[1, 1], &[1, 1]),
            Err(MetricsError::Constant { rows: 2 })
        );
        assert!(fleiss_kappa(&[vec![0, 1], vec![0]]).is_err());
        assert!(krippendorff_alpha(&[vec![Some(0), None]]).is_err());
    }
}
