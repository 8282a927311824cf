//! The queue without a screen: as a table or as JSON.

use serde::Serialize;

use super::state::State;
use crate::journal::{Choice, Decision};
use crate::rows::videos::Judgement;

/// One video of the queue.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QueuedVideo {
    /// Its rank.
    pub rank: u32,
    /// Its id.
    pub id: String,
    /// Its path; none while it is hidden.
    pub path: Option<String>,
    /// The given label; none while it is hidden.
    pub label: Option<String>,
    /// The suggested label; none while it is hidden, and without scores.
    pub suggested_label: Option<String>,
    /// The verdict; none while it is hidden.
    pub verdict: Option<String>,
    /// The noise score; none while it is hidden, and without scores.
    pub noise_score: Option<f32>,
    /// This reviewer's decision.
    pub decision: Option<String>,
    /// The label of that decision.
    pub decision_label: Option<String>,
    /// This reviewer's note.
    pub note: Option<String>,
    /// Whether reviewers contradict each other.
    pub disputed: bool,
}

/// The queue's videos, in its order.
pub fn videos(state: &State) -> Vec<QueuedVideo> {
    let video = |row: usize| {
        let video = &state.run.rows[row];
        let decision = state.decision(row);
        let (action, decision_label) = decision.map(words).unzip();
        // A blind list betrays no more than the blind screen does.
        let shown = !state.is_hidden(row);
        let judgement = video.judgement.as_ref().filter(|_| shown);
        QueuedVideo {
            rank: if shown { video.rank } else { 0 },
            id: video.id.clone(),
            path: shown.then(|| video.path.clone()),
            label: shown.then(|| video.label.clone()),
            suggested_label: judgement.map(|judgement| judgement.suggested_label.clone()),
            verdict: shown.then(|| video.verdict.to_string()),
            noise_score: judgement.and_then(Judgement::noise_score),
            decision: action,
            decision_label: decision_label.flatten(),
            note: state
                .standing(row)
                .and_then(|standing| standing.note.clone()),
            disputed: state.marks.is_disputed(row),
        }
    };
    state
        .queue
        .visible
        .iter()
        .map(|&row| video(row as usize))
        .collect()
}

fn words(decision: &Decision) -> (String, Option<String>) {
    let (action, label) = decision.choice.words();
    let label = match decision.choice {
        Choice::Relabel(_) | Choice::Ambiguous(_) => label,
        Choice::Keep(_) | Choice::Drop | Choice::Skip => None,
    };
    (action.as_str().to_owned(), label)
}

/// The queue as a table with a line per video.
pub fn table(videos: &[QueuedVideo]) -> String {
    let mut text = format!(
        "{:>6} {:>5} {:<10} {:<24} {:<20} {}\n",
        "rank", "noise", "verdict", "label", "decision", "path"
    );
    for video in videos {
        let labels = match (&video.label, &video.suggested_label) {
            (Some(label), Some(suggested)) if label != suggested => {
                format!("{label} → {suggested}")
            }
            (Some(label), _) => label.clone(),
            (None, _) => "hidden".to_owned(),
        };
        let decision = match (&video.decision, &video.decision_label) {
            (Some(action), Some(label)) => format!("{action} {label}"),
            (Some(action), None) => action.clone(),
            (None, _) => "–".to_owned(),
        };
        let noise = video
            .noise_score
            .map_or("–".to_owned(), |score| format!("{score:.2}"));
        let line = format!(
            "{:>6} {noise:>5} {:<10} {labels:<24} {decision:<20} {}\n",
            video.rank,
            video.verdict.as_deref().unwrap_or("–"),
            video.path.as_deref().unwrap_or(&video.id),
        );
        text.push_str(&line);
    }
    text
}
