//! The files of a run folder: one module per file, and the words about them that the terminal shows.
//!
//! Rows are plain structs; [`crate::table`] alone knows Parquet.

pub mod classes;
pub mod clip_probs;
pub mod clips;
mod columns;
pub mod compare;
pub mod comparison;
pub mod dynamics;
pub mod evaluation;
pub mod features;
pub mod findings;
pub mod folder;
pub mod health;
pub mod html;
pub mod issues;
pub mod judge;
pub mod learnt;
pub mod locate;
pub mod neighbours;
mod plot;
pub mod predictions;
pub mod promise;
pub mod run;
pub mod strip;
pub mod summary;
pub mod timeline;
pub mod training;
pub mod videos;
pub mod votes;
pub mod watched;
pub mod words;

use crate::table;
pub use crate::table::{SCHEMA, TableError};
