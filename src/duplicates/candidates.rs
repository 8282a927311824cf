//! Pairs of videos that share moments at the same distance in time: near-linear in the number of videos.
//!
//! Moments are sorted into buckets by some of their hash's bits, in several tables with other bits each
//! (locality-sensitive hashing, Indyk & Motwani 1998). More moments use more bits, so that a bucket stays small however
//! large the set. A pair's shared moments must agree on how much later one video shows what the other does: chance
//! collisions do not, which is what keeps a set of one person, where single movements look alike, from being one large
//! group.

use rayon::prelude::*;

use super::moments::Moment;

/// Tables of buckets.
const TABLES: u32 = 16;

/// Larger buckets hold what too many videos have in common; passing over them bounds the work.
const LARGEST_BUCKET: usize = 200;

/// Bits by which two hashes of the same moment may differ.
const RADIUS: u32 = 20;

/// How exactly shared moments must agree on the distance in time, in milliseconds.
const SAME_DISTANCE_MS: i32 = 120;

/// Distances in time that are tried for a pair.
const MOST_DISTANCES: usize = 6;

/// Two videos that may be the same recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    /// The first video; smaller than the second.
    pub(super) first: usize,
    pub(super) second: usize,
    /// Whether the second one is the mirror image.
    pub(super) mirrored: bool,
    /// How much later the second one shows it, in milliseconds.
    pub(super) later_ms: i32,
    /// Moments that say so.
    pub(super) votes: usize,
}

/// A moment in a bucket.
#[derive(Clone, Copy)]
struct Entry {
    hash: u64,
    video: u32,
    at: i32,
    mirrored: bool,
}

/// Two moments that look alike.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Vote {
    first: u32,
    second: u32,
    mirrored: bool,
    later_ms: i32,
    at: i32,
}

/// All candidates, in order. `videos`: the moments of every video.
pub(super) fn candidates(videos: &[Vec<Moment>], least_votes: usize) -> Vec<Candidate> {
    let entries = entries(videos);
    let bits = entries.len().max(4).ilog2().saturating_sub(2).clamp(10, 28);
    let mut votes: Vec<Vote> = (0..TABLES)
        .into_par_iter()
        .flat_map_iter(|table| {
            // Any bits will do, as each is a projection of its own.
            let mask = (0..bits).fold(0_u64, |mask, bit| {
                mask | 1 << ((table * 23 + bit * (2 * table + 1)) % 64)
            });
            let mut entries = entries.clone();
            entries.sort_unstable_by_key(|entry| entry.hash & mask);
            let mut votes = Vec::new();
            for bucket in entries.chunk_by(|a, b| a.hash & mask == b.hash & mask) {
                if bucket.len() <= LARGEST_BUCKET {
                    vote(bucket, &mut votes);
                }
            }
            votes
        })
        .collect();
    // The same moments may meet in several tables.
    votes.par_sort_unstable();
    votes.dedup();
    votes
        .chunk_by(|a, b| (a.first, a.second, a.mirrored) == (b.first, b.second, b.mirrored))
        .flat_map(|votes| {
            let least = least_votes
                .min(videos[votes[0].first as usize].len())
                .min(videos[votes[0].second as usize].len());
            let mut distances = distances(votes);
            distances.retain(|(_, count)| *count >= least);
            distances.truncate(MOST_DISTANCES);
            distances.into_iter().map(|(later_ms, count)| Candidate {
                first: votes[0].first as usize,
                second: votes[0].second as usize,
                mirrored: votes[0].mirrored,
                later_ms,
                votes: count,
            })
        })
        .collect()
}

fn entries(videos: &[Vec<Moment>]) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (video, moments) in (0_u32..).zip(videos) {
        for moment in moments {
            for (hash, mirrored) in [(moment.hash, false), (moment.mirrored, true)] {
                entries.push(Entry {
                    hash,
                    video,
                    at: moment.at,
                    mirrored,
                });
            }
        }
    }
    entries
}

/// Compares all moments of a bucket.
fn vote(bucket: &[Entry], votes: &mut Vec<Vote>) {
    for (place, a) in bucket.iter().enumerate() {
        for b in &bucket[place + 1..] {
            // Two mirror images are the same pair as the two themselves.
            let both = a.mirrored && b.mirrored;
            if a.video == b.video || both || (a.hash ^ b.hash).count_ones() > RADIUS {
                continue;
            }
            let (first, second) = if a.video < b.video { (a, b) } else { (b, a) };
            votes.push(Vote {
                first: first.video,
                second: second.video,
                mirrored: first.mirrored || second.mirrored,
                later_ms: second.at.saturating_sub(first.at),
                at: first.at,
            });
        }
    }
}

/// The distances in time that a pair's votes speak for, with the number of moments for each, most first. The votes stand in
/// order of that distance.
fn distances(votes: &[Vote]) -> Vec<(i32, usize)> {
    let mut distances = Vec::new();
    let mut rest = votes;
    while let Some(first) = rest.first() {
        let together = rest.partition_point(|vote| {
            vote.later_ms.saturating_sub(first.later_ms) <= SAME_DISTANCE_MS
        });
        let (cluster, later) = rest.split_at(together);
        let mut moments: Vec<i32> = cluster.iter().map(|vote| vote.at).collect();
        moments.sort_unstable();
        moments.dedup();
        distances.push((cluster[cluster.len() / 2].later_ms, moments.len()));
        rest = later;
    }
    distances.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    distances
}
