//! From rows and true labels to numbers.

use std::collections::BTreeMap;

use super::{Evaluation, EvaluationError, FlagQuality, KeyFrameQuality, ScoreQuality};
use crate::manifest::Manifest;
use crate::manifest::register::{Register, RegisterError};
use crate::metrics::{
    ConfusionMatrix, DetectionCounts, area_under_roc, average_precision, best_f1, precision_at,
};
use crate::rows::clips::ClipRow;
use crate::rows::videos::{Judgement, Scores, VideoRow};
use crate::score::Verdict;

/// The truth column that says which videos are honestly difficult.
const TROUBLE: &str = "trouble";

/// What is known of a scored video.
struct Case<'a> {
    row: &'a VideoRow,
    scores: [f32; Scores::NAMES.len()],
    truth: usize,
    predicted: usize,
    is_error: bool,
    kind: String,
}

/// Holds a run's rows and clips against the truth.
///
/// # Errors
///
/// If a video of the run has no known label, a label is unknown, or the videos are all right or all wrong.
pub fn evaluate(
    rows: &[VideoRow],
    clips: &[ClipRow],
    labels: &[String],
    truth: &Manifest,
) -> Result<Evaluation, EvaluationError> {
    let cases = cases(rows, labels, truth)?;
    let is_error: Vec<bool> = cases.iter().map(|case| case.is_error).collect();
    let flags = |flagged: Vec<bool>| -> Result<FlagQuality, EvaluationError> {
        let counts = DetectionCounts::count(&flagged, &is_error)?;
        Ok(FlagQuality {
            flagged: flagged.iter().filter(|flag| **flag).count(),
            precision: counts.precision(),
            recall: counts.recall(),
            f1: counts.f1(),
        })
    };
    let judged = |flag: usize| -> Vec<bool> {
        cases
            .iter()
            .map(|case| case.row.judgement.as_ref().is_some_and(|j| j.flags[flag]))
            .collect()
    };
    let true_labels: Vec<usize> = cases.iter().map(|case| case.truth).collect();
    let predicted: Vec<usize> = cases.iter().map(|case| case.predicted).collect();
    let confusion = ConfusionMatrix::count(&true_labels, &predicted, labels.len())?;
    let by_rank: Vec<f64> = cases.iter().map(|case| -f64::from(case.row.rank)).collect();
    let mut precisions = BTreeMap::new();
    for k in [10, 25, 50, 100, 200, 500, 1000] {
        if k <= cases.len() {
            precisions.insert(k, precision_at(&by_rank, &is_error, k)?);
        }
    }
    let mislabeled = is_error.iter().filter(|wrong| **wrong).count();
    let suggested_right = cases
        .iter()
        .filter(|case| case.is_error)
        .filter(|case| {
            let suggested = case.row.judgement.as_ref().map(|j| &j.suggested_label);
            suggested == Some(&labels[case.truth])
        })
        .count();
    let mut verdicts: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    for case in &cases {
        *verdicts
            .entry(case.kind.clone())
            .or_default()
            .entry(case.row.verdict.as_str().to_owned())
            .or_default() += 1;
    }
    Ok(Evaluation {
        videos: rows.len(),
        scored: cases.len(),
        mislabeled,
        accuracy: confusion.weighted_average_recall().unwrap_or(0.0),
        unweighted_accuracy: confusion.unweighted_average_recall().unwrap_or(0.0),
        scores: score_qualities(&cases, &is_error)?,
        verdict: flags(
            cases
                .iter()
                .map(|case| case.row.verdict == Verdict::Mislabeled)
                .collect(),
        )?,
        flags: Judgement::FLAGS
            .iter()
            .enumerate()
            .map(|(index, name)| Ok(((*name).to_owned(), flags(judged(index))?)))
            .collect::<Result<_, EvaluationError>>()?,
        precision_at: precisions,
        suggested_accuracy: suggested_right as f64 / mislabeled.max(1) as f64,
        verdicts,
        key_frames: KeyFrameQuality::measure(clips, truth),
    })
}

/// Scores that are small where a label is suspect.
const SMALL_IS_SUSPECT: [&str; 11] = [
    "confidence_weighted_entropy",
    "corrected_log_margin",
    "label_support",
    "self_confidence",
    "normalized_margin",
    "log_margin",
    "aum",
    "datamap_confidence",
    "datamap_correctness",
    "small_loss_posterior",
    "signed_agreement",
];

/// Scores that say nothing about the label's being wrong on their own, or that know what people decided.
const NO_SUSPICION: [&str; 9] = [
    "learnt_posterior",
    "suggested_prob",
    "agreement",
    "pairwise_agreement",
    "repeat_agreement",
    "clip_entropy",
    "mutual_information",
    "datamap_variability",
    "outlier_score",
];

