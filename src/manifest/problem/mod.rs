//! What can be wrong with a data set, and how that is told: every problem with its line and its remedy.

mod kind;
mod warning;
mod words;

use std::collections::BTreeMap;
use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};

pub use kind::ProblemKind;
pub use warning::Warning;

/// How many problems a message lists before it counts the rest.
const LISTED: usize = 20;

/// What is read mostly.
const DATA_SET: &str = "data set";

/// How many folders a message names.
const FOLDERS: usize = 5;

/// A data set that cannot be used, with everything that is wrong with it.
#[derive(Debug)]
pub struct ManifestError {
    /// What was read: a data set, or another file that is read in the same way.
    pub what: &'static str,
    /// The file or folder that was read.
    pub source: Utf8PathBuf,
    /// The problems, by line; never empty.
    pub problems: Vec<Problem>,
}

impl ManifestError {
    /// The error of a data set with these problems.
    pub(super) fn of(source: &Utf8Path, problems: Vec<Problem>) -> Self {
        Self {
            what: DATA_SET,
            source: source.to_owned(),
            problems,
        }
    }

    /// The error of a single problem.
    pub(super) fn one(source: &Utf8Path, problem: Problem) -> Self {
        Self::of(source, vec![problem])
    }

    /// The same of a file that is no data set, and that no flag says how to read.
    #[must_use]
    pub fn called(self, what: &'static str) -> Self {
        let without_flags = |problem: Problem| Problem {
            kind: problem.kind.without_flags(),
            ..problem
        };
        let problems = self.problems.into_iter().map(without_flags);
        Self {
            what,
            problems: problems.collect(),
            ..self
        }
    }

    /// All problems, for machines.
    pub fn to_json(&self) -> serde_json::Value {
        let problems = self.problems.iter().map(
            |problem| serde_json::json!({"line": problem.row, "problem": problem.kind.to_string()}),
        );
        let problems: Vec<serde_json::Value> = problems.collect();
        serde_json::json!({"source": self.source, "problems": problems})
    }
}

impl fmt::Display for ManifestError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            what,
            source,
            problems,
        } = self;
        if let [problem] = problems.as_slice() {
            return write!(formatter, "{what} '{source}': {problem}");
        }
        write!(
            formatter,
            "{what} '{source}' has {} problems:",
            problems.len()
        )?;
        for problem in problems.iter().take(LISTED) {
            write!(formatter, "\n  {problem}")?;
        }
        if problems.len() > LISTED {
            let more = problems.len() - LISTED;
            let all = if *what == DATA_SET {
                " ('check --json' lists all)"
            } else {
                ""
            };
            write!(formatter, "\n  … and {more} more{all}")?;
        }
        match missing(problems) {
            Some(missing) if *what == DATA_SET => write!(formatter, "\n  {missing}"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for ManifestError {}

/// One thing that is wrong with a data set.
#[derive(Debug)]
pub struct Problem {
    /// Line of the manifest file, from 1, where the problem has one.
    pub row: Option<u64>,
    /// What is wrong.
    pub kind: ProblemKind,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(row) = self.row {
            write!(formatter, "line {row}: ")?;
        }
        self.kind.fmt(formatter)
    }
}

/// A value of a flag as a shell takes it.
pub(super) fn quoted(value: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+=:,@%".contains(c);
    if value.chars().all(is_plain) {
        value.to_owned()
    } else {
        format!("\"{value}\"")
    }
}

/// How many videos are missing in which folders, where it is several and they are not found elsewhere.
fn missing(problems: &[Problem]) -> Option<String> {
    let mut folders: BTreeMap<&Utf8Path, usize> = BTreeMap::new();
    for problem in problems {
        if let ProblemKind::MissingFile { path, .. } = &problem.kind {
            *folders.entry(path.parent().unwrap_or(path)).or_default() += 1;
        }
    }
    let count: usize = folders.values().sum();
    let is_elsewhere = |problem: &Problem| matches!(problem.kind, ProblemKind::Elsewhere { .. });
    if count < 2 || problems.iter().any(is_elsewhere) {
        return None;
    }
    let mut folders: Vec<(&Utf8Path, usize)> = folders.into_iter().collect();
    folders.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let some = folders.iter().take(FOLDERS);
    let some: Vec<String> = some
        .map(|(folder, count)| format!("{count} in '{folder}'"))
        .collect();
    let more = if folders.len() > FOLDERS { ", …" } else { "" };
    Some(format!(
        "{count} files are missing ({}{more}): '--missing skip' leaves such rows out where they are no more than a quarter, and lists them in issues.parquet",
        some.join(", ")
    ))
}
