//! Plain label files in another format than the data set's: a row per video, with the class's name.

use super::ExportError;
use super::record::Record;
use crate::manifest::{AddedColumn, AddedValue, Manifest};
use crate::table::{TableError, TableWriter};

/// A named value of a row.
pub(super) type Field = (String, AddedValue);

/// What a row says, in the order of its columns: id, path, label, group where the data set has groups, the data set's
/// other columns, and the added ones. `path_name`: what the format calls the path.
pub(super) fn fields(
    manifest: &Manifest,
    record: &Record,
    (path_name, path): (&str, &str),
    columns: &[AddedColumn],
) -> Vec<Field> {
    let text = |text: &str| AddedValue::Text(text.to_owned());
    let mut fields = vec![
        ("id".to_owned(), text(&record.video.id)),
        (path_name.to_owned(), text(path)),
        ("label".to_owned(), text(record.label)),
    ];
    if manifest.videos.iter().any(|video| video.group.is_some()) {
        let group = record.video.group.as_deref();
        fields.push(("group".to_owned(), group.map_or(AddedValue::Nothing, text)));
    }
    for (name, value) in manifest.extra_columns.iter().zip(&record.video.extra) {
        fields.push((name.clone(), text(value)));
    }
    for column in columns {
        let value = column.values.get(record.index);
        fields.push((
            column.name.clone(),
            value.cloned().unwrap_or(AddedValue::Nothing),
        ));
    }
    fields
}

/// The rows that stay.
fn rows(manifest: &Manifest, records: &[Record], columns: &[AddedColumn]) -> Vec<Vec<Field>> {
    records
        .iter()
        .filter(|record| !record.is_dropped())
        .map(|record| fields(manifest, record, ("path", record.path()), columns))
        .collect()
}

/// A table with commas and a header.
///
/// # Errors
/// None that occur: the table is written to memory.
pub(super) fn csv(
    manifest: &Manifest,
    records: &[Record],
    columns: &[AddedColumn],
) -> Result<Vec<u8>, ExportError> {
    let rows = rows(manifest, records, columns);
    let mut writer = csv::Writer::from_writer(Vec::new());
    if let Some(first) = rows.first() {
        writer
            .write_record(first.iter().map(|(name, _)| name))
            .map_err(ExportError::Table)?;
    }
    for row in &rows {
        writer
            .write_record(row.iter().map(|(_, value)| value.to_text("")))
            .map_err(ExportError::Table)?;
    }
    writer
        .into_inner()
        .map_err(|error| ExportError::File(error.into_error()))
}

/// A JSON object a line.
pub(super) fn jsonl(manifest: &Manifest, records: &[Record], columns: &[AddedColumn]) -> Vec<u8> {
    let mut text = String::new();
    for row in rows(manifest, records, columns) {
        text += &object(&row);
        text.push('\n');
    }
    text.into_bytes()
}

/// A row as a JSON object, its members in the row's order.
pub(super) fn object(row: &[Field]) -> String {
    let members: Vec<String> = row
        .iter()
        .map(|(name, value)| format!("{}: {}", json(name), value.to_json()))
        .collect();
    format!("{{{}}}", members.join(", "))
}

fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A Parquet file.
///
/// # Errors
/// None that occur: the table is written to memory.
pub(super) fn parquet(
    manifest: &Manifest,
    records: &[Record],
    columns: &[AddedColumn],
) -> Result<Vec<u8>, TableError> {
    let rows = rows(manifest, records, columns);
    let mut table = TableWriter::default();
    for (index, (name, _)) in rows.first().into_iter().flatten().enumerate() {
        let values = || rows.iter().map(|row| &row[index].1);
        table = if values().any(|value| matches!(value, AddedValue::Number(_))) {
            let number = |value: &AddedValue| match value {
                AddedValue::Number(number) => Some(*number),
                _ => None,
            };
            table.optional_f32(name, values().map(number))
        } else {
            let text = |value: &AddedValue| match value {
                AddedValue::Text(text) => Some(text.clone()),
                _ => None,
            };
            table.optional_text(name, values().map(text))
        };
    }
    table.into_bytes()
}

/// A line `path label` per video, as training code for dynamic expressions takes it.
///
/// # Errors
/// A class's name has spaces, so that nobody could tell it from the path; or columns were asked for, which a list has not.
pub(super) fn list(records: &[Record], columns: &[AddedColumn]) -> Result<Vec<u8>, ExportError> {
    if let Some(column) = columns.first() {
        return Err(ExportError::ListColumn {
            column: column.name.clone(),
        });
    }
    let mut text = String::new();
    for record in records.iter().filter(|record| !record.is_dropped()) {
        if record.label.contains(char::is_whitespace) {
            return Err(ExportError::ListLabel {
                label: record.label.to_owned(),
            });
        }
        let path = record.path();
        if path.trim() != path || path.contains(['\n', '\r']) || path.starts_with('#') {
            return Err(ExportError::ListPath {
                path: path.to_owned(),
            });
        }
        text += path;
        text.push(' ');
        text += record.label;
        text.push('\n');
    }
    Ok(text.into_bytes())
}
