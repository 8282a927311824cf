//! Leaks: what stands on more than one side of a split that the data set itself gives.

use std::collections::{BTreeMap, BTreeSet};

use crate::duplicates::Duplicates;
use crate::issue::{Issue, IssueKind};
use crate::manifest::{Manifest, Split};

/// The leaks of all splits. A video is told once for each split and other video.
pub fn leaks(manifest: &Manifest, splits: &[Split], duplicates: &Duplicates) -> Vec<Issue> {
    splits
        .iter()
        .flat_map(|split| {
            // Which sides each video is on.
            let mut sides: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
            for (side, videos) in &split.sides {
                for &video in videos {
                    sides.entry(video).or_default().insert(side);
                }
            }
            let mut issues = twice(split, &sides);
            issues.extend(copies(manifest, split, &sides, duplicates));
            issues.extend(groups(manifest, split, &sides));
            issues
        })
        .collect()
}

/// Videos that are on several sides themselves.
fn twice(split: &Split, sides: &BTreeMap<usize, BTreeSet<&str>>) -> Vec<Issue> {
    sides
        .iter()
        .filter(|(_, sides)| sides.len() > 1)
        .map(|(&video, sides)| {
            let sides: Vec<&str> = sides.iter().copied().collect();
            let detail = format!("is in {} of {split}", sides.join(" and in "));
            Issue::of(video, IssueKind::SplitLeak, f32::NAN, detail)
        })
        .collect()
}

/// Videos whose duplicate is on another side.
fn copies(
    manifest: &Manifest,
    split: &Split,
    sides: &BTreeMap<usize, BTreeSet<&str>>,
    duplicates: &Duplicates,
) -> Vec<Issue> {
    let mut issues = Vec::new();
    for pair in &duplicates.pairs {
        for (video, other) in [(pair.first, pair.second), (pair.second, pair.first)] {
            let (Some(ours), Some(theirs)) = (sides.get(&video), sides.get(&other)) else {
                continue;
            };
            if let Some((side, other_side)) = apart(ours, theirs) {
                let detail = format!(
                    "is in {side} of {split}, its duplicate '{}' in {other_side}",
                    manifest.videos[other].written_path
                );
                issues.push(
                    Issue::of(video, IssueKind::SplitLeak, pair.likeness, detail).with(other),
                );
            }
        }
    }
    issues
}

/// Two different sides, where the first is one of ours and the second one of theirs.
fn apart<'a>(ours: &BTreeSet<&'a str>, theirs: &BTreeSet<&'a str>) -> Option<(&'a str, &'a str)> {
    ours.iter()
        .flat_map(|&side| theirs.iter().map(move |&other| (side, other)))
        .find(|(side, other)| side != other)
}

/// Groups that are on several sides; the videos on the side where the group has fewest are told.
fn groups(
    manifest: &Manifest,
    split: &Split,
    sides: &BTreeMap<usize, BTreeSet<&str>>,
) -> Vec<Issue> {
    let mut by_group: BTreeMap<&str, BTreeMap<&str, Vec<usize>>> = BTreeMap::new();
    for (&video, sides) in sides {
        if let Some(group) = manifest.videos[video].group.as_deref() {
            for &side in sides {
                let videos = by_group.entry(group).or_default().entry(side).or_default();
                videos.push(video);
            }
        }
    }
    let mut issues = Vec::new();
    for (group, sides) in by_group {
        let Some((fewest, videos)) = sides.iter().min_by_key(|(_, videos)| videos.len()) else {
            continue;
        };
        let others: Vec<&str> = sides
            .keys()
            .copied()
            .filter(|side| side != fewest)
            .collect();
        if others.is_empty() {
            continue;
        }
        for &video in videos {
            let detail = format!(
                "group '{group}' is in {fewest} and in {} of {split}",
                others.join(" and in ")
            );
            issues.push(Issue::of(video, IssueKind::GroupLeak, f32::NAN, detail));
        }
    }
    issues
}
