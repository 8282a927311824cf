//! Anybody's out-of-fold predictions: a row of probabilities per video or per clip, and the given labels.
//!
//! They come as Parquet, as a table of text, or as arrays of `NumPy`. Nothing about the order of the classes is assumed in
//! silence: what was taken is said, and an order that cannot be meant is refused with the one that agrees. What is wrong is
//! told by file and row.

mod array;
mod check;
mod columns;
mod error;
pub mod guard;
mod header;
mod labels;
mod names;
mod parts;
mod source;
mod text;

pub(crate) use self::array::numbers;

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;

pub use self::error::PredictionsError;
use self::guard::OrderDoubt;
pub use self::labels::GivenLabels;
use self::names::Named;
use self::parts::Part;
use self::source::Source;
use crate::manifest::words::whole_number;
use crate::rows::clips::ClipRow;

/// The predictions of a data set.
#[derive(Debug, Clone, PartialEq)]
pub struct Predictions {
    /// Class names, in the order of the probabilities.
    pub labels: Vec<String>,
    /// The videos in the order of their first rows.
    pub videos: Vec<PredictedVideo>,
    /// Every row as a clip.
    pub clips: Vec<ClipRow>,
    /// Digest of the file, or of all files.
    pub fingerprint: String,
    /// What was understood, a sentence each.
    pub told: Vec<String>,
}

/// A video of which nothing but predictions is known.
#[derive(Debug, Clone, PartialEq)]
pub struct PredictedVideo {
    /// Its id: the column `id`, else the path, else the row's number from 0.
    pub id: String,
    /// The column `path`.
    pub path: Option<String>,
    /// The given label, an index into the label set.
    pub label: usize,
    /// The file among several that has it.
    pub fold: u8,
}

/// Reads predictions: a file, or several that each hold the part of the videos that one network did not learn from. `given`:
/// what the user says of labels and classes; `keep_order`: whether the order of the classes is right whatever the labels say.
///
/// # Errors
///
/// If a file cannot be read, lacks a column, its rows are no probabilities, its labels do not fit them, or the classes
/// are in another order; or if a video is in two files.
pub fn read(
    paths: &[impl AsRef<Utf8Path>],
    given: GivenLabels,
    keep_order: bool,
) -> Result<Predictions, PredictionsError> {
    let mut given = given;
    let read = paths
        .iter()
        .map(|path| Part::read(path.as_ref(), &mut given));
    let mut parts: Vec<Part> = read.collect::<Result<_, _>>()?;
    let aligned = parts::align(&mut parts);
    let classes = parts::check(&parts)?;
    let named = parts::names(&parts, &given.names, classes)?;
    let mut predictions = put_together(&parts, &named)?;
    if !keep_order && let Err(doubt) = predictions.doubt_order() {
        predictions = match &named.otherwise {
            Some(otherwise) => put_together(&parts, otherwise)?,
            None => return Err(doubt),
        };
        if predictions.doubt_order().is_err() {
            return Err(doubt);
        }
    }
    predictions.told.extend(aligned);
    predictions.told.push(predictions.agreement());
    Ok(predictions)
}

/// The predictions of all files with these classes.
fn put_together(parts: &[Part], named: &Named) -> Result<Predictions, PredictionsError> {
    let mut predictions = Predictions {
        labels: named.labels.clone(),
        videos: Vec::new(),
        clips: Vec::new(),
        fingerprint: parts::fingerprint(parts),
        told: parts::told(parts),
    };
    for (part, fold) in parts.iter().zip(0..) {
        let (videos, clips) = videos(part.path, &part.source, named, fold)?;
        predictions.videos.extend(videos);
        predictions.clips.extend(clips);
    }
    predictions.told.extend(predictions.clips_told());
    predictions.told.push(format!(
        "classes in the order of the probabilities: {} ({})",
        named.labels.join(", "),
        named.why
    ));
    Ok(predictions)
}

