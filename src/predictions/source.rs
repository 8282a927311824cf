//! What a file of predictions holds, whatever its format: a row of probabilities each, and what stands beside it.

use crate::manifest::words::whole_number;

/// Names of the column of labels, the usual one first.
pub(super) const LABEL: [&str; 3] = ["label", "labels", "given_label"];

/// Names of the column that holds a list of probabilities.
pub(super) const PROBS: [&str; 4] = ["pred_probs", "probs", "probabilities", "pred_prob"];

/// The column of the labels' names, where labels are numbers.
pub(super) const LABEL_NAME: [&str; 1] = ["label_name"];

/// Names of the column of ids.
pub(super) const ID: [&str; 3] = ["id", "ids", "video_id"];

/// Names of the column of paths, the usual ones first.
pub(super) const PATH: [&str; 13] = [
    "path",
    "paths",
    "file_name",
    "filename",
    "file_path",
    "filepath",
    "video_path",
    "video_name",
    "videoname",
    "clip_path",
    "clip_name",
    "video",
    "file",
];

/// Rows of predictions.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Source {
    /// The line of each row, where the file is text.
    pub(super) lines: Vec<u64>,
    /// The probabilities of each row; not a number where there is none.
    pub(super) probs: Vec<Vec<f32>>,
    /// What the columns of the probabilities are called, where each has one of its own.
    pub(super) names: Option<Vec<String>>,
    /// The labels, as they are written; none where nothing is written.
    pub(super) labels: Option<Vec<Option<String>>>,
    /// The videos' ids.
    pub(super) ids: Option<Vec<String>>,
    /// The videos' paths.
    pub(super) paths: Option<Vec<String>>,
    /// How many rows of each video follow each other, where videos have no name.
    pub(super) clips: usize,
    /// How the file was understood, a sentence each.
    pub(super) told: Vec<String>,
}

/// How many columns of probabilities a sentence names.
const SHOWN: usize = 4;

/// Tells which columns of a table were taken. `probs`: those of the probabilities.
pub(super) fn columns_told(header: &[String], probs: &[String]) -> String {
    let is_one = |names: &[&str]| {
        names.iter().find_map(|name| {
            let mut columns = header.iter();
            columns.find(|column| column.trim().eq_ignore_ascii_case(name))
        })
    };
    let kinds = [
        ("the id", is_one(&ID)),
        ("the path", is_one(&PATH)),
        ("the label", is_one(&LABEL)),
    ];
    let mut told: Vec<String> = kinds
        .into_iter()
        .filter_map(|(what, column)| Some(format!("'{}' is {what}", column?)))
        .collect();
    let shown = probs.iter().take(SHOWN);
    let shown: Vec<String> = shown.map(|name| format!("'{name}'")).collect();
    told.push(match probs.len() {
        1 => format!("{} has the probabilities", shown.join("")),
        0..=SHOWN => format!("{} have the probabilities", shown.join(", ")),
        more => format!("{}, … ({more}) have the probabilities", shown.join(", ")),
    });
    let mut told = format!("columns: {}", told.join("; "));
    if is_one(&ID).or_else(|| is_one(&PATH)).is_none() {
        told += "; none names the videos, as 'id' or 'path' would: they are called by their rows, from 0";
    }
    told
}

impl Source {
    /// Takes the words of a column that stands beside one of class numbers from 0, as our own exports for cleanlab have it:
    /// the numbers say where each class's probabilities are.
    pub(super) fn name_classes(&mut self, words: Option<Vec<Option<String>>>) {
        let (Some(words), Some(numbers)) = (words, &self.labels) else {
            return;
        };
        let classes = self.probs.first().map_or(0, Vec::len);
        let mut names: Vec<Option<&String>> = vec![None; classes];
        for (number, word) in numbers.iter().zip(&words) {
            let class = number.as_deref().and_then(whole_number);
            let place = class.and_then(|class| names.get_mut(usize::try_from(class).ok()?));
            match (place, word) {
                (Some(place), Some(word)) if place.is_none_or(|other| other == word) => {
                    *place = Some(word);
                }
                _ => return,
            }
        }
        let named = |(class, name): (usize, Option<&String>)| {
            name.map_or_else(|| class.to_string(), ToString::to_string)
        };
        self.names = Some(names.into_iter().enumerate().map(named).collect());
        self.labels = Some(words);
    }

    /// Where a row stands, for a message.
    pub(super) fn place(&self, row: usize) -> String {
        match self.lines.get(row) {
            Some(line) => format!("line {line}"),
            None => format!("row {row}"),
        }
    }
}

