//! A file of labels as bytes: where each video's label stands in it, and the same bytes with other labels.
//!
//! A corrected file must differ from the original in the corrected labels and in nothing else, so nothing is written anew
//! from what was understood: the original bytes are copied, and only the spans of changed labels are replaced. Delimiter,
//! quotes, header, order, line ends, byte order mark and foreign columns are kept because nobody touches them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use camino::Utf8PathBuf;

use super::encoding::{self, Encoding};
use super::{jsonl, list, parquet, table};
use crate::table::TableError;

/// A file of labels, and where its labels stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelFile {
    /// The file's path below the data set's folder; the file's name where the data set is a file.
    pub path: Utf8PathBuf,
    /// What it holds.
    pub bytes: Vec<u8>,
    /// Its rows, in order.
    pub rows: Vec<LabelRow>,
    pub(super) dialect: Dialect,
    /// How its text is written; places in it are those of the same text in UTF-8.
    pub(super) encoding: Encoding,
    /// Where the header's text ends, before its line end; none where the file has no header.
    pub(super) header_end: Option<usize>,
}

/// The row of one video in a file of labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelRow {
    /// The video, an index into the manifest; nothing where the row was left out.
    pub video: Option<usize>,
    /// The label as the file writes it.
    pub written: String,
    /// The bytes of the label, without quotes and the spaces around it.
    pub(super) label: Range<usize>,
    /// The bytes of the row, without its line end.
    pub(super) record: Range<usize>,
    pub(super) style: Style,
}

/// How a file separates its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Dialect {
    /// As in a CSV file, by this byte.
    Delimited(u8),
    /// By spaces or tabs, without quotes.
    Spaced,
    /// A JSON object a line.
    JsonLines,
    /// A Parquet file, whose rows have no bytes of their own.
    Parquet {
        /// The column of labels.
        label_column: String,
    },
    /// Something that is read only.
    Unwritten,
}

/// How a label is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// As it is; quoted only where the file could not be read otherwise.
    Plain,
    /// Between double quotes, which are doubled inside; the span lies between them.
    Quoted,
    /// A JSON string; the span has the quotes.
    JsonText,
    /// A JSON number.
    JsonNumber,
}

/// What is to be changed in a data set's files of labels. Videos are indices into the manifest.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Edits {
    /// New labels, as the files write them.
    pub labels: BTreeMap<usize, String>,
    /// Videos whose rows are left out.
    pub dropped: BTreeSet<usize>,
    /// Columns to add after the last one.
    pub columns: Vec<AddedColumn>,
}

/// A column that is added to a file of labels.
#[derive(Debug, Clone, PartialEq)]
pub struct AddedColumn {
    /// Its name; files without a header do without it.
    pub name: String,
    /// Its values, one per video of the manifest.
    pub values: Vec<AddedValue>,
}

/// A value of an added column.
#[derive(Debug, Clone, PartialEq)]
pub enum AddedValue {
    /// Words.
    Text(String),
    /// A number.
    Number(f32),
    /// Nothing is known: empty in a table, `-` in a list, `null` in JSON.
    Nothing,
}

impl Edits {
    /// Whether nothing is to be changed.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.dropped.is_empty() && self.columns.is_empty()
    }
}

impl LabelRow {
    /// Its new label.
    pub(super) fn edited<'a>(&self, edits: &'a Edits) -> Option<&'a String> {
        edits.labels.get(&self.video?)
    }

    /// Whether it is to be left out.
    pub(super) fn is_dropped(&self, edits: &Edits) -> bool {
        self.video
            .is_some_and(|video| edits.dropped.contains(&video))
    }
}

impl LabelFile {
    /// The file's bytes with the edits made; without edits, the bytes as they are.
    ///
    /// # Errors
    /// A Parquet file cannot be written again: it has a column of a rare type, or its labels are numbers and a new one is not.
    pub fn rewrite(&self, edits: &Edits) -> Result<Vec<u8>, TableError> {
        if !self.is_touched(edits) {
            return Ok(self.bytes.clone());
        }
        if let Dialect::Parquet { .. } = self.dialect {
            return parquet::rewrite(self, edits);
        }
        let (_, text) = encoding::decode(&self.bytes);
        Ok(self.encoding.encode(self.rewrite_text(&text, edits)))
    }

