//! From frames to what networks say of them.

pub(crate) mod borrowed;
mod files;
pub(crate) mod folds;
pub(crate) mod resident;
mod workers;
