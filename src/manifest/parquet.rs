//! The format `parquet`: a table with at least the columns `path` (or `file_name`) and `label`.
//!
//! `id` and `group` are understood where they are there; other columns of words and numbers are kept. A file without changes
//! is written as the bytes that it is; with changes it is written anew, each column with its values and type.

use camino::Utf8Path;

use super::columns::{Columns, Wanted};
use super::encoding::Encoding;
use super::label_file::{AddedValue, Dialect, Edits, LabelFile, LabelRow, Style};
use super::{Entries, Problem, ProblemKind};
use crate::table::{ForeignReader, NewColumn, TableError};

/// What every Parquet file begins with.
const MAGIC: &[u8] = b"PAR1";

/// Reads the bytes of a Parquet file; `source` names the file.
pub(super) fn parse(source: &Utf8Path, bytes: &[u8], wanted: Wanted<'_>) -> Entries {
    let mut read = Entries::default();
    let mut refuse = |kind| read.problems.push(Problem { row: None, kind });
    let opened = ForeignReader::of_bytes(source, bytes)
        .and_then(|table| table.texts().map(|columns| (table, columns)));
    let (table, columns) = match opened {
        Ok(opened) => opened,
        Err(source) => {
            refuse(ProblemKind::Table { source });
            return read;
        }
    };
    let header: Vec<String> = columns.iter().map(|(name, _)| name.clone()).collect();
    let wanted = Wanted {
        header: "the table",
        ..wanted
    };
    let places = match Columns::find(&header, wanted) {
        Ok(places) => places,
        Err(kinds) => {
            match other_kind(&table, wanted) {
                // It is not missing, it is not read.
                Some(source) => refuse(ProblemKind::Table { source }),
                None => kinds
                    .into_iter()
                    .map(|kind| among_all(kind, &table))
                    .for_each(refuse),
            }
            return read;
        }
    };
    let count = columns.first().map_or(0, |(_, values)| values.len());
    let mut rows = Vec::with_capacity(count);
    for row in 0..count {
        let fields: Vec<String> = columns
            .iter()
            .map(|(_, values)| values[row].clone())
            .collect();
        let entry = places.entry(row as u64 + 1, &fields);
        rows.push(LabelRow {
            video: Some(row),
            written: entry.label.clone(),
            label: 0..0,
            record: 0..0,
            style: Style::Plain,
        });
        read.list.push(entry);
    }
    read.why = String::from("a Parquet file, a row per video");
    let label_column = header[places.label].clone();
    places.finish(&mut read);
    read.files = vec![LabelFile {
        path: source.file_name().unwrap_or_default().into(),
        bytes: bytes.to_vec(),
        rows,
        dialect: Dialect::Parquet { label_column },
        encoding: Encoding::Utf8,
        header_end: None,
    }];
    read
}

/// What keeps a column from being read that is looked for.
fn other_kind(table: &ForeignReader, wanted: Wanted<'_>) -> Option<TableError> {
    let names = wanted
        .names
        .path
        .iter()
        .copied()
        .chain([wanted.names.label]);
    let names: Vec<&str> = names
        .chain(wanted.given.values().map(String::as_str))
        .collect();
    let is_wanted = |name: &str| {
        names
            .iter()
            .any(|other| name.trim().eq_ignore_ascii_case(other))
    };
    let mut columns = table
        .columns()
        .iter()
        .filter(|column| is_wanted(&column.name));
    columns.find_map(|column| table.words(&column.name).err())
}

/// The problem of a column that is missing, among columns of whatever type; videos may lie within one of them.
fn among_all(kind: ProblemKind, table: &ForeignReader) -> ProblemKind {
    let columns = table.columns();
    match kind {
        ProblemKind::MissingColumn { column, .. }
            if column != "label"
                && let Some(inside) = columns.iter().find(|column| column.holds_bytes()) =>
        {
            ProblemKind::VideosInside {
                column: inside.name.clone(),
                kind: inside.kind.clone(),
            }
        }
        ProblemKind::MissingColumn { column, remedy, .. } => {
            let found = columns.iter().map(|column| {
                if column.is_read {
                    column.name.clone()
                } else {
                    format!("{} ({})", column.name, column.kind)
                }
            });
            ProblemKind::MissingColumn {
                column,
                found: found.collect(),
                remedy,
            }
        }
        other => other,
    }
}

