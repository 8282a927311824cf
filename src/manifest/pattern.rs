//! Labels that stand in the paths of videos: patterns such as `{group}/{label}/**`, and data sets that are known for theirs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use camino::Utf8Path;
use regex::Regex;
use serde::{Deserialize, Serialize};

use super::media::is_video;

/// A data set whose paths name the label.
struct Scheme {
    name: &'static str,
    pattern: &'static str,
    /// What the path writes → the class; empty where it writes the class's name.
    codes: &'static [(&'static str, &'static str)],
}

/// RAVDESS: Livingstone & Russo 2018, `PLoS ONE` 13(5) e0196391; CREMA-D: Cao et al. 2014, `IEEE TAC` 5(4); MEAD: Wang et al.
/// 2020, `ECCV`; eNTERFACE'05: Martin et al. 2006, `ICDEW`. The fields are in `docs/data-sets.md`.
const SCHEMES: [Scheme; 4] = [
    Scheme {
        name: "ravdess",
        pattern: "{:2}-{:2}-{label:2}-{:2}-{:2}-{:2}-{group:2}",
        codes: &[
            ("01", "neutral"),
            ("02", "calm"),
            ("03", "happy"),
            ("04", "sad"),
            ("05", "angry"),
            ("06", "fearful"),
            ("07", "disgust"),
            ("08", "surprised"),
        ],
    },
    Scheme {
        name: "crema-d",
        pattern: "{group:4}_{:3}_{label:3}_{:2}",
        codes: &[
            ("ANG", "anger"),
            ("DIS", "disgust"),
            ("FEA", "fear"),
            ("HAP", "happy"),
            ("NEU", "neutral"),
            ("SAD", "sad"),
        ],
    },
    Scheme {
        name: "mead",
        pattern: "{group}/video/{}/{label}/**",
        codes: &[],
    },
    Scheme {
        name: "enterface",
        pattern: "{group}/{label}/{}/**",
        codes: &[],
    },
];

/// How many of the schemes are so particular that a data set whose every path fits is known by it.
const RECOGNISED: usize = 2;

/// Where a path names the label: a pattern, or the name of a data set that is known for one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LabelFrom {
    text: String,
}

/// What a path says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) label: String,
    pub(super) group: Option<String>,
    pub(super) split: Option<String>,
    pub(super) id: Option<String>,
}

/// A pattern that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It does not say where the label is.
    #[error(
        "the pattern has no '{{label}}'; write one such as '{{group}}/{{label}}/**' or '{{}}_{{label}}_{{}}', or a name: {}",
        names()
    )]
    NoLabel,
    /// A field that means nothing.
    #[error(
        "'{{{field}}}' means nothing; fields are {{label}}, {{group}}, {{split}}, {{id}} and {{}} (any text), each perhaps with a length, as in '{{label:3}}'"
    )]
    Field {
        /// The field.
        field: String,
    },
    /// The same field twice, or a brace without its partner.
    #[error("the pattern cannot be used: a field is there twice, or a brace has no partner")]
    Form,
}

fn names() -> String {
    SCHEMES.map(|scheme| scheme.name).join(", ")
}

impl LabelFrom {
    /// Class folders below the data set's folder.
    pub fn class_folders() -> Self {
        Self {
            text: "{label}/**".to_owned(),
        }
    }

    /// Class folders below the sides of a split.
    pub fn below_split() -> Self {
        Self {
            text: "{split}/{label}/**".to_owned(),
        }
    }

    /// The data set that is known by most of these paths' names, and the paths that do not fit.
    pub(super) fn recognise(paths: &[String]) -> Option<(Self, Vec<&String>)> {
        SCHEMES.iter().take(RECOGNISED).find_map(|scheme| {
            let from = Self {
                text: scheme.name.to_owned(),
            };
            let reader = from.reader().ok()?;
            let is_odd = |path: &&String| {
                let named = reader.read(path);
                !named.is_some_and(|named| reader.codes.contains_key(&named.label))
            };
            let odd: Vec<&String> = paths.iter().filter(is_odd).collect();
            (odd.len() * 2 < paths.len()).then_some((from, odd))
        })
    }

