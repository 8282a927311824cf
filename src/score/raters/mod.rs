//! People's votes: who can be trusted, what they agree on, and what votes and networks say together.
//!
//! Models of raters: Dawid and Skene ([`dawid_skene`]), CROWDLAB ([`crowdlab`]), and one that takes the networks' word for
//! the prior ([`joint`]). What each rater is worth by it: [`quality`].

pub mod crowdlab;
pub mod dawid_skene;
pub mod joint;
pub mod quality;
mod table;

pub use self::joint::{Joint, JointPrior};
pub use self::quality::RaterQuality;
pub use self::table::{Vote, VoteTable};

#[cfg(test)]
mod tests;
