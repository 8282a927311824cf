//! Pairs of videos that share moments at the same distance in time: near-linear in the number of videos.
//!
//! Moments are sorted by their hashes, in several tables with the bits in another order each, and only those that come to
//! stand next to each other are compared (Charikar 2002; Manku, Jain & Das Sarma 2007). Other than with buckets, the work
//! for a moment does not depend on how many others are alike: blinks and the rise of the same smile, which fill buckets in
//! a set of faces, cost what everything costs, and the copy of a moment, whose hash is nearer than those of such others,
//! is still its neighbour in some table. A pair's shared moments must agree on how much later one video shows what the
//! other does: chance resemblances do not. Of every video those others are kept that share most with it.

use std::cmp::Reverse;

use rayon::prelude::*;

use super::moments::Moment;

/// Tables, each with another order of the bits.
const TABLES: usize = 16;

/// Bits of a hash that a table sorts by; what they leave equal stands in the order of the videos.
const SORTED_BITS: u32 = 32;

/// Entries on either side that a moment is compared with, in every table.
const WINDOW: usize = 6;

/// Bits by which two hashes of the same moment may differ.
const RADIUS: u32 = 20;

/// How exactly shared moments must agree on the distance in time, in milliseconds.
const SAME_DISTANCE_MS: i32 = 120;

/// Distances in time that are tried for a pair.
const MOST_DISTANCES: usize = 3;

/// Two videos that may be the same recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// The first video; smaller than the second.
    pub first: usize,
    /// The second video.
    pub second: usize,
    /// Whether the second one is the mirror image.
    pub mirrored: bool,
    /// How much later the second one shows it, in milliseconds.
    pub later_ms: i32,
}

/// A moment as the tables hold it.
#[derive(Clone, Copy)]
struct Entry {
    hash: u64,
    video: u32,
    /// When, in milliseconds.
    at: i32,
    mirrored: bool,
}

/// A moment of another video that looks like one of ours.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Vote {
    other: u32,
    mirrored: bool,
    /// How much later the other shows it.
    later_ms: i32,
    /// When we show it.
    at: i32,
    /// By how many bits the two differ.
    differing: u32,
}

/// A way in which another video may be the same as ours.
struct Way {
    candidate: Candidate,
    /// Moments that say so.
    votes: usize,
    /// Bits by which these differ, together.
    differing: u32,
}

/// All candidates, in order, each once. `videos`: the moments of every video; `least_votes`: how many of them a pair must
/// share, or as many as the shorter one has; `most`: at most so many others are kept of each video.
pub fn candidates(videos: &[Vec<Moment>], least_votes: usize, most: usize) -> Vec<Candidate> {
    let (entries, starts) = entries(videos);
    let tables: Vec<Table> = (0..TABLES)
        .into_par_iter()
        .map(|number| Table::new(number, &entries))
        .collect();
    let mut found: Vec<Candidate> = (0..videos.len())
        .into_par_iter()
        .flat_map_iter(|video| {
            let ours = &entries[starts[video]..starts[video + 1]];
            let mut votes = Vec::new();
            for (entry, number) in ours.iter().zip(starts[video]..) {
                // That our mirror image is like another video is found from the other side.
                if !entry.mirrored {
                    for table in &tables {
                        table.vote(number, &entries, &mut votes);
                    }
                }
            }
            let least = |other: u32| {
                let shorter = videos[video].len().min(videos[other as usize].len());
                least_votes.min(shorter)
            };
            best(video as u32, votes, least, most)
        })
        .collect();
    found.par_sort_unstable();
    found.dedup();
    found
}

/// The entries of all videos, one after the other, and where those of each begin, with the end of the last.
fn entries(videos: &[Vec<Moment>]) -> (Vec<Entry>, Vec<usize>) {
    let (mut entries, mut starts) = (Vec::new(), vec![0]);
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
        starts.push(entries.len());
    }
    (entries, starts)
}

/// The entries in the order of some of their bits.
struct Table {
    /// The numbers of the entries.
    order: Vec<u32>,
    /// Where each entry stands.
    places: Vec<u32>,
}

