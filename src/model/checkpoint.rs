//! A trained network on disk: weights as safetensors, and a JSON beside them that says what they are.

use camino::Utf8Path;
use serde::{Deserialize, Serialize};
use tch::nn::VarStore;
use thiserror::Error;

use super::ModelSettings;

/// The version of the files that this program writes.
const VERSION: u32 = 1;

/// What a checkpoint is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckpointCard {
    /// Version of the format.
    pub version: u32,
    /// Version of the program that wrote it.
    pub program: String,
    /// The network's shape.
    pub model: ModelSettings,
    /// Frames per clip.
    pub frames: usize,
    /// Class names, in the order of the logits.
    pub labels: Vec<String>,
    /// The fold on which the network did not train.
    pub fold: usize,
}

impl CheckpointCard {
    /// Describes a network of this program's version.
    pub fn new(model: ModelSettings, frames: usize, labels: Vec<String>, fold: usize) -> Self {
        Self {
            version: VERSION,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            model,
            frames,
            labels,
            fold,
        }
    }
}

/// A checkpoint that could not be written.
#[derive(Debug, Error)]
pub enum CheckpointError {
    /// The folder or a file in it cannot be written.
    #[error("cannot write the checkpoint")]
    Write(#[source] std::io::Error),
    /// libtorch could not save the weights.
    #[error("cannot save the weights to '{path}'")]
    Weights {
        /// Where to.
        path: String,
        /// libtorch's words.
        #[source]
        source: tch::TchError,
    },
}

/// Writes `model.safetensors` and `model.json` into `folder`, each under a temporary name first.
///
/// # Errors
///
/// If a file cannot be written.
pub fn save(
    folder: &Utf8Path,
    store: &VarStore,
    card: &CheckpointCard,
) -> Result<(), CheckpointError> {
    let weights = folder.join("model.safetensors");
    // tch chooses the format by the suffix, so the temporary name keeps it.
    let temporary = folder.join("model.tmp.safetensors");
    store
        .save(&temporary)
        .map_err(|source| CheckpointError::Weights {
            path: weights.to_string(),
            source,
        })?;
    fs_err::rename(&temporary, &weights).map_err(CheckpointError::Write)?;
    let json =
        serde_json::to_string_pretty(card).map_err(|error| CheckpointError::Write(error.into()))?;
    let temporary = folder.join("model.json.tmp");
    fs_err::write(&temporary, json + "\n").map_err(CheckpointError::Write)?;
    fs_err::rename(&temporary, folder.join("model.json")).map_err(CheckpointError::Write)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Backbone, Mode, Rdfer};
    use tch::{Device, Kind, Tensor};

    #[test]
    fn weights_come_back_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(folder.path()).unwrap();
        let model = ModelSettings {
            backbone: Backbone::Small,
            width: 8,
            feature: 16,
            hidden: 16,
            ..ModelSettings::default()
        };
        let store = VarStore::new(Device::Cpu);
        let network = Rdfer::new(&store.root(), &model, 4, 3);
        let card = CheckpointCard::new(
            model.clone(),
            4,
            vec!["a".into(), "b".into(), "c".into()],
            1,
        );
        save(folder, &store, &card).unwrap();

        let read: CheckpointCard =
            serde_json::from_str(&fs_err::read_to_string(folder.join("model.json")).unwrap())
                .unwrap();
        assert_eq!(read, card);
        let mut other_store = VarStore::new(Device::Cpu);
        let other = Rdfer::new(&other_store.root(), &model, 4, 3);
        other_store.load(folder.join("model.safetensors")).unwrap();
        let clips = Tensor::rand([2, 4, 3, 32, 32], (Kind::Float, Device::Cpu));
        let logits = |network: &Rdfer| {
            network
                .forward(&clips, Kind::Float, &mut Mode::Score)
                .logits
        };
        assert_eq!(logits(&network), logits(&other));
    }
}
