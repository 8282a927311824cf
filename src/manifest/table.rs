//! The format `csv`: a table with a header line that has at least the columns `path` and `label`.
//!
//! `id` and `group` are understood where they are there; every other column is kept for the export. Columns may come in
//! any order and are separated by comma, tab, semicolon or `|`; quotes, a byte order mark, Windows line ends and Excel's line
//! `sep=;` are understood. Other formats that are tables name their own columns and use the same reader.

use std::collections::BTreeMap;
use std::ops::Range;

use camino::Utf8Path;
use csv::{ByteRecord, Reader, ReaderBuilder};

use super::columns::{Columns, Wanted};
use super::encoding::Encoding;
use super::label_file::{Dialect, LabelFile, LabelRow, Style};
use super::reading::Role;
use super::{Entries, Problem, ProblemKind};

/// Column separators, the likeliest first.
const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads a table's bytes; `source` only tells a `.tsv` from a `.csv`, and names the file.
pub(super) fn parse(source: &Utf8Path, bytes: &[u8], wanted: Wanted<'_>) -> Entries {
    let mut read = Entries::default();
    let content = Text::new(source, bytes, |header| wanted.is_complete(header));
    let delimiter = content.delimiter;
    let mut rows = content.rows();
    let (header, header_end) = match rows.next() {
        None => return read,
        Some(Err(problem)) => {
            read.problems = vec![problem];
            return read;
        }
        Some(Ok(header)) => {
            let end = header.content().end;
            (header, end)
        }
    };
    let header_line = header.line;
    let has_header = !wanted.is_numbered() || has_names(&content, &header, wanted);
    let names: Vec<String> = if has_header {
        header.fields
    } else {
        let numbers = 1..=header.fields.len();
        numbers.map(|number| format!("column {number}")).collect()
    };
    let columns = match Columns::find(&names, wanted) {
        Ok(columns) => columns,
        Err(kinds) => {
            let at_row = |kind| Problem {
                row: Some(header_line),
                kind,
            };
            read.problems = kinds.into_iter().map(at_row).collect();
            return read;
        }
    };
    let header_end = has_header.then_some(header_end);
    if !has_header {
        rows = content.rows();
    }
    let mut label_rows = Vec::new();
    let mut ragged = BTreeMap::new();
    for row in &mut rows {
        match row {
            Err(problem) => read.problems.push(problem),
            // Spreadsheets leave such rows below a table.
            Ok(row) if row.fields.iter().all(|field| field.trim().is_empty()) => {}
            Ok(row) if has_header && columns.is_header(&row.fields, &names) => {
                let (row, kind) = (Some(row.line), ProblemKind::RepeatedHeader);
                read.problems.push(Problem { row, kind });
            }
            Ok(row) if row.fields.len() != columns.count => {
                ragged.insert(row.line, row.fields.len());
            }
            Ok(row) => {
                let entry = columns.entry(row.line, &row.fields);
                let (label, style) = row.field(columns.label, delimiter);
                label_rows.push(LabelRow {
                    video: Some(read.list.len()),
                    written: entry.label.clone(),
                    label,
                    record: row.content(),
                    style,
                });
                read.list.push(entry);
            }
        }
    }
    read.problems
        .extend(columns.ragged(&ragged, header_line, read.list.len()));
    read.why = content.why(has_header);
    columns.finish(&mut read);
    read.files = vec![LabelFile {
        path: source.file_name().unwrap_or_default().into(),
        bytes: bytes.to_vec(),
        rows: label_rows,
        dialect: Dialect::Delimited(delimiter),
        encoding: Encoding::Utf8,
        header_end,
    }];
    read
}

/// Whether the first row of a table whose columns go by number names them all the same: its label is that of no other row,
/// and its path, unlike theirs, has neither a folder nor an extension.
fn has_names(content: &Text<'_>, first: &Row<'_>, wanted: Wanted<'_>) -> bool {
    let field = |row: &Row<'_>, role| row.fields.get(wanted.number(role)?).cloned();
    let both = |row: &Row<'_>| Some((field(row, Role::Path)?, field(row, Role::Label)?));
    let Some((path, label)) = both(first) else {
        return false;
    };
    let is_plain = |path: &str| !path.contains(['/', '\\', '.']);
    if !is_plain(&path) {
        return false;
    }
    let mut others = 0;
    for row in content.rows().skip(1).flatten() {
        let Some((path, other)) = both(&row) else {
            continue;
        };
        if other.trim() == label.trim() || is_plain(&path) {
            return false;
        }
        others += 1;
    }
    others > 0
}

