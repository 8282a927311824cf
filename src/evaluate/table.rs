//! The numbers as people read them.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Evaluation;
use crate::score::Verdict;

impl Evaluation {
    /// The numbers as a table for people.
    pub fn to_table(&self) -> String {
        let mut text = String::new();
        self.write_table(&mut text)
            .unwrap_or_else(|_| unreachable!("a String takes every word"));
        text
    }

    fn write_table(&self, text: &mut String) -> std::fmt::Result {
        writeln!(
            text,
            "{} of {} videos scored, {} of them mislabeled\naccuracy on true labels: {:.3} (WAR), {:.3} (UAR)\n",
            self.scored, self.videos, self.mislabeled, self.accuracy, self.unweighted_accuracy
        )?;
        writeln!(
            text,
            "{:<28} {:>6} {:>6} {:>8}",
            "score", "AP", "AUROC", "best F1"
        )?;
        for score in &self.scores {
            writeln!(
                text,
                "{:<28} {:>6.3} {:>6.3} {:>8.3}",
                score.name, score.average_precision, score.auroc, score.best_f1
            )?;
        }
        writeln!(
            text,
            "\n{:<28} {:>7} {:>9} {:>6} {:>6}",
            "flags", "flagged", "precision", "recall", "F1"
        )?;
        let verdict = ("verdict mislabeled", &self.verdict);
        let methods = self
            .flags
            .iter()
            .map(|(name, flags)| (name.as_str(), flags));
        for (name, flags) in std::iter::once(verdict).chain(methods) {
            writeln!(
                text,
                "{name:<28} {:>7} {:>9.3} {:>6.3} {:>6.3}",
                flags.flagged, flags.precision, flags.recall, flags.f1
            )?;
        }
        writeln!(
            text,
            "\nprecision at k:        {}",
            join(&self.precision_at)
        )?;
        writeln!(
            text,
            "suggested label right: {:.3} of the mislabeled\n",
            self.suggested_accuracy
        )?;
        writeln!(
            text,
            "{:<12} {:>8} {:>8} {:>10}",
            "known to be", "clean", "hard", "mislabeled"
        )?;
        for (kind, verdicts) in &self.verdicts {
            let count = |verdict: Verdict| verdicts.get(verdict.as_str()).copied().unwrap_or(0);
            writeln!(
                text,
                "{kind:<12} {:>8} {:>8} {:>10}",
                count(Verdict::Clean),
                count(Verdict::Hard),
                count(Verdict::Mislabeled)
            )?;
        }
        if let Some(quality) = self.key_frames {
            writeln!(
                text,
                "\nkey frames: {:.2} frames from the apex, evenly spread ones {:.2}; ratio {:.3} over {} clips",
                quality.distance, quality.even_distance, quality.ratio, quality.clips
            )?;
        }
        Ok(())
    }
}

fn join(values: &BTreeMap<usize, f64>) -> String {
    let words: Vec<String> = values
        .iter()
        .map(|(k, value)| format!("{value:.2} ({k})"))
        .collect();
    words.join(", ")
}
