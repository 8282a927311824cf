//! The earlier run that a plan's networks learn again from.

use std::collections::BTreeSet;

use anyhow::bail;
use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};

use super::{Network, Plan, digest};
use crate::rows::folder::RunFolder;
use crate::rows::run::EarlierRun;
use crate::train::{Lessons, TrainSettings};

/// An earlier run, and what a plan takes from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PlannedEarlier {
    /// What is told of it.
    pub(crate) told: EarlierRun,
    /// Digest of the weights of each of its networks, by fold and repeat; nothing where networks start from the beginning.
    pub(crate) weights: Vec<Vec<String>>,
    /// How the networks are trained.
    pub(crate) train: TrainSettings,
}

impl PlannedEarlier {
    /// The weights that a network starts from: those of a network of its fold, which learnt nothing from it either.
    ///
    /// # Errors
    ///
    /// If they cannot be read, or are not what they were when the run was prepared.
    fn start(&self, network: Network) -> anyhow::Result<Option<Utf8PathBuf>> {
        let Some(of_fold) = self.weights.get(network.fold).filter(|all| !all.is_empty()) else {
            return Ok(None);
        };
        let repeat = network.repeat % of_fold.len();
        let folder = RunFolder::new(self.told.run.as_str()).network(network.fold, repeat);
        let path = folder.join(WEIGHTS);
        match weights_digest(&folder) {
            Ok(digest) if digest == of_fold[repeat] => Ok(Some(path)),
            Ok(_) => bail!(
                "'{path}' holds other weights than when the run was prepared; bring them back, or prepare the run anew with --overwrite"
            ),
            Err(error) => Err(anyhow::Error::from(error).context(format!(
                "the networks start from those of '{}', which are no longer there; bring that run back",
                self.told.run
            ))),
        }
    }
}

/// The file of a network's weights.
const WEIGHTS: &str = "model.safetensors";

/// Digest of the weights of the network in a folder.
///
/// # Errors
///
/// If they cannot be read.
pub(crate) fn weights_digest(folder: &camino::Utf8Path) -> std::io::Result<String> {
    let bytes = fs_err::read(folder.join(WEIGHTS))?;
    Ok(blake3::hash(&bytes).to_hex().to_string())
}

impl Plan {
    /// The plan with networks that learn again from an earlier run. `left_out`: places of videos that they do not learn from.
    ///
    /// # Errors
    ///
    /// If it cannot be written down: a mistake in the program.
    pub(crate) fn learning_from(
        mut self,
        earlier: PlannedEarlier,
        lessons: Lessons,
        left_out: BTreeSet<usize>,
    ) -> anyhow::Result<Self> {
        let PlannedEarlier { weights, train, .. } = &earlier;
        let train = TrainSettings {
            repeats: 1,
            ..train.clone()
        };
        let parts = serde_json::to_string(&(&lessons, &left_out, weights, train))?;
        self.digest = digest(&format!("{} learning from {parts}", self.digest));
        self.videos.lessons = lessons;
        self.videos.left_out = left_out;
        self.earlier = Some(earlier);
        Ok(self)
    }

    /// The weights that a network starts from; nothing where they are drawn.
    ///
    /// # Errors
    ///
    /// If they are not there any more.
    pub(crate) fn start(&self, network: Network) -> anyhow::Result<Option<Utf8PathBuf>> {
        let earlier = self.earlier.as_ref();
        earlier.map_or(Ok(None), |earlier| earlier.start(network))
    }
}
