//! `dynamics.parquet`: how each video was learnt, epoch by epoch.

use camino::Utf8Path;

use super::columns;
use super::table::{TableError, TableReader, TableWriter};

/// One video in one epoch in which it was trained on.
#[derive(Debug, Clone, PartialEq)]
pub struct DynamicsRow {
    /// The video's id.
    pub id: String,
    /// The fold whose network trained on it: not the video's own.
    pub fold: u8,
    /// Which of the fold's networks, from 0.
    pub repeat: u8,
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
    /// What the video's clips before this one said of it: clean, hard, noisy, or warmup while they are too few.
    pub state: String,
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
        .u8("repeat", rows.iter().map(|row| row.repeat))
        .u16("epoch", rows.iter().map(|row| row.epoch))
        .f32("label_prob", rows.iter().map(|row| row.label_prob))
        .f32("label_margin", rows.iter().map(|row| row.label_margin))
        .f32("loss", rows.iter().map(|row| row.loss))
        .text("prediction", rows.iter().map(|row| row.prediction.clone()))
        .text("state", rows.iter().map(|row| row.state.clone()))
        .describe(columns::DYNAMICS.iter().copied())
        .write(path)
}

/// Reads the rows back, in the file's order. A file without states comes from an older version: all are warmup; one
/// without repeats has a single network a fold.
///
/// # Errors
///
/// If the file cannot be read, is not ours, or lacks a column.
pub fn read(path: &Utf8Path) -> Result<Vec<DynamicsRow>, TableError> {
    let table = TableReader::read(path)?;
    let columns = table.column_names();
    let has = |column: &str| columns.iter().any(|name| name == column);
    let ids = table.text("id")?;
    let states = if has("state") {
        table.text("state")?
    } else {
        vec!["warmup".to_owned(); ids.len()]
    };
    let repeats = if has("repeat") {
        table.u8("repeat")?
    } else {
        vec![0; ids.len()]
    };
    let rows = ids
        .into_iter()
        .zip(table.u8("fold")?)
        .zip(repeats)
        .zip(table.u16("epoch")?)
        .zip(table.f32("label_prob")?)
        .zip(table.f32("label_margin")?)
        .zip(table.f32("loss")?)
        .zip(table.text("prediction")?)
        .zip(states)
        .map(
            |(
                (((((((id, fold), repeat), epoch), label_prob), label_margin), loss), prediction),
                state,
            )| {
                DynamicsRow {
                    id,
                    fold,
                    repeat,
                    epoch,
                    label_prob,
                    label_margin,
                    loss,
                    prediction,
                    state,
                }
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
            repeat: 1,
            epoch: 7,
            label_prob: 0.5,
            label_margin: -0.25,
            loss: 0.693,
            prediction: "sad".into(),
            state: "noisy".into(),
        }];
        write(&path, &rows).unwrap();
        assert_eq!(read(&path).unwrap(), rows);
    }

    #[test]
    fn a_file_of_an_older_version_has_no_states_and_one_network_a_fold() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path())
            .unwrap()
            .join("dynamics.parquet");
        TableWriter::default()
            .text("id", ["a".to_owned()].into_iter())
            .u8("fold", [1].into_iter())
            .u16("epoch", [3].into_iter())
            .f32("label_prob", [0.5].into_iter())
            .f32("label_margin", [0.0].into_iter())
            .f32("loss", [0.7].into_iter())
            .text("prediction", ["sad".to_owned()].into_iter())
            .write(&path)
            .unwrap();
        let rows = read(&path).unwrap();
        assert_eq!((rows[0].state.as_str(), rows[0].repeat), ("warmup", 0));
    }
}
