//! What duplicates mean for labels, groups and folds.

use std::collections::BTreeMap;

use crate::duplicates::{DuplicatePair, Duplicates, Sameness};
use crate::issue::{Issue, IssueKind};
use crate::manifest::Manifest;

/// One issue for each of the two videos of every pair of duplicates; more where their groups differ, or where a group of
/// duplicates has several labels, which cannot all be right.
pub fn duplicates(manifest: &Manifest, duplicates: &Duplicates) -> Vec<Issue> {
    let mut issues = Vec::new();
    for pair in &duplicates.pairs {
        for (video, other) in [(pair.first, pair.second), (pair.second, pair.first)] {
            let told = |kind, detail| Issue::of(video, kind, pair.likeness, detail).with(other);
            issues.push(told(kind_of(pair), detail_of(pair, video == pair.second)));
            let (ours, theirs) = (&manifest.videos[video], &manifest.videos[other]);
            if let (Some(group), Some(other_group)) = (&ours.group, &theirs.group)
                && group != other_group
            {
                let detail = format!("is in group '{group}', its duplicate in '{other_group}'");
                issues.push(told(IssueKind::DuplicateAcrossGroups, detail));
            }
        }
    }
    for copies in &duplicates.groups {
        issues.extend(conflicts(manifest, copies));
    }
    issues
}

/// For every copy the first one of each other label.
fn conflicts(manifest: &Manifest, copies: &[usize]) -> Vec<Issue> {
    let mut first_of: BTreeMap<usize, usize> = BTreeMap::new();
    for &video in copies {
        first_of
            .entry(manifest.videos[video].label)
            .or_insert(video);
    }
    let mut issues = Vec::new();
    for &video in copies {
        let label = manifest.videos[video].label;
        for (&other_label, &other) in first_of.iter().filter(|(other, _)| **other != label) {
            let detail = format!(
                "is labeled '{}', and its duplicate '{}' is labeled '{}'",
                manifest.labels.name(label),
                manifest.videos[other].written_path,
                manifest.labels.name(other_label)
            );
            let kind = IssueKind::DuplicateLabelConflict;
            issues.push(Issue::of(video, kind, f32::NAN, detail).with(other));
        }
    }
    issues
}

fn kind_of(pair: &DuplicatePair) -> IssueKind {
    match pair.sameness {
        Sameness::Bytes | Sameness::Frames | Sameness::Features => IssueKind::ExactDuplicate,
        Sameness::Recording => IssueKind::NearDuplicate,
        Sameness::Mirrored => IssueKind::MirroredDuplicate,
    }
}

fn detail_of(pair: &DuplicatePair, is_second: bool) -> String {
    let offset = || {
        let later = if is_second {
            pair.later_secs
        } else {
            -pair.later_secs
        };
        match later {
            later if later >= 0.05 => format!(", {later:.2} s later than in it"),
            later if later <= -0.05 => format!(", {:.2} s earlier than in it", -later),
            _ => String::new(),
        }
    };
    match pair.sameness {
        Sameness::Bytes => "the files have the same bytes".to_owned(),
        Sameness::Frames => "the decoded frames are the same".to_owned(),
        Sameness::Features => "the features are the same".to_owned(),
        Sameness::Recording => format!("shows what the other video shows{}", offset()),
        Sameness::Mirrored => format!("shows the mirror image of the other video{}", offset()),
    }
}

/// The manifest with groups in which duplicates are together, so that no fold has a copy on either side. Groups that share
/// duplicates become one, under the name of the first; duplicates without a group get one of their own.
#[must_use]
pub fn keep_together(mut manifest: Manifest, duplicates: &Duplicates) -> Manifest {
    for copies in &duplicates.groups {
        let mut joined: Vec<String> = Vec::new();
        for &video in copies {
            if let Some(group) = &manifest.videos[video].group
                && !joined.contains(group)
            {
                joined.push(group.clone());
            }
        }
        let name = joined
            .first()
            .cloned()
            .unwrap_or_else(|| format!("duplicates of {}", manifest.videos[copies[0]].id));
        for &video in copies {
            manifest.videos[video].group = Some(name.clone());
        }
        if joined.len() > 1 {
            let renamed: BTreeMap<&str, &str> = joined[1..]
                .iter()
                .map(|group| (group.as_str(), name.as_str()))
                .collect();
            for video in &mut manifest.videos {
                let new = video.group.as_deref().and_then(|group| renamed.get(group));
                if let Some(new) = new {
                    video.group = Some((*new).to_owned());
                }
            }
        }
    }
    manifest
}
