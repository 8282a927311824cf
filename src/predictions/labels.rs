//! The given labels in a file of their own, and which row of the predictions each belongs to.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::source::{LABEL, Source};
use super::{PredictionsError, array};
use crate::manifest::Manifest;
use crate::manifest::register::{Register, RegisterError};
use crate::manifest::sheet::Sheet;
use crate::manifest::words::read_words;
use crate::table::ForeignReader;

/// What `--labels` says: names of classes, a file of labels, or both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GivenLabels {
    /// The classes in the order of the probabilities' columns.
    pub names: Vec<String>,
    /// A file with the videos' labels.
    pub file: Option<Utf8PathBuf>,
}

impl GivenLabels {
    /// Takes values of the flag: each is a file that is there, or names with commas between them, in quotes where they hold
    /// one.
    ///
    /// # Errors
    /// A value looks like a file that is not there, or there are two.
    pub fn parse(values: &[String]) -> Result<Self, PredictionsError> {
        let mut given = Self::default();
        for value in values {
            let path = Utf8Path::new(value);
            if path.is_file() {
                if let Some(first) = given.file.replace(path.to_owned()) {
                    return Err(PredictionsError::TwoFiles {
                        first,
                        second: path.to_owned(),
                    });
                }
                continue;
            }
            let kind = path.extension().map(str::to_lowercase).unwrap_or_default();
            if [
                "npy", "npz", "csv", "tsv", "txt", "parquet", "jsonl", "json",
            ]
            .contains(&kind.as_str())
            {
                return Err(PredictionsError::NoFile {
                    path: path.to_owned(),
                });
            }
            given.names.extend(names(value));
        }
        Ok(given)
    }
}

/// Names with commas between them; one that holds a comma stands in double quotes.
fn names(text: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut is_quoted = false;
    for character in text.chars() {
        match character {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => names.push(String::new()),
            other => {
                if let Some(name) = names.last_mut() {
                    name.push(other);
                }
            }
        }
    }
    names.iter().map(|name| name.trim().to_owned()).collect()
}

/// What a file of labels holds.
enum Labels {
    /// One per row of the predictions, in their order.
    InOrder(Vec<Option<String>>),
    /// Videos with their labels.
    ByName(Box<Manifest>),
}

/// How labels were put to rows.
pub(super) struct Joined {
    /// What is to be told of it.
    pub(super) told: String,
    /// The file's videos, and the places of those that have rows; nothing where it went row by row.
    pub(super) by_name: Option<(Box<Manifest>, BTreeSet<usize>)>,
}

impl Joined {
    fn in_order(told: String) -> Self {
        Self {
            told,
            by_name: None,
        }
    }
}

/// Puts the labels of a file to the rows of the predictions; how, if it did. A file with as many
/// words as there are classes, and not one for each row, names the classes.
///
/// # Errors
/// The file cannot be read, or does not fit the rows.
pub(super) fn join(
    source: &mut Source,
    given: &mut GivenLabels,
    path: &Utf8Path,
) -> Result<Option<Joined>, PredictionsError> {
    let Some(file) = given.file.clone() else {
        return Ok(None);
    };
    let clips = source.clips.max(1);
    let videos = source.probs.len() / clips;
    let classes = source.probs.first().map_or(0, Vec::len);
    let differ = |found: usize| PredictionsError::Counts {
        path: path.to_owned(),
        videos,
        labels: file.clone(),
        found,
    };
    match read(&file)? {
        Labels::InOrder(words) if words.len() == classes && words.len() != videos => {
            if given.names.is_empty() {
                given.names = words.into_iter().map(Option::unwrap_or_default).collect();
            }
            return Ok(None);
        }
        Labels::InOrder(words) => {
            if ![videos, source.probs.len()].contains(&words.len()) {
                return Err(differ(words.len()));
            }
            source.labels = Some(array::repeat(words, videos, clips));
        }
        Labels::ByName(manifest) if source.ids.is_none() && source.paths.is_none() => {
            if manifest.videos.len() != videos {
                return Err(differ(manifest.videos.len()));
            }
            let labels = manifest.videos.iter();
            let labels = labels.map(|video| Some(manifest.labels.name(video.label).to_owned()));
            let ids = manifest.videos.iter().map(|video| video.id.clone());
            let paths = manifest
                .videos
                .iter()
                .map(|video| video.written_path.clone());
            source.labels = Some(array::repeat(labels.collect(), videos, clips));
            source.ids = Some(array::repeat(ids.collect(), videos, clips));
            source.paths = Some(array::repeat(paths.collect(), videos, clips));
            return Ok(Some(Joined::in_order(format!(
                "labels are those of '{file}', row by row, since the predictions have no ids or paths"
            ))));
        }
        Labels::ByName(manifest) => {
            let found = by_name(source, &manifest, path)?;
            return Ok(Some(Joined {
                told: format!("labels are those of '{}', by id or path", manifest.source),
                by_name: Some((manifest, found)),
            }));
        }
    }
    let told = format!("labels are those of '{file}', row by row");
    Ok(Some(Joined::in_order(told)))
}

