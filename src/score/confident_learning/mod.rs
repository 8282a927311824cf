//! Confident learning (Northcutt, Jiang, Chuang 2021, "Confident Learning: Estimating Uncertainty in Dataset
//! Labels"): counts which given labels stand for which true ones, and flags the videos that those counts call wrong.
//!
//! Semantics are those of cleanlab 2.9 for one label per video, ties and rounding included, so that flags are equal
//! row for row. The flags are baselines; [`super::noise_model`] builds on the calibrated counts.

mod flags;
mod joint;
#[cfg(test)]
mod tests;

pub use flags::LabelFlags;
pub use joint::ConfidentJoint;
