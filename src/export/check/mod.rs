//! Holds an export against the original: the same rows in the same order, and only what was decided differs.
//!
//! The export is read anew by its format's own reader and compared row by row, and byte by byte on top where no column was
//! added. Columns behind a list's labels would be taken for labels, so such a list is compared line by line instead.

mod clients;
mod rows;
mod tree;

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use self::rows::{Row, compare, rows_of};
use super::changes::{self, Noted};
use super::decide::{Change, NETWORK};
use super::plan::{ExportFormat, Target};
use super::tree::has_sides;
use super::{Audit, Decisions, ExportError, same};
use crate::journal::Outcome;
use crate::manifest::{
    self, Format, LabelFile, LabelFrom, Manifest, ReadOptions, Reading, Unlabeled,
};
use crate::score::Verdict;

/// Something about an export that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// A row is gone.
    #[error("'{path}' is missing, and no decision dropped it")]
    Missing {
        /// The video's path.
        path: String,
    },
    /// A row is not the original's.
    #[error("'{path}' is in the export, but not in the data set")]
    Foreign {
        /// The video's path.
        path: String,
    },
    /// A label differs that nobody decided.
    #[error("'{path}' has the label '{found}' instead of '{expected}', and no decision says so")]
    Undecided {
        /// The video's path.
        path: String,
        /// The label that it should have.
        expected: String,
        /// The label in the export.
        found: String,
    },
    /// A noted change is not there.
    #[error("'{path}' should be changed ({change}), and is not")]
    NotMade {
        /// The video's path.
        path: String,
        /// What should have become of it.
        change: String,
    },
    /// A noted change is not what people or the run say.
    #[error("'{path}' was changed ({change}) by {by}, but the run does not say so, or no longer")]
    Unbacked {
        /// The video's path.
        path: String,
        /// What became of it.
        change: String,
        /// Who is said to have changed it.
        by: String,
    },
    /// Rows are in another order.
    #[error("the rows of '{file}' are in another order than the original's")]
    Order {
        /// The file.
        file: Utf8PathBuf,
    },
    /// Something else than labels differs.
    #[error(
        "'{file}' differs from the original in more than labels, left out rows and added columns"
    )]
    Other {
        /// The file.
        file: Utf8PathBuf,
    },
}

/// What is wrong with an export of a run; nothing where it is sound.
///
/// # Errors
/// The export or its `changes.csv` cannot be read.
pub fn check(
    audit: &Audit,
    path: &Utf8Path,
    format: ExportFormat,
) -> Result<Vec<Flaw>, ExportError> {
    let target = Target::of(audit, path, format);
    let (table, _diff) = changes::places(&target.path, target.is_folder);
    let noted = changes::read(&table)?;
    let mut flaws = backing(audit, &noted);
    let made = as_decisions(audit, &noted);
    let noted: BTreeMap<&str, &Noted> = noted.iter().map(|row| (row.id.as_str(), row)).collect();
    let path = &target.path;
    let as_label_file = |format| -> Result<_, ExportError> {
        let (manifest, files) = read(audit, path, format, false)?;
        let files = files.iter();
        let rows = files.flat_map(|file| rows_of(&manifest, file, 0)).collect();
        Ok((scanned(audit), rows))
    };
    let (before, after) = match format.resolved(audit.original.manifest.format) {
        ExportFormat::Same => {
            check_same(audit, &target, &made, &noted, &mut flaws)?;
            return Ok(flaws);
        }
        ExportFormat::Folders => {
            tree::check(audit, path, Format::Folders, &made, &mut flaws)?;
            return Ok(flaws);
        }
        ExportFormat::Huggingface => {
            tree::check(audit, path, Format::Jsonl, &made, &mut flaws)?;
            return Ok(flaws);
        }
        ExportFormat::Csv => as_label_file(Format::Csv)?,
        ExportFormat::Jsonl => as_label_file(Format::Jsonl)?,
        ExportFormat::List => as_label_file(Format::List)?,
        ExportFormat::Parquet => as_label_file(Format::Parquet)?,
        ExportFormat::Fiftyone => clients::fiftyone(audit, path)?,
        ExportFormat::Cleanlab => clients::cleanlab(audit, path)?,
    };
    compare(&before, &after, &noted, path, &mut flaws);
    Ok(flaws)
}

/// The data set's rows as other formats have them: with the path at which the scan found the video.
fn scanned(audit: &Audit) -> Vec<Row> {
    let by_id = audit.by_id();
    let original = &audit.original.manifest;
    let row = |video| {
        let mut row = Row::of(original, video, 0);
        if let Some(scanned) = by_id.get(row.id.as_str()) {
            row.path.clone_from(&scanned.path);
        }
        row
    };
    (0..original.videos.len()).map(row).collect()
}

