//! What a cache folder knows: its own frames, and those of its parts.
//!
//! A part is a folder in the cache folder, and itself a cache, which a process filled by itself. Its frames stay where they
//! are. Whoever reads the cache reads its parts with it; nothing is locked, hashed or written, so that any number of
//! processes may do so at once, also while another one adds videos.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};

use camino::{Utf8Path, Utf8PathBuf};
use rayon::prelude::*;

use super::decoding::FramesKind;
use super::error::CacheError;
use super::fingerprint::Fingerprint;
use super::record::{self, Outcome, StoredFrames};
use crate::file_system::Map;

/// What one folder holds: what came of videos, and their frames.
type Held = (BTreeMap<Fingerprint, Outcome>, Map);

/// What the name of a part begins with; its number follows.
const PART: &str = "shard-";

/// What came of videos, and the files that hold their frames.
#[derive(Debug, Default)]
pub(super) struct Stock {
    outcomes: BTreeMap<Fingerprint, Outcome>,
    files: Vec<Map>,
}

impl Stock {
    /// What a cache folder and its parts hold of the wanted kind.
    ///
    /// # Errors
    /// When something cannot be read, or is of a newer format.
    pub(super) fn read(dir: &Utf8Path, kind: &FramesKind) -> Result<Self, CacheError> {
        Self::of(std::iter::once(dir.to_owned()).chain(parts(dir)?), kind)
    }

    /// What these folders hold, each for itself.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub(super) fn of(
        folders: impl IntoIterator<Item = Utf8PathBuf>,
        kind: &FramesKind,
    ) -> Result<Self, CacheError> {
        let folders: Vec<Utf8PathBuf> = folders.into_iter().collect();
        let read = folders.par_iter().map(|folder| read(folder, kind));
        let read: Vec<_> = read.collect::<Result<_, _>>()?;
        let mut stock = Self::default();
        for (outcomes, frames) in read.into_iter().flatten() {
            stock.add(outcomes, frames);
        }
        Ok(stock)
    }

    /// Takes in what another folder holds; of a video that is known already the first folder's frames are taken.
    pub(super) fn add(&mut self, outcomes: BTreeMap<Fingerprint, Outcome>, frames: Map) {
        self.extend(Self {
            outcomes,
            files: vec![frames],
        });
    }

    /// Takes in what another stock holds, as [`Self::add`].
    pub(super) fn extend(&mut self, mut other: Self) {
        for outcome in other.outcomes.values_mut() {
            if let Outcome::Frames(frames) = outcome {
                frames.file += self.files.len();
            }
        }
        self.files.extend(other.files);
        other.outcomes.append(&mut self.outcomes);
        self.outcomes = other.outcomes;
    }

    /// Rows that stand for frames, of which there are none.
    pub(super) fn without_frames(outcomes: BTreeMap<Fingerprint, Outcome>) -> Self {
        Self {
            outcomes,
            files: Vec::new(),
        }
    }

    pub(super) fn outcomes(&self) -> &BTreeMap<Fingerprint, Outcome> {
        &self.outcomes
    }

    /// Bytes of the file that holds a video's frames; none where there is no such file.
    pub(super) fn slice(&self, frames: &StoredFrames, offset: u64, length: u64) -> &[u8] {
        let file = self.files.get(frames.file);
        file.map_or(&[][..], |file| file.slice(offset, length))
    }
}

/// A part's folder. `attempt`: 0, or more where another process fills those of earlier attempts.
pub(super) fn part(dir: &Utf8Path, number: usize, attempt: usize) -> Utf8PathBuf {
    match attempt {
        0 => dir.join(format!("{PART}{number}")),
        _ => dir.join(format!("{PART}{number}-{attempt}")),
    }
}

/// The parts of a cache folder, in the order of their names; none where there is no such folder.
///
/// # Errors
/// When the folder cannot be read.
pub(super) fn parts(dir: &Utf8Path) -> Result<Vec<Utf8PathBuf>, CacheError> {
    let list = || -> io::Result<Vec<Utf8PathBuf>> {
        let mut found = Vec::new();
        for entry in dir.read_dir_utf8()? {
            let entry = entry?;
            if entry.file_name().starts_with(PART) && entry.file_type()?.is_dir() {
                found.push(entry.into_path());
            }
        }
        found.sort();
        Ok(found)
    };
    match list() {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        listed => listed.map_err(|source| unusable(dir, source)),
    }
}

/// The folders that processes fill, or filled, as the part of a number.
///
/// # Errors
/// When the cache folder cannot be read.
pub fn parts_of(dir: &Utf8Path, number: usize) -> Result<Vec<Utf8PathBuf>, CacheError> {
    let own = format!("{PART}{number}");
    let mut found = parts(dir)?;
    found.retain(|part| {
        let rest = part.file_name().and_then(|name| name.strip_prefix(&own));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    });
    Ok(found)
}

/// What one folder holds; nothing where no video was written to it yet.
fn read(dir: &Utf8Path, kind: &FramesKind) -> Result<Option<Held>, CacheError> {
    // The index first: its lines come after their frames.
    let text = match fs_err::read(dir.join("index.jsonl")) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        text => text.map_err(|source| unusable(dir, source))?,
    };
    let data = fs_err::File::open(dir.join("frames.bin")).map_err(|error| unusable(dir, error))?;
    let data_bytes = data.metadata().map_err(|error| unusable(dir, error))?.len();
    let index = record::read(&text, kind, data_bytes).map_err(|found| CacheError::Newer {
        dir: dir.to_owned(),
        found,
        known: record::FORMAT,
    })?;
    let frames = Map::new(&data, index.data_end).map_err(|error| unusable(dir, error))?;
    Ok(Some((index.outcomes, frames)))
}

fn unusable(dir: &Utf8Path, source: io::Error) -> CacheError {
    CacheError::Unusable {
        dir: dir.to_owned(),
        source,
    }
}