/// Whether the bytes are a Parquet file's.
pub(super) fn fits(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// The file with the edits made.
pub(super) fn rewrite(file: &LabelFile, edits: &Edits) -> Result<Vec<u8>, TableError> {
    let table = ForeignReader::of_bytes(&file.path, &file.bytes)?;
    let Dialect::Parquet {
        label_column: label,
    } = &file.dialect
    else {
        return Ok(file.bytes.clone());
    };
    let rows = file.rows.iter();
    let words: Vec<String> = rows
        .clone()
        .map(|row| row.edited(edits).unwrap_or(&row.written).clone())
        .collect();
    let kept: Vec<bool> = rows.clone().map(|row| !row.is_dropped(edits)).collect();
    let columns = edits
        .columns
        .iter()
        .map(|column| {
            let values = || {
                let value = |row: &LabelRow| column.values.get(row.video?);
                rows.clone()
                    .map(move |row| value(row).unwrap_or(&AddedValue::Nothing))
            };
            let is_number = |value: &AddedValue| matches!(value, AddedValue::Number(_));
            let added = if values().any(is_number) {
                let number = |value: &AddedValue| match value {
                    AddedValue::Number(number) => Some(*number),
                    _ => None,
                };
                NewColumn::Number(values().map(number).collect())
            } else {
                let text = |value: &AddedValue| match value {
                    AddedValue::Text(text) => Some(text.clone()),
                    _ => None,
                };
                NewColumn::Text(values().map(text).collect())
            };
            (column.name.clone(), added)
        })
        .collect();
    table.rewritten((label, &words), &kept, columns)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use camino::Utf8PathBuf;

    use super::*;
    use crate::manifest::{AddedColumn, Format, Manifest, ReadOptions, read_with_files};
    use crate::table::{TableReader, TableWriter};

    fn file(table: TableWriter) -> (tempfile::TempDir, Utf8PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path())
            .unwrap()
            .join("l.parquet");
        table.write(&path).unwrap();
        (folder, path)
    }

    fn read(path: &Utf8Path) -> (Manifest, Vec<LabelFile>) {
        let options = ReadOptions {
            words_only: true,
            ..ReadOptions::default()
        };
        read_with_files(path, &options).unwrap()
    }

    fn words(values: &[&str]) -> std::vec::IntoIter<String> {
        let words: Vec<String> = values.iter().map(|&word| word.to_owned()).collect();
        words.into_iter()
    }

    fn table() -> TableWriter {
        TableWriter::default()
            .text("label", words(&["sad", "happy", "sad"]))
            .text("file_name", words(&["a.mp4", "b.mp4", "c.mp4"]))
            .optional_f32("length", vec![Some(1.5), None, Some(2.5)].into_iter())
            .f32_list("votes", [Some(&[1.0_f32, 2.0][..]), None, None].into_iter())
            .text("group", words(&["x", "", "y"]))
    }

    #[test]
    fn columns_are_understood_and_bytes_kept() {
        let (_folder, path) = file(table());
        let (manifest, files) = read(&path);
        assert_eq!(manifest.format, Format::Parquet);
        assert_eq!(manifest.extra_columns, ["length"]);
        let first = &manifest.videos[0];
        assert_eq!(
            (first.id.as_str(), first.group.as_deref()),
            ("a", Some("x"))
        );
        assert_eq!(first.extra, ["1.5"]);
        assert_eq!(manifest.videos[1].group, None);
        let bytes = fs_err::read(&path).unwrap();
        assert_eq!(files[0].rewrite(&Edits::default()).unwrap(), bytes);
        // A label that is the given one changes nothing.
        let same = Edits {
            labels: BTreeMap::from([(1, "happy".to_owned())]),
            ..Edits::default()
        };
        assert_eq!(files[0].rewrite(&same).unwrap(), bytes);
    }

    #[test]
    fn changes_touch_labels_and_rows_alone() {
        let (_folder, path) = file(table());
        let (_, files) = read(&path);
        let edits = Edits {
            labels: BTreeMap::from([(0, "happy".to_owned())]),
            dropped: BTreeSet::from([1]),
            columns: vec![AddedColumn {
                name: "weight".to_owned(),
                values: vec![
                    AddedValue::Number(0.5),
                    AddedValue::Number(1.0),
                    AddedValue::Nothing,
                ],
            }],
        };
        let bytes = files[0].rewrite(&edits).unwrap();
        let written = ForeignReader::of_bytes(&path, &bytes).unwrap();
        let texts = written.texts().unwrap();
        let column = |name: &str| {
            let found = texts.iter().find(|(other, _)| other == name);
            found.map(|(_, values)| values.clone()).unwrap()
        };
        assert_eq!(column("label"), ["happy", "sad"]);
        assert_eq!(column("file_name"), ["a.mp4", "c.mp4"]);
        assert_eq!(column("length"), ["1.5", "2.5"]);
        assert_eq!(column("weight"), ["0.5", ""]);
        let votes = written.number_lists("votes").unwrap();
        assert_eq!(votes, [Some(vec![1.0, 2.0]), None]);
    }

    #[test]
    fn labels_that_are_numbers_stay_numbers() {
        let (_folder, path) = file(
            TableWriter::default()
                .u32("label", [3, 10, 3].into_iter())
                .text("path", words(&["a", "b", "c"])),
        );
        let (manifest, files) = read(&path);
        assert_eq!(manifest.labels.names(), ["3", "10"]);
        let relabel = |label: &str| Edits {
            labels: BTreeMap::from([(0, label.to_owned())]),
            ..Edits::default()
        };
        let bytes = files[0].rewrite(&relabel("10")).unwrap();
        let written = ForeignReader::of_bytes(&path, &bytes).unwrap();
        let labels = ["10", "10", "3"].map(|label| Some(label.to_owned()));
        assert_eq!(written.words("label").unwrap(), labels);
        assert_eq!(written.columns()[0].kind, "uint32");
        assert!(files[0].rewrite(&relabel("happy")).is_err());
    }

    /// Files as other programs write them, beside videos of their paths.
    fn golden(name: &str) -> (tempfile::TempDir, Utf8PathBuf) {
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/parquet/");
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path())
            .unwrap()
            .join("l.parquet");
        fs_err::copy(format!("{source}{name}.parquet"), &path).unwrap();
        (folder, path)
    }

    #[test]
    fn columns_are_read_of_whatever_type_and_others_passed_over() {
        for (name, labels) in [
            ("int8", ["0", "1"]),
            ("int16", ["0", "1"]),
            ("uint8", ["0", "1"]),
            ("dictionary", ["happy", "sad"]),
            ("large_string", ["happy", "sad"]),
            ("others", ["happy", "sad"]),
        ] {
            let (_folder, path) = golden(name);
            let (manifest, files) = read(&path);
            assert_eq!(manifest.labels.names(), labels, "{name}");
            assert_eq!(manifest.videos.len(), 4);
            let edits = Edits {
                labels: BTreeMap::from([(1, labels[0].to_owned())]),
                ..Edits::default()
            };
            match files[0].rewrite(&edits) {
                Ok(bytes) => {
                    let written = ForeignReader::of_bytes(&path, &bytes).unwrap();
                    let words = written.words("label").unwrap();
                    assert_eq!(words[1].as_deref(), Some(labels[0]), "{name}");
                }
                Err(error) => assert!(
                    name == "others" && error.to_string().contains("'seen'"),
                    "{name}: {error}"
                ),
            }
        }
    }

    #[test]
    fn types_that_are_not_read_are_named_with_what_to_do() {
        for (name, words) in [
            (
                "huggingface",
                "the videos lie within the file, in its column 'video' (struct of bytes, path)",
            ),
            (
                "label_struct",
                "column 'label' of 'l.parquet' is of type struct of name",
            ),
        ] {
            let (_folder, path) = golden(name);
            let error = crate::manifest::read(&path, &ReadOptions::default()).unwrap_err();
            let told = error
                .to_string()
                .replace(path.parent().unwrap().as_str(), "");
            assert!(told.replace("'/l", "'l").contains(words), "{told}");
            assert!(!told.contains("first line"), "{told}");
        }
    }

    #[test]
    fn what_is_no_such_table_is_told() {
        let (_folder, path) = file(TableWriter::default().text("label", words(&["a", "b"])));
        let error = crate::manifest::read(&path, &ReadOptions::default()).unwrap_err();
        assert!(
            error.to_string().contains(
                "column 'path' is missing (found: 'label'); the table must name the columns"
            ),
            "{error}"
        );
        fs_err::write(&path, b"PAR1 and no more").unwrap();
        let error = crate::manifest::read(&path, &ReadOptions::default()).unwrap_err();
        assert!(
            error.to_string().contains("is not a Parquet file"),
            "{error}"
        );
        assert!(matches!(
            TableReader::read(&path),
            Err(TableError::Parquet { .. })
        ));
    }
}