    /// The name of the known data set whose pattern every path fits, if `is_likely` says that of the labels.
    pub(super) fn fitting(
        paths: &[String],
        is_likely: impl Fn(&BTreeSet<&str>) -> bool,
    ) -> Option<&'static str> {
        let fits = |scheme: &&Scheme| {
            let named = Self {
                text: scheme.name.to_owned(),
            };
            let Ok(reader) = named.reader() else {
                return false;
            };
            let labels: Option<Vec<String>> = paths
                .iter()
                .map(|path| Some(reader.read(path)?.label))
                .collect();
            labels.is_some_and(|labels| is_likely(&labels.iter().map(String::as_str).collect()))
        };
        SCHEMES.iter().find(fits).map(|scheme| scheme.name)
    }

    /// The known data set that it is.
    fn scheme(&self) -> Option<&'static Scheme> {
        let is_it = |scheme: &&Scheme| scheme.name.eq_ignore_ascii_case(self.text.trim());
        SCHEMES.iter().find(is_it)
    }

    /// The pattern itself.
    pub(super) fn pattern(&self) -> &str {
        self.scheme().map_or(&self.text, |scheme| scheme.pattern)
    }

    /// What reads paths by it.
    ///
    /// # Errors
    /// It cannot be used.
    pub(super) fn reader(&self) -> Result<PathReader, PatternError> {
        let codes = self.scheme().map_or(&[][..], |scheme| scheme.codes);
        let owned = |(code, class): &(&str, &str)| ((*code).to_owned(), (*class).to_owned());
        Ok(PathReader {
            regex: expression(self.pattern())?,
            whole: self.pattern().contains('/'),
            codes: codes.iter().map(owned).collect(),
        })
    }
}

impl FromStr for LabelFrom {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let from = Self {
            text: text.trim().to_owned(),
        };
        from.reader().map(|_| from)
    }
}

impl TryFrom<String> for LabelFrom {
    type Error = PatternError;

    fn try_from(text: String) -> Result<Self, PatternError> {
        text.parse()
    }
}

impl From<LabelFrom> for String {
    fn from(from: LabelFrom) -> Self {
        from.text
    }
}

