//! Words of one file as the classes of another: right labels, decisions and exports name a run's classes as people write
//! them.
//!
//! Nothing is guessed: a word that is no class is an error that names it, and a word that is written otherwise than the class
//! is told.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use thiserror::Error;

use super::{Manifest, ManifestError, ReadOptions, Reading, Unlabeled, read};
use crate::label::{self, LabelError, LabelSet, folded, is_no_label};

/// A file whose labels cannot be taken for a run's classes.
#[derive(Debug, Error)]
pub enum WordsError {
    /// The file cannot be read.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The run's classes are none.
    #[error(transparent)]
    Classes(#[from] LabelError),
    /// Labels that name no class.
    #[error(
        "'{path}' has labels that are no class of the run: {}; {}",
        .unknown.iter().map(Unknown::to_string).collect::<Vec<_>>().join(", "),
        remedy(.unknown, .known)
    )]
    Unknown {
        /// The file.
        path: Utf8PathBuf,
        /// The labels, in the file's order.
        unknown: Vec<Unknown>,
        /// The run's classes.
        known: Vec<String>,
    },
}

/// A label that names no class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The label, as the file writes it.
    pub word: String,
    /// The first line that has it, where the file has lines.
    pub line: Option<u64>,
    /// How many rows have it.
    pub rows: usize,
}

impl std::fmt::Display for Unknown {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { word, line, rows } = self;
        match line {
            Some(line) => write!(
                formatter,
                "'{word}' ({rows} rows, the first is line {line})"
            ),
            None => write!(formatter, "'{word}' ({rows} rows)"),
        }
    }
}

/// The classes of a run, and how other files may name them.
#[derive(Debug, Clone, Copy)]
pub struct Classes<'a> {
    /// Their names, in the run's order.
    pub names: &'a [String],
    /// What the data set writes for a class → the class's name.
    pub written: &'a BTreeMap<String, String>,
}

impl Classes<'_> {
    /// The class that a word names: its name, what the data set writes for it, the same whole number (`01`, `1.0`), or the
    /// name in other letters (`Sad`, `SAD`, `very-sad` for `very sad`) where that is one class alone.
    pub fn of(&self, word: &str) -> Option<usize> {
        let word = word.trim();
        let named = |name: &str| self.names.iter().position(|other| other == name);
        let exact = named(word).or_else(|| named(self.written.get(word)?));
        exact
            .or_else(|| {
                let number = whole_number(word)?;
                self.alike(|other| whole_number(other) == Some(number))
            })
            .or_else(|| {
                let word = folded(word);
                self.alike(|other| folded(other) == word)
            })
    }

    /// The one class of which a name or a written word is alike.
    fn alike(&self, is_alike: impl Fn(&str) -> bool) -> Option<usize> {
        let written = self.written.iter();
        let written = written.filter(|(word, _)| is_alike(word));
        let of_written = written.filter_map(|(_, name)| self.names.iter().position(|n| n == name));
        let of_names = (0..self.names.len()).filter(|&class| is_alike(&self.names[class]));
        let mut found = of_names.chain(of_written);
        let first = found.next()?;
        found.all(|class| class == first).then_some(first)
    }
}

/// The whole number that a word writes, as `7`, `07`, `7.0` or `7,0`.
pub fn whole_number(word: &str) -> Option<i64> {
    let word = word.trim();
    word.parse().ok().or_else(|| {
        let number = label::number(word)?;
        (number.fract() == 0.0).then_some(number as i64)
    })
}

/// What the labels of a file mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// By label of the file: the class; nothing for one of the `others`.
    pub classes: Vec<Option<usize>>,
    /// Labels that are written otherwise than their class, one sentence for all.
    pub told: Option<String>,
}

/// Takes the labels of a file for classes. `others`: labels that stand for no class, on purpose.
///
/// # Errors
/// Labels name no class, all of them at once.
pub fn take(
    manifest: &Manifest,
    classes: Classes<'_>,
    others: &[String],
) -> Result<Taken, WordsError> {
    let is_other = |word: &str| others.iter().any(|other| folded(other) == folded(word));
    let mut unknown = Vec::new();
    let mut renamed = Vec::new();
    let mut taken = Vec::with_capacity(manifest.labels.len());
    for (label, word) in manifest.labels.names().iter().enumerate() {
        let class = classes.of(word);
        match class {
            Some(class) if classes.names[class] != *word => {
                renamed.push(format!("'{word}' as '{}'", classes.names[class]));
            }
            None if !is_other(word) => {
                let rows = manifest.videos.iter().filter(|video| video.label == label);
                unknown.push(Unknown {
                    word: word.clone(),
                    line: rows.clone().filter_map(|video| video.row).min(),
                    rows: rows.count(),
                });
            }
            _ => {}
        }
        taken.push(class);
    }
    if unknown.is_empty() {
        let told =
            |renamed: &[String]| format!("'{}': took {}", manifest.source, renamed.join(", "));
        return Ok(Taken {
            classes: taken,
            told: (!renamed.is_empty()).then(|| told(&renamed)),
        });
    }
    unknown.sort_by_key(|unknown| unknown.line);
    Err(WordsError::Unknown {
        path: manifest.source.clone(),
        unknown,
        known: classes.names.to_vec(),
    })
}

