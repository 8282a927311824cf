//! The columns that an export may add: a sample weight, and what the run says of each video.

use super::ExportError;
use super::decide::{Decisions, NETWORK};
use super::record::Record;
use crate::journal::{Outcome, Settlement};
use crate::manifest::{AddedColumn, AddedValue, Manifest};
use crate::score::Verdict;

/// The column of `--weights`.
pub(super) const WEIGHT: &str = "sample_weight";

/// The columns of `--flag`.
pub(super) const FLAGS: [&str; 6] = [
    "verdict",
    "noise_score",
    "agreement",
    "suggested_label",
    "suggested_prob",
    "decision",
];

/// The columns, with a value for every video of the manifest.
///
/// # Errors
/// The data set has a column of that name already.
pub(super) fn added(
    manifest: &Manifest,
    records: &[Record],
    decisions: &Decisions,
    weights: bool,
    flags: bool,
) -> Result<Vec<AddedColumn>, ExportError> {
    let mut columns = Vec::new();
    let mut add = |name: &str, value: &dyn Fn(usize) -> AddedValue| {
        if manifest.extra_columns.iter().any(|other| other == name) {
            return Err(ExportError::Column {
                column: name.to_owned(),
            });
        }
        columns.push(AddedColumn {
            name: name.to_owned(),
            values: (0..records.len()).map(value).collect(),
        });
        Ok(())
    };
    if weights {
        add(WEIGHT, &|video| {
            AddedValue::Number(weight(&records[video], decisions))
        })?;
    }
    if flags {
        for name in FLAGS {
            add(name, &|video| flag(name, &records[video], decisions))?;
        }
    }
    Ok(columns)
}

/// How much a video should count in training, in [0, 1] (ours): 1 where people settled its label or nothing speaks against
/// it, the suggestion's probability where the network changed it, else 1 less the probability that the label is wrong
/// (`noise_posterior`). A video that cannot be read counts nothing.
fn weight(record: &Record, decisions: &Decisions) -> f32 {
    let settled = decisions.settled[record.index].as_ref();
    if matches!(settled, Some(Settlement { outcome: Outcome::Label(label), .. }) if label == record.label)
    {
        return 1.0;
    }
    let Some(row) = record.row else {
        return 1.0;
    };
    match &row.judgement {
        Some(judgement) if record.change.is_some_and(|change| change.by == NETWORK) => {
            judgement.scores.suggested_prob
        }
        // Nothing speaks against a label that the networks cannot judge.
        Some(judgement) if judgement.scores.noise_posterior.is_nan() => 1.0,
        Some(judgement) => 1.0 - judgement.scores.noise_posterior,
        None if row.verdict == Verdict::Unreadable => 0.0,
        None => 1.0,
    }
}

fn flag(name: &str, record: &Record, decisions: &Decisions) -> AddedValue {
    if name == "decision" {
        let settled = decisions.settled[record.index].as_ref();
        return settled.map_or(AddedValue::Nothing, |settled| {
            AddedValue::Text(match &settled.outcome {
                Outcome::Label(label) => label.clone(),
                Outcome::Drop => "drop".to_owned(),
                Outcome::Ambiguous => "ambiguous".to_owned(),
                Outcome::Tie => "disputed".to_owned(),
            })
        });
    }
    let Some(row) = record.row else {
        return AddedValue::Nothing;
    };
    if name == "verdict" {
        return AddedValue::Text(row.verdict.as_str().to_owned());
    }
    let Some(judgement) = &row.judgement else {
        return AddedValue::Nothing;
    };
    let number = |value: f32| {
        if value.is_nan() {
            AddedValue::Nothing
        } else {
            AddedValue::Number(value)
        }
    };
    match name {
        "noise_score" => number(judgement.scores.noise_score),
        "agreement" => number(judgement.scores.agreement),
        "suggested_prob" => number(judgement.scores.suggested_prob),
        _ => AddedValue::Text(judgement.suggested_label.clone()),
    }
}
