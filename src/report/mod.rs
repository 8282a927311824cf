//! The files of a run folder: one module per file, and the words about them that the terminal shows.
//!
//! Rows are plain structs; [`crate::table`] alone knows Parquet.

pub mod classes;
pub mod clips;
pub mod comparison;
pub mod dynamics;
pub mod evaluation;
pub mod folder;
pub mod judge;
pub mod predictions;
pub mod promise;
pub mod run;
pub mod summary;
pub mod timeline;
pub mod videos;
pub mod votes;

use crate::table;
pub use crate::table::{SCHEMA, TableError};
