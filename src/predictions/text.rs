//! Predictions as a table of text: a column per class, or one with lists.

use camino::Utf8Path;

use super::PredictionsError;
use super::check::is_distribution;
use super::source::{
    ID, LABEL, LABEL_NAME, PATH, PROBS, Source, called_as_classes, columns_told, wide,
};
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
    if let (Some(lists), Some(column)) = (words(&PROBS), sheet.column(&PROBS)) {
        source.probs = lists.iter().map(|list| numbers(list)).collect();
        let name = &sheet.header[column..=column];
        source.told = vec![columns_told(&sheet.header, name)];
    } else {
        let given = labels.clone().unwrap_or_default();
        class_columns(&mut source, path, &sheet, (&given, classes))?;
    }
    source.labels = labels;
    source.name_classes(words(&LABEL_NAME).map(|words| words.into_iter().map(Some).collect()));
    Ok(source)
}

/// Takes the probabilities of a table with a column for each class. `given`: the labels' words, and the classes that the user
/// named.
fn class_columns(
    source: &mut Source,
    path: &Utf8Path,
    sheet: &Sheet,
    given: (&[Option<String>], &[String]),
) -> Result<(), PredictionsError> {
    let is_number = |column: usize| {
        let fields = sheet.rows.iter().map(|row| row.fields[column].as_str());
        are_numbers(fields)
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
    let sums = |places: &[usize]| rows(places).iter().all(|row| is_distribution(row));
    let (places, names) = wide(&sheet.header, is_number, given, sums).ok_or_else(|| {
        let called = called_as_classes(&sheet.header, given.0, given.1);
        let word = |&column: &usize| {
            let mut rows = sheet.rows.iter();
            let row = rows.find(|row| number(&row.fields[column]).is_none())?;
            Some((row.fields[column].clone(), format!("line {}", row.line)))
        };
        PredictionsError::no_probs(path, &sheet.header, &called, word)
    })?;
    source.probs = rows(&places);
    source.names = Some(names);
    let of_probs: Vec<String> = places
        .iter()
        .map(|&column| sheet.header[column].clone())
        .collect();
    source.told = vec![columns_told(&sheet.header, &of_probs)];
    let mut fields = sheet
        .rows
        .iter()
        .flat_map(|row| places.iter().map(|&place| &row.fields[place]));
    if let Some((field, share)) = fields.find_map(|field| Some((field, percent(field)?))) {
        let told = format!(
            "probabilities are read as percentages where they have the sign: '{field}' is {share}"
        );
        source.told.push(told);
    }
    Ok(())
}

/// Whether a column holds numbers: a word among them is one row's mistake, and told as that.
pub(super) fn are_numbers<'a>(fields: impl Iterator<Item = &'a str>) -> bool {
    let (mut numbers, mut words) = (0_usize, 0_usize);
    for field in fields {
        match number(field) {
            Some(number) if number.is_nan() => {}
            Some(_) => numbers += 1,
            None => words += 1,
        }
    }
    numbers > words || words == 0
}

/// A number, with a comma for the decimal point where that is how it is written, or a share with the sign of percentages;
/// nothing written is not a number.
pub(super) fn number(text: &str) -> Option<f32> {
    let text = text.trim();
    if text.is_empty() {
        return Some(f32::NAN);
    }
    text.parse()
        .ok()
        .or_else(|| text.replacen(',', ".", 1).parse().ok())
        .or_else(|| percent(text))
}

/// The share that a percentage is.
fn percent(text: &str) -> Option<f32> {
    let percent = text.trim().strip_suffix('%')?.trim_end();
    let percent: f32 = percent.replacen(',', ".", 1).parse().ok()?;
    Some(percent / 100.0)
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
        assert_eq!(number("92,5 %"), Some(0.925));
        assert_eq!(number("%"), None);
        assert!(number(" ").unwrap().is_nan());
    }
}
