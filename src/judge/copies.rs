//! Duplicates with different labels: errors that need no network to be certain of.
//!
//! Of copies of one recording at most one label is right. The label that most copies have is taken for that one; between as
//! many, the one whose copies are the least suspect. The videos with the others are called mislabeled and stand before
//! everything else in the order, and the copies that they contradict right after them, since a person will want to see both.

use std::collections::BTreeMap;

use super::VideoFile;
use crate::score::VideoScore;

/// What the copies of a video say of its label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Contradiction {
    /// Whether this video is the one whose label is taken to be wrong.
    pub(super) is_wrong: bool,
    /// Whether more copies have the label that is taken to be right than any other one.
    pub(super) by_majority: bool,
    /// The label that is taken to be right.
    pub(super) label: usize,
    /// A copy that has another label than this video.
    pub(super) other: usize,
}

/// For each of the scored videos what its copies say, if they contradict each other. `order`: the videos, most suspect
/// first.
pub(super) fn contradictions(
    scored: &[(VideoFile, VideoScore)],
    order: &[usize],
) -> Vec<Option<Contradiction>> {
    let mut found = vec![None; scored.len()];
    if scored.iter().all(|(file, _)| file.copies.is_empty()) {
        return found;
    }
    let by_id: BTreeMap<&str, usize> = scored
        .iter()
        .map(|(file, _)| file.id.as_str())
        .zip(0..)
        .collect();
    let mut places = vec![0; scored.len()];
    for (place, &video) in order.iter().enumerate() {
        places[video] = place;
    }
    // A copy names one of each other label; those that it does not name are found through the one that they name.
    let mut named = vec![Vec::new(); scored.len()];
    for (video, (file, _)) in scored.iter().enumerate() {
        for &other in file.copies.iter().filter_map(|id| by_id.get(id.as_str())) {
            named[video].push(other);
            named[other].push(video);
        }
    }
    let mut is_seen = vec![false; scored.len()];
    for start in 0..scored.len() {
        if is_seen[start] || named[start].is_empty() {
            continue;
        }
        let mut copies = vec![start];
        is_seen[start] = true;
        let mut next = 0;
        while let Some(&video) = copies.get(next) {
            next += 1;
            for &other in &named[video] {
                if !is_seen[other] {
                    is_seen[other] = true;
                    copies.push(other);
                }
            }
        }
        // Whichever order the videos come in, the same copy is named.
        copies.sort_by(|&a, &b| scored[a].0.id.cmp(&scored[b].0.id));
        settle(scored, &copies, &places, &mut found);
    }
    found
}

/// Says of every copy which label is right.
fn settle(
    scored: &[(VideoFile, VideoScore)],
    copies: &[usize],
    places: &[usize],
    found: &mut [Option<Contradiction>],
) {
    // Per label the number of copies, and their places: a later one is less suspect.
    let mut labels: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    for &video in copies {
        let (count, sum) = labels.entry(scored[video].0.label).or_default();
        *count += 1;
        *sum += places[video];
    }
    if labels.len() < 2 {
        return;
    }
    let Some((&label, &(most, _))) = labels.iter().max_by_key(|(_, support)| **support) else {
        return;
    };
    let by_majority = labels.values().filter(|(count, _)| *count == most).count() == 1;
    for &video in copies {
        let own = scored[video].0.label;
        let is_wrong = own != label;
        let contradicts = |other: &&usize| {
            let theirs = scored[**other].0.label;
            theirs != own && (!is_wrong || theirs == label)
        };
        if let Some(&other) = copies.iter().find(contradicts) {
            found[video] = Some(Contradiction {
                is_wrong,
                by_majority,
                label,
                other,
            });
        }
    }
}

/// The order with contradicted videos first.
pub(super) fn contradicted_first(
    order: Vec<usize>,
    contradictions: &[Option<Contradiction>],
) -> Vec<usize> {
    let mut order = order;
    order.sort_by_key(|&video| match contradictions[video] {
        Some(Contradiction { is_wrong: true, .. }) => 0,
        Some(_) => 1,
        None => 2,
    });
    order
}

/// For each video a sentence about its copies, before what the clips say; empty where nothing contradicts its label.
pub(super) fn sentences(
    contradictions: &[Option<Contradiction>],
    scored: &[(VideoFile, VideoScore)],
    labels: &[String],
) -> Vec<String> {
    let sentence = |contradiction: &Option<Contradiction>| {
        let other = contradiction.map(|contradiction| &scored[contradiction.other].0);
        other.map_or_else(String::new, |other| {
            format!(
                "its duplicate '{}' is labeled {}, so one of the two is wrong; ",
                other.path, labels[other.label]
            )
        })
    };
    contradictions.iter().map(sentence).collect()
}
