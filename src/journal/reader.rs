//! Reading all journals of a run.

use camino::Utf8Path;
use jiff::Timestamp;
use serde::Deserialize;

use super::line::Line;
use super::{JournalError, VERSION, journals};

/// Reads the lines of all journals in a run folder, by time; the order within a journal is kept whatever the clock did.
///
/// A last line without its end is what a writer left that was killed: it was never acknowledged, and is passed over.
///
/// # Errors
/// A journal cannot be read, holds a damaged line before its last, or one of a later version.
pub fn read(folder: &Utf8Path) -> Result<Vec<Line>, JournalError> {
    let mut timed: Vec<(Timestamp, Line)> = Vec::new();
    for path in journals(folder)? {
        let mut latest = Timestamp::MIN;
        for line in lines(&path)? {
            latest = latest.max(line.at);
            timed.push((latest, line));
        }
    }
    timed.sort_by_key(|(at, _)| *at);
    Ok(timed.into_iter().map(|(_, line)| line).collect())
}

/// The lines of one journal.
pub(super) fn lines(path: &Utf8Path) -> Result<Vec<Line>, JournalError> {
    let bytes = fs_err::read(path).map_err(|source| JournalError::Read {
        path: path.to_owned(),
        source,
    })?;
    Ok(parse(path, &bytes)?.0)
}

/// The lines of one journal, and how many of its bytes are whole lines.
pub(super) fn parse(path: &Utf8Path, bytes: &[u8]) -> Result<(Vec<Line>, usize), JournalError> {
    #[derive(Deserialize)]
    struct Version {
        version: u32,
    }
    let mut lines = Vec::new();
    let mut whole_bytes = 0;
    for (index, text) in bytes.split_inclusive(|&byte| byte == b'\n').enumerate() {
        if text.last() != Some(&b'\n') {
            break;
        }
        whole_bytes += text.len();
        if text.trim_ascii().is_empty() {
            continue;
        }
        let wrong = |source| JournalError::Line {
            path: path.to_owned(),
            line: index + 1,
            source,
        };
        // The version first: a later line may have other fields.
        let Version { version } = serde_json::from_slice(text).map_err(wrong)?;
        if version > VERSION {
            return Err(JournalError::Newer {
                path: path.to_owned(),
                line: index + 1,
                found: version,
            });
        }
        lines.push(serde_json::from_slice(text).map_err(wrong)?);
    }
    Ok((lines, whole_bytes))
}
