//! What is amiss with labels, splits and groups, from the manifest and the duplicates alone.
//!
//! Pure functions from what was read to issues; nothing is decoded, trained or printed here.

mod copies;
mod frame_counts;
mod labels;
mod leaks;
mod settings;
#[cfg(test)]
mod tests;

pub use self::copies::{duplicates, keep_together};
pub use self::frame_counts::frame_counts;
pub use self::labels::labels;
pub use self::leaks::leaks;
pub use self::settings::AuditSettings;
