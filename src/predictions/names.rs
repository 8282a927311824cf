//! The names of the classes in the order of the probabilities' columns: given, or understood and said.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;

use super::PredictionsError;
use super::source::Source;
use crate::manifest::words::{Classes, whole_number};

/// The classes, and what each word of the labels means.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Named {
    /// The classes' names, in the order of the columns.
    pub(super) labels: Vec<String>,
    /// By word: the class.
    pub(super) class_of: BTreeMap<String, usize>,
    /// How the order was found.
    pub(super) why: String,
    /// The order that the user gave, where the columns are called in another one.
    pub(super) otherwise: Option<Box<Self>>,
}

/// Finds the names. `given`: those that the user gave, or none; `classes`: how many columns there are.
///
/// # Errors
/// Names and columns differ in number, labels name no class, or the order can be one or the other.
pub(super) fn find(
    path: &Utf8Path,
    source: &Source,
    given: &[String],
    classes: usize,
) -> Result<Named, PredictionsError> {
    let words: BTreeSet<&str> = source
        .labels
        .iter()
        .flatten()
        .flatten()
        .map(String::as_str)
        .collect();
    let words: Vec<&str> = words.into_iter().collect();
    let columns = source
        .names
        .as_deref()
        .filter(|names| names.len() == classes);
    let named = match (given, columns) {
        ([], None) => return Named::of_words(path, &words, classes),
        ([], Some(names)) => match recounted(names, &words) {
            Some((labels, why)) => Named::of_names(&labels, &words, &why),
            None => Named::of_names(names, &words, COLUMNS),
        },
        (names, columns) => {
            check_names(path, names, classes)?;
            // Whoever names the columns in another order than they come does not move them, unless only the labels' order
            // agrees with that.
            if let Some(columns) = columns
                && let Some(moved) = same_set(columns, names)
            {
                let as_given = Named::of_names(names, &words, AS_GIVEN).ok();
                Named::of_names(&moved, &words, COLUMNS).map(|named| Named {
                    otherwise: as_given.filter(|_| moved != names).map(Box::new),
                    ..named
                })
            } else {
                Named::of_names(names, &words, "as given with --labels")
            }
        }
    };
    named.map_err(|unknown| unknown.told(path, source))
}

const COLUMNS: &str = "as the columns are called";

const AS_GIVEN: &str =
    "as given with --labels, with which the labels agree; the columns are called otherwise";

/// The classes by the labels' numbers, where the columns have numbers of their own that begin elsewhere: these say the order
/// alone, so that a class keeps the number that people know it by. And how that was found.
fn recounted(names: &[String], words: &[&str]) -> Option<(Vec<String>, String)> {
    let numbers: Option<Vec<i64>> = names.iter().map(|name| whole_number(name)).collect();
    let numbers = numbers?;
    let is_count = numbers.windows(2).all(|pair| pair[1] == pair[0] + 1);
    let is_known = |word: &&str| whole_number(word).is_none_or(|word| numbers.contains(&word));
    if !is_count || words.iter().all(is_known) {
        return None;
    }
    let first = first_number(words, names.len())?;
    let labels = (first..).take(names.len()).map(|number| number.to_string());
    let why = format!(
        "the labels' numbers, which count from {first}; those of the columns, from {}, say their order alone",
        numbers.first()?
    );
    Some((labels.collect(), why))
}

/// The columns' names, where they are the given ones in whatever order and letters.
fn same_set(columns: &[String], names: &[String]) -> Option<Vec<String>> {
    let written = BTreeMap::new();
    let classes = Classes {
        names,
        written: &written,
    };
    let places: Option<Vec<usize>> = columns.iter().map(|column| classes.of(column)).collect();
    let places = places?;
    let distinct: BTreeSet<usize> = places.iter().copied().collect();
    (distinct.len() == names.len())
        .then(|| places.iter().map(|&place| names[place].clone()).collect())
}

fn check_names(path: &Utf8Path, names: &[String], classes: usize) -> Result<(), PredictionsError> {
    let distinct: BTreeSet<&String> = names.iter().collect();
    if names.len() == classes && distinct.len() == classes && !names.iter().any(String::is_empty) {
        return Ok(());
    }
    Err(PredictionsError::Classes {
        path: path.to_owned(),
        classes,
        names: distinct.len(),
        labels: names.to_vec(),
    })
}

/// Words that name no class.
struct Unknown {
    words: Vec<String>,
    labels: Vec<String>,
}

impl Unknown {
    fn told(self, path: &Utf8Path, source: &Source) -> PredictionsError {
        let labels = source.labels.iter().flatten();
        let is_first = |word: &&Option<String>| word.as_ref() == self.words.first();
        let row = labels.clone().position(|word| is_first(&word)).unwrap_or(0);
        PredictionsError::Label {
            path: path.to_owned(),
            words: self.words,
            place: source.place(row),
            labels: self.labels,
        }
    }
}

