//! The blind sample that people judge so that the ranking can promise something, and what it promises then.
//!
//! How the sample is drawn and what follows from it is [`crate::score::calibration`]'s business.

use std::collections::BTreeSet;

use rand::seq::SliceRandom;

use super::mode::Sample;
use super::run::Run;
use super::state::State;
use crate::journal::Book;
use crate::judge::promise::{FEWEST_JUDGED, Promise, Ranked, UNKNOWN, next_to_judge};
use crate::rows::skill::SkillCard;
use crate::score::calibration::Interval;
use crate::score::{ScoreError, VerdictSettings};
use crate::seed::Seed;

/// The ranked videos with their rows, and what `is_error` says of them; a place is an index into this list. Where the
/// networks can judge none, all scored videos: people can.
fn ranking(run: &Run, is_error: impl Fn(u32, &str) -> Option<bool>) -> (Vec<u32>, Vec<Ranked>) {
    let is_unable = run.card.skill.as_ref().is_some_and(SkillCard::is_unable);
    (0..)
        .zip(&run.rows)
        .filter_map(|(row, video)| {
            let judgement = video.judgement.as_ref()?;
            let posterior = judgement.scores.noise_posterior;
            if posterior.is_nan() && !is_unable {
                return None;
            }
            let ranked = Ranked {
                noise_posterior: if posterior.is_nan() {
                    UNKNOWN
                } else {
                    f64::from(posterior)
                },
                agreement: f64::from(judgement.scores.agreement),
                contradicts: judgement.consensus != video.label,
                is_error: is_error(row, &video.id),
            };
            Some((row, ranked))
        })
        .unzip()
}

/// The sample of `asked` videos as far as it can be served: what anybody voted on blind, so that all reviewers see the same,
/// and the part that follows from it.
///
/// # Errors
/// There is no scored video.
pub fn sample(run: &Run, book: &Book, asked: usize) -> Result<Sample, ScoreError> {
    let judged = book.judged_blind();
    let (rows, ranked) = ranking(run, |_row, id| judged.get(id).copied());
    let is_taken = |row: u32| {
        let mut votes = book.of_video(&run.rows[row as usize].id);
        votes.any(|(_, standing)| standing.vote.as_ref().is_some_and(|vote| vote.blind))
    };
    let mut places: Vec<usize> = (0..rows.len())
        .filter(|&place| is_taken(rows[place]))
        .collect();
    let seed = Seed(run.card.seed);
    let next = next_to_judge(&ranked, &places, asked, seed)?;
    // In the order of the ranking they would betray their places.
    places.shuffle(&mut seed.stream("calibration order", "of all"));
    places.extend(next);
    Ok(Sample {
        rows: places.into_iter().map(|place| rows[place]).collect(),
        asked,
    })
}

/// Serves the sample's next part once its last one is decided. Whether there is one.
pub(super) fn go_on(state: &mut State) -> bool {
    let Some(sample) = &state.mode.sample else {
        return false;
    };
    let is_open = |row: &u32| !state.marks.is_decided(*row as usize);
    if sample.rows.len() >= sample.asked || sample.rows.iter().any(is_open) {
        return false;
    }
    // It was drawn from this ranking before, so that it is not empty.
    let Ok(whole) = self::sample(&state.run, &state.book, sample.asked) else {
        return false;
    };
    let served: BTreeSet<u32> = sample.rows.iter().copied().collect();
    let next: Vec<u32> = whole
        .rows
        .into_iter()
        .filter(|row| !served.contains(row))
        .collect();
    let is_more = !next.is_empty();
    if let Some(sample) = &mut state.mode.sample {
        sample.rows.extend(next);
        state.queue.only = Some(sample.rows.clone());
    }
    state.refresh();
    is_more
}

/// What the judged part of the sample says, in words; nothing where no sample is served.
pub fn lines(state: &State) -> Vec<String> {
    let Some(sample) = &state.mode.sample else {
        return Vec::new();
    };
    // A video that nobody could decide about says nothing of the labels.
    let (_rows, ranked) = ranking(&state.run, |row, _id| {
        let is_wrong = || state.marks.is_label_wrong(row as usize);
        sample.rows.contains(&row).then(is_wrong).flatten()
    });
    let judged = ranked
        .iter()
        .filter(|video| video.is_error.is_some())
        .count();
    let mut lines = vec![format!("blind sample: {judged} of {} judged", sample.asked)];
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
