//! Files as a cache takes them.

use camino::Utf8PathBuf;
use rdfer_audit::cache::Source;

/// A source for every file, called by its path.
pub(crate) fn of(paths: &[Utf8PathBuf]) -> Vec<Source<'_>> {
    paths
        .iter()
        .map(|path| Source {
            id: path.as_str(),
            path,
        })
        .collect()
}
