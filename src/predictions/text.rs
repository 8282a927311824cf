//! Predictions as a table of text: a column per class, or one with lists.

use camino::Utf8Path;

use super::PredictionsError;
use super::check::is_distribution;
use super::source::{ID, LABEL, LABEL_NAME, PATH, PROBS, Source, wide};
use crate::manifest::sheet::Sheet;

/// Reads a table with separators.
pub(super) fn read(path: &Utf8Path, classes: &[String]) -> Result<Source, PredictionsError> {
    let sheet = Sheet::read(path, &[LABEL[0]]);
    let sheet = sheet.map_err(|error| error.called("file of predictions"))?;
    if let Some(row) = sheet
        .rows
        .iter()
        .find(|row| row.fields.len() != sheet.header.len())
    {
        return Err(PredictionsError::Ragged {
            path: path.to_owned(),
            line: row.line,
            expected: sheet.header.len(),
            found: row.fields.len(),
        });
    }
    let words = |names: &[&str]| -> Option<Vec<String>> {
        let column = sheet.column(names)?;
        Some(
            sheet
                .rows
                .iter()
                .map(|row| row.fields[column].clone())
                .collect(),
        )
    };
    let labels: Option<Vec<Option<String>>> = words(&LABEL).map(|words| {
        let some = |word: String| Some(word).filter(|word| !word.is_empty());
        words.into_iter().map(some).collect()
    });
    let mut source = Source {
        lines: sheet.rows.iter().map(|row| row.line).collect(),
        ids: words(&ID),
        paths: words(&PATH),
        clips: 1,
        ..Source::default()
    };
    if let Some(lists) = words(&PROBS) {
        source.probs = lists.iter().map(|list| numbers(list)).collect();
    } else {
        let is_number = |column: usize| {
            let mut fields = sheet.rows.iter().map(|row| &row.fields[column]);
            fields.all(|field| number(field).is_some())
        };
        let rows = |places: &[usize]| -> Vec<Vec<f32>> {
            let row = |fields: &[String]| -> Vec<f32> {
                let values = places.iter().map(|&place| number(&fields[place]));
                values.map(|value| value.unwrap_or(f32::NAN)).collect()
            };
            sheet
                .rows
                .iter()
                .map(|sheet_row| row(&sheet_row.fields))
                .collect()
        };
        let given = labels.clone().unwrap_or_default();
        let sums = |places: &[usize]| rows(places).iter().all(|row| is_distribution(row));
        let (places, names) =
            wide(&sheet.header, is_number, (&given, classes), sums).ok_or_else(|| {
                PredictionsError::NoProbs {
                    path: path.to_owned(),
                    found: sheet.header.clone(),
                }
            })?;
        source.probs = rows(&places);
        source.names = Some(names);
    }
    source.labels = labels;
    source.name_classes(words(&LABEL_NAME).map(|words| words.into_iter().map(Some).collect()));
    Ok(source)
}

/// A number, with a comma for the decimal point where that is how it is written; nothing written is not a number.
fn number(text: &str) -> Option<f32> {
    let text = text.trim();
    if text.is_empty() {
        return Some(f32::NAN);
    }
    text.parse()
        .ok()
        .or_else(|| text.replacen(',', ".", 1).parse().ok())
}

/// The numbers of a list, as Python, `NumPy` and JSON write them.
fn numbers(list: &str) -> Vec<f32> {
    let is_bracket = |c: char| matches!(c, '[' | ']' | '(' | ')' | '{' | '}' | ' ');
    let is_between = |c: char| matches!(c, ',' | ';' | '|') || c.is_whitespace();
    list.trim_matches(is_bracket)
        .split(is_between)
        .filter(|number| !number.is_empty())
        .map(|number| number.parse().unwrap_or(f32::NAN))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_as_they_are_written() {
        for list in [
            "[0.25, 0.75]",
            "(0.25,0.75)",
            "[0.25 0.75]",
            "0.25;0.75",
            "[ 2.5e-1\n 0.75 ]",
        ] {
            assert_eq!(numbers(list), [0.25, 0.75], "{list}");
        }
        assert!(numbers("[0.25, x]")[1].is_nan());
        assert!(numbers("[]").is_empty());
        assert_eq!(number("0,25"), Some(0.25));
        assert_eq!(number("happy"), None);
        assert!(number(" ").unwrap().is_nan());
    }
}
