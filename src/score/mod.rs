//! Judgement: from clip probabilities and given labels to scores, a ranking, verdicts and an honest promise.
//!
//! Pure functions on plain numbers: no files, no tensors, no printing. What a video looks like, how its clips were
//! drawn and how results are stored is left to other modules. Classes are indices `0..C` into the run's label set,
//! and all arithmetic is in `f64`.

pub mod agreement;
pub mod calibration;
pub mod classes;
pub mod confident_learning;
pub mod dynamics;
mod error;
pub mod label_quality;
pub mod learning;
pub mod mixture;
pub mod neighbours;
pub mod noise_model;
pub mod order;
pub mod ranking;
pub mod ranks;
pub mod raters;
pub mod reason;
pub mod repeats;
pub mod skill;
pub mod table;
pub mod verdict;

pub use agreement::{ClipVotes, VideoScore};
pub use calibration::CalibrationSettings;
pub use error::ScoreError;
pub use neighbours::NeighbourSettings;
pub use table::ProbabilityTable;
pub use verdict::{Order, Verdict, VerdictSettings};
