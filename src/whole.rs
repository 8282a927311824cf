//! Files that appear whole or not at all.
//!
//! A file is written beside its place under a name that no other process uses, brought to the disk, and renamed. Who reads
//! it meanwhile sees the old one; of two writers at once the later one wins, with a whole file.

use std::io::{self, Write};

use camino::{Utf8Path, Utf8PathBuf};
use tempfile::{Builder, NamedTempFile};

pub use crate::file_system::sync_folder;
use crate::file_system::synced;

/// What is in every temporary name.
const MARK: &str = ".tmp";

/// A file in the making; what is not [`Self::finish`]ed is taken away again.
#[derive(Debug)]
pub struct WholeFile {
    temporary: NamedTempFile,
    path: Utf8PathBuf,
}

impl WholeFile {
    /// Begins a file that shall lie at `path`.
    ///
    /// # Errors
    ///
    /// If its folder cannot be written to.
    pub fn create(path: &Utf8Path) -> io::Result<Self> {
        let name = path.file_name().unwrap_or_default();
        // Some libraries choose a file's format by its name's end.
        let end = path.extension().map(|end| format!(".{end}"));
        let suffix = format!("{MARK}{}", end.unwrap_or_default());
        let prefix = format!(".{name}.");
        let mut builder = Builder::new();
        builder.prefix(&prefix).suffix(&suffix);
        #[cfg(unix)]
        {
            // As any new file has them, the process's mask applied.
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let temporary = builder
            .tempfile_in(folder_of(path))
            .map_err(|source| at(path, &source))?;
        Ok(Self {
            temporary,
            path: path.to_owned(),
        })
    }

    /// Where it lies until it is finished.
    pub fn temporary(&self) -> Utf8PathBuf {
        let name = self.temporary.path().file_name().unwrap_or_default();
        folder_of(&self.path).join(name.to_string_lossy().as_ref())
    }

    /// Brings the file to the disk and to its place.
    ///
    /// # Errors
    ///
    /// If the disk is full or lost, or another kind of thing lies there.
    pub fn finish(self) -> io::Result<()> {
        let Self { temporary, path } = self;
        synced(temporary.as_file().sync_all()).map_err(|source| at(&path, &source))?;
        temporary
            .persist(&path)
            .map_err(|error| at(&path, &error.error))?;
        sync_folder(folder_of(&path))
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.temporary.as_file_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.temporary.as_file_mut().flush()
    }
}

/// Writes a whole file.
///
/// # Errors
///
/// If it cannot be written; what lay there before is still there.
pub fn write(path: &Utf8Path, bytes: impl AsRef<[u8]>) -> io::Result<()> {
    let mut file = WholeFile::create(path)?;
    file.write_all(bytes.as_ref())
        .map_err(|source| at(path, &source))?;
    file.finish()
}

/// Takes away what processes that were killed had begun of a file.
///
/// # Errors
///
/// If the folder cannot be read, or a file not be removed.
pub fn forget_begun(path: &Utf8Path) -> io::Result<()> {
    let entries = match folder_of(path).read_dir_utf8() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if name_of(entry.file_name()).is_some_and(|name| Some(name) == path.file_name()) {
            fs_err::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// The name of the file that a temporary name stands for, as a process that was killed leaves it.
pub fn name_of(temporary: &str) -> Option<&str> {
    let inner = temporary.strip_prefix('.')?;
    let (stem, _end) = inner.rsplit_once(MARK)?;
    Some(stem.rsplit_once('.')?.0)
}

/// The folder in which a file lies; the current one where its path is a mere name.
pub fn folder_of(path: &Utf8Path) -> &Utf8Path {
    path.parent()
        .filter(|folder| !folder.as_str().is_empty())
        .unwrap_or(Utf8Path::new("."))
}

/// The error with the file that was wanted: the temporary one says nothing to anybody.
fn at(path: &Utf8Path, source: &io::Error) -> io::Error {
    io::Error::new(
        source.kind(),
        format!("failed to write file `{path}`: {source}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, Utf8PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
        (folder, path)
    }

    fn names(folder: &Utf8Path) -> Vec<String> {
        let entries = fs_err::read_dir(folder).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn a_file_is_there_when_it_is_finished_and_not_before() {
        let (_keep, folder) = folder();
        let path = folder.join("run.json");
        write(&path, "old").unwrap();
        let mut file = WholeFile::create(&path).unwrap();
        file.write_all(b"new").unwrap();
        assert_eq!(fs_err::read_to_string(&path).unwrap(), "old");
        let temporary = names(&folder);
        let temporary = temporary.iter().find(|name| *name != "run.json").unwrap();
        assert_eq!(name_of(temporary), Some("run.json"));
        drop(file);
        assert_eq!(names(&folder), ["run.json"]);
        write(&path, "new").unwrap();
        assert_eq!(fs_err::read_to_string(&path).unwrap(), "new");
    }

    #[test]
    fn writers_at_once_do_not_meet() {
        let (_keep, folder) = folder();
        let path = folder.join("model.safetensors");
        let text = |writer: usize| writer.to_string().repeat(100_000);
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let path = &path;
                scope.spawn(move || {
                    for _ in 0..20 {
                        write(path, text(writer)).unwrap();
                    }
                });
            }
        });
        let found = fs_err::read_to_string(&path).unwrap();
        assert!((0..4).any(|writer| found == text(writer)));
        assert_eq!(names(&folder), ["model.safetensors"]);
    }

    #[test]
    fn the_file_that_was_wanted_is_named() {
        let (_keep, folder) = folder();
        let error = write(&folder.join("gone/run.json"), "").unwrap_err();
        let error = error.to_string().replace(folder.as_str(), "");
        assert!(
            error.starts_with("failed to write file `/gone/run.json`: "),
            "{error}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn others_may_read_it_as_they_may_any_new_file() {
        use std::os::unix::fs::PermissionsExt;
        let (_keep, folder) = folder();
        let mode = |name: &str| {
            let metadata = fs_err::metadata(folder.join(name)).unwrap();
            metadata.permissions().mode()
        };
        write(&folder.join("whole"), "").unwrap();
        fs_err::write(folder.join("plain"), "").unwrap();
        assert_eq!(mode("whole"), mode("plain"));
    }

    #[test]
    fn names_that_are_not_temporary_stand_for_nothing() {
        for name in ["run.json", "run.json.tmp", ".tmp", ".hidden"] {
            assert_eq!(name_of(name), None, "{name}");
        }
        assert_eq!(
            name_of(".run.tmp.json.a1B2c3.tmp.json"),
            Some("run.tmp.json")
        );
    }
}
