//! The record of training dynamics: what the network said of each video in each epoch in which it trained on it.

use tch::{Kind, Tensor};

use super::robust::State;

/// One video in one epoch. Each epoch shows another clip of the video, in training mode.
#[derive(Debug, Clone, Copy, PartialEq)]
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
    /// The state in which the video was shown: that of its clips before this one.
    pub state: State,
}

/// Reads a batch's observations back from the device: one transfer for all four. `shown`: video and state of each clip.
pub(super) fn read(
    observed: &[Tensor; 4],
    shown: &[(usize, State)],
    epoch: usize,
) -> Vec<Observation> {
    let table = Tensor::stack(observed, 1)
        .to_kind(Kind::Float)
        .to_device(tch::Device::Cpu); // B×4
    shown
        .iter()
        .zip(0_i64..)
        .map(|(&(video, state), row)| {
            let value = |column: i64| table.double_value(&[row, column]) as f32;
            Observation {
                video,
                epoch,
                label_prob: value(0),
                label_margin: value(1),
                loss: value(2),
                prediction: value(3) as usize,
                state,
            }
        })
        .collect()
}
