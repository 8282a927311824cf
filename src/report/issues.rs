//! `issues.parquet`: one row per issue that was found.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;

use super::table::{TableError, TableReader, TableWriter};
use crate::issue::IssueKind;

/// An issue.
#[derive(Debug, Clone, PartialEq)]
pub struct IssueRow {
    /// The video's id; nothing where it is about a class or the whole set.
    pub id: Option<String>,
    /// Its kind, one of [`crate::issue::IssueKind`]'s names; a later version may know more.
    pub kind: String,
    /// The id of the other video that is part of it.
    pub other_id: Option<String>,
    /// The measured value, where there is one.
    pub value: Option<f32>,
    /// The case in plain words.
    pub detail: String,
}

/// Writes the rows in the order given.
///
/// # Errors
///
/// If the file cannot be written.
pub fn write(path: &Utf8Path, rows: &[IssueRow]) -> Result<(), TableError> {
    TableWriter::default()
        .optional_text("id", rows.iter().map(|row| row.id.clone()))
        .text("kind", rows.iter().map(|row| row.kind.clone()))
        .optional_text("other_id", rows.iter().map(|row| row.other_id.clone()))
        .optional_f32("value", rows.iter().map(|row| row.value))
        .text("detail", rows.iter().map(|row| row.detail.clone()))
        .write(path)
}

/// Reads the rows back, in the file's order.
///
/// # Errors
///
/// If the file cannot be read, is not ours, or lacks a column.
pub fn read(path: &Utf8Path) -> Result<Vec<IssueRow>, TableError> {
    let table = TableReader::read(path)?;
    let rows = table
        .optional_text("id")?
        .into_iter()
        .zip(table.text("kind")?)
        .zip(table.optional_text("other_id")?)
        .zip(table.optional_f32("value")?)
        .zip(table.text("detail")?)
        .map(|((((id, kind), other_id), value), detail)| IssueRow {
            id,
            kind,
            other_id,
            value,
            detail,
        });
    Ok(rows.collect())
}

/// By id of a video that has exact copies with another label, the ids of those.
///
/// Near duplicates may be two recordings that look alike: they are listed as issues, and say nothing of a label.
pub fn contradicting_copies(rows: &[IssueRow]) -> BTreeMap<String, Vec<String>> {
    let is_of = |row: &IssueRow, kind: IssueKind| row.kind == kind.name();
    let exact: BTreeSet<&String> = rows
        .iter()
        .filter(|row| is_of(row, IssueKind::ExactDuplicate))
        .filter_map(|row| row.id.as_ref())
        .collect();
    let mut copies: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows {
        if is_of(row, IssueKind::DuplicateLabelConflict)
            && let (Some(id), Some(other)) = (&row.id, &row.other_id)
            && exact.contains(id)
            && exact.contains(other)
        {
            copies.entry(id.clone()).or_default().push(other.clone());
        }
    }
    copies
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path())
            .unwrap()
            .join("issues.parquet");
        let rows = [
            IssueRow {
                id: Some("a".into()),
                kind: "near_duplicate".into(),
                other_id: Some("b".into()),
                value: Some(0.9),
                detail: "shows what the other video shows".into(),
            },
            IssueRow {
                id: None,
                kind: "class_imbalance".into(),
                other_id: None,
                value: None,
                detail: "class 'fear' has 2 videos".into(),
            },
        ];
        write(&path, &rows).unwrap();
        assert_eq!(read(&path).unwrap(), rows);
        write(&path, &[]).unwrap();
        assert!(read(&path).unwrap().is_empty());
    }
}
