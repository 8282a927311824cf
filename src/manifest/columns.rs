//! What the columns of a table mean: by their names, or by what the user says.

use std::collections::{BTreeMap, BTreeSet};

use super::reading::Role;
use super::understood::Choice;
use super::{Entries, Entry, Problem, ProblemKind};

/// The columns that say where a video lies, and what it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct ColumnNames {
    /// Names of the column of paths; the first that is there is taken.
    pub(super) path: &'static [&'static str],
    /// The column of labels.
    pub(super) label: &'static str,
}

/// The columns of the format `csv`; `file_name`, as Hugging Face has it, stands for `path`.
pub(super) const COLUMNS: ColumnNames = ColumnNames {
    path: &["path", "file_name"],
    label: "label",
};

/// The columns of a file that says something of a run's videos, which may name them by id alone.
pub(super) const WORDS: ColumnNames = ColumnNames {
    path: &["path", "file_name", "id"],
    label: "label",
};

/// The columns of Hugging Face's `metadata` files, in which other columns may be called `path`.
pub(super) const METADATA: ColumnNames = ColumnNames {
    path: &["file_name", "path"],
    label: "label",
};

/// Where the columns of a text are named.
pub(super) const FIRST_LINE: &str = "the first line";

/// What is said of a column that means nothing to this program.
pub(super) const KEPT: &str = "kept";

/// Other names that people give to a column, in lower case, for the remedy.
const PATH_ALIASES: [&str; 14] = [
    "filename",
    "file",
    "filepath",
    "file_path",
    "video",
    "video_path",
    "video_name",
    "videoname",
    "clip",
    "clip_path",
    "clip_name",
    "name",
    "video_id",
    "url",
];
const LABEL_ALIASES: [&str; 12] = [
    "emotion",
    "expression",
    "class",
    "class_name",
    "category",
    "target",
    "y",
    "labels",
    "emo",
    "label_id",
    "annotation",
    "gt",
];

/// What a table is read by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// The names that columns have by themselves.
    pub(super) names: ColumnNames,
    /// What the user says: a name, or a number from 1.
    pub(super) given: &'a BTreeMap<Role, String>,
    /// Whether the user can say so.
    pub(super) can_be_given: bool,
    /// What has the names of the columns: the first line, or the table itself.
    pub(super) header: &'static str,
}

impl Wanted<'_> {
    /// The place of a column that the user gives by its number.
    pub(super) fn number(&self, role: Role) -> Option<usize> {
        self.given.get(&role)?.parse::<usize>().ok()?.checked_sub(1)
    }

    /// Whether the user gives numbers, which tables without a header have.
    pub(super) fn is_numbered(&self) -> bool {
        [Role::Path, Role::Label]
            .iter()
            .all(|role| self.number(*role).is_some())
    }

    /// Whether a header has what must be there.
    pub(super) fn is_complete(&self, header: &[String]) -> bool {
        let has = |name: &str| header.iter().any(|written| is_column(written, name));
        let is_there = |role: Role, names: &[&str]| match self.given.get(&role) {
            Some(column) => match column.parse::<usize>() {
                Ok(number) => number <= header.len(),
                Err(_name) => has(column),
            },
            None => names.iter().any(|name| has(name)),
        };
        is_there(Role::Path, self.names.path) && is_there(Role::Label, &[self.names.label])
    }
}

/// Where the columns are.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) count: usize,
    path: usize,
    pub(super) label: usize,
    id: Option<usize>,
    group: Option<usize>,
    /// Each with a name of its own; empty where the header has none for it.
    extra: Vec<(usize, String)>,
    /// Those that are understood, with what they mean.
    used: Vec<(String, String)>,
    /// Names that had to be told apart.
    renamed: Vec<String>,
}

