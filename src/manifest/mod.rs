//! The manifest: which videos a data set has, and how each is labeled.
//!
//! [`read`] takes what a user has (a folder of class folders, a CSV file, a published data set) and gives a [`Manifest`] or
//! *all* the problems that keep it from being one. One file per format turns text into entries and says how it is
//! written again; `resolve` turns entries of any format into videos, and [`LabelFile`] writes corrected labels into the
//! original bytes. Nothing here opens a video: whether one can be decoded is found out later, and never ends a run.

mod classes;
mod columns;
mod dfew;
mod encoding;
mod ferv39k;
mod fiftyone;
mod folders;
mod format;
mod jsonl;
mod label_file;
mod layout;
mod list;
mod listing;
mod lists;
mod locate;
mod mafw;
mod media;
mod parquet;
mod parts;
mod pattern;
mod places;
mod problem;
mod reading;
pub mod register;
mod resolve;
mod rows;
mod select;
pub mod sheet;
mod splits;
mod table;
mod understood;
pub mod votes;
pub mod words;

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use self::columns::Wanted;
use self::format::{Detected, detect_as};
use self::list::FrameCounts;
use crate::label::LabelSet;
pub use format::{Format, detect};
pub use label_file::{AddedColumn, AddedValue, Edits, LabelFile, LabelRow};
pub(crate) use media::{FRAME_EXTENSIONS, is_media};
pub use parts::Split;
pub use pattern::{LabelFrom, PatternError};
pub use problem::{ManifestError, Problem, ProblemKind, Warning};
pub use reading::{
    Missing, Prefix as ReplacedPrefix, Reading, ReadingError, Role, Unlabeled,
    columns as parse_columns,
};
pub use understood::{Choice, Class, Column, LeftOut, Understood, Why};

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
#[derive(Debug, Clone, PartialEq)]
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
    /// How it was read, so that it can be read again in the same way.
    pub reading: Reading,
    /// What it was understood to be.
    pub understood: Understood,
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
    /// Nobody looks at the videos, as where features were given of them: they are found where they are there.
    pub may_lack_videos: bool,
    /// What else the user says of it.
    pub reading: Reading,
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
    let detected = match options.format {
        Format::Auto => match options.reading.lists.first() {
            None => detect_as(source, &options.reading)?,
            Some(list) => detect_as(&source.join(list), &options.reading)?,
        },
        format => named(source, format, options)?,
    };
    if let Some(root) = options.root.as_ref().filter(|root| !root.is_dir())
        && !options.words_only
        && detected.format != Format::Folders
    {
        let kind = ProblemKind::NoRoot { root: root.clone() };
        return Err(ManifestError::one(source, Problem { row: None, kind }));
    }
    let is_asked = options.format != Format::Auto;
    let mut reading = options.reading.clone();
    if !detected.lists.is_empty() {
        reading.lists = detected.lists;
    }
    let (mut entries, root) = entries(source, detected.format, options, &mut reading)?;
    if is_asked {
        entries.why = format!(
            "{}, as '--format {}' says",
            entries.why,
            detected.format.name()
        );
    }
    if !detected.also.is_empty() {
        entries.choices.push(Choice {
            what: "labels".to_owned(),
            taken: "from the folders".to_owned(),
            also: detected.also.iter().map(ToString::to_string).collect(),
            remedy: "name such a list if it has the labels".to_owned(),
        });
    }
    if detected.has_class_folders {
        entries.choices.push(Choice {
            what: "labels".to_owned(),
            taken: "from the list, not from the folders of the videos".to_owned(),
            also: Vec::new(),
            remedy: "if the folders are the classes, say '--label-from '{label}/**''".to_owned(),
        });
    }
    let is_folders = detected.format == Format::Folders;
    let given = &options.reading;
    for (flag, is_unused, why) in [
        (
            "--label-from",
            given.label_from.is_some() && !is_folders,
            "the labels are those of the list",
        ),
        (
            "--columns",
            !given.columns.is_empty() && is_folders,
            "class folders have no columns",
        ),
        (
            "--replace-prefix",
            !given.prefixes.is_empty() && is_folders,
            "the videos are where they lie in the folder",
        ),
    ] {
        if is_unused {
            entries.warnings.push(Warning::UnusedFlag { flag, why });
        }
    }
    let options = ReadOptions {
        format: detected.format,
        reading,
        ..options.clone()
    };
    let (mut manifest, files) = resolve::resolve(source, &root, &options, entries)?;
    let mut understood = std::mem::take(&mut manifest.understood);
    understood.count(&manifest, &files);
    manifest.understood = understood;
    manifest.digests = files
        .iter()
        .map(|file| (file.path.to_string(), digest(&file.bytes)))
        .collect();
    Ok((manifest, files))
}

