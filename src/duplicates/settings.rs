//! When two videos count as the same recording.

use serde::{Deserialize, Serialize};

/// How duplicates are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DuplicateSettings {
    /// Whether near duplicates are looked for; exact ones always are.
    pub near: bool,
    /// From which likeness on two videos are the same recording, in (0, 1], where they have 2.5 seconds or more in common:
    /// the correlation over space and time of what moves in them (ours). Of 1,000 recordings of one person (GRID) and their
    /// copies, the most alike that are not the same have 0.56; copies have 0.7 to 0.95, at strong compression of a small
    /// picture down to 0.5. Less time in common takes more likeness, as more of it may be chance: see `least_likeness`.
    pub likeness: f64,
}

/// The time in common for which [`DuplicateSettings::likeness`] is stated, in seconds.
const COMMON_SECS: f64 = 2.5;

impl DuplicateSettings {
    /// The likeness that so many seconds in common take, in (0, 1].
    ///
    /// Fisher's z = artanh r of a correlation by chance shrinks with the root of the observations' number, here of the moments
    /// in common. Among GRID's recordings cut to one word, a second long, in which one person says the same four words over
    /// and over, 427 pairs that are no copies have more than 0.56, and three or so more than this takes; half of their copies
    /// have.
    pub fn least_likeness(&self, common_secs: f64) -> f64 {
        let times = (COMMON_SECS / common_secs.max(f64::MIN_POSITIVE))
            .sqrt()
            .max(1.0);
        (self.likeness.atanh() * times).tanh()
    }
}

/// What no user has a reason to turn.
impl DuplicateSettings {
    /// From which likeness on their mean pictures are the same, in (0, 1]: their correlation where the cuts of both overlap
    /// (ours). Copies of GRID have at least 0.986; of 3,000 drawn faces, some of the same person, those that move alike
    /// have at most 0.94.
    pub const PICTURE: f64 = 0.96;

    /// Moments of movement that a pair must share before its frames are compared. More is faster and finds less.
    pub const VOTES: usize = 2;

    /// Other videos that are compared with each, those that share most moments with it.
    pub const CANDIDATES: usize = 8;
}

impl Default for DuplicateSettings {
    fn default() -> Self {
        Self {
            near: true,
            likeness: 0.56,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_time_in_common_takes_more_likeness() {
        let settings = DuplicateSettings::default();
        for long in [2.5, 3.0, 60.0] {
            approx::assert_abs_diff_eq!(settings.least_likeness(long), 0.56, epsilon = 1e-12);
        }
        // artanh 0.56 = 0.633, times the root of 2.5 is 1.001, whose tanh is 0.762.
        approx::assert_abs_diff_eq!(settings.least_likeness(1.0), 0.762, epsilon = 0.001);
        assert!(settings.least_likeness(0.3) > settings.least_likeness(0.6));
        assert!(settings.least_likeness(0.0) <= 1.0);
        let all_or_nothing = DuplicateSettings {
            likeness: 1.0,
            ..settings
        };
        approx::assert_abs_diff_eq!(all_or_nothing.least_likeness(9.0), 1.0);
    }
}
