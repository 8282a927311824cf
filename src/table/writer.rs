//! Writing: columns of plain vectors become a file.

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::Range;

use camino::Utf8Path;
use polars::io::parquet::write::KeyValueMetadata;
use polars::prelude::*;
use polars_parquet::write::schema_to_metadata_key;

use super::{COLUMNS_KEY, SCHEMA, SCHEMA_KEY, TableError};
use crate::whole::WholeFile;

/// Rows of a part of a long table, as polars has them in a group of rows.
const PART: usize = 512 * 512;

/// A table to be written, column by column; all columns have the same length.
#[derive(Debug, Default)]
pub(crate) struct TableWriter {
    columns: Vec<Column>,
    descriptions: BTreeMap<String, String>,
}

/// Adds a method that appends a column of plain values.
macro_rules! plain_column {
    ($(#[$doc:meta])* $name:ident, $value:ty) => {
        $(#[$doc])*
        pub(crate) fn $name(mut self, name: &str, values: impl Iterator<Item = $value>) -> Self {
            self.columns.push(Column::new(name.into(), values.collect::<Vec<_>>()));
            self
        }
    };
}

impl TableWriter {
    plain_column!(u8, u8);
    plain_column!(u16, u16);
    plain_column!(u32, u32);
    plain_column!(optional_u32, Option<u32>);
    plain_column!(f32, f32);
    plain_column!(optional_f32, Option<f32>);
    plain_column!(bool, bool);
    plain_column!(optional_bool, Option<bool>);

    /// Appends a column of words.
    pub(crate) fn text(mut self, name: &str, values: impl Iterator<Item: AsRef<str>>) -> Self {
        let values = StringChunked::from_iter_values(name.into(), values);
        self.columns.push(values.into_column());
        self
    }

    /// Appends a column of words; `None` is a null.
    pub(crate) fn optional_text(
        mut self,
        name: &str,
        values: impl Iterator<Item = Option<impl AsRef<str>>>,
    ) -> Self {
        let values = StringChunked::from_iter_options(name.into(), values);
        self.columns.push(values.into_column());
        self
    }

    /// Appends a column of lists of numbers; `None` is a null.
    pub(crate) fn f32_list<'a>(
        mut self,
        name: &str,
        values: impl Iterator<Item = Option<&'a [f32]>>,
    ) -> Self {
        let mut builder =
            ListPrimitiveChunkedBuilder::<Float32Type>::new(name.into(), 0, 0, DataType::Float32);
        for value in values {
            match value {
                Some(value) => builder.append_slice(value),
                None => builder.append_null(),
            }
        }
        self.columns.push(builder.finish().into_column());
        self
    }

    /// Appends a column of lists of counts.
    pub(crate) fn u32_list<'a>(
        mut self,
        name: &str,
        values: impl Iterator<Item = &'a [u32]>,
    ) -> Self {
        let mut builder =
            ListPrimitiveChunkedBuilder::<UInt32Type>::new(name.into(), 0, 0, DataType::UInt32);
        for value in values {
            builder.append_slice(value);
        }
        self.columns.push(builder.finish().into_column());
        self
    }

    /// Appends a column of lists of words.
    pub(crate) fn text_list<'a>(
        mut self,
        name: &str,
        values: impl Iterator<Item = &'a [String]>,
    ) -> Self {
        let mut builder = ListStringChunkedBuilder::new(name.into(), 0, 0);
        for value in values {
            builder.append_values_iter(value.iter().map(String::as_str));
        }
        self.columns.push(builder.finish().into_column());
        self
    }

    /// Says what columns mean; names of columns that the table does not have are left out.
    pub(crate) fn describe<'a>(
        mut self,
        descriptions: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let has = |name: &str| self.columns.iter().any(|column| column.name() == name);
        let known: Vec<(String, String)> = descriptions
            .into_iter()
            .filter(|(name, _)| has(name))
            .map(|(name, words)| (name.to_owned(), words.to_owned()))
            .collect();
        self.descriptions.extend(known);
        self
    }

    /// Writes the table; a reader never sees half a file.
    pub(crate) fn write(self, path: &Utf8Path) -> Result<(), TableError> {
        let mut file = WholeFile::create(path).map_err(TableError::File)?;
        self.write_to(&mut file, path)?;
        file.finish().map_err(TableError::File)
    }

    /// Writes a long table in parts, one below the other, of which one at a time is in memory: of at most [`PART`] rows each.
    /// `part` makes that of some rows.
    pub(crate) fn write_parts(
        path: &Utf8Path,
        rows: usize,
        part: impl Fn(Range<usize>) -> Self,
    ) -> Result<(), TableError> {
        let parquet = |source| TableError::Parquet {
            path: path.to_owned(),
            source: Box::new(source),
        };
        let mut file = WholeFile::create(path).map_err(TableError::File)?;
        let first = part(0..rows.min(PART));
        let notes = first.notes();
        let first = first.frame().map_err(parquet)?;
        let mut writer = writer(&mut file, &first, notes)
            .batched(first.schema())
            .map_err(parquet)?;
        if rows > 0 {
            writer.write_batch(&first).map_err(parquet)?;
        }
        drop(first);
        for start in (PART..rows).step_by(PART) {
            let frame = part(start..rows.min(start + PART)).frame();
            let frame = frame.map_err(parquet)?;
            writer.write_batch(&frame).map_err(parquet)?;
        }
        writer.finish().map_err(parquet)?;
        drop(writer);
        file.finish().map_err(TableError::File)
    }

    /// The bytes of the file.
    pub(crate) fn into_bytes(self) -> Result<Vec<u8>, TableError> {
        let mut bytes = Vec::new();
        self.write_to(&mut bytes, Utf8Path::new("memory"))?;
        Ok(bytes)
    }

    /// Writes the table with zstd; `path` names it in errors.
    fn write_to(self, sink: impl Write, path: &Utf8Path) -> Result<(), TableError> {
        let parquet = |source| TableError::Parquet {
            path: path.to_owned(),
            source: Box::new(source),
        };
        let notes = self.notes();
        let mut frame = self.frame().map_err(parquet)?;
        to_parquet(sink, &mut frame, notes).map_err(parquet)
    }

    fn frame(self) -> PolarsResult<DataFrame> {
        let height = self.columns.first().map_or(0, Column::len);
        DataFrame::new(height, self.columns)
    }

    /// What the file says of itself.
    fn notes(&self) -> Vec<(String, String)> {
        let descriptions = serde_json::to_string(&self.descriptions).unwrap_or_default();
        vec![
            (SCHEMA_KEY.to_owned(), SCHEMA.to_string()),
            (COLUMNS_KEY.to_owned(), descriptions),
        ]
    }
}

/// Writes a frame with zstd, and notes about it.
pub(super) fn to_parquet(
    sink: impl Write,
    frame: &mut DataFrame,
    notes: Vec<(String, String)>,
) -> PolarsResult<()> {
    writer(sink, frame, notes).finish(frame)?;
    Ok(())
}

fn writer<W: Write>(sink: W, frame: &DataFrame, notes: Vec<(String, String)>) -> ParquetWriter<W> {
    // Left to itself, polars names its newest types, and pandas cannot read a list of those.
    let types = schema_to_metadata_key(&frame.schema().to_arrow(CompatLevel::oldest()));
    let mut all = vec![(types.key, types.value.unwrap_or_default())];
    all.extend(notes);
    ParquetWriter::new(sink)
        .with_compression(ParquetCompression::Zstd(None))
        .with_key_value_metadata(Some(KeyValueMetadata::from_static(all)))
}
