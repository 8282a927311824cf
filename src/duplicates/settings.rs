//! When two videos count as the same recording.

use serde::{Deserialize, Serialize};

/// How duplicates are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DuplicateSettings {
    /// Whether near duplicates are looked for; exact ones always are.
    pub near: bool,
    /// From which likeness on two videos are the same recording, in (0, 1]: the correlation over space and time of what
    /// moves in them (ours). Of 1,000 recordings of one person (GRID) and their copies, the most alike that are not the same
    /// have 0.56; copies have 0.7 to 0.95, at strong compression of a small picture down to 0.5.
    pub likeness: f64,
    /// From which likeness on their mean pictures are the same, in (0, 1]: their correlation where the cuts of both overlap
    /// (ours). Copies of GRID have at least 0.986; of 3,000 drawn faces, some of the same person, those that move alike
    /// have at most 0.94.
    pub picture: f64,
    /// Moments of movement that a pair must share before its frames are compared. More is faster and finds less.
    pub votes: usize,
    /// Other videos that are compared with each, those that share most moments with it.
    pub candidates: usize,
}

impl Default for DuplicateSettings {
    fn default() -> Self {
        Self {
            near: true,
            likeness: 0.56,
            picture: 0.96,
            votes: 2,
            candidates: 8,
        }
    }
}
