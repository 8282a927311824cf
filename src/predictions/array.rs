//! Predictions as arrays of `NumPy`: one in a `.npy` file, several by name in a `.npz` file.

use std::io::{Cursor, Read};

use camino::Utf8Path;
use zip::ZipArchive;

use super::PredictionsError;
use super::header::{self, Header, Refusal, Values};
use super::source::{ID, LABEL, PATH, PROBS, Source};

/// Names of an array with the classes' names.
const CLASSES: [&str; 3] = ["classes", "class_names", "label_names"];

/// An array, its values in the order of C.
#[derive(Debug, Clone, PartialEq)]
struct Array {
    shape: Vec<usize>,
    values: Values,
}

/// The shape of an array of numbers, and its values in the order of C.
///
/// # Errors
/// The bytes are none, end early, or hold words.
pub(crate) fn numbers(bytes: &[u8]) -> Result<(Vec<usize>, Vec<f64>), Refusal> {
    let Array { shape, values } = Array::read(bytes)?;
    match values {
        Values::Numbers(values) => Ok((shape, values)),
        Values::Words(_) => Err("is an array of words, not of numbers".to_owned()),
    }
}

/// Probabilities alone, `videos × classes` or `videos × clips × classes`.
pub(super) fn one(path: &Utf8Path, bytes: &[u8]) -> Result<Source, PredictionsError> {
    let refuse = |what| PredictionsError::Array {
        path: path.to_owned(),
        what,
    };
    Array::read(bytes)
        .and_then(Array::into_source)
        .map_err(refuse)
}

/// Labels alone, one per row; nothing where the bytes are no arrays.
pub(super) fn labels(
    path: &Utf8Path,
    bytes: &[u8],
) -> Option<Result<Vec<Option<String>>, PredictionsError>> {
    let arrays = match bytes {
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => {
            Array::read(bytes).map(|array| vec![(LABEL[0].to_owned(), array)])
        }
        [b'P', b'K', 3 | 5, ..] => arrays(bytes),
        _ => return None,
    };
    let labels = arrays.and_then(|arrays| {
        let named = take(&arrays, &LABEL).or_else(|| only(&arrays, |array| array.shape.len() == 1));
        named
            .ok_or_else(|| format!("has no array '{}' of labels", LABEL[0]))?
            .words()
    });
    Some(labels.map_err(|what| PredictionsError::Array {
        path: path.to_owned(),
        what,
    }))
}

/// Arrays by name; where there are only one of labels and one of probabilities, whatever they are called.
pub(super) fn several(path: &Utf8Path, bytes: &[u8]) -> Result<Source, PredictionsError> {
    let read = arrays(bytes).and_then(|arrays| {
        let probs = take(&arrays, &PROBS).or_else(|| only(&arrays, |array| array.shape.len() > 1));
        let probs = probs.ok_or_else(|| {
            let names: Vec<String> = arrays.iter().map(|(name, _)| format!("'{name}'")).collect();
            format!("has no array '{}' (found: {})", PROBS[0], names.join(", "))
        })?;
        let ids = take(&arrays, &ID).or_else(|| take(&arrays, &PATH));
        let is_label = |array: &Array| array.shape.len() == 1 && Some(array) != ids;
        let labels = take(&arrays, &LABEL).or_else(|| only(&arrays, is_label));
        let words = |array: Option<&Array>| array.map(Array::words).transpose();
        let named = |array: Option<&Array>| -> Result<Option<Vec<String>>, Refusal> {
            let words = words(array)?;
            Ok(words.map(|words| words.into_iter().map(Option::unwrap_or_default).collect()))
        };
        Ok(Source {
            labels: words(labels)?,
            ids: named(take(&arrays, &ID))?,
            paths: named(take(&arrays, &PATH))?,
            names: named(take(&arrays, &CLASSES))?,
            ..probs.clone().into_source()?
        })
    });
    let mut source = read.map_err(|what| PredictionsError::Array {
        path: path.to_owned(),
        what,
    })?;
    // Labels and names are there once per video, however many clips it has.
    let videos = source.probs.len() / source.clips.max(1);
    let clips = source.clips;
    if clips > 1 {
        source.labels = source.labels.map(|labels| repeat(labels, videos, clips));
        source.ids = source.ids.map(|ids| repeat(ids, videos, clips));
        source.paths = source.paths.map(|paths| repeat(paths, videos, clips));
    }
    Ok(source)
}

/// Each value of a video once per clip.
pub(super) fn repeat<T: Clone>(values: Vec<T>, videos: usize, clips: usize) -> Vec<T> {
    if values.len() != videos {
        return values;
    }
    let repeated = values.into_iter().flat_map(|value| vec![value; clips]);
    repeated.collect()
}

