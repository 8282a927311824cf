//! Which videos people should judge: a stratified random sample over the ranking, denser near the cut.
//!
//! Where the cut lies is what nobody knows before somebody has looked, so that a sample is drawn in parts, each around the cut
//! that those before it tell ([`next_places`]). The choice still rests on places alone, which is all that [`super::estimate`]
//! asks of it.

use rand::seq::SliceRandom;

use super::estimate::{Calibration, JudgedVideo};
use crate::score::ScoreError;
use crate::seed::Seed;

/// Parts of a sample.
const PARTS: usize = 4;

/// Fewer judged videos than this neither move the cut nor promise anything.
pub const FEWEST_JUDGED: usize = 10;

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

/// The next part of a sample of `asked` videos, in random order: as many places as are missing to the next quarter of it, drawn
/// around the cut that the judgements so far recommend; nothing once the sample is whole.
///
/// `believed`: the error probabilities of all n ranked videos before anybody looked, most suspect first. `first_cut`: the cut
/// that these recommend. `taken`: the places that were served already; `judged`: those of them that were decided.
///
/// # Errors
/// Fails without videos, and when a place is not in the ranking or is judged twice.
pub fn next_places(
    (believed, first_cut): (&[f64], usize),
    judged: &[JudgedVideo],
    taken: &[usize],
    asked: usize,
    seed: Seed,
) -> Result<Vec<usize>, ScoreError> {
    let videos = believed.len();
    if videos == 0 {
        return Err(ScoreError::Empty);
    }
    let mut ends = (1..=PARTS).map(|part| (asked * part).div_ceil(PARTS));
    let Some(end) = ends.find(|&end| end > taken.len()) else {
        return Ok(Vec::new());
    };
    let cut = if judged.len() < FEWEST_JUDGED {
        first_cut
    } else {
        Calibration::recommend(believed, judged, None)?
    };
    let strata = strata(videos, cut);
    let mut is_taken = vec![false; videos];
    for (row, &place) in taken.iter().enumerate() {
        let Some(is_taken) = is_taken.get_mut(place) else {
            let places = videos;
            return Err(ScoreError::PlaceOutOfRange { row, place, places });
        };
        *is_taken = true;
    }
    let free = |&(start, end, _): &(usize, usize, f64)| -> Vec<usize> {
        (start..end).filter(|&place| !is_taken[place]).collect()
    };
    let mut free: Vec<Vec<usize>> = strata.iter().map(free).collect();
    let sizes: Vec<usize> = strata.iter().map(|&(start, end, _)| end - start).collect();
    let shares: Vec<f64> = strata.iter().map(|&(_, _, share)| share).collect();
    let before: Vec<usize> = sizes
        .iter()
        .zip(&free)
        .map(|(size, free)| size - free.len())
        .collect();
    let whole = allocate(&sizes, &shares, &before, end);
    let mut next = Vec::new();
    for (index, places) in free.iter_mut().enumerate() {
        let key = format!("{index} after {}", taken.len());
        places.shuffle(&mut seed.stream("calibration stratum", key));
        next.extend(&places[..whole[index] - before[index]]);
    }
    next.shuffle(&mut seed.stream("calibration order", taken.len()));
    Ok(next)
}

/// The whole sample, each part judged at once by `is_error`, which knows of every place whether its label is wrong: how a
/// promise is tried on data whose errors are known.
///
/// # Errors
/// As [`next_places`].
pub fn judged_sample(
    (believed, first_cut): (&[f64], usize),
    asked: usize,
    seed: Seed,
    is_error: impl Fn(usize) -> bool,
) -> Result<Vec<JudgedVideo>, ScoreError> {
    let mut judged: Vec<JudgedVideo> = Vec::new();
    loop {
        let taken: Vec<usize> = judged.iter().map(|video| video.place).collect();
        let next = next_places((believed, first_cut), &judged, &taken, asked, seed)?;
        if next.is_empty() {
            return Ok(judged);
        }
        judged.extend(next.into_iter().map(|place| JudgedVideo {
            place,
            is_error: is_error(place),
        }));
    }
}

