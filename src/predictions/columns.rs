//! Predictions in Parquet: a column of lists, or a column per class.

use camino::Utf8Path;

use super::PredictionsError;
use super::check::is_distribution;
use super::source::{ID, LABEL, LABEL_NAME, PATH, PROBS, Source, wide};
use crate::table::ForeignReader;

/// Reads the bytes of a Parquet file.
pub(super) fn read(
    path: &Utf8Path,
    bytes: &[u8],
    classes: &[String],
) -> Result<Source, PredictionsError> {
    let table = ForeignReader::of_bytes(path, bytes)?;
    let header: Vec<String> = table
        .columns()
        .iter()
        .map(|column| column.name.clone())
        .collect();
    let find = |names: &[&str]| {
        let same = |name: &&str| {
            header
                .iter()
                .find(|other| other.trim().eq_ignore_ascii_case(name))
        };
        names.iter().find_map(same)
    };
    let words = |names: &[&str]| find(names).map(|name| table.words(name)).transpose();
    let named = |words: Option<Vec<Option<String>>>| {
        words.map(|words| words.into_iter().map(Option::unwrap_or_default).collect())
    };
    let labels = words(&LABEL)?;
    let mut source = Source {
        ids: named(words(&ID)?),
        paths: named(words(&PATH)?),
        clips: 1,
        ..Source::default()
    };
    if let Some(name) = find(&PROBS) {
        let lists = table.number_lists(name)?;
        source.probs = lists.into_iter().map(Option::unwrap_or_default).collect();
    } else {
        let is_number = |column: usize| table.columns()[column].is_number();
        let rows = |places: &[usize]| -> Result<Vec<Vec<f32>>, PredictionsError> {
            let columns = places.iter().map(|&place| table.numbers(&header[place]));
            let columns: Vec<Vec<f32>> = columns.collect::<Result<_, _>>()?;
            let row = |row: usize| columns.iter().map(|column| column[row]).collect();
            Ok((0..table.height()).map(row).collect())
        };
        let given = labels.clone().unwrap_or_default();
        let sums = |places: &[usize]| {
            rows(places).is_ok_and(|rows| rows.iter().all(|row| is_distribution(row)))
        };
        let (places, names) =
            wide(&header, is_number, (&given, classes), sums).ok_or_else(|| {
                PredictionsError::NoProbs {
                    path: path.to_owned(),
                    found: header.clone(),
                }
            })?;
        source.probs = rows(&places)?;
        source.names = Some(names);
    }
    source.labels = labels;
    source.name_classes(words(&LABEL_NAME)?);
    Ok(source)
}
