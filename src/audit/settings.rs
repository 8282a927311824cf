//! The thresholds of the label audit.

use serde::{Deserialize, Serialize};

/// From which value on something about labels is an issue (ours).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuditSettings {
    /// How many times as many videos the largest class may have as another one. DFEW's fear has an eleventh of neutral's, and
    /// its disgust an eighteenth, too few for most networks to ever say it.
    pub imbalance: f64,
}

/// What no user has a reason to turn.
impl AuditSettings {
    /// Share of a class that may come from one group, in [0, 1].
    pub const GROUP_SHARE: f64 = 0.5;

    /// Paths are taken to speak of labels only if at least this share of those that name a class name their own, in [0, 1].
    pub const PATH_AGREEMENT: f64 = 0.6;
}

impl Default for AuditSettings {
    fn default() -> Self {
        Self { imbalance: 10.0 }
    }
}
