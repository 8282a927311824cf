//! Folds: which part of the data set a video is held out with.
//!
//! Every video is scored by a network that never trained on it, so the folds decide what a score is worth: each fold
//! must hold every class in its share, and no group (a subject, a film, near-duplicates) may sit on both sides. Which
//! videos form a group is the caller's knowledge.

use std::collections::BTreeMap;

use rand::seq::SliceRandom;

use crate::seed::Seed;

/// The most folds there can be; a fold's number is a `u8` in every file.
pub const MAX_FOLDS: usize = 255;

/// Why the videos cannot be divided into folds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// The number of folds is out of range.
    #[error(
        "folds must be from 2 to {MAX_FOLDS}, not '{folds}'; 5 is usual (set it with '--folds')"
    )]
    Count {
        /// The number that was asked for.
        folds: usize,
    },
    /// Fewer independent units (groups, or videos without one) than folds.
    #[error(
        "{folds} folds need at least {folds} groups, but there are {units}; ask for fewer folds with '--folds'"
    )]
    TooFewUnits {
        /// The number of folds that was asked for.
        folds: usize,
        /// Groups, with each video that has none counted as one.
        units: usize,
    },
    /// Labels and groups are not about the same videos.
    #[error("there are {labels} labels but {groups} groups; both need one entry per video")]
    Length {
        /// Length of the labels.
        labels: usize,
        /// Length of the groups.
        groups: usize,
    },
}

/// The fold of every video, in `0..folds`: stratified by label, with no group split.
///
/// Units (a group, or a video that has none) are taken by size, the largest first and in seeded random order among
/// equals; each goes to the fold that has the smallest share of the unit's labels so far, ties to the smaller fold (as
/// in scikit-learn's `StratifiedGroupKFold`, with squared shares instead of their deviation). Without groups the counts
/// of a class differ by at most one between folds.
///
/// `labels` and `groups` have one entry per video.
///
/// # Errors
/// A number of folds out of range, fewer units than folds, or lists of unequal length. Whether each *class* has enough
/// units is checked, with all offenders named, by [`crate::manifest::Manifest::check_folds`].
pub fn assign(
    labels: &[usize],
    groups: &[Option<&str>],
    folds: usize,
    seed: Seed,
) -> Result<Vec<u8>, FoldError> {
    if !(2..=MAX_FOLDS).contains(&folds) {
        return Err(FoldError::Count { folds });
    }
    if labels.len() != groups.len() {
        return Err(FoldError::Length {
            labels: labels.len(),
            groups: groups.len(),
        });
    }
    let mut units = units(groups.iter().copied());
    if units.len() < folds {
        return Err(FoldError::TooFewUnits {
            folds,
            units: units.len(),
        });
    }
    units.shuffle(&mut seed.stream("fold", folds));
    units.sort_by_key(|unit| std::cmp::Reverse(unit.len()));

    let classes = labels.iter().max().map_or(0, |label| label + 1);
    let mut totals = vec![0_usize; classes];
    for &label in labels {
        totals[label] += 1;
    }
    let mut counts = vec![vec![0_usize; classes]; folds];
    let mut sizes = vec![0_usize; folds];
    let mut assigned = vec![0_u8; labels.len()];
    for unit in &units {
        let mut in_unit: BTreeMap<usize, usize> = BTreeMap::new();
        for &video in unit {
            *in_unit.entry(labels[video]).or_default() += 1;
        }
        let fold = (0..folds)
            .min_by(|&left, &right| {
                let cost = |fold: usize| growth(&counts[fold], &totals, &in_unit);
                cost(left)
                    .total_cmp(&cost(right))
                    .then(sizes[left].cmp(&sizes[right]))
            })
            .unwrap_or(0);
        for (label, count) in in_unit {
            counts[fold][label] += count;
        }
        sizes[fold] += unit.len();
        for &video in unit {
            assigned[video] = fold as u8;
        }
    }
    Ok(assigned)
}

/// How much the sum of squared class shares would grow if a unit with these (label, number of videos) joined a fold with
/// these class counts, less what is the same for every fold.
fn growth(counts: &[usize], totals: &[usize], in_unit: &BTreeMap<usize, usize>) -> f64 {
    in_unit
        .iter()
        .map(|(&label, &count)| (counts[label] * count) as f64 / (totals[label] as f64).powi(2))
        .sum()
}

