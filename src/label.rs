//! Labels: the ordered class names of a data set.
//!
//! Everywhere else a label is a `usize`, the index into a [`LabelSet`]. What a manifest writes for a class, and how that
//! becomes a name, is [`crate::manifest`]'s business.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Words, in lower case, by which tables say that there is no label; so does the number -1.
const NO_LABEL: [&str; 17] = [
    "",
    "nan",
    "na",
    "n/a",
    "n.a.",
    "<na>",
    "#n/a",
    "#na",
    "nat",
    "none",
    "null",
    "nil",
    "unknown",
    "unlabeled",
    "unlabelled",
    "?",
    "-",
];

/// The number that a word is: `1`, `1.0`, `1,0` and `01` are the same one. Not exponents, infinities or what is no number;
/// after a comma only zeros count, since `1,2` may be two classes.
pub fn number(word: &str) -> Option<f64> {
    let word = word.trim();
    let word = match word.split_once(',') {
        Some((whole, rest)) if !rest.is_empty() && rest.bytes().all(|byte| byte == b'0') => whole,
        _ => word,
    };
    let is_part = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+');
    let number: f64 = word.bytes().all(is_part).then(|| word.parse().ok())??;
    // No negative zero, and nothing that two words share only for want of digits.
    (number.abs() < 1e15).then_some(number + 0.0)
}

/// The word by which labels are compared: a number as it is written shortest, any other word as it is [`seen`].
pub fn comparable(word: &str) -> Cow<'_, str> {
    number(word).map_or_else(|| seen(word), |number| Cow::Owned(number.to_string()))
}

/// A word as a reader sees it: without the spaces around it and without characters that show nothing, each letter in one of
/// the spellings that Unicode holds for equal (NFC), each space the common one.
pub fn seen(word: &str) -> Cow<'_, str> {
    let word = word.trim();
    if word.is_ascii() {
        return Cow::Borrowed(word);
    }
    let space = |c: char| if c.is_whitespace() { ' ' } else { c };
    let seen: String = word
        .nfc()
        .filter(|c| !shows_nothing(*c))
        .map(space)
        .collect();
    Cow::Owned(seen.trim().to_owned())
}

/// A word in which what [`seen`] leaves out is written as the character's number.
pub fn escaped(word: &str) -> String {
    let is_odd =
        |c: char| shows_nothing(c) || is_combining_mark(c) || (c.is_whitespace() && c != ' ');
    let mut escaped = String::with_capacity(word.len());
    for c in word.chars() {
        if is_odd(c) {
            escaped.extend(c.escape_unicode());
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// Soft hyphens, and joiners, marks of direction and of byte order, which copying leaves in a text.
fn shows_nothing(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// What is left of a word where capitals, the width of letters and what stands between parts make no difference.
pub fn folded(word: &str) -> String {
    let is_between = |c: &char| c.is_whitespace() || matches!(c, '_' | '-');
    let word = seen(word);
    let parts = word.nfkc().filter(|c| !is_between(c));
    parts.flat_map(char::to_lowercase).collect()
}

/// Whether the word says that there is no label, as `nan`, `N/A`, `-1` and nothing do.
pub fn is_no_label(word: &str) -> bool {
    let lower = seen(word).to_lowercase();
    NO_LABEL.contains(&lower.as_str()) || comparable(&lower) == "-1"
}

/// The class names of a data set, in the order of the network's outputs; at least one, none empty, none twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct LabelSet {
    names: Vec<String>,
}

/// Why a list of names is not a label set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// There is no name at all.
    #[error("a label set needs at least one class name")]
    Empty,
    /// A name is empty or made of spaces.
    #[error("class {index} has an empty name; every class needs one")]
    EmptyName {
        /// Position of the name in the list.
        index: usize,
    },
    /// A name is there twice.
    #[error(
        "class name '{name}' is given to classes {first} and {second}; every class needs a name of its own"
    )]
    Duplicate {
        /// The name.
        name: String,
        /// Position of its first use.
        first: usize,
        /// Position of its second use.
        second: usize,
    },
}

impl LabelSet {
    /// A label set with the given names, in the given order.
    ///
    /// # Errors
    /// No name, an empty name, or one that is there twice.
    pub fn new<Name: Into<String>>(
        names: impl IntoIterator<Item = Name>,
    ) -> Result<Self, LabelError> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        if names.is_empty() {
            return Err(LabelError::Empty);
        }
        for (index, name) in names.iter().enumerate() {
            if name.trim().is_empty() {
                return Err(LabelError::EmptyName { index });
            }
            if let Some(first) = names.iter().take(index).position(|other| other == name) {
                return Err(LabelError::Duplicate {
                    name: name.clone(),
                    first,
                    second: index,
                });
            }
        }
        Ok(Self { names })
    }

    /// All names, in order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The name of a class.
    ///
    /// # Panics
    /// `label` is not an index of this set: a mistake in the program, since labels are made by [`Self::index_of`].
    pub fn name(&self, label: usize) -> &str {
        &self.names[label]
    }

    /// The label of a class name, if there is such a class.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|other| other == name)
    }

    /// The label that somebody's word means: the class of that name, else the one that is the same number, else the only one
    /// that differs in upper and lower case alone.
    pub fn find(&self, word: &str) -> Option<usize> {
        let word = word.trim();
        let equal = |name: &String| comparable(name) == comparable(word);
        let lower = seen(word).to_lowercase();
        self.index_of(word)
            .or_else(|| self.names.iter().position(equal))
            .or_else(|| {
                let alike = |(_, name): &(usize, &String)| seen(name).to_lowercase() == lower;
                let mut found = self.names.iter().enumerate().filter(alike);
                match (found.next(), found.next()) {
                    (Some((label, _)), None) => Some(label),
                    _ => None,
                }
            })
    }

    /// The number of classes, C.
    #[expect(clippy::len_without_is_empty, reason = "a label set is never empty")]
    pub fn len(&self) -> usize {
        self.names.len()
    }
}

