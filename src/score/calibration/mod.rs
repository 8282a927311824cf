//! The honest promise: how precise and how complete is the ranking at every cut?
//!
//! Before anyone has looked, only a range can be stated ([`range`]). A blind stratified sample ([`sample`]), judged
//! by people, turns it into estimates with intervals ([`estimate`]), and sets the agreement threshold
//! ([`threshold`]). Ours, beyond the paper. Serving the sample and recording the judgements is left to the review.
//!
//! A *place* is a 0-based position in the order of suspicion; a *cut* flags the first `flagged` places.

pub mod curve;
pub mod cut;
pub mod estimate;
pub mod range;
pub mod sample;
#[cfg(test)]
mod tests;
pub mod threshold;

pub use cut::{Basis, Cut, Interval};
pub use estimate::{Calibration, JudgedVideo};
