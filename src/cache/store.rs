//! The cache folder while it is being filled: one owner, frames appended first, their index lines after.
//!
//! Both files are written without a buffer of ours, so what is finished survives the program's end, however it comes. The
//! disk is not waited for: file systems bring a file's bytes to the disk before its new length, so after a power cut the
//! frame file is short, and the lines that speak for what is missing are passed over.

use std::collections::BTreeMap;
use std::io::{self, Seek, SeekFrom, Write};

use camino::{Utf8Path, Utf8PathBuf};

use super::decoding::FramesKind;
use super::error::CacheError;
use super::fingerprint::Fingerprint;
use super::record::{self, Outcome, StoredFrames};
use crate::face::Followed;
use crate::file_system::{Claim, Map};
use crate::health::Measured;
use crate::video::DecodedVideo;

/// An opened cache folder.
pub(super) struct Store {
    kind: FramesKind,
    data: fs_err::File,
    data_path: Utf8PathBuf,
    data_end: u64,
    index: fs_err::File,
    index_path: Utf8PathBuf,
    outcomes: BTreeMap<Fingerprint, Outcome>,
    /// Hold the folder for as long as the store lives.
    _lock: (fs_err::File, Claim),
}

impl Store {
    /// Opens the folder, or makes it, and repairs what a killed run left behind.
    pub(super) fn open(dir: &Utf8Path, kind: FramesKind) -> Result<Self, CacheError> {
        let unusable = |source| CacheError::Unusable {
            dir: dir.to_owned(),
            source,
        };
        fs_err::create_dir_all(dir).map_err(unusable)?;
        let lock_path = dir.join("lock");
        let lock = open(&lock_path).map_err(unusable)?;
        let claim = Claim::take(&lock, &lock_path).map_err(unusable)?;
        let claim = claim.map_err(|owner| CacheError::Busy {
            dir: dir.to_owned(),
            owner,
        })?;
        let (data_path, index_path) = (dir.join("frames.bin"), dir.join("index.jsonl"));
        let data = open(&data_path).map_err(unusable)?;
        let mut index = open(&index_path).map_err(unusable)?;
        let data_bytes = data.metadata().map_err(unusable)?.len();
        let text = fs_err::read(&index_path).map_err(unusable)?;
        let found = record::read(&text, &kind, data_bytes).map_err(|found| CacheError::Newer {
            dir: dir.to_owned(),
            found,
            known: record::FORMAT,
        })?;
        let text_bytes = text.len() as u64;
        drop(text);
        cut(&data, data_bytes, found.data_end).map_err(unusable)?;
        cut(&index, text_bytes, found.whole_bytes as u64).map_err(unusable)?;
        index.seek(SeekFrom::End(0)).map_err(unusable)?;
        let mut store = Self {
            kind,
            data,
            data_path,
            data_end: found.data_end,
            index,
            index_path,
            outcomes: found.outcomes,
            _lock: (lock, claim),
        };
        let format = record::format_for(&store.kind);
        match found.format {
            None => store.write_line(&record::header_line(format))?,
            Some(found) if found >= format => {}
            // Older programs would take compressed frames for raw ones, and cut off those in which a face was followed; the
            // first line keeps its length.
            Some(_) => {
                let index = &mut store.index;
                index
                    .seek(SeekFrom::Start(0))
                    .and_then(|_| index.write_all(record::header_line(format).as_bytes()))
                    .and_then(|()| index.seek(SeekFrom::End(0)))
                    .map_err(unusable)?;
            }
        }
        Ok(store)
    }

    /// What is known already.
    pub(super) fn outcomes(&self) -> &BTreeMap<Fingerprint, Outcome> {
        &self.outcomes
    }

    /// Takes a decoded video in, with what following a face came to; its frames as `packed`, where they were compressed.
    pub(super) fn append(
        &mut self,
        fingerprint: Fingerprint,
        (video, face): (&DecodedVideo, Option<Followed>),
        measured: Measured,
        packed: Option<&[u8]>,
    ) -> Result<(), CacheError> {
        let stored = packed.unwrap_or(&video.pixels);
        self.data
            .seek(SeekFrom::Start(self.data_end))
            .and_then(|_| self.data.write_all(stored))
            .and_then(|()| self.data.write_all(&measured.motion))
            .map_err(|source| write_error(&self.data_path, stored.len(), source))?;
        let frames = StoredFrames {
            file: 0,
            offset: self.data_end,
            bytes: video.pixels.len() as u64,
            packed_bytes: packed.map(|packed| packed.len() as u64),
            facts: video.facts,
            container: video.container.clone(),
            looks: measured.looks,
            kept: video.kept.clone(),
            face,
        };
        self.data_end = frames.end();
        self.note(fingerprint, Outcome::Frames(frames))
    }

    /// Remembers that a video cannot be decoded; `lasting` when its bytes are to blame, otherwise for this run only.
    pub(super) fn append_failure(
        &mut self,
        fingerprint: Fingerprint,
        reason: String,
        lasting: bool,
    ) -> Result<(), CacheError> {
        let outcome = Outcome::Failure { reason };
        if lasting {
            return self.note(fingerprint, outcome);
        }
        self.outcomes.insert(fingerprint, outcome);
        Ok(())
    }

    fn note(&mut self, fingerprint: Fingerprint, outcome: Outcome) -> Result<(), CacheError> {
        self.write_line(&record::record_line(fingerprint, &self.kind, &outcome))?;
        self.outcomes.insert(fingerprint, outcome);
        Ok(())
    }

    fn write_line(&mut self, line: &str) -> Result<(), CacheError> {
        self.index
            .write_all(line.as_bytes())
            .map_err(|source| write_error(&self.index_path, line.len(), source))
    }

    /// Ends the filling; all that is known, and the frames to read.
    pub(super) fn finish(self) -> Result<(BTreeMap<Fingerprint, Outcome>, Map), CacheError> {
        let frames =
            Map::new(&self.data, self.data_end).map_err(|source| CacheError::Unusable {
                dir: self.data_path.clone(),
                source,
            })?;
        Ok((self.outcomes, frames))
    }
}

fn open(path: &Utf8Path) -> io::Result<fs_err::File> {
    fs_err::File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}

/// Cuts off what lies behind `end`, if anything does: ext4 writes a file that was cut to nothing to the disk as soon as it is
/// closed, and lets the program wait (its option `auto_da_alloc`).
fn cut(file: &fs_err::File, bytes: u64, end: u64) -> io::Result<()> {
    if bytes > end {
        file.set_len(end)
    } else {
        Ok(())
    }
}

fn write_error(path: &Utf8Path, needed_bytes: usize, source: io::Error) -> CacheError {
    CacheError::Write {
        path: path.to_owned(),
        needed_bytes,
        source,
    }
}
