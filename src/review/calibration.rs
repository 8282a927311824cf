//! The blind sample that people judge so that the ranking can promise something, and what it promises then.
//!
//! How the sample is drawn and what follows from it is [`crate::score::calibration`]'s business.

use super::run::Run;
use super::state::State;
use crate::report::promise::{FEWEST_JUDGED, Promise, Ranked, sample_cut};
use crate::score::calibration::Interval;
use crate::score::calibration::sample::stratified_sample;
use crate::score::{ScoreError, VerdictSettings};
use crate::seed::Seed;

/// The scored videos by rank with their rows; a place is an index into this list.
fn ranking(run: &Run) -> Vec<(u32, Ranked)> {
    (0..)
        .zip(&run.rows)
        .filter_map(|(row, video)| {
            let judgement = video.judgement.as_ref()?;
            let ranked = Ranked {
                noise_posterior: f64::from(judgement.scores.noise_posterior),
                agreement: f64::from(judgement.scores.agreement),
                contradicts: judgement.consensus != video.label,
                is_error: None,
            };
            Some((row, ranked))
        })
        .collect()
}

/// The rows of the sample, in the order in which they are to be served; the same for everybody who reviews the run.
///
/// # Errors
/// There is no scored video, or none is to be drawn.
pub fn sample(run: &Run, count: usize) -> Result<Vec<u32>, ScoreError> {
    let (rows, ranked): (Vec<u32>, Vec<Ranked>) = ranking(run).into_iter().unzip();
    let seed = Seed(run.card.seed);
    let sample = stratified_sample(rows.len(), sample_cut(&ranked)?, count, seed)?;
    Ok(sample.iter().map(|video| rows[video.place]).collect())
}

/// What the judged part of the sample says, in words; nothing where no sample is served.
pub fn lines(state: &State) -> Vec<String> {
    let Some(sample) = &state.mode.sample else {
        return Vec::new();
    };
    // A video that nobody could decide about says nothing of the labels.
    let ranked: Vec<Ranked> = ranking(&state.run)
        .into_iter()
        .map(|(row, ranked)| Ranked {
            is_error: sample
                .contains(&row)
                .then(|| state.marks.is_label_wrong(row as usize))
                .flatten(),
            ..ranked
        })
        .collect();
    let judged = ranked
        .iter()
        .filter(|video| video.is_error.is_some())
        .count();
    let mut lines = vec![format!("blind sample: {judged} of {} judged", sample.len())];
    if judged < FEWEST_JUDGED {
        lines.push(format!(
            "  precision and recall are stated from {FEWEST_JUDGED} on"
        ));
        return lines;
    }
    let seed = Seed(state.run.card.seed);
    let verdict = state.run.card.settings.get("verdict").cloned();
    let verdict: VerdictSettings = verdict
        .and_then(|verdict| serde_json::from_value(verdict).ok())
        .unwrap_or_default();
    match Promise::state(&ranked, &verdict, seed) {
        Ok(promise) => {
            lines.push(format!(
                "  wrong labels among all ranked videos: {}",
                words(&promise.errors, 0)
            ));
            if let Some(cut) = promise.recommended_cut() {
                lines.push(format!(
                    "  flagged {}, precision {}, recall {}, from {} judged videos",
                    cut.flagged,
                    words(&cut.precision, 2),
                    words(&cut.recall, 2),
                    promise.judged
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
