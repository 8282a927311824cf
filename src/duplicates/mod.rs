//! Videos that are there more than once: the same bytes, the same frames, or the same recording encoded, scaled, cropped,
//! trimmed or mirrored.
//!
//! Candidates come from shared `moments` of movement ([`candidates()`]), in near-linear time; what is left of them after a
//! look at their `movement` is held against the frames in the cache (`likeness`, with `warp` for crops). `groups` makes
//! groups of the pairs. Two things must be alike: what stays, which tells people and places apart, however alike they
//! move; and what moves, which tells recordings of the same person in the same place apart. Of videos without movement
//! exact copies alone are found. What a duplicate means for labels and splits is [`crate::audit`]'s business.

mod candidates;
mod groups;
mod likeness;
mod moments;
mod movement;
mod settings;
#[cfg(test)]
mod tests;
mod warp;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

pub use self::candidates::{Candidate, candidates};
use self::groups::Groups;
use self::likeness::{Track, likeness};
pub use self::moments::Moment;
use self::moments::moments;
use self::movement::Movement;
pub use self::settings::DuplicateSettings;
use crate::cache::{Cache, CachedVideo};
use crate::health::{read_motion, thumbs};

/// Candidates whose movement is less alike are not looked at closer.
const LEAST_GUESS: f32 = 0.45;

/// Nor those whose mean pictures' low frequencies are less alike: crops of a tenth of the picture, which shift these most,
/// leave 0.78 of GRID's.
const LEAST_STILL: f32 = 0.6;

/// In which way two videos are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sameness {
    /// Byte by byte.
    Bytes,
    /// Frame by frame, in files that differ.
    Frames,
    /// Feature by feature, where features were given in the place of frames.
    Features,
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

/// Videos with the same features, where these tell videos apart: features that more than a tenth of the videos share with
/// another one tell classes, and nothing of copies.
pub fn by_features(cache: &Cache) -> Duplicates {
    /// Of all videos.
    const MOST_ALIKE: usize = 10;
    let mut groups = Groups::new(cache.len());
    let (mut pairs, mut first_of) = (Vec::new(), BTreeMap::new());
    for second in 0..cache.len() {
        let Some(content) = cache.fingerprint(second) else {
            continue;
        };
        let first = *first_of.entry(content).or_insert(second);
        if first < second {
            groups.merge(first, second);
            pairs.push(DuplicatePair {
                first,
                second,
                sameness: Sameness::Features,
                likeness: 1.0,
                later_secs: 0.0,
            });
        }
    }
    let groups = groups.into_groups();
    let alike: usize = groups.iter().map(Vec::len).sum();
    if alike * MOST_ALIKE > cache.len() {
        return Duplicates::default();
    }
    Duplicates { pairs, groups }
}