impl fmt::Display for LabelFrom {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// Reads paths by a pattern.
#[derive(Debug)]
pub(super) struct PathReader {
    regex: Regex,
    /// Whether the whole path is looked at, and not only the name.
    whole: bool,
    /// What the path writes → the class.
    pub(super) codes: BTreeMap<String, String>,
}

impl PathReader {
    /// What a path below the data set's folder says; nothing where it does not fit. A video's extension is no part of it.
    pub(super) fn read(&self, path: &str) -> Option<Named> {
        let mut path = Utf8Path::new(path).to_owned();
        if is_video(&path) {
            path.set_extension("");
        }
        let text = if self.whole {
            path.as_str()
        } else {
            path.file_name()?
        };
        let found = self.regex.captures(text)?;
        let field = |name| found.name(name).map(|field| field.as_str().to_owned());
        Some(Named {
            label: field("label")?,
            group: field("group"),
            split: field("split"),
            id: field("id"),
        })
    }
}

/// The regular expression of a pattern.
fn expression(pattern: &str) -> Result<Regex, PatternError> {
    let mut text = String::from("^");
    let mut rest = pattern;
    while let Some(character) = rest.chars().next() {
        let end = if rest.starts_with("**/") {
            text += "(?:.*/)?";
            3
        } else if rest.starts_with("**") {
            text += ".+";
            2
        } else if character == '*' {
            text += "[^/]*";
            1
        } else if character == '{' {
            let end = rest.find('}').ok_or(PatternError::Form)?;
            text += &field(rest.get(1..end).unwrap_or_default())?;
            end + 1
        } else {
            text += &regex::escape(&character.to_string());
            character.len_utf8()
        };
        rest = rest.get(end..).unwrap_or_default();
    }
    text.push('$');
    if !text.contains("?<label>") {
        return Err(PatternError::NoLabel);
    }
    Regex::new(&text).map_err(|_no_expression| PatternError::Form)
}

/// The regular expression of a field, which stands between braces.
fn field(field: &str) -> Result<String, PatternError> {
    let refuse = || PatternError::Field {
        field: field.to_owned(),
    };
    let (name, length) = match field.split_once(':') {
        None => (field, None),
        Some((name, length)) => (
            name,
            Some(length.parse::<u8>().map_err(|_no_number| refuse())?),
        ),
    };
    let text = match length {
        Some(length) => format!("[^/]{{{length}}}"),
        None => "[^/]+?".to_owned(),
    };
    match name {
        "" => Ok(text),
        "label" | "group" | "split" | "id" => Ok(format!("(?<{name}>{text})")),
        _ => Err(refuse()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pattern: &str, path: &str) -> Option<(String, Option<String>)> {
        let from: LabelFrom = pattern.parse().unwrap();
        let named = from.reader().unwrap().read(path)?;
        Some((named.label, named.group))
    }

    #[test]
    fn patterns_name_parts_of_paths() {
        assert_eq!(
            read("{group}/{label}/**", "S1/happy/a/1.mp4"),
            Some(("happy".to_owned(), Some("S1".to_owned())))
        );
        assert_eq!(read("{group}/{label}/**", "S1/happy"), None);
        assert_eq!(
            read("{}_{label}_{}", "deep/down/s1_an_1.avi"),
            Some(("an".to_owned(), None))
        );
        assert_eq!(
            read("**/{label}", "a/b/c/sad"),
            Some(("sad".to_owned(), None))
        );
        assert_eq!(read("**/{label}", "sad"), Some(("sad".to_owned(), None)));
        assert_eq!(
            read("{label:3}*", "HAP01.mp4"),
            Some(("HAP".to_owned(), None))
        );
        assert_eq!(read("x.{label}", "x.y"), Some(("y".to_owned(), None)));
        assert_eq!(read("x.{label}", "xzy"), None);
    }

    #[test]
    fn known_data_sets_are_known_by_their_names() {
        assert_eq!(
            read("ravdess", "Actor_02/01-01-05-01-02-01-02.mp4"),
            Some(("05".to_owned(), Some("02".to_owned())))
        );
        assert_eq!(
            read("CREMA-D", "1001_DFA_ANG_XX.flv"),
            Some(("ANG".to_owned(), Some("1001".to_owned())))
        );
        assert_eq!(
            read("mead", "M003/video/front/angry/level_1/001.mp4"),
            Some(("angry".to_owned(), Some("M003".to_owned())))
        );
        assert_eq!(
            read("enterface", "subject 1/anger/sentence 1/s1_an_1.avi"),
            Some(("anger".to_owned(), Some("subject 1".to_owned())))
        );
        let recognise = |paths: &[&str]| {
            let paths: Vec<String> = paths.iter().map(|&path| path.to_owned()).collect();
            let (from, odd) = LabelFrom::recognise(&paths)?;
            odd.is_empty().then(|| from.to_string())
        };
        assert_eq!(
            recognise(&["Actor_01/01-01-03-01-01-02-01.mp4"]).as_deref(),
            Some("ravdess")
        );
        assert_eq!(
            recognise(&["1001_DFA_ANG_XX.flv", "1002_IEO_SAD_HI.flv"]).as_deref(),
            Some("crema-d")
        );
        assert_eq!(recognise(&["1001_DFA_ANG_XX.flv", "a.flv"]), None);
        assert_eq!(recognise(&["1001_DFA_XYZ_XX.flv"]), None, "no such code");
        assert_eq!(recognise(&[]), None);
    }

    #[test]
    fn patterns_that_cannot_be_used_say_why() {
        for (pattern, told) in [
            ("{group}/**", "has no '{label}'"),
            ("ravdes", "ravdess, crema-d"),
            ("{emotion}/{label}", "'{emotion}' means nothing"),
            ("{label:x}", "'{label:x}' means nothing"),
            ("{label}/{label}", "twice"),
            ("{label", "brace"),
        ] {
            let error = pattern.parse::<LabelFrom>().unwrap_err().to_string();
            assert!(error.contains(told), "{pattern}: {error}");
        }
    }
}
