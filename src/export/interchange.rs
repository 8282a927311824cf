//! Tables for other tools: the data set of `fiftyone` in JSON, and the labels with probabilities that cleanlab takes.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::{Map, Value, json};
use tracing::warn;

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
    check_extensions(records, root)?;
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

/// Extensions that Python's own table of MIME types (`mimetypes`, by which `fiftyone` goes) has as videos.
const VIDEOS: [&str; 11] = [
    "mp4", "mov", "qt", "avi", "webm", "mpg", "mpeg", "mpe", "m1v", "mpa", "movie",
];

/// Those that only the tables of some systems have as well.
const SOMEWHERE: [&str; 6] = ["m4v", "mkv", "wmv", "flv", "ogv", "dv"];

/// Refuses files that `fiftyone` would take for images or for nothing: one of them keeps it from all.
fn check_extensions(records: &[Record], root: &Utf8Path) -> Result<(), ExportError> {
    let kept = records.iter().filter(|record| !record.is_dropped());
    let files: Vec<Utf8PathBuf> = kept.map(|record| record.file(root)).collect();
    let extension = |file: &Utf8Path| file.extension().unwrap_or_default().to_lowercase();
    let is_one_of = |known: &[&str], file: &Utf8PathBuf| known.contains(&extension(file).as_str());
    let wrong: Vec<&Utf8PathBuf> = files
        .iter()
        .filter(|file| !is_one_of(&VIDEOS, file) && !is_one_of(&SOMEWHERE, file) && !file.is_dir())
        .collect();
    if let Some(first) = wrong.first() {
        let extensions: BTreeSet<String> = wrong.iter().map(|file| extension(file)).collect();
        return Err(ExportError::NoVideo {
            count: wrong.len(),
            extensions: extensions.into_iter().collect(),
            first: (*first).clone(),
        });
    }
    if let Some(first) = files.iter().find(|file| is_one_of(&SOMEWHERE, file)) {
        warn!(
            "fiftyone takes files such as '{first}' for videos only where the system's table of MIME types has '.{}'",
            extension(first)
        );
    }
    Ok(())
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
