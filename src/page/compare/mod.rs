//! Two runs of one data set side by side: what the other settings, labels or network changed.
//!
//! The run in question is *now*, the one it is held against is *before*. A video is flagged where its verdict is
//! `mislabeled`; videos are the same where their ids are.

mod known;
mod settings;
mod text;

use std::collections::BTreeMap;

use serde::Serialize;

pub use self::known::Known;
pub use self::settings::SettingChange;
pub(super) use self::settings::flat;
use super::findings::Findings;
use crate::metrics::spearman;
use crate::rows::videos::VideoRow;
use crate::score::Verdict;

/// What is different between two runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The run's folder.
    pub run: String,
    /// The folder of the run that it is held against.
    pub against: String,
    /// Whether both saw the same videos, labels and folds.
    pub is_same_data: bool,
    /// Videos of both.
    pub videos: usize,
    /// Videos of this run alone.
    pub only_now: usize,
    /// Videos of the other run alone.
    pub only_before: usize,
    /// Videos of both whose given label is another.
    pub relabeled: usize,
    /// Flagged videos of this run.
    pub flagged_now: usize,
    /// Flagged videos of the other run.
    pub flagged_before: usize,
    /// Videos of both runs that are flagged in both.
    pub flagged_both: usize,
    /// How well the networks of each know the labels that they never saw; nothing where no video was scored by both.
    pub held_out: Option<HeldOut>,
    /// How often the networks of each are right on what people decided on and on what they did not; empty where nobody decided.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<Known>,
    /// Spearman's correlation of the noise scores of the videos that both scored, in [−1, 1]; nothing where it is not
    /// defined.
    pub rank_correlation: Option<f64>,
    /// Videos of both that are flagged now and were not, by rank.
    pub entered: Vec<Move>,
    /// Videos of both that were flagged and are no longer, by former rank.
    pub left: Vec<Move>,
    /// How many videos of both changed from one verdict to another, the most frequent change first.
    pub verdicts: Vec<VerdictChange>,
    /// The settings that are different; those of the review screen and of the demo's data set left out.
    pub settings: Vec<SettingChange>,
}

/// How often two runs' networks say of a video that they never saw what its given label says, on the videos that both scored and
/// that have the same label in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct HeldOut {
    /// How many videos.
    pub videos: usize,
    /// Those that both are right on.
    pub right_both: usize,
    /// Those that this run alone is right on.
    pub right_now: usize,
    /// Those that the other run alone is right on.
    pub right_before: usize,
}

impl HeldOut {
    /// Square of the normal deviate beyond which a difference is by chance in 1 of 20 cases.
    const BEYOND_CHANCE: f64 = 3.841;

    fn count(pairs: &[(&VideoRow, &VideoRow)]) -> Option<Self> {
        let mut counts = [[0; 2]; 2];
        for (now, before) in pairs
            .iter()
            .filter(|(now, before)| now.label == before.label)
        {
            if let (Some(one), Some(other)) = (&now.judgement, &before.judgement) {
                let is_right = |consensus: &String| usize::from(*consensus == now.label);
                counts[is_right(&one.consensus)][is_right(&other.consensus)] += 1;
            }
        }
        let [[wrong, right_before], [right_now, right_both]] = counts;
        let videos = wrong + right_before + right_now + right_both;
        (videos > 0).then_some(Self {
            videos,
            right_both,
            right_now,
            right_before,
        })
    }

    /// The share that this run's networks are right on, in [0, 1].
    pub fn now(&self) -> f64 {
        (self.right_both + self.right_now) as f64 / self.videos as f64
    }

    /// The share that the other run's networks are right on, in [0, 1].
    pub fn before(&self) -> f64 {
        (self.right_both + self.right_before) as f64 / self.videos as f64
    }

    /// Whether this run's networks know more (`true`) or less than the other's; nothing where chance may have it so (`McNemar`,
    /// Psychometrika 1947, at 5 %).
    pub fn knows_more(&self) -> Option<bool> {
        let (now, before) = (self.right_now as f64, self.right_before as f64);
        let difference = now - before;
        (difference * difference > Self::BEYOND_CHANCE * (now + before)).then_some(difference > 0.0)
    }
}

