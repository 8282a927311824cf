//! The format `csv`: a table with a header line that has at least the columns `path` and `label`.
//!
//! `id` and `group` are understood where they are there; every other column is kept for the export. Columns may come in
//! any order and are separated by comma, tab, semicolon or `|`; quotes, a byte order mark and Windows line ends are
//! understood. Other formats that are tables name their own columns and use the same reader.

use std::ops::Range;

use camino::Utf8Path;
use csv::{ByteRecord, Reader, ReaderBuilder};

use super::label_file::{Dialect, LabelFile, LabelRow, Style};
use super::{Entries, Entry, Problem, ProblemKind};

/// Column separators, the likeliest first.
const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The columns that say where a video lies, and what it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct ColumnNames {
    /// The column of paths; `file_name`, as Hugging Face has it, stands for `path`.
    pub(super) path: &'static str,
    /// The column of labels.
    pub(super) label: &'static str,
}

/// The columns of the format `csv`.
pub(super) const COLUMNS: ColumnNames = ColumnNames {
    path: "path",
    label: "label",
};

/// The name that other tools give the column `path`.
const FILE_NAME: &str = "file_name";

/// Reads a table's bytes; `source` only tells a `.tsv` from a `.csv`, and names the file.
pub(super) fn parse(source: &Utf8Path, bytes: &[u8], names: ColumnNames) -> Entries {
    let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let mark = bytes.len() - text.len();
    let mut read = Entries::default();
    let delimiter = delimiter(source, text, names);
    let mut rows = Rows::new(text, delimiter);
    let (columns, header_end) = match rows.next() {
        None => return read,
        Some(Err(problem)) => (Err(vec![problem]), 0),
        Some(Ok(header)) => {
            let columns = Columns::find(&header.fields, names).map_err(|kinds| {
                let at_row = |kind| Problem {
                    row: Some(header.line),
                    kind,
                };
                kinds.into_iter().map(at_row).collect()
            });
            (columns, mark + header.content().end)
        }
    };
    let columns = match columns {
        Ok(columns) => columns,
        Err(problems) => {
            read.problems = problems;
            return read;
        }
    };
    let mut label_rows = Vec::new();
    for row in &mut rows {
        match row {
            Err(problem) => read.problems.push(problem),
            Ok(row) if row.fields.len() != columns.count => read.problems.push(Problem {
                row: Some(row.line),
                kind: ProblemKind::Ragged {
                    expected: columns.count,
                    found: row.fields.len(),
                },
            }),
            Ok(row) => {
                let entry = columns.entry(row.line, &row.fields);
                let (label, style) = row.field(columns.label, delimiter);
                let content = row.content();
                label_rows.push(LabelRow {
                    video: read.list.len(),
                    written: entry.label.clone(),
                    label: mark + label.start..mark + label.end,
                    record: mark + content.start..mark + content.end,
                    style,
                });
                read.list.push(entry);
            }
        }
    }
    read.extra_columns = columns.extra_names();
    read.files = vec![LabelFile {
        path: source.file_name().unwrap_or_default().into(),
        bytes: bytes.to_vec(),
        rows: label_rows,
        dialect: Dialect::Delimited(delimiter),
        header_end: Some(header_end),
    }];
    read
}

/// Whether the text begins with a header that has the columns.
pub(super) fn fits(source: &Utf8Path, bytes: &[u8], names: ColumnNames) -> bool {
    let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let delimiter = delimiter(source, text, names);
    match Rows::new(text, delimiter).next() {
        Some(Ok(header)) => is_complete(&header.fields, names),
        _ => false,
    }
}

