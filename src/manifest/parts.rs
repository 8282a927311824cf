//! The splits that a data set gives: which videos are for training and which for testing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::reading::Role;
use super::{LabelFile, Manifest};

/// Names of a column that says on which side of a split a video is, in lower case.
const COLUMNS: [&str; 5] = ["split", "partition", "subset", "set", "usage"];

/// Words by which a file of labels, or a folder, says which side of a split it has, in lower case.
pub(super) const SIDES: [&str; 9] = [
    "train",
    "training",
    "test",
    "testing",
    "validation",
    "valid",
    "val",
    "dev",
    "eval",
];

/// A division of the videos that the data set gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// Its name: that of the column, or what the files of its sides have in common.
    pub name: String,
    /// The sides by name, at least two, with their videos as indices into the manifest, ascending.
    pub sides: BTreeMap<String, Vec<usize>>,
}

impl fmt::Display for Split {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "split '{}'", self.name)
    }
}

impl Manifest {
    /// The splits that the data set gives, by a column such as `split`, or by files of labels such as `train_1.csv` and
    /// `test_1.csv`. `files`: the data set's files of labels.
    pub fn splits(&self, files: &[LabelFile]) -> Vec<Split> {
        let mut splits: BTreeMap<String, BTreeMap<String, Vec<usize>>> = BTreeMap::new();
        for (column, name) in self.extra_columns.iter().enumerate() {
            let given = self.reading.columns.get(&Role::Split);
            if COLUMNS.contains(&name.to_lowercase().as_str()) || given == Some(name) {
                for (index, video) in self.videos.iter().enumerate() {
                    let side = video.extra.get(column).map_or("", |side| side.trim());
                    if !side.is_empty() {
                        let sides = splits.entry(name.clone()).or_default();
                        let known = sides.keys().find(|known| known.eq_ignore_ascii_case(side));
                        let side = known.cloned().unwrap_or_else(|| side.to_owned());
                        sides.entry(side).or_default().push(index);
                    }
                }
            }
        }
        let of_files: Vec<Option<(String, String)>> = files
            .iter()
            .map(|file| side_of(file.path.as_str()))
            .collect();
        // Files that have nothing in common, as `a/train.csv` and `b/test.tsv`, are the sides of one split all the same.
        let sides: BTreeSet<&String> = of_files.iter().flatten().map(|(_, side)| side).collect();
        let are_one = sides.len() == files.len() && !of_files.contains(&None);
        let shared = of_files.iter().flatten().map(|(name, _)| name).min();
        for (file, side) in files.iter().zip(&of_files) {
            if let (Some((name, side)), Some(shared)) = (side, shared) {
                let name = if are_one { shared } else { name };
                let videos = splits.entry(name.clone()).or_default().entry(side.clone());
                let videos = videos.or_default();
                videos.extend(file.rows.iter().filter_map(|row| row.video));
            }
        }
        splits
            .into_iter()
            .filter(|(_, sides)| sides.len() > 1)
            .map(|(name, mut sides)| {
                for videos in sides.values_mut() {
                    videos.sort_unstable();
                    videos.dedup();
                }
                Split { name, sides }
            })
            .collect()
    }
}

/// The split and the side that a file of labels stands for: the word for the side, and the path without it.
pub(super) fn side_of(path: &str) -> Option<(String, String)> {
    let lower = path.to_ascii_lowercase();
    let is_letter = |at: Option<usize>| {
        at.and_then(|at| lower.as_bytes().get(at))
            .is_some_and(u8::is_ascii_alphabetic)
    };
    SIDES.iter().find_map(|side| {
        let (at, _) = lower.match_indices(side).find(|(at, _)| {
            let end = at + side.len();
            // UCF101 has `trainlist01.txt`.
            let is_whole = !is_letter(Some(end))
                || lower
                    .get(end..)
                    .is_some_and(|rest| rest.starts_with("list"));
            !is_letter(at.checked_sub(1)) && is_whole
        })?;
        let name = format!("{}*{}", path.get(..at)?, path.get(at + side.len()..)?);
        Some((name, (*side).to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_are_words_in_the_path() {
        let split = |path| side_of(path);
        assert_eq!(
            split("EmoLabel_DataSplit/train(single-labeled)/set_1.csv"),
            Some((
                "EmoLabel_DataSplit/*(single-labeled)/set_1.csv".to_owned(),
                "train".to_owned()
            ))
        );
        assert_eq!(
            split("4_setups/All_scenes/test_All.csv"),
            Some((
                "4_setups/All_scenes/*_All.csv".to_owned(),
                "test".to_owned()
            ))
        );
        assert_eq!(
            split("trainlist01.txt"),
            Some(("*list01.txt".to_owned(), "train".to_owned()))
        );
        assert_eq!(split("latest.csv"), None);
        assert_eq!(split("trainer/labels.csv"), None);
    }
}
