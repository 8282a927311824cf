//! The format `jsonl`: a JSON object a line, with at least the members `path` (or `file_name`) and `label`.
//!
//! `id` and `group` are understood where they are there; other members are kept. A label is a string or a number.

use std::fmt;
use std::ops::Range;

use camino::Utf8Path;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::label_file::{AddedValue, Dialect, LabelFile, LabelRow, Style};
use super::{Entries, Entry, Problem, ProblemKind};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads the bytes of a JSON Lines file; `source` names the file.
pub(super) fn parse(source: &Utf8Path, bytes: &[u8]) -> Entries {
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
        match object(line) {
            Ok(object) => {
                let from = at + line.len() - line.trim_ascii_start().len();
                rows.push(LabelRow {
                    video: objects.len(),
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
    read.files = vec![LabelFile {
        path: source.file_name().unwrap_or_default().into(),
        bytes: bytes.to_vec(),
        rows,
        dialect: Dialect::JsonLines,
        header_end: None,
    }];
    read
}

/// Whether the text begins with an object.
pub(super) fn fits(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    text.trim_ascii_start().starts_with(b"{")
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

fn object(line: &[u8]) -> Result<Object, ProblemKind> {
    let refuse = |reason: &str| ProblemKind::NotAnObject {
        reason: reason.to_owned(),
    };
    let line = std::str::from_utf8(line).map_err(|error| refuse(&error.to_string()))?;
    let mut reader = serde_json::Deserializer::from_str(line);
    let members = reader
        .deserialize_map(Members)
        .and_then(|members| reader.end().map(|()| members))
        .map_err(|error| refuse(&error.to_string()))?;
    let (mut path, mut label, mut id, mut group) = (None, None, None, None);
    let mut extra = Vec::new();
    for (name, raw) in members {
        let text = plain(raw);
        match name.as_str() {
            "path" => path = Some(text),
            "file_name" if path.is_none() => path = Some(text),
            "label" if label.is_none() => {
                let start = raw.get().as_ptr().addr() - line.as_ptr().addr();
                let style = match raw.get().as_bytes().first() {
                    Some(b'"') => Style::JsonText,
                    Some(b'-' | b'0'..=b'9') => Style::JsonNumber,
                    _ => return Err(refuse("'label' is neither text nor number")),
                };
                label = Some((
                    text.trim().to_owned(),
                    start..start + raw.get().len(),
                    style,
                ));
            }
            "label" => return Err(refuse("'label' is there twice")),
            "id" => id = Some(text),
            "group" => group = Some(text),
            _ => extra.push((name, text)),
        }
    }
    let path = path.ok_or_else(|| refuse("'path' is missing"))?;
    let (label, span, style) = label.ok_or_else(|| refuse("'label' is missing"))?;
    Ok(Object {
        path,
        label,
        span,
        style,
        id,
        group,
        extra,
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
