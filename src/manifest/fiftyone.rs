//! The format `fiftyone`: the data set in JSON that `FiftyOne` writes (`Dataset.write_json`), and that `export` writes for it.
//!
//! A sample is a video: `filepath`, and the label in a classification, `ground_truth` before any other. It is read only.

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use super::encoding::Encoding;
use super::label_file::{Dialect, LabelFile};
use super::reading::{Reading, Role};
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
    let field = given.unwrap_or_else(|| field_of(&samples));
    for sample in &samples {
        let text = |name: &str| sample[name].as_str().map(str::to_owned);
        let label = &sample[field];
        read.list.push(Entry {
            row: None,
            id: text("video_id"),
            path: text("filepath").unwrap_or_default(),
            label: label["label"]
                .as_str()
                .or(label.as_str())
                .unwrap_or_default()
                .to_owned(),
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

/// `ground_truth`, or the first field that holds a classification.
fn field_of(samples: &[Value]) -> &str {
    let is_label = |(_, value): &(&String, &Value)| value["_cls"] == "Classification";
    let first = samples.first().and_then(Value::as_object);
    match first {
        Some(first) if !first.contains_key(GROUND_TRUTH) => first
            .iter()
            .find(is_label)
            .map_or(GROUND_TRUTH, |(name, _)| name),
        _ => GROUND_TRUTH,
    }
}
