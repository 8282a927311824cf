//! Tables that other programs wrote: types are taken as they come and cast, and come back as they were.

use camino::{Utf8Path, Utf8PathBuf};
use polars::prelude::*;

use super::unpack::{numbers, split_lists};
use super::writer::to_parquet;
use super::{TableError, guarded, intact};

/// A table of unknown origin.
#[derive(Debug)]
pub(crate) struct ForeignReader {
    path: Utf8PathBuf,
    frame: DataFrame,
    /// Columns of types that cannot be read, which are not in the frame.
    unread: Vec<String>,
}

/// A column to be added to a foreign table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum NewColumn {
    /// Words.
    Text(Vec<Option<String>>),
    /// Numbers.
    Number(Vec<Option<f32>>),
}

impl ForeignReader {
    /// Opens a Parquet file of whatever origin.
    pub(crate) fn read(path: &Utf8Path) -> Result<Self, TableError> {
        let bytes = fs_err::read(path).map_err(TableError::File)?;
        let frame = guarded(path, || {
            intact::open(&bytes.into())
                .and_then(SerReader::finish)
                .map_err(|source| TableError::Parquet {
                    path: path.to_owned(),
                    source: Box::new(source),
                })
        })?;
        Ok(Self {
            path: path.to_owned(),
            frame,
            unread: Vec::new(),
        })
    }

    /// Opens the bytes of a Parquet file, but for columns of rarer types; `path` names it in errors.
    pub(crate) fn of_bytes(path: &Utf8Path, bytes: &[u8]) -> Result<Self, TableError> {
        guarded(path, || Self::parse(path, bytes))
    }

    fn parse(path: &Utf8Path, bytes: &[u8]) -> Result<Self, TableError> {
        let parquet = |source| TableError::Parquet {
            path: path.to_owned(),
            source: Box::new(source),
        };
        let mut reader = intact::open(&bytes.to_vec().into()).map_err(parquet)?;
        let schema = reader.schema().map_err(parquet)?;
        let (read, unread): (Vec<_>, Vec<_>) = schema
            .iter_values()
            .partition(|field| is_read(&field.dtype));
        let names = |fields: Vec<&ArrowField>| -> Vec<String> {
            fields.iter().map(|field| field.name.to_string()).collect()
        };
        let frame = reader
            .with_columns(Some(names(read)))
            .finish()
            .map_err(parquet)?;
        Ok(Self {
            path: path.to_owned(),
            frame,
            unread: names(unread),
        })
    }

    /// The columns with one word or number a row, as words and in order; nothing becomes an empty word.
    pub(crate) fn texts(&self) -> Vec<(String, Vec<String>)> {
        let texts = |column: &Column| {
            let words = column.cast(&DataType::String).ok()?;
            let words = words.str().ok()?;
            let words = words.iter().map(|word| word.unwrap_or_default().to_owned());
            Some((column.name().to_string(), words.collect()))
        };
        let columns = self.frame.columns().iter();
        columns
            .filter(|column| !column.dtype().is_list())
            .filter_map(texts)
            .collect()
    }

    /// The file's bytes with other words in one column, which keeps its type, without the rows that are not `kept`, and with
    /// further columns.
    ///
    /// # Errors
    /// The file has a column that was not read, a word does not fit the column's type, or a column is there twice.
    pub(crate) fn rewritten(
        mut self,
        (name, words): (&str, &[String]),
        kept: &[bool],
        columns: Vec<(String, NewColumn)>,
    ) -> Result<Vec<u8>, TableError> {
        if let Some(column) = self.unread.first() {
            return Err(TableError::Unwritten {
                path: self.path,
                column: column.clone(),
            });
        }
        let parquet = |source| TableError::Parquet {
            path: self.path.clone(),
            source: Box::new(source),
        };
        let known = self.frame.column(name).map_err(parquet)?;
        let words = Column::new(name.into(), words)
            .strict_cast(&known.dtype().clone())
            .map_err(parquet)?;
        self.frame.with_column(words).map_err(parquet)?;
        for (name, column) in columns {
            let column = match column {
                NewColumn::Text(values) => Column::new(name.into(), values),
                NewColumn::Number(values) => Column::new(name.into(), values),
            };
            self.frame.with_column(column).map_err(parquet)?;
        }
        let kept = BooleanChunked::from_slice("kept".into(), kept);
        let mut frame = self.frame.filter(&kept).map_err(parquet)?;
        let mut bytes = Vec::new();
        to_parquet(&mut bytes, &mut frame, Vec::new()).map_err(parquet)?;
        Ok(bytes)
    }

    /// A column of lists of numbers, without nulls.
    pub(crate) fn f32_lists(&self, name: &str) -> Result<Vec<Vec<f32>>, TableError> {
        let bad = || self.bad(name, "list of numbers");
        let column = self.frame.column(name).map_err(|_missing| bad())?;
        let lists = column
            .cast(&DataType::List(Box::new(DataType::Float32)))
            .map_err(|_wrong_type| bad())?;
        split_lists(&lists, |values| numbers(values.f32().ok()?))
            .and_then(|lists| lists.into_iter().collect::<Option<_>>())
            .ok_or_else(bad)
    }

    /// A column of words, or of whole numbers as words; whether they were numbers.
    pub(crate) fn words_or_numbers(&self, name: &str) -> Result<(Vec<String>, bool), TableError> {
        let bad = || self.bad(name, "str or whole number");
        let column = self.frame.column(name).map_err(|_missing| bad())?;
        let are_numbers = column.dtype().is_integer();
        let words = column
            .cast(&DataType::String)
            .map_err(|_wrong_type| bad())?;
        let words = words.str().map_err(|_wrong_type| bad())?;
        let words: Option<Vec<String>> = words.iter().map(|word| word.map(str::to_owned)).collect();
        Ok((words.ok_or_else(bad)?, are_numbers))
    }

    /// A column of words or whole numbers as words; nothing where there is none.
    pub(crate) fn words_if_there(&self, name: &str) -> Result<Option<Vec<String>>, TableError> {
        if self.frame.column(name).is_err() {
            return Ok(None);
        }
        self.words_or_numbers(name).map(|(words, _)| Some(words))
    }

    fn bad(&self, column: &str, expected: &'static str) -> TableError {
        TableError::Column {
            path: self.path.clone(),
            column: column.to_owned(),
            expected,
        }
    }
}

/// Whether columns of this type can be read and written with the types that this program is built with.
fn is_read(kind: &ArrowDataType) -> bool {
    use ArrowDataType as A;
    match kind {
        A::Boolean
        | A::UInt8
        | A::UInt16
        | A::UInt32
        | A::UInt64
        | A::Int32
        | A::Int64
        | A::Float32
        | A::Float64
        | A::Utf8
        | A::LargeUtf8
        | A::Utf8View => true,
        A::List(field) | A::LargeList(field) => is_read(&field.dtype),
        _ => false,
    }
}
