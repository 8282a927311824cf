//! Writing: columns of plain vectors become a file.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use polars::io::parquet::write::KeyValueMetadata;
use polars::prelude::*;
use polars_parquet::write::schema_to_metadata_key;

use super::{COLUMNS_KEY, SCHEMA, SCHEMA_KEY, TableError};

/// A table to be written, column by column; all columns have the same length.
#[derive(Debug, Default)]
pub(in crate::report) struct TableWriter {
    columns: Vec<Column>,
    descriptions: BTreeMap<String, String>,
}

/// Adds a method that appends a column of plain values.
macro_rules! plain_column {
    ($(#[$doc:meta])* $name:ident, $value:ty) => {
        $(#[$doc])*
        pub(in crate::report) fn $name(mut self, name: &str, values: impl Iterator<Item = $value>) -> Self {
            self.columns.push(Column::new(name.into(), values.collect::<Vec<_>>()));
            self
        }
    };
}

impl TableWriter {
    plain_column!(text, String);
    plain_column!(optional_text, Option<String>);
    plain_column!(u8, u8);
    plain_column!(u16, u16);
    plain_column!(u32, u32);
    plain_column!(optional_u32, Option<u32>);
    plain_column!(f32, f32);
    plain_column!(optional_f32, Option<f32>);
    plain_column!(bool, bool);
    plain_column!(optional_bool, Option<bool>);

    /// Appends a column of lists of numbers; `None` is a null.
    pub(in crate::report) fn f32_list<'a>(
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
    pub(in crate::report) fn u32_list<'a>(
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
    pub(in crate::report) fn text_list<'a>(
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
    pub(in crate::report) fn describe<'a>(
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

    /// Writes the table: zstd, under a temporary name first, so that a reader never sees half a file.
    pub(in crate::report) fn write(self, path: &Utf8Path) -> Result<(), TableError> {
        let parquet = |source| TableError::Parquet {
            path: path.to_owned(),
            source: Box::new(source),
        };
        let height = self.columns.first().map_or(0, Column::len);
        let mut frame = DataFrame::new(height, self.columns).map_err(parquet)?;
        let temporary = Utf8PathBuf::from(format!("{path}.tmp"));
        let mut file = fs_err::File::create(&temporary).map_err(TableError::File)?;
        let descriptions = serde_json::to_string(&self.descriptions).unwrap_or_default();
        // Left to itself, polars names its newest types, and pandas cannot read a list of those.
        let types = schema_to_metadata_key(&frame.schema().to_arrow(CompatLevel::oldest()));
        let metadata = KeyValueMetadata::from_static(vec![
            (types.key, types.value.unwrap_or_default()),
            (SCHEMA_KEY.to_owned(), SCHEMA.to_string()),
            (COLUMNS_KEY.to_owned(), descriptions),
        ]);
        ParquetWriter::new(&mut file)
            .with_compression(ParquetCompression::Zstd(None))
            .with_key_value_metadata(Some(metadata))
            .finish(&mut frame)
            .map_err(parquet)?;
        file.sync_all().map_err(TableError::File)?;
        fs_err::rename(&temporary, path).map_err(TableError::File)
    }
}
