//! The format `jsonl`: a JSON object a line, with at least the members `path` (or `file_name`) and `label`.
//!
//! `id` and `group` are understood where they are there; other members are kept. A label is a string, a number or `null`.

use std::fmt;
use std::ops::Range;

use camino::Utf8Path;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::columns::{Columns, OWN, Wanted};
use super::encoding::Encoding;
use super::label_file::{AddedValue, Dialect, LabelFile, LabelRow, Style};
use super::reading::Role;
use super::{Entries, Entry, Problem, ProblemKind};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads the bytes of a JSON Lines file; `source` names the file.
pub(super) fn parse(source: &Utf8Path, bytes: &[u8], wanted: Wanted<'_>) -> Entries {
    let mut read = Entries::default();
    let mut rows = Vec::new();
    let mut objects = Vec::new();
    let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let mut start = bytes.len() - text.len();
    for (number, line) in (1..).zip(text.split(|byte| *byte == b'\n')) {
        let at = start;
        start += line.len() + 1;
        if line.trim_ascii().is_empty() {
            continue;
        }
        match object(line, wanted) {
            Ok(object) => {
                let from = at + line.len() - line.trim_ascii_start().len();
                rows.push(LabelRow {
                    video: Some(objects.len()),
                    written: object.label.clone(),
                    label: at + object.span.start..at + object.span.end,
                    record: from..from + line.trim_ascii().len(),
                    style: object.style,
                });
                objects.push((number, object));
            }
            Err(kind) => read.problems.push(Problem {
                row: Some(number),
                kind,
            }),
        }
    }
    let mut told = read.problems.iter().map(|problem| problem.kind.to_string());
    let all_alike = told
        .next()
        .is_none_or(|first| told.all(|other| other == first));
    if let (true, true, Some(names)) = (objects.is_empty(), all_alike, names(text)) {
        // What all of them lack is told once.
        let wanted = Wanted {
            header: "each object",
            ..wanted
        };
        if let Err(kinds) = Columns::find(&names, wanted) {
            let problem = |kind| Problem { row: Some(1), kind };
            read.problems = kinds.into_iter().map(problem).collect();
        }
    }
    for (_, object) in &objects {
        for (name, _) in &object.extra {
            if !read.extra_columns.contains(name) {
                read.extra_columns.push(name.clone());
            }
        }
    }
    let columns = &read.extra_columns;
    read.list = objects
        .into_iter()
        .map(|(number, object)| object.entry(number, columns))
        .collect();
    for name in &mut read.extra_columns {
        if OWN.contains(&name.as_str()) {
            name.push_str(" 2");
        }
    }
    read.why = String::from("JSON Lines, an object per video");
    read.files = vec![LabelFile {
        path: source.file_name().unwrap_or_default().into(),
        bytes: bytes.to_vec(),
        rows,
        dialect: Dialect::JsonLines,
        encoding: Encoding::Utf8,
        header_end: None,
    }];
    read
}

/// The names of the first line's members, where it is an object.
fn names(text: &[u8]) -> Option<Vec<String>> {
    let first = text.split(|byte| *byte == b'\n').next()?;
    let mut reader = serde_json::Deserializer::from_slice(first);
    let members = reader.deserialize_map(Members).ok()?;
    Some(members.into_iter().map(|(name, _)| name).collect())
}

/// Whether the text begins with an object.
pub(super) fn fits(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    text.trim_ascii_start().starts_with(b"{")
}

/// Whether the whole text is a single object over several lines.
pub(super) fn is_document(bytes: &[u8]) -> bool {
    let text = bytes
        .strip_prefix(BYTE_ORDER_MARK)
        .unwrap_or(bytes)
        .trim_ascii();
    let is_object = |text: &[u8]| serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok();
    let has_path = serde_json::from_slice::<serde_json::Value>(text).is_ok_and(|value| {
        ["path", "file_name", "label"]
            .iter()
            .any(|name| value.get(name).is_some())
    });
    is_object(text) && !has_path
}

/// A string as JSON writes it.
pub(super) fn text(value: &str) -> String {
    serde_json::Value::from(value).to_string()
}

