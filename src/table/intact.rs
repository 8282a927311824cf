//! What a Parquet file says of its own sizes, checked before polars believes it: polars reserves memory for as many values as a
//! damaged page names, and a reservation that fails ends the program.

use std::io::Cursor;

use polars::prelude::{ParquetReader, PolarsError, PolarsResult, SerReader as _};
use polars_buffer::Buffer;
use polars_parquet::parquet::page::CompressedPage;
use polars_parquet::parquet::read::{PageReader, get_page_iterator};
use polars_parquet::read::{ColumnChunkMetadata, RowGroupMetadata};

/// Opens the bytes of a file after a look at the header of each page, which unpacks nothing.
///
/// # Errors
/// The bytes are not Parquet; a column chunk lies outside them, or holds another number of values than its pages or its rows; a
/// page of data would be larger unpacked than its whole chunk.
pub(super) fn open(bytes: &Buffer<u8>) -> PolarsResult<ParquetReader<Cursor<Buffer<u8>>>> {
    let mut reader = ParquetReader::new(Cursor::new(bytes.clone()));
    let metadata = reader.get_metadata()?;
    let rows = |group: &RowGroupMetadata| group.num_rows() as u128;
    require(
        metadata.row_groups.iter().map(rows).sum::<u128>() == metadata.num_rows as u128,
        "the file has other rows than its row groups",
    )?;
    for group in &metadata.row_groups {
        for column in group.parquet_columns() {
            let is_flat = column.descriptor().descriptor.max_rep_level == 0;
            require(
                !is_flat || usize::try_from(column.num_values()) == Ok(group.num_rows()),
                "a column has other rows than its row group",
            )?;
            let range = column.byte_range();
            require(
                range.start <= range.end && range.end <= bytes.len() as u64,
                "a column lies outside the file",
            )?;
            let chunk = bytes.clone().sliced(..range.end as usize);
            let pages = get_page_iterator(column, Cursor::new(chunk), Vec::new(), bytes.len())?;
            check_pages(column, pages)?;
        }
    }
    Ok(reader)
}

/// Compares the pages of a column chunk with what the chunk says of itself.
fn check_pages(column: &ColumnChunkMetadata, pages: PageReader) -> PolarsResult<()> {
    let mut left = usize::try_from(column.num_values()).unwrap_or(0);
    let largest = usize::try_from(column.uncompressed_size()).unwrap_or(0);
    for page in pages {
        let CompressedPage::Data(page) = page? else {
            continue;
        };
        require(
            page.uncompressed_size() <= largest,
            "a page is larger than its column",
        )?;
        left = left
            .checked_sub(page.num_values())
            .ok_or_else(|| damaged("a page has more values than its column"))?;
    }
    require(left == 0, "a column has more values than its pages")
}

fn require(holds: bool, otherwise: &'static str) -> PolarsResult<()> {
    holds.then_some(()).ok_or_else(|| damaged(otherwise))
}

fn damaged(what: &'static str) -> PolarsError {
    PolarsError::ComputeError(what.into())
}
