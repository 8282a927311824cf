//! `issues.parquet`: one row per issue that was found.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;

use super::columns;
use crate::issue::IssueKind;
use crate::table::{TableError, TableReader, TableWriter};

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
        .optional_text("id", rows.iter().map(|row| row.id.as_ref()))
        .text("kind", rows.iter().map(|row| &row.kind))
        .optional_text("other_id", rows.iter().map(|row| row.other_id.as_ref()))
        .optional_f32("value", rows.iter().map(|row| row.value))
        .text("detail", rows.iter().map(|row| &row.detail))
        .describe(columns::ISSUES.iter().copied())
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

/// By id of a video that has exact copies with another label, the ids of those: the first one, by id, of each other label.
/// `labels`: the given label of every video by id, each once; videos that it lacks are passed over.
///
/// Exact copies are those that rows of that kind join, directly or through others. Near duplicates may be two recordings
/// that look alike: they are listed as issues, and say nothing of a label, not even of the copies of either.
pub fn contradicting_copies<'a>(
    rows: &[IssueRow],
    labels: impl Iterator<Item = (&'a str, usize)>,
) -> BTreeMap<String, Vec<String>> {
    let groups = exact_copies(rows);
    let mut copies = BTreeMap::new();
    if groups.is_empty() {
        return copies;
    }
    let members: BTreeSet<&str> = groups.iter().flatten().copied().collect();
    let labels: BTreeMap<&str, usize> = labels.filter(|(id, _)| members.contains(id)).collect();
    for group in groups {
        let mut first_of: BTreeMap<usize, &str> = BTreeMap::new();
        for &id in &group {
            if let Some(&label) = labels.get(id) {
                first_of.entry(label).or_insert(id);
            }
        }
        for &id in &group {
            let own = labels.get(id);
            let others: Vec<String> = first_of
                .iter()
                .filter(|(label, _)| own.is_some_and(|own| own != *label))
                .map(|(_, other)| (*other).to_owned())
                .collect();
            if !others.is_empty() {
                copies.insert(id.to_owned(), others);
            }
        }
    }
    copies
}

/// The ids of videos that are exact copies of each other, each group in order.
pub fn exact_copies<'a>(rows: impl IntoIterator<Item = &'a IssueRow>) -> Vec<BTreeSet<&'a str>> {
    let mut copies: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in rows {
        if row.kind == IssueKind::ExactDuplicate.name()
            && let (Some(id), Some(other)) = (&row.id, &row.other_id)
        {
            copies.entry(id).or_default().push(other);
            copies.entry(other).or_default().push(id);
        }
    }
    let mut groups = Vec::new();
    while let Some((id, others)) = copies.pop_first() {
        let mut group = BTreeSet::from([id]);
        let mut waiting = others;
        while let Some(other) = waiting.pop() {
            group.insert(other);
            waiting.extend(copies.remove(other).unwrap_or_default());
        }
        groups.push(group);
    }
    groups
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

    fn pair(kind: IssueKind, id: &str, other: &str) -> IssueRow {
        IssueRow {
            id: Some(id.into()),
            kind: kind.name().into(),
            other_id: Some(other.into()),
            value: None,
            detail: String::new(),
        }
    }

    /// What is found of videos by the letters of their ids.
    fn contradictions(rows: &[IssueRow], labels: &[(&str, usize)]) -> Vec<(String, Vec<String>)> {
        let labels = labels.iter().copied();
        contradicting_copies(rows, labels).into_iter().collect()
    }

    fn told(pairs: &[(&str, &[&str])]) -> Vec<(String, Vec<String>)> {
        let owned = |ids: &[&str]| ids.iter().copied().map(str::to_owned).collect();
        pairs
            .iter()
            .map(|(id, others)| ((*id).to_owned(), owned(others)))
            .collect()
    }

    #[test]
    fn what_is_only_alike_contradicts_nothing_even_between_groups_of_exact_copies() {
        use IssueKind::{DuplicateLabelConflict, ExactDuplicate, NearDuplicate};
        let rows = [
            pair(ExactDuplicate, "a", "x"),
            pair(ExactDuplicate, "x", "a"),
            pair(ExactDuplicate, "b", "y"),
            pair(ExactDuplicate, "y", "b"),
            pair(NearDuplicate, "a", "b"),
            pair(DuplicateLabelConflict, "a", "b"),
            pair(DuplicateLabelConflict, "b", "a"),
        ];
        let same_within = [("a", 0), ("x", 0), ("b", 1), ("y", 1)];
        assert_eq!(contradictions(&rows, &same_within), told(&[]));
        let differs = [("a", 0), ("x", 2), ("b", 1), ("y", 1)];
        assert_eq!(
            contradictions(&rows, &differs),
            told(&[("a", &["x"]), ("x", &["a"])])
        );
    }

    #[test]
    fn copies_of_one_video_contradict_each_other_through_it() {
        // Only pairs with the first of the copies are listed, and its own label agrees with neither.
        let rows: Vec<IssueRow> = ["b", "c", "d", "gone"]
            .iter()
            .flat_map(|id| {
                let kind = IssueKind::ExactDuplicate;
                [pair(kind, "a", id), pair(kind, id, "a")]
            })
            .collect();
        let labels = [("a", 0), ("b", 1), ("c", 1), ("d", 2)];
        assert_eq!(
            contradictions(&rows, &labels),
            told(&[
                ("a", &["b", "d"]),
                ("b", &["a", "d"]),
                ("c", &["a", "d"]),
                ("d", &["a", "b"]),
            ])
        );
    }
}
