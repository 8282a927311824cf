//! Tables that other programs wrote: a column is read when it is asked for, and its type is taken as it comes and cast.
//!
//! Columns that nobody asks for are never read, so that a rare type keeps nobody from the others.

mod kind;
mod rewrite;

use std::io::Cursor;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use half::f16;
use polars::prelude::*;
use polars_buffer::Buffer;
use polars_parquet::parquet::metadata::FileMetadata;

pub(crate) use self::kind::ForeignColumn;
pub(crate) use self::rewrite::NewColumn;
use super::unpack::split_lists;
use super::{TableError, guarded, intact};

/// A table of unknown origin, of which nothing but the metadata was read.
#[derive(Debug)]
pub(crate) struct ForeignReader {
    path: Utf8PathBuf,
    bytes: Buffer<u8>,
    metadata: Arc<FileMetadata>,
    columns: Vec<ForeignColumn>,
}

impl ForeignReader {
    /// Opens the bytes of a Parquet file; `path` names it in errors.
    pub(crate) fn of_bytes(path: &Utf8Path, bytes: &[u8]) -> Result<Self, TableError> {
        let bytes: Buffer<u8> = bytes.to_vec().into();
        guarded(path, || {
            let opened = intact::open(&bytes)
                .and_then(|mut reader| kind::plain(reader.get_metadata()?))
                .map_err(|source| TableError::Parquet {
                    path: path.to_owned(),
                    source: Box::new(source),
                });
            let (metadata, columns) = opened?;
            Ok(Self {
                path: path.to_owned(),
                bytes,
                metadata: Arc::new(metadata),
                columns,
            })
        })
    }

    /// The columns, in order.
    pub(crate) fn columns(&self) -> &[ForeignColumn] {
        &self.columns
    }

    /// How many rows there are.
    pub(crate) fn height(&self) -> usize {
        self.metadata.num_rows
    }

    /// The columns at some places, which can be read.
    fn frame(&self, places: Vec<usize>) -> Result<DataFrame, TableError> {
        guarded(&self.path, || {
            let mut reader = ParquetReader::new(Cursor::new(self.bytes.clone()));
            reader.set_metadata(Arc::clone(&self.metadata));
            reader
                .with_projection(Some(places))
                .finish()
                .map_err(|source| TableError::Parquet {
                    path: self.path.clone(),
                    source: Box::new(source),
                })
        })
    }

    /// The columns with one word or number a row, as words and in order; nothing becomes an empty word.
    pub(crate) fn texts(&self) -> Result<Vec<(String, Vec<String>)>, TableError> {
        let is_text = |&place: &usize| {
            let column = &self.columns[place];
            column.is_read && !column.is_list && !column.is_half
        };
        let frame = self.frame((0..self.columns.len()).filter(is_text).collect())?;
        let texts = |column: &Column| {
            let words = column.cast(&DataType::String).ok()?;
            let words = words.str().ok()?;
            let words = words.iter().map(|word| word.unwrap_or_default().to_owned());
            Some((column.name().to_string(), words.collect()))
        };
        Ok(frame.columns().iter().filter_map(texts).collect())
    }

    /// A column that is `expected`, with what the file says of it.
    fn column(
        &self,
        name: &str,
        expected: &'static str,
    ) -> Result<(&ForeignColumn, Column), TableError> {
        let place = self.columns.iter().position(|column| column.name == name);
        let place = place.ok_or_else(|| TableError::NoColumn {
            path: self.path.clone(),
            column: name.to_owned(),
            found: self
                .columns
                .iter()
                .map(|column| column.name.clone())
                .collect(),
        })?;
        let known = &self.columns[place];
        if !known.is_read {
            return Err(self.other_kind(known, expected));
        }
        let frame = self.frame(vec![place])?;
        let read = frame.columns().first().cloned();
        Ok((known, read.ok_or_else(|| self.other_kind(known, expected))?))
    }

    fn other_kind(&self, column: &ForeignColumn, expected: &'static str) -> TableError {
        TableError::Kind {
            path: self.path.clone(),
            column: column.name.clone(),
            kind: column.kind.clone(),
            expected,
        }
    }

    /// A column of lists of numbers; a null list is none, and a null number is not a number.
    pub(crate) fn number_lists(&self, name: &str) -> Result<Vec<Option<Vec<f32>>>, TableError> {
        let (known, column) = self.column(name, "list of numbers")?;
        let split = || {
            if known.is_half {
                return split_lists(&column, |values| Some(halves(values.binary().ok()?)));
            }
            let lists = column
                .cast(&DataType::List(Box::new(DataType::Float32)))
                .ok()?;
            split_lists(&lists, |values| Some(singles(values.f32().ok()?)))
        };
        let is_number = known.is_list && !known.kind.ends_with("string");
        is_number
            .then(split)
            .flatten()
            .ok_or_else(|| self.other_kind(known, "list of numbers"))
    }

    /// A column of numbers; a null is not a number.
    pub(crate) fn numbers(&self, name: &str) -> Result<Vec<f32>, TableError> {
        let (known, column) = self.column(name, "number")?;
        let numbers = || {
            if known.is_half {
                return Some(halves(column.binary().ok()?));
            }
            let is_number = column.dtype().is_primitive_numeric();
            let numbers = is_number.then(|| column.cast(&DataType::Float32).ok())??;
            Some(singles(numbers.f32().ok()?))
        };
        numbers().ok_or_else(|| self.other_kind(known, "number"))
    }

    /// A column of words, or of numbers as words; a null is none.
    pub(crate) fn words(&self, name: &str) -> Result<Vec<Option<String>>, TableError> {
        const EXPECTED: &str = "string or whole number";
        let (known, column) = self.column(name, EXPECTED)?;
        let words = || {
            if known.is_list || known.is_half {
                return None;
            }
            let words = column.cast(&DataType::String).ok()?;
            let words = words.str().ok()?;
            Some(words.iter().map(|word| word.map(str::to_owned)).collect())
        };
        words().ok_or_else(|| self.other_kind(known, EXPECTED))
    }
}

/// Numbers, where a null is not a number.
fn singles(values: &Float32Chunked) -> Vec<f32> {
    values
        .iter()
        .map(|value| value.unwrap_or(f32::NAN))
        .collect()
}

/// Numbers of half precision, two bytes each with the lower one first.
fn halves(values: &BinaryChunked) -> Vec<f32> {
    let number = |bytes: &[u8]| match bytes {
        &[low, high] => f16::from_le_bytes([low, high]).to_f32(),
        _ => f32::NAN,
    };
    values
        .iter()
        .map(|value| value.map_or(f32::NAN, number))
        .collect()
}
