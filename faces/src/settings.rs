//! How large the demo data set is and how much trouble is planted in it.

use serde::{Deserialize, Serialize};

/// The shortest video that has room for a rise, a hold and a fall, in frames.
const SHORTEST: usize = 24;

/// What to generate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaceSettings {
    /// Number of videos, at least 1.
    pub videos: usize,
    /// Number of people, at least 1; videos are dealt to them evenly.
    pub identities: usize,
    /// Share of videos whose given label is wrong, in [0, 1].
    pub mislabeled_share: f64,
    /// Share of videos whose label is right but whose expression is hard to read, in [0, 1].
    pub hard_share: f64,
    /// Width and height of a frame in pixels, at least 32.
    pub size: u32,
    /// Length of the shortest video in frames, at least 24.
    pub frames_min: usize,
    /// Length of the longest video in frames.
    pub frames_max: usize,
    /// Frames per second.
    pub fps: u32,
}

impl Default for FaceSettings {
    fn default() -> Self {
        Self {
            videos: 420,
            identities: 70,
            mislabeled_share: 0.10,
            hard_share: 0.10,
            size: 128,
            frames_min: 36,
            frames_max: 60,
            fps: 25,
        }
    }
}

/// Settings that no plan can be made of.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum FaceSettingsError {
    /// A count is too low.
    #[error("demo setting '{name}' is '{value}', but it must be at least '{least}'")]
    TooLow {
        /// The setting.
        name: &'static str,
        /// What was asked for.
        value: usize,
        /// The lowest value that works.
        least: usize,
    },
    /// The two shares are negative, not numbers, or together more than everything.
    #[error(
        "demo shares 'mislabeled_share' '{mislabeled}' and 'hard_share' '{hard}' must each be at least 0 and together at most 1"
    )]
    Shares {
        /// Share of mislabeled videos asked for.
        mislabeled: f64,
        /// Share of hard videos asked for.
        hard: f64,
    },
}

impl FaceSettings {
    /// Refuses settings that no plan can be made of.
    pub(crate) fn check(&self) -> Result<(), FaceSettingsError> {
        let size = self.size as usize;
        let limits = [
            ("videos", self.videos, 1),
            ("identities", self.identities, 1),
            ("size", size, 32),
            ("fps", self.fps as usize, 1),
            ("frames_min", self.frames_min, SHORTEST),
            ("frames_max", self.frames_max, self.frames_min),
        ];
        for (name, value, least) in limits {
            if value < least {
                return Err(FaceSettingsError::TooLow { name, value, least });
            }
        }
        let (mislabeled, hard) = (self.mislabeled_share, self.hard_share);
        // Written so that a NaN fails.
        if mislabeled >= 0.0 && hard >= 0.0 && mislabeled + hard <= 1.0 {
            Ok(())
        } else {
            Err(FaceSettingsError::Shares { mislabeled, hard })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_settings_work() {
        assert_eq!(FaceSettings::default().check(), Ok(()));
    }

    #[test]
    fn a_low_count_is_refused_by_name() {
        let settings = FaceSettings {
            frames_max: 20,
            ..FaceSettings::default()
        };
        let error = settings.check().unwrap_err().to_string();
        assert_eq!(
            error,
            "demo setting 'frames_max' is '20', but it must be at least '36'"
        );
    }

    #[test]
    fn shares_beyond_everything_or_not_numbers_are_refused() {
        for (mislabeled_share, hard_share) in [(0.7, 0.4), (-0.1, 0.1), (f64::NAN, 0.1)] {
            let settings = FaceSettings {
                mislabeled_share,
                hard_share,
                ..FaceSettings::default()
            };
            assert!(matches!(
                settings.check(),
                Err(FaceSettingsError::Shares { .. })
            ));
        }
    }
}