impl Columns {
    /// Finds the columns in a header.
    pub(super) fn find(header: &[String], wanted: Wanted<'_>) -> Result<Self, Vec<ProblemKind>> {
        let mut finder = Finder {
            header,
            wanted,
            problems: Vec::new(),
            taken: BTreeMap::new(),
        };
        for (role, column) in wanted.given {
            finder.given(*role, column);
        }
        let names = wanted.names;
        let path = finder.find(Role::Path, names.path);
        let label = finder.find(Role::Label, &[names.label]);
        let (id, group) = (
            finder.find(Role::Id, &["id"]),
            finder.find(Role::Group, &["group"]),
        );
        for (column, index) in [(names.path[0], path), (names.label, label)] {
            let role = if column == names.label {
                Role::Label
            } else {
                Role::Path
            };
            if index.is_none() && !wanted.given.contains_key(&role) {
                let kind = ProblemKind::MissingColumn {
                    column,
                    found: header.to_vec(),
                    remedy: remedy(header, wanted),
                };
                finder.problems.push(kind);
            }
        }
        let (Some(path), Some(label), true) = (path, label, finder.problems.is_empty()) else {
            return Err(finder.problems);
        };
        let used = finder.taken.iter();
        let used = used.map(|(index, role)| (header[*index].trim().to_owned(), role.to_string()));
        let used = used.collect();
        let known = [Some(path), Some(label), id, group];
        let (extra, renamed) = extras(header, known);
        Ok(Self {
            count: header.len(),
            path,
            label,
            id,
            group,
            extra,
            used,
            renamed,
        })
    }

    /// Whether a row has the names of the path's and the label's columns where their values would be.
    pub(super) fn is_header(&self, fields: &[String], names: &[String]) -> bool {
        let same = |at: usize| fields.get(at).map(|field| field.trim()) == Some(names[at].trim());
        same(self.path) && same(self.label)
    }

    /// The entry of a row that has as many fields as the header.
    pub(super) fn entry(&self, row: u64, fields: &[String]) -> Entry {
        let trimmed = |index: usize| fields[index].trim().to_owned();
        Entry {
            row: Some(row),
            id: self.id.map(trimmed),
            path: fields[self.path].clone(),
            label: trimmed(self.label),
            group: self.group.map(trimmed).filter(|group| !group.is_empty()),
            extra: self
                .extra
                .iter()
                .map(|(index, _)| fields[*index].clone())
                .collect(),
        }
    }

    /// The problems of rows with another number of fields than the header, by line: the header's where all rows agree.
    pub(super) fn ragged(
        &self,
        ragged: &BTreeMap<u64, usize>,
        header: u64,
        fitting: usize,
    ) -> Vec<Problem> {
        let expected = self.count;
        let counts: BTreeSet<usize> = ragged.values().copied().collect();
        if let (0, [found], true) = (fitting, Vec::from_iter(counts).as_slice(), ragged.len() > 1) {
            let kind = ProblemKind::OtherHeader {
                expected,
                found: *found,
                rows: ragged.len(),
            };
            let row = Some(header);
            return vec![Problem { row, kind }];
        }
        let problem = |(&row, &found)| Problem {
            row: Some(row),
            kind: ProblemKind::Ragged { expected, found },
        };
        ragged.iter().map(problem).collect()
    }

    /// Tells of the columns; those without a name and without a value are passed over.
    pub(super) fn finish(self, read: &mut Entries) {
        let is_kept: Vec<bool> = self
            .extra
            .iter()
            .enumerate()
            .map(|(at, (_, name))| {
                !name.is_empty()
                    || read
                        .list
                        .iter()
                        .any(|entry| !entry.extra[at].trim().is_empty())
            })
            .collect();
        if is_kept.contains(&false) {
            for entry in &mut read.list {
                let mut kept = is_kept.iter();
                entry.extra.retain(|_| kept.next().copied().unwrap_or(true));
            }
        }
        let named = |(index, name): (usize, String)| match name.as_str() {
            "" => format!("column {}", index + 1),
            _ => name,
        };
        let extra = self.extra.into_iter().zip(is_kept);
        read.extra_columns = extra
            .filter_map(|(column, is_kept)| is_kept.then(|| named(column)))
            .collect();
        read.columns = self.used;
        let kept = read.extra_columns.iter();
        read.columns
            .extend(kept.map(|name| (name.clone(), KEPT.to_owned())));
        if !self.renamed.is_empty() {
            read.choices.push(Choice {
                what: "columns".to_owned(),
                taken: format!("kept under other names: {}", self.renamed.join(", ")),
                ..Choice::default()
            });
        }
    }
}