/// Copies by bytes or by frames, which it puts into one group each; what cannot be decoded is no copy of anything.
fn exact(cache: &Cache, groups: &mut Groups) -> Vec<DuplicatePair> {
    let mut pairs = Vec::new();
    let mut by_bytes = BTreeMap::new();
    let mut by_frames: BTreeMap<(u64, usize), Vec<usize>> = BTreeMap::new();
    for video in 0..cache.len() {
        // The same web page in place of two videos makes them no duplicates.
        let (Some(fingerprint), Ok(decoded)) = (cache.fingerprint(video), cache.video(video))
        else {
            continue;
        };
        let first = *by_bytes.entry(fingerprint).or_insert(video);
        let (first, sameness) = if first < video {
            (Some(first), Sameness::Bytes)
        } else {
            // A digest is short: the frames themselves decide.
            let key = (decoded.looks.digest, decoded.pixels.len());
            let known = by_frames.entry(key).or_default();
            let same = known.iter().copied().find(|&other| {
                cache.video(other).is_ok_and(|other| {
                    let pixels = (other.pixels.read(), decoded.pixels.read());
                    matches!(pixels, (Ok(one), Ok(another)) if one == another)
                })
            });
            if same.is_none() {
                known.push(video);
            }
            (same, Sameness::Frames)
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
    let movements: Vec<Option<Movement>> = (0..cache.len())
        .into_par_iter()
        .map(|video| movement(cache, video).filter(|_| groups.group_of(video) == video))
        .collect();
    let moments: Vec<Vec<Moment>> = movements
        .par_iter()
        .map(|movement| movement.as_ref().map_or_else(Vec::new, moments))
        .collect();
    let candidates = candidates(
        &moments,
        DuplicateSettings::VOTES,
        DuplicateSettings::CANDIDATES,
    );
    // The candidates of a first video share its frames.
    let by_first: Vec<&[Candidate]> = candidates.chunk_by(|a, b| a.first == b.first).collect();
    by_first
        .into_par_iter()
        .flat_map_iter(|candidates| {
            let mut first = None;
            candidates
                .chunk_by(|a, b| a.second == b.second)
                .take_while(|_| !stop.load(Ordering::Relaxed))
                .filter_map(|ways| {
                    let likely = likely(&movements, ways)?;
                    let first = first.get_or_insert_with(|| track(cache, likely.first));
                    let second = track(cache, likely.second)?;
                    compare(first.as_ref()?, &second, &likely, settings)
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

/// A way in which two videos may be the same.
struct Likely {
    first: usize,
    second: usize,
    mirrored: bool,
    later_secs: f32,
}

/// The likeliest of the ways in which a pair may be the same, by their movement; nothing where none is likely.
fn likely(movements: &[Option<Movement>], ways: &[Candidate]) -> Option<Likely> {
    let guesses = ways.iter().filter_map(|way| {
        let (first, second) = (
            movements[way.first].as_ref()?,
            movements[way.second].as_ref()?,
        );
        if first.still_likeness(second, way.mirrored) < LEAST_STILL {
            return None;
        }
        let later_secs = way.later_ms as f32 / 1000.0;
        let (guess, later_secs) = first.likeness(second, later_secs, way.mirrored);
        let likely = Likely {
            first: way.first,
            second: way.second,
            mirrored: way.mirrored,
            later_secs,
        };
        Some((guess, likely))
    });
    let (guess, likely) = guesses.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (guess >= LEAST_GUESS).then_some(likely)
}

/// The pair, if its frames are alike enough.
fn compare(
    first: &Track,
    second: &Track,
    way: &Likely,
    settings: &DuplicateSettings,
) -> Option<DuplicatePair> {
    let likeness = if way.mirrored {
        likeness(first, &second.mirrored(), way.later_secs)
    } else {
        likeness(first, second, way.later_secs)
    };
    let common_secs = f64::from(first.common_secs(second, way.later_secs));
    let is_same = f64::from(likeness.movement) >= settings.least_likeness(common_secs)
        && f64::from(likeness.picture) >= DuplicateSettings::PICTURE;
    is_same.then(|| DuplicatePair {
        first: way.first,
        second: way.second,
        sameness: if way.mirrored {
            Sameness::Mirrored
        } else {
            Sameness::Recording
        },
        likeness: likeness.movement.min(1.0),
        later_secs: way.later_secs,
    })
}

fn movement(cache: &Cache, video: usize) -> Option<Movement> {
    let decoded = cache.video(video).ok()?;
    Some(Movement::new(read_motion(decoded.motion), times(&decoded)))
}

fn times(video: &CachedVideo) -> Vec<f32> {
    let seconds = |&frame: &u32| video.facts.seconds(frame);
    video.kept.iter().map(seconds).collect()
}

fn track(cache: &Cache, video: usize) -> Option<Track> {
    let decoded = cache.video(video).ok()?;
    let pictures = thumbs(&decoded.pixels.read().ok()?, decoded.size as usize);
    Some(Track::new(&pictures, times(&decoded)))
}