impl Named {
    /// The names are known: words are looked up, and whole numbers counted where the names are words.
    fn of_names(names: &[String], words: &[&str], why: &str) -> Result<Self, Unknown> {
        let written = BTreeMap::new();
        let classes = Classes {
            names,
            written: &written,
        };
        let named: BTreeMap<String, usize> = words
            .iter()
            .filter_map(|word| Some(((*word).to_owned(), classes.of(word)?)))
            .collect();
        let is_known = |word: &&str| named.contains_key(*word);
        if words.iter().all(is_known) {
            return Ok(Self {
                labels: names.to_vec(),
                class_of: named,
                why: why.to_owned(),
                otherwise: None,
            });
        }
        // A number that is one class's name is no other class's place.
        let are_words = names.iter().all(|name| whole_number(name).is_none());
        if let (true, Some(first)) = (are_words, first_number(words, names.len())) {
            return Ok(Self {
                labels: names.to_vec(),
                class_of: counted(words, first),
                why: format!(
                    "{why}; the labels are their numbers from {first}: {first} is '{}'",
                    names[0]
                ),
                otherwise: None,
            });
        }
        let unknown = words.iter().filter(|word| !is_known(word));
        Err(Unknown {
            words: unknown.map(|word| (*word).to_owned()).collect(),
            labels: names.to_vec(),
        })
    }

    /// Nothing but the words of the labels is known.
    fn of_words(path: &Utf8Path, words: &[&str], classes: usize) -> Result<Self, PredictionsError> {
        let numbers: Option<Vec<i64>> = words.iter().map(|word| whole_number(word)).collect();
        if let Some(numbers) = &numbers {
            if let Some(first) = first_number(words, classes) {
                let last = first + classes as i64;
                return Ok(Self {
                    labels: (first..last).map(|number| number.to_string()).collect(),
                    class_of: counted(words, first),
                    why: format!("numbers that count from {first}"),
                    otherwise: None,
                });
            }
            let distinct: BTreeSet<i64> = numbers.iter().copied().collect();
            if distinct
                .iter()
                .all(|&number| number > 0 && number < classes as i64)
            {
                return Err(PredictionsError::Base {
                    path: path.to_owned(),
                    classes,
                });
            }
            if distinct.len() == classes && distinct.iter().all(|&number| number >= 0) {
                let labels: Vec<i64> = distinct.into_iter().collect();
                let place = |word: &str| labels.iter().position(|&n| Some(n) == whole_number(word));
                return Ok(Self {
                    class_of: words
                        .iter()
                        .filter_map(|word| Some(((*word).to_owned(), place(word)?)))
                        .collect(),
                    labels: labels.iter().map(ToString::to_string).collect(),
                    why: "numbers in the order of their values".to_owned(),
                    otherwise: None,
                });
            }
        }
        let mut sorted = words.to_vec();
        sorted.sort_by_key(|word| (whole_number(word).is_none(), whole_number(word), *word));
        if sorted.len() != classes {
            return Err(PredictionsError::Classes {
                path: path.to_owned(),
                classes,
                names: sorted.len(),
                labels: sorted.iter().map(|word| (*word).to_owned()).collect(),
            });
        }
        Ok(Self {
            labels: sorted.iter().map(|word| (*word).to_owned()).collect(),
            class_of: sorted
                .iter()
                .zip(0..)
                .map(|(word, class)| ((*word).to_owned(), class))
                .collect(),
            why: "the labels' words by alphabet, since nobody named another order".to_owned(),
            otherwise: None,
        })
    }
}

/// The number from which whole numbers count classes, where that is certain: all fit from 0 and 0 is among them, or all fit
/// from 1 and the last is among them.
fn first_number(words: &[&str], classes: usize) -> Option<i64> {
    let numbers: Option<BTreeSet<i64>> = words.iter().map(|word| whole_number(word)).collect();
    let numbers = numbers?;
    let (first, last, classes) = (*numbers.first()?, *numbers.last()?, classes as i64);
    match (first, last) {
        (0, last) if last < classes => Some(0),
        (1.., last) if last == classes => Some(1),
        _ => None,
    }
}

