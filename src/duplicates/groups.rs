//! From pairs to groups, without chains: two groups become one only if most of their videos are alike across.

use std::collections::BTreeMap;

/// Sets of videos that are merged step by step.
#[derive(Debug)]
pub(super) struct Groups {
    /// Each video's group, as the smallest video in it.
    group_of: Vec<usize>,
    members: BTreeMap<usize, Vec<usize>>,
}

impl Groups {
    /// Every video by itself.
    pub(super) fn new(videos: usize) -> Self {
        Self {
            group_of: (0..videos).collect(),
            members: (0..videos).map(|video| (video, vec![video])).collect(),
        }
    }

    /// The group of a video.
    pub(super) fn group_of(&self, video: usize) -> usize {
        self.group_of[video]
    }

    /// The videos of a group, ascending.
    pub(super) fn members(&self, group: usize) -> &[usize] {
        self.members.get(&group).map_or(&[], Vec::as_slice)
    }

    /// Makes one group of two.
    pub(super) fn merge(&mut self, a: usize, b: usize) {
        let (kept, gone) = (a.min(b), a.max(b));
        if kept == gone {
            return;
        }
        let moved = self.members.remove(&gone).unwrap_or_default();
        for &video in &moved {
            self.group_of[video] = kept;
        }
        let members = self.members.entry(kept).or_default();
        members.extend(moved);
        members.sort_unstable();
    }

    /// Merges along pairs, the first ones first, where at least half of the videos of both groups are pairs of each other:
    /// a chain of resemblances, of which the ends are nothing alike, does not become a group.
    pub(super) fn merge_alike(&mut self, pairs: &[(usize, usize)]) {
        // Per group, how many links it has to each other group.
        let mut links: BTreeMap<usize, BTreeMap<usize, usize>> = BTreeMap::new();
        for &(first, second) in pairs {
            let (a, b) = (self.group_of[first], self.group_of[second]);
            if a != b {
                *links.entry(a).or_default().entry(b).or_default() += 1;
                *links.entry(b).or_default().entry(a).or_default() += 1;
            }
        }
        for &(first, second) in pairs {
            let (a, b) = (self.group_of[first], self.group_of[second]);
            let (kept, gone) = (a.min(b), a.max(b));
            if kept == gone {
                continue;
            }
            let possible = self.members(kept).len() * self.members(gone).len();
            let between = links.get(&kept).and_then(|others| others.get(&gone));
            if 2 * between.copied().unwrap_or(0) < possible {
                continue;
            }
            self.merge(kept, gone);
            for (other, count) in links.remove(&gone).unwrap_or_default() {
                let theirs = links.entry(other).or_default();
                theirs.remove(&gone);
                if other != kept {
                    *theirs.entry(kept).or_default() += count;
                    *links.entry(kept).or_default().entry(other).or_default() += count;
                }
            }
        }
    }

    /// The groups of more than one video, by their first.
    pub(super) fn into_groups(self) -> Vec<Vec<usize>> {
        self.members
            .into_values()
            .filter(|members| members.len() > 1)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(videos: usize, pairs: &[(usize, usize)]) -> Vec<Vec<usize>> {
        let mut groups = Groups::new(videos);
        groups.merge_alike(pairs);
        groups.into_groups()
    }

    #[test]
    fn what_is_alike_all_round_is_one_group() {
        let pairs = [(0, 2), (2, 4), (0, 4), (1, 3)];
        assert_eq!(groups(5, &pairs), [vec![0, 2, 4], vec![1, 3]]);
        // One pair of three was missed.
        assert_eq!(groups(3, &[(0, 1), (1, 2)]), [[0, 1, 2]]);
    }

    #[test]
    fn a_chain_is_no_group() {
        let chain: Vec<(usize, usize)> = (0..9).map(|video| (video, video + 1)).collect();
        let groups = groups(10, &chain);
        assert!(groups.iter().all(|group| group.len() <= 3), "{groups:?}");
    }

    #[test]
    fn two_full_groups_are_not_joined_by_one_resemblance() {
        let pairs = [(0, 1), (0, 2), (1, 2), (3, 4), (3, 5), (4, 5), (2, 3)];
        assert_eq!(groups(6, &pairs), [vec![0, 1, 2], vec![3, 4, 5]]);
    }
}
