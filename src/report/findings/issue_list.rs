//! What is wrong with files and labels: `issues.parquet`, or what `videos.parquet` tells of it in runs without that file.

use crate::report::folder::RunFolder;
use crate::report::table::{TableError, TableReader};
use crate::report::videos::VideoRow;
use crate::score::Verdict;

/// An issue, as the page tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct IssueRow {
    /// The video's id; none where the issue is about a class or the whole set.
    pub id: Option<String>,
    /// What is wrong, in the word of the file.
    pub kind: String,
    /// Another video that has to do with it.
    pub other_id: Option<String>,
    /// What more is to be said.
    pub detail: String,
}

pub(super) fn read(folder: &RunFolder, rows: &[VideoRow]) -> Result<Vec<IssueRow>, TableError> {
    if folder.issues().exists() {
        let table = TableReader::read(&folder.issues())?;
        let (ids, others) = (table.optional_text("id")?, table.optional_text("other_id")?);
        let details = table.optional_text("detail")?;
        let kinds = table.text("kind")?.into_iter().enumerate();
        return Ok(kinds
            .map(|(row, kind)| IssueRow {
                id: ids[row].clone(),
                kind,
                other_id: others[row].clone(),
                detail: details[row].clone().unwrap_or_default(),
            })
            .collect());
    }
    Ok(rows.iter().flat_map(of_video).collect())
}

/// What the row of a video tells.
fn of_video(row: &VideoRow) -> Vec<IssueRow> {
    let issue = |kind: &str, detail: &str| IssueRow {
        id: Some(row.id.clone()),
        kind: kind.to_owned(),
        other_id: None,
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
