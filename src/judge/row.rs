//! A video's row from what was found.

use super::{FileState, VideoFile};
use crate::issue::IssueKind;
use crate::rows::videos::{Judgement, VideoRow, VoteFacts};
use crate::score::Verdict;

/// The row of a video; its rank is known when all rows stand in their order.
pub(super) fn row(
    file: VideoFile,
    labels: &[String],
    verdict: Verdict,
    judgement: Option<Judgement>,
    (reason, votes): (String, Option<VoteFacts>),
) -> VideoRow {
    let facts = file.facts();
    let is_learnt = matches!(file.state, FileState::Learnt(_));
    let mut issues = file.issues;
    let is_known = |kind: IssueKind| issues.iter().any(|known| known == kind.name());
    // Without features nobody tried to decode it.
    let is_decoded = !is_known(IssueKind::NoFeatures);
    let mut note = |kind: IssueKind| {
        if !issues.iter().any(|known| known == kind.name()) {
            issues.push(kind.name().to_owned());
        }
    };
    match verdict {
        Verdict::Unreadable if is_decoded => note(IssueKind::Unreadable),
        // A video that was learnt from may be long enough, and so is one that the networks cannot judge.
        Verdict::Undefined if !is_learnt && judgement.is_none() => note(IssueKind::TooShort),
        _ => {}
    }
    if facts.is_some_and(|facts| facts.truncated) {
        note(IssueKind::Truncated);
    }
    VideoRow {
        rank: 0,
        id: file.id,
        path: file.path,
        label: labels[file.label].clone(),
        verdict,
        judgement,
        fold: file.fold,
        votes,
        group: file.group,
        facts,
        issues,
        reason,
        extra: file.extra,
    }
}
