//! The format `fiftyone`: the data set in JSON that `FiftyOne` writes (`Dataset.write_json`), and that `export` writes for it.
//!
//! A sample is a video: `filepath`, and the label in a classification, `ground_truth` before any other. It is read only.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use super::encoding::Encoding;
use super::label_file::{Dialect, LabelFile};
use super::reading::{Reading, Role};
use super::understood::Choice;
use super::{Entries, Entry, Problem, ProblemKind};

/// The field whose classification is the label.
const GROUND_TRUTH: &str = "ground_truth";

/// Whether the text is such a data set.
pub(super) fn fits(bytes: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Shape {
        #[expect(dead_code, reason = "it has to be there")]
        samples: Vec<Sample>,
    }
    #[derive(serde::Deserialize)]
    struct Sample {
        #[expect(dead_code, reason = "it has to be there")]
        filepath: String,
    }
    serde_json::from_slice::<Shape>(bytes).is_ok()
}

/// Reads the bytes of a data set; `source` names the file.
pub(super) fn parse(source: &Utf8Path, bytes: &[u8], reading: &Reading) -> Entries {
    let mut read = Entries::default();
    let samples = match serde_json::from_slice::<Value>(bytes) {
        Ok(mut whole) => match whole.get_mut("samples").map(Value::take) {
            Some(Value::Array(samples)) => samples,
            _ => Vec::new(),
        },
        Err(error) => {
            let reason = error.to_string();
            let kind = ProblemKind::NotAnObject { reason };
            read.problems.push(Problem { row: None, kind });
            return read;
        }
    };
    let given = reading.columns.get(&Role::Label).map(String::as_str);
    let (field, also) = match field_of(&samples, given) {
        Ok(found) => found,
        Err(kind) => {
            read.problems.push(Problem { row: None, kind });
            return read;
        }
    };
    if !also.is_empty() {
        read.choices.push(Choice {
            what: "labels".to_owned(),
            taken: format!("from '{field}'"),
            also,
            remedy: "choose another with '--columns label=FIELD'".to_owned(),
        });
    }
    for sample in &samples {
        let text = |name: &str| sample[name].as_str().map(str::to_owned);
        read.list.push(Entry {
            row: None,
            id: text("video_id"),
            path: text("filepath").unwrap_or_default(),
            label: label(&sample[&field]).unwrap_or_default().to_owned(),
            group: reading
                .columns
                .get(&Role::Group)
                .and_then(|name| text(name)),
            extra: Vec::new(),
        });
    }
    read.why = format!("a FiftyOne data set, the label in '{field}'");
    read.files = vec![LabelFile {
        path: Utf8PathBuf::from(source.file_name().unwrap_or_default()),
        bytes: bytes.to_vec(),
        rows: Vec::new(),
        dialect: Dialect::Unwritten,
        encoding: Encoding::Utf8,
        header_end: None,
    }];
    read
}

/// The field of the labels, and what else may be meant: the one that the user names, `ground_truth`, or the only one that holds a
/// classification.
fn field_of(samples: &[Value], given: Option<&str>) -> Result<(String, Vec<String>), ProblemKind> {
    let mut fields = BTreeSet::new();
    let mut has_ground_truth = false;
    for sample in samples.iter().filter_map(Value::as_object) {
        has_ground_truth |= sample.contains_key(GROUND_TRUTH);
        let is_label = |(_, value): &(&String, &Value)| value["_cls"] == "Classification";
        fields.extend(sample.iter().filter(is_label).map(|(name, _)| name.clone()));
    }
    if let Some(given) = given {
        let is_there = samples.iter().any(|sample| label(&sample[given]).is_some());
        return if is_there {
            Ok((given.to_owned(), Vec::new()))
        } else {
            Err(ProblemKind::UnknownColumn {
                role: Role::Label.name(),
                column: given.to_owned(),
                found: fields.into_iter().collect(),
            })
        };
    }
    if has_ground_truth {
        fields.remove(GROUND_TRUTH);
        return Ok((GROUND_TRUTH.to_owned(), fields.into_iter().collect()));
    }
    let mut names = fields.into_iter();
    match (names.next(), names.next()) {
        (Some(only), None) => Ok((only, Vec::new())),
        (None, _) => Err(ProblemKind::UnclearFolders {
            what: "none of its samples has a classification".to_owned(),
            remedy: "each needs a field 'ground_truth' with a 'Classification'".to_owned(),
        }),
        (Some(first), Some(second)) => Err(ProblemKind::UnclearFolders {
            what: format!("'{first}' and '{second}' may each be the labels"),
            remedy: format!("say which with '--columns label={second}'"),
        }),
    }
}

/// The label that a field holds: of a classification, or a word.
fn label(field: &Value) -> Option<&str> {
    field["label"].as_str().or(field.as_str())
}
