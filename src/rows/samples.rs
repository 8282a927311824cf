//! Rows for tests.

use super::videos::{Judgement, Scores, VideoRow};
use crate::score::Verdict;

/// A clean video, with the networks' word for its label and nothing else known of it.
pub(crate) fn row(id: &str, label: &str) -> VideoRow {
    VideoRow {
        rank: 1,
        id: id.to_owned(),
        path: format!("{id}.mp4"),
        label: label.to_owned(),
        verdict: Verdict::Clean,
        judgement: Some(Judgement {
            scores: Scores::default(),
            consensus: label.to_owned(),
            suggested_label: label.to_owned(),
            mean_probs: vec![0.5, 0.5],
            neighbours: Vec::new(),
            flags: [false; 4],
        }),
        fold: 0,
        votes: None,
        group: None,
        facts: None,
        issues: Vec::new(),
        reason: String::new(),
        extra: Vec::new(),
    }
}
