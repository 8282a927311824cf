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
mod source;
mod text;

pub(crate) use self::array::numbers;

use std::collections::BTreeMap;

use camino::Utf8Path;

pub use self::error::PredictionsError;
pub use self::labels::GivenLabels;
use self::names::Named;
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
    /// Digest of the file.
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
}

/// Formats in which predictions are kept as well, and which are not read.
const UNREAD: [&str; 12] = [
    "pkl",
    "pickle",
    "pt",
    "pth",
    "safetensors",
    "h5",
    "hdf5",
    "mat",
    "feather",
    "arrow",
    "json",
    "jsonl",
];

/// Words for no label, in lower case.
const NO_LABEL: [&str; 6] = ["nan", "null", "none", "na", "n/a", "<na>"];

/// Reads a file of predictions. `given`: what the user says of labels and classes; `keep_order`: whether the order of the
/// classes is right whatever the labels say.
///
/// # Errors
///
/// If the file cannot be read, lacks a column, its rows are no probabilities, its labels do not fit them, or the classes
/// are in another order.
pub fn read(
    path: &Utf8Path,
    given: GivenLabels,
    keep_order: bool,
) -> Result<Predictions, PredictionsError> {
    let bytes = fs_err::read(path).map_err(PredictionsError::File)?;
    let mut given = given;
    let mut source = source(path, &bytes, &given.names)?;
    let mut told = Vec::new();
    told.extend(labels::join(&mut source, &mut given, path)?);
    let classes = check::rows(path, &source)?;
    check_lengths(path, &source)?;
    refuse_unlabeled(path, &source, &given.names)?;
    let named = names::find(path, &source, &given.names, classes)?;
    told.push(format!(
        "classes in the order of the probabilities: {} ({})",
        named.labels.join(", "),
        named.why
    ));
    let mut predictions = Predictions {
        fingerprint: blake3::hash(&bytes).to_hex().to_string(),
        told,
        ..videos(path, &source, named)?
    };
    if !keep_order {
        predictions.doubt_order()?;
    }
    predictions.told.push(predictions.agreement());
    Ok(predictions)
}

/// Reads a file. `classes`: the class names that the user gave, by which columns are found as well.
fn source(path: &Utf8Path, bytes: &[u8], classes: &[String]) -> Result<Source, PredictionsError> {
    match bytes {
        [b'P', b'A', b'R', b'1', ..] => return columns::read(path, bytes, classes),
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => return array::one(path, bytes),
        [b'P', b'K', 3 | 5, ..] => return array::several(path, bytes),
        _ => {}
    }
    // A damaged file is told as what it is called.
    match path.extension().unwrap_or_default().to_lowercase().as_str() {
        "parquet" => columns::read(path, bytes, classes),
        "npy" => array::one(path, bytes),
        "npz" => array::several(path, bytes),
        other if UNREAD.contains(&other) => Err(PredictionsError::Format {
            path: path.to_owned(),
        }),
        _ => text::read(path, classes),
    }
}

/// Refuses labels, ids and paths that are not one per row.
fn check_lengths(path: &Utf8Path, source: &Source) -> Result<(), PredictionsError> {
    let rows = source.probs.len();
    let lengths = [
        source.labels.as_ref().map(Vec::len),
        source.ids.as_ref().map(Vec::len),
        source.paths.as_ref().map(Vec::len),
    ];
    match lengths.into_iter().flatten().find(|&length| length != rows) {
        None => Ok(()),
        Some(found) => Err(PredictionsError::Counts {
            path: path.to_owned(),
            videos: rows / source.clips.max(1),
            labels: path.to_owned(),
            found,
        }),
    }
}

fn refuse_unlabeled(
    path: &Utf8Path,
    source: &Source,
    names: &[String],
) -> Result<(), PredictionsError> {
    let Some(labels) = &source.labels else {
        return Err(PredictionsError::NoLabels {
            path: path.to_owned(),
        });
    };
    let is_none = |label: &&Option<String>| match label {
        None => true,
        Some(word) if names.contains(word) => false,
        Some(word) => {
            whole_number(word) == Some(-1) || NO_LABEL.contains(&word.to_lowercase().as_str())
        }
    };
    match labels.iter().position(|label| is_none(&label)) {
        None => Ok(()),
        Some(row) => Err(PredictionsError::Unlabeled {
            path: path.to_owned(),
            place: source.place(row),
            word: labels[row].clone().unwrap_or_default(),
            count: labels.iter().filter(is_none).count(),
        }),
    }
}

/// The videos of the rows, and the rows as their clips.
fn videos(path: &Utf8Path, source: &Source, named: Named) -> Result<Predictions, PredictionsError> {
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
    Ok(Predictions {
        labels: named.labels,
        videos,
        clips,
        fingerprint: String::new(),
        told: Vec::new(),
    })
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
            Some(doubt) => Err(PredictionsError::Order(doubt)),
        }
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
