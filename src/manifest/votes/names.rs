//! What columns of votes, and the videos in them, are called.

use std::collections::{BTreeMap, HashMap};

use super::Named;
use crate::manifest::words::{Classes, whole_number};

/// Columns that name a video.
pub(super) const VIDEO: [&str; 10] = [
    "id",
    "path",
    "video",
    "video_name",
    "fileName",
    "clipName",
    "clip",
    "file",
    "name",
    "order",
];
/// Columns that name a rater; `localid` is CREMA-D's.
pub(super) const RATER: [&str; 6] = [
    "rater",
    "annotator",
    "rater_id",
    "annotator_id",
    "worker",
    "localid",
];
/// Columns with a rater's word; `respEmo` is CREMA-D's.
pub(super) const WORD: [&str; 5] = ["label", "vote", "emotion", "answer", "respEmo"];

/// The column of each class, where every class has one: named after it, perhaps as `votes_happy` or, in DFEW, `1happy`.
pub(super) fn class_columns(columns: &[String], classes: Classes) -> Option<Vec<usize>> {
    let plain: Vec<String> = columns.iter().map(|column| bare(column)).collect();
    let of_class = |name: &String| {
        let name = name.to_lowercase();
        plain.iter().position(|column| *column == name)
    };
    let named: Option<Vec<usize>> = classes.names.iter().map(of_class).collect();
    named.or_else(|| {
        // By what the data set writes for a class, as numbers.
        let of = |class: usize| {
            plain
                .iter()
                .position(|c| !c.is_empty() && classes.of(c) == Some(class))
        };
        (0..classes.names.len()).map(of).collect()
    })
}

/// The name of a column without what says that it holds votes.
fn bare(column: &str) -> String {
    let column = column.trim().to_lowercase();
    let column = column
        .strip_prefix("votes")
        .or_else(|| column.strip_prefix("vote"))
        .unwrap_or(&column);
    let is_filler = |c: char| c.is_ascii_digit() || matches!(c, '_' | '-' | '.' | ' ');
    column.trim_start_matches(is_filler).to_owned()
}

/// Whether a column is a rater's, by its name.
pub(super) fn is_rater(column: &str) -> bool {
    let column = column.trim().to_lowercase();
    ["rater", "annotator"]
        .iter()
        .any(|prefix| column.starts_with(prefix))
}

/// The class of CREMA-D's letter: the one whose name alone begins with it.
pub(super) fn by_letter(letter: &str, classes: Classes) -> Option<usize> {
    let letter = letter.trim().to_lowercase();
    let begins = |name: &String| name.to_lowercase().starts_with(&letter);
    let mut found = (0..classes.names.len()).filter(|&class| begins(&classes.names[class]));
    found
        .next()
        .filter(|_| letter.chars().count() == 1 && found.next().is_none())
}

/// The videos by all that may name them.
pub(super) struct Register<'a>(HashMap<String, Option<&'a str>>);

impl<'a> Register<'a> {
    pub(super) fn new(videos: &[Named<'a>]) -> Self {
        let mut register = Self(HashMap::new());
        // An id goes before all else.
        for name in [
            |video: &Named<'a>| video.id,
            |video: &Named<'a>| video.path,
            |video: &Named<'a>| last(video.path),
            |video: &Named<'a>| stem(video.path),
            |video: &Named<'a>| stem(video.id),
        ] {
            let mut of_kind: BTreeMap<String, Option<&str>> = BTreeMap::new();
            for video in videos {
                for key in [Some(name(video).to_owned()), number(name(video))] {
                    let Some(key) = key.filter(|key| !key.is_empty()) else {
                        continue;
                    };
                    // What names two videos names none.
                    of_kind
                        .entry(key)
                        .and_modify(|found| *found = found.filter(|id| *id == video.id))
                        .or_insert(Some(video.id));
                }
            }
            for (key, id) in of_kind {
                register.0.entry(key).or_insert(id);
            }
        }
        register
    }

    /// The id of the video that a word names.
    pub(super) fn find(&self, word: &str) -> Option<&'a str> {
        let find = |key: &str| self.0.get(key).copied().flatten();
        find(word)
            .or_else(|| find(last(word)))
            .or_else(|| find(stem(word)))
            .or_else(|| find(&number(word)?))
    }
}

/// A number under which a name may be found that is written with more zeros.
fn number(word: &str) -> Option<String> {
    whole_number(stem(word)).map(|number| format!("number {number}"))
}

fn last(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

fn stem(path: &str) -> &str {
    let last = last(path);
    last.rsplit_once('.').map_or(last, |(stem, _)| stem)
}
