//! A trained network on disk: weights as safetensors, and a JSON beside them that says what they are.

use std::collections::BTreeMap;

use camino::Utf8Path;
use serde::{Deserialize, Serialize};
use tch::nn::VarStore;
use tch::{Device, Tensor};
use thiserror::Error;

use super::{ModelSettings, Rdfer};
use crate::video::DecodeSettings;
use crate::whole::{self, WholeFile};

/// The version of the files that this program writes and reads.
const VERSION: u32 = 2;

/// What a checkpoint is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckpointCard {
    /// Version of the format.
    pub version: u32,
    /// Version of the program that wrote it.
    pub program: String,
    /// Version of libtorch.
    pub libtorch: String,
    /// Class names, in the order of the logits.
    pub labels: Vec<String>,
    /// The fold on which the network did not train, from 0.
    pub fold: usize,
    /// Which of the fold's networks it is, from 0.
    pub repeat: usize,
    /// How the frames that it knows were decoded.
    pub video: DecodeSettings,
    /// Frames per clip.
    pub frames: usize,
    /// The network's shape.
    pub model: ModelSettings,
    /// How well it learnt.
    pub metrics: CheckpointMetrics,
    /// Every setting of the run as it was resolved.
    pub settings: serde_json::Value,
}

/// How well a network learnt.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CheckpointMetrics {
    /// Epochs of training behind the weights.
    pub epoch: usize,
    /// Mean loss over the last epoch's clips.
    pub loss: f64,
    /// Videos that it did not learn from and was asked about.
    pub held_out: usize,
    /// Share of those that the mean of their clips predicts as labelled (WAR), in [0, 1]; nothing where there are none.
    pub held_out_war: Option<f64>,
    /// Mean of that share over the classes that occur (UAR), in [0, 1].
    pub held_out_uar: Option<f64>,
}

impl CheckpointCard {
    /// The version that this program writes.
    pub const VERSION: u32 = VERSION;
}

/// A checkpoint that could not be written or read.
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
    /// A file cannot be read.
    #[error("cannot read the checkpoint")]
    Read(#[source] std::io::Error),
    /// The card is not one.
    #[error("'{path}' is not the card of a checkpoint")]
    Card {
        /// The file.
        path: String,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// The card is of another version.
    #[error(
        "'{path}' has version {found}, this program reads version {VERSION}; scan again to train such networks anew"
    )]
    Version {
        /// The file.
        path: String,
        /// Its version.
        found: u64,
    },
    /// The weights are not those of the network that the card describes.
    #[error(
        "'{path}' does not hold the weights of the network that the model.json beside it describes"
    )]
    Misfit {
        /// The file.
        path: String,
        /// libtorch's words.
        #[source]
        source: tch::TchError,
    },
}

/// The card of the checkpoint in `folder`.
///
/// # Errors
///
/// If it cannot be read, or is of another version.
pub fn read(folder: &Utf8Path) -> Result<CheckpointCard, CheckpointError> {
    let path = folder.join("model.json");
    let text = fs_err::read_to_string(&path).map_err(CheckpointError::Read)?;
    let card = |source| CheckpointError::Card {
        path: path.to_string(),
        source,
    };
    let value: serde_json::Value = serde_json::from_str(&text).map_err(card)?;
    let version = value.get("version").and_then(serde_json::Value::as_u64);
    match version {
        Some(found) if found != u64::from(VERSION) => Err(CheckpointError::Version {
            path: path.to_string(),
            found,
        }),
        _ => serde_json::from_value(value).map_err(card),
    }
}

/// The network of the checkpoint in `folder`, on a device, ready to score; the weights live as long as the store.
///
/// # Errors
///
/// If the weights cannot be read, or are another network's.
pub fn load(
    folder: &Utf8Path,
    card: &CheckpointCard,
    device: Device,
) -> Result<(Rdfer, VarStore), CheckpointError> {
    let path = folder.join("model.safetensors");
    // libtorch's words of a missing file are long and do not name it.
    fs_err::metadata(&path).map_err(CheckpointError::Read)?;
    let mut store = VarStore::new(device);
    let mut network = Rdfer::new(&store.root(), &card.model, card.frames, card.labels.len());
    store
        .load(&path)
        .map_err(|source| CheckpointError::Misfit {
            path: path.to_string(),
            source,
        })?;
    network.fuse();
    Ok((network, store))
}

/// Writes `model.safetensors` and `model.json` into `folder`, each whole or not at all.
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
    let file = WholeFile::create(&weights).map_err(CheckpointError::Write)?;
    // In the order of their axes, in which a network on a GPU does not keep all of them.
    let variables: BTreeMap<String, Tensor> = store
        .variables()
        .into_iter()
        .map(|(name, variable)| (name, variable.detach().contiguous()))
        .collect();
    let variables: Vec<(String, Tensor)> = variables.into_iter().collect();
    Tensor::write_safetensors(&variables, file.temporary()).map_err(|source| {
        CheckpointError::Weights {
            path: weights.to_string(),
            source,
        }
    })?;
    file.finish().map_err(CheckpointError::Write)?;
    let json =
        serde_json::to_string_pretty(card).map_err(|error| CheckpointError::Write(error.into()))?;
    whole::write(&folder.join("model.json"), json + "\n").map_err(CheckpointError::Write)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Backbone, Mode};
    use tch::Kind;

    fn card() -> CheckpointCard {
        CheckpointCard {
            version: VERSION,
            program: "0.1.0".into(),
            libtorch: "2.11.0".into(),
            labels: vec!["a".into(), "b".into(), "c".into()],
            fold: 1,
            repeat: 0,
            video: DecodeSettings::default(),
            frames: 4,
            model: ModelSettings {
                backbone: Backbone::Small,
                width: 8,
                feature: 16,
                hidden: 16,
                ..ModelSettings::default()
            },
            metrics: CheckpointMetrics {
                epoch: 20,
                loss: 0.5,
                held_out: 12,
                held_out_war: Some(0.75),
                held_out_uar: None,
            },
            settings: serde_json::json!({ "seed": 3 }),
        }
    }

    #[test]
    fn weights_come_back_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(folder.path()).unwrap();
        let card = card();
        let store = VarStore::new(Device::Cpu);
        let network = Rdfer::new(&store.root(), &card.model, 4, 3);
        save(folder, &store, &card).unwrap();

        assert_eq!(read(folder).unwrap(), card);
        let (other, _store) = load(folder, &card, Device::Cpu).unwrap();
        let clips = Tensor::rand([2, 4, 3, 32, 32], (Kind::Float, Device::Cpu));
        let logits = |network: &Rdfer| {
            network
                .forward(&clips, Kind::Float, &mut Mode::Score)
                .logits
        };
        let difference = (logits(&network) - logits(&other)).abs().max();
        assert!(difference.double_value(&[]) < 1e-4);

        let mut wider = card;
        wider.model.width = 16;
        assert!(matches!(
            load(folder, &wider, Device::Cpu),
            Err(CheckpointError::Misfit { .. })
        ));
    }

    #[test]
    fn cards_of_other_versions_and_other_files_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(folder.path()).unwrap();
        assert!(matches!(read(folder), Err(CheckpointError::Read(_))));
        fs_err::write(folder.join("model.json"), r#"{"version":1,"fold":0}"#).unwrap();
        let error = read(folder).unwrap_err();
        assert!(error.to_string().contains("has version 1"), "{error}");
        fs_err::write(folder.join("model.json"), "[]").unwrap();
        assert!(matches!(read(folder), Err(CheckpointError::Card { .. })));
    }
}