/// The units that must stay together, as indices into `groups`: a group's videos, or one video that has no group; in the
/// order of their first videos.
pub fn units<'a>(groups: impl IntoIterator<Item = Option<&'a str>>) -> Vec<Vec<usize>> {
    let mut units: Vec<Vec<usize>> = Vec::new();
    let mut unit_of_group = BTreeMap::new();
    for (video, group) in groups.into_iter().enumerate() {
        let unit = match group {
            Some(group) => *unit_of_group.entry(group).or_insert(units.len()),
            None => units.len(),
        };
        if unit == units.len() {
            units.push(Vec::new());
        }
        units[unit].push(video);
    }
    units
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn class_counts(labels: &[usize], assigned: &[u8], folds: usize, class: usize) -> Vec<usize> {
        (0..folds)
            .map(|fold| {
                let held_out =
                    |(label, of): &(&usize, &u8)| **label == class && usize::from(**of) == fold;
                labels.iter().zip(assigned).filter(held_out).count()
            })
            .collect()
    }

    proptest! {
        #[test]
        fn without_groups_class_counts_differ_by_at_most_one(
            labels in prop::collection::vec(0_usize..7, 10..200), folds in 2_usize..10, seed: u64,
        ) {
            let groups = vec![None; labels.len()];
            let assigned = assign(&labels, &groups, folds, Seed(seed)).unwrap();
            prop_assert_eq!(assigned.len(), labels.len());
            prop_assert!(assigned.iter().all(|&fold| usize::from(fold) < folds));
            for class in 0..7 {
                let counts = class_counts(&labels, &assigned, folds, class);
                prop_assert!(counts.iter().max().unwrap() - counts.iter().min().unwrap() <= 1);
            }
        }

        #[test]
        fn groups_are_never_split_and_no_fold_is_empty(
            videos in prop::collection::vec((0_usize..5, prop::option::of(0_u8..30)), 60..200),
            folds in 2_usize..6, seed: u64,
        ) {
            let labels: Vec<usize> = videos.iter().map(|video| video.0).collect();
            let names: Vec<Option<String>> =
                videos.iter().map(|video| video.1.map(|group| format!("subject {group}"))).collect();
            let groups: Vec<Option<&str>> = names.iter().map(Option::as_deref).collect();
            let assigned = match assign(&labels, &groups, folds, Seed(seed)) {
                Ok(assigned) => assigned,
                Err(FoldError::TooFewUnits { .. }) => return Ok(()),
                Err(error) => panic!("{error}"),
            };
            let mut fold_of_group = BTreeMap::new();
            for (group, &fold) in groups.iter().zip(&assigned) {
                if let Some(group) = group {
                    prop_assert_eq!(*fold_of_group.entry(group).or_insert(fold), fold);
                }
            }
            for fold in 0..folds {
                prop_assert!(assigned.iter().any(|&of| usize::from(of) == fold));
            }
        }
    }

    #[test]
    fn groups_of_equal_make_up_are_spread_evenly() {
        // 20 subjects, each with 3 videos of each of 4 classes.
        let labels: Vec<usize> = (0..240).map(|video| video % 4).collect();
        let names: Vec<String> = (0..240)
            .map(|video| format!("subject {}", video / 12))
            .collect();
        let groups: Vec<Option<&str>> = names.iter().map(|name| Some(name.as_str())).collect();
        let assigned = assign(&labels, &groups, 5, Seed(1)).unwrap();
        for class in 0..4 {
            assert_eq!(class_counts(&labels, &assigned, 5, class), vec![12; 5]);
        }
    }

    #[test]
    fn the_seed_decides() {
        let labels: Vec<usize> = (0..100).map(|video| video % 3).collect();
        let groups = vec![None; 100];
        let of = |seed| assign(&labels, &groups, 5, Seed(seed)).unwrap();
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }

    #[test]
    fn bad_requests_are_refused() {
        let seed = Seed(0);
        assert_eq!(
            assign(&[0, 1], &[None, None], 1, seed),
            Err(FoldError::Count { folds: 1 })
        );
        assert_eq!(
            assign(&[0, 1], &[None, None], 256, seed),
            Err(FoldError::Count { folds: 256 })
        );
        let same = Some("a");
        assert_eq!(
            assign(&[0, 1, 0], &[same, same, same], 2, seed),
            Err(FoldError::TooFewUnits { folds: 2, units: 1 })
        );
        assert_eq!(
            assign(&[0, 1], &[None], 2, seed),
            Err(FoldError::Length {
                labels: 2,
                groups: 1
            })
        );
    }
}
