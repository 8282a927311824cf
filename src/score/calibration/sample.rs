//! Which videos people should judge: a stratified random sample over the ranking, denser near the cut.

use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};

use crate::score::ScoreError;
use crate::seed::Seed;

/// Strata as `(end in multiples of the cut, share of the sample)`; the last one ends with the ranking. Two thirds of
/// the sample lie between a third of the cut and twice the cut, where precision and recall are decided.
const STRATA: [(f64, f64); 7] = [
    (1.0 / 3.0, 0.12),
    (2.0 / 3.0, 0.15),
    (1.0, 0.18),
    (4.0 / 3.0, 0.16),
    (2.0, 0.14),
    (4.0, 0.13),
    (f64::INFINITY, 0.12),
];

/// One video of the sample.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SampledVideo {
    /// Its place in the order of suspicion, 0 = most suspect.
    pub place: usize,
    /// The probability with which it came into the sample, in (0, 1].
    pub inclusion_probability: f64,
}

/// Draws `count` of `videos` ranked videos for judging, in random order, so that the order of serving betrays
/// nothing.
///
/// `cut`: the cut that is to be checked, usually the one recommended before review; the densest strata lie next to
/// it. The same seed gives the same sample. All videos are drawn when there are no more than `count`.
///
/// # Errors
/// Fails when there is no video or none is to be drawn.
pub fn stratified_sample(
    videos: usize,
    cut: usize,
    count: usize,
    seed: Seed,
) -> Result<Vec<SampledVideo>, ScoreError> {
    if videos == 0 || count == 0 {
        return Err(ScoreError::Empty);
    }
    let strata = strata(videos, cut);
    let sizes: Vec<usize> = strata.iter().map(|&(start, end, _)| end - start).collect();
    let shares: Vec<f64> = strata.iter().map(|&(_, _, share)| share).collect();
    let mut sample = Vec::new();
    for (index, taken) in allocate(&sizes, &shares, count).into_iter().enumerate() {
        let (start, end, _) = strata[index];
        let mut places: Vec<usize> = (start..end).collect();
        places.shuffle(&mut seed.stream("calibration stratum", index));
        let inclusion_probability = taken as f64 / places.len() as f64;
        sample.extend(places[..taken].iter().map(|&place| SampledVideo {
            place,
            inclusion_probability,
        }));
    }
    sample.shuffle(&mut seed.stream("calibration order", ""));
    Ok(sample)
}

/// The share of its stratum that was judged, for every judged place: its inclusion probability after the fact, where
/// the sample is incomplete or other videos were judged besides.
///
/// `videos`, `cut`: as in [`stratified_sample`]. `judged`: places, each below `videos` and only once.
pub fn inclusion_probabilities(videos: usize, cut: usize, judged: &[usize]) -> Vec<f64> {
    let strata = strata(videos, cut);
    let stratum = |place: usize| strata.partition_point(|&(_, end, _)| end <= place);
    let mut counts = vec![0_usize; strata.len()];
    for &place in judged {
        counts[stratum(place)] += 1;
    }
    judged
        .iter()
        .map(|&place| {
            let (start, end, _) = strata[stratum(place)];
            counts[stratum(place)] as f64 / (end - start) as f64
        })
        .collect()
}

/// Non-empty strata `(start, end, share)` that cover `0..videos`.
fn strata(videos: usize, cut: usize) -> Vec<(usize, usize, f64)> {
    // A cut at either end would leave one side without strata.
    let cut = cut.clamp(1, videos) as f64;
    let mut start = 0;
    let mut strata = Vec::new();
    for (end, share) in STRATA {
        let end = ((end * cut).round().min(videos as f64) as usize).max(start);
        if end > start {
            strata.push((start, end, share));
            start = end;
        }
    }
    strata
}

/// Splits `count` over strata in proportion to their shares, none beyond its size, at least one each while they last.
fn allocate(sizes: &[usize], shares: &[f64], count: usize) -> Vec<usize> {
    let count = count.min(sizes.iter().sum());
    let mut taken = vec![0; sizes.len()];
    for _ in 0..count {
        // One at a time to the stratum that is furthest behind its share (D'Hondt), so that samples of different size
        // nest.
        let neediest = (0..sizes.len())
            .filter(|&index| taken[index] < sizes[index])
            .max_by(|&a, &b| {
                let need = |index: usize| shares[index] / (taken[index] as f64 + 0.5);
                need(a).total_cmp(&need(b)).then(b.cmp(&a))
            });
        if let Some(index) = neediest {
            taken[index] += 1;
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn more_of_the_sample_lies_near_the_cut() {
        let sample = stratified_sample(10_000, 600, 80, Seed(1)).unwrap();
        let within = |from: usize, to: usize| {
            sample
                .iter()
                .filter(|video| (from..to).contains(&video.place))
                .count()
        };
        assert_eq!(sample.len(), 80);
        assert!(within(200, 1200) > 40);
        assert!(within(0, 600) > 30 && within(600, 10_000) > 30 && within(2400, 10_000) >= 9);
    }

    #[test]
    fn inclusion_probabilities_are_those_of_the_draw() {
        let hits = (0..2000).filter(|&seed| {
            stratified_sample(50, 10, 20, Seed(seed))
                .unwrap()
                .iter()
                .any(|video| video.place == 2)
        });
        let expected = stratified_sample(50, 10, 20, Seed(0)).unwrap();
        let first_stratum = expected
            .iter()
            .find(|video| video.place < 3)
            .unwrap()
            .inclusion_probability;
        assert!((hits.count() as f64 / 2000.0 - first_stratum).abs() < 0.04);
    }

    #[test]
    fn judging_the_whole_sample_gives_the_probabilities_of_the_draw() {
        let sample = stratified_sample(5000, 300, 80, Seed(2)).unwrap();
        let places: Vec<usize> = sample.iter().map(|video| video.place).collect();
        for (video, found) in sample
            .iter()
            .zip(inclusion_probabilities(5000, 300, &places))
        {
            assert!((video.inclusion_probability - found).abs() < 1e-12);
        }
    }

    #[test]
    fn a_larger_sample_contains_the_smaller_one() {
        let places = |count| -> Vec<usize> {
            let mut places: Vec<usize> = stratified_sample(5000, 300, count, Seed(4))
                .unwrap()
                .iter()
                .map(|video| video.place)
                .collect();
            places.sort_unstable();
            places
        };
        let (small, large) = (places(40), places(120));
        assert!(small.iter().all(|place| large.binary_search(place).is_ok()));
        assert_eq!(places(40), small);
    }

    proptest! {
        #[test]
        fn samples_are_distinct_and_as_large_as_asked(videos in 1_usize..400, cut in 0_usize..500, count in 1_usize..150) {
            let sample = stratified_sample(videos, cut, count, Seed(9)).unwrap();
            let mut places: Vec<usize> = sample.iter().map(|video| video.place).collect();
            places.sort_unstable();
            places.dedup();
            prop_assert_eq!(places.len(), count.min(videos));
            prop_assert!(places.iter().all(|&place| place < videos));
            prop_assert!(sample.iter().all(|v| v.inclusion_probability > 0.0 && v.inclusion_probability <= 1.0));
            // Horvitz-Thompson: the weights stand for the whole ranking, up to strata that got none.
            let weight: f64 = sample.iter().map(|video| 1.0 / video.inclusion_probability).sum();
            prop_assert!(weight <= videos as f64 + 1e-6);
            if count >= 14 {
                prop_assert!((weight - videos as f64).abs() < 1e-6);
            }
        }
    }
}