/// Reads several lists as one data set; one alone is read as it is.
///
/// # Errors
/// As [`read`].
pub fn read_several(
    lists: &[&Utf8Path],
    options: &ReadOptions,
) -> Result<(Manifest, Vec<LabelFile>), ManifestError> {
    let [first, _, ..] = lists else {
        return read_with_files(lists.first().copied().unwrap_or(Utf8Path::new("")), options);
    };
    let refuse = |source| {
        let kind = ProblemKind::Unreadable { source };
        ManifestError::one(first, Problem { row: None, kind })
    };
    let (folder, lists) = lists::common(lists).map_err(refuse)?;
    let mut options = options.clone();
    options.reading.lists = lists;
    read_with_files(&folder, &options)
}

/// The format that the user names.
fn named(
    source: &Utf8Path,
    format: Format,
    options: &ReadOptions,
) -> Result<Detected, ManifestError> {
    let refuse = |kind| ManifestError::one(source, Problem { row: None, kind });
    let metadata =
        std::fs::metadata(source).map_err(|source| refuse(ProblemKind::Unreadable { source }))?;
    let mut detected = Detected::from(format);
    let is_file = match format {
        Format::Folders if !metadata.is_dir() => return Err(refuse(ProblemKind::NotAFolder)),
        Format::Auto | Format::Folders | Format::Dfew | Format::Ferv39k | Format::Mafw => false,
        _ => true,
    };
    if is_file && metadata.is_dir() && options.reading.lists.is_empty() {
        let found = lists::find(source)?.filter(|lists| lists.format == format);
        let format = format.name();
        let found = found.ok_or_else(|| refuse(ProblemKind::NotAFile { format }))?;
        detected.lists = found.files;
    }
    Ok(detected)
}

/// Reads the entries of a data set, and where its paths start.
fn entries(
    source: &Utf8Path,
    format: Format,
    options: &ReadOptions,
    reading: &mut Reading,
) -> Result<(Entries, Utf8PathBuf), ManifestError> {
    let (given_root, words_only) = (options.root.as_deref(), options.words_only);
    Ok(match format {
        Format::Folders => {
            let (mut entries, label_from) = folders::read(source, reading.label_from.as_ref());
            reading.label_from = Some(label_from);
            if let Some(root) = options.root.clone() {
                entries.warnings.push(Warning::UnusedRoot { root });
            }
            (entries, source.to_owned())
        }
        Format::Dfew => dfew::read(source, given_root, words_only),
        Format::Ferv39k => ferv39k::read(source, given_root, words_only),
        Format::Mafw => mafw::read(source, given_root, words_only),
        _ if !reading.lists.is_empty() => {
            let entries = lists::read(source, given_root, format, reading, words_only);
            let root = given_root.unwrap_or(source).to_owned();
            (entries, root)
        }
        _ => {
            let refuse = |kind| ManifestError::one(source, Problem { row: None, kind });
            let bytes = fs_err::read(source)
                .map_err(|source| refuse(ProblemKind::Unreadable { source }))?;
            if !parquet::fits(&bytes) {
                encoding::refuse_other_kinds(&bytes).map_err(refuse)?;
            }
            let root = given_root.map_or_else(|| own_folder(source), Utf8Path::to_owned);
            let exists = |path: &str| root.join(path).exists();
            let counts = FrameCounts {
                known: reading.frame_counts,
                exists: (!words_only).then_some(&exists as &dyn Fn(&str) -> bool),
            };
            let wanted = lists::names_of(source, reading, words_only);
            let entries = match format {
                Format::Fiftyone => fiftyone::parse(source, &bytes, reading),
                _ => encoding::parse(&bytes, |text| {
                    parse_file(source, text, format, wanted, counts)
                }),
            };
            (entries, root)
        }
    })
}

/// Reads the text of a file of labels.
fn parse_file(
    source: &Utf8Path,
    text: &[u8],
    format: Format,
    wanted: Wanted<'_>,
    counts: FrameCounts<'_>,
) -> Entries {
    match format {
        Format::Jsonl => jsonl::parse(source, text, wanted),
        Format::Parquet => parquet::parse(source, text, wanted),
        Format::List => {
            let mut entries = list::parse(source, text, counts);
            media::name_ids(&mut entries.list);
            entries
        }
        _ => table::parse(source, text, wanted),
    }
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
    /// By what the format is known.
    why: String,
    /// The columns, with what they mean.
    columns: Vec<(String, String)>,
    /// What was taken among several, or found out.
    choices: Vec<Choice>,
    /// Whether the lines of a list have the number of frames.
    frame_counts: Option<bool>,
}

#[cfg(test)]
mod format_tests;
#[cfg(test)]
mod tests;
