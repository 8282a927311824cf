//! The honest promise: how precise and how complete is the ranking at every cut?
//!
//! Before anyone has looked, only a range can be stated ([`range`]). A blind stratified sample ([`sample`]), judged
//! by people, turns it into estimates with intervals ([`estimate`]), and sets the agreement threshold
//! ([`threshold`]). Labels changed on purpose test the ranking itself ([`self_test`]). Ours, beyond the paper. Serving the sample and recording the judgements is left to the review.
//!
//! A *place* is a 0-based position in the order of suspicion; a *cut* flags the first `flagged` places.

pub mod curve;
pub mod cut;
pub mod estimate;
pub mod range;
pub mod sample;
pub mod self_test;
#[cfg(test)]
mod tests;
pub mod threshold;

pub use cut::{Basis, Cut, Interval};
pub use estimate::{Calibration, JudgedVideo};
pub use self_test::{CalibrationSettings, SelfTest};
