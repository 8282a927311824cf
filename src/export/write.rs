//! Writing files so that whoever is interrupted has the old ones or the new ones, and never half of one.
//!
//! All files are brought to the disk under temporary names before the first takes its place, so that a disk that is full
//! leaves everything as it was. Of several files, a power cut between two renames leaves some old and some new;
//! `export --check` tells.

use std::io::Write;

use camino::{Utf8Path, Utf8PathBuf};
use tempfile::NamedTempFile;

use super::ExportError;
use crate::file_system::{sync_folder, synced};
use crate::whole::folder_of;

/// A file that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Where.
    pub path: Utf8PathBuf,
    /// What.
    pub bytes: Vec<u8>,
}

impl Planned {
    /// A file.
    pub fn new(path: Utf8PathBuf, bytes: Vec<u8>) -> Self {
        Self { path, bytes }
    }
}

/// Refuses paths where something is already.
///
/// # Errors
/// There is something, and which.
pub(super) fn refuse_existing<'a>(
    paths: impl IntoIterator<Item = &'a Utf8Path>,
) -> Result<(), ExportError> {
    let existing: Vec<&Utf8Path> = paths.into_iter().filter(|path| path.exists()).collect();
    match existing.first() {
        None => Ok(()),
        Some(first) => Err(ExportError::Exists {
            path: (*first).to_owned(),
            others: existing.len() - 1,
        }),
    }
}

/// Writes all files, or none where one cannot be written.
///
/// # Errors
/// A file is there and `force` is not given, or a file cannot be written.
pub(super) fn write(files: &[Planned], force: bool) -> Result<(), ExportError> {
    if !force {
        // The export itself is named first.
        refuse_existing(files.iter().rev().map(|file| file.path.as_path()))?;
    }
    let staged = files.iter().map(stage).collect::<Result<Vec<_>, _>>()?;
    for (file, path) in staged {
        file.persist(&path)
            .map_err(|error| ExportError::File(error.error))?;
        sync_folder(folder_of(&path)).map_err(ExportError::File)?;
    }
    Ok(())
}

/// Writes a file under a temporary name beside its place, which is returned with links resolved.
fn stage(file: &Planned) -> Result<(NamedTempFile, Utf8PathBuf), ExportError> {
    // A link stays one; what it points to is written.
    let path = match file.path.canonicalize_utf8() {
        Ok(resolved) => resolved,
        Err(_new) => file.path.clone(),
    };
    let folder = folder_of(&path);
    fs_err::create_dir_all(folder).map_err(ExportError::File)?;
    let name = format!(".{}.", path.file_name().unwrap_or_default());
    let mut builder = tempfile::Builder::new();
    builder.prefix(&name).suffix(".tmp");
    let permissions = fs_err::metadata(&path)
        .ok()
        .map(|existing| existing.permissions());
    #[cfg(unix)]
    let permissions = permissions.or_else(|| {
        // As any new file has them, the process's mask applied.
        use std::os::unix::fs::PermissionsExt;
        Some(std::fs::Permissions::from_mode(0o666))
    });
    if let Some(permissions) = permissions {
        builder.permissions(permissions);
    }
    let mut temporary = builder.tempfile_in(folder).map_err(ExportError::File)?;
    temporary
        .write_all(&file.bytes)
        .and_then(|()| synced(temporary.as_file().sync_all()))
        .map_err(ExportError::File)?;
    Ok((temporary, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, Utf8PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().to_owned();
        (folder, path)
    }

    #[test]
    fn all_or_none_are_written() {
        let (_keep, folder) = folder();
        let file = |name: &str, text: &str| Planned::new(folder.join(name), text.into());
        write(&[file("a/b/1.csv", "one"), file("2.csv", "two")], false).unwrap();
        // The second file's folder cannot be made, because a file is in its way.
        let error = write(
            &[file("a/b/1.csv", "new"), file("2.csv/3.csv", "three")],
            true,
        )
        .unwrap_err();
        assert!(matches!(error, ExportError::File(_)), "{error}");
        assert_eq!(fs_err::read(folder.join("a/b/1.csv")).unwrap(), b"one");
        let error = write(&[file("new", ""), file("2.csv", "")], false).unwrap_err();
        assert!(error.to_string().contains("2.csv") && error.to_string().contains("--force"));
        assert!(!folder.join("new").exists());
        // Nothing temporary stays.
        let names = fs_err::read_dir(folder.join("a/b")).unwrap().count();
        assert_eq!(names, 1);
    }

    #[cfg(unix)]
    #[test]
    fn links_and_permissions_stay() {
        use std::os::unix::fs::PermissionsExt;
        let (_keep, folder) = folder();
        let (file, link) = (folder.join("file"), folder.join("link"));
        fs_err::write(&file, "old").unwrap();
        fs_err::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write(&[Planned::new(link.clone(), b"new".to_vec())], true).unwrap();
        assert!(fs_err::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs_err::read(&file).unwrap(), b"new");
        let mode = fs_err::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
    }
}
