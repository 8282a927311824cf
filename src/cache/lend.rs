//! A cache folder that has what another one holds, without its frames being decoded, or mostly even copied, again.
//!
//! What is lent is linked where the file system can do so: the same bytes under a second name, which last as long as either.
//! It becomes parts of the folder, which nobody writes to.

use std::io;

use camino::Utf8Path;

use super::error::CacheError;
use super::stock;
use crate::whole::WholeFile;

/// What parts are called that are another folder's.
const LENT: &str = "shard-lent";

/// Lets the cache folder `to` have the frames and features of the cache folder `from`.
///
/// # Errors
/// When `from` cannot be read, or `to` cannot be written.
pub fn lend(from: &Utf8Path, to: &Utf8Path) -> Result<(), CacheError> {
    let mut folders = vec![(from.to_owned(), LENT.to_owned())];
    for part in stock::parts(from)? {
        let name = part.file_name().unwrap_or_default();
        let name = format!("{LENT}-{name}");
        folders.push((part, name));
    }
    for (folder, name) in folders {
        let part = to.join(name);
        let lend = || -> io::Result<()> {
            if !folder.join("index.jsonl").exists() {
                return Ok(());
            }
            fs_err::create_dir_all(&part)?;
            // Lines speak for frames: these are there first.
            lend_file(&folder.join("frames.bin"), &part.join("frames.bin"))?;
            lend_file(&folder.join("index.jsonl"), &part.join("index.jsonl"))
        };
        lend().map_err(|source| unusable(&part, source))?;
    }
    lend_features(from, to).map_err(|source| unusable(to, source))
}

/// Rows that stand for frames, of which a file, once it has its name, is never changed.
fn lend_features(from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
    let entries = match from.read_dir_utf8() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_name().starts_with("features-") {
            fs_err::create_dir_all(to)?;
            lend_file(entry.path(), &to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

fn lend_file(from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
    if to.exists() || fs_err::hard_link(from, to).is_ok() {
        return Ok(());
    }
    // Another file system, or one without links.
    let mut file = WholeFile::create(to)?;
    io::copy(&mut fs_err::File::open(from)?, &mut file)?;
    file.finish()
}

fn unusable(dir: &Utf8Path, source: io::Error) -> CacheError {
    CacheError::Unusable {
        dir: dir.to_owned(),
        source,
    }
}
