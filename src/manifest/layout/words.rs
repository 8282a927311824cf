//! Words in the names of folders: sides of a split, people, expressions, kinds of pictures.

use std::collections::BTreeSet;

use crate::manifest::parts::SIDES;

/// Words before a number by which folders of people are called, in lower case.
const PEOPLE: [&str; 18] = [
    "session",
    "actor",
    "actress",
    "subject",
    "subj",
    "sub",
    "s",
    "person",
    "people",
    "p",
    "speaker",
    "spk",
    "participant",
    "user",
    "id",
    "m",
    "w",
    "f",
];

/// How words for expressions begin, in lower case.
const EXPRESSIONS: [&str; 20] = [
    "happ",
    "sad",
    "ang",
    "fear",
    "afraid",
    "disgust",
    "surpris",
    "neutral",
    "contempt",
    "anxi",
    "helpless",
    "disappoint",
    "calm",
    "joy",
    "excit",
    "bor",
    "neu",
    "hap",
    "dis",
    "sur",
];

/// Words for what is in a folder of videos, whoever shows whatever there; in lower case.
const MEDIA: [&str; 22] = [
    "face",
    "faces",
    "frame",
    "frames",
    "image",
    "images",
    "img",
    "imgs",
    "video",
    "videos",
    "clip",
    "clips",
    "crop",
    "crops",
    "cropped",
    "aligned",
    "flow",
    "rgb",
    "original",
    "raw",
    "pictures",
    "rawframes",
];

/// Whether the name is that of a side of a split.
pub(super) fn is_side(name: &str) -> bool {
    let lower = name.to_lowercase();
    let mut words = lower.split(|character: char| !character.is_alphabetic());
    // AFEW has `Train_AFEW` and `Test_vid_Distribute`.
    words.next().is_some_and(|word| SIDES.contains(&word))
        && !words.any(|word| {
            let is_it = |begin: &&str| word == *begin || begin.len() > 3 && word.starts_with(begin);
            EXPRESSIONS.iter().any(is_it)
        })
}

/// Whether the name is a word for a person and a number, perhaps after something else: `Video_Speech_Actor_01`.
pub(super) fn is_person(name: &str) -> bool {
    let lower = name.to_lowercase();
    let word = lower.trim_end_matches(|character: char| character.is_ascii_digit());
    let is_separator = |character: char| matches!(character, ' ' | '_' | '-' | '.');
    let last = word
        .trim_end_matches(is_separator)
        .rsplit(is_separator)
        .next();
    word.len() < lower.len() && last.is_some_and(|last| PEOPLE.contains(&last))
}

/// Whether every word of the name, but for numbers, is one for what is in a folder of videos.
pub(super) fn is_media(name: &str) -> bool {
    let lower = name.to_lowercase();
    let mut words = lower
        .split(|character: char| !character.is_alphabetic())
        .filter(|word| !word.is_empty() && *word != "x");
    words.next().is_some_and(|word| MEDIA.contains(&word))
        && words.all(|word| MEDIA.contains(&word))
}

/// Whether at least half of the names begin with, or have, a word for an expression.
pub(super) fn are_expressions(names: &BTreeSet<&str>) -> bool {
    let is_expression = |name: &&&str| {
        let lower = name.to_lowercase();
        let words = lower.split(|character: char| !character.is_alphabetic());
        words
            .into_iter()
            .any(|word| EXPRESSIONS.iter().any(|begin| word.starts_with(begin)))
    };
    !names.is_empty() && names.iter().filter(is_expression).count() * 2 >= names.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_called_by_a_word_and_a_number() {
        for name in [
            "Actor_01",
            "S005",
            "subject 1",
            "Video_Speech_Actor_24",
            "M003",
            "sub-1",
        ] {
            assert!(is_person(name), "{name}");
        }
        for name in ["happy", "1", "class1", "Actor", "AU12", "c1"] {
            assert!(!is_person(name), "{name}");
        }
    }
}
