//! The manifest: which videos a data set has, and how each is labeled.
//!
//! [`read`] takes what a user has (a folder of class folders, a CSV file, a published data set) and gives a [`Manifest`] or
//! *all* the problems that keep it from being one. One file per format turns text into entries and says how it is
//! written again; `resolve` turns entries of any format into videos, and [`LabelFile`] writes corrected labels into the
//! original bytes. Nothing here opens a video: whether one can be decoded is found out later, and never ends a run.

mod dfew;
mod ferv39k;
mod folders;
mod format;
mod jsonl;
mod label_file;
mod list;
mod mafw;
mod media;
mod parquet;
mod parts;
mod problem;
mod resolve;
mod select;
mod splits;
mod table;

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use crate::label::LabelSet;
pub use format::{Format, detect};
pub use label_file::{AddedColumn, AddedValue, Edits, LabelFile, LabelRow};
pub use parts::Split;
pub use problem::{ManifestError, Problem, ProblemKind, Warning};

/// One labeled video of a data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Video {
    /// Name of the video in every report, unique in the data set.
    pub id: String,
    /// Where it lies: a video file or a folder of frames, the root joined.
    pub path: Utf8PathBuf,
    /// The path as the manifest writes it.
    pub written_path: String,
    /// The given label, an index into the data set's [`LabelSet`].
    pub label: usize,
    /// What must not be split between folds (a subject, a film), where the manifest says so.
    pub group: Option<String>,
    /// Line of the manifest file at which the entry begins, from 1; none in a folder of folders.
    pub row: Option<u64>,
    /// Values of the manifest's other columns, one per [`Manifest::extra_columns`].
    pub extra: Vec<String>,
}

/// A labeled data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The file or folder that was read.
    pub source: Utf8PathBuf,
    /// The format that it was read in, never [`Format::Auto`].
    pub format: Format,
    /// The classes.
    pub labels: LabelSet,
    /// Names of the columns that mean nothing to this program and are kept for the export.
    pub extra_columns: Vec<String>,
    /// The videos, in the manifest's order (folders: by path).
    pub videos: Vec<Video>,
    /// What was read otherwise than the user may think.
    pub warnings: Vec<Warning>,
    /// Where written paths start.
    pub root: Utf8PathBuf,
    /// Digest (BLAKE3, hexadecimal) of each file of labels, by its path below the data set's folder; none for a folder of
    /// class folders.
    pub digests: BTreeMap<String, String>,
}

/// How to read a data set.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// Where relative paths of a manifest file start; its own folder by default. A folder of folders has no use for it.
    pub root: Option<Utf8PathBuf>,
    /// The format.
    pub format: Format,
    /// What the data set writes for a class → the class's name; the `[labels]` table of the configuration. Empty: the
    /// classes are the distinct values.
    pub label_names: BTreeMap<String, String>,
    /// Only the words matter, as in a file of true labels: the videos need not be where it says.
    pub words_only: bool,
}

/// Reads a data set.
///
/// Classes are ordered by number where the data set (or the keys of `label_names`) uses numbers, else by name.
/// The id of a video that the manifest does not name is its written path, without the extension where that leaves all
/// ids distinct.
///
/// # Errors
/// Everything that is wrong with the data set, not just the first: see [`ProblemKind`].
pub fn read(source: &Utf8Path, options: &ReadOptions) -> Result<Manifest, ManifestError> {
    read_with_files(source, options).map(|(manifest, _)| manifest)
}

/// Reads a data set and its files of labels, whose rows name the manifest's videos; a folder of class folders has none.
///
/// # Errors
/// As [`read`].
pub fn read_with_files(
    source: &Utf8Path,
    options: &ReadOptions,
) -> Result<(Manifest, Vec<LabelFile>), ManifestError> {
    let refuse = |kind| ManifestError::one(source, Problem { row: None, kind });
    let metadata =
        fs_err::metadata(source).map_err(|source| refuse(ProblemKind::Unreadable { source }))?;
    let format = match options.format {
        Format::Auto => detect(source)?,
        format => format,
    };
    let given_root = options.root.as_deref();
    let (mut entries, root) = match format {
        Format::Folders => {
            if !metadata.is_dir() {
                return Err(refuse(ProblemKind::NotAFolder));
            }
            let mut entries = folders::read(source);
            if let Some(root) = options.root.clone() {
                entries.warnings.push(Warning::UnusedRoot { root });
            }
            (entries, source.to_owned())
        }
        Format::Dfew => dfew::read(source, given_root, options.words_only),
        Format::Ferv39k => ferv39k::read(source, given_root, options.words_only),
        Format::Mafw => mafw::read(source, given_root, options.words_only),
        Format::Auto | Format::Csv | Format::List | Format::Jsonl | Format::Parquet => {
            if metadata.is_dir() {
                let format = format.name();
                return Err(refuse(ProblemKind::NotAFile { format }));
            }
            let bytes = fs_err::read(source)
                .map_err(|source| refuse(ProblemKind::Unreadable { source }))?;
            let root = given_root.map_or_else(|| own_folder(source), Utf8Path::to_owned);
            let entries = match format {
                Format::Jsonl => jsonl::parse(source, &bytes),
                Format::Parquet => parquet::parse(source, &bytes),
                Format::List => {
                    let mut entries = list::parse(source, &bytes);
                    media::complete(&mut entries.list, &root, options.words_only);
                    entries
                }
                _ => table::parse(source, &bytes, table::COLUMNS),
            };
            (entries, root)
        }
    };
    let files = std::mem::take(&mut entries.files);
    let mut manifest = resolve::resolve(source, format, &root, options, entries)?;
    manifest.digests = files
        .iter()
        .map(|file| (file.path.to_string(), digest(&file.bytes)))
        .collect();
    Ok((manifest, files))
}

/// The folder in which a file lies.
fn own_folder(file: &Utf8Path) -> Utf8PathBuf {
    file.parent().unwrap_or(Utf8Path::new("")).to_owned()
}

/// The digest (BLAKE3, hexadecimal) of a file of labels.
pub fn digest(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

/// A video as a format has it, before labels, paths and ids are looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    row: Option<u64>,
    id: Option<String>,
    path: String,
    label: String,
    group: Option<String>,
    extra: Vec<String>,
}

/// What reading a format gives.
#[derive(Debug, Default)]
struct Entries {
    extra_columns: Vec<String>,
    list: Vec<Entry>,
    /// What the format writes for a class → the class's name; used where the user gives no names.
    label_names: BTreeMap<String, String>,
    /// The files of labels; their rows name the entries.
    files: Vec<LabelFile>,
    problems: Vec<Problem>,
    warnings: Vec<Warning>,
}

#[cfg(test)]
mod format_tests;
#[cfg(test)]
mod tests;