/// The videos of a file's rows, and the rows as their clips.
fn videos(
    path: &Utf8Path,
    source: &Source,
    named: &Named,
    fold: u8,
) -> Result<(Vec<PredictedVideo>, Vec<ClipRow>), PredictionsError> {
    let mut videos: Vec<PredictedVideo> = Vec::new();
    let mut known: BTreeMap<String, (usize, u16)> = BTreeMap::new();
    let mut clips = Vec::with_capacity(source.probs.len());
    let words = source.labels.as_deref().unwrap_or_default();
    for (row, probs) in source.probs.iter().enumerate() {
        let word = words[row].as_deref().unwrap_or_default();
        let label = named.class_of.get(word).copied().unwrap_or_default();
        let names = source.ids.as_ref().or(source.paths.as_ref());
        let id = names.map_or_else(
            || (row / source.clips.max(1)).to_string(),
            |names| names[row].clone(),
        );
        if id.is_empty() {
            return Err(PredictionsError::Unnamed {
                path: path.to_owned(),
                place: source.place(row),
            });
        }
        let (video, clip) = known.entry(id.clone()).or_insert_with(|| {
            videos.push(PredictedVideo {
                id: id.clone(),
                path: source.paths.as_ref().map(|paths| paths[row].clone()),
                label,
                fold,
            });
            (videos.len() - 1, 0)
        });
        if videos[*video].label != label {
            return Err(PredictionsError::Contradiction {
                path: path.to_owned(),
                place: source.place(row),
                id,
            });
        }
        clips.push(ClipRow {
            id,
            repeat: 0,
            clip: *clip,
            start_frame: 0,
            end_frame: 0,
            flipped: false,
            key_frames: Vec::new(),
            prediction: named.labels[likeliest(probs)].clone(),
            probs: probs.clone(),
        });
        *clip = clip.saturating_add(1);
    }
    Ok((videos, clips))
}

/// The class of largest probability, the first of equal ones.
fn likeliest(probs: &[f32]) -> usize {
    let better = |best: usize, class: usize| {
        if probs[class] > probs[best] {
            class
        } else {
            best
        }
    };
    (0..probs.len()).fold(0, better)
}

impl Predictions {
    /// The videos' classes, and the video and the probabilities of each row.
    fn rows(&self) -> (Vec<usize>, Vec<(usize, &[f32])>) {
        let ids = self.videos.iter().zip(0..);
        let places: BTreeMap<&str, usize> = ids
            .map(|(video, place)| (video.id.as_str(), place))
            .collect();
        let rows = self
            .clips
            .iter()
            .map(|clip| (places[clip.id.as_str()], &clip.probs[..]));
        (
            self.videos.iter().map(|video| video.label).collect(),
            rows.collect(),
        )
    }

    fn doubt_order(&self) -> Result<(), PredictionsError> {
        let (given, rows) = self.rows();
        match guard::doubt(&self.labels, &given, rows.into_iter()) {
            None => Ok(()),
            Some(doubt) => Err(PredictionsError::Order(self.recount(doubt))),
        }
    }

    /// Where the classes are numbers, and the order that agrees is that of the labels counted from elsewhere: names it so.
    fn recount(&self, doubt: OrderDoubt) -> OrderDoubt {
        let OrderDoubt::Other { best, .. } = &doubt else {
            return doubt;
        };
        let seen: BTreeSet<usize> = self.videos.iter().map(|video| video.label).collect();
        let seen: BTreeSet<&str> = seen
            .iter()
            .map(|&class| self.labels[class].as_str())
            .collect();
        let shifted = [-1, 1].into_iter().find_map(|by| {
            let labels = self.labels.iter().map(|label| {
                let number = whole_number(label)? + by;
                (number >= 0).then(|| number.to_string())
            });
            let labels: Vec<String> = labels.collect::<Option<_>>()?;
            let is_same =
                |(label, best): (&String, &String)| !seen.contains(best.as_str()) || label == best;
            labels.iter().zip(best).all(is_same).then_some(labels)
        });
        match (shifted, doubt) {
            (
                Some(best),
                OrderDoubt::Other {
                    videos,
                    agreeing,
                    taken,
                    best_agreeing,
                    ..
                },
            ) => OrderDoubt::Other {
                videos,
                agreeing,
                taken,
                best_agreeing,
                best,
            },
            (_, doubt) => doubt,
        }
    }

    /// How rows were put together as clips of one video.
    fn clips_told(&self) -> Option<String> {
        let (videos, rows) = (self.videos.len(), self.clips.len());
        (rows > videos).then(|| {
            format!(
                "{rows} rows of {videos} videos: rows of the same video are taken for its clips"
            )
        })
    }

    fn agreement(&self) -> String {
        let (given, rows) = self.rows();
        let order = guard::order(self.labels.len(), &given, rows.into_iter());
        format!(
            "predictions agree with {} of {} labels, {:.0} would by chance",
            order.agreeing, order.videos, order.by_chance
        )
    }
}

#[cfg(test)]
mod tests;
