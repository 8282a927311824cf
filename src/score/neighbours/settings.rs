//! When a video's neighbours make it suspect.

use serde::{Deserialize, Serialize};

/// How neighbours in feature space are looked at. The thresholds make issues; the columns of `videos.parquet` have every
/// video's values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NeighbourSettings {
    /// Nearest neighbours that are asked, a number of videos; 0 looks for none. 10 is what Kuan & Mueller (2022, "Back to
    /// the basics") take for distances, and Zhu et al. (2022, "Detecting corrupted labels without training a model") for
    /// labels.
    pub k: usize,
    /// Share of the neighbours, in [0, 1], that must have another label. A majority, as in Wilson (1972), is what every second
    /// hard video has; four fifths is ours.
    pub other_label_share: f64,
    /// From how many robust standard deviations above the median of its fold on a video's mean distance makes it an outlier.
    /// Iglewicz & Hoaglin (1993) take 3.5 for normal values; distances have a longer tail, so that 5 is ours.
    pub outlier: f64,
}

impl Default for NeighbourSettings {
    fn default() -> Self {
        Self {
            k: 10,
            other_label_share: 0.8,
            outlier: 5.0,
        }
    }
}
