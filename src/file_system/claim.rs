//! One writer of a file at a time: by the system's lock, or where there is none, by a file beside it that names the writer.

use std::fmt;
use std::fs::TryLockError;
use std::io::{self, ErrorKind, Write};
use std::sync::Once;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

/// The right to write to a file, until it is dropped or the process ends.
#[derive(Debug)]
pub struct Claim {
    /// The file that stands for the right, where no lock does.
    path: Option<Utf8PathBuf>,
}

/// Somebody else writes to the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Busy {
    /// Who, where a file says so, and that file.
    owner: Option<(Owner, Utf8PathBuf)>,
}

/// A process somewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Owner {
    host: String,
    pid: u32,
    /// When it was started and since which start of the system that counts, so that no later process is taken for it.
    started: String,
}

impl fmt::Display for Busy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((owner, path)) = &self.owner else {
            return Ok(());
        };
        write!(
            formatter,
            " (process {} on '{}', says '{path}'; delete that file if the process is gone)",
            owner.pid, owner.host
        )
    }
}

impl Claim {
    /// Takes the right to write to a file that is open, at `path`; somebody else may have it.
    ///
    /// # Errors
    /// The file system has no locks, and no file can be made beside this one either.
    pub fn take(file: &fs_err::File, path: &Utf8Path) -> io::Result<Result<Self, Busy>> {
        match file.file().try_lock() {
            Ok(()) => Ok(Ok(Self { path: None })),
            Err(TryLockError::WouldBlock) => Ok(Err(Busy { owner: None })),
            Err(TryLockError::Error(error)) => {
                // By its name a temporary file of the one that is written to.
                let claim = beside(path, "claim");
                warn_once(&claim, &error);
                Self::by_file(claim, &Owner::this())
            }
        }
    }

    fn by_file(path: Utf8PathBuf, owner: &Owner) -> io::Result<Result<Self, Busy>> {
        let mut line = serde_json::to_vec(owner)?;
        line.push(b'\n');
        for _ in 0..2 {
            let made = fs_err::File::options()
                .write(true)
                .create_new(true)
                .open(&path);
            match made {
                Ok(mut file) => {
                    file.write_all(&line)?;
                    return Ok(Ok(Self { path: Some(path) }));
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
            let Some(other) = Owner::read(&path)? else {
                // It was given up between the two looks.
                continue;
            };
            if !other.is_gone() || !clear(&path, &other)? {
                let owner = Some((other, path));
                return Ok(Err(Busy { owner }));
            }
        }
        Ok(Err(Busy { owner: None }))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // Whatever is left behind names a process that is gone.
        if let Some(path) = &self.path
            && let Err(error) = fs_err::remove_file(path)
        {
            tracing::debug!(%error, "a claim stays behind");
        }
    }
}

/// Takes away what a process left that is gone. False where somebody else was quicker.
fn clear(path: &Utf8Path, gone: &Owner) -> io::Result<bool> {
    let aside = beside(path, &std::process::id().to_string());
    match fs_err::rename(path, &aside) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(true),
        renamed => renamed?,
    }
    if Owner::read(&aside)?.as_ref() == Some(gone) {
        fs_err::remove_file(&aside)?;
        return Ok(true);
    }
    // Between the two looks a new writer has come; its claim goes back.
    fs_err::rename(&aside, path)?;
    Ok(false)
}

/// A hidden temporary file beside another.
fn beside(path: &Utf8Path, word: &str) -> Utf8PathBuf {
    let name = path.file_name().unwrap_or_default();
    path.with_file_name(format!(".{name}.{word}.tmp"))
}

impl Owner {
    /// This process.
    fn this() -> Self {
        let pid = std::process::id();
        Self {
            host: host(),
            pid,
            started: started(pid).unwrap_or_default(),
        }
    }

    /// Who a file names; nothing where there is no such file. One that is not written yet, or that names nobody, stands for
    /// somebody unknown.
    fn read(path: &Utf8Path) -> io::Result<Option<Self>> {
        match fs_err::read(path) {
            Ok(text) => Ok(Some(serde_json::from_slice(&text).unwrap_or_else(|_| {
                Self {
                    host: "?".to_owned(),
                    pid: 0,
                    started: String::new(),
                }
            }))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether the process is known to have ended: it was one of this machine, and there is none like it now.
    fn is_gone(&self) -> bool {
        self.host == host() && started(self.pid).is_none_or(|started| started != self.started)
    }
}

/// The name of this machine.
pub fn host() -> String {
    let name = fs_err::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    name.trim().to_owned()
}

/// When a process of this machine was started; nothing where there is none, or where the system does not say.
fn started(pid: u32) -> Option<String> {
    let stat = fs_err::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, in brackets, may hold anything; the start is the 20th word behind it (proc_pid_stat(5)).
    let start = stat.rsplit_once(')')?.1.split_whitespace().nth(19)?;
    let boot = fs_err::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(format!("{start}@{}", boot.trim()))
}

fn warn_once(claim: &Utf8Path, error: &io::Error) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing::warn!(
            "the file system has no locks ({error}); '{claim}' tells other writers instead"
        );
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, Utf8PathBuf) {
        let temp = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(temp.path()).unwrap().join("a.claim");
        (temp, path)
    }

    #[test]
    fn a_lock_keeps_a_second_writer_away_and_leaves_nothing() {
        let (_temp, path) = folder();
        let open = || fs_err::File::create(&path).unwrap();
        let (one, other) = (open(), open());
        let claim = Claim::take(&one, &path).unwrap().unwrap();
        assert_eq!(
            Claim::take(&other, &path).unwrap().unwrap_err(),
            Busy { owner: None }
        );
        drop((claim, one));
        assert!(Claim::take(&other, &path).unwrap().is_ok());
        assert!(!beside(&path, "claim").exists());
    }

    #[test]
    fn without_locks_a_file_does() {
        let (_temp, path) = folder();
        let this = Owner::this();
        assert!(!this.is_gone());
        let claim = Claim::by_file(path.clone(), &this).unwrap().unwrap();
        let busy = Claim::by_file(path.clone(), &this).unwrap().unwrap_err();
        let text = busy.to_string();
        assert!(text.contains(&format!("process {}", this.pid)), "{text}");
        assert!(text.contains("a.claim'; delete that file"), "{text}");
        drop(claim);
        assert!(!path.exists());
        assert!(Claim::by_file(path, &this).unwrap().is_ok());
    }

    #[test]
    fn what_a_killed_writer_left_is_cleared_away_but_not_what_another_machine_holds() {
        let (_temp, path) = folder();
        let this = Owner::this();
        let left =
            |owner: &Owner| fs_err::write(&path, serde_json::to_vec(owner).unwrap()).unwrap();
        let mut child = std::process::Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        let gone = Owner {
            pid: child.id(),
            ..this.clone()
        };
        // The same number, but a process that began at another time.
        let earlier = Owner {
            started: "1@before".to_owned(),
            ..this.clone()
        };
        for owner in [gone, earlier] {
            left(&owner);
            assert!(
                Claim::by_file(path.clone(), &this).unwrap().is_ok(),
                "{owner:?}"
            );
        }
        let far = Owner {
            host: "node7".to_owned(),
            ..this.clone()
        };
        left(&far);
        let busy = Claim::by_file(path.clone(), &this).unwrap().unwrap_err();
        assert!(busy.to_string().contains("on 'node7'"), "{busy}");
        // Somebody is just writing it.
        fs_err::write(&path, "").unwrap();
        assert!(Claim::by_file(path.clone(), &this).unwrap().is_err());
        assert!(path.exists());
    }
}
