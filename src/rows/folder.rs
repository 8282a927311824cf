//! The run folder: where each file lies, and whether a run may begin in it.

use camino::{Utf8Path, Utf8PathBuf};
use thiserror::Error;

use crate::whole::{self, WholeFile};

/// A folder that holds one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFolder {
    root: Utf8PathBuf,
}

/// What to do where a run is already there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Refuse.
    Refuse,
    /// Go on from the folds that are finished.
    Resume,
    /// Throw the run away; the decoded frames stay.
    Overwrite,
}

/// A run folder that cannot be used.
#[derive(Debug, Error)]
pub enum FolderError {
    /// There is a run already.
    #[error(
        "there is a run in '{root}' already; --out names another folder, `scan --resume` goes on with it, `scan --overwrite` (or `score --overwrite`) throws it away"
    )]
    Exists {
        /// The folder.
        root: Utf8PathBuf,
    },
    /// The folder holds files that are not a run's.
    #[error("'{root}' holds other files, such as '{name}'; name a new or empty folder with --out")]
    Foreign {
        /// The folder.
        root: Utf8PathBuf,
        /// One of them.
        name: String,
    },
    /// There is no run.
    #[error(
        "there is no finished run in '{root}': '{file}' is missing; `rdfer-audit scan DATASET --out {root}` makes one"
    )]
    Missing {
        /// The folder.
        root: Utf8PathBuf,
        /// The file that is missing.
        file: &'static str,
    },
    /// A file has the folder's name.
    #[error("'{root}' is a file; name a new or empty folder with --out")]
    File {
        /// The file.
        root: Utf8PathBuf,
    },
    /// The folder cannot be written or read.
    #[error("cannot use the run folder")]
    Io(#[source] std::io::Error),
    /// A fold's card cannot be understood or written.
    #[error("'{path}' is not the card of a fold")]
    FoldCard {
        /// The file.
        path: Utf8PathBuf,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// A finished fold comes from other data or settings.
    #[error(
        "fold {fold} in '{root}' was trained on other data or with other settings; `scan --overwrite` starts anew"
    )]
    OtherRun {
        /// The folder.
        root: Utf8PathBuf,
        /// The fold, from 0.
        fold: usize,
    },
}

/// What a run may have left in its folder beside its results.
const OURS: [&str; 8] = [
    "folds",
    "unfinished",
    "timings",
    "cache",
    "labels",
    "compare",
    "settings.toml",
    "run.log",
];

/// What a run has planned and found, besides its folds.
const RESULTS: [&str; 13] = [
    "plan.json",
    "videos.parquet",
    "issues.parquet",
    "clips.parquet",
    "dynamics.parquet",
    "classes.parquet",
    "transitions.parquet",
    "cuts.parquet",
    "votes.parquet",
    "raters.parquet",
    "run.json",
    "report.html",
    "summary.txt",
];

/// What is there when nothing was trained.
const CHECKED: [&str; 10] = [
    "cache",
    "labels",
    "timings",
    "plan.json",
    "run.log",
    "settings.toml",
    "videos.parquet",
    "issues.parquet",
    "votes.parquet",
    "raters.parquet",
];

/// Whether a file is a journal of people's decisions, which no scan touches.
pub fn is_journal(name: &str) -> bool {
    name.strip_suffix(".jsonl")
        .is_some_and(|stem| stem == "decisions" || stem.starts_with("decisions-"))
}