    /// Whether the edits change anything in this file.
    fn is_touched(&self, edits: &Edits) -> bool {
        let changes = |row: &LabelRow| {
            let label = row.edited(edits);
            label.is_some_and(|label| *label != row.written) || row.is_dropped(edits)
        };
        !edits.columns.is_empty() || self.rows.iter().any(changes)
    }

    fn rewrite_text(&self, text: &[u8], edits: &Edits) -> Vec<u8> {
        let mut written = Vec::with_capacity(text.len());
        let mut copied = 0;
        if let (Some(end), false) = (self.header_end, edits.columns.is_empty()) {
            written.extend_from_slice(&text[..end]);
            copied = end;
            for column in &edits.columns {
                self.add(&mut written, "", &AddedValue::Text(column.name.clone()));
            }
        }
        for row in &self.rows {
            written.extend_from_slice(&text[copied..row.record.start]);
            copied = row.record.end;
            if row.is_dropped(edits) {
                copied += line_end(&text[copied..]);
                continue;
            }
            let Range { start, end } = row.label;
            written.extend_from_slice(&text[row.record.start..start]);
            match row.edited(edits) {
                Some(label) if *label != row.written => {
                    written.extend_from_slice(self.encode(label, row.style).as_bytes());
                }
                _ => written.extend_from_slice(&text[start..end]),
            }
            self.finish_row(&mut written, text, row, edits);
        }
        written.extend_from_slice(&text[copied..]);
        written
    }

    /// Writes what stands after a row's label, and the added columns.
    fn finish_row(&self, written: &mut Vec<u8>, text: &[u8], row: &LabelRow, edits: &Edits) {
        let rest = &text[row.label.end..row.record.end];
        if self.dialect != Dialect::JsonLines || edits.columns.is_empty() {
            written.extend_from_slice(rest);
        }
        for column in &edits.columns {
            let value = row.video.and_then(|video| column.values.get(video));
            let value = value.unwrap_or(&AddedValue::Nothing);
            if self.dialect == Dialect::JsonLines && column == &edits.columns[0] {
                // Into the object: before its brace.
                written.extend_from_slice(rest.strip_suffix(b"}").unwrap_or(rest));
            }
            self.add(written, &column.name, value);
        }
        if self.dialect == Dialect::JsonLines && !edits.columns.is_empty() {
            written.push(b'}');
        }
    }

    fn add(&self, written: &mut Vec<u8>, name: &str, value: &AddedValue) {
        let text = match &self.dialect {
            Dialect::Delimited(delimiter) => {
                written.push(*delimiter);
                table::encode(&value.to_text(""), *delimiter)
            }
            Dialect::Spaced => {
                written.push(list::separator(&encoding::decode(&self.bytes).1));
                value
                    .to_text("-")
                    .split_whitespace()
                    .collect::<Vec<_>>()
                    .join("_")
            }
            Dialect::JsonLines => jsonl::member(name, value),
            Dialect::Parquet { .. } | Dialect::Unwritten => return, // its columns are no text
        };
        written.extend_from_slice(text.as_bytes());
    }

    fn encode(&self, label: &str, style: Style) -> String {
        match (style, &self.dialect) {
            (Style::Plain, Dialect::Delimited(delimiter)) => table::encode(label, *delimiter),
            (Style::Plain, _) => label.to_owned(),
            (Style::Quoted, _) => label.replace('"', "\"\""),
            (Style::JsonNumber, _) if jsonl::is_number(label) => label.to_owned(),
            (Style::JsonNumber | Style::JsonText, _) => jsonl::text(label),
        }
    }
}

impl AddedValue {
    /// The value as text, `nothing` where nothing is known. Four decimals are enough for a score.
    pub fn to_text(&self, nothing: &str) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => format!("{number:.4}"),
            Self::Nothing => nothing.to_owned(),
        }
    }

    /// The value as JSON writes it.
    pub fn to_json(&self) -> String {
        match self {
            Self::Text(text) => jsonl::text(text),
            Self::Number(_) | Self::Nothing => self.to_text("null"),
        }
    }
}

/// The length of the line end at which `bytes` begins.
fn line_end(bytes: &[u8]) -> usize {
    match bytes {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    }
}