/// A field as a table writes it: quoted where it could not be read otherwise.
pub(super) fn encode(text: &str, delimiter: u8) -> String {
    let needs_quotes = |character: char| {
        character == char::from(delimiter) || matches!(character, '"' | '\r' | '\n')
    };
    if text.contains(needs_quotes) || text.trim() != text {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// Where the columns are.
pub(super) struct Columns {
    count: usize,
    path: usize,
    label: usize,
    id: Option<usize>,
    group: Option<usize>,
    extra: Vec<(usize, String)>,
}

impl Columns {
    /// Finds the columns in a header.
    pub(super) fn find(header: &[String], names: ColumnNames) -> Result<Self, Vec<ProblemKind>> {
        let mut problems = Vec::new();
        let mut find = |column: &str| {
            let mut at = (0..header.len()).filter(|&index| is_column(&header[index], column));
            let first = at.next();
            if at.next().is_some() {
                problems.push(ProblemKind::DuplicateColumn {
                    column: column.to_owned(),
                });
            }
            first
        };
        let (mut path, label) = (find(names.path), find(names.label));
        let (id, group) = (find("id"), find("group"));
        if path.is_none() && names.path == COLUMNS.path {
            path = find(FILE_NAME);
        }
        for (column, index) in [(names.path, path), (names.label, label)] {
            if index.is_none() {
                problems.push(ProblemKind::MissingColumn {
                    column,
                    found: header.to_vec(),
                    example: format!("{},{}", names.path, names.label),
                });
            }
        }
        let known = [path, label, id, group];
        match (path, label) {
            (Some(path), Some(label)) if problems.is_empty() => Ok(Self {
                count: header.len(),
                path,
                label,
                id,
                group,
                extra: (0..header.len())
                    .filter(|&index| !known.contains(&Some(index)))
                    .map(|index| (index, header[index].clone()))
                    .collect(),
            }),
            _ => Err(problems),
        }
    }

    /// The names of the columns that mean nothing to this program.
    pub(super) fn extra_names(self) -> Vec<String> {
        self.extra.into_iter().map(|(_, name)| name).collect()
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
}

fn is_column(written: &str, column: &str) -> bool {
    written.trim().eq_ignore_ascii_case(column)
}

fn is_complete(header: &[String], names: ColumnNames) -> bool {
    let has = |column| header.iter().any(|written| is_column(written, column));
    has(names.label) && (has(names.path) || names.path == COLUMNS.path && has(FILE_NAME))
}

/// A row of a table: its fields as text, and its bytes.
struct Row<'a> {
    /// The line at which it begins, from 1.
    line: u64,
    /// Where its bytes begin in the text.
    start: usize,
    /// Its bytes, some of its line end perhaps among them.
    raw: &'a [u8],
    fields: Vec<String>,
}

impl Row<'_> {
    /// The span of the row without its line end.
    fn content(&self) -> Range<usize> {
        let is_line_end = |byte: &&u8| matches!(byte, b'\r' | b'\n');
        let ends = self.raw.iter().rev().take_while(is_line_end).count();
        self.start..self.start + self.raw.len() - ends
    }

    /// The span of a field's text, without quotes and the spaces around it, and how it is written.
    fn field(&self, index: usize, delimiter: u8) -> (Range<usize>, Style) {
        let content = self.content();
        let raw = &self.raw[..content.len()];
        let mut span = 0..0;
        let mut start = 0;
        for _ in 0..=index {
            let end = start + field_length(&raw[start..], delimiter);
            span = start..end;
            start = (end + 1).min(raw.len());
        }
        let mut style = Style::Plain;
        if let [b'"', inner @ .., b'"'] = &raw[span.clone()] {
            span = span.start + 1..span.start + 1 + inner.len();
            style = Style::Quoted;
        }
        let text = String::from_utf8_lossy(&raw[span.clone()]);
        let before = text.len() - text.trim_start().len();
        let trimmed = text.trim().len();
        let start = self.start + span.start + before;
        (start..start + trimmed, style)
    }
}

/// The length of the field at which `raw` begins, quotes included.
fn field_length(raw: &[u8], delimiter: u8) -> usize {
    let mut quoted = raw.first() == Some(&b'"');
    let mut at = usize::from(quoted);
    while at < raw.len() {
        match (quoted, raw[at]) {
            (true, b'"') if raw.get(at + 1) == Some(&b'"') => at += 1,
            (true, b'"') => quoted = false,
            (false, byte) if byte == delimiter => return at,
            _ => {}
        }
        at += 1;
    }
    raw.len()
}

/// The rows of a table as text, each with the line at which it begins; empty lines are skipped.
struct Rows<'a> {
    bytes: &'a [u8],
    reader: Reader<&'a [u8]>,
    record: ByteRecord,
    /// Bytes whose line ends are counted in `line`.
    counted: usize,
    line: u64,
}

