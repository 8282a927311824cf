//! What an epoch's steps leave on the device, read at its end: reading it sooner would let the processor wait for the GPU at
//! every step.

use serde::{Deserialize, Serialize};
use tch::{Device, Kind, TchError, Tensor};

use super::dynamics::Observation;
use super::error::TrainError;
use super::loss;
use super::robust::State;

/// An epoch's losses and logits, batch by batch.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Seen {
    /// Video and state of each clip.
    shown: Vec<(usize, State)>,
    /// Clips of each batch.
    sizes: Vec<usize>,
    /// One number of each batch.
    #[serde(skip)]
    losses: Vec<Tensor>,
    /// B×4 of each batch: what [`loss::observe`] tells.
    #[serde(skip)]
    observed: Vec<Tensor>,
    /// B×C of each batch.
    #[serde(skip)]
    probs: Vec<Tensor>,
}

/// A training clip, as it was predicted when it was learnt.
#[derive(Debug)]
pub(super) struct SeenClip {
    pub(super) observation: Observation,
    /// C probabilities.
    pub(super) probs: Vec<f32>,
}

impl Seen {
    /// Keeps a batch's loss, a scalar, and its logits, B×C, against the given labels, B.
    pub(super) fn add(
        &mut self,
        shown: Vec<(usize, State)>,
        loss: &Tensor,
        (logits, labels): (&Tensor, &Tensor),
    ) {
        self.sizes.push(shown.len());
        self.shown.extend(shown);
        self.losses.push(loss.detach().view([1]));
        let observed = loss::observe(logits, labels);
        self.observed
            .push(Tensor::stack(&observed, 1).to_kind(Kind::Float));
        self.probs.push(logits.detach().softmax(1, Kind::Float));
    }

    /// Clips so far.
    pub(super) fn clips(&self) -> usize {
        self.shown.len()
    }

    /// How many tensors [`Self::resume`] takes.
    pub(super) fn kept(&self) -> usize {
        if self.shown.is_empty() { 0 } else { 3 }
    }

    /// Its tensors, for [`Self::resume`]; none where nothing was seen.
    pub(super) fn tensors(&self) -> Vec<Tensor> {
        let all = [&self.losses, &self.observed, &self.probs];
        let all = all.into_iter().filter(|tensors| !tensors.is_empty());
        all.map(|tensors| Tensor::cat(tensors, 0)).collect()
    }

    /// Takes up with the tensors of as much as it has seen, each as a vector.
    pub(super) fn resume(&mut self, tensors: Vec<Tensor>) {
        let clips = self.shown.len() as i64;
        let mut tensors = tensors.into_iter();
        self.losses.extend(tensors.next());
        let mut rows = || tensors.next().map(|tensor| tensor.view([clips, -1]));
        self.observed.extend(rows());
        self.probs.extend(rows());
    }

    /// The mean loss over the clips, and every clip in the order of training.
    ///
    /// # Errors
    ///
    /// A loss is not finite, or libtorch fails.
    pub(super) fn read(self, epoch: usize) -> Result<(f64, Vec<SeenClip>), TrainError> {
        if self.losses.is_empty() {
            return Ok((0.0, Vec::new()));
        }
        let losses: Vec<f32> = numbers(Tensor::f_cat(&self.losses, 0))?;
        if losses.iter().any(|loss| !loss.is_finite()) {
            return Err(TrainError::NotFinite { epoch: epoch + 1 });
        }
        let sum: f64 = losses
            .iter()
            .zip(&self.sizes)
            .map(|(&loss, &clips)| f64::from(loss) * clips as f64)
            .sum();
        let observed: Vec<f32> = numbers(Tensor::f_cat(&self.observed, 0))?;
        let probs: Vec<f32> = numbers(Tensor::f_cat(&self.probs, 0))?;
        let clips = self.shown.len();
        let seen = self
            .shown
            .into_iter()
            .zip(observed.chunks_exact(4))
            .zip(probs.chunks_exact((probs.len() / clips).max(1)))
            .map(|(((video, state), observed), probs)| SeenClip {
                observation: Observation {
                    video,
                    epoch,
                    label_prob: observed[0],
                    label_margin: observed[1],
                    loss: observed[2],
                    prediction: observed[3] as usize,
                    state,
                },
                probs: probs.to_vec(),
            })
            .collect();
        Ok((sum / clips.max(1) as f64, seen))
    }
}

/// All numbers of a tensor, row by row, from wherever it is.
fn numbers(tensor: Result<Tensor, TchError>) -> Result<Vec<f32>, TrainError> {
    tensor
        .and_then(|tensor| tensor.f_to_device(Device::Cpu))
        .and_then(|tensor| tensor.f_reshape([-1]))
        .and_then(Vec::try_from)
        .map_err(TrainError::Torch)
}