fn counted(words: &[&str], first: i64) -> BTreeMap<String, usize> {
    let class =
        |word: &str| whole_number(word).and_then(|number| usize::try_from(number - first).ok());
    words
        .iter()
        .filter_map(|word| Some(((*word).to_owned(), class(word)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(words: &[&str], given: &[&str], classes: usize) -> Result<(String, String), String> {
        let strings = |words: &[&str]| {
            words
                .iter()
                .map(|&word| word.to_owned())
                .collect::<Vec<_>>()
        };
        let source = Source {
            labels: Some(strings(words).into_iter().map(Some).collect()),
            ..Source::default()
        };
        find(Utf8Path::new("p"), &source, &strings(given), classes)
            .map(|named| {
                let meant: Vec<&str> = words
                    .iter()
                    .map(|word| named.labels[named.class_of[*word]].as_str())
                    .collect();
                (named.labels.join(" "), meant.join(" "))
            })
            .map_err(|error| error.to_string())
    }

    #[expect(
        clippy::unnecessary_wraps,
        reason = "compared with what may be an error"
    )]
    fn is(labels: &str, meant: &str) -> Result<(String, String), String> {
        Ok((labels.to_owned(), meant.to_owned()))
    }

    #[test]
    fn numbers_are_counted_where_that_is_certain() {
        assert_eq!(named(&["0", "2"], &[], 4), is("0 1 2 3", "0 2"));
        assert_eq!(named(&["1", "04", "2.0"], &[], 4), is("1 2 3 4", "1 4 2"));
        let numbers = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"];
        assert_eq!(named(&numbers, &[], 11).unwrap().0, numbers.join(" "));
        assert_eq!(
            named(&["100", "20", "3"], &[], 3),
            is("3 20 100", "100 20 3")
        );
        assert_eq!(named(&["1", "3"], &["a", "b", "c"], 3), is("a b c", "a c"));
        assert_eq!(named(&["0", "1"], &["a", "b", "c"], 3), is("a b c", "a b"));
        assert_eq!(named(&["1", "2"], &["0", "1", "2"], 3), is("0 1 2", "1 2"));
        let unsure = named(&["1", "2"], &[], 3).unwrap_err();
        assert!(
            unsure.contains("--labels 0,1,2") && unsure.contains("--labels 1,2,3"),
            "{unsure}"
        );
        assert!(
            named(&["1", "2"], &["a", "b", "c"], 3)
                .unwrap_err()
                .contains("'1', '2'")
        );
        for wrong in [&["0", "4"][..], &["-2", "0"], &["0", "1", "9"]] {
            assert!(named(wrong, &[], 4).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn words_are_sorted_unless_names_are_given() {
        assert_eq!(named(&["sad", "fear"], &[], 2), is("fear sad", "sad fear"));
        assert_eq!(
            named(&["Sad", "fear"], &["sad", "fear"], 2),
            is("sad fear", "sad fear")
        );
        let few = named(&["sad", "fear"], &[], 3).unwrap_err();
        assert!(
            few.contains("3 probabilities a row, but 2 class names (fear, sad)"),
            "{few}"
        );
        let unknown = named(&["sad", "joy", "1"], &["sad", "fear"], 2).unwrap_err();
        assert!(
            unknown.contains("'1', 'joy'") && unknown.contains("sad, fear"),
            "{unknown}"
        );
        assert!(named(&["sad"], &["sad", "sad"], 2).is_err());
    }

    #[test]
    fn names_of_columns_are_names_of_classes() {
        let source = |names: &[&str], label: &str| Source {
            labels: Some(vec![Some(label.to_owned())]),
            names: Some(names.iter().map(|&name| name.to_owned()).collect()),
            ..Source::default()
        };
        let find =
            |source: &Source, given: &[String]| find(Utf8Path::new("p"), source, given, 2).unwrap();
        let found = find(&source(&["sad", "fear"], "Fear"), &[]);
        assert_eq!(
            (found.labels.join(" "), found.class_of["Fear"]),
            ("sad fear".to_owned(), 1)
        );
        // The columns say where they stand; the flag says what they are called.
        let found = find(
            &source(&["sad", "fear"], "fear"),
            &["Fear".into(), "Sad".into()],
        );
        assert_eq!(
            (found.labels.join(" "), found.class_of["fear"]),
            ("Sad Fear".to_owned(), 1)
        );
        let found = find(
            &source(&["0", "1"], "happy"),
            &["happy".into(), "sad".into()],
        );
        assert_eq!(found.labels.join(" "), "happy sad");
        let given = ["fear".to_owned(), "sad".to_owned()];
        let found = find(&source(&["sad", "fear"], "fear"), &given);
        assert_eq!(found.labels.join(" "), "sad fear");
        assert_eq!(found.otherwise.unwrap().labels.join(" "), "fear sad");
        assert_eq!(find(&source(&["1", "2"], "2"), &[]).class_of["2"], 1);
        // The columns' numbers say the order; a class keeps the number that its labels have.
        let found = find(&source(&["1", "2"], "0"), &[]);
        assert_eq!(
            (found.labels.join(" "), found.class_of["0"]),
            ("0 1".to_owned(), 0)
        );
        assert!(
            found
                .why
                .contains("count from 0; those of the columns, from 1"),
            "{}",
            found.why
        );
        let found = find(&source(&["0", "1"], "2"), &[]);
        assert_eq!(
            (found.labels.join(" "), found.class_of["2"]),
            ("1 2".to_owned(), 1)
        );
        for (names, given) in [
            (["1", "3"], &[][..]),
            (["a", "b"], &["1".to_owned(), "2".to_owned()]),
        ] {
            let refused = super::find(Utf8Path::new("p"), &source(&names, "0"), given, 2);
            let told = refused.unwrap_err().to_string();
            assert!(
                told.contains("no class: '0'")
                    && told.contains("--labels as the labels write them"),
                "{told}"
            );
        }
        assert_eq!(
            find(&source(&["sad", "fear"], "0"), &[]).class_of["0"],
            0,
            "0 counts from 0"
        );
    }
}
