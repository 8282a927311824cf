//! The classes of a data set: from the words that it writes to names in an order.

use std::collections::{BTreeMap, BTreeSet};

use super::Warning;
use crate::label::{comparable, folded, number};

/// The classes that have a video.
#[derive(Debug)]
pub(super) struct Classes {
    /// Their names, in order.
    pub(super) names: Vec<String>,
    /// The label of each word that is written.
    by_word: BTreeMap<String, usize>,
}

impl Classes {
    /// The classes of the words that are used, in order: by number, then by name, of what the data set writes for them. Words
    /// that are the same number are one class. `label_names`: what is written for a class → its name; with it, other words are
    /// no class. `keeps_words`: whether a class is always called as it is written.
    pub(super) fn new(
        label_names: &BTreeMap<String, String>,
        used: &BTreeSet<&str>,
        keeps_words: bool,
        warnings: &mut Vec<Warning>,
    ) -> Self {
        let mut groups: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for word in used {
            groups
                .entry(comparable(word).into_owned())
                .or_default()
                .push(word);
        }
        // What is written, and the name: those that the user names, or one for each group.
        let mut named: Vec<(String, String)> = if label_names.is_empty() {
            let name = |(key, words): (&String, &Vec<&str>)| {
                let name = match words.as_slice() {
                    [word] if keeps_words || is_whole(word) => (*word).to_owned(),
                    _ => key.clone(),
                };
                (key.clone(), name)
            };
            groups.iter().map(name).collect()
        } else {
            let names = label_names.iter();
            names
                .map(|(key, name)| (comparable(key).into_owned(), name.clone()))
                .collect()
        };
        named.sort_by(|(left, _), (right, _)| order(left, right));
        let (mut names, mut unused): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        let mut by_word = BTreeMap::new();
        for (key, name) in named {
            let Some(words) = groups.get(&key) else {
                if !unused.contains(&name) {
                    unused.push(name);
                }
                continue;
            };
            let label = names.iter().position(|other| *other == name);
            let label = label.unwrap_or_else(|| {
                names.push(name);
                names.len() - 1
            });
            by_word.extend(words.iter().map(|word| ((*word).to_owned(), label)));
        }
        unused.retain(|name| !names.contains(name));
        if !unused.is_empty() && !used.is_empty() {
            warnings.push(Warning::UnusedLabels { labels: unused });
        }
        let mut by_folded: BTreeMap<String, &String> = BTreeMap::new();
        for second in &names {
            if let Some(first) = by_folded.insert(folded(second), second) {
                warnings.push(Warning::AlikeLabels {
                    first: first.clone(),
                    second: second.clone(),
                });
            }
        }
        Self { names, by_word }
    }

    /// The label that a word means; none where it is no class.
    pub(super) fn label(&self, word: &str) -> Option<usize> {
        self.by_word.get(word).copied()
    }

    /// The words that are not their class's name, with it.
    pub(super) fn words_that_differ(&self) -> BTreeMap<String, String> {
        let words = self.by_word.iter();
        words
            .map(|(word, label)| (word.clone(), self.names[*label].clone()))
            .filter(|(word, name)| word != name)
            .collect()
    }
}

/// Whether a number is written with digits alone, so that it may stay as it is: `01`, not `1.0`.
fn is_whole(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Numbers by value and before names.
fn order(left: &str, right: &str) -> std::cmp::Ordering {
    match (number(left), number(right)) {
        (Some(left), Some(right)) => left.total_cmp(&right),
        (Some(_), None) => std::cmp::Ordering::Less,
        (None, Some(_)) => std::cmp::Ordering::Greater,
        (None, None) => left.cmp(right),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(words: &[&str], keeps_words: bool) -> Classes {
        let used = words.iter().copied().collect();
        Classes::new(&BTreeMap::new(), &used, keeps_words, &mut Vec::new())
    }

    #[test]
    fn the_same_number_is_the_same_class() {
        let numbers = classes(&["0", "0.0", "1.0", "01", "10.0", "2"], false);
        assert_eq!(numbers.names, ["0", "1", "2", "10"]);
        assert_eq!(numbers.label("01"), numbers.label("1.0"));
        let told: Vec<(String, String)> = numbers.words_that_differ().into_iter().collect();
        let told: Vec<(&str, &str)> = told.iter().map(|(word, name)| (&**word, &**name)).collect();
        assert_eq!(
            told,
            [("0.0", "0"), ("01", "1"), ("1.0", "1"), ("10.0", "10")]
        );
        // Nothing to join: what is written stays.
        assert_eq!(
            classes(&["01", "02", "b", "a"], false).names,
            ["01", "02", "a", "b"]
        );
        assert_eq!(classes(&["1.0", "2.0"], true).names, ["1.0", "2.0"]);
        assert_eq!(classes(&["1.5", "0.50"], false).names, ["0.5", "1.5"]);
    }

    #[test]
    fn names_that_may_be_meant_as_one_are_told() {
        let mut told = Vec::new();
        let words = ["Very happy", "very_happy", "sad", "mad"];
        Classes::new(&BTreeMap::new(), &words.into(), false, &mut told);
        assert!(
            matches!(&told[..], [told] if told.to_string().starts_with("labels 'Very happy' and 'very_happy'")),
            "{told:?}"
        );
        // What looks the same is the same.
        let mut told = Vec::new();
        let words = ["d\u{e9}go\u{fb}t", "de\u{301}gou\u{302}t", "sad"];
        let classes = Classes::new(&BTreeMap::new(), &words.into(), true, &mut told);
        assert_eq!((classes.names.len(), told.len()), (2, 0), "{told:?}");
        assert_eq!(classes.words_that_differ().len(), 1);
    }

    #[test]
    fn names_are_given_to_numbers_however_they_are_written() {
        let names = [("1", "happy"), ("2", "sad"), ("3", "happy")];
        let names = names
            .map(|(key, name)| (key.to_owned(), name.to_owned()))
            .into();
        let used = ["1.0", "02", "3"].into_iter().collect();
        let classes = Classes::new(&names, &used, false, &mut Vec::new());
        assert_eq!(classes.names, ["happy", "sad"]);
        let labels = ["1.0", "02", "3", "4"].map(|word| classes.label(word));
        assert_eq!(labels, [Some(0), Some(1), Some(0), None]);
    }
}
