//! Why a training, or a scoring, did not come to its end.

use thiserror::Error;

use crate::cache::DamagedFrames;
use crate::clip::loader::LoadError;
use crate::score::ScoreError;

/// Training that did not come to its end.
#[derive(Debug, Error)]
pub enum TrainError {
    /// Somebody asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// The loss is no longer a number.
    #[error(
        "the loss is not finite in epoch {epoch}; lower train.learning_rate, or set train.precision to 'fp32'"
    )]
    NotFinite {
        /// From 1.
        epoch: usize,
    },
    /// The network's predictions are no probabilities.
    #[error(
        "the predictions of video '{id}' are no probabilities; lower train.learning_rate, or set train.precision to 'fp32'"
    )]
    Predictions {
        /// The video.
        id: String,
        /// What is wrong with them.
        #[source]
        source: ScoreError,
    },
    /// A traced network's answers cannot be kept.
    #[error(
        "the network's answer is not finite or beyond half precision (65504); let it divide what it answers by one number"
    )]
    Features,
    /// Decoded frames cannot be read.
    #[error(transparent)]
    Frames(DamagedFrames),
    /// libtorch failed: most often too little memory.
    #[error("libtorch failed; if memory ran out, lower train.batch_size or model.size")]
    Torch(#[source] tch::TchError),
}

impl From<LoadError> for TrainError {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Frames(frames) => Self::Frames(frames),
            LoadError::Torch(source) => Self::Torch(source),
        }
    }
}
