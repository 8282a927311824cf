//! `dynamics.parquet`: how each video was learnt, epoch by epoch.

use camino::Utf8Path;

use super::table::{TableError, TableReader, TableWriter};

/// One video in one epoch in which it was trained on.
#[derive(Debug, Clone, PartialEq)]
pub struct DynamicsRow {
    /// The video's id.
    pub id: String,
    /// The fold whose network trained on it: not the video's own.
    pub fold: u8,
    /// The epoch, from 0.
    pub epoch: u16,
    /// Probability of the given label, in [0, 1].
    pub label_prob: f32,
    /// Logit of the given label less the largest other logit.
    pub label_margin: f32,
    /// Cross-entropy of the given label, in nats.
    pub loss: f32,
    /// The predicted class.
    pub prediction: String,
}

/// Writes the rows in the order given.
///
/// # Errors
///
/// If the file cannot be written.
pub fn write(path: &Utf8Path, rows: &[DynamicsRow]) -> Result<(), TableError> {
    TableWriter::default()
        .text("id", rows.iter().map(|row| row.id.clone()))
        .u8("fold", rows.iter().map(|row| row.fold))
        .u16("epoch", rows.iter().map(|row| row.epoch))
        .f32("label_prob", rows.iter().map(|row| row.label_prob))
        .f32("label_margin", rows.iter().map(|row| row.label_margin))
        .f32("loss", rows.iter().map(|row| row.loss))
        .text("prediction", rows.iter().map(|row| row.prediction.clone()))
        .write(path)
}

/// Reads the rows back, in the file's order.
///
/// # Errors
///
/// If the file cannot be read, is not ours, or lacks a column.
pub fn read(path: &Utf8Path) -> Result<Vec<DynamicsRow>, TableError> {
    let table = TableReader::read(path)?;
    let rows = table
        .text("id")?
        .into_iter()
        .zip(table.u8("fold")?)
        .zip(table.u16("epoch")?)
        .zip(table.f32("label_prob")?)
        .zip(table.f32("label_margin")?)
        .zip(table.f32("loss")?)
        .zip(table.text("prediction")?)
        .map(
            |((((((id, fold), epoch), label_prob), label_margin), loss), prediction)| DynamicsRow {
                id,
                fold,
                epoch,
                label_prob,
                label_margin,
                loss,
                prediction,
            },
        );
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
            .join("dynamics.parquet");
        let rows = [DynamicsRow {
            id: "a".into(),
            fold: 2,
            epoch: 7,
            label_prob: 0.5,
            label_margin: -0.25,
            loss: 0.693,
            prediction: "sad".into(),
        }];
        write(&path, &rows).unwrap();
        assert_eq!(read(&path).unwrap(), rows);
    }
}
