//! The format `csv`: a table with a header line that has at least the columns `path` and `label`.
//!
//! `id` and `group` are understood where they are there; every other column is kept for the export. Columns may come in
//! any order and are separated by comma, tab, semicolon or `|`; quotes, a byte order mark and Windows line ends are
//! understood.

use camino::Utf8Path;
use csv::{ByteRecord, Reader, ReaderBuilder};

use super::{Entries, Entry, Problem, ProblemKind};

/// Column separators, the likeliest first.
const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads a table's bytes; `source` only tells a `.tsv` from a `.csv`.
pub(super) fn parse(source: &Utf8Path, bytes: &[u8]) -> Entries {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let mut read = Entries::default();
    let mut rows = Rows::new(bytes, delimiter(source, bytes));
    let columns = match rows.next() {
        None => return read,
        Some(Err(problem)) => Err(vec![problem]),
        Some(Ok((row, header))) => Columns::find(&header).map_err(|kinds| {
            let at_row = |kind| Problem {
                row: Some(row),
                kind,
            };
            kinds.into_iter().map(at_row).collect()
        }),
    };
    let columns = match columns {
        Ok(columns) => columns,
        Err(problems) => {
            read.problems = problems;
            return read;
        }
    };
    for row in &mut rows {
        match row {
            Err(problem) => read.problems.push(problem),
            Ok((row, fields)) if fields.len() != columns.count => read.problems.push(Problem {
                row: Some(row),
                kind: ProblemKind::Ragged {
                    expected: columns.count,
                    found: fields.len(),
                },
            }),
            Ok((row, fields)) => read.list.push(columns.entry(row, &fields)),
        }
    }
    read.extra_columns = columns.extra.into_iter().map(|(_, name)| name).collect();
    read
}

/// Where the columns are.
struct Columns {
    count: usize,
    path: usize,
    label: usize,
    id: Option<usize>,
    group: Option<usize>,
    extra: Vec<(usize, String)>,
}

impl Columns {
    fn find(header: &[String]) -> Result<Self, Vec<ProblemKind>> {
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
        let (path, label, id, group) = (find("path"), find("label"), find("id"), find("group"));
        for (column, index) in [("path", path), ("label", label)] {
            if index.is_none() {
                problems.push(ProblemKind::MissingColumn {
                    column,
                    found: header.to_vec(),
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

    /// The entry of a row that has as many fields as the header.
    fn entry(&self, row: u64, fields: &[String]) -> Entry {
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

impl Iterator for Rows<'_> {
    type Item = Result<(u64, Vec<String>), Problem>;

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
            return Some(Ok((row, fields)));
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
fn delimiter(source: &Utf8Path, bytes: &[u8]) -> u8 {
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
            Some(Ok((_, header))) => Some((delimiter, header)),
            _ => None,
        })
        .collect();
    let complete = |header: &[String]| {
        let has = |column| header.iter().any(|written| is_column(written, column));
        has("path") && has("label")
    };
    // The first of equals, so that the likelier delimiter wins.
    let widest = || headers.iter().rev().max_by_key(|(_, header)| header.len());
    headers
        .iter()
        .find(|(_, header)| complete(header))
        .or_else(widest)
        .map_or(DELIMITERS[0], |(delimiter, _)| *delimiter)
}