impl TryFrom<Vec<String>> for LabelSet {
    type Error = LabelError;

    fn try_from(names: Vec<String>) -> Result<Self, LabelError> {
        Self::new(names)
    }
}

impl From<LabelSet> for Vec<String> {
    fn from(labels: LabelSet) -> Self {
        labels.names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_indices_are_inverse() {
        let labels = LabelSet::new(["happy", "sad", "neutral"]).unwrap();
        assert_eq!(labels.len(), 3);
        for label in 0..labels.len() {
            assert_eq!(labels.index_of(labels.name(label)), Some(label));
        }
        assert_eq!(labels.index_of("Happy"), None);
    }

    #[test]
    fn numbers_are_numbers_and_some_words_are_none() {
        for same in ["1", "1.0", "01", " +1. ", "1,0"] {
            assert_eq!(comparable(same), "1", "{same}");
        }
        assert_eq!(comparable("-0.0"), "0");
        assert_eq!(comparable("1.50"), "1.5");
        for word in [
            "1e3",
            "inf",
            "1,5",
            "1,2",
            "1-2",
            "happy",
            "12345678901234567",
        ] {
            assert_eq!(comparable(word), word);
        }
        for word in ["", " ", "NaN", "N/A", "-1", "-1.0", "None", "?", "unknown"] {
            assert!(is_no_label(word), "{word}");
        }
        for word in ["0", "1", "neutral", "no", "--1"] {
            assert!(!is_no_label(word), "{word}");
        }
    }

    #[test]
    fn words_that_look_alike_are_one() {
        let (composed, parts) = ("d\u{e9}go\u{fb}t", "de\u{301}gou\u{302}t");
        for other in [
            parts,
            "d\u{e9}\u{200b}go\u{fb}t",
            "\u{feff}d\u{e9}go\u{fb}t",
            "d\u{e9}\u{ad}go\u{fb}t",
        ] {
            assert_eq!(comparable(other), composed, "{}", escaped(other));
        }
        assert_eq!(comparable("tr\u{e8}s\u{a0}triste"), "tr\u{e8}s triste");
        assert!(is_no_label("\u{200b}"));
        assert_eq!(escaped(composed), composed);
        assert_eq!(
            escaped("happy\u{200b} e\u{301}"),
            "happy\\u{200b} e\\u{301}"
        );
        assert_eq!(folded("Very_happy"), folded("very happy"));
        assert_eq!(folded("\u{ff48}appy"), "happy");
        assert_ne!(folded("anger"), folded("angry"));
        let labels = LabelSet::new([composed, "sad"]).unwrap();
        assert_eq!(labels.find(parts), Some(0));
    }

    #[test]
    fn a_word_finds_the_class_that_it_means() {
        let labels = LabelSet::new(["0", "1.5", "Happy", "sad", "SAD"]).unwrap();
        assert_eq!(labels.find("0.0"), Some(0));
        assert_eq!(labels.find("01.50"), Some(1));
        assert_eq!(labels.find(" happy"), Some(2));
        assert_eq!(labels.find("SAD"), Some(4));
        assert_eq!(labels.find("Sad"), None, "two are meant");
        assert_eq!(labels.find("fear"), None);
    }

    #[test]
    fn a_name_twice_or_empty_is_refused() {
        let error = LabelSet::new(["happy", "sad", "happy"]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "class name 'happy' is given to classes 0 and 2; every class needs a name of its own"
        );
        assert_eq!(
            LabelSet::new(["happy", " "]),
            Err(LabelError::EmptyName { index: 1 })
        );
        assert_eq!(LabelSet::new(Vec::<String>::new()), Err(LabelError::Empty));
    }

    #[test]
    fn json_is_a_plain_list_and_is_checked() {
        let labels = LabelSet::new(["happy", "sad"]).unwrap();
        let json = serde_json::to_string(&labels).unwrap();
        assert_eq!(json, r#"["happy","sad"]"#);
        assert_eq!(serde_json::from_str::<LabelSet>(&json).unwrap(), labels);
        assert!(serde_json::from_str::<LabelSet>(r#"["sad","sad"]"#).is_err());
    }
}