/// Reads a file of labels of whatever format, wherever its videos are, with the words that it has.
///
/// # Errors
/// As [`read`].
pub fn read_words(source: &Utf8Path) -> Result<Manifest, ManifestError> {
    let options = ReadOptions {
        words_only: true,
        // Another file's word for no label may be a class of the run's.
        reading: Reading {
            unlabeled: Unlabeled::Class,
            ..Reading::default()
        },
        ..ReadOptions::default()
    };
    read(source, &options).map_err(|error| error.called("file of labels"))
}

/// Reads a file of labels as one of these classes; and what is to be told of its words.
///
/// # Errors
/// The file cannot be read, or has labels that are no class.
pub fn read_as(
    source: &Utf8Path,
    classes: Classes<'_>,
) -> Result<(Manifest, Option<String>), WordsError> {
    let mut manifest = read_words(source)?;
    let taken = take(&manifest, classes, &[])?;
    for video in &mut manifest.videos {
        video.label = taken.classes[video.label].unwrap_or_default();
    }
    manifest.labels = LabelSet::new(classes.names.to_vec())?;
    Ok((manifest, taken.told))
}

/// What to do about labels that name no class.
fn remedy(unknown: &[Unknown], known: &[String]) -> String {
    let (none, other): (Vec<&Unknown>, Vec<&Unknown>) = unknown
        .iter()
        .partition(|unknown| is_no_label(&unknown.word));
    let classes = format!("its classes are {}", quoted(known));
    let none: Vec<String> = none.iter().map(|none| none.word.clone()).collect();
    match (none.is_empty(), other.is_empty()) {
        (true, _) => format!("{classes}, write them like that"),
        (false, true) => format!(
            "{} says that there is no label: write the class, or remove the row; {classes}",
            quoted(&none)
        ),
        (false, false) => format!(
            "{classes}, write them like that; {} says that there is no label: write the class, or remove the row",
            quoted(&none)
        ),
    }
}

fn quoted(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(names: &[&str], word: &str) -> Option<usize> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let written = BTreeMap::from([("3".to_owned(), "sad".to_owned())]);
        Classes {
            names: &names,
            written: &written,
        }
        .of(word)
    }

    #[test]
    fn words_name_classes_in_other_letters_and_numbers() {
        let names = ["happy", "sad", "very sad", "N/A"];
        for (word, class) in [
            ("happy", Some(0)),
            (" Happy ", Some(0)),
            ("SAD", Some(1)),
            ("3", Some(1)),
            ("3.0", Some(1)),
            ("03", Some(1)),
            ("Very_Sad", Some(2)),
            ("n/a", Some(3)),
            ("1", None),
            ("0", None),
            ("surprised", None),
            ("", None),
        ] {
            assert_eq!(classes(&names, word), class, "{word}");
        }
        assert_eq!(classes(&["1", "2", "10"], "10.0"), Some(2));
        assert_eq!(classes(&["1", "2", "10"], "10.5"), None);
        assert_eq!(classes(&["1", "2", "10"], "2,0"), Some(1));
        assert_eq!(classes(&["1", "2", "10"], "2,5"), None);
        // Two classes that differ in letters alone are named by their own letters.
        assert_eq!(classes(&["Sad", "happy", "sad"], "sad"), Some(2));
        assert_eq!(classes(&["Sad", "happy", "sad"], "SAD"), None);
    }

    #[test]
    fn unknown_words_are_named_all_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join("t.csv");
        let text = "path,label\na.mp4,Happy\nb.mp4,joy\nc.mp4,1\nd.mp4,joy\ne.mp4,sad\n";
        fs_err::write(&path, text).unwrap();
        let names = ["happy".to_owned(), "sad".to_owned()];
        let written = BTreeMap::new();
        let classes = Classes {
            names: &names,
            written: &written,
        };
        let error = read_as(&path, classes).unwrap_err().to_string();
        assert!(
            error
                .contains("'joy' (2 rows, the first is line 3), '1' (1 rows, the first is line 4)")
                && error.contains("its classes are 'happy', 'sad'"),
            "{error}"
        );
        let none = text.replace("joy", "?").replace(",1", ",nan");
        fs_err::write(&path, none).unwrap();
        let told = read_as(&path, classes).unwrap_err().to_string();
        assert!(
            told.contains(
                "'?', 'nan' says that there is no label: write the class, or remove the row"
            ),
            "{told}"
        );
        fs_err::write(&path, text).unwrap();
        let manifest = read_words(&path).unwrap();
        let others = ["Joy".to_owned(), "1".to_owned()];
        let taken = take(&manifest, classes, &others).unwrap();
        let class_of = |video: usize| taken.classes[manifest.videos[video].label];
        assert_eq!(
            (0..5).map(class_of).collect::<Vec<_>>(),
            [Some(0), None, None, None, Some(1)]
        );
        assert!(taken.told.unwrap().contains("'Happy' as 'happy'"));
    }
}
