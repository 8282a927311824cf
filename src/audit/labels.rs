//! The label audit: classes, names, groups and paths.

use std::collections::{BTreeMap, BTreeSet};

use super::AuditSettings;
use crate::fold;
use crate::issue::{Issue, IssueKind};
use crate::label::folded;
use crate::manifest::{Manifest, Video};

/// Names that are shorter than this are told apart by every letter: 'sad' and 'mad' are two words.
const ALIKE_LENGTH: usize = 5;

/// A group cannot dominate a class of fewer videos.
const SMALLEST_CLASS: usize = 4;

/// All that is amiss with the labels of a data set that shall be divided into `folds`.
pub fn labels(manifest: &Manifest, folds: usize, settings: &AuditSettings) -> Vec<Issue> {
    let mut issues = sizes(manifest, folds, *settings);
    issues.extend(alike(manifest.labels.names()));
    issues.extend(dominated(manifest));
    issues.extend(paths(manifest));
    issues
}

fn videos_of(manifest: &Manifest, label: usize) -> Vec<&Video> {
    let has_label = |video: &&Video| video.label == label;
    manifest.videos.iter().filter(has_label).collect()
}

/// Classes that are too small.
fn sizes(manifest: &Manifest, folds: usize, settings: AuditSettings) -> Vec<Issue> {
    let classes: Vec<Vec<&Video>> = (0..manifest.labels.len())
        .map(|label| videos_of(manifest, label))
        .collect();
    let largest = classes.iter().map(Vec::len).max().unwrap_or(0);
    let mut issues = Vec::new();
    for (label, videos) in classes.iter().enumerate() {
        let name = manifest.labels.name(label);
        let ratio = largest as f64 / videos.len().max(1) as f64;
        if ratio > settings.imbalance {
            issues.push(Issue::of_set(
                IssueKind::ClassImbalance,
                ratio as f32,
                format!(
                    "class '{name}' has {} videos, the largest one has {largest}",
                    videos.len()
                ),
            ));
        }
        let units = fold::units(videos.iter().map(|video| video.group.as_deref())).len();
        if units < folds {
            issues.push(Issue::of_set(
                IssueKind::SmallClass,
                units as f32,
                format!(
                    "class '{name}' has {units} independent videos, {folds} folds need {folds}"
                ),
            ));
        }
    }
    issues
}

/// Labels that are one label in two spellings.
fn alike(names: &[String]) -> Vec<Issue> {
    let mut issues = Vec::new();
    for (place, second) in names.iter().enumerate() {
        for first in &names[..place] {
            if are_alike(first, second) {
                issues.push(Issue::of_set(
                    IssueKind::AlikeLabels,
                    f32::NAN,
                    format!(
                        "labels '{first}' and '{second}' may be one; the [labels] table joins them"
                    ),
                ));
            }
        }
    }
    issues
}

fn are_alike(first: &str, second: &str) -> bool {
    let (first, second) = (folded(first), folded(second));
    // Numbers tell classes apart.
    let numbers = |name: &str| name.chars().filter(|c| c.is_numeric()).collect::<String>();
    let is_long = |name: &str| name.chars().count() >= ALIKE_LENGTH;
    first == second
        || (is_long(&first)
            && is_long(&second)
            && numbers(&first) == numbers(&second)
            && strsim::osa_distance(&first, &second) == 1)
}

/// Classes that mostly come from one group.
fn dominated(manifest: &Manifest) -> Vec<Issue> {
    let groups: BTreeSet<&str> = manifest
        .videos
        .iter()
        .filter_map(|video| video.group.as_deref())
        .collect();
    if groups.len() < 2 {
        return Vec::new();
    }
    let mut issues = Vec::new();
    for label in 0..manifest.labels.len() {
        let videos = videos_of(manifest, label);
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for group in videos.iter().filter_map(|video| video.group.as_deref()) {
            *counts.entry(group).or_default() += 1;
        }
        let most = counts.into_iter().max_by_key(|(_, count)| *count);
        let Some((group, count)) = most else {
            continue;
        };
        let share = count as f64 / videos.len() as f64;
        if share > AuditSettings::GROUP_SHARE && videos.len() >= SMALLEST_CLASS {
            issues.push(Issue::of_set(
                IssueKind::GroupLabelCorrelation,
                share as f32,
                format!(
                    "{count} of the {} videos of class '{}' are of group '{group}'",
                    videos.len(),
                    manifest.labels.name(label)
                ),
            ));
        }
    }
    issues
}

/// Videos whose path names another class than their label, in a data set whose paths name classes.
fn paths(manifest: &Manifest) -> Vec<Issue> {
    let words: Vec<Vec<String>> = manifest
        .labels
        .names()
        .iter()
        .map(|name| words(name))
        .collect();
    let named: Vec<Option<usize>> = manifest
        .videos
        .iter()
        .map(|video| named_class(&video.written_path, &words))
        .collect();
    let naming = named.iter().flatten().count();
    let right = named
        .iter()
        .zip(&manifest.videos)
        .filter(|(named, video)| **named == Some(video.label))
        .count();
    if (right as f64) < AuditSettings::PATH_AGREEMENT * naming as f64 {
        return Vec::new();
    }
    named
        .iter()
        .zip(&manifest.videos)
        .enumerate()
        .filter_map(|(index, (named, video))| {
            let named = named.filter(|named| *named != video.label)?;
            let detail = format!(
                "the path says '{}', the label is '{}'",
                manifest.labels.name(named),
                manifest.labels.name(video.label)
            );
            Some(Issue::of(
                index,
                IssueKind::PathLabelConflict,
                f32::NAN,
                detail,
            ))
        })
        .collect()
}

/// The class that a path names: the last of its folders and names that names exactly one decides.
fn named_class(path: &str, classes: &[Vec<String>]) -> Option<usize> {
    path.rsplit(['/', '\\']).find_map(|part| {
        let part = words(part);
        let mut found = (0..classes.len()).filter(|&class| {
            let name = &classes[class];
            !name.is_empty() && part.windows(name.len()).any(|some| some == name)
        });
        let first = found.next()?;
        found.next().is_none().then_some(first)
    })
}

/// The runs of letters in a text, and the runs of digits, in lower case.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut last = ' ';
    for letter in text.chars().flat_map(char::to_lowercase) {
        if letter.is_alphanumeric() {
            let goes_on = last.is_alphanumeric() && last.is_numeric() == letter.is_numeric();
            match words.last_mut() {
                Some(word) if goes_on => word.push(letter),
                _ => words.push(letter.to_string()),
            }
        }
        last = letter;
    }
    words
}