/// Checks files of labels in the data set's own format.
fn check_same(
    audit: &Audit,
    target: &Target,
    made: &Decisions,
    noted: &BTreeMap<&str, &Noted>,
    flaws: &mut Vec<Flaw>,
) -> Result<(), ExportError> {
    let original = &audit.original;
    let edits = same::edits(original, made)?;
    let format = original.manifest.format;
    let is_list = matches!(format, Format::List | Format::Mafw | Format::Ferv39k);
    let mut compared = Vec::new();
    for (file, edits) in original.files.iter().zip(&edits) {
        let path = if target.is_folder {
            target.path.join(&file.path)
        } else {
            target.path.clone()
        };
        let bytes = fs_err::read(&path).map_err(ExportError::File)?;
        let plain = file.rewrite(edits)?;
        if bytes == plain || !is_list || !has_columns_behind(&plain, &bytes) {
            compared.push((file, bytes == plain));
        }
    }
    if compared.is_empty() {
        return Ok(());
    }
    let (manifest, files) = read(audit, &target.path, format, true)?;
    let extra = original.manifest.extra_columns.len();
    let has_columns = manifest.extra_columns.len() > extra;
    for (file, has_expected_bytes) in compared {
        let Some(exported) = files
            .iter()
            .find(|other| other.path == file.path || !target.is_folder)
        else {
            flaws.push(Flaw::Other {
                file: file.path.clone(),
            });
            continue;
        };
        let known = flaws.len();
        let before = rows_of(&original.manifest, file, extra);
        let after = rows_of(&manifest, exported, extra);
        compare(&before, &after, noted, &file.path, flaws);
        if !has_expected_bytes && !has_columns && flaws.len() == known {
            flaws.push(Flaw::Other {
                file: file.path.clone(),
            });
        }
    }
    Ok(())
}

/// Whether every line is the plain one, with further fields of a list behind it.
fn has_columns_behind(plain: &[u8], bytes: &[u8]) -> bool {
    let lines = |bytes: &'_ [u8]| bytes.split(|byte| *byte == b'\n').count();
    let split = |byte: &u8| *byte == b'\n';
    lines(plain) == lines(bytes)
        && plain
            .split(split)
            .zip(bytes.split(split))
            .all(|(plain, line)| {
                let rest = line.trim_ascii_end().strip_prefix(plain.trim_ascii_end());
                rest.is_some_and(|rest| {
                    (rest.is_empty() && plain.trim_ascii().is_empty())
                        || rest
                            .first()
                            .is_some_and(|byte| matches!(byte, b' ' | b'\t'))
                })
            })
}

/// Noted changes that neither people nor the run stand behind.
fn backing(audit: &Audit, noted: &[Noted]) -> Vec<Flaw> {
    let rows = audit.by_id();
    let is_backed = |change: &Noted| {
        let row = rows.get(change.id.as_str());
        let is_drop = change.change == "drop";
        if change.by != NETWORK {
            let settled = audit.book.settled(&change.id, &change.from);
            return settled.is_some_and(|settled| match settled.outcome {
                Outcome::Label(label) => !is_drop && label == change.to,
                Outcome::Drop | Outcome::Ambiguous => is_drop,
                Outcome::Tie => false,
            });
        }
        row.is_some_and(|row| {
            let suggested = row.judgement.as_ref().map(|judged| &judged.suggested_label);
            let is_suspect = !matches!(row.verdict, Verdict::Clean | Verdict::Undefined);
            if is_drop {
                is_suspect
            } else {
                suggested == Some(&change.to)
            }
        })
    };
    noted
        .iter()
        .filter(|change| !is_backed(change))
        .map(|change| Flaw::Unbacked {
            path: change.path.clone(),
            change: change.words(),
            by: change.by.clone(),
        })
        .collect()
}

/// The noted changes as decisions about the data set's videos.
fn as_decisions(audit: &Audit, noted: &[Noted]) -> Decisions {
    let videos = &audit.original.manifest.videos;
    let by_id: BTreeMap<&str, usize> = videos
        .iter()
        .enumerate()
        .map(|(index, video)| (video.id.as_str(), index))
        .collect();
    let changes = noted
        .iter()
        .filter_map(|row| {
            Some(Change {
                video: *by_id.get(row.id.as_str())?,
                id: row.id.clone(),
                path: row.path.clone(),
                from: row.from.clone(),
                to: (row.change != "drop").then(|| row.to.clone()),
                by: row.by.clone(),
                why: row.why.clone(),
            })
        })
        .collect();
    Decisions {
        changes,
        disputes: Vec::new(),
        settled: vec![None; videos.len()],
    }
}

fn options(audit: &Audit, format: Format, has_own_words: bool) -> ReadOptions {
    ReadOptions {
        format,
        words_only: true,
        reading: reading_of(audit, format, has_own_words),
        label_names: if has_own_words {
            audit.original.label_names.clone()
        } else {
            BTreeMap::new()
        },
        ..ReadOptions::default()
    }
}

/// How an export is read: as the data set where it is written as that, else with every word a class.
fn reading_of(audit: &Audit, format: Format, has_own_words: bool) -> Reading {
    let own = &audit.original.manifest.reading;
    if has_own_words && format == audit.original.manifest.format && format != Format::Folders {
        return own.clone();
    }
    Reading {
        label_from: (format == Format::Folders).then(|| {
            if has_sides(&audit.original.manifest) {
                LabelFrom::below_split()
            } else {
                LabelFrom::class_folders()
            }
        }),
        unlabeled: Unlabeled::Class,
        ..Reading::default()
    }
}

/// Reads an export. `has_own_words`: whether it writes classes as the data set does.
fn read(
    audit: &Audit,
    path: &Utf8Path,
    format: Format,
    has_own_words: bool,
) -> Result<(Manifest, Vec<LabelFile>), ExportError> {
    let options = options(audit, format, has_own_words);
    Ok(manifest::read_with_files(path, &options).map_err(|error| error.called("export"))?)
}