impl RunFolder {
    /// The folder `root`, whether it is there or not.
    pub fn new(root: impl Into<Utf8PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Makes the folder ready for a run, and sees that it can be written.
    ///
    /// # Errors
    ///
    /// If there is a run already and `existing` does not allow it, the folder holds other files, or cannot be written.
    pub fn prepare(&self, existing: Existing) -> Result<(), FolderError> {
        if self.root.is_file() {
            let root = self.root.clone();
            return Err(FolderError::File { root });
        }
        fs_err::create_dir_all(&self.root).map_err(FolderError::Io)?;
        let mut has_run = false;
        for entry in fs_err::read_dir(&self.root).map_err(FolderError::Io)? {
            let name = entry.map_err(FolderError::Io)?.file_name();
            let name = name.to_string_lossy();
            let stem = whole::name_of(&name).unwrap_or(&name);
            if is_journal(stem) {
                has_run = true;
                continue;
            }
            if !OURS.contains(&stem) && !RESULTS.contains(&stem) {
                return Err(FolderError::Foreign {
                    root: self.root.clone(),
                    name: name.into_owned(),
                });
            }
            // Decoded frames and what `check` and `--prepare` write are no run: nothing would be lost.
            has_run |= !CHECKED.contains(&stem);
        }
        match existing {
            Existing::Refuse if has_run => {
                return Err(FolderError::Exists {
                    root: self.root.clone(),
                });
            }
            Existing::Overwrite => self.clear()?,
            Existing::Refuse | Existing::Resume => {}
        }
        // A bad path shall fail now, not after the training.
        let probe = WholeFile::create(&self.card()).map_err(FolderError::Io)?;
        drop(probe);
        Ok(())
    }

    /// Removes the run, but neither the decoded frames nor people's decisions.
    fn clear(&self) -> Result<(), FolderError> {
        for file in RESULTS {
            let path = self.root.join(file);
            if path.exists() {
                fs_err::remove_file(path).map_err(FolderError::Io)?;
            }
        }
        for entry in fs_err::read_dir(&self.root).map_err(FolderError::Io)? {
            let entry = entry.map_err(FolderError::Io)?;
            // What a process that was killed had begun.
            if whole::name_of(&entry.file_name().to_string_lossy()).is_some() {
                fs_err::remove_file(entry.path()).map_err(FolderError::Io)?;
            }
        }
        for folder in ["folds", "unfinished", "timings", "labels", "compare"] {
            let folder = self.root.join(folder);
            if folder.exists() {
                fs_err::remove_dir_all(folder).map_err(FolderError::Io)?;
            }
        }
        Ok(())
    }

    /// Checks that a finished run is there.
    ///
    /// # Errors
    ///
    /// If a file of a finished run is missing.
    pub fn require_finished(&self) -> Result<(), FolderError> {
        for (path, file) in [(self.videos(), "videos.parquet"), (self.card(), "run.json")] {
            if !path.exists() {
                return Err(FolderError::Missing {
                    root: self.root.clone(),
                    file,
                });
            }
        }
        Ok(())
    }

    /// The folder itself.
    pub fn root(&self) -> &Utf8Path {
        &self.root
    }

    /// `videos.parquet`.
    pub fn videos(&self) -> Utf8PathBuf {
        self.root.join("videos.parquet")
    }

    /// `issues.parquet`.
    pub fn issues(&self) -> Utf8PathBuf {
        self.root.join("issues.parquet")
    }

    /// `clips.parquet`.
    pub fn clips(&self) -> Utf8PathBuf {
        self.root.join("clips.parquet")
    }

    /// `dynamics.parquet`.
    pub fn dynamics(&self) -> Utf8PathBuf {
        self.root.join("dynamics.parquet")
    }

    /// `classes.parquet`.
    pub fn classes(&self) -> Utf8PathBuf {
        self.root.join("classes.parquet")
    }

    /// `transitions.parquet`.
    pub fn transitions(&self) -> Utf8PathBuf {
        self.root.join("transitions.parquet")
    }

    /// `cuts.parquet`.
    pub fn cuts(&self) -> Utf8PathBuf {
        self.root.join("cuts.parquet")
    }

    /// `votes.parquet`.
    pub fn votes(&self) -> Utf8PathBuf {
        self.root.join("votes.parquet")
    }

    /// `raters.parquet`.
    pub fn raters(&self) -> Utf8PathBuf {
        self.root.join("raters.parquet")
    }

    /// `run.json`.
    pub fn card(&self) -> Utf8PathBuf {
        self.root.join("run.json")
    }

    /// `report.html`.
    pub fn page(&self) -> Utf8PathBuf {
        self.root.join("report.html")
    }

    /// `summary.txt`.
    pub fn summary(&self) -> Utf8PathBuf {
        self.root.join("summary.txt")
    }

    /// `folds/<fold>/training.jsonl`: how the first of the fold's networks learnt.
    pub fn training_log(&self, fold: usize) -> Utf8PathBuf {
        self.fold(fold).join("training.jsonl")
    }

    /// `settings.toml`: the settings as `--config` takes them.
    pub fn settings(&self) -> Utf8PathBuf {
        self.root.join("settings.toml")
    }

    /// `plan.json`: what decides the outcome of the networks.
    pub fn plan(&self) -> Utf8PathBuf {
        self.root.join("plan.json")
    }

    /// `run.log`.
    pub fn log(&self) -> Utf8PathBuf {
        self.root.join("run.log")
    }

    /// `cache/`: decoded frames, safe to delete.
    pub fn cache(&self) -> Utf8PathBuf {
        self.root.join("cache")
    }

    /// `labels/`: the data set's files of labels as they were scanned.
    pub fn labels(&self) -> Utf8PathBuf {
        self.root.join("labels")
    }

    /// `compare/`: what networks learnt from other labels.
    pub fn compare(&self) -> Utf8PathBuf {
        self.root.join("compare")
    }

    /// `folds/<fold>/`.
    pub fn fold(&self, fold: usize) -> Utf8PathBuf {
        self.root.join("folds").join(fold.to_string())
    }

    /// `timings/`: how long the steps of the run took.
    pub fn timings(&self) -> Utf8PathBuf {
        self.root.join("timings")
    }

    /// `unfinished/<fold>-<repeat>`: one of a fold's networks while it learns.
    pub fn unfinished(&self, fold: usize, repeat: usize) -> Utf8PathBuf {
        let folder = self.root.join("unfinished");
        folder.join(format!("{fold}-{repeat}"))
    }

    /// Where one of a fold's networks lies: the first in `folds/<fold>/`, the others in `folds/<fold>-repeat-<repeat>/`. None
    /// lies in another's folder, so that each comes to its place by one rename.
    pub fn network(&self, fold: usize, repeat: usize) -> Utf8PathBuf {
        match repeat {
            0 => self.fold(fold),
            _ => self
                .root
                .join("folds")
                .join(format!("{fold}-repeat-{repeat}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, RunFolder) {
        let folder = tempfile::tempdir().unwrap();
        let run = RunFolder::new(Utf8Path::from_path(folder.path()).unwrap().join("run"));
        (folder, run)
    }

    #[test]
    fn a_run_is_not_lost_by_accident() {
        let (_keep, run) = folder();
        run.prepare(Existing::Refuse).unwrap();
        run.prepare(Existing::Refuse).unwrap();
        fs_err::create_dir_all(run.cache()).unwrap();
        run.prepare(Existing::Refuse).unwrap();
        fs_err::create_dir_all(run.fold(0)).unwrap();
        assert!(matches!(
            run.prepare(Existing::Refuse),
            Err(FolderError::Exists { .. })
        ));
        run.prepare(Existing::Resume).unwrap();
        assert!(run.fold(0).exists());
        fs_err::write(run.root().join("decisions-anna.jsonl"), "").unwrap();
        run.prepare(Existing::Overwrite).unwrap();
        assert!(!run.fold(0).exists());
        assert!(run.root().join("decisions-anna.jsonl").exists());
        assert!(run.cache().exists());
    }

    #[test]
    fn other_peoples_files_are_left_alone() {
        let (_keep, run) = folder();
        fs_err::create_dir_all(run.root()).unwrap();
        fs_err::write(run.root().join("thesis.tex"), "").unwrap();
        for existing in [Existing::Refuse, Existing::Resume, Existing::Overwrite] {
            assert!(matches!(
                run.prepare(existing),
                Err(FolderError::Foreign { .. })
            ));
        }
    }
}