/// Finds columns, each for one role.
struct Finder<'a> {
    header: &'a [String],
    wanted: Wanted<'a>,
    problems: Vec<ProblemKind>,
    /// Which column has which role.
    taken: BTreeMap<usize, Role>,
}

impl Finder<'_> {
    /// Takes the column that the user names for a role.
    fn given(&mut self, role: Role, column: &str) {
        let at = match column.parse::<usize>() {
            Ok(number) => number.checked_sub(1).filter(|at| *at < self.header.len()),
            Err(_name) => {
                (0..self.header.len()).find(|&index| is_column(&self.header[index], column))
            }
        };
        match at {
            Some(index) if !self.taken.contains_key(&index) => {
                self.taken.insert(index, role);
            }
            Some(index) => self.problems.push(ProblemKind::TwoMeanings {
                column: self.header[index].trim().to_owned(),
                role: role.name(),
            }),
            None => self.problems.push(ProblemKind::UnknownColumn {
                role: role.name(),
                column: column.to_owned(),
                found: self.header.to_vec(),
            }),
        }
    }

    /// The column of a role: the one that the user named, else the one that has the first of the names.
    fn find(&mut self, role: Role, names: &[&str]) -> Option<usize> {
        if let Some((index, _)) = self.taken.iter().find(|(_, other)| **other == role) {
            return Some(*index);
        }
        if self.wanted.given.contains_key(&role) {
            return None;
        }
        for name in names {
            let is_it = |index: &usize| {
                is_column(&self.header[*index], name) && !self.taken.contains_key(index)
            };
            let mut found = (0..self.header.len()).filter(is_it);
            let Some(first) = found.next() else { continue };
            if found.next().is_some() {
                self.problems.push(ProblemKind::DuplicateColumn {
                    column: (*name).to_owned(),
                });
            }
            self.taken.insert(first, role);
            return Some(first);
        }
        None
    }
}

/// Names that columns have in what this program writes.
pub(super) const OWN: [&str; 4] = ["path", "label", "id", "group"];

/// The columns that mean nothing to this program, each with a name of its own and none of ours; and which were renamed.
fn extras(header: &[String], known: [Option<usize>; 4]) -> (Vec<(usize, String)>, Vec<String>) {
    let mut taken: BTreeSet<String> = OWN.map(str::to_owned).into();
    let (mut extra, mut renamed) = (Vec::new(), Vec::new());
    for (index, written) in header.iter().enumerate() {
        if known.contains(&Some(index)) {
            continue;
        }
        let mut name = written.clone();
        let mut number = 2;
        while !name.is_empty() && !taken.insert(name.to_lowercase()) {
            name = format!("{written} {number}");
            number += 1;
        }
        if name != *written {
            renamed.push(format!("'{name}'"));
        }
        extra.push((index, name));
    }
    (extra, renamed)
}

fn is_column(written: &str, column: &str) -> bool {
    written.trim().eq_ignore_ascii_case(column)
}

/// What to do about a header that lacks a column: what the user could have meant.
fn remedy(header: &[String], wanted: Wanted<'_>) -> String {
    let (names, place) = (wanted.names, wanted.header);
    let example = format!("{},{}", names.path[0], names.label);
    let like = |aliases: &[&str], own: &[&str]| {
        let is_one = |written: &&String| {
            let lower = written.trim().to_lowercase();
            aliases.contains(&lower.as_str()) || own.contains(&lower.as_str())
        };
        header.iter().find(is_one).map(|name| name.trim())
    };
    let path = like(&PATH_ALIASES, names.path);
    let label = like(&LABEL_ALIASES, &[names.label]);
    match (path, label) {
        (Some(path), Some(label)) if wanted.can_be_given => {
            format!("say which column is which with '--columns path={path},label={label}'")
        }
        _ if header.len() > 1 && wanted.can_be_given => format!(
            "{place} must name the columns, as in '{example}', or say which is which, as in '--columns path={},label={}' (or by number: '--columns path=1,label=2')",
            path.unwrap_or("clip"),
            label.unwrap_or("emotion"),
        ),
        _ => format!("{place} must name the columns, as in '{example}'"),
    }
}
