//! A small labelled data set of drawn faces with planted errors, to try the audit where the truth is known.
//!
//! Faces are drawn from action units, so that each class is a family of movements rather than one picture, and every
//! person, light and motion differs. Everything follows from one seed. Files, encoding and the scan itself are left to
//! who asks.

mod action_unit;
mod canvas;
mod expression;
mod eyes;
mod hair;
mod head;
mod identity;
mod motion;
mod mouth;
mod movement;
mod nose;
mod placement;
mod plan;
mod raster;
mod renderer;
mod settings;
mod sketch;
mod stream;
mod trouble;

pub use action_unit::{ActionUnit, ActionUnits, Side};
pub use expression::{CLASSES, NEUTRAL};
pub use identity::Identity;
pub use movement::Movement;
pub use plan::{PlannedVideo, plan};
pub use renderer::Renderer;
pub use settings::{FaceSettings, FaceSettingsError};
pub use trouble::{Difficulty, Trouble};