/// The columns of probabilities in a table that has one for each class: their places, and the classes' names, in the order
/// in which the classes are meant. `labels`: the words that are given as labels; `sums_to_one`: whether these columns are
/// probabilities.
pub(super) fn wide(
    header: &[String],
    is_number: impl Fn(usize) -> bool,
    (labels, classes): (&[Option<String>], &[String]),
    sums_to_one: impl Fn(&[usize]) -> bool,
) -> Option<(Vec<usize>, Vec<String>)> {
    let mut free = free(header);
    free.retain(|&column| is_number(column));
    by_prefix(header, &free)
        .or_else(|| by_word(header, &free, (labels, classes), sums_to_one))
        .map(|mut found| {
            let number = |name: &String| name.parse::<u32>().ok();
            if found.iter().all(|(_, name)| number(name).is_some()) {
                found.sort_by_key(|(_, name)| number(name));
            }
            found.into_iter().unzip()
        })
}

/// The columns that mean nothing else than probabilities by their names.
fn free(header: &[String]) -> Vec<usize> {
    let taken = [
        &LABEL[..],
        &ID,
        &PATH,
        &["label_name", "given_name", "group", "fold", "clip", "split"],
    ]
    .concat();
    let is_taken = |name: &str| taken.iter().any(|other| name.eq_ignore_ascii_case(other));
    let places = 0..header.len();
    places
        .filter(|&column| !is_taken(&header[column]))
        .collect()
}

/// The columns that are called as classes are, whatever they hold.
pub(super) fn called_as_classes(
    header: &[String],
    labels: &[Option<String>],
    classes: &[String],
) -> Vec<usize> {
    let free = free(header);
    let found = by_prefix(header, &free)
        .or_else(|| by_word(header, &free, (labels, classes), |_| false))
        .unwrap_or_default();
    found.into_iter().map(|(column, _)| column).collect()
}

/// What stands before a class in the name of its column.
const PREFIXES: [&str; 6] = [
    "pred_probs",
    "pred_prob",
    "probability",
    "probs",
    "prob",
    "p",
];

/// Columns such as `p0`, `prob_happy` or `pred_probs[3]`.
fn by_prefix(header: &[String], free: &[usize]) -> Option<Vec<(usize, String)>> {
    PREFIXES.iter().find_map(|prefix| {
        let found: Vec<(usize, String)> = free
            .iter()
            .filter_map(|&column| {
                let lower = header[column].to_lowercase();
                let rest = lower.strip_prefix(prefix)?;
                let is_sign = |c: char| matches!(c, '_' | '.' | '-' | '[' | ']' | ' ' | '(' | ')');
                let name = rest.trim_matches(is_sign);
                // 'prediction' is no class 'rediction'.
                let is_apart =
                    rest.starts_with(is_sign) || name.bytes().all(|b| b.is_ascii_digit());
                let start = header[column].len() - rest.len();
                let original = header[column]
                    .get(start..)?
                    .trim_matches(is_sign)
                    .to_owned();
                (is_apart && !name.is_empty()).then_some((column, original))
            })
            .collect();
        (found.len() > 1).then_some(found)
    })
}

/// Columns that are called as the classes are, with those beside them where only all together are probabilities.
fn by_word(
    header: &[String],
    free: &[usize],
    (labels, classes): (&[Option<String>], &[String]),
    sums_to_one: impl Fn(&[usize]) -> bool,
) -> Option<Vec<(usize, String)>> {
    let same = |one: &str, other: &str| one.trim().to_lowercase() == other.trim().to_lowercase();
    let words: Vec<&str> = if classes.is_empty() {
        labels.iter().flatten().map(String::as_str).collect()
    } else {
        classes.iter().map(String::as_str).collect()
    };
    let named = |places: &[usize]| -> Vec<(usize, String)> {
        places
            .iter()
            .map(|&place| (place, header[place].clone()))
            .collect()
    };
    let is_word = |&&column: &&usize| words.iter().any(|word| same(word, &header[column]));
    let of_words: Vec<usize> = free.iter().filter(is_word).copied().collect();
    let is_number = |&&column: &&usize| header[column].bytes().all(|byte| byte.is_ascii_digit());
    let of_numbers: Vec<usize> = free.iter().filter(is_number).copied().collect();
    // A class that no video has is a column that no label names.
    let candidates = [&of_words, &of_numbers, &free.to_vec()];
    let sound = candidates
        .into_iter()
        .find(|places| places.len() > 1 && sums_to_one(places));
    sound
        .or_else(|| {
            [&of_words, &of_numbers]
                .into_iter()
                .find(|places| places.len() > 1)
        })
        .map(|places| named(places))
}
