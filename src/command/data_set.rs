//! Reading the data set that a command line names, and saying what it was understood to be.

use camino::{Utf8Path, Utf8PathBuf};
use tracing::warn;

use crate::manifest::{self, LabelFile, Manifest, ManifestError, ReadOptions};

/// Reads a data set, which may be several lists, and warns of what may be meant otherwise.
///
/// # Errors
///
/// Everything that is wrong with it.
pub(super) fn read(
    (dataset, more): (&Utf8Path, &[Utf8PathBuf]),
    options: &ReadOptions,
) -> Result<(Manifest, Vec<LabelFile>), ManifestError> {
    let mut lists = vec![dataset];
    lists.extend(more.iter().map(Utf8PathBuf::as_path));
    let (manifest, files) = manifest::read_several(&lists, options)?;
    for warning in &manifest.warnings {
        warn!("{warning}");
    }
    Ok((manifest, files))
}

/// What a data set was understood to be, as people read it.
pub(super) fn told(dataset: &Utf8Path, manifest: &Manifest) -> String {
    manifest.understood.to_text(dataset.as_str()) + "\n"
}