/// A table's text: after the byte order mark, comments, and the line `sep=;` in which Excel says how columns are separated.
pub(super) struct Text<'a> {
    bytes: &'a [u8],
    /// Where it begins in the file.
    start: usize,
    delimiter: u8,
    has_separator_line: bool,
    /// How many lines stand before the header: comments, and the separator line.
    skipped: u64,
}

impl<'a> Text<'a> {
    /// The text of a file; `is_complete`: whether a header has the columns that it must have.
    pub(super) fn new(
        source: &Utf8Path,
        bytes: &'a [u8],
        is_complete: impl Fn(&[String]) -> bool,
    ) -> Self {
        let mut text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
        let mut skipped = 0;
        while let Some(length) = comment(text, &is_complete) {
            text = &text[length..];
            skipped += 1;
        }
        let separator = separator_line(text);
        if let Some((_, length)) = separator {
            text = &text[length..];
            skipped += 1;
        }
        let delimiter =
            separator.map_or_else(|| delimiter(source, text, is_complete), |(found, _)| found);
        Self {
            bytes: text,
            start: bytes.len() - text.len(),
            delimiter,
            has_separator_line: separator.is_some(),
            skipped,
        }
    }

    /// By what the table is known.
    fn why(&self, has_header: bool) -> String {
        if !has_header {
            return "a table without a header, whose columns go by number".to_owned();
        }
        let mut why = format!(
            "a table, '{}' between the columns",
            char::from(self.delimiter).escape_default()
        );
        if self.has_separator_line {
            why += ", as its first line says";
        }
        match self.skipped - u64::from(self.has_separator_line) {
            0 => why,
            comments => format!("{why}, after {comments} lines of comment"),
        }
    }

    pub(super) fn rows(&self) -> Rows<'a> {
        Rows {
            start: self.start,
            line: 1 + self.skipped,
            ..Rows::new(self.bytes, self.delimiter)
        }
    }
}

/// The length of a line that is a comment: it begins with `#` and is no header.
fn comment(text: &[u8], is_complete: impl Fn(&[String]) -> bool) -> Option<usize> {
    let line = text.strip_prefix(b"#")?;
    let end = line.iter().position(|byte| *byte == b'\n')? + 2;
    let is_header = |delimiter: &u8| {
        let first = Rows::new(&text[..end], *delimiter).next();
        first.is_some_and(|first| first.is_ok_and(|header| is_complete(&header.fields)))
    };
    (!DELIMITERS.iter().any(is_header)).then_some(end)
}

/// The separator that a first line `sep=;` names, and the line's length.
fn separator_line(text: &[u8]) -> Option<(u8, usize)> {
    let end = text.iter().position(|byte| *byte == b'\n')?;
    let line = text[..end].trim_ascii_end();
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    match line.get(..4)?.to_ascii_lowercase().as_slice() {
        b"sep=" => {
            // A tab at the end of the line has been trimmed away.
            let separator = *line.get(4).unwrap_or(&b'\t');
            Some((separator, end + 1))
        }
        _ => None,
    }
}

/// Whether the text begins with a header that has the columns.
pub(super) fn fits(source: &Utf8Path, bytes: &[u8], wanted: Wanted<'_>) -> bool {
    match Text::new(source, bytes, |header| wanted.is_complete(header))
        .rows()
        .next()
    {
        Some(Ok(header)) => wanted.is_complete(&header.fields),
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

/// A row of a table: its fields as text, and its bytes.
pub(super) struct Row<'a> {
    /// The line at which it begins, from 1.
    pub(super) line: u64,
    /// Where its bytes begin in the file.
    start: usize,
    /// Its bytes, some of its line end perhaps among them.
    raw: &'a [u8],
    pub(super) fields: Vec<String>,
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
pub(super) struct Rows<'a> {
    bytes: &'a [u8],
    /// Where they begin in the file.
    start: usize,
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
            start: 0,
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
                start: self.start + self.counted,
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
fn delimiter(source: &Utf8Path, bytes: &[u8], is_complete: impl Fn(&[String]) -> bool) -> u8 {
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
        .find(|(_, header)| is_complete(header))
        .or_else(widest)
        .map_or(DELIMITERS[0], |(delimiter, _)| *delimiter)
}
