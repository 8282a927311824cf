//! Tables for other tools: the data set of `fiftyone` in JSON, and the labels with probabilities that cleanlab takes.

use camino::Utf8Path;
use serde_json::{Map, Value, json};

use super::ExportError;
use super::record::Record;
use crate::manifest::Manifest;
use crate::table::{TableError, TableWriter};

/// A classification in the schema of `fiftyone`.
const CLASSIFICATION: &str =
    "fiftyone.core.fields.EmbeddedDocumentField(fiftyone.core.labels.Classification)";
const NUMBER: &str = "fiftyone.core.fields.FloatField";
const TEXT: &str = "fiftyone.core.fields.StringField";

/// A data set as `fiftyone.Dataset.from_json` takes it: a sample per video with the label (`ground_truth`), the given
/// label (`given`) and the networks' (`prediction`, of which the suggestion is the label), tagged with the verdict, and
/// `relabeled` where the label was changed. `root`: where the paths start, absolute.
pub(super) fn fiftyone(
    manifest: &Manifest,
    records: &[Record],
    name: &str,
    root: &Utf8Path,
) -> Result<Vec<u8>, ExportError> {
    let mut samples = Vec::new();
    for record in records.iter().filter(|record| !record.is_dropped()) {
        samples.push(sample(record, root)?);
    }
    let data_set = json!({
        "name": name,
        "media_type": "video",
        "num_samples": samples.len(),
        "sample_fields": {
            "ground_truth": CLASSIFICATION,
            "given": CLASSIFICATION,
            "prediction": CLASSIFICATION,
            "noise_score": NUMBER,
            "agreement": NUMBER,
            "video_id": TEXT,
        },
        "frame_fields": {},
        "info": {"source": manifest.source.as_str()},
        "classes": {"ground_truth": manifest.labels.names()},
        "default_classes": manifest.labels.names(),
        "samples": samples,
    });
    Ok((data_set.to_string() + "\n").into_bytes())
}

fn sample(record: &Record, root: &Utf8Path) -> Result<Value, ExportError> {
    let path = record.file(root);
    if path.is_dir() {
        return Err(ExportError::FrameFolder {
            path,
            format: "fiftyone",
        });
    }
    let classification = |label: &str| json!({"_cls": "Classification", "label": label});
    let mut tags = Vec::new();
    let mut sample = Map::new();
    let mut put = |name: &str, value: Value| sample.insert(name.to_owned(), value);
    put("filepath", path.as_str().into());
    put("ground_truth", classification(record.label));
    put("given", classification(record.given));
    put("video_id", record.video.id.as_str().into());
    if let Some(row) = record.row {
        tags.push(row.verdict.as_str());
        if let Some(judgement) = &row.judgement {
            let mut prediction = classification(&judgement.suggested_label);
            prediction["confidence"] = judgement.scores.suggested_prob.into();
            put("prediction", prediction);
            put("noise_score", judgement.scores.noise_score.into());
            put("agreement", judgement.scores.agreement.into());
        }
    }
    if record.change.is_some() {
        tags.push("relabeled");
    }
    put("tags", tags.into());
    Ok(Value::Object(sample))
}

/// The scored videos with the label's class number, as cleanlab counts from 0, and the probability of each class, in
/// Parquet.
///
/// # Errors
/// The table cannot be made.
pub(super) fn cleanlab(manifest: &Manifest, records: &[Record]) -> Result<Vec<u8>, TableError> {
    let kept: Vec<(&Record, &[f32])> = records
        .iter()
        .filter(|record| !record.is_dropped())
        .filter_map(|record| {
            let judgement = record.row?.judgement.as_ref()?;
            Some((record, &judgement.mean_probs[..]))
        })
        .collect();
    let records = || kept.iter().map(|(record, _)| *record);
    let class = |label: &str| manifest.labels.index_of(label).unwrap_or(0) as u32;
    TableWriter::default()
        .text("id", records().map(|record| &record.video.id))
        .text("path", records().map(Record::path))
        .u32("label", records().map(|record| class(record.label)))
        .text("label_name", records().map(|record| record.label))
        .text("given_name", records().map(|record| record.given))
        .f32_list("pred_probs", kept.iter().map(|(_, probs)| Some(*probs)))
        .into_bytes()
}