/// Scores that a video has not where the networks cannot judge it.
const OF_THE_RANKING: [&str; 3] = ["noise_score", "noise_posterior", "corrected_log_margin"];

fn score_qualities(
    cases: &[Case],
    is_error: &[bool],
) -> Result<Vec<ScoreQuality>, EvaluationError> {
    let mut columns: Vec<(&str, Vec<f64>)> = Scores::NAMES
        .iter()
        .enumerate()
        .filter(|(_, name)| !NO_SUSPICION.contains(name))
        .filter_map(|(index, name)| {
            let values = cases.iter().map(|case| f64::from(case.scores[index]));
            let values: Vec<f64> = values.collect();
            // Where no training was watched, its scores have no value.
            let is_whole = values.iter().all(|value| !value.is_nan());
            let is_partly = OF_THE_RANKING.contains(name) && values.iter().any(|v| !v.is_nan());
            (is_whole || is_partly).then_some((*name, values))
        })
        .collect();
    let signed = cases.iter().map(|case| {
        let judgement = case.row.judgement.as_ref();
        let contradicts = judgement.is_some_and(|j| j.consensus != case.row.label);
        let agreement = judgement.map_or(0.0, |j| f64::from(j.scores.agreement));
        if contradicts { -agreement } else { agreement }
    });
    columns.push(("signed_agreement", signed.collect()));
    let mut qualities = Vec::new();
    for (name, mut values) in columns {
        if SMALL_IS_SUSPECT.contains(&name) {
            for value in &mut values {
                *value = -*value;
            }
        }
        // Videos that the networks cannot judge stand last in the ranking.
        let least = values.iter().copied().fold(f64::INFINITY, f64::min) - 1.0;
        for value in values.iter_mut().filter(|value| value.is_nan()) {
            *value = least;
        }
        qualities.push(ScoreQuality {
            name: name.to_owned(),
            auroc: area_under_roc(&values, is_error)?,
            average_precision: average_precision(&values, is_error)?,
            best_f1: best_f1(&values, is_error)?.0,
        });
    }
    qualities.sort_by(|a, b| b.average_precision.total_cmp(&a.average_precision));
    Ok(qualities)
}

fn cases<'a>(
    rows: &'a [VideoRow],
    labels: &[String],
    truth: &Manifest,
) -> Result<Vec<Case<'a>>, EvaluationError> {
    let names = rows.iter();
    let names = Register::new(names.map(|row| (row.id.as_str(), row.path.as_str())));
    let mut of_row: Vec<Option<usize>> = vec![None; rows.len()];
    for (index, video) in truth.videos.iter().enumerate() {
        match names.find_row(video) {
            Ok(found) => of_row[found.place] = Some(index),
            // The truth may be that of more videos.
            Err(RegisterError::Unknown(_)) => {}
            Err(RegisterError::Several(what)) => {
                return Err(EvaluationError::Names {
                    truth: truth.source.to_string(),
                    what,
                });
            }
        }
    }
    let missing = rows.iter().zip(&of_row).filter(|(_, of)| of.is_none());
    let missing: Vec<&VideoRow> = missing.map(|(row, _)| row).collect();
    if let Some(first) = missing.first() {
        return Err(EvaluationError::Missing {
            truth: truth.source.to_string(),
            count: missing.len(),
            first: first.path.clone(),
        });
    }
    let trouble = truth
        .extra_columns
        .iter()
        .position(|column| column == TROUBLE);
    let mut cases = Vec::new();
    for (row, of_row) in rows.iter().zip(of_row) {
        let (Some(judgement), Some(index)) = (&row.judgement, of_row) else {
            continue;
        };
        let video = &truth.videos[index];
        let name = truth.labels.name(video.label);
        let class = labels
            .iter()
            .position(|label| label == name)
            .ok_or_else(|| EvaluationError::UnknownLabel {
                truth: truth.source.to_string(),
                label: name.to_owned(),
                known: labels.join(", "),
            })?;
        let is_error = row.label != name;
        let hard = trouble
            .and_then(|column| video.extra.get(column))
            .is_some_and(|word| word == "hard");
        let kind = match (is_error, hard) {
            (true, _) => "mislabeled",
            (false, true) => "hard",
            (false, false) => "right",
        };
        let predicted = (0..judgement.mean_probs.len())
            .reduce(|best, class| {
                if judgement.mean_probs[class] > judgement.mean_probs[best] {
                    class
                } else {
                    best
                }
            })
            .unwrap_or(0);
        cases.push(Case {
            row,
            scores: judgement.scores.values(),
            truth: class,
            predicted,
            is_error,
            kind: kind.to_owned(),
        });
    }
    Ok(cases)
}
