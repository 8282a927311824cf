//! Parquet files as tables of plain vectors; the only place that knows polars.
//!
//! Every file carries the metadata key `rdfer_audit.schema`. A reader refuses any other version by name.

mod foreign;
mod groups;
mod intact;
mod lists;
mod reader;
mod unpack;
mod writer;

use std::panic::{AssertUnwindSafe, catch_unwind};

use camino::{Utf8Path, Utf8PathBuf};
use polars::prelude::PolarsError;
use thiserror::Error;

pub(crate) use self::foreign::{ForeignReader, NewColumn};
pub(crate) use self::lists::{Lists, Runs};
pub(crate) use self::reader::TableReader;
pub(crate) use self::writer::TableWriter;

/// The version of the Parquet files that this program writes.
pub const SCHEMA: u32 = 2;

const SCHEMA_KEY: &str = "rdfer_audit.schema";

/// Under this key stands a JSON object: what each column means, by its name.
const COLUMNS_KEY: &str = "rdfer_audit.columns";

/// A Parquet file that could not be written or read.
#[derive(Debug, Error)]
pub enum TableError {
    /// The file cannot be created, opened or renamed.
    #[error("cannot access a report file")]
    File(#[source] std::io::Error),
    /// The file is not Parquet, or is damaged.
    #[error("'{path}' is not a Parquet file that can be read or written")]
    Parquet {
        /// The file.
        path: Utf8PathBuf,
        /// polars' words.
        #[source]
        source: Box<PolarsError>,
    },
    /// The file is damaged in a way that polars does not expect.
    #[error("'{path}' is a damaged Parquet file; make it anew")]
    Damaged {
        /// The file.
        path: Utf8PathBuf,
    },
    /// The file is not one of ours.
    #[error("'{path}' has no '{SCHEMA_KEY}' in its metadata: it was not written by rdfer-audit")]
    Foreign {
        /// The file.
        path: Utf8PathBuf,
    },
    /// The file comes from another version.
    #[error("'{path}' has schema {found}, this program reads {SCHEMA}; {}", remedy(*.found))]
    Schema {
        /// The file.
        path: Utf8PathBuf,
        /// Its version.
        found: u32,
    },
    /// A column has a type that can be passed over, but not be written again.
    #[error(
        "column '{column}' of '{path}' is of type {kind}, which cannot be written again; take it out, or use '--format csv'"
    )]
    Unwritten {
        /// The file.
        path: Utf8PathBuf,
        /// The column.
        column: String,
        /// What its type is called.
        kind: String,
    },
    /// A column is of a type that is not read, or not meant here.
    #[error("column '{column}' of '{path}' is of type {kind}; it must be a {expected}")]
    Kind {
        /// The file.
        path: Utf8PathBuf,
        /// The column.
        column: String,
        /// What its type is called.
        kind: String,
        /// What it should be.
        expected: &'static str,
    },
    /// There is no such column.
    #[error("'{path}' has no column '{column}' (found: {})", .found.join(", "))]
    NoColumn {
        /// The file.
        path: Utf8PathBuf,
        /// The column.
        column: String,
        /// The columns that are there.
        found: Vec<String>,
    },
    /// A column is missing, has another type, or holds a null where a value must be.
    #[error("column '{column}' of '{path}' is missing, empty in places, or not of type {expected}")]
    Column {
        /// The file.
        path: Utf8PathBuf,
        /// The column.
        column: String,
        /// What it should be.
        expected: &'static str,
    },
}

/// What to do about a file of a run with another schema.
pub(crate) fn remedy(found: u32) -> &'static str {
    if found > SCHEMA {
        "use a newer rdfer-audit"
    } else {
        "scan again with '--overwrite'"
    }
}

/// Reads a file; polars panics on some of what is damaged, which is no more than an error here.
fn guarded<T>(
    path: &Utf8Path,
    read: impl FnOnce() -> Result<T, TableError>,
) -> Result<T, TableError> {
    // What was being read is dropped with it.
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_panic| {
        Err(TableError::Damaged {
            path: path.to_owned(),
        })
    })
}

#[cfg(test)]
mod tests;
