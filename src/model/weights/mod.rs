//! Published weights as a backbone's start: a `.safetensors` file with torchvision's or timm's names.
//!
//! A `.pth` file of torchvision becomes one by
//!
//! ```text
//! python -c "import torch, safetensors.torch as s; s.save_file({k: v.clone().contiguous() for k, v in
//!     torch.load('resnet50.pth', map_location='cpu').items()}, 'resnet50.safetensors')"
//! ```
//!
//! (with `['state_dict']` after `torch.load(…)` where the weights lie one level deeper). A prefix that all names have in
//! common, such as `module.` or `backbone.`, is no matter; what is not the backbone's, such as a classifier, is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use camino::Utf8Path;
use tch::nn::VarStore;
use tch::{Device, Kind, Tensor};
use thiserror::Error;

use super::ModelSettings;
use super::resnet::ResNet;

/// Names that are told of each kind of misfit.
const TOLD: usize = 4;

/// A file of weights that cannot be used.
#[derive(Debug, Error)]
pub enum WeightsError {
    /// The file cannot be read.
    #[error("cannot read the weights")]
    File(#[source] std::io::Error),
    /// It is no safetensors file.
    #[error(
        "'{path}' is no .safetensors file; `rdfer-audit scan --help` tells how a .pth file becomes one"
    )]
    Format {
        /// The file.
        path: String,
        /// The reader's words.
        #[source]
        source: tch::TchError,
    },
    /// It holds no residual network, or several.
    #[error(
        "'{path}' must hold the weights of one ResNet, in names such as 'conv1.weight' and 'layer1.0.conv1.weight'; found: {found}"
    )]
    NotOneNetwork {
        /// The file.
        path: String,
        /// The networks' prefixes, or the file's first names.
        found: String,
    },
    /// It holds another network than the settings describe.
    #[error(
        "'{path}' does not fit model.backbone '{backbone}' with model.width {width}: {misfits}"
    )]
    Misfit {
        /// The file.
        path: String,
        /// The backbone of the settings.
        backbone: String,
        /// Its width.
        width: i64,
        /// Missing and unexpected names, and wrong shapes.
        misfits: String,
    },
}

/// A backbone's weights, checked against the settings.
#[derive(Debug)]
pub struct BackboneWeights {
    /// By torchvision's names. Behind a lock, because libtorch's tensors must not be used by several threads at once.
    tensors: Mutex<BTreeMap<String, Tensor>>,
    digest: String,
    ignored: Vec<String>,
    input_repeats: i64,
}

impl BackboneWeights {
    /// Reads a file and holds it against the backbone of the settings.
    ///
    /// Where the network sees 6 channels and the weights are for 3, the first convolution's weights are repeated and
    /// halved, so that its output keeps its size.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or a tensor is missing, too many, or of another shape.
    pub fn read(path: &Utf8Path, settings: &ModelSettings) -> Result<Self, WeightsError> {
        let bytes = fs_err::read(path).map_err(WeightsError::File)?;
        let digest = blake3::hash(&bytes).to_hex().to_string();
        let named = Tensor::read_safetensors(path).map_err(|source| WeightsError::Format {
            path: path.to_string(),
            source,
        })?;
        let named: BTreeMap<String, Tensor> = named.into_iter().collect();
        let prefix = prefix(path, &named)?;
        let (mut tensors, mut ignored) = (BTreeMap::new(), Vec::new());
        for (name, tensor) in named {
            match name.strip_prefix(&prefix) {
                Some(own) if own.ends_with("num_batches_tracked") => {}
                Some(own) if is_backbones(own) => {
                    tensors.insert(own.to_owned(), tensor.to_kind(Kind::Float));
                }
                Some(_) | None => ignored.push(name),
            }
        }
        let mut input_repeats = 1;
        let channels = settings.input.channels();
        if let Some(first) = tensors.get_mut("conv1.weight")
            && let [_, found, _, _] = first.size()[..]
            && found > 0
            && channels > found
            && channels % found == 0
        {
            input_repeats = channels / found;
            *first = first.repeat([1, input_repeats, 1, 1]) / input_repeats as f64;
        }
        let misfits = misfits(&tensors, settings);
        if misfits.is_empty() {
            Ok(Self {
                tensors: Mutex::new(tensors),
                digest,
                ignored,
                input_repeats,
            })
        } else {
            Err(WeightsError::Misfit {
                path: path.to_string(),
                backbone: settings.backbone.name().to_owned(),
                width: settings.width,
                misfits,
            })
        }
    }

