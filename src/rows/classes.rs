//! `classes.parquet` and `transitions.parquet`: the state of the label set.

use camino::Utf8Path;

use super::columns;
use crate::score::calibration::Interval;
use crate::score::classes::{ClassReport, ClassSummary};
use crate::table::{TableError, TableReader, TableWriter};

/// One class, as `classes.parquet` has it.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassRow {
    /// The class's name.
    pub label: String,
    /// Videos that carry the label.
    pub videos: u32,
    /// Those of them that were ranked.
    pub ranked: u32,
    /// Estimated number of ranked videos that truly are of this class.
    pub estimated_true: f32,
    /// Estimated share of its ranked labels that are wrong, in [0, 1].
    pub share_mislabeled: Interval,
    /// The class that its wrong labels most often should have been, if any is wrong.
    pub confused_with: Option<String>,
    /// The state in one word.
    pub health: String,
}

/// One pair of given and estimated true class, as `transitions.parquet` has it.
#[derive(Debug, Clone, PartialEq)]
pub struct TransitionRow {
    /// The given label.
    pub given: String,
    /// The class that its videos are estimated to be of.
    pub estimated: String,
    /// Expected number of videos.
    pub count: f32,
    /// That number as a share of the ranked videos with the label, in [0, 1].
    pub share: f32,
}

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
        .text("label", classes.iter().map(|c| &labels[c.class]))
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
                .map(|c| c.confused_with.map(|other| &labels[other])),
        )
        .text("health", classes.iter().map(|c| c.health.as_str()))
        .describe(columns::CLASSES.iter().copied())
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
        .text("given", pairs.iter().map(|pair| &labels[pair.given]))
        .text(
            "estimated",
            pairs.iter().map(|pair| &labels[pair.estimated]),
        )
        .f32("count", pairs.iter().map(|pair| pair.count as f32))
        .f32("share", pairs.iter().map(|pair| pair.share as f32))
        .describe(columns::TRANSITIONS.iter().copied())
        .write(path)
}

/// Reads the classes back, in the file's order.
///
/// # Errors
///
/// If the file cannot be read, is not ours, or lacks a column.
pub fn read_classes(path: &Utf8Path) -> Result<Vec<ClassRow>, TableError> {
    let table = TableReader::read(path)?;
    let (videos, ranked) = (table.u32("videos")?, table.u32("ranked")?);
    let estimated_true = table.f32("estimated_true")?;
    let share = table.f32("share_mislabeled")?;
    let low = table.f32("share_mislabeled_low")?;
    let high = table.f32("share_mislabeled_high")?;
    let confused_with = table.optional_text("confused_with")?;
    let health = table.text("health")?;
    let labels = table.text("label")?.into_iter().enumerate();
    Ok(labels
        .map(|(row, label)| ClassRow {
            label,
            videos: videos[row],
            ranked: ranked[row],
            estimated_true: estimated_true[row],
            share_mislabeled: Interval::new(share[row].into(), low[row].into(), high[row].into()),
            confused_with: confused_with[row].clone(),
            health: health[row].clone(),
        })
        .collect())
}

/// Reads the transitions back, in the file's order.
///
/// # Errors
///
/// If the file cannot be read, is not ours, or lacks a column.
pub fn read_transitions(path: &Utf8Path) -> Result<Vec<TransitionRow>, TableError> {
    let table = TableReader::read(path)?;
    let rows = table
        .text("given")?
        .into_iter()
        .zip(table.text("estimated")?)
        .zip(table.f32("count")?)
        .zip(table.f32("share")?);
    Ok(rows
        .map(|(((given, estimated), count), share)| TransitionRow {
            given,
            estimated,
            count,
            share,
        })
        .collect())
}
