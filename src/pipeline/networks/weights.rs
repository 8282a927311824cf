//! Published weights that backbones start from.

use anyhow::bail;
use camino::{Utf8Path, Utf8PathBuf};
use tracing::{info, warn};

use crate::model::weights::{BackboneWeights, told};
use crate::pipeline::absolute;
use crate::pipeline::plan::PlannedWeights;
use crate::settings::Settings;

/// A file of published weights that was read.
#[derive(Debug)]
pub(crate) struct Weights {
    path: Utf8PathBuf,
    pub(crate) backbone: BackboneWeights,
}

impl Weights {
    /// Digest of the file.
    pub(crate) fn digest(&self) -> &str {
        self.backbone.digest()
    }

    /// The file as a plan names it.
    ///
    /// # Errors
    ///
    /// If the present folder is not known.
    pub(crate) fn planned(&self) -> anyhow::Result<PlannedWeights> {
        Ok(PlannedWeights {
            path: absolute(&self.path)?,
            digest: self.digest().to_owned(),
        })
    }
}

/// The weights that a plan names.
///
/// # Errors
///
/// If the file cannot be read, or is not what it was.
pub(crate) fn planned(
    planned: Option<&PlannedWeights>,
    settings: &Settings,
) -> anyhow::Result<Option<Weights>> {
    let path = planned.map(|planned| Utf8Path::new(&planned.path));
    let weights = read(path, settings)?;
    if weights.as_ref().map(Weights::digest) != planned.map(|planned| planned.digest.as_str()) {
        bail!(
            "'{}' holds other weights than when the run was prepared; bring them back, or prepare the run anew",
            path.unwrap_or(Utf8Path::new(""))
        );
    }
    Ok(weights)
}

/// The weights that the settings' backbones start from, or stay at; nothing where they are drawn.
///
/// # Errors
///
/// If the file cannot be read or does not fit, or a frozen backbone has none.
pub(crate) fn read(
    path: Option<&Utf8Path>,
    settings: &Settings,
) -> anyhow::Result<Option<Weights>> {
    let model = &settings.model;
    if model.frozen_backbone && model.row_width == 0 && path.is_none() {
        bail!(
            "model.frozen_backbone keeps the backbones as they are, and weights that were drawn see nothing; give published ones with --weights"
        );
    }
    if settings.train.frozen_epochs > 0 && model.row_width == 0 && path.is_none() {
        bail!(
            "train.frozen_epochs keeps the backbones as they are at first, and weights that were drawn see nothing; give published ones with --weights"
        );
    }
    let read = |path: &Utf8Path| {
        Ok(Weights {
            path: path.to_owned(),
            backbone: read_file(path, settings)?,
        })
    };
    path.map(read).transpose()
}

/// Reads published weights, and says what is done differently from what one may expect.
fn read_file(path: &Utf8Path, settings: &Settings) -> anyhow::Result<BackboneWeights> {
    let weights = BackboneWeights::read(path, &settings.model)?;
    info!("backbones start from '{path}'");
    if weights.input_repeats() > 1 {
        info!(
            "the first convolution's weights are repeated {} times over the {} input channels",
            weights.input_repeats(),
            settings.model.input.channels()
        );
    }
    let is_classifier = |name: &String| name.contains("fc.") || name.contains("classifier.");
    let others: Vec<String> = weights
        .ignored()
        .iter()
        .filter(|name| !is_classifier(name))
        .cloned()
        .collect();
    if !others.is_empty() {
        warn!(
            "'{path}' has tensors that the network has no use for: {}",
            told(&others)
        );
    }
    Ok(weights)
}
