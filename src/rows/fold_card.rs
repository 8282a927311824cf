//! `folds/<k>/fold.json`: that one of a fold's networks is finished, under which plan, and what its files are.
//!
//! A network's files are written in a folder of their own, which is renamed when all are there. Whoever trains the same
//! network at the same time does no harm: the first one's files stay. Files that are not what the card says of them are no
//! finished network, and make way for one.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use super::folder::{FolderError, RunFolder};
use crate::whole;

/// The card's name; a network whose folder has it is finished.
const CARD: &str = "fold.json";

/// The end of the names of folders in which networks are written.
const MARK: &str = ".tmp";

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

/// How it stands with a network's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// There is no card.
    Missing,
    /// Every file is what the card says.
    Finished,
    /// These are gone or are not what the card says.
    Damaged(Vec<String>),
}

/// Refuses a network that was finished under another plan. `plan` is the digest of what decides its outcome.
///
/// # Errors
///
/// If it was, or its card cannot be read.
pub fn require_plan(
    run: &RunFolder,
    fold: usize,
    repeat: usize,
    plan: &str,
) -> Result<(), FolderError> {
    match FoldCard::read(&run.network(fold, repeat)) {
        Ok(Some(card)) if card.plan != plan => Err(FolderError::OtherRun {
            root: run.root().to_owned(),
            fold,
        }),
        Ok(_) | Err(FolderError::FoldCard { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// How it stands with one of a fold's networks; all of its files are read.
///
/// # Errors
///
/// If it was finished under another plan, or a file cannot be read.
pub fn standing(
    run: &RunFolder,
    fold: usize,
    repeat: usize,
    plan: &str,
) -> Result<Standing, FolderError> {
    require_plan(run, fold, repeat, plan)?;
    let folder = run.network(fold, repeat);
    let card = match FoldCard::read(&folder) {
        Ok(Some(card)) => card,
        Ok(None) => return Ok(Standing::Missing),
        Err(FolderError::FoldCard { .. }) => {
            return Ok(Standing::Damaged(vec![CARD.to_owned()]));
        }
        Err(error) => return Err(error),
    };
    let mut damaged = Vec::new();
    for (name, expected) in card.files {
        match digest(&folder.join(&name)) {
            Ok(found) if found == expected => {}
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(FolderError::Io(error));
            }
            _ => damaged.push(name),
        }
    }
    Ok(if damaged.is_empty() {
        Standing::Finished
    } else {
        Standing::Damaged(damaged)
    })
}

/// The folder of a network whose files are being written; what is not finished is taken away again.
#[derive(Debug)]
pub struct NetworkInTheMaking<'a> {
    run: &'a RunFolder,
    fold: usize,
    repeat: usize,
    /// Taken away with what is in it, unless it has come to its place.
    _staged: TempDir,
    path: Utf8PathBuf,
}

impl<'a> NetworkInTheMaking<'a> {
    /// Makes the folder, beside its place.
    ///
    /// # Errors
    ///
    /// If the run's folder cannot be written to.
    pub fn create(run: &'a RunFolder, fold: usize, repeat: usize) -> Result<Self, FolderError> {
        let (staged, path) = beside(&run.network(fold, repeat)).map_err(FolderError::Io)?;
        Ok(Self {
            run,
            fold,
            repeat,
            _staged: staged,
            path,
        })
    }

    /// Where its files are to be written.
    pub fn path(&self) -> &Utf8Path {
        &self.path
    }

    /// Writes the card with the files' digests, and brings all to its place. Where the same network is finished there
    /// already, that one stays, and the answer is `false`.
    ///
    /// # Errors
    ///
    /// If a file cannot be read, written or renamed, or a network of another plan is there.
    pub fn finish(self, plan: &str) -> Result<bool, FolderError> {
        let card = FoldCard {
            plan: plan.to_owned(),
            files: digests(&self.path).map_err(FolderError::Io)?,
        };
        let path = self.path.join(CARD);
        let json = serde_json::to_string(&card).map_err(|source| FolderError::FoldCard {
            path: path.clone(),
            source,
        })?;
        whole::write(&path, json + "\n").map_err(FolderError::Io)?;
        let target = self.run.network(self.fold, self.repeat);
        if self.place(&target)? {
            return Ok(true);
        }
        if standing(self.run, self.fold, self.repeat, plan)? == Standing::Finished {
            return Ok(false);
        }
        // What lies there is not whole. Whoever else sees that does the same, with the same files.
        let (_old, aside) = beside(&target).map_err(FolderError::Io)?;
        match fs_err::rename(&target, aside.join("old")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(FolderError::Io(error)),
            _ => self.place(&target),
        }
    }

    /// Brings the folder to its place, unless a folder with files is there.
    fn place(&self, target: &Utf8Path) -> Result<bool, FolderError> {
        match fs_err::rename(&self.path, target) {
            Ok(()) => {
                whole::sync_folder(whole::folder_of(target)).map_err(FolderError::Io)?;
                Ok(true)
            }
            Err(_) if target.is_dir() => Ok(false),
            Err(error) => Err(FolderError::Io(error)),
        }
    }
}

/// Takes away what processes that were killed had begun of a network: folders to which nobody has written for so long.
///
/// # Errors
///
/// If a folder cannot be read or removed.
pub fn forget_begun(run: &RunFolder, fold: usize, repeat: usize, idle: Duration) -> io::Result<()> {
    let target = run.network(fold, repeat);
    let begin = format!(".{}.", target.file_name().unwrap_or_default());
    let entries = match whole::folder_of(&target).read_dir_utf8() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let is_begun = name.starts_with(&begin) && name.ends_with(MARK);
        let metadata = entry.metadata()?;
        // A clock that goes wrong says nothing.
        let since = metadata.modified()?.elapsed().unwrap_or_default();
        if is_begun && metadata.is_dir() && since >= idle {
            fs_err::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// A hidden folder beside a place, under a name that no other process uses; it is taken away with what is in it.
fn beside(target: &Utf8Path) -> io::Result<(TempDir, Utf8PathBuf)> {
    let parent = whole::folder_of(target);
    fs_err::create_dir_all(parent)?;
    let prefix = format!(".{}.", target.file_name().unwrap_or_default());
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(MARK);
    #[cfg(unix)]
    {
        // As any new folder has them, the process's mask applied.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o777));
    }
    let folder = builder.tempdir_in(parent)?;
    let name = folder.path().file_name().unwrap_or_default();
    let path = parent.join(name.to_string_lossy().as_ref());
    Ok((folder, path))
}

/// The digest of each file in a folder, by name.
fn digests(folder: &Utf8Path) -> io::Result<BTreeMap<String, String>> {
    let of = |entry: io::Result<camino::Utf8DirEntry>| {
        let entry = entry?;
        Ok((entry.file_name().to_owned(), digest(entry.path())?))
    };
    folder.read_dir_utf8()?.map(of).collect()
}

fn digest(path: &Utf8Path) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(fs_err::File::open(path)?)?;
    Ok(hasher.finalize().to_hex().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run() -> (TempDir, RunFolder) {
        let folder = tempfile::tempdir().unwrap();
        let run = RunFolder::new(Utf8Path::from_path(folder.path()).unwrap().join("run"));
        (folder, run)
    }

    fn make(run: &RunFolder, repeat: usize, text: &str) -> bool {
        begin(run, repeat, text).finish("plan").unwrap()
    }

    fn begin<'a>(run: &'a RunFolder, repeat: usize, text: &str) -> NetworkInTheMaking<'a> {
        let network = NetworkInTheMaking::create(run, 0, repeat).unwrap();
        fs_err::write(network.path().join("clips"), text).unwrap();
        network
    }

    fn clips(run: &RunFolder, repeat: usize) -> String {
        fs_err::read_to_string(run.network(0, repeat).join("clips")).unwrap()
    }

    fn names(run: &RunFolder) -> Vec<String> {
        let entries = run.root().join("folds").read_dir_utf8().unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().to_owned())
            .collect()
    }

    #[test]
    fn networks_are_resumed_only_under_their_own_plan() {
        let (_keep, run) = run();
        assert_eq!(standing(&run, 0, 0, "plan").unwrap(), Standing::Missing);
        assert!(make(&run, 0, "text"));
        assert_eq!(standing(&run, 0, 0, "plan").unwrap(), Standing::Finished);
        assert_eq!(standing(&run, 0, 2, "plan").unwrap(), Standing::Missing);
        assert!(make(&run, 2, "text"));
        assert_eq!(standing(&run, 0, 2, "plan").unwrap(), Standing::Finished);
        assert!(matches!(
            standing(&run, 0, 2, "other"),
            Err(FolderError::OtherRun { fold: 0, .. })
        ));
        // Whoever was late must not put a network of an earlier plan in the place of one of the run's own.
        let late = begin(&run, 0, "late").finish("earlier");
        assert!(matches!(late, Err(FolderError::OtherRun { .. })));
        assert_eq!(clips(&run, 0), "text");
    }

    #[test]
    fn a_network_is_there_when_it_is_finished_and_not_before() {
        let (_keep, run) = run();
        let network = begin(&run, 0, "text");
        assert!(!run.network(0, 0).exists());
        drop(network);
        assert_eq!(names(&run), [""; 0]);
        assert!(make(&run, 0, "text"));
        assert_eq!(names(&run), ["0"]);
        let card = FoldCard::read(&run.network(0, 0)).unwrap().unwrap();
        let digest = blake3::hash(b"text").to_hex().to_string();
        assert_eq!(card.files, BTreeMap::from([("clips".to_owned(), digest)]));
    }

    #[test]
    fn of_two_at_once_the_first_stays() {
        let (_keep, run) = run();
        let (first, second) = (begin(&run, 0, "first"), begin(&run, 0, "second"));
        assert!(first.finish("plan").unwrap());
        assert!(!second.finish("plan").unwrap());
        assert_eq!(clips(&run, 0), "first");
        assert_eq!(names(&run), ["0"]);
    }

    #[test]
    fn what_killed_processes_had_begun_goes() {
        let (_keep, run) = run();
        assert!(forget_begun(&run, 0, 0, Duration::ZERO).is_ok());
        fs_err::create_dir_all(run.root().join("folds/.0.a1B2c3.tmp")).unwrap();
        let going_on = begin(&run, 2, "half");
        forget_begun(&run, 0, 0, Duration::from_mins(1)).unwrap();
        assert_eq!(names(&run).len(), 2);
        forget_begun(&run, 0, 0, Duration::ZERO).unwrap();
        assert_eq!(names(&run).len(), 1);
        assert!(going_on.finish("plan").unwrap());
        assert_eq!(names(&run), ["0-repeat-2"]);
    }

    #[test]
    fn what_is_not_whole_makes_way_and_is_named() {
        let (_keep, run) = run();
        let path = run.network(0, 0);
        fs_err::create_dir_all(&path).unwrap();
        fs_err::write(path.join("clips"), "half").unwrap();
        assert_eq!(standing(&run, 0, 0, "plan").unwrap(), Standing::Missing);
        assert!(make(&run, 0, "whole"));
        for (file, damage) in [("clips", Some("wh0le")), ("clips", None), (CARD, Some("{"))] {
            match damage {
                Some(text) => fs_err::write(path.join(file), text).unwrap(),
                None => fs_err::remove_file(path.join(file)).unwrap(),
            }
            let damaged = Standing::Damaged(vec![file.to_owned()]);
            assert_eq!(standing(&run, 0, 0, "plan").unwrap(), damaged);
            assert!(make(&run, 0, "whole"));
            assert_eq!(clips(&run, 0), "whole");
            assert_eq!(standing(&run, 0, 0, "plan").unwrap(), Standing::Finished);
        }
        assert_eq!(names(&run), ["0"]);
    }
}