impl Table {
    fn new(number: usize, entries: &[Entry]) -> Self {
        // As every factor is odd, no bit comes twice.
        let (shift, factor) = (23 * number as u32, 2 * number as u32 + 1);
        let key = |hash: u64| {
            (0..SORTED_BITS).fold(0_u32, |key, bit| {
                key << 1 | (hash >> ((shift + bit * factor) % 64) & 1) as u32
            })
        };
        let mut keyed: Vec<(u32, u32)> = (0_u32..)
            .zip(entries)
            .map(|(entry, Entry { hash, .. })| (key(*hash), entry))
            .collect();
        keyed.sort_unstable();
        let mut places = vec![0; keyed.len()];
        for (place, &(_, entry)) in (0_u32..).zip(&keyed) {
            places[entry as usize] = place;
        }
        Self {
            order: keyed.into_iter().map(|(_, entry)| entry).collect(),
            places,
        }
    }

    /// Adds the votes of what stands around an entry.
    fn vote(&self, number: usize, entries: &[Entry], votes: &mut Vec<Vote>) {
        let (ours, place) = (&entries[number], self.places[number] as usize);
        let around = place.saturating_sub(WINDOW)..(place + WINDOW + 1).min(self.order.len());
        for &other in &self.order[around] {
            let theirs = &entries[other as usize];
            let differing = (ours.hash ^ theirs.hash).count_ones();
            if theirs.video != ours.video && differing <= RADIUS {
                votes.push(Vote {
                    other: theirs.video,
                    mirrored: theirs.mirrored,
                    later_ms: theirs.at.saturating_sub(ours.at),
                    at: ours.at,
                    differing,
                });
            }
        }
    }
}

/// Of what the votes of a video speak for, the other videos with most of them.
fn best(
    video: u32,
    mut votes: Vec<Vote>,
    least: impl Fn(u32) -> usize,
    most: usize,
) -> Vec<Candidate> {
    // The same moments may meet in several tables.
    votes.sort_unstable();
    votes.dedup();
    let mut others: Vec<Vec<Way>> = votes
        .chunk_by(|a, b| a.other == b.other)
        .filter_map(|votes| {
            let least = least(votes[0].other);
            let mut ways: Vec<Way> = votes
                .chunk_by(|a, b| a.mirrored == b.mirrored)
                .flat_map(|votes| ways(video, votes))
                .filter(|way| way.votes >= least)
                .collect();
            ways.sort_by_key(|way| (Reverse(way.votes), way.differing));
            ways.truncate(MOST_DISTANCES);
            (!ways.is_empty()).then_some(ways)
        })
        .collect();
    others.sort_by_key(|ways| (Reverse(ways[0].votes), ways[0].differing));
    others.truncate(most);
    others
        .into_iter()
        .flatten()
        .map(|way| way.candidate)
        .collect()
}

/// The distances in time that votes for one other video speak for. The votes stand in order of that distance.
fn ways(video: u32, votes: &[Vote]) -> Vec<Way> {
    let mut ways = Vec::new();
    let mut rest = votes;
    while let Some(first) = rest.first() {
        let together = rest.partition_point(|vote| {
            vote.later_ms.saturating_sub(first.later_ms) <= SAME_DISTANCE_MS
        });
        let (cluster, later) = rest.split_at(together);
        rest = later;
        // A moment of ours counts once, by the one of theirs that is most alike.
        let mut moments: Vec<(i32, u32)> = cluster
            .iter()
            .map(|vote| (vote.at, vote.differing))
            .collect();
        moments.sort_unstable();
        moments.dedup_by_key(|(at, _)| *at);
        let later_ms = cluster[cluster.len() / 2].later_ms;
        let is_first = video < first.other;
        ways.push(Way {
            candidate: Candidate {
                first: video.min(first.other) as usize,
                second: video.max(first.other) as usize,
                mirrored: first.mirrored,
                later_ms: if is_first {
                    later_ms
                } else {
                    later_ms.saturating_neg()
                },
            },
            votes: moments.len(),
            differing: moments.iter().map(|(_, differing)| differing).sum(),
        });
    }
    ways
}
