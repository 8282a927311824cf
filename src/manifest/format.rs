//! The formats by name, and which of them a data set is in.

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use super::columns::{self, Wanted};
use super::reading::Reading;
use super::{
    ManifestError, Problem, ProblemKind, dfew, encoding, ferv39k, fiftyone, folders, jsonl, list,
    lists, mafw, parquet, table,
};

/// How a data set is written down.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Whichever of the others fits.
    #[default]
    Auto,
    /// A folder with one folder per class.
    Folders,
    /// A table with a header line; comma, tab, semicolon or `|` between the columns.
    Csv,
    /// DFEW: five splits in tables.
    Dfew,
    /// FERV39k: lists whose paths contain the label.
    Ferv39k,
    /// MAFW: five splits in lists.
    Mafw,
    /// `path label` or `path frames label`, a line per video.
    List,
    /// A JSON object a line.
    Jsonl,
    /// A Parquet file.
    Parquet,
    /// A data set of `FiftyOne` in JSON.
    Fiftyone,
}

impl Format {
    /// Every format, with the name that the user gives it.
    pub const NAMES: [(&str, Self); 10] = [
        ("auto", Self::Auto),
        ("folders", Self::Folders),
        ("csv", Self::Csv),
        ("dfew", Self::Dfew),
        ("ferv39k", Self::Ferv39k),
        ("mafw", Self::Mafw),
        ("list", Self::List),
        ("jsonl", Self::Jsonl),
        ("parquet", Self::Parquet),
        ("fiftyone", Self::Fiftyone),
    ];

    /// The format's name.
    pub fn name(self) -> &'static str {
        let named = Self::NAMES.into_iter().find(|(_, format)| *format == self);
        named.map_or("auto", |(name, _)| name)
    }
}

/// The format of a data set. Only names and the beginnings of files are looked at.
///
/// A folder that has the files of no published data set, and no lists, is one of class folders; a file in which nothing is
/// recognised is a table, whose reader then says what is missing.
///
/// # Errors
/// The source cannot be read, is something else altogether, or several formats fit.
pub fn detect(source: &Utf8Path) -> Result<Format, ManifestError> {
    detect_as(source, &Reading::default()).map(|detected| detected.format)
}

/// What a data set is, by its looks.
pub(super) struct Detected {
    pub(super) format: Format,
    /// Lists in a folder, relative to it.
    pub(super) lists: Vec<Utf8PathBuf>,
    /// Lists that the folder also has, and that are not read.
    pub(super) also: Vec<Utf8PathBuf>,
    /// Whether the folder's lists are read although its folders may be classes.
    pub(super) has_class_folders: bool,
}

/// As [`detect`], with what the user says.
pub(super) fn detect_as(source: &Utf8Path, reading: &Reading) -> Result<Detected, ManifestError> {
    let refuse = |kind| ManifestError::one(source, Problem { row: None, kind });
    let metadata =
        std::fs::metadata(source).map_err(|source| refuse(ProblemKind::Unreadable { source }))?;
    if metadata.is_dir() {
        return detect_folder(source, reading);
    }
    if !metadata.is_file() {
        return Err(refuse(ProblemKind::OtherKind {
            kind: "a pipe or a device, which can be read only once",
            remedy: "write it to a file and name that",
        }));
    }
    let bytes =
        fs_err::read(source).map_err(|source| refuse(ProblemKind::Unreadable { source }))?;
    let format = detect_bytes(source, &bytes, reading).map_err(refuse)?;
    Ok(Detected::from(format.unwrap_or(Format::Csv)))
}

impl From<Format> for Detected {
    fn from(format: Format) -> Self {
        Self {
            format,
            lists: Vec::new(),
            also: Vec::new(),
            has_class_folders: false,
        }
    }
}

fn detect_folder(source: &Utf8Path, reading: &Reading) -> Result<Detected, ManifestError> {
    let published = [
        (Format::Dfew, dfew::fits(source, None)),
        (Format::Ferv39k, ferv39k::fits(source, None)),
        (Format::Mafw, mafw::fits(source, None)),
    ];
    if let Some(format) =
        only(published).map_err(|kind| ManifestError::one(source, Problem { row: None, kind }))?
    {
        return Ok(Detected::from(format));
    }
    // Where the paths name the labels, nobody asks for lists.
    if reading.label_from.is_some() {
        return Ok(Detected::from(Format::Folders));
    }
    let has_videos = folders::has_class_folders(source);
    let lists = match lists::find(source) {
        Ok(lists) => lists,
        Err(_several) if has_videos => None,
        Err(several) => return Err(several),
    };
    Ok(match lists {
        Some(lists) if !has_videos || lists::lead_somewhere(source, &lists) => Detected {
            has_class_folders: has_videos && !lists.are_metadata,
            format: lists.format,
            lists: lists.files,
            also: Vec::new(),
        },
        lists => Detected {
            format: Format::Folders,
            lists: Vec::new(),
            also: lists.map_or_else(Vec::new, |lists| lists.files),
            has_class_folders: false,
        },
    })
}

/// The format of a file's bytes; none where nothing is recognised.
///
/// # Errors
/// It is something else altogether, or several formats fit.
pub(super) fn detect_bytes(
    source: &Utf8Path,
    bytes: &[u8],
    reading: &Reading,
) -> Result<Option<Format>, ProblemKind> {
    if parquet::fits(bytes) {
        return Ok(Some(Format::Parquet));
    }
    let (_, text) = encoding::decode(bytes);
    encoding::refuse_other_kinds(&text)?;
    let wanted = Wanted {
        names: columns::COLUMNS,
        given: &reading.columns,
        can_be_given: true,
        header: columns::FIRST_LINE,
    };
    let (ferv39k, mafw) = (
        ferv39k::fits(source, Some(&text)),
        mafw::fits(source, Some(&text)),
    );
    let fits = |names| table::fits(source, &text, Wanted { names, ..wanted });
    let dfew = dfew::fits(source, Some(&text)) && reading.columns.is_empty();
    let csv = fits(columns::COLUMNS) || fits(columns::METADATA) || !dfew && fits(columns::WORDS);
    // A list is what the published ones and tabs between columns look like too.
    let is_list = list::fits(&text) && ![csv, dfew, ferv39k, mafw].contains(&true);
    let is_json = jsonl::fits(&text);
    let fiftyone = is_json && fiftyone::fits(&text);
    if is_json && !fiftyone && jsonl::is_document(&text) {
        return Err(ProblemKind::OtherKind {
            kind: "a single JSON document",
            remedy: "write an object a line, each with a path and a label, as 'jq -c' does",
        });
    }
    only([
        (Format::Csv, csv),
        (Format::Dfew, dfew),
        (Format::Ferv39k, ferv39k),
        (Format::Mafw, mafw),
        (Format::List, is_list),
        (Format::Jsonl, is_json && !fiftyone),
        (Format::Fiftyone, fiftyone),
    ])
}

/// The only format that fits, if any does.
fn only(formats: impl IntoIterator<Item = (Format, bool)>) -> Result<Option<Format>, ProblemKind> {
    let fitting = formats.into_iter().filter(|(_, fits)| *fits);
    let fitting: Vec<Format> = fitting.map(|(format, _)| format).collect();
    match fitting.as_slice() {
        [] => Ok(None),
        [format] => Ok(Some(*format)),
        several => {
            let names = several.iter().map(|format| format.name().to_owned());
            Err(ProblemKind::SeveralFormats {
                formats: names.collect(),
                remedy: "say which one with '--format'",
            })
        }
    }
}
