//! Finds mislabeled and hard videos in dynamic facial expression data sets.
//!
//! The modules stand in layers; each uses only what stands above it (a test sees to that). Words: [`seed`], [`whole`],
//! [`label`], [`issue`], [`fold`], [`table`], [`manifest`]. Judgement, pure functions on plain numbers: [`score`], [`metrics`]. Pixels:
//! [`video`], [`health`], [`cache`], [`duplicates`], [`audit`]. Clips: [`clip`]. Network: [`model`], [`train`], [`predict`].
//! Paper: [`rows`], [`judge`], [`page`], [`evaluate`], [`journal`], [`export`]. People: [`review`]. Pipeline, the stages of a
//! run: [`settings`], [`telemetry`], [`pipeline`]. Edge: [`cli`], [`command`].

pub mod seed;

pub mod whole;

pub mod label;

pub mod issue;

pub mod fold;

pub mod table;

pub mod manifest;

pub mod score;

pub mod metrics;

pub mod video;

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

pub mod journal;

pub mod export;

pub mod review;

pub mod settings;

pub mod interrupt;

pub mod telemetry;

pub mod pipeline;

pub mod cli;

pub mod command;
