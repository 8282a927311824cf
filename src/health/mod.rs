//! What a video looks like, measured once on its decoded frames, and which of it is amiss.
//!
//! [`Looks`] are plain measurements that no threshold touches, so that they can be stored with the frames; `audit` holds
//! them, and the decoder's facts, against [`HealthSettings`]. Whether there is a face in the picture is [`crate::face`]'s business.
//! Comparing videos with each other is [`crate::duplicates`]' business, for which the motion of each is noted here.

mod audit;
mod levels;
mod looks;
mod motion;
mod settings;
#[cfg(test)]
mod tests;
mod thumbs;

pub use self::audit::{Inspected, audit};
pub(crate) use self::looks::mean;
pub use self::looks::{Looks, Measured};
pub(crate) use self::motion::{COEFFICIENTS, MOTION_BYTES, frequencies, read_motion};
pub use self::settings::HealthSettings;
pub(crate) use self::thumbs::{CELLS, EDGE, Thumb, thumbs};