/// Puts labels to rows by id or path; the places of the videos that have rows.
fn by_name(
    source: &mut Source,
    manifest: &Manifest,
    path: &Utf8Path,
) -> Result<BTreeSet<usize>, PredictionsError> {
    let videos = manifest.videos.iter();
    let known = Register::new(videos.map(|video| (video.id.as_str(), video.written_path.as_str())));
    let name = |names: &Option<Vec<String>>, row: usize| {
        let name = names.as_ref().map(|names| names[row].clone());
        name.filter(|name| !name.is_empty())
    };
    let mut found: Vec<Option<usize>> = Vec::with_capacity(source.probs.len());
    for row in 0..source.probs.len() {
        let (id, of_path) = (name(&source.ids, row), name(&source.paths, row));
        match known.find(id.as_deref(), of_path.as_deref()) {
            Ok(video) => found.push(Some(video.place)),
            Err(RegisterError::Unknown(_)) => found.push(None),
            Err(RegisterError::Several(what)) => {
                return Err(PredictionsError::Names {
                    path: path.to_owned(),
                    place: source.place(row),
                    what,
                });
            }
        }
    }
    if let Some(row) = found.iter().position(Option::is_none) {
        let names = source.ids.as_ref().or(source.paths.as_ref());
        return Err(PredictionsError::Strangers {
            path: path.to_owned(),
            count: found.iter().filter(|place| place.is_none()).count(),
            first: names.map(|names| names[row].clone()).unwrap_or_default(),
            labels: manifest.source.clone(),
        });
    }
    let labels = found.iter().flatten().map(|&place| {
        let video = &manifest.videos[place];
        Some(manifest.labels.name(video.label).to_owned())
    });
    source.labels = Some(labels.collect());
    Ok(found.into_iter().flatten().collect())
}

fn read(file: &Utf8Path) -> Result<Labels, PredictionsError> {
    let bytes = fs_err::read(file).map_err(PredictionsError::File)?;
    if let Some(words) = array::labels(file, &bytes) {
        return words.map(Labels::InOrder);
    }
    if bytes.starts_with(b"PAR1") {
        let table = ForeignReader::of_bytes(file, &bytes)?;
        if let [only] = table.columns() {
            return Ok(Labels::InOrder(table.words(&only.name)?));
        }
    } else if !bytes.starts_with(b"{")
        && let Ok(sheet) = Sheet::read(file, &LABEL[..1])
        && sheet.header.len() == 1
        && sheet
            .rows
            .iter()
            .all(|row| row.fields.len() == 1 && !row.fields[0].contains(' '))
    {
        let is_header = LABEL
            .iter()
            .any(|name| sheet.header[0].eq_ignore_ascii_case(name));
        let first = (!is_header).then(|| sheet.header[0].clone());
        let rows = sheet.rows.iter().map(|row| row.fields[0].clone());
        let words = first.into_iter().chain(rows);
        let some = |word: String| Some(word).filter(|word| !word.is_empty());
        return Ok(Labels::InOrder(words.map(some).collect()));
    }
    Ok(Labels::ByName(Box::new(read_words(file)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_files_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let file = Utf8Path::from_path(folder.path())
            .unwrap()
            .join("labels.csv");
        fs_err::write(&file, "label\nhappy\n").unwrap();
        let given =
            GivenLabels::parse(&["a, b".into(), file.to_string(), "\"c,d\",e".into()]).unwrap();
        assert_eq!(given.names, ["a", "b", "c,d", "e"]);
        assert_eq!(given.file, Some(file.clone()));
        let twice = GivenLabels::parse(&[file.to_string(), file.to_string()]);
        assert!(matches!(twice, Err(PredictionsError::TwoFiles { .. })));
        let missing = GivenLabels::parse(&["nowhere.npy".into()]).unwrap_err();
        assert!(
            missing
                .to_string()
                .contains("there is no file 'nowhere.npy'")
        );
    }
}
