//! Writing one reviewer's journal: one writer, and every line on the disk before anything else happens.

use std::io::{self, Seek, SeekFrom, Write};

use camino::{Utf8Path, Utf8PathBuf};
use jiff::Timestamp;

use super::line::{Entry, Line};
use super::reader::parse;
use super::{JournalError, VERSION, file_name};
use crate::file_system::{Claim, sync_folder, synced};

/// A journal that is open for writing; nobody else can open it while this lives.
#[derive(Debug)]
pub struct JournalWriter {
    file: fs_err::File,
    path: Utf8PathBuf,
    /// Bytes of whole lines.
    end: u64,
    reviewer: String,
    run: String,
    /// Keeps others from writing.
    _claim: Claim,
}

impl JournalWriter {
    /// Opens the journal of `reviewer` in a run folder, or makes it, and cuts off a torn last line. `run` is the run's
    /// fingerprint, which every line will carry.
    ///
    /// # Errors
    /// The name cannot be a file's, the journal cannot be written, is damaged, or is being written by somebody else.
    pub fn open(folder: &Utf8Path, reviewer: &str, run: &str) -> Result<Self, JournalError> {
        let path = folder.join(file_name(reviewer)?);
        let read_only = |source| JournalError::ReadOnly {
            path: path.clone(),
            source,
        };
        let mut file = fs_err::File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(read_only)?;
        let claim = Claim::take(&file, &path).map_err(read_only)?;
        let claim = claim.map_err(|owner| JournalError::Busy {
            path: path.clone(),
            owner,
        })?;
        let bytes = fs_err::read(&path).map_err(read_only)?;
        let (_lines, whole_bytes) = parse(&path, &bytes)?;
        let end = whole_bytes as u64;
        file.set_len(end).map_err(read_only)?;
        file.seek(SeekFrom::Start(end)).map_err(read_only)?;
        sync_folder(folder).map_err(read_only)?;
        Ok(Self {
            file,
            path,
            end,
            reviewer: reviewer.to_owned(),
            run: run.to_owned(),
            _claim: claim,
        })
    }

    /// Appends the entries as lines of this reviewer at this moment, all or none, and waits for the disk.
    ///
    /// # Errors
    /// The lines are not on the disk; the journal is as it was before.
    pub fn append(&mut self, entries: &[Entry]) -> Result<Vec<Line>, JournalError> {
        let at = Timestamp::now();
        let lines: Vec<Line> = entries
            .iter()
            .map(|entry| Line {
                version: VERSION,
                at,
                reviewer: self.reviewer.clone(),
                id: entry.id.clone(),
                run: self.run.clone(),
                action: entry.action,
                label: entry.label.clone(),
                note: entry.note.clone(),
                blind: entry.blind,
                adjudication: entry.adjudication,
            })
            .collect();
        self.append_lines(&lines)?;
        Ok(lines)
    }

    /// Appends lines as they are, all or none, and waits for the disk.
    ///
    /// # Errors
    /// As [`Self::append`].
    pub(super) fn append_lines(&mut self, lines: &[Line]) -> Result<(), JournalError> {
        self.write(lines).map_err(|source| JournalError::Write {
            path: self.path.clone(),
            source,
        })
    }

    fn write(&mut self, lines: &[Line]) -> io::Result<()> {
        let mut bytes = Vec::new();
        for line in lines {
            serde_json::to_writer(&mut bytes, line)?;
            bytes.push(b'\n');
        }
        let written = self
            .file
            .write_all(&bytes)
            .and_then(|()| synced(self.file.sync_data()));
        if let Err(error) = written {
            // What was written in part must not run into the next line. Should this fail as well, the next attempt
            // starts from the same place.
            drop(self.file.set_len(self.end));
            self.file.seek(SeekFrom::Start(self.end))?;
            return Err(error);
        }
        self.end += bytes.len() as u64;
        Ok(())
    }
}
