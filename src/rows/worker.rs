//! `folds/.<k>.worker`: who works on one of a fold's networks, and when it last said so. Advice for people: nobody waits for
//! it, and of two workers at once the later one is named.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::folder::RunFolder;
use crate::whole;

/// Who works on a network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worker {
    /// Its machine.
    pub host: String,
    /// Its process there.
    pub pid: u32,
    /// When it began.
    pub since: Timestamp,
    /// When it last said that it works.
    pub last_sign: Timestamp,
}

impl Worker {
    /// Who says to work on a network; nobody where there is no such file, or none that can be read.
    pub fn read(run: &RunFolder, fold: usize, repeat: usize) -> Option<Self> {
        serde_json::from_slice(&fs_err::read(path(run, fold, repeat)).ok()?).ok()
    }

    /// Says that it works on a network.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn write(&self, run: &RunFolder, fold: usize, repeat: usize) -> io::Result<()> {
        let path = path(run, fold, repeat);
        fs_err::create_dir_all(whole::folder_of(&path))?;
        whole::write(&path, serde_json::to_string(self)? + "\n")
    }

    /// Says no more that it works on a network, unless somebody else does so by now.
    ///
    /// # Errors
    ///
    /// If the file cannot be removed.
    pub fn remove(&self, run: &RunFolder, fold: usize, repeat: usize) -> io::Result<()> {
        let named = Self::read(run, fold, repeat);
        if named.is_some_and(|named| named.host == self.host && named.pid == self.pid) {
            fs_err::remove_file(path(run, fold, repeat))?;
        }
        Ok(())
    }
}

/// Takes away what somebody who is gone has said of a network.
///
/// # Errors
///
/// If the file cannot be removed.
pub fn forget(run: &RunFolder, fold: usize, repeat: usize) -> io::Result<()> {
    match fs_err::remove_file(path(run, fold, repeat)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn path(run: &RunFolder, fold: usize, repeat: usize) -> Utf8PathBuf {
    let network = run.network(fold, repeat);
    let name = network.file_name().unwrap_or_default();
    Utf8Path::join(whole::folder_of(&network), format!(".{name}.worker"))
}
