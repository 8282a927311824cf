//! Tables that other programs wrote: types are taken as they come and cast.

use camino::{Utf8Path, Utf8PathBuf};
use polars::prelude::*;

use super::TableError;
use super::reader::split_lists;

/// A table of unknown origin.
#[derive(Debug)]
pub(crate) struct ForeignReader {
    path: Utf8PathBuf,
    frame: DataFrame,
}

impl ForeignReader {
    /// Opens a Parquet file of whatever origin.
    pub(crate) fn read(path: &Utf8Path) -> Result<Self, TableError> {
        let file = fs_err::File::open(path).map_err(TableError::File)?;
        let frame = ParquetReader::new(file.into_file())
            .finish()
            .map_err(|source| TableError::Parquet {
                path: path.to_owned(),
                source: Box::new(source),
            })?;
        Ok(Self {
            path: path.to_owned(),
            frame,
        })
    }

    /// A column of lists of numbers, without nulls.
    pub(crate) fn f32_lists(&self, name: &str) -> Result<Vec<Vec<f32>>, TableError> {
        let bad = || self.bad(name, "list of numbers");
        let column = self.frame.column(name).map_err(|_missing| bad())?;
        let lists = column
            .cast(&DataType::List(Box::new(DataType::Float32)))
            .map_err(|_wrong_type| bad())?;
        split_lists(&lists, |values| values.f32().ok()?.iter().collect())
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
