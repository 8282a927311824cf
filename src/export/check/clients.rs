//! Tables for other tools, read by a reader of their format and as rows: what the data set has, and what the export has.

use camino::Utf8Path;

use super::rows::Row;
use super::{read, scanned};
use crate::export::{Audit, ExportError};
use crate::manifest::Format;
use crate::predictions::{self, GivenLabels, PredictionsError};

/// A data set of `fiftyone`, whose paths are whole.
///
/// # Errors
/// The export cannot be read.
pub(super) fn fiftyone(
    audit: &Audit,
    path: &Utf8Path,
) -> Result<(Vec<Row>, Vec<Row>), ExportError> {
    let (manifest, _files) = read(audit, path, Format::Fiftyone, false)?;
    let root = Utf8Path::new(".").join(&audit.root);
    let root = camino::absolute_utf8(&root).map_err(ExportError::File)?;
    let mut before = scanned(audit);
    for row in &mut before {
        row.path = root.join(&row.path).into_string();
    }
    let videos = 0..manifest.videos.len();
    let after = videos.map(|video| Row::of(&manifest, video, 0)).collect();
    Ok((before, after))
}

/// Labels and probabilities for cleanlab, read as anybody's predictions are; videos that were not judged have no row.
///
/// # Errors
/// The export cannot be read.
pub(super) fn cleanlab(
    audit: &Audit,
    path: &Utf8Path,
) -> Result<(Vec<Row>, Vec<Row>), ExportError> {
    let given = GivenLabels {
        names: audit.original.manifest.labels.names().to_vec(),
        file: None,
    };
    // Labels that the networks contradict are what an audit is for.
    let found = match predictions::read(&[path], given, true) {
        // As it is where nothing was judged.
        Err(PredictionsError::Empty { .. }) => return Ok((judged(audit), Vec::new())),
        found => found?,
    };
    let after = found.videos.iter().map(|video| Row {
        id: video.id.clone(),
        path: video.path.clone().unwrap_or_default(),
        label: found.labels[video.label].clone(),
        rest: Vec::new(),
    });
    Ok((judged(audit), after.collect()))
}

/// The videos of the run that were judged.
fn judged(audit: &Audit) -> Vec<Row> {
    let by_id = audit.by_id();
    let is_judged = |row: &Row| {
        let scanned = by_id.get(row.id.as_str());
        scanned.is_some_and(|scanned| scanned.judgement.is_some())
    };
    scanned(audit).into_iter().filter(is_judged).collect()
}
