//! `cuts.parquet`: precision and recall by the number of flagged videos.

use camino::Utf8Path;

use super::columns;
use crate::score::calibration::{Basis, Cut, Interval};
use crate::table::{TableError, TableReader, TableWriter};

/// Writes `cuts.parquet`: one row per listed cut.
///
/// # Errors
///
/// If the file cannot be written.
pub fn write(path: &Utf8Path, cuts: &[Cut]) -> Result<(), TableError> {
    let f32_of = |pick: fn(&Cut) -> f64| cuts.iter().map(move |cut| pick(cut) as f32);
    TableWriter::default()
        .u32("flagged", cuts.iter().map(|cut| cut.flagged as u32))
        .f32("precision", f32_of(|cut| cut.precision.estimate))
        .f32("precision_low", f32_of(|cut| cut.precision.low))
        .f32("precision_high", f32_of(|cut| cut.precision.high))
        .f32("recall", f32_of(|cut| cut.recall.estimate))
        .f32("recall_low", f32_of(|cut| cut.recall.low))
        .f32("recall_high", f32_of(|cut| cut.recall.high))
        .text("basis", cuts.iter().map(|cut| cut.basis.as_str()))
        .describe(columns::CUTS.iter().copied())
        .write(path)
}

/// Reads the cuts back, in the file's order.
///
/// # Errors
///
/// If the file cannot be read, is not ours, or lacks a column.
pub fn read(path: &Utf8Path) -> Result<Vec<Cut>, TableError> {
    let table = TableReader::read(path)?;
    let interval = |name: &str| -> Result<Vec<Interval>, TableError> {
        let (low, high) = (
            table.f32(&format!("{name}_low"))?,
            table.f32(&format!("{name}_high"))?,
        );
        let ends = low.into_iter().zip(high);
        let estimates = table.f32(name)?.into_iter();
        Ok(estimates
            .zip(ends)
            .map(|(estimate, (low, high))| Interval::new(estimate.into(), low.into(), high.into()))
            .collect())
    };
    let (precision, recall) = (interval("precision")?, interval("recall")?);
    let (flagged, bases) = (table.u32("flagged")?, table.text("basis")?);
    let rows = flagged.into_iter().zip(precision).zip(recall).zip(bases);
    rows.map(|(((flagged, precision), recall), basis)| {
        Ok(Cut {
            flagged: flagged as usize,
            precision,
            recall,
            basis: Basis::from_name(&basis).ok_or_else(|| table.bad_column("basis", "basis"))?,
        })
    })
    .collect()
}