    /// Digest of the file.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The file's tensors that are not the backbone's.
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// How often the first convolution's weights were repeated over the input channels; 1 means they are as published.
    pub fn input_repeats(&self) -> i64 {
        self.input_repeats
    }

    /// The backbone by itself on a device, for single pictures, ready to score; its weights live as long as the store.
    pub fn backbone(&self, settings: &ModelSettings, device: Device) -> (ResNet, VarStore) {
        let store = VarStore::new(device);
        let path = store.root() / "backbone";
        let channels = settings.input.channels();
        let mut backbone = ResNet::new(&path, settings.backbone, channels, settings.width, 1);
        self.copy_into(&store);
        backbone.fuse();
        (backbone, store)
    }

    /// Copies the weights into every backbone of a network.
    pub fn copy_into(&self, store: &VarStore) {
        let tensors = self.tensors.lock().unwrap_or_else(PoisonError::into_inner);
        let variables: BTreeMap<String, Tensor> = store.variables().into_iter().collect();
        for (name, mut variable) in variables {
            let own = name.split_once("backbone.").map(|(_, own)| own);
            if let Some(tensor) = own.and_then(|own| tensors.get(own)) {
                tch::no_grad(|| variable.copy_(tensor));
            }
        }
    }
}

/// What stands before the backbone's own names.
fn prefix(path: &Utf8Path, named: &BTreeMap<String, Tensor>) -> Result<String, WeightsError> {
    let prefixes: Vec<&str> = named
        .keys()
        .filter_map(|name| name.strip_suffix("conv1.weight"))
        .filter(|prefix| named.contains_key(&format!("{prefix}layer1.0.conv1.weight")))
        .collect();
    if let [prefix] = prefixes[..] {
        return Ok(prefix.to_owned());
    }
    let found: Vec<String> = if prefixes.is_empty() {
        named.keys().cloned().collect()
    } else {
        let networks = prefixes
            .iter()
            .map(|prefix| format!("{prefix}conv1.weight"));
        networks.collect()
    };
    Err(WeightsError::NotOneNetwork {
        path: path.to_string(),
        found: told(&found),
    })
}

/// Whether a name is that of a part that residual networks have before their classifier.
fn is_backbones(name: &str) -> bool {
    let part = name.split('.').next().unwrap_or(name);
    part == "conv1" || part == "bn1" || part.starts_with("layer")
}

/// What keeps the tensors from being the backbone's weights; empty where nothing does.
fn misfits(tensors: &BTreeMap<String, Tensor>, settings: &ModelSettings) -> String {
    let store = VarStore::new(Device::Cpu);
    let channels = settings.input.channels();
    let _network = ResNet::new(
        &store.root(),
        settings.backbone,
        channels,
        settings.width,
        1,
    );
    let wanted: BTreeMap<String, Tensor> = store.variables().into_iter().collect();
    let names = |tensors: &BTreeMap<String, Tensor>| -> BTreeSet<String> {
        tensors.keys().cloned().collect()
    };
    let (found, needed) = (names(tensors), names(&wanted));
    let missing: Vec<String> = needed.difference(&found).cloned().collect();
    let unexpected: Vec<String> = found.difference(&needed).cloned().collect();
    let shapes: Vec<String> = wanted
        .iter()
        .filter_map(|(name, wanted)| {
            let found = tensors.get(name)?.size();
            let wanted = wanted.size();
            (found != wanted).then(|| format!("'{name}' is {found:?}, not {wanted:?}"))
        })
        .collect();
    [
        ("missing", missing),
        ("unexpected", unexpected),
        ("of another shape", shapes),
    ]
    .into_iter()
    .filter(|(_, names)| !names.is_empty())
    .map(|(what, names)| format!("{what}: {}", told(&names)))
    .collect::<Vec<_>>()
    .join("; ")
}

/// The first few names, and how many there are where that is not all.
pub fn told(names: &[String]) -> String {
    let first = names[..names.len().min(TOLD)].join(", ");
    if names.len() > TOLD {
        format!("{first}, … ({} in all)", names.len())
    } else {
        first
    }
}

#[cfg(test)]
mod tests;
