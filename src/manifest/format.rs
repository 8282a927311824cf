//! The formats by name, and which of them a data set is in.

use camino::Utf8Path;
use serde::{Deserialize, Serialize};

use super::{
    ManifestError, Problem, ProblemKind, dfew, ferv39k, jsonl, list, mafw, parquet, table,
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
}

impl Format {
    /// Every format, with the name that the user gives it.
    pub const NAMES: [(&str, Self); 9] = [
        ("auto", Self::Auto),
        ("folders", Self::Folders),
        ("csv", Self::Csv),
        ("dfew", Self::Dfew),
        ("ferv39k", Self::Ferv39k),
        ("mafw", Self::Mafw),
        ("list", Self::List),
        ("jsonl", Self::Jsonl),
        ("parquet", Self::Parquet),
    ];

    /// The format's name.
    pub fn name(self) -> &'static str {
        let named = Self::NAMES.into_iter().find(|(_, format)| *format == self);
        named.map_or("auto", |(name, _)| name)
    }
}

/// The format of a data set. Only names and the beginnings of files are looked at.
///
/// A folder that has the files of no published data set is one of class folders; a file in which nothing is recognised
/// is a table, whose reader then says what is missing.
///
/// # Errors
/// The source cannot be read, or several formats fit.
pub fn detect(source: &Utf8Path) -> Result<Format, ManifestError> {
    let refuse = |kind| ManifestError::one(source, Problem { row: None, kind });
    let metadata =
        fs_err::metadata(source).map_err(|source| refuse(ProblemKind::Unreadable { source }))?;
    let mut fitting = Vec::new();
    let fallback = if metadata.is_dir() {
        let published = [
            (Format::Dfew, dfew::fits(source, None)),
            (Format::Ferv39k, ferv39k::fits(source, None)),
            (Format::Mafw, mafw::fits(source, None)),
        ];
        fitting.extend(published.into_iter().filter(|(_, fits)| *fits));
        Format::Folders
    } else {
        let bytes =
            fs_err::read(source).map_err(|source| refuse(ProblemKind::Unreadable { source }))?;
        let (ferv39k, mafw) = (
            ferv39k::fits(source, Some(&bytes)),
            mafw::fits(source, Some(&bytes)),
        );
        if parquet::fits(&bytes) {
            return Ok(Format::Parquet);
        }
        let csv = table::fits(source, &bytes, table::COLUMNS);
        let dfew = dfew::fits(source, Some(&bytes));
        // A list is what the published ones and tabs between columns look like too.
        let is_list = list::fits(&bytes) && ![csv, dfew, ferv39k, mafw].contains(&true);
        let formats = [
            (Format::Csv, csv),
            (Format::Dfew, dfew),
            (Format::Ferv39k, ferv39k),
            (Format::Mafw, mafw),
            (Format::List, is_list),
            (Format::Jsonl, jsonl::fits(&bytes)),
        ];
        fitting.extend(formats.into_iter().filter(|(_, fits)| *fits));
        Format::Csv
    };
    match fitting.as_slice() {
        [] => Ok(fallback),
        [(format, _)] => Ok(*format),
        several => Err(refuse(ProblemKind::SeveralFormats {
            formats: several
                .iter()
                .map(|(format, _)| format.name().to_owned())
                .collect(),
        })),
    }
}
