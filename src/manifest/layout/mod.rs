//! Where the paths of a folder of videos name the label, found out from the folders' names; asked for where it is not certain.

mod words;

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;

use self::words::{are_expressions, is_media, is_person, is_side};
use super::ProblemKind;
use super::media::is_video;
use super::pattern::LabelFrom;
use super::understood::Choice;

/// Where the label stands, and why that is thought.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) label_from: LabelFrom,
    pub(super) why: String,
    pub(super) choice: Option<Choice>,
    /// Whether a video whose path names no label is a problem.
    pub(super) is_strict: bool,
}

impl Layout {
    /// What the user says, or what was found when the data set was read before.
    pub(super) fn asked(label_from: &LabelFrom) -> Self {
        let own = [LabelFrom::class_folders(), LabelFrom::below_split()];
        Self {
            why: format!("the paths name the labels, as in '{label_from}'"),
            choice: None,
            is_strict: !own.contains(label_from),
            label_from: label_from.clone(),
        }
    }

    /// A folder per class.
    pub(super) fn class_folders(found: &[String]) -> Self {
        let folders: BTreeSet<&str> = found.iter().filter_map(|path| part(path, 0)).collect();
        Self {
            label_from: LabelFrom::class_folders(),
            why: format!("it holds one folder per class, {}", folders.len()),
            choice: None,
            is_strict: false,
        }
    }
}

/// The name of a folder on the way to a video, counted from the top; none where the video itself stands there.
fn part(path: &str, depth: usize) -> Option<&str> {
    let mut parts = path.split('/').skip(depth);
    let name = parts.next()?;
    parts.next().map(|_| name)
}

/// Finds out where the labels stand. `found`: what is a video by its looks, by its path below the data set's folder.
///
/// # Errors
/// It is not certain, and what to say.
pub(super) fn find(found: &[String]) -> Result<Layout, ProblemKind> {
    let tops: BTreeSet<&str> = found.iter().filter_map(|path| part(path, 0)).collect();
    let below: BTreeSet<&str> = found.iter().filter_map(|path| part(path, 1)).collect();
    if !are_expressions(&tops)
        && let Some((label_from, odd)) = LabelFrom::recognise(found)
    {
        let Some(first) = odd.first() else {
            return Ok(named(label_from));
        };
        return Err(unclear(
            format!(
                "{} of its {} names are those of {label_from}, and {} are not, such as '{first}'",
                found.len() - odd.len(),
                found.len(),
                odd.len(),
            ),
            "move those away, rename them, or write a list",
        ));
    }
    if tops.is_empty() {
        return match found.len() {
            0 => Ok(Layout::class_folders(found)),
            count if !found.iter().any(|path| is_video(path.as_str().into())) => Err(unclear(
                format!(
                    "its {count} folders hold pictures and no folders, so that each was taken for one video of frames"
                ),
                "a video is a file or a folder of its frames: put the frames of each video into a \
                 folder of its own, below a folder per class, or write a list",
            )),
            count => Err(unclear(
                format!("its {count} videos lie in no folder, so that nothing says their class"),
                "put each into a folder that is called as its class, write a list, or say where \
                 the names have the label, as in '--label-from '{}_{label}_{}''",
            )),
        };
    }
    let sides: BTreeSet<&str> = tops.iter().copied().filter(|top| is_side(top)).collect();
    if !sides.is_empty() {
        return below_split(found, &tops, &sides);
    }
    if are_expressions(&tops) {
        twins(found)?;
        return Ok(Layout::class_folders(found));
    }
    if tops.len() > 1 && tops.iter().all(|top| is_person(top)) {
        let pattern = LabelFrom::fitting(found, are_expressions);
        let pattern = pattern.unwrap_or(if are_expressions(&below) {
            "{group}/{label}/**"
        } else {
            "{group}/{}_{label}_{}"
        });
        return Err(unclear(
            format!(
                "the folders {} are called as people are, not as classes",
                some(&tops)
            ),
            format!(
                "say where the paths have the label and the person, as in '--label-from \
                 '{pattern}''; '--label-from '{{label}}/**'' takes them as classes"
            ),
        ));
    }
    if tops.len() > 1 && tops.iter().all(|top| is_media(top)) {
        return Err(unclear(
            format!(
                "the folders {} are called as what is in them, not as classes",
                some(&tops)
            ),
            "name a list of the videos and their labels, with '--root' where they lie; \
             '--label-from '{label}/**'' takes the folders as classes",
        ));
    }
    twins(found)?;
    deeper(found, &tops, &below)
}

