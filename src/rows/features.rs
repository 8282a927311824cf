//! `folds/<k>/features.parquet`: what a fold's network makes of every video that it scored, as a vector.

use camino::Utf8Path;

use super::columns;
use crate::table::{TableError, TableReader, TableWriter};

/// A video's feature.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureRow {
    /// The video's id.
    pub id: String,
    /// The fold whose network made it; features of different folds are of different networks and cannot be compared.
    pub fold: u8,
    /// The bag feature from which the network's logits come, mean over the clips.
    pub feature: Vec<f32>,
}

/// Writes the rows in the order given.
///
/// # Errors
///
/// If the file cannot be written.
pub fn write(path: &Utf8Path, rows: &[FeatureRow]) -> Result<(), TableError> {
    TableWriter::default()
        .text("id", rows.iter().map(|row| &row.id))
        .u8("fold", rows.iter().map(|row| row.fold))
        .f32_list("feature", rows.iter().map(|row| Some(&row.feature[..])))
        .describe(columns::FEATURES.iter().copied())
        .write(path)
}

/// Reads the rows back, in the file's order.
///
/// # Errors
///
/// If the file cannot be read, is not ours, or lacks a column or a feature.
pub fn read(path: &Utf8Path) -> Result<Vec<FeatureRow>, TableError> {
    let table = TableReader::read(path)?;
    let features: Option<Vec<Vec<f32>>> = table.f32_list("feature")?.into_iter().collect();
    let features = features.ok_or_else(|| table.bad_column("feature", "list[f32]"))?;
    let rows = table
        .text("id")?
        .into_iter()
        .zip(table.u8("fold")?)
        .zip(features)
        .map(|((id, fold), feature)| FeatureRow { id, fold, feature });
    Ok(rows.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path())
            .unwrap()
            .join("features.parquet");
        let rows: Vec<FeatureRow> = (0..3_u8)
            .map(|number| FeatureRow {
                id: format!("clips/{number}"),
                fold: 2,
                feature: vec![f32::from(number), -0.5, 1e-9],
            })
            .collect();
        write(&path, &rows).unwrap();
        assert_eq!(read(&path).unwrap(), rows);
        write(&path, &[]).unwrap();
        assert!(read(&path).unwrap().is_empty());
    }
}
