//! Reading: a file becomes columns of plain vectors.

use std::io::Cursor;

use camino::{Utf8Path, Utf8PathBuf};
use polars::prelude::*;
use polars_buffer::Buffer;

use super::unpack::{flat_lists, numbers, split_lists};
use super::{Lists, Runs, SCHEMA, SCHEMA_KEY, TableError, guarded, intact};
use crate::file_system::Map;

/// A table that was read.
#[derive(Debug)]
pub(crate) struct TableReader {
    path: Utf8PathBuf,
    frame: DataFrame,
}

/// A file of which nothing but the metadata was read.
pub(super) type Opened = ParquetReader<Cursor<Buffer<u8>>>;

/// The bytes of a file, read as they are needed.
pub(super) fn bytes(path: &Utf8Path) -> Result<Buffer<u8>, TableError> {
    // Tables are written aside and moved to their place, so that who has opened one keeps it as it was.
    let file = fs_err::File::open(path).map_err(TableError::File)?;
    let length = file.metadata().map_err(TableError::File)?.len();
    let map = Map::new(&file, length).map_err(TableError::File)?;
    Ok(Buffer::from_owner(map))
}

/// Opens the bytes of a file and checks its schema.
pub(super) fn checked(path: &Utf8Path, bytes: &Buffer<u8>) -> Result<Opened, TableError> {
    let mut reader = intact::open(bytes).map_err(parquet(path))?;
    let metadata = reader.get_metadata().map_err(parquet(path))?;
    let mut notes = metadata.key_value_metadata().iter().flatten();
    let schema = notes
        .find(|entry| entry.key == SCHEMA_KEY)
        .and_then(|entry| entry.value.as_ref()?.parse::<u32>().ok());
    match schema {
        None => Err(TableError::Foreign {
            path: path.to_owned(),
        }),
        Some(SCHEMA) => Ok(reader),
        Some(found) => Err(TableError::Schema {
            path: path.to_owned(),
            found,
        }),
    }
}

/// The error of a file that polars cannot read.
pub(super) fn parquet(path: &Utf8Path) -> impl Fn(PolarsError) -> TableError {
    let path = path.to_owned();
    move |source| TableError::Parquet {
        path: path.clone(),
        source: Box::new(source),
    }
}

/// Adds a method that returns a column of numbers; a null is an error.
macro_rules! read_column {
    ($name:ident, $value:ty, $expected:literal) => {
        pub(crate) fn $name(&self, name: &str) -> Result<Vec<$value>, TableError> {
            self.frame
                .column(name)
                .ok()
                .and_then(|column| numbers(column.$name().ok()?))
                .ok_or_else(|| self.bad_column(name, $expected))
        }
    };
}

impl TableReader {
    read_column!(u8, u8, "u8");
    read_column!(u16, u16, "u16");
    read_column!(u32, u32, "u32");
    read_column!(f32, f32, "f32");

    /// A column of truth values; a null is an error.
    pub(crate) fn bool(&self, name: &str) -> Result<Vec<bool>, TableError> {
        self.optional_bool(name)?
            .into_iter()
            .collect::<Option<_>>()
            .ok_or_else(|| self.bad_column(name, "bool"))
    }

    /// Opens a file and checks its schema.
    pub(crate) fn read(path: &Utf8Path) -> Result<Self, TableError> {
        Self::read_where(path, |_name| true)
    }

    /// Opens a file, checks its schema, and reads those of `columns` that it has.
    pub(crate) fn read_columns(path: &Utf8Path, columns: &[&str]) -> Result<Self, TableError> {
        Self::read_where(path, |name| columns.contains(&name))
    }

