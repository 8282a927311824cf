//! The same table with other labels, fewer rows and more columns.

use polars::prelude::*;

use super::ForeignReader;
use crate::table::TableError;
use crate::table::writer::to_parquet;

/// A column to be added to a foreign table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum NewColumn {
    /// Words.
    Text(Vec<Option<String>>),
    /// Numbers.
    Number(Vec<Option<f32>>),
}

impl ForeignReader {
    /// The file's bytes with other words in one column, which keeps its type, without the rows that are not `kept`, and with
    /// further columns.
    ///
    /// # Errors
    /// The file has a column that cannot be written again, a word does not fit the column's type, or a column is there twice.
    pub(crate) fn rewritten(
        self,
        (name, words): (&str, &[String]),
        kept: &[bool],
        columns: Vec<(String, NewColumn)>,
    ) -> Result<Vec<u8>, TableError> {
        if let Some(column) = self.columns.iter().find(|column| !column.is_written()) {
            return Err(TableError::Unwritten {
                path: self.path.clone(),
                column: column.name.clone(),
                kind: column.kind.clone(),
            });
        }
        let parquet = |source| TableError::Parquet {
            path: self.path.clone(),
            source: Box::new(source),
        };
        let mut frame = self.frame((0..self.columns.len()).collect())?;
        let known = frame.column(name).map_err(parquet)?;
        let words = Column::new(name.into(), words)
            .strict_cast(&known.dtype().clone())
            .map_err(parquet)?;
        frame.with_column(words).map_err(parquet)?;
        for (name, column) in columns {
            let column = match column {
                NewColumn::Text(values) => Column::new(name.into(), values),
                NewColumn::Number(values) => Column::new(name.into(), values),
            };
            frame.with_column(column).map_err(parquet)?;
        }
        let kept = BooleanChunked::from_slice("kept".into(), kept);
        let mut frame = frame.filter(&kept).map_err(parquet)?;
        let mut bytes = Vec::new();
        to_parquet(&mut bytes, &mut frame, Vec::new()).map_err(parquet)?;
        Ok(bytes)
    }
}
