//! How far the noise model is fitted.

use serde::{Deserialize, Serialize};

use crate::score::ScoreError;

/// How the noise is modelled.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NoiseModelSettings {
    /// Most steps of the fit, at most 1000; it ends earlier when nothing moves any more. With 0 the probabilities are
    /// left as they are.
    pub steps: usize,
}

impl Default for NoiseModelSettings {
    fn default() -> Self {
        Self { steps: 40 }
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
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_outside_their_range_are_refused() {
        assert!(NoiseModelSettings::default().check().is_ok());
        let error = NoiseModelSettings { steps: 1001 }.check().unwrap_err();
        assert!(error.to_string().contains("1001"), "{error}");
    }
}
