//! `folds/<k>/fold.json`: that one of a fold's networks is finished, under which plan, and what its files are.
//!
//! A network's files are written in a folder of their own, which is renamed when all are there. Whoever trains the same
//! network at the same time does no harm: the first one's files stay.

use std::collections::BTreeMap;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use super::folder::{FolderError, RunFolder};
use crate::whole;

/// The card's name; a network whose folder has it is finished.
const CARD: &str = "fold.json";

/// The card of a finished network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct FoldCard {
    /// Digest of the run's plan: settings, data and folds.
    plan: String,
    /// Digest (BLAKE3, hexadecimal) of each of the network's files, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    files: BTreeMap<String, String>,
}

impl FoldCard {
    /// The card in a network's folder; nothing where there is none.
    fn read(folder: &Utf8Path) -> Result<Option<Self>, FolderError> {
        let path = folder.join(CARD);
        let text = match fs_err::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(FolderError::Io(error)),
        };
        let card = serde_json::from_str(&text);
        card.map(Some)
            .map_err(|source| FolderError::FoldCard { path, source })
    }
}

/// Whether one of a fold's networks is finished. `plan` is the digest of what decides its outcome.
///
/// # Errors
///
/// If it was finished under another plan, or its card cannot be read.
pub fn is_finished(
    run: &RunFolder,
    fold: usize,
    repeat: usize,
    plan: &str,
) -> Result<bool, FolderError> {
    match FoldCard::read(&run.network(fold, repeat))? {
        None => Ok(false),
        Some(card) if card.plan == plan => Ok(true),
        Some(_) => Err(FolderError::OtherRun {
            root: run.root().to_owned(),
            fold,
        }),
    }
}

/// The folder of a network whose files are being written; what is not finished is taken away again.
#[derive(Debug)]
pub struct NetworkInTheMaking {
    staged: TempDir,
    path: Utf8PathBuf,
    target: Utf8PathBuf,
}

impl NetworkInTheMaking {
    /// Makes the folder, beside its place.
    ///
    /// # Errors
    ///
    /// If the run's folder cannot be written to.
    pub fn create(run: &RunFolder, fold: usize, repeat: usize) -> Result<Self, FolderError> {
        let target = run.network(fold, repeat);
        let parent = whole::folder_of(&target);
        fs_err::create_dir_all(parent).map_err(FolderError::Io)?;
        let prefix = format!(".{}.", target.file_name().unwrap_or_default());
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).suffix(".tmp");
        #[cfg(unix)]
        {
            // As any new folder has them, the process's mask applied.
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(std::fs::Permissions::from_mode(0o777));
        }
        let staged = builder.tempdir_in(parent).map_err(FolderError::Io)?;
        let name = staged.path().file_name().unwrap_or_default();
        let path = parent.join(name.to_string_lossy().as_ref());
        Ok(Self {
            staged,
            path,
            target,
        })
    }

    /// Where its files are to be written.
    pub fn path(&self) -> &Utf8Path {
        &self.path
    }

    /// Writes the card with the files' digests, and brings all to its place. Where the same network is finished there
    /// already, that one stays.
    ///
    /// # Errors
    ///
    /// If a file cannot be read, written or renamed.
    pub fn finish(self, plan: &str) -> Result<(), FolderError> {
        let names = files(&self.path).map_err(FolderError::Io)?;
        let card = FoldCard {
            plan: plan.to_owned(),
            files: digests(&self.path, &names).map_err(FolderError::Io)?,
        };
        let path = self.path.join(CARD);
        let json = serde_json::to_string(&card).map_err(|source| FolderError::FoldCard {
            path: path.clone(),
            source,
        })?;
        whole::write(&path, json + "\n").map_err(FolderError::Io)?;
        self.publish(plan, &names)
    }

    fn publish(self, plan: &str, names: &[String]) -> Result<(), FolderError> {
        match fs_err::rename(&self.path, &self.target) {
            Ok(()) => {
                // There is nothing left to take away.
                let _gone = self.staged.keep();
                return whole::sync_folder(whole::folder_of(&self.target)).map_err(FolderError::Io);
            }
            Err(_) if self.target.is_dir() => {}
            Err(error) => return Err(FolderError::Io(error)),
        }
        let finished = FoldCard::read(&self.target)?;
        if finished.is_some_and(|card| card.plan == plan) {
            return Ok(());
        }
        // A further network of the fold lies in the same folder, or files of one that was not finished. The card is last.
        for name in names.iter().map(String::as_str).chain([CARD]) {
            fs_err::rename(self.path.join(name), self.target.join(name))
                .map_err(FolderError::Io)?;
        }
        whole::sync_folder(&self.target).map_err(FolderError::Io)
    }
}

