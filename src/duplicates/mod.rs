//! Videos that are there more than once: the same bytes, the same frames, or the same recording encoded, scaled, cropped,
//! trimmed or mirrored.
//!
//! Candidates come from shared moments of movement (`candidates`), in near-linear time; each is then held against the
//! frames in the cache (`likeness`, with `warp` for crops). `groups` makes groups of the pairs. Only what moves tells
//! near duplicates apart from other videos of the same person, so that of videos without movement exact copies alone are
//! found. What a duplicate means for labels and splits is [`crate::audit`]'s business.

mod candidates;
mod groups;
mod likeness;
mod settings;
#[cfg(test)]
mod tests;
mod warp;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use self::candidates::{Candidate, candidates};
use self::groups::Groups;
use self::likeness::{Track, likeness};
pub use self::settings::DuplicateSettings;
use crate::cache::{Cache, CachedVideo};
use crate::health::{Moment, thumbs};

/// In which way two videos are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sameness {
    /// Byte by byte.
    Bytes,
    /// Frame by frame, in files that differ.
    Frames,
    /// The same recording.
    Recording,
    /// The same recording, mirrored.
    Mirrored,
}

/// Two videos that are the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DuplicatePair {
    /// The first of the two, an index into the list of videos.
    pub first: usize,
    /// The second, larger than the first.
    pub second: usize,
    /// In which way.
    pub sameness: Sameness,
    /// How alike they are, in [0, 1]; 1 for exact copies.
    pub likeness: f32,
    /// How much later the second shows what the first one shows, in seconds.
    pub later_secs: f32,
}

/// All duplicates of a list of videos.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Duplicates {
    /// Pairs in order; of exact copies only those with the first of their kind.
    pub pairs: Vec<DuplicatePair>,
    /// Videos that are copies of each other, each group ascending, the groups by their first video.
    pub groups: Vec<Vec<usize>>,
}

/// Looks for duplicates among the videos of a cache. Stops early, with what it has, when `stop` is raised. Works on rayon's
/// threads.
pub fn find(cache: &Cache, settings: &DuplicateSettings, stop: &AtomicBool) -> Duplicates {
    let mut groups = Groups::new(cache.len());
    let mut pairs = exact(cache, &mut groups);
    if settings.near {
        let near = near(cache, &groups, settings, stop);
        let mut by_likeness: Vec<&DuplicatePair> = near.iter().collect();
        by_likeness.sort_by(|a, b| b.likeness.total_cmp(&a.likeness));
        let links: Vec<(usize, usize)> = by_likeness
            .iter()
            .flat_map(|pair| {
                let theirs = groups.members(groups.group_of(pair.second));
                groups
                    .members(groups.group_of(pair.first))
                    .iter()
                    .flat_map(move |&a| theirs.iter().map(move |&b| (a, b)))
            })
            .collect();
        groups.merge_alike(&links);
        pairs.extend(
            near.into_iter()
                .filter(|pair| groups.group_of(pair.first) == groups.group_of(pair.second)),
        );
        pairs.sort_by_key(|pair| (pair.first, pair.second));
    }
    Duplicates {
        pairs,
        groups: groups.into_groups(),
    }
}

/// Copies by bytes or by frames, which it puts into one group each.
fn exact(cache: &Cache, groups: &mut Groups) -> Vec<DuplicatePair> {
    let mut pairs = Vec::new();
    let mut by_bytes = BTreeMap::new();
    let mut by_frames: BTreeMap<(u64, usize), Vec<usize>> = BTreeMap::new();
    for video in 0..cache.len() {
        let Some(fingerprint) = cache.fingerprint(video) else {
            continue;
        };
        let first = *by_bytes.entry(fingerprint).or_insert(video);
        let (first, sameness) = if first < video {
            (Some(first), Sameness::Bytes)
        } else if let Ok(decoded) = cache.video(video) {
            // A digest is short: the frames themselves decide.
            let key = (decoded.looks.digest, decoded.pixels.len());
            let known = by_frames.entry(key).or_default();
            let same = known.iter().copied().find(|&other| {
                cache
                    .video(other)
                    .is_ok_and(|other| other.pixels == decoded.pixels)
            });
            if same.is_none() {
                known.push(video);
            }
            (same, Sameness::Frames)
        } else {
            (None, Sameness::Bytes)
        };
        if let Some(first) = first {
            groups.merge(groups.group_of(first), groups.group_of(video));
            pairs.push(DuplicatePair {
                first,
                second: video,
                sameness,
                likeness: 1.0,
                later_secs: 0.0,
            });
        }
    }
    pairs
}

/// Near duplicates among the first videos of the groups that there are.
fn near(
    cache: &Cache,
    groups: &Groups,
    settings: &DuplicateSettings,
    stop: &AtomicBool,
) -> Vec<DuplicatePair> {
    let moments: Vec<&[Moment]> = (0..cache.len())
        .map(|video| match cache.video(video) {
            Ok(decoded) if groups.group_of(video) == video => &decoded.looks.moments[..],
            _ => &[],
        })
        .collect();
    let candidates = candidates(&moments, settings.votes);
    // The candidates of a first video share its frames.
    let by_first: Vec<&[Candidate]> = candidates.chunk_by(|a, b| a.first == b.first).collect();
    by_first
        .into_par_iter()
        .flat_map_iter(|candidates| {
            let first = track(cache, candidates[0].first);
            candidates
                .chunk_by(|a, b| a.second == b.second)
                .take_while(|_| !stop.load(Ordering::Relaxed))
                .filter_map(move |ways| {
                    let second = track(cache, ways[0].second)?;
                    compare(first.as_ref()?, &second, ways, settings)
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The best of the ways in which a pair may be the same; nothing where none is alike enough.
fn compare(
    first: &Track,
    second: &Track,
    ways: &[Candidate],
    settings: &DuplicateSettings,
) -> Option<DuplicatePair> {
    let judged = ways.iter().map(|way| {
        let later_secs = way.later_ms as f32 / 1000.0;
        let likeness = if way.mirrored {
            likeness(first, &second.mirrored(), later_secs)
        } else {
            likeness(first, second, later_secs)
        };
        (way, likeness)
    });
    let (way, likeness) = judged.max_by(|a, b| a.1.total_cmp(&b.1))?;
    (f64::from(likeness) >= settings.likeness).then(|| DuplicatePair {
        first: way.first,
        second: way.second,
        sameness: if way.mirrored {
            Sameness::Mirrored
        } else {
            Sameness::Recording
        },
        likeness: likeness.min(1.0),
        later_secs: way.later_ms as f32 / 1000.0,
    })
}

fn track(cache: &Cache, video: usize) -> Option<Track> {
    let CachedVideo {
        facts,
        kept,
        size,
        pixels,
        ..
    } = cache.video(video).ok()?;
    let times = kept.iter().map(|&frame| facts.seconds(frame)).collect();
    Some(Track::new(thumbs(pixels, size as usize), times))
}