/// Whether the text is a JSON number.
pub(super) fn is_number(text: &str) -> bool {
    serde_json::from_str::<serde_json::Number>(text).is_ok()
}

/// A member to append to an object that has some.
pub(super) fn member(name: &str, value: &AddedValue) -> String {
    format!(", {}: {}", text(name), value.to_json())
}

/// What a line says.
struct Object {
    path: String,
    label: String,
    /// Where the label's value stands in the line.
    span: Range<usize>,
    style: Style,
    id: Option<String>,
    group: Option<String>,
    extra: Vec<(String, String)>,
}

impl Object {
    fn entry(self, row: u64, columns: &[String]) -> Entry {
        let value = |column: &String| {
            let found = self.extra.iter().find(|(name, _)| name == column);
            found.map_or_else(String::new, |(_, value)| value.clone())
        };
        Entry {
            row: Some(row),
            extra: columns.iter().map(value).collect(),
            id: self.id,
            path: self.path,
            label: self.label,
            group: self.group.filter(|group| !group.is_empty()),
        }
    }
}

fn object(line: &[u8], wanted: Wanted<'_>) -> Result<Object, ProblemKind> {
    let refuse = |reason: &str| ProblemKind::NotAnObject {
        reason: reason.to_owned(),
    };
    let line = std::str::from_utf8(line).map_err(|error| refuse(&error.to_string()))?;
    let mut reader = serde_json::Deserializer::from_str(line);
    let members = reader
        .deserialize_map(Members)
        .and_then(|members| reader.end().map(|()| members))
        .map_err(|error| refuse(&error.to_string()))?;
    let names = wanted.names;
    let own = |role| match role {
        Role::Path => names.path,
        Role::Label => std::slice::from_ref(&names.label),
        Role::Id => &["id"],
        Role::Group => &["group"],
        Role::Split | Role::Frames => &[],
    };
    let given = |name: &&str| wanted.given.values().any(|column| column == name);
    let mut taken = Vec::new();
    let mut take = |role| {
        let find = |name: &str| {
            members
                .iter()
                .position(|(member, _)| member.eq_ignore_ascii_case(name))
        };
        let at = match wanted.given.get(&role) {
            Some(column) => find(column),
            None => own(role)
                .iter()
                .filter(|name| !given(name))
                .find_map(|name| find(name)),
        };
        taken.extend(at);
        at.map(|at| members[at].1)
    };
    let (path, label) = (take(Role::Path), take(Role::Label));
    let (id, group) = (take(Role::Id), take(Role::Group));
    let name = |role: Role, own: &str| {
        let given = wanted.given.get(&role);
        given.cloned().unwrap_or_else(|| own.to_owned())
    };
    let label_name = name(Role::Label, names.label);
    let missing = |name: String| refuse(&format!("'{name}' is missing"));
    let path = path.ok_or_else(|| missing(name(Role::Path, names.path[0])))?;
    let label = label.ok_or_else(|| missing(label_name.clone()))?;
    if members
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case(&label_name))
        .count()
        > 1
    {
        return Err(refuse(&format!("'{label_name}' is there twice")));
    }
    let start = label.get().as_ptr().addr() - line.as_ptr().addr();
    let style = match label.get().as_bytes().first() {
        Some(b'"' | b'n') => Style::JsonText,
        Some(b'-' | b'0'..=b'9') => Style::JsonNumber,
        _ => {
            return Err(refuse(&format!(
                "'{label_name}' is neither text nor number"
            )));
        }
    };
    Ok(Object {
        path: plain(path),
        label: plain(label).trim().to_owned(),
        span: start..start + label.get().len(),
        style,
        id: id.map(plain),
        group: group.map(plain),
        extra: members
            .iter()
            .enumerate()
            .filter(|(at, _)| !taken.contains(at))
            .map(|(_, (name, value))| (name.clone(), plain(value)))
            .collect(),
    })
}

/// A string without its quotes; nothing for `null`; any other value as it is written.
fn plain(raw: &RawValue) -> String {
    match serde_json::from_str::<Option<String>>(raw.get()) {
        Ok(text) => text.unwrap_or_default(),
        Err(_other_type) => raw.get().to_owned(),
    }
}

/// Reads an object's members in order, each value as the text that it is.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}
