//! Rows of two files of labels, one against the other.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;

use super::Flaw;
use crate::export::changes::Noted;
use crate::manifest::{LabelFile, Manifest};

/// A row of a file of labels: what identifies it, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) path: String,
    pub(super) label: String,
    /// Group and other columns.
    pub(super) rest: Vec<String>,
}

impl Row {
    /// The row of a video with its first `extra` other columns.
    pub(super) fn of(manifest: &Manifest, video: usize, extra: usize) -> Self {
        let found = &manifest.videos[video];
        let mut rest: Vec<String> = found.extra.iter().take(extra).cloned().collect();
        if extra > 0 {
            rest.extend(found.group.clone());
        }
        Self {
            id: found.id.clone(),
            path: found.written_path.clone(),
            label: manifest.labels.name(found.label).to_owned(),
            rest,
        }
    }
}

/// The rows of a file, in its order.
pub(super) fn rows_of(manifest: &Manifest, file: &LabelFile, extra: usize) -> Vec<Row> {
    file.rows
        .iter()
        .filter_map(|row| row.video)
        .map(|video| Row::of(manifest, video, extra))
        .collect()
}

/// Compares a file's rows before and after; `noted`: the changes by id.
pub(super) fn compare(
    before: &[Row],
    after: &[Row],
    noted: &BTreeMap<&str, &Noted>,
    file: &Utf8Path,
    flaws: &mut Vec<Flaw>,
) {
    let exported: BTreeMap<&str, &Row> = after.iter().map(|row| (row.path.as_str(), row)).collect();
    let known: BTreeSet<&str> = before.iter().map(|row| row.path.as_str()).collect();
    for row in after
        .iter()
        .filter(|row| !known.contains(row.path.as_str()))
    {
        flaws.push(Flaw::Foreign {
            path: row.path.clone(),
        });
    }
    for row in before {
        let change = noted.get(row.id.as_str());
        let not_made = |change: &Noted| Flaw::NotMade {
            path: row.path.clone(),
            change: change.words(),
        };
        match (exported.get(row.path.as_str()), change) {
            (None, Some(change)) if change.change == "drop" => {}
            (None, _) => flaws.push(Flaw::Missing {
                path: row.path.clone(),
            }),
            (Some(_), Some(change)) if change.change == "drop" => flaws.push(not_made(change)),
            (Some(found), change) => {
                let expected = change.map_or(&row.label, |change| &change.to);
                if found.label != *expected {
                    flaws.push(match change {
                        Some(change) if found.label == row.label => not_made(change),
                        _ => Flaw::Undecided {
                            path: row.path.clone(),
                            expected: expected.clone(),
                            found: found.label.clone(),
                        },
                    });
                } else if found.rest != row.rest {
                    flaws.push(Flaw::Other {
                        file: file.to_owned(),
                    });
                }
            }
        }
    }
    let kept = before
        .iter()
        .map(|row| row.path.as_str())
        .filter(|path| exported.contains_key(path));
    let order = after
        .iter()
        .map(|row| row.path.as_str())
        .filter(|path| known.contains(path));
    if !kept.eq(order) {
        flaws.push(Flaw::Order {
            file: file.to_owned(),
        });
    }
}
