//! From a data set to frames, features and issues.

pub(crate) mod check;
pub(crate) mod decode;
pub(crate) mod features;
pub(crate) mod weights;