/// Refuses videos that are there as a file and as frames.
fn twins(found: &[String]) -> Result<(), ProblemKind> {
    let all: BTreeSet<&str> = found.iter().map(String::as_str).collect();
    let twin = |path: &&String| {
        let path = Utf8Path::new(path);
        is_video(path) && all.contains(path.with_extension("").as_str())
    };
    let count = found.iter().filter(twin).count();
    match found.iter().find(twin) {
        None => Ok(()),
        Some(first) => Err(unclear(
            format!(
                "{count} videos are there as a file and as a folder of frames, such as '{first}'"
            ),
            "move one of the two away, or write a list",
        )),
    }
}

/// A data set that is known by the names of its videos.
fn named(label_from: LabelFrom) -> Layout {
    Layout {
        why: format!(
            "the names of all videos are those of {label_from}, '{}'",
            label_from.pattern()
        ),
        choice: Some(Choice {
            what: "labels".to_owned(),
            taken: format!("from the names, as {label_from} has them"),
            also: Vec::new(),
            remedy: "if the folders are the classes, say '--label-from '{label}/**''".to_owned(),
        }),
        is_strict: true,
        label_from,
    }
}

fn below_split(
    found: &[String],
    tops: &BTreeSet<&str>,
    sides: &BTreeSet<&str>,
) -> Result<Layout, ProblemKind> {
    let others: BTreeSet<&str> = tops.difference(sides).copied().collect();
    if !others.is_empty() {
        return Err(unclear(
            format!(
                "the folders {} are called as the sides of a split, but {} are not",
                some(sides),
                some(&others)
            ),
            "move those away that are no side, or say '--label-from '{label}/**'' if all are classes",
        ));
    }
    if let Some(path) = found.iter().find(|path| part(path, 1).is_none()) {
        return Err(unclear(
            format!(
                "{} are the sides of a split, and '{path}' lies there in no folder of a class",
                some(sides)
            ),
            "put it into one, write a list, or say '--label-from '{label}/**'' if those are the classes",
        ));
    }
    Ok(Layout {
        label_from: LabelFrom::below_split(),
        why: format!("below {} it holds one folder per class", some(sides)),
        choice: Some(Choice {
            what: "labels".to_owned(),
            taken: "the folders below the sides of the split".to_owned(),
            also: Vec::new(),
            remedy: format!(
                "if {} are the classes, say '--label-from '{{label}}/**''",
                some(sides)
            ),
        }),
        is_strict: false,
    })
}

/// Class folders, unless the classes may be the folders below them.
fn deeper(
    found: &[String],
    tops: &BTreeSet<&str>,
    below: &BTreeSet<&str>,
) -> Result<Layout, ProblemKind> {
    let mut names: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for path in found {
        if let Some(top) = part(path, 0) {
            names.entry(top).or_default().extend(part(path, 1));
        }
    }
    let is_person = |name: &&str| is_person(name) || name.bytes().all(|byte| byte.is_ascii_digit());
    let are_alike = below.len() > 1
        && names.values().all(|names| names == below)
        && !below.iter().all(is_person)
        && !below.iter().all(|name| is_side(name));
    if are_alike || are_expressions(below) {
        let whole = match tops.iter().next() {
            Some(top) if tops.len() == 1 => format!("name the folder '{top}' itself, or "),
            _ => String::new(),
        };
        return Err(unclear(
            format!(
                "the folders are {}, and those below them {}: which are the classes?",
                some(tops),
                some(below)
            ),
            format!(
                "{whole}say '--label-from '{{}}/{{label}}/**'' or '--label-from '{{label}}/**''"
            ),
        ));
    }
    match tops.iter().next() {
        Some(top) if tops.len() == 1 && below.len() > 1 => Err(unclear(
            format!(
                "its only folder is '{top}', with the folders {} in it",
                some(below)
            ),
            "name that folder itself, if those are the classes or the sides of a split",
        )),
        _ => Ok(Layout::class_folders(found)),
    }
}

