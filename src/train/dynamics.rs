//! The record of training dynamics: what the network said of each video in each epoch in which it trained on it.

use serde::{Deserialize, Serialize};

use super::robust::State;

/// One video in one epoch. Each epoch shows another clip of the video, in training mode.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// The video's index.
    pub video: usize,
    /// The epoch, from 0.
    pub epoch: usize,
    /// Probability of the given label, in [0, 1].
    pub label_prob: f32,
    /// Logit of the given label less the largest other logit (Pleiss et al. 2020, "AUM", Eq. 1).
    pub label_margin: f32,
    /// Cross-entropy of the given label, without smoothing.
    pub loss: f32,
    /// The predicted class.
    pub prediction: usize,
    /// The state in which the video was shown: that of its clips in the epochs before.
    pub state: State,
}
