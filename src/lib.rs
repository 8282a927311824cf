//! Finds mislabeled and hard videos in dynamic facial expression data sets.
//!
//! The modules stand in layers; each uses only what stands above it, and a test sees to that:
//!
//! | layer | modules |
//! |---|---|
//! | words | [`seed`], [`file_system`], [`whole`], [`label`], [`issue`], [`fold`], [`table`], [`manifest`] |
//! | judgement, pure functions on plain numbers | [`score`], [`metrics`] |
//! | pixels | [`video`], [`face`], [`health`], [`cache`], [`duplicates`], [`audit`] |
//! | clips | [`clip`] |
//! | network | [`model`], [`train`], [`predict`] |
//! | paper: a run's files and what is told of them | [`rows`], [`judge`], [`page`], [`evaluate`], [`predictions`], [`vectors`], [`journal`], [`export`] |
//! | people | [`review`] |
//! | pipeline, the stages of a run | [`settings`], [`interrupt`], [`telemetry`], [`pipeline`] |
//! | edge | [`cli`], [`command`] |
//!
//! One video's way: a line of a [`manifest::Manifest`]; frames in a [`cache::Cache`]; clips in a [`clip::loader::ClipBatch`];
//! a [`predict::ClipPrediction`] of each by a [`model::Rdfer`] that never saw the video; their agreement as a
//! [`score::VideoScore`] and a [`score::Verdict`]; a [`rows::videos::VideoRow`]; a [`journal::Decision`] of a person; a
//! line of the cleaned labels. `docs/architecture.md` says where a line of code belongs.

pub mod seed;

pub mod file_system;

pub mod whole;

pub mod label;

pub mod issue;

pub mod fold;

pub mod table;

pub mod manifest;

pub mod score;

pub mod metrics;

pub mod video;

pub mod face;

pub mod health;

pub mod cache;

pub mod duplicates;

pub mod audit;

pub mod clip;

pub mod model;

pub mod train;

pub mod predict;

pub mod rows;

pub mod judge;

pub mod page;

pub mod evaluate;

pub mod predictions;

pub mod vectors;

pub mod journal;

pub mod export;

pub mod review;

pub mod settings;

pub mod interrupt;

pub mod telemetry;

pub mod pipeline;

pub mod cli;

pub mod command;
