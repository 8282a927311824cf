//! The blind sample that people judge so that the ranking can promise something, and what it promises then.
//!
//! How the sample is drawn and what follows from it is [`crate::score::calibration`]'s business.

use super::run::Run;
use super::state::State;
use crate::report::promise::FEWEST_JUDGED;
use crate::score::calibration::range::ErrorRange;
use crate::score::calibration::sample::stratified_sample;
use crate::score::calibration::{Calibration, Interval, JudgedVideo};
use crate::score::{ScoreError, VerdictSettings};
use crate::seed::Seed;

/// The scored videos by rank; a place is an index into this list.
struct Ranking {
    rows: Vec<u32>,
    posteriors: Vec<f64>,
    contradicted: Vec<bool>,
}

impl Ranking {
    fn of(run: &Run) -> Self {
        let mut ranking = Self {
            rows: Vec::new(),
            posteriors: Vec::new(),
            contradicted: Vec::new(),
        };
        for (row, video) in run.rows.iter().enumerate() {
            if let Some(judgement) = &video.judgement {
                ranking.rows.push(row as u32);
                let posterior = f64::from(judgement.scores.noise_posterior);
                ranking.posteriors.push(posterior);
                ranking
                    .contradicted
                    .push(judgement.consensus != video.label);
            }
        }
        ranking
    }
}

/// The rows of the sample, in the order in which they are to be served; the same for everybody who reviews the run.
///
/// # Errors
/// There is no scored video, or none is to be drawn.
pub fn sample(run: &Run, count: usize) -> Result<Vec<u32>, ScoreError> {
    let ranking = Ranking::of(run);
    let cut = ErrorRange::state(&ranking.posteriors, &ranking.contradicted, None)?.recommended;
    let sample = stratified_sample(ranking.rows.len(), cut, count, Seed(run.card.seed))?;
    Ok(sample
        .iter()
        .map(|video| ranking.rows[video.place])
        .collect())
}

/// What the judged part of the sample says, in words; nothing where no sample is served.
pub fn lines(state: &State) -> Vec<String> {
    let Some(sample) = &state.mode.sample else {
        return Vec::new();
    };
    let ranking = Ranking::of(&state.run);
    // A video that nobody could decide about says nothing of the labels.
    let judged: Vec<JudgedVideo> = sample
        .iter()
        .filter_map(|&row| {
            Some(JudgedVideo {
                place: ranking.rows.binary_search(&row).ok()?,
                is_error: state.marks.is_label_wrong(row as usize)?,
            })
        })
        .collect();
    let mut lines = vec![format!(
        "blind sample: {} of {} judged",
        judged.len(),
        sample.len()
    )];
    if judged.len() < FEWEST_JUDGED {
        lines.push(format!(
            "  precision and recall are stated from {FEWEST_JUDGED} on"
        ));
        return lines;
    }
    let seed = Seed(state.run.card.seed);
    let verdict = state.run.card.settings.get("verdict").cloned();
    let target = verdict
        .and_then(|verdict| serde_json::from_value::<VerdictSettings>(verdict).ok())
        .and_then(|verdict| verdict.target());
    let estimate = ErrorRange::state(&ranking.posteriors, &ranking.contradicted, target)
        .and_then(|range| Calibration::estimate(&range.middle, &judged, target, seed));
    match estimate {
        Ok(calibration) => {
            lines.push(format!(
                "  wrong labels among all ranked videos: {}",
                words(&calibration.errors, 0)
            ));
            if let Some(cut) = calibration.recommended_cut() {
                lines.push(format!(
                    "  flagged {}, precision {}, recall {}, from {} judged videos",
                    cut.flagged,
                    words(&cut.precision, 2),
                    words(&cut.recall, 2),
                    calibration.judged
                ));
            }
            lines.push("  in brackets: 90 % intervals".to_owned());
        }
        Err(error) => lines.push(format!("  nothing can be stated: {error}")),
    }
    lines
}

fn words(interval: &Interval, digits: usize) -> String {
    let Interval {
        estimate,
        low,
        high,
    } = interval;
    format!("{estimate:.digits$} ({low:.digits$}–{high:.digits$})")
}
