//! Whether rows are probabilities; if not, what they are instead and how they become some.

use camino::Utf8Path;

use super::PredictionsError;
use super::source::Source;
use crate::score::table::ROW_SUM_TOLERANCE;

/// Refuses rows that are no probabilities of the same classes.
///
/// # Errors
/// There are such rows: how many, the first of them, and the remedy.
pub(super) fn rows(path: &Utf8Path, source: &Source) -> Result<usize, PredictionsError> {
    let Some(classes) = source.probs.iter().map(Vec::len).find(|&length| length > 0) else {
        return Err(PredictionsError::Empty {
            path: path.to_owned(),
        });
    };
    let refuse = |is_wrong: &dyn Fn(&[f32]) -> bool, what: &dyn Fn(&[f32]) -> String| {
        let wrong = source
            .probs
            .iter()
            .enumerate()
            .filter(|(_, row)| is_wrong(row));
        let mut wrong = wrong.peekable();
        let Some(&(row, values)) = wrong.peek() else {
            return Ok(());
        };
        Err(PredictionsError::Rows {
            path: path.to_owned(),
            place: source.place(row),
            what: what(values),
            count: wrong.count(),
            rows: source.probs.len(),
        })
    };
    refuse(&|row| row.is_empty(), &|_| {
        "has no probabilities; fill the row, or leave it out".to_owned()
    })?;
    refuse(&|row| row.len() != classes, &|row| {
        format!(
            "has {} probabilities, but the first row has {classes}; give one for each class",
            row.len()
        )
    })?;
    refuse(&|row| !row.iter().all(|value| value.is_finite()), &|row| {
        let value = row
            .iter()
            .find(|value| !value.is_finite())
            .copied()
            .unwrap_or(f32::NAN);
        let value = if value.is_nan() {
            "nothing, or no number".to_owned()
        } else {
            value.to_string()
        };
        format!("has {value} where a probability must be; fill the row, or leave it out")
    })?;
    if source.probs.iter().all(|row| is_distribution(row)) {
        return Ok(classes);
    }
    let remedy = remedy(&source.probs);
    refuse(&|row| !is_distribution(row), &|row| {
        format!(
            "is {}, which is no probability for each class that sum to 1; {remedy}",
            shown(row)
        )
    })?;
    Ok(classes)
}

/// Whether a row is a probability for each class.
pub(super) fn is_distribution(row: &[f32]) -> bool {
    let sum: f64 = row.iter().map(|&value| f64::from(value)).sum();
    let is_share = |value: &f32| (0.0..=1.0 + ROW_SUM_TOLERANCE).contains(&f64::from(*value));
    row.iter().all(is_share) && (sum - 1.0).abs() <= ROW_SUM_TOLERANCE
}

/// What all rows are instead of probabilities.
fn remedy(rows: &[Vec<f32>]) -> &'static str {
    let all = |is: &dyn Fn(&[f32]) -> bool| rows.iter().all(|row| is(row));
    let sum = |row: &[f32], of: &dyn Fn(f64) -> f64| -> f64 {
        row.iter().map(|&value| of(f64::from(value))).sum()
    };
    let is_near = |sum: f64, one: f64| (sum / one - 1.0).abs() <= ROW_SUM_TOLERANCE;
    // Each may be rounded by half of one per cent.
    let is_hundred = |row: &[f32]| {
        let away = (sum(row, &|v| v) - 100.0).abs();
        away <= 100.0 * ROW_SUM_TOLERANCE + 0.5 * row.len() as f64
    };
    let is_share = |row: &[f32]| row.iter().all(|value| (0.0..=1.0).contains(value));
    if all(&|row| row.iter().all(|value| *value <= 0.0) && is_near(sum(row, &f64::exp), 1.0)) {
        "these are logarithms of probabilities: store their exponentials"
    } else if all(&|row| row.iter().all(|value| *value >= 0.0) && is_hundred(row)) {
        "these are percentages: divide them by 100, or each row by its sum where they are rounded"
    } else if all(&is_share) {
        "where each class has a probability of its own (sigmoid), divide each row by its sum"
    } else if rows.iter().flatten().any(|value| *value < 0.0) {
        "logits become probabilities by softmax"
    } else {
        "give the outputs of softmax"
    }
}

fn shown(row: &[f32]) -> String {
    const SHOWN: usize = 4;
    let values: Vec<String> = row
        .iter()
        .take(SHOWN)
        .map(|value| format!("{value:.3}"))
        .collect();
    let more = if row.len() > SHOWN { ", …" } else { "" };
    format!("[{}{more}]", values.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(probs: &[&[f32]]) -> String {
        let source = Source {
            probs: probs.iter().map(|row| row.to_vec()).collect(),
            ..Source::default()
        };
        match rows(Utf8Path::new("p"), &source) {
            Ok(classes) => classes.to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_is_no_probability_is_named_with_its_remedy() {
        assert_eq!(told(&[&[0.5, 0.504], &[1.0, 0.0]]), "2");
        for (probs, words) in [
            (
                &[&[0.5, 0.5][..], &[]][..],
                "row 1 of 'p' has no probabilities",
            ),
            (
                &[&[0.5, 0.5], &[0.2, 0.3, 0.5]],
                "row 1 of 'p' has 3 probabilities",
            ),
            (&[&[0.5, f32::NAN], &[0.5, 0.5]], "nothing, or no number"),
            (
                &[&[0.5, 0.5], &[f32::INFINITY, 0.0]],
                "row 1 of 'p' has inf",
            ),
            (&[&[-0.105, -2.303], &[-0.693, -0.693]], "exponentials"),
            (&[&[90.0, 10.0], &[50.0, 50.0]], "by 100"),
            (
                &[&[34.0, 34.0, 34.0], &[2.0, 3.0, 94.0]],
                "each row by its sum where they are rounded",
            ),
            (&[&[0.9, 0.6], &[0.5, 0.5]], "(sigmoid)"),
            (&[&[3.0, -1.0], &[0.5, 0.5]], "by softmax"),
            (&[&[3.0, 1.0]], "outputs of softmax"),
            (&[], "no rows"),
            (&[&[0.5, 0.5], &[0.7, 0.7], &[0.8, 0.8]], "2 of 3 rows"),
        ] {
            let found = told(probs);
            assert!(found.contains(words), "{words}: {found}");
        }
    }
}