/// The share of its stratum that was judged, for every judged place: its inclusion probability after the fact, where
/// the sample was drawn in parts, is incomplete, or other videos were judged besides.
///
/// `videos`: how many are ranked. `cuts`: those around which parts were drawn; a stratum ends where one of any of
/// them does. `judged`: places, each below `videos` and only once.
pub fn inclusion_probabilities(videos: usize, cuts: &[usize], judged: &[usize]) -> Vec<f64> {
    let mut ends: Vec<usize> = cuts
        .iter()
        .flat_map(|&cut| strata(videos, cut))
        .map(|(_, end, _)| end)
        .collect();
    ends.sort_unstable();
    ends.dedup();
    let stratum = |place: usize| ends.partition_point(|&end| end <= place);
    let mut counts = vec![0_usize; ends.len()];
    for &place in judged {
        counts[stratum(place)] += 1;
    }
    judged
        .iter()
        .map(|&place| {
            let index = stratum(place);
            let start = index.checked_sub(1).map_or(0, |before| ends[before]);
            counts[index] as f64 / (ends[index] - start) as f64
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

/// Splits `count` over strata in proportion to their shares, none beyond its size, at least one each while they last, and
/// none below what it has `before`.
fn allocate(sizes: &[usize], shares: &[f64], before: &[usize], count: usize) -> Vec<usize> {
    let count = count.min(sizes.iter().sum());
    let mut taken = before.to_vec();
    for _ in before.iter().sum()..count {
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

    /// A sample that is drawn at once: the first of four parts.
    fn first_part(videos: usize, cut: usize, count: usize, seed: Seed) -> Vec<usize> {
        let believed = vec![0.1; videos];
        next_places((&believed, cut), &[], &[], PARTS * count, seed).unwrap()
    }

    #[test]
    fn more_of_the_sample_lies_near_the_cut() {
        let sample = first_part(10_000, 600, 80, Seed(1));
        let within = |from: usize, to: usize| {
            let places = sample.iter().filter(|place| (from..to).contains(*place));
            places.count()
        };
        assert_eq!(sample.len(), 80);
        assert!(within(200, 1200) > 40);
        assert!(within(0, 600) > 30 && within(600, 10_000) > 30 && within(2400, 10_000) >= 9);
    }

    #[test]
    fn inclusion_probabilities_are_those_of_the_draw() {
        let hits = (0..2000).filter(|&seed| first_part(50, 10, 20, Seed(seed)).contains(&2));
        let sample = first_part(50, 10, 20, Seed(0));
        let probabilities = inclusion_probabilities(50, &[10], &sample);
        let in_first_stratum = sample.iter().position(|&place| place < 3).unwrap();
        let expected = probabilities[in_first_stratum];
        assert!((hits.count() as f64 / 2000.0 - expected).abs() < 0.04);
    }

    #[test]
    fn a_larger_sample_contains_the_smaller_one() {
        let places = |count| -> Vec<usize> {
            let mut places = first_part(5000, 300, count, Seed(4));
            places.sort_unstable();
            places
        };
        let (small, large) = (places(40), places(120));
        assert!(small.iter().all(|place| large.binary_search(place).is_ok()));
        assert_eq!(places(40), small);
    }

    /// The places of a sample of 80 out of 5,000 whose first 600 labels are wrong.
    fn in_parts(first_cut: usize) -> Vec<usize> {
        let believed: Vec<f64> = (0..5000)
            .map(|place| 0.9 * (-f64::from(place) / 400.0).exp())
            .collect();
        let sample = judged_sample((&believed, first_cut), 80, Seed(6), |place| place < 600);
        sample.unwrap().iter().map(|video| video.place).collect()
    }

    #[test]
    fn parts_move_to_where_the_cut_turns_out_to_be() {
        let near = |places: &[usize]| {
            places
                .iter()
                .filter(|&&place| (300..1200).contains(&place))
                .count()
        };
        let mut places = in_parts(60);
        assert_eq!(places.len(), 80);
        // Around a cut of 60 lies nothing of it.
        assert!(
            near(&places[..20]) <= 4 && near(&places[20..]) >= 25,
            "{places:?}"
        );
        assert_eq!(places, in_parts(60));
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), 80);
    }

    #[test]
    fn small_and_judged_rankings_have_no_next_part() {
        let whole: Vec<usize> = (0..7).collect();
        let next = |taken: &[usize], asked: usize| {
            next_places((&[0.5; 7], 3), &[], taken, asked, Seed(1)).unwrap()
        };
        assert_eq!(next(&[], 3).len(), 1);
        let mut rest = next(&whole[..5], 80);
        rest.sort_unstable();
        assert_eq!(rest, [5, 6]);
        assert!(next(&whole, 80).is_empty());
        assert!(next(&whole[..3], 3).is_empty());
        assert_eq!(
            next_places((&[], 0), &[], &[], 3, Seed(1)).unwrap_err(),
            ScoreError::Empty
        );
        let error = next_places((&[0.5; 7], 3), &[], &[9], 3, Seed(1)).unwrap_err();
        assert!(matches!(
            error,
            ScoreError::PlaceOutOfRange {
                place: 9,
                places: 7,
                ..
            }
        ));
    }

    proptest! {
        #[test]
        fn samples_are_distinct_and_as_large_as_asked(videos in 1_usize..400, cut in 0_usize..500, count in 1_usize..150) {
            let believed = vec![0.2; videos];
            let sample = judged_sample((&believed, cut), count, Seed(9), |place| place < cut).unwrap();
            let mut places: Vec<usize> = sample.iter().map(|video| video.place).collect();
            let probabilities = inclusion_probabilities(videos, &[cut], &places);
            places.sort_unstable();
            places.dedup();
            prop_assert_eq!(places.len(), count.min(videos));
            prop_assert!(places.iter().all(|&place| place < videos));
            prop_assert!(probabilities.iter().all(|&p| p > 0.0 && p <= 1.0));
            // Horvitz-Thompson: the weights stand for the whole ranking, up to strata that got none.
            let weight: f64 = probabilities.iter().map(|p| 1.0 / p).sum();
            prop_assert!(weight <= videos as f64 + 1e-6);
            if count >= 14 {
                let at_once = inclusion_probabilities(videos, &[cut], &first_part(videos, cut, count, Seed(9)));
                let weight: f64 = at_once.iter().map(|p| 1.0 / p).sum();
                prop_assert!((weight - videos as f64).abs() < 1e-6);
            }
        }
    }
}
