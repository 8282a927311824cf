//! What was done so far, and what it says about the data set.

use std::collections::BTreeMap;

use super::agreement::Agreement;
use super::calibration;
use super::state::State;

/// So many decisions that do not fit are listed.
const MISFITS: usize = 20;

/// The summary's lines.
pub fn lines(state: &State) -> Vec<String> {
    let total = state.run.rows.len();
    let decided = state.marks.decided();
    let mut lines = vec![format!(
        "{decided} of {total} videos decided, {} left",
        total - decided
    )];
    if let Some(secs) = state.pace.secs_per_decision() {
        lines.push(format!("{secs:.1} seconds per decision"));
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut wrong, mut judged) = (0, 0);
    for row in 0..total {
        let mark = state.marks.of(row);
        if let Some(action) = mark.decided {
            *counts.entry(action.as_str()).or_default() += 1;
        }
        if mark.decided.is_some() && row < state.run.flagged {
            judged += usize::from(mark.is_label_wrong.is_some());
            wrong += usize::from(mark.is_label_wrong == Some(true));
        }
    }
    lines.extend(
        counts
            .iter()
            .map(|(action, count)| format!("  {action:<10} {count}")),
    );
    if judged > 0 && state.mode.sample.is_none() {
        lines.push(format!(
            "of the {judged} judged among the first {} by rank, {wrong} have a wrong label",
            state.run.flagged
        ));
    }
    let disputed = (0..total)
        .filter(|&row| state.marks.is_disputed(row))
        .count();
    if let Some(agreement) = Agreement::of(state) {
        lines.push(String::new());
        lines.extend(agreement.lines());
        lines.push(format!("  disputed videos    {disputed}"));
    }
    let calibrated = calibration::lines(state);
    if !calibrated.is_empty() {
        lines.push(String::new());
        lines.extend(calibrated);
    }
    if !state.misfits.is_empty() {
        lines.push(String::new());
        lines.push(
            "earlier decisions that do not fit this run (they stay in their journal):".to_owned(),
        );
        let misfits = state.misfits.iter().take(MISFITS);
        lines.extend(misfits.map(|misfit| format!("  {misfit}")));
        if state.misfits.len() > MISFITS {
            lines.push(format!("  … and {} more", state.misfits.len() - MISFITS));
        }
    }
    lines
}
