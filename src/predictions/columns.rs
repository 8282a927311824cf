//! Predictions in Parquet: a column of lists, or a column per class.

use camino::Utf8Path;

use super::PredictionsError;
use super::check::is_distribution;
use super::source::{
    ID, LABEL, LABEL_NAME, PATH, PROBS, Source, called_as_classes, columns_told, wide,
};
use super::text::{are_numbers, number};
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
        source.told = vec![columns_told(&header, std::slice::from_ref(name))];
    } else {
        // Numbers may be kept as words.
        let is_number = |column: usize| {
            let is_written = || {
                let words = table.words(&header[column]).unwrap_or_default();
                let is_empty = words.iter().flatten().next().is_none();
                !is_empty && are_numbers(words.iter().map(|word| word.as_deref().unwrap_or("")))
            };
            table.columns()[column].is_number() || is_written()
        };
        let values = |place: usize| -> Result<Vec<f32>, PredictionsError> {
            if table.columns()[place].is_number() {
                return Ok(table.numbers(&header[place])?);
            }
            let words = table.words(&header[place])?.into_iter();
            let value = |word: Option<String>| number(&word.unwrap_or_default());
            Ok(words.map(|word| value(word).unwrap_or(f32::NAN)).collect())
        };
        let rows = |places: &[usize]| -> Result<Vec<Vec<f32>>, PredictionsError> {
            let columns = places.iter().map(|&place| values(place));
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
                let called = called_as_classes(&header, &given, classes);
                let word = |&column: &usize| {
                    let words = table.words(&header[column]).ok()?;
                    let is_word =
                        |word: &Option<String>| number(word.as_deref()?).is_none().then_some(());
                    let row = words.iter().position(|word| is_word(word).is_some())?;
                    Some((words[row].clone()?, format!("row {row}")))
                };
                PredictionsError::no_probs(path, &header, &called, word)
            })?;
        source.probs = rows(&places)?;
        source.names = Some(names);
        let of_probs: Vec<String> = places.iter().map(|&place| header[place].clone()).collect();
        source.told = vec![columns_told(&header, &of_probs)];
    }
    source.labels = labels;
    source.name_classes(words(&LABEL_NAME)?);
    Ok(source)
}
