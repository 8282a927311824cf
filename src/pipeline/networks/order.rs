//! Whether a data set's classes are those of borrowed networks in more than name.

use std::collections::{BTreeMap, HashMap};

use anyhow::bail;

use crate::manifest::Manifest;
use crate::pipeline::lines::quoted;
use crate::predictions::guard;
use crate::rows::clips::ClipRow;

/// Refuses classes that have the networks' names, but stand for others of theirs: two data sets may count the same emotions
/// in different orders. `clips`: what the networks said; `written`: what the data set writes for a class, and its name.
///
/// # Errors
///
/// If the networks agree far better with the labels in another order of the classes, or less than by chance.
pub(crate) fn doubt(
    manifest: &Manifest,
    clips: &[ClipRow],
    written: &BTreeMap<String, String>,
) -> anyhow::Result<()> {
    let labels = manifest.labels.names();
    let given: Vec<usize> = manifest.videos.iter().map(|video| video.label).collect();
    let ids = manifest.videos.iter().zip(0..);
    let places: HashMap<&str, usize> = ids
        .map(|(video, place)| (video.id.as_str(), place))
        .collect();
    let rows = clips
        .iter()
        .filter_map(|clip| Some((*places.get(clip.id.as_str())?, &clip.probs[..])));
    let order = guard::order(labels.len(), &given, rows);
    if order.is_below_chance() && !order.is_other() {
        bail!(
            "the networks agree with {} of {} labels, less than by chance; they cannot know these classes (say with --keep-order that they do)",
            order.agreeing,
            order.videos
        );
    }
    if !order.is_other() {
        return Ok(());
    }
    // By class of the data set: the networks' class that it should be.
    let mut meant = vec![0; labels.len()];
    for (network, &class) in order.best.iter().enumerate() {
        meant[class] = network;
    }
    let words = |class: usize| -> Vec<&String> {
        let keys = written.iter().filter(|(_, name)| **name == labels[class]);
        let keys: Vec<&String> = keys.map(|(word, _)| word).collect();
        if keys.is_empty() {
            vec![&labels[class]]
        } else {
            keys
        }
    };
    let flags: Vec<String> = (0..labels.len())
        .flat_map(|class| words(class).into_iter().map(move |word| (class, word)))
        .map(|(class, word)| flag(word, &labels[meant[class]]))
        .collect();
    bail!(
        "the networks agree with {} of {} labels, and with {} if the classes were called otherwise: name them by {}; if the names are right all the same, say so with --keep-order",
        order.agreeing,
        order.videos,
        order.best_agreeing,
        flags.join(" ")
    )
}

/// A flag that names a class, as a shell takes it.
fn flag(word: &str, name: &str) -> String {
    let mut characters = word.chars();
    let is_bare =
        !word.is_empty() && characters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    let assignment = if is_bare {
        format!("labels.{word}={name}")
    } else {
        format!("labels.\"{word}\"={name}")
    };
    format!("--set {}", quoted(&assignment))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_can_be_typed() {
        assert_eq!(flag("3", "sad"), "--set labels.3=sad");
        assert_eq!(
            flag("very sad", "it's"),
            "--set 'labels.\"very sad\"=it'\\''s'"
        );
    }

    #[test]
    fn names_with_other_meanings_are_refused_with_the_right_ones() {
        let folder = tempfile::tempdir().unwrap();
        let path = camino::Utf8Path::from_path(folder.path())
            .unwrap()
            .join("l.csv");
        let rows: Vec<String> = (0..30)
            .map(|video| format!("{video}.mp4,{}\n", video % 3 + 1))
            .collect();
        fs_err::write(&path, format!("path,label\n{}", rows.concat())).unwrap();
        let manifest = crate::manifest::words::read_words(&path).unwrap();
        // Its 1 is the networks' 2, its 2 their 3, its 3 their 1.
        let clips = |turn: usize| -> Vec<ClipRow> {
            let clip = |(place, video): (usize, &crate::manifest::Video)| {
                let mut probs = vec![0.1; 3];
                probs[(place + turn) % 3] = 0.8;
                ClipRow {
                    id: video.id.clone(),
                    repeat: 0,
                    clip: 0,
                    start_frame: 0,
                    end_frame: 0,
                    flipped: false,
                    prediction: String::new(),
                    probs,
                    key_frames: Vec::new(),
                }
            };
            manifest.videos.iter().enumerate().map(clip).collect()
        };
        let told = doubt(&manifest, &clips(1), &BTreeMap::new())
            .unwrap_err()
            .to_string();
        for flag in [
            "--set labels.1=2",
            "--set labels.2=3",
            "--set labels.3=1",
            "--keep-order",
            "0 of 30",
            "with 30",
        ] {
            assert!(told.contains(flag), "{flag}: {told}");
        }
        doubt(&manifest, &clips(0), &BTreeMap::new()).unwrap();
        // What the data set writes is what the flag names.
        let written = ["a", "b", "c"].into_iter().zip(["1", "2", "3"]);
        let written = written
            .map(|(word, name)| (word.to_owned(), name.to_owned()))
            .collect();
        let told = doubt(&manifest, &clips(2), &written)
            .unwrap_err()
            .to_string();
        assert!(
            told.contains("--set labels.a=3 --set labels.b=1 --set labels.c=2"),
            "{told}"
        );
    }
}
