//! A table of whatever columns, read as a file of labels is: the same separators, quotes and problems.

use camino::Utf8Path;

use super::encoding::{decode, refuse_other_kinds};
use super::table::{Row, Text};
use super::{ManifestError, Problem, ProblemKind};

/// A table as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The names of its columns, without the spaces around them.
    pub header: Vec<String>,
    /// Its rows, in order.
    pub rows: Vec<SheetRow>,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetRow {
    /// The line at which it begins, from 1.
    pub line: u64,
    /// Its fields, without the spaces around them; perhaps fewer or more than the header has.
    pub fields: Vec<String>,
}

impl Sheet {
    /// Reads a table with a header line. `wanted`: names of columns by which the separator is found.
    ///
    /// # Errors
    /// Everything that keeps the file from being a table.
    pub fn read(source: &Utf8Path, wanted: &[&str]) -> Result<Self, ManifestError> {
        let has = |header: &[String], column: &str| {
            header
                .iter()
                .any(|name| name.trim().eq_ignore_ascii_case(column))
        };
        Self::read_where(source, |header| {
            wanted.iter().all(|column| has(header, column))
        })
    }

    /// Reads a table with a header line. `fits`: whether these may be its columns, by which the separator is found.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub(super) fn read_where(
        source: &Utf8Path,
        fits: impl Fn(&[String]) -> bool,
    ) -> Result<Self, ManifestError> {
        let bytes = fs_err::read(source).map_err(|cause| {
            let kind = ProblemKind::Unreadable { source: cause };
            ManifestError::one(source, Problem { row: None, kind })
        })?;
        parse(source, &bytes, fits).map_err(|problems| ManifestError::of(source, problems))
    }

    /// The column that has one of these names, in whatever letters; of several the one named first.
    pub fn column(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| {
            let mut columns = self.header.iter();
            columns.position(|column| column.eq_ignore_ascii_case(name))
        })
    }
}

/// Reads a table's bytes, whatever its columns mean. `fits`: whether these may be its columns.
fn parse(
    source: &Utf8Path,
    bytes: &[u8],
    fits: impl Fn(&[String]) -> bool,
) -> Result<Sheet, Vec<Problem>> {
    let (_encoding, bytes) = decode(bytes);
    refuse_other_kinds(&bytes).map_err(|kind| vec![Problem { row: None, kind }])?;
    let text = Text::new(source, &bytes, fits);
    let trimmed = |row: Row<'_>| SheetRow {
        line: row.line,
        fields: row
            .fields
            .iter()
            .map(|field| field.trim().to_owned())
            .collect(),
    };
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    for row in text.rows() {
        match row {
            Ok(row) => rows.push(trimmed(row)),
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    // What a spreadsheet leaves below its table.
    rows.retain(|row| row.fields.len() == 1 || row.fields.iter().any(|field| !field.is_empty()));
    let mut rows = rows.into_iter();
    Ok(Sheet {
        header: rows.next().map(|row| row.fields).unwrap_or_default(),
        rows: rows.collect(),
    })
}
