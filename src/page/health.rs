//! What `check` found, in a few lines for people or as JSON for a machine.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde::Serialize;

use super::words;
use crate::issue::IssueKind::{self, MissingFile, NoLabel};
use crate::manifest::Understood;
use crate::rows::issues::IssueRow;

/// How many cases of a kind the text names.
const CASES: usize = 3;

/// What a check found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HealthSummary {
    /// The run folder.
    pub run: String,
    /// What the data set was understood to be.
    pub data_set: Option<Understood>,
    /// All videos.
    pub videos: usize,
    /// Videos that could be decoded.
    pub readable: usize,
    /// Videos with at least one issue.
    pub with_issues: usize,
    /// Videos in which a face was followed; nothing where none was to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub followed: Option<usize>,
    /// Groups of duplicates.
    pub duplicate_groups: usize,
    /// The issues by kind, in the kinds' own order.
    pub issues: Vec<KindSummary>,
}

/// The issues of one kind.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KindSummary {
    /// The kind's name.
    pub kind: String,
    /// What it means.
    pub words: String,
    /// Videos that have it; 0 of a kind that is about classes.
    pub videos: usize,
    /// Issues, of which a video may have several.
    pub issues: usize,
    /// The first ones: a video's id, or nothing, and the case in plain words.
    pub cases: Vec<(Option<String>, String)>,
}

impl HealthSummary {
    /// Sums up the issues of a run.
    pub fn new(
        run: &str,
        videos: usize,
        readable: usize,
        duplicate_groups: usize,
        rows: &[IssueRow],
    ) -> Self {
        // A row that was left out is no video.
        let is_video = |row: &&IssueRow| {
            ![MissingFile, NoLabel]
                .map(IssueKind::name)
                .contains(&&*row.kind)
        };
        let of_videos = rows.iter().filter(is_video);
        let with_issues: BTreeSet<&str> = of_videos.filter_map(|row| row.id.as_deref()).collect();
        let mut by_kind: BTreeMap<&str, Vec<&IssueRow>> = BTreeMap::new();
        for row in rows {
            by_kind.entry(&row.kind).or_default().push(row);
        }
        let issues = IssueKind::ALL
            .iter()
            .filter_map(|kind| {
                let rows = by_kind.get(kind.name())?;
                let ids: BTreeSet<&str> = rows.iter().filter_map(|row| row.id.as_deref()).collect();
                Some(KindSummary {
                    kind: kind.name().to_owned(),
                    words: kind.words().to_owned(),
                    videos: ids.len(),
                    issues: rows.len(),
                    cases: rows
                        .iter()
                        .take(CASES)
                        .map(|row| (row.id.clone(), row.detail.clone()))
                        .collect(),
                })
            })
            .collect();
        Self {
            run: run.to_owned(),
            data_set: None,
            videos,
            readable,
            with_issues: with_issues.len(),
            followed: None,
            duplicate_groups,
            issues,
        }
    }

    /// The share of the videos that have an issue, in [0, 1].
    pub fn suspect_share(&self) -> f64 {
        self.with_issues as f64 / self.videos.max(1) as f64
    }

    /// The summary as people read it.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        self.write_text(&mut text)
            .unwrap_or_else(|_| unreachable!("a String takes every word"));
        text
    }

    fn write_text(&self, text: &mut String) -> std::fmt::Result {
        write!(
            text,
            "{} videos, {} readable, {} with issues",
            self.videos, self.readable, self.with_issues
        )?;
        if self.duplicate_groups > 0 {
            write!(text, ", {} groups of duplicates", self.duplicate_groups)?;
        }
        writeln!(text)?;
        if let Some(followed) = self.followed {
            writeln!(text, "{}", words::followed(followed, self.readable))?;
        }
        for kind in &self.issues {
            let count = if kind.videos == 0 {
                kind.issues
            } else {
                kind.videos
            };
            writeln!(text, "\n{:>7}  {}: {}", count, kind.kind, kind.words)?;
            for (id, detail) in &kind.cases {
                match id {
                    Some(id) => writeln!(text, "         {id}: {detail}")?,
                    None => writeln!(text, "         {detail}")?,
                }
            }
            if kind.issues > kind.cases.len() {
                writeln!(
                    text,
                    "         … and {} more",
                    kind.issues - kind.cases.len()
                )?;
            }
        }
        if self.issues.is_empty() {
            writeln!(text, "nothing is amiss")?;
        }
        writeln!(text, "\nall issues: {}/issues.parquet", self.run)
    }
}
