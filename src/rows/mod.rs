//! The files of a run folder: one module per file, its rows as plain structs.
//!
//! [`crate::table`] alone knows Parquet.

pub mod classes;
pub mod clip_probs;
pub mod clips;
mod columns;
pub mod cuts;
pub mod dynamics;
pub mod features;
pub mod fold_card;
pub mod folder;
pub mod issues;
pub mod learning;
pub mod learnt;
pub mod locate;
pub mod run;
#[cfg(test)]
pub(crate) mod samples;
pub mod skill;
pub mod timeline;
pub mod timings;
pub mod training;
pub mod training_dynamics;
pub mod videos;
pub mod votes;
pub mod worker;

pub use crate::table::{SCHEMA, TableError};