    /// Opens a file, checks its schema, and reads the columns whose names are `wanted`.
    pub(crate) fn read_where(
        path: &Utf8Path,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Self, TableError> {
        guarded(path, || Self::parse(path, wanted))
    }

    fn parse(path: &Utf8Path, wanted: impl Fn(&str) -> bool) -> Result<Self, TableError> {
        Self::finish(path, checked(path, &bytes(path)?)?, wanted)
    }

    /// Reads the columns that are `wanted`.
    pub(super) fn finish(
        path: &Utf8Path,
        mut reader: Opened,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Self, TableError> {
        let schema = reader.schema().map_err(parquet(path))?;
        let names = schema.iter_names().map(ToString::to_string);
        let columns = names.filter(|name| wanted(name)).collect();
        reader = reader.with_columns(Some(columns));
        Ok(Self {
            path: path.to_owned(),
            frame: reader.finish().map_err(parquet(path))?,
        })
    }

    /// Number of rows.
    pub(crate) fn height(&self) -> usize {
        self.frame.height()
    }

    /// The names of all columns, in order.
    pub(crate) fn column_names(&self) -> Vec<String> {
        self.frame
            .get_column_names()
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    /// A column of words.
    pub(crate) fn text(&self, name: &str) -> Result<Vec<String>, TableError> {
        self.optional_text(name)?
            .into_iter()
            .collect::<Option<_>>()
            .ok_or_else(|| self.bad_column(name, "str"))
    }

    /// A column of words, with nulls.
    pub(crate) fn optional_text(&self, name: &str) -> Result<Vec<Option<String>>, TableError> {
        let column = self.column(name, "str")?;
        let values = column
            .str()
            .map_err(|_wrong_type| self.bad_column(name, "str"))?;
        Ok(values
            .iter()
            .map(|value| value.map(str::to_owned))
            .collect())
    }

    /// What `of` makes of each word of a column, without a copy of the words. It is not asked again for each row of a word
    /// that repeats.
    pub(crate) fn map_text<T: Clone>(
        &self,
        name: &str,
        mut of: impl FnMut(&str) -> T,
    ) -> Result<Vec<T>, TableError> {
        let values = self.words(name)?;
        let mut mapped = Vec::with_capacity(values.len());
        for chunk in values.downcast_iter() {
            let mut known = Known::default();
            for (view, word) in chunk.views().iter().zip(chunk.values_iter()) {
                mapped.push(known.get(view.as_u128(), || of(word)));
            }
        }
        Ok(mapped)
    }

    /// A column of words that repeat.
    pub(crate) fn text_runs(&self, name: &str) -> Result<Runs, TableError> {
        let mut runs = Runs::default();
        for chunk in self.words(name)?.downcast_iter() {
            let mut rest = chunk.views().as_slice();
            while let Some(first) = rest.first() {
                let first_row = chunk.len() - rest.len();
                let others = rest.iter().position(|view| view != first);
                let rows = others.unwrap_or(rest.len());
                runs.extend(chunk.value(first_row), rows);
                rest = &rest[rows..];
            }
        }
        Ok(runs)
    }

    /// A column of words, none of them null.
    fn words(&self, name: &str) -> Result<&StringChunked, TableError> {
        let column = self.column(name, "str")?;
        let words = column.str().ok().filter(|words| words.null_count() == 0);
        words.ok_or_else(|| self.bad_column(name, "str"))
    }

    /// A column of numbers, with nulls.
    pub(crate) fn optional_f32(&self, name: &str) -> Result<Vec<Option<f32>>, TableError> {
        let column = self.column(name, "f32")?;
        let values = column
            .f32()
            .map_err(|_wrong_type| self.bad_column(name, "f32"))?;
        Ok(values.iter().collect())
    }

    /// A column of counts, with nulls.
    pub(crate) fn optional_u32(&self, name: &str) -> Result<Vec<Option<u32>>, TableError> {
        let column = self.column(name, "u32")?;
        let values = column
            .u32()
            .map_err(|_wrong_type| self.bad_column(name, "u32"))?;
        Ok(values.iter().collect())
    }

    /// A column of truth values, with nulls.
    pub(crate) fn optional_bool(&self, name: &str) -> Result<Vec<Option<bool>>, TableError> {
        let column = self.column(name, "bool")?;
        let values = column
            .bool()
            .map_err(|_wrong_type| self.bad_column(name, "bool"))?;
        Ok(values.iter().collect())
    }

    /// A column of lists of numbers; a null becomes `None`.
    pub(crate) fn f32_list(&self, name: &str) -> Result<Vec<Option<Vec<f32>>>, TableError> {
        let column = self.column(name, "list[f32]")?;
        split_lists(column, |values| numbers(values.f32().ok()?))
            .ok_or_else(|| self.bad_column(name, "list[f32]"))
    }

    /// A column of lists of numbers; a null is an empty list.
    pub(crate) fn f32_lists(&self, name: &str) -> Result<Lists<f32>, TableError> {
        let column = self.column(name, "list[f32]")?;
        flat_lists(column, |values| values.f32().ok())
            .ok_or_else(|| self.bad_column(name, "list[f32]"))
    }

    /// A column of lists of words.
    pub(crate) fn text_list(&self, name: &str) -> Result<Vec<Vec<String>>, TableError> {
        let column = self.column(name, "list[str]")?;
        let words = |values: &Series| {
            let words = values.str().ok()?.iter();
            words.map(|word| word.map(str::to_owned)).collect()
        };
        split_lists(column, words)
            .and_then(|lists| lists.into_iter().collect())
            .ok_or_else(|| self.bad_column(name, "list[str]"))
    }

    /// A column of lists of counts; empty for nulls.
    pub(crate) fn u32_lists(&self, name: &str) -> Result<Lists<u32>, TableError> {
        let column = self.column(name, "list[u32]")?;
        flat_lists(column, |values| values.u32().ok())
            .ok_or_else(|| self.bad_column(name, "list[u32]"))
    }

    fn column(&self, name: &str, expected: &'static str) -> Result<&Column, TableError> {
        self.frame
            .column(name)
            .map_err(|_missing| self.bad_column(name, expected))
    }

    /// The error of a column that is not as it should be.
    pub(crate) fn bad_column(&self, column: &str, expected: &'static str) -> TableError {
        TableError::Column {
            path: self.path.clone(),
            column: column.to_owned(),
            expected,
        }
    }
}

/// What was made of the last words of a column, by their views: within a chunk, equal views are of equal words, and a word
/// of a Parquet dictionary has one view for all of its rows.
struct Known<T> {
    made: Vec<(u128, T)>,
    last: usize,
}

impl<T> Default for Known<T> {
    fn default() -> Self {
        Self {
            made: Vec::new(),
            last: 0,
        }
    }
}

impl<T: Clone> Known<T> {
    /// As many as a column of classes has.
    const MOST: usize = 32;

    fn get(&mut self, view: u128, make: impl FnOnce() -> T) -> T {
        if self
            .made
            .get(self.last)
            .is_none_or(|(known, _)| *known != view)
        {
            let place = self.made.iter().position(|(known, _)| *known == view);
            self.last = place.unwrap_or_else(|| {
                let made = (view, make());
                if self.made.len() < Self::MOST {
                    self.made.push(made);
                    self.made.len() - 1
                } else {
                    // The next one after the last: those that were asked for most lately stay longest.
                    let next = (self.last + 1) % Self::MOST;
                    self.made[next] = made;
                    next
                }
            });
        }
        self.made[self.last].1.clone()
    }
}
