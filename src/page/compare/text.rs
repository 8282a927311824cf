//! A comparison as people read it in the terminal.

use std::fmt::Write;

use super::{Comparison, Move};
use crate::page::words;

/// Videos that are named of those that entered or left.
const NAMED: usize = 20;

impl Comparison {
    /// The comparison as people read it.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        self.write_text(&mut text)
            .unwrap_or_else(|_| unreachable!("a String takes every word"));
        text
    }

    /// What both runs have in common, in one sentence without a full stop.
    pub fn data_words(&self) -> String {
        if self.is_same_data {
            return format!(
                "both saw the same {} videos, labels and folds",
                words::length(self.videos)
            );
        }
        format!(
            "{} in both, {} in this run alone, {} in the other alone, {} with another label",
            words::of(self.videos, "video", "videos"),
            words::length(self.only_now),
            words::length(self.only_before),
            words::length(self.relabeled),
        )
    }

    /// How well the networks of both know what they never saw, in one sentence without a full stop; nothing where no video was
    /// scored by both.
    pub fn held_out_words(&self) -> Option<String> {
        let held_out = self.held_out?;
        let more = match held_out.knows_more() {
            _ if held_out.right_now == held_out.right_before => "",
            Some(true) => "; what this run ranks is the better founded",
            Some(false) => "; what the other run ranks is the better founded",
            None => ", a difference that chance may make",
        };
        Some(format!(
            "held-out labels that the networks are right on: {} now, {} before, of the {} that both scored ({} now alone, {} before alone){more}",
            words::percent(held_out.now()),
            words::percent(held_out.before()),
            words::of(held_out.videos, "video", "videos"),
            words::length(held_out.right_now),
            words::length(held_out.right_before),
        ))
    }

    fn write_text(&self, text: &mut String) -> std::fmt::Result {
        writeln!(text, "{} against {}", self.run, self.against)?;
        writeln!(text, "{}", self.data_words())?;
        writeln!(
            text,
            "flagged: {} now, {} before, {} in both; {} entered, {} left",
            self.flagged_now,
            self.flagged_before,
            self.flagged_both,
            self.entered.len(),
            self.left.len()
        )?;
        if let Some(held_out) = self.held_out_words() {
            writeln!(text, "{held_out}")?;
        }
        for known in &self.known {
            writeln!(text, "{}", known.words())?;
        }
        if let Some(correlation) = self.rank_correlation {
            writeln!(
                text,
                "rank correlation of the noise scores: {correlation:.3}"
            )?;
        }
        let changes: Vec<String> = self
            .verdicts
            .iter()
            .map(|change| format!("{} {} → {}", change.videos, change.before, change.now))
            .collect();
        if !changes.is_empty() {
            writeln!(text, "changed verdicts: {}", changes.join(", "))?;
        }
        write_moves(text, "entered", &self.entered)?;
        write_moves(text, "left", &self.left)?;
        if self.settings.is_empty() {
            writeln!(text, "\nno setting is different")?;
        } else {
            writeln!(text, "\ndifferent settings (before → now):")?;
        }
        for setting in &self.settings {
            let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "—".to_owned());
            let (before, now) = (value(&setting.before), value(&setting.now));
            writeln!(text, "  {}: {before} → {now}", setting.name)?;
        }
        Ok(())
    }
}

fn write_moves(text: &mut String, what: &str, moves: &[Move]) -> std::fmt::Result {
    if moves.is_empty() {
        return Ok(());
    }
    writeln!(text, "\n{what} (rank before → now):")?;
    for video in moves.iter().take(NAMED) {
        writeln!(
            text,
            "  {:>6} → {:<6} {}  {}  ({} → {})",
            video.rank_before,
            video.rank_now,
            video.path,
            video.label,
            video.verdict_before,
            video.verdict_now
        )?;
    }
    if moves.len() > NAMED {
        writeln!(text, "  and {} more; --json names all", moves.len() - NAMED)?;
    }
    Ok(())
}
