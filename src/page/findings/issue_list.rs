//! What is wrong with files and labels: `issues.parquet`, or what `videos.parquet` tells of it in runs without that file.

use crate::rows::TableError;
use crate::rows::folder::RunFolder;
use crate::rows::issues::{self, IssueRow};
use crate::rows::videos::VideoRow;
use crate::score::Verdict;

pub(super) fn read(folder: &RunFolder, rows: &[VideoRow]) -> Result<Vec<IssueRow>, TableError> {
    if folder.issues().exists() {
        return issues::read(&folder.issues());
    }
    Ok(rows.iter().flat_map(of_video).collect())
}

/// What the row of a video tells.
fn of_video(row: &VideoRow) -> Vec<IssueRow> {
    let issue = |kind: &str, detail: &str| IssueRow {
        id: Some(row.id.clone()),
        kind: kind.to_owned(),
        other_id: None,
        value: None,
        detail: detail.to_owned(),
    };
    let verdict = row.verdict.as_str();
    let is_listed = row.issues.iter().any(|kind| kind == verdict);
    let unscored = matches!(row.verdict, Verdict::Unreadable | Verdict::Undefined) && !is_listed;
    let of_verdict = unscored.then(|| issue(verdict, &row.reason));
    let listed = row.issues.iter().map(|kind| {
        let reason = if kind == verdict { &row.reason } else { "" };
        issue(kind, reason)
    });
    of_verdict.into_iter().chain(listed).collect()
}