/// A video that entered or left the flagged ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Move {
    /// The video's id.
    pub id: String,
    /// Its path as the manifest writes it.
    pub path: String,
    /// Its given label.
    pub label: String,
    /// The label that this run suggests, if it scored the video.
    pub suggested_label: Option<String>,
    /// Rank in this run.
    pub rank_now: u32,
    /// Rank in the other run.
    pub rank_before: u32,
    /// Verdict of this run.
    pub verdict_now: &'static str,
    /// Verdict of the other run.
    pub verdict_before: &'static str,
}

/// A change of verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerdictChange {
    /// The other run's verdict.
    pub before: &'static str,
    /// This run's verdict.
    pub now: &'static str,
    /// How many videos.
    pub videos: usize,
}

impl Comparison {
    /// Holds `now` against `before`.
    pub fn new(now: &Findings, before: &Findings) -> Self {
        let former: BTreeMap<&str, &VideoRow> = before
            .rows
            .iter()
            .map(|row| (row.id.as_str(), row))
            .collect();
        let pairs: Vec<(&VideoRow, &VideoRow)> = now
            .rows
            .iter()
            .filter_map(|row| Some((row, *former.get(row.id.as_str())?)))
            .collect();
        let is_flagged = |row: &VideoRow| row.verdict == Verdict::Mislabeled;
        let flagged = |rows: &[VideoRow]| rows.iter().filter(|row| is_flagged(row)).count();
        let moves = |into: bool| {
            let moved = pairs
                .iter()
                .filter(move |(now, before)| is_flagged(now) == into && is_flagged(before) != into);
            moved.map(|(now, before)| moved_video(now, before))
        };
        let mut left: Vec<Move> = moves(false).collect();
        left.sort_by_key(|video| video.rank_before);
        Self {
            run: now.summary.run.clone(),
            against: before.summary.run.clone(),
            is_same_data: now.card.fingerprint == before.card.fingerprint,
            videos: pairs.len(),
            only_now: now.rows.len() - pairs.len(),
            only_before: before.rows.len() - pairs.len(),
            relabeled: pairs.iter().filter(|(a, b)| a.label != b.label).count(),
            flagged_now: flagged(&now.rows),
            flagged_before: flagged(&before.rows),
            flagged_both: pairs
                .iter()
                .filter(|(a, b)| is_flagged(a) && is_flagged(b))
                .count(),
            held_out: HeldOut::count(&pairs),
            known: Known::both(&pairs, now, before),
            rank_correlation: rank_correlation(&pairs),
            entered: moves(true).collect(),
            left,
            verdicts: verdict_changes(&pairs),
            settings: settings::changes(&now.card, &before.card),
        }
    }
}

fn moved_video(now: &VideoRow, before: &VideoRow) -> Move {
    Move {
        id: now.id.clone(),
        path: now.path.clone(),
        label: now.label.clone(),
        suggested_label: now
            .judgement
            .as_ref()
            .map(|judgement| judgement.suggested_label.clone()),
        rank_now: now.rank,
        rank_before: before.rank,
        verdict_now: now.verdict.as_str(),
        verdict_before: before.verdict.as_str(),
    }
}

fn rank_correlation(pairs: &[(&VideoRow, &VideoRow)]) -> Option<f64> {
    let score = |row: &VideoRow| Some(f64::from(row.judgement.as_ref()?.noise_score()?));
    let (now, before): (Vec<f64>, Vec<f64>) = pairs
        .iter()
        .filter_map(|(now, before)| Some((score(now)?, score(before)?)))
        .unzip();
    spearman(&now, &before).ok()
}

fn verdict_changes(pairs: &[(&VideoRow, &VideoRow)]) -> Vec<VerdictChange> {
    let mut counts: BTreeMap<(Verdict, Verdict), usize> = BTreeMap::new();
    for (now, before) in pairs {
        if now.verdict != before.verdict {
            *counts.entry((before.verdict, now.verdict)).or_default() += 1;
        }
    }
    let mut changes: Vec<VerdictChange> = counts
        .into_iter()
        .map(|((before, now), videos)| VerdictChange {
            before: before.as_str(),
            now: now.as_str(),
            videos,
        })
        .collect();
    changes.sort_by_key(|change| std::cmp::Reverse(change.videos));
    changes
}

#[cfg(test)]
mod tests;