/// The names of the files in a folder, sorted.
fn files(folder: &Utf8Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in folder.read_dir_utf8()? {
        names.push(entry?.file_name().to_owned());
    }
    names.sort();
    Ok(names)
}

fn digests(folder: &Utf8Path, names: &[String]) -> io::Result<BTreeMap<String, String>> {
    let digest = |name: &String| {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(fs_err::File::open(folder.join(name))?)?;
        Ok((name.clone(), hasher.finalize().to_hex().to_string()))
    };
    names.iter().map(digest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run() -> (TempDir, RunFolder) {
        let folder = tempfile::tempdir().unwrap();
        let run = RunFolder::new(Utf8Path::from_path(folder.path()).unwrap().join("run"));
        (folder, run)
    }

    fn make(run: &RunFolder, (fold, repeat): (usize, usize), text: &str) -> NetworkInTheMaking {
        let network = NetworkInTheMaking::create(run, fold, repeat).unwrap();
        fs_err::write(network.path().join("clips"), text).unwrap();
        network
    }

    fn clips(run: &RunFolder, fold: usize, repeat: usize) -> String {
        fs_err::read_to_string(run.network(fold, repeat).join("clips")).unwrap()
    }

    #[test]
    fn networks_are_resumed_only_under_their_own_plan() {
        let (_keep, run) = run();
        assert!(!is_finished(&run, 1, 0, "plan").unwrap());
        make(&run, (1, 0), "text").finish("plan").unwrap();
        assert!(is_finished(&run, 1, 0, "plan").unwrap());
        assert!(!is_finished(&run, 1, 2, "plan").unwrap());
        make(&run, (1, 2), "text").finish("plan").unwrap();
        assert!(is_finished(&run, 1, 2, "plan").unwrap());
        assert!(matches!(
            is_finished(&run, 1, 2, "other"),
            Err(FolderError::OtherRun { fold: 1, .. })
        ));
    }

    #[test]
    fn a_network_is_there_when_it_is_finished_and_not_before() {
        let (_keep, run) = run();
        let network = make(&run, (0, 0), "text");
        assert!(!run.network(0, 0).exists());
        drop(network);
        assert_eq!(files(&run.root().join("folds")).unwrap(), [""; 0]);
        make(&run, (0, 0), "text").finish("plan").unwrap();
        assert_eq!(files(&run.root().join("folds")).unwrap(), ["0"]);
        let card = FoldCard::read(&run.network(0, 0)).unwrap().unwrap();
        let digest = blake3::hash(b"text").to_hex().to_string();
        assert_eq!(card.files, BTreeMap::from([("clips".to_owned(), digest)]));
    }

    #[test]
    fn of_two_at_once_the_first_stays() {
        let (_keep, run) = run();
        let (first, second) = (make(&run, (0, 0), "first"), make(&run, (0, 0), "second"));
        first.finish("plan").unwrap();
        second.finish("plan").unwrap();
        assert_eq!(clips(&run, 0, 0), "first");
        assert_eq!(files(&run.root().join("folds")).unwrap(), ["0"]);
    }

    #[test]
    fn what_was_not_finished_is_written_over_and_further_networks_stay() {
        let (_keep, run) = run();
        make(&run, (0, 1), "further").finish("plan").unwrap();
        fs_err::write(run.network(0, 0).join("clips"), "half").unwrap();
        make(&run, (0, 0), "whole").finish("plan").unwrap();
        assert_eq!(clips(&run, 0, 0), "whole");
        assert_eq!(clips(&run, 0, 1), "further");
        assert!(is_finished(&run, 0, 0, "plan").unwrap());
        assert!(is_finished(&run, 0, 1, "plan").unwrap());
    }
}
