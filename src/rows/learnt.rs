//! `folds/<k>/learnt.parquet`: the videos that a network learnt from, so that it can tell them apart later.

use std::collections::BTreeSet;

use camino::Utf8Path;

use super::columns;
use crate::table::{TableError, TableReader, TableWriter};

/// The videos that a network learnt from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Learnt {
    /// Their ids.
    pub ids: BTreeSet<String>,
    /// Digests (BLAKE3, hexadecimal) of their contents.
    pub contents: BTreeSet<String>,
}

/// Writes each video's id and the digest of its content.
///
/// # Errors
///
/// If the file cannot be written.
pub fn write(path: &Utf8Path, videos: &[(String, String)]) -> Result<(), TableError> {
    TableWriter::default()
        .text("id", videos.iter().map(|(id, _)| id))
        .text("content", videos.iter().map(|(_, content)| content))
        .describe(columns::LEARNT.iter().copied())
        .write(path)
}

/// Reads the videos back; nothing where there is no such file, as beside a network that came alone.
///
/// # Errors
///
/// If the file cannot be read, is not ours, or lacks a column.
pub fn read(path: &Utf8Path) -> Result<Option<Learnt>, TableError> {
    if !path.exists() {
        return Ok(None);
    }
    let table = TableReader::read(path)?;
    Ok(Some(Learnt {
        ids: table.text("id")?.into_iter().collect(),
        contents: table.text("content")?.into_iter().collect(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn videos_come_back_and_no_file_is_no_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path())
            .unwrap()
            .join("learnt.parquet");
        assert_eq!(read(&path).unwrap(), None);
        write(
            &path,
            &[("b".into(), "02".into()), ("a".into(), "01".into())],
        )
        .unwrap();
        let learnt = read(&path).unwrap().unwrap();
        assert!(learnt.ids.contains("a") && learnt.contents.contains("02"));
        assert_eq!(learnt.ids.len(), 2);
    }
}
