//! The stages of a run: each reads files and writes files.
//!
//! [`prepare`] decodes and checks a data set, [`networks`] train and score it fold by fold, [`judge`] turns what they say
//! into a ranking, [`publish`] tells it. What a user may type, and what is printed, stands in `command`.

pub(crate) mod judge;
pub(crate) mod neighbours;
pub(crate) mod networks;
pub(crate) mod prepare;
pub(crate) mod publish;

use camino::Utf8Path;

/// The libtorch that tch is built for; it refuses any other when it is built.
pub(crate) const LIBTORCH: &str = "2.11.0";

/// A path that is true from every folder. The empty path, where a file beside lies, is the present one.
pub(crate) fn absolute(path: &Utf8Path) -> anyhow::Result<String> {
    let here = Utf8Path::new(".");
    let path = if path.as_str().is_empty() { here } else { path };
    Ok(camino::absolute_utf8(path)?.into_string())
}
