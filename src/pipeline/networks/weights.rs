//! Published weights that backbones start from.

use anyhow::bail;
use camino::Utf8Path;
use tracing::{info, warn};

use crate::model::weights::{BackboneWeights, told};
use crate::settings::Settings;

/// The weights that the settings' backbones start from, or stay at; nothing where they are drawn.
///
/// # Errors
///
/// If the file cannot be read or does not fit, or a frozen backbone has none.
pub(crate) fn read(
    path: Option<&Utf8Path>,
    settings: &Settings,
) -> anyhow::Result<Option<BackboneWeights>> {
    let model = &settings.model;
    if model.frozen_backbone && model.row_width == 0 && path.is_none() {
        bail!(
            "model.frozen_backbone keeps the backbones as they are, and weights that were drawn see nothing; give published ones with --weights"
        );
    }
    path.map(|path| read_file(path, settings)).transpose()
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