fn unclear(what: String, remedy: impl Into<String>) -> ProblemKind {
    ProblemKind::UnclearFolders {
        what,
        remedy: remedy.into(),
    }
}

/// The first names, in quotes.
fn some(names: &BTreeSet<&str>) -> String {
    let quoted: Vec<String> = names
        .iter()
        .take(3)
        .map(|name| format!("'{name}'"))
        .collect();
    let more = if names.len() > 3 { ", …" } else { "" };
    quoted.join(", ") + more
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(paths: &[&str]) -> String {
        let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
        match find(&paths) {
            Ok(layout) => layout.label_from.to_string(),
            Err(kind) => kind.to_string(),
        }
    }

    #[test]
    fn layouts_that_are_certain() {
        for (paths, pattern) in [
            (&["happy/a.mp4", "sad/b.mp4"][..], "{label}/**"),
            (
                &["train/happy/a.mp4", "Val/sad/b.mp4"],
                "{split}/{label}/**",
            ),
            (&["happy/s1/a.mp4", "sad/s1/b.mp4"], "{label}/**"),
            (&["0/s1/a.mp4", "1/s1/b.mp4", "1/s2/c.mp4"], "{label}/**"),
            (
                &["smile/1/a.mp4", "smile/2/b", "frown/1/c", "frown/2/d"],
                "{label}/**",
            ),
            (
                &["x/01-01-03-01-01-01-01.mp4", "y/01-01-04-01-01-01-02.mp4"],
                "ravdess",
            ),
            (&["1001_DFA_ANG_XX.flv", "1001_DFA_SAD_XX.flv"], "crema-d"),
            // Who has sorted them says more than the names.
            (
                &["angry/1001_DFA_ANG_XX.flv", "sad/1001_DFA_SAD_XX.flv"],
                "{label}/**",
            ),
            (&["1/a.mp4", "2/b.mp4"], "{label}/**"),
            (
                &["x/train/a", "x/test/b", "y/train/c", "y/test/d"],
                "{label}/**",
            ),
        ] {
            assert_eq!(told(paths), pattern, "{paths:?}");
        }
    }

    #[test]
    fn layouts_that_are_asked_for() {
        for (paths, words) in [
            (
                &["Actor_01/a.mp4", "Actor_02/b.mp4"][..],
                "called as people are",
            ),
            (
                &["S001/happy/a.mp4", "S002/sad/b.mp4"],
                "{group}/{label}/**",
            ),
            (
                &["fold1/happy/a.mp4", "fold2/sad/b.mp4"],
                "which are the classes?",
            ),
            (
                &["A/x/a.mp4", "A/y/b.mp4", "B/x/c.mp4", "B/y/d.mp4"],
                "which are the classes?",
            ),
            (
                &["videos/x/a.mp4", "videos/y/b.mp4"],
                "name the folder 'videos' itself",
            ),
            (&["train/a.mp4", "test/b.mp4"], "in no folder of a class"),
            (&["train/sad/a.mp4", "happy/b.mp4"], "'happy' are not"),
            (&["a.mp4", "b.mp4"], "lie in no folder"),
            (
                &["faces/1", "frames_224x224/1"],
                "not as classes; name a list",
            ),
            (
                &["happy/a", "happy/a.mp4", "sad/b"],
                "1 videos are there as a file and as a folder",
            ),
            (
                &[
                    "M003/video/front/sad/level_1/1.mp4",
                    "W009/video/top/sad/level_2/1.mp4",
                ],
                "'--label-from 'mead''",
            ),
        ] {
            assert!(told(paths).contains(words), "{paths:?}: {}", told(paths));
        }
    }
}
