//! Predictions in several files, each of the videos that one network did not learn from: one table out of them.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;

use super::labels::{self, Joined};
use super::names::{self, Named};
use super::source::Source;
use super::{GivenLabels, PredictionsError, array, check, columns, text};
use crate::label::{comparable, is_no_label};
use crate::manifest::words::Classes;

/// How many videos without predictions are named.
const NAMED: usize = 5;

/// Formats in which predictions are kept as well, and which are not read.
const UNREAD: [&str; 12] = [
    "pkl",
    "pickle",
    "pt",
    "pth",
    "safetensors",
    "h5",
    "hdf5",
    "mat",
    "feather",
    "arrow",
    "json",
    "jsonl",
];

/// One file.
pub(super) struct Part<'a> {
    pub(super) path: &'a Utf8Path,
    pub(super) source: Source,
    classes: usize,
    joined: Option<Joined>,
    digest: String,
}

impl<'a> Part<'a> {
    /// Reads a file, and puts the labels of another one to its rows.
    pub(super) fn read(
        path: &'a Utf8Path,
        given: &mut GivenLabels,
    ) -> Result<Self, PredictionsError> {
        let bytes = fs_err::read(path).map_err(PredictionsError::File)?;
        let mut source = source(path, &bytes, &given.names)?;
        let joined = labels::join(&mut source, given, path)?;
        let classes = check::rows(path, &source)?;
        check_lengths(path, &source)?;
        refuse_unlabeled(path, &source, &given.names)?;
        Ok(Self {
            path,
            source,
            classes,
            joined,
            digest: blake3::hash(&bytes).to_hex().to_string(),
        })
    }

    /// The names of its videos, where it has some.
    fn ids(&self) -> BTreeSet<&str> {
        let Source { ids, paths, .. } = &self.source;
        let names = ids.iter().chain(paths).next();
        names.into_iter().flatten().map(String::as_str).collect()
    }
}

/// Reads a file. `classes`: the class names that the user gave, by which columns are found as well.
fn source(path: &Utf8Path, bytes: &[u8], classes: &[String]) -> Result<Source, PredictionsError> {
    match bytes {
        [b'P', b'A', b'R', b'1', ..] => return columns::read(path, bytes, classes),
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => return array::one(path, bytes),
        [b'P', b'K', 3 | 5, ..] => return array::several(path, bytes),
        _ => {}
    }
    // A damaged file is told as what it is called.
    match path.extension().unwrap_or_default().to_lowercase().as_str() {
        "parquet" => columns::read(path, bytes, classes),
        "npy" => array::one(path, bytes),
        "npz" => array::several(path, bytes),
        other if UNREAD.contains(&other) => Err(PredictionsError::Format {
            path: path.to_owned(),
        }),
        _ => text::read(path, classes),
    }
}

/// Refuses labels, ids and paths that are not one per row.
fn check_lengths(path: &Utf8Path, source: &Source) -> Result<(), PredictionsError> {
    let rows = source.probs.len();
    let lengths = [
        source.labels.as_ref().map(Vec::len),
        source.ids.as_ref().map(Vec::len),
        source.paths.as_ref().map(Vec::len),
    ];
    match lengths.into_iter().flatten().find(|&length| length != rows) {
        None => Ok(()),
        Some(found) => Err(PredictionsError::Counts {
            path: path.to_owned(),
            videos: rows / source.clips.max(1),
            labels: path.to_owned(),
            found,
        }),
    }
}

fn refuse_unlabeled(
    path: &Utf8Path,
    source: &Source,
    names: &[String],
) -> Result<(), PredictionsError> {
    let Some(labels) = &source.labels else {
        return Err(PredictionsError::NoLabels {
            path: path.to_owned(),
        });
    };
    let named = source.names.iter().flatten().chain(names);
    let named: Vec<_> = named.map(|name| comparable(name)).collect();
    let is_none = |label: &&Option<String>| match label {
        None => true,
        Some(word) if named.contains(&comparable(word)) => false,
        Some(word) => is_no_label(word),
    };
    match labels.iter().position(|label| is_none(&label)) {
        None => Ok(()),
        Some(row) => Err(PredictionsError::Unlabeled {
            path: path.to_owned(),
            place: source.place(row),
            word: labels[row].clone().unwrap_or_default(),
            count: labels.iter().filter(is_none).count(),
        }),
    }
}

/// Puts the columns of files that name them in another order into that of the first; what is to be told of it.
pub(super) fn align(parts: &mut [Part]) -> Vec<String> {
    let Some((first, others)) = parts.split_first_mut() else {
        return Vec::new();
    };
    let mut told = Vec::new();
    for part in others {
        let (Some(wanted), Some(found)) = (&first.source.names, &part.source.names) else {
            continue;
        };
        let written = BTreeMap::new();
        let classes = Classes {
            names: found,
            written: &written,
        };
        let places: Option<Vec<usize>> = wanted.iter().map(|name| classes.of(name)).collect();
        let places = places.unwrap_or_default();
        let distinct: BTreeSet<usize> = places.iter().copied().collect();
        if wanted == found || distinct.len() != found.len() {
            continue;
        }
        for row in &mut part.source.probs {
            *row = places.iter().map(|&place| row[place]).collect();
        }
        // In the same order they differ in letters alone.
        if !places.is_sorted() {
            told.push(format!(
                "the columns of '{}' are in another order than those of '{}': taken by their names",
                part.path, first.path
            ));
        }
        part.source.names = Some(wanted.clone());
    }
    told
}