impl<'a> Rows<'a> {
    fn new(bytes: &'a [u8], delimiter: u8) -> Self {
        Self {
            bytes,
            reader: ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .delimiter(delimiter)
                .from_reader(bytes),
            record: ByteRecord::new(),
            counted: 0,
            line: 1,
        }
    }

    /// The line of the record that has just been read, and its bytes. The reader's own count stands before the empty
    /// lines that it skips, so the line ends are counted here.
    fn place(&mut self) -> (u64, &'a [u8]) {
        let position = |position: &csv::Position| position.byte() as usize;
        let before = self.record.position().map_or(0, position);
        let is_line_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let skipped = self.bytes[before..]
            .iter()
            .take_while(|byte| is_line_end(byte))
            .count();
        let start = before + skipped;
        let passed = &self.bytes[self.counted..start];
        self.line += count(passed, b'\n') as u64;
        self.counted = start;
        let end = position(self.reader.position()).max(start);
        (self.line, &self.bytes[start..end])
    }
}

impl<'a> Iterator for Rows<'a> {
    type Item = Result<Row<'a>, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.reader.read_byte_record(&mut self.record) {
            Ok(false) => return None,
            Ok(true) => {}
            Err(error) => {
                let kind = ProblemKind::Unreadable {
                    source: error.into(),
                };
                return Some(Err(Problem { row: None, kind }));
            }
        }
        let (row, raw) = self.place();
        let refuse = |kind| {
            Some(Err(Problem {
                row: Some(row),
                kind,
            }))
        };
        let is_last = self.counted + raw.len() == self.bytes.len();
        let lines = count(raw.trim_ascii(), b'\n');
        let quotes = count(raw, b'"');
        if is_last && lines > 0 && quotes % 2 == 1 {
            return refuse(ProblemKind::OpenQuote {
                lines: lines as u64,
            });
        }
        let text: Result<Vec<String>, _> = self
            .record
            .iter()
            .map(|field| String::from_utf8(field.to_vec()))
            .collect();
        if let Ok(fields) = text {
            return Some(Ok(Row {
                line: row,
                start: self.counted,
                raw,
                fields,
            }));
        }
        let text = String::from_utf8_lossy(raw);
        let lossy = text.trim().chars().take(60).collect();
        refuse(ProblemKind::NotUtf8 { lossy })
    }
}

fn count(bytes: &[u8], byte: u8) -> usize {
    bytes.split(|other| *other == byte).count() - 1
}

/// The delimiter under which the header has the columns that it must have; failing that, the one that it has most of.
fn delimiter(source: &Utf8Path, bytes: &[u8], names: ColumnNames) -> u8 {
    let tabs = source
        .extension()
        .is_some_and(|extension| matches!(extension.to_ascii_lowercase().as_str(), "tsv" | "tab"));
    let mut candidates = DELIMITERS.to_vec();
    if tabs {
        candidates.sort_by_key(|delimiter| *delimiter != b'\t');
    }
    let headers: Vec<(u8, Vec<String>)> = candidates
        .into_iter()
        .filter_map(|delimiter| match Rows::new(bytes, delimiter).next() {
            Some(Ok(header)) => Some((delimiter, header.fields)),
            _ => None,
        })
        .collect();
    // The first of equals, so that the likelier delimiter wins.
    let widest = || headers.iter().rev().max_by_key(|(_, header)| header.len());
    headers
        .iter()
        .find(|(_, header)| is_complete(header, names))
        .or_else(widest)
        .map_or(DELIMITERS[0], |(delimiter, _)| *delimiter)
}
