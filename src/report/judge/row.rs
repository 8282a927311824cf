//! A video's row from what was found.

use super::VideoFile;
use crate::report::videos::{Judgement, TRUNCATED, VideoRow};
use crate::score::Verdict;

/// The row of a video; its rank is known when all rows stand in their order.
pub(super) fn row(
    file: VideoFile,
    labels: &[String],
    verdict: Verdict,
    judgement: Option<Judgement>,
    reason: String,
) -> VideoRow {
    let mut issues = Vec::new();
    match verdict {
        Verdict::Unreadable => issues.push("unreadable".to_owned()),
        Verdict::Undefined => issues.push("too_short".to_owned()),
        Verdict::Clean | Verdict::Hard | Verdict::Mislabeled => {}
    }
    let facts = file.facts();
    if facts.is_some_and(|facts| facts.truncated) {
        issues.push(TRUNCATED.to_owned());
    }
    VideoRow {
        rank: 0,
        id: file.id,
        path: file.path,
        label: labels[file.label].clone(),
        verdict,
        judgement,
        fold: file.fold,
        group: file.group,
        facts,
        issues,
        reason,
        extra: file.extra,
    }
}