/// The number of classes, which all files share; no video may be in two of them.
///
/// # Errors
/// Files differ in their classes, videos have no names, or some are in two files.
pub(super) fn check(parts: &[Part]) -> Result<usize, PredictionsError> {
    let Some(first) = parts.first() else {
        return Ok(0);
    };
    let mut file_of: BTreeMap<&str, &Utf8Path> = BTreeMap::new();
    let (mut twice, mut count) = (None, 0);
    for part in parts.iter().filter(|_| parts.len() > 1) {
        if (part.classes, &part.source.names) != (first.classes, &first.source.names) {
            return Err(PredictionsError::OtherClasses {
                first: first.path.to_owned(),
                second: part.path.to_owned(),
            });
        }
        let ids = part.ids();
        if ids.is_empty()
            || part
                .joined
                .as_ref()
                .is_some_and(|joined| joined.by_name.is_none())
        {
            return Err(PredictionsError::NoNames {
                path: part.path.to_owned(),
            });
        }
        for id in ids {
            if let Some(other) = file_of.insert(id, part.path) {
                count += 1;
                twice
                    .get_or_insert_with(|| (id.to_owned(), other.to_owned(), part.path.to_owned()));
            }
        }
    }
    match twice {
        None => Ok(first.classes),
        Some((id, first, second)) => Err(PredictionsError::Twice {
            id,
            first,
            second,
            count,
        }),
    }
}

/// The classes by what all files say.
///
/// # Errors
/// As [`names::find`], of the file that is wrong where a single one is.
pub(super) fn names(
    parts: &[Part],
    given: &[String],
    classes: usize,
) -> Result<Named, PredictionsError> {
    let [first, others @ ..] = parts else {
        return names::find(Utf8Path::new(""), &Source::default(), given, classes);
    };
    if others.is_empty() {
        return names::find(first.path, &first.source, given, classes);
    }
    let labels = parts.iter().filter_map(|part| part.source.labels.clone());
    let all = Source {
        labels: Some(labels.flatten().collect()),
        names: first.source.names.clone(),
        ..Source::default()
    };
    names::find(first.path, &all, given, classes).map_err(|error| {
        let mut alone = parts.iter();
        let alone =
            alone.find_map(|part| names::find(part.path, &part.source, given, classes).err());
        alone.unwrap_or(error)
    })
}

/// Digest of all files.
pub(super) fn fingerprint(parts: &[Part]) -> String {
    if let [only] = parts {
        return only.digest.clone();
    }
    let digests: Vec<&str> = parts.iter().map(|part| part.digest.as_str()).collect();
    let all = blake3::hash(digests.join("\n").as_bytes());
    all.to_hex().to_string()
}

/// What is to be told of the files and of where their labels come from.
pub(super) fn told(parts: &[Part]) -> Vec<String> {
    let mut told = Vec::new();
    // Of several files the first speaks for all.
    told.extend(
        parts
            .iter()
            .take(1)
            .flat_map(|part| part.source.told.clone()),
    );
    if parts.len() > 1 {
        let videos: Vec<String> = parts
            .iter()
            .map(|part| part.ids().len().to_string())
            .collect();
        told.push(format!(
            "{} files, each taken for the part that one network did not learn from, of {} videos",
            parts.len(),
            videos.join(" + ")
        ));
    }
    let Some(Joined { told: how, by_name }) = parts.first().and_then(|part| part.joined.as_ref())
    else {
        return told;
    };
    let Some((manifest, _)) = by_name else {
        told.push(how.clone());
        return told;
    };
    let joined = parts
        .iter()
        .filter_map(|part| part.joined.as_ref()?.by_name.as_ref());
    let found: BTreeSet<usize> = joined.flat_map(|(_, found)| found).copied().collect();
    let lacks = |&place: &usize| !found.contains(&place);
    let lacking: Vec<usize> = (0..manifest.videos.len()).filter(lacks).collect();
    let some = lacking.iter().take(NAMED);
    let some: Vec<&str> = some
        .map(|&place| manifest.videos[place].id.as_str())
        .collect();
    let names = match (some.is_empty(), lacking.len() > NAMED) {
        (true, _) => String::new(),
        (false, is_more) => format!(" ({}{})", some.join(", "), if is_more { ", …" } else { "" }),
    };
    told.push(format!(
        "{how}; {} of its videos have no predictions{names}",
        lacking.len()
    ));
    told
}
