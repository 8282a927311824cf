//! Which of a folder's images are the video, where there are several sets of them: flow fields or masks beside pictures.
//!
//! Two files are of one set if their names differ in digits alone. Sets are told apart only where they number the same frames:
//! scenes that follow each other under different names are one video.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// With more kinds of names, they are no sets of frames.
const MOST_SETS: usize = 8;

/// Words in the names of what is computed from pictures, in lower case.
const COMPUTED: [&str; 10] = [
    "flow", "depth", "mask", "landmark", "seg", "diff", "heat", "edge", "thumb", "label",
];

/// Files of one set, with the numbers in their names.
#[derive(Debug, Default)]
struct Set {
    numbers: BTreeSet<Vec<String>>,
    files: Vec<PathBuf>,
}

/// The patterns of the sets, the one that is the video first; a single one where there is nothing to tell apart.
pub(super) fn patterns(files: &[PathBuf]) -> Vec<String> {
    let sets = split(files);
    sets.into_iter().map(|(pattern, _)| pattern).collect()
}

/// Keeps the files of the set that is the video.
pub(super) fn keep_one(files: &mut Vec<PathBuf>) {
    let mut sets = split(files);
    if sets.len() > 1 {
        *files = std::mem::take(&mut sets[0].1.files);
    }
}

/// The sets of files: pictures before what is computed, then the largest, then by name.
fn split(files: &[PathBuf]) -> Vec<(String, Set)> {
    let mut sets: BTreeMap<String, Set> = BTreeMap::new();
    for file in files {
        let (pattern, numbers) = pattern(&file.file_name().unwrap_or_default().to_string_lossy());
        let set = sets.entry(pattern).or_default();
        set.numbers.insert(numbers);
        set.files.push(file.clone());
        if sets.len() > MOST_SETS {
            return Vec::new();
        }
    }
    let is_computed = |pattern: &str| {
        let lower = pattern.to_lowercase();
        COMPUTED.iter().any(|word| lower.contains(word))
    };
    let mut sets: Vec<(String, Set)> = sets.into_iter().collect();
    sets.sort_by_key(|(pattern, set)| {
        (
            is_computed(pattern),
            std::cmp::Reverse(set.files.len()),
            pattern.clone(),
        )
    });
    let Some(((_, first), others)) = sets.split_first() else {
        return sets;
    };
    let is_beside = |(_, set): &(String, Set)| {
        let common = set
            .numbers
            .iter()
            .filter(|numbers| first.numbers.contains(*numbers));
        set.files.len() > 1 && common.count() * 2 >= set.numbers.len()
    };
    if first.files.len() > 1 && others.iter().all(is_beside) {
        sets
    } else {
        Vec::new()
    }
}

/// A name with every run of digits as `#`, and the numbers without their leading zeros.
fn pattern(name: &str) -> (String, Vec<String>) {
    let (mut pattern, mut numbers) = (String::new(), Vec::new());
    let mut in_number = false;
    for character in name.chars() {
        if !character.is_ascii_digit() {
            in_number = false;
            pattern.push(character);
            continue;
        }
        if !in_number {
            in_number = true;
            pattern.push('#');
            numbers.push(String::new());
        }
        if let Some(number) = numbers.last_mut() {
            number.push(character);
        }
    }
    let without_zeros = |number: String| number.trim_start_matches('0').to_owned();
    (pattern, numbers.into_iter().map(without_zeros).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(names: &[&str], count: usize) -> Vec<PathBuf> {
        let named = |number: usize| {
            let names = names.iter();
            names.map(move |name| PathBuf::from(name.replace('#', &format!("{number:05}"))))
        };
        (1..=count).flat_map(named).collect()
    }

    #[test]
    fn pictures_are_told_from_what_is_computed_of_them() {
        let mut found = files(&["flow_x_#.jpg", "flow_y_#.jpg", "img_#.jpg"], 20);
        assert_eq!(
            patterns(&found),
            ["img_#.jpg", "flow_x_#.jpg", "flow_y_#.jpg"]
        );
        keep_one(&mut found);
        assert_eq!(found, files(&["img_#.jpg"], 20));
        assert_eq!(patterns(&files(&["#.jpg", "#.png"], 4)), ["#.jpg", "#.png"]);
        let mut found = files(&["#.jpg"], 9);
        found.extend(files(&["face_#.jpg"], 5));
        assert_eq!(patterns(&found), ["#.jpg", "face_#.jpg"]);
    }

    #[test]
    fn other_names_are_one_video() {
        let mut scenes = files(&["a_#.jpg"], 5);
        scenes.extend((6..10).map(|number| PathBuf::from(format!("b_{number:05}.jpg"))));
        let with_cover = [files(&["#.jpg"], 5), vec!["cover.jpg".into()]].concat();
        let letters = ["a.jpg", "b.jpg", "c1.jpg", "d1.jpg"]
            .map(PathBuf::from)
            .to_vec();
        for mut found in [
            scenes,
            with_cover,
            letters,
            files(&["x#.#.png"], 5),
            Vec::new(),
        ] {
            let before = found.clone();
            assert!(patterns(&found).len() < 2, "{found:?}");
            keep_one(&mut found);
            assert_eq!(found, before);
        }
    }
}
