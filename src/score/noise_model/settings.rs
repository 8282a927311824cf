//! How strongly the noise model is held to what is believed before the labels were seen.

use serde::{Deserialize, Serialize};

use crate::score::ScoreError;

/// How the noise is modelled.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NoiseModelSettings {
    /// Most steps of the fit, at most 1000; it ends earlier when nothing moves any more. With 0 the probabilities are
    /// left as they are.
    pub steps: usize,
    /// Videos at which the recalibration that the order is from is free to leave the identity, above 0: its prior has the
    /// strength `2 + recalibration_prior / N` for N videos. Small tables hold to the network's own probabilities. What counts
    /// errors has the strength 2.
    pub recalibration_prior: f64,
    /// Videos at which the transition matrix that the order is from is free to leave its prior, above 0:
    /// `5 + transition_prior / N` pseudo-videos a row, four fifths of them on the diagonal and the rest spread evenly. What
    /// counts errors has 5.
    pub transition_prior: f64,
}

impl Default for NoiseModelSettings {
    fn default() -> Self {
        Self {
            steps: 60,
            recalibration_prior: 25_000.0,
            transition_prior: 7500.0,
        }
    }
}

impl NoiseModelSettings {
    /// Checks the ranges.
    ///
    /// # Errors
    /// Fails when a number lies outside the range that its field documents.
    pub fn check(&self) -> Result<(), ScoreError> {
        if self.steps > 1000 {
            return Err(ScoreError::SettingOutOfRange {
                name: "steps",
                value: self.steps as f64,
                range: "0..=1000",
            });
        }
        for (name, value) in [
            ("recalibration_prior", self.recalibration_prior),
            ("transition_prior", self.transition_prior),
        ] {
            if !(value > 0.0 && value.is_finite()) {
                return Err(ScoreError::SettingOutOfRange {
                    name,
                    value,
                    range: "(0, ∞)",
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_outside_their_range_are_refused() {
        let default = NoiseModelSettings::default();
        assert!(default.check().is_ok());
        let too_many = NoiseModelSettings {
            steps: 1001,
            ..default
        };
        assert!(too_many.check().is_err());
        let no_prior = NoiseModelSettings {
            transition_prior: 0.0,
            ..default
        };
        assert!(no_prior.check().is_err());
    }
}
