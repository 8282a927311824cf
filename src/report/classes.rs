//! `classes.parquet` and `transitions.parquet`: the state of the label set.

use camino::Utf8Path;

use super::table::{TableError, TableWriter};
use crate::score::classes::{ClassReport, ClassSummary};

/// Writes one row per class, in the label set's order.
///
/// # Errors
///
/// If the file cannot be written.
pub fn write_classes(
    path: &Utf8Path,
    report: &ClassReport,
    labels: &[String],
) -> Result<(), TableError> {
    let classes = &report.classes;
    let f32_of = |pick: fn(&ClassSummary) -> f64| classes.iter().map(move |c| pick(c) as f32);
    TableWriter::default()
        .text("label", classes.iter().map(|c| labels[c.class].clone()))
        .u32("videos", classes.iter().map(|c| c.given as u32))
        .u32("ranked", classes.iter().map(|c| c.ranked as u32))
        .f32("estimated_true", f32_of(|c| c.estimated_true))
        .f32("share_mislabeled", f32_of(|c| c.share_mislabeled.estimate))
        .f32("share_mislabeled_low", f32_of(|c| c.share_mislabeled.low))
        .f32("share_mislabeled_high", f32_of(|c| c.share_mislabeled.high))
        .optional_text(
            "confused_with",
            classes
                .iter()
                .map(|c| c.confused_with.map(|other| labels[other].clone())),
        )
        .text(
            "health",
            classes.iter().map(|c| c.health.as_str().to_owned()),
        )
        .write(path)
}

/// Writes one row per pair of given and estimated true class, C × C.
///
/// # Errors
///
/// If the file cannot be written.
pub fn write_transitions(
    path: &Utf8Path,
    report: &ClassReport,
    labels: &[String],
) -> Result<(), TableError> {
    let pairs = &report.transitions;
    TableWriter::default()
        .text("given", pairs.iter().map(|pair| labels[pair.given].clone()))
        .text(
            "estimated",
            pairs.iter().map(|pair| labels[pair.estimated].clone()),
        )
        .f32("count", pairs.iter().map(|pair| pair.count as f32))
        .f32("share", pairs.iter().map(|pair| pair.share as f32))
        .write(path)
}
