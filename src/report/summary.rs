//! What a run found, in a few lines for people or as JSON for a machine.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;

use super::folder::RunFolder;
use super::run::PromiseCard;
use super::videos::VideoRow;
use crate::score::Verdict;
use crate::score::calibration::{Basis, Interval};

/// How many of the most suspect videos a summary names.
const SUSPECTS: usize = 10;

/// What a run found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// The run folder.
    pub run: String,
    /// All videos.
    pub videos: usize,
    /// Videos by verdict.
    pub verdicts: BTreeMap<String, usize>,
    /// Videos by class and verdict, in the label set's order.
    pub classes: Vec<ClassSummary>,
    /// What the order promises; nothing where no video could be scored.
    pub promise: Option<PromiseCard>,
    /// The most suspect videos.
    pub suspects: Vec<Suspect>,
}

/// The verdicts on the videos of one class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassSummary {
    /// The given label.
    pub label: String,
    /// Videos by verdict.
    pub verdicts: BTreeMap<String, usize>,
}

/// A suspect video.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Suspect {
    /// Its rank.
    pub rank: u32,
    /// Its path as the manifest writes it.
    pub path: String,
    /// Its verdict.
    pub verdict: String,
    /// Its given label.
    pub label: String,
    /// The label that it should rather have.
    pub suggested_label: String,
    /// Why.
    pub reason: String,
}

impl Summary {
    /// Sums up the rows of a run, which stand in order of rank.
    pub fn new(
        folder: &RunFolder,
        rows: &[VideoRow],
        labels: &[String],
        promise: Option<PromiseCard>,
    ) -> Self {
        let classes = labels
            .iter()
            .map(|label| ClassSummary {
                label: label.clone(),
                verdicts: count(rows.iter().filter(|row| row.label == *label)),
            })
            .collect();
        let suspects = rows
            .iter()
            .filter_map(|row| {
                let judgement = row.judgement.as_ref()?;
                Some(Suspect {
                    rank: row.rank,
                    path: row.path.clone(),
                    verdict: row.verdict.as_str().to_owned(),
                    label: row.label.clone(),
                    suggested_label: judgement.suggested_label.clone(),
                    reason: row.reason.clone(),
                })
            })
            .take(SUSPECTS)
            .collect();
        Self {
            run: folder.root().to_string(),
            videos: rows.len(),
            verdicts: count(rows),
            classes,
            promise,
            suspects,
        }
    }

    /// The share of all videos whose verdict is `mislabeled`, in [0, 1].
    pub fn suspect_share(&self) -> f64 {
        let suspect = self
            .verdicts
            .get(Verdict::Mislabeled.as_str())
            .copied()
            .unwrap_or(0);
        suspect as f64 / self.videos.max(1) as f64
    }

    /// The summary as people read it.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        self.write_text(&mut text)
            .unwrap_or_else(|_| unreachable!("a String takes every word"));
        text
    }

    fn write_text(&self, text: &mut String) -> std::fmt::Result {
        let width = self
            .classes
            .iter()
            .map(|class| class.label.chars().count())
            .max()
            .unwrap_or(0)
            .max(8);
        let verdicts: Vec<&str> = Verdict::ALL
            .iter()
            .map(|verdict| verdict.as_str())
            .filter(|verdict| {
                // The two that say that nothing can be said are shown only where they occur.
                self.verdicts.contains_key(*verdict)
                    || !["undefined", "unreadable"].contains(verdict)
            })
            .collect();
        let line = |text: &mut String, name: &str, counts: &BTreeMap<String, usize>| {
            write!(text, "{name:<width$} {:>7}", counts.values().sum::<usize>())?;
            for verdict in &verdicts {
                write!(text, " {:>10}", counts.get(*verdict).copied().unwrap_or(0))?;
            }
            writeln!(text)
        };
        write!(text, "{:<width$} {:>7}", "label", "videos")?;
        for verdict in &verdicts {
            write!(text, " {verdict:>10}")?;
        }
        writeln!(text)?;
        for class in &self.classes {
            line(text, &class.label, &class.verdicts)?;
        }
        line(text, "all", &self.verdicts)?;
        if let Some(promise) = &self.promise {
            writeln!(text)?;
            write_promise(text, promise)?;
        }
        if !self.suspects.is_empty() {
            writeln!(text, "\nmost suspect:")?;
        }
        for suspect in &self.suspects {
            let labels = if suspect.label == suspect.suggested_label {
                suspect.label.clone()
            } else {
                format!("{} → {}", suspect.label, suspect.suggested_label)
            };
            writeln!(
                text,
                "{:>4}. {}  {labels}  ({})\n      {}",
                suspect.rank, suspect.path, suspect.verdict, suspect.reason
            )?;
        }
        writeln!(text, "\nall videos by rank: {}/videos.parquet", self.run)
    }
}

/// What the order promises, in sentences that name what they rest on.
fn write_promise(text: &mut String, promise: &PromiseCard) -> std::fmt::Result {
    let Interval { low, high, .. } = promise.errors;
    match promise.basis {
        Basis::Range => {
            writeln!(
                text,
                "{low:.0} to {high:.0} labels are wrong, by two assumptions: that errors depend on the true class only,\nand that the network is right wherever it contradicts a label; `review --calibrate 80` makes it an estimate"
            )?;
        }
        Basis::Judged => writeln!(
            text,
            "{:.0} labels are wrong ({low:.0} to {high:.0}), from {} judged videos",
            promise.errors.estimate, promise.judged
        )?,
    }
    if let (Some(precision), Some(recall)) = (promise.precision, promise.recall) {
        writeln!(
            text,
            "the first {}: precision {:.2}-{:.2}, recall {:.2}-{:.2}",
            promise.recommended, precision.low, precision.high, recall.low, recall.high
        )?;
    } else {
        writeln!(
            text,
            "no cut of the ranking reaches the precision asked for"
        )?;
    }
    if let Some(test) = promise.self_test {
        writeln!(
            text,
            "self-test: {} of {} labels changed on purpose would stand among them (people's errors are harder)",
            test.found, test.planted
        )?;
    }
    let pairs: Vec<String> = promise
        .confused
        .iter()
        .map(|pair| format!("{} for {} ({:.0})", pair.given, pair.estimated, pair.count))
        .collect();
    if !pairs.is_empty() {
        writeln!(text, "most often wrong: {}", pairs.join(", "))?;
    }
    Ok(())
}

fn count<'a>(rows: impl IntoIterator<Item = &'a VideoRow>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for row in rows {
        *counts.entry(row.verdict.as_str().to_owned()).or_default() += 1;
    }
    counts
}