fn take<'a>(arrays: &'a [(String, Array)], names: &[&str]) -> Option<&'a Array> {
    let named = |name: &&str| {
        arrays
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))
    };
    names.iter().find_map(named).map(|(_, array)| array)
}

fn only(arrays: &[(String, Array)], is_meant: impl Fn(&Array) -> bool) -> Option<&Array> {
    let mut found = arrays
        .iter()
        .map(|(_, array)| array)
        .filter(|array| is_meant(array));
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// The arrays of a `.npz` file, by name.
fn arrays(bytes: &[u8]) -> Result<Vec<(String, Array)>, Refusal> {
    let damaged = |error: &dyn std::fmt::Display| format!("is no archive of arrays ({error})");
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    let mut read = Vec::new();
    for place in 0..archive.len() {
        let mut file = archive.by_index(place).map_err(|error| damaged(&error))?;
        let Some(name) = file.name().strip_suffix(".npy").map(str::to_owned) else {
            continue;
        };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)
            .map_err(|error| damaged(&error))?;
        match Array::read(&bytes) {
            Ok(array) => read.push((name, array)),
            Err(what) if is_meant(&name) => {
                return Err(format!("has an array '{name}' that {what}"));
            }
            // An array that nobody needs may be of any type.
            Err(_) => {}
        }
    }
    Ok(read)
}

/// Whether it is the name of an array of labels or probabilities.
fn is_meant(name: &str) -> bool {
    let mut meant = LABEL.iter().chain(&PROBS);
    meant.any(|other| other.eq_ignore_ascii_case(name))
}

impl Array {
    fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let Header {
            kind,
            is_fortran,
            shape,
            data,
        } = header::read(bytes)?;
        let count = shape
            .iter()
            .try_fold(1_usize, |product, &side| product.checked_mul(side));
        let length = count.and_then(|count| count.checked_mul(kind.size));
        // A header may say anything; what it says must be there before memory is reserved for it.
        let data = length.and_then(|length| data.get(..length));
        let data = data.ok_or_else(|| "ends before its last value".to_owned())?;
        let values = kind.values(data);
        let values = match values {
            Values::Numbers(values) if is_fortran => Values::Numbers(rows_first(&values, &shape)),
            values => values,
        };
        Ok(Self { shape, values })
    }

    /// The probabilities that it holds.
    fn into_source(self) -> Result<Source, Refusal> {
        let (clips, classes) = match self.shape[..] {
            [_, classes] => (1, classes),
            [_, clips, classes] => (clips, classes),
            _ => return Err(self.other_shape()),
        };
        let Values::Numbers(values) = &self.values else {
            return Err("is an array of words, not of probabilities".to_owned());
        };
        if classes == 0 {
            return Err(self.other_shape());
        }
        let row = |row: &[f64]| row.iter().map(|&value| value as f32).collect();
        Ok(Source {
            probs: values.chunks_exact(classes).map(row).collect(),
            clips: clips.max(1),
            ..Source::default()
        })
    }

    fn other_shape(&self) -> Refusal {
        let sides: Vec<String> = self.shape.iter().map(ToString::to_string).collect();
        format!(
            "is an array of shape {}; probabilities are of shape videos × classes, or videos × clips × classes",
            sides.join(" × ")
        )
    }

    /// The words of a list; whole numbers as they are written.
    fn words(&self) -> Result<Vec<Option<String>>, Refusal> {
        let is_list = matches!(self.shape[..], [_] | [_, 1]);
        if !is_list {
            let sides: Vec<String> = self.shape.iter().map(ToString::to_string).collect();
            return Err(format!(
                "has labels of shape {}; they are one per video",
                sides.join(" × ")
            ));
        }
        Ok(match &self.values {
            Values::Numbers(values) => {
                let word = |value: &f64| (!value.is_nan()).then(|| value.to_string());
                values.iter().map(word).collect()
            }
            Values::Words(words) => {
                let word = |word: &String| Some(word.trim().to_owned()).filter(|w| !w.is_empty());
                words.iter().map(word).collect()
            }
        })
    }
}

/// The values in the order of C, of an array that is in Fortran's: there the first index runs fastest.
fn rows_first(values: &[f64], shape: &[usize]) -> Vec<f64> {
    let mut strides = vec![1; shape.len()];
    for axis in 1..shape.len() {
        strides[axis] = strides[axis - 1] * shape[axis - 1];
    }
    (0..values.len())
        .map(|mut place| {
            let mut at = 0;
            for axis in (0..shape.len()).rev() {
                at += place % shape[axis] * strides[axis];
                place /= shape[axis];
            }
            values[at]
        })
        .collect()
}
