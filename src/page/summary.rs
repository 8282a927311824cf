//! What a run found, in a few lines for people or as JSON for a machine.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;

use super::findings::{Accuracy, ReviewFacts};
use super::words;
use crate::face::FaceChoice;
use crate::issue::IssueKind::NoFace;
use crate::rows::folder::RunFolder;
use crate::rows::learning::LearningCard;
use crate::rows::run::{PromiseCard, RunCard};
use crate::rows::skill::SkillCard;
use crate::rows::videos::VideoRow;
use crate::rows::votes::VoteCard;
use crate::score::Verdict;
use crate::score::calibration::{Basis, Interval};

/// How many of the most suspect videos a summary names.
const SUSPECTS: usize = 10;

/// Videos of the judged sample that a summary proposes.
const SAMPLE: usize = 80;

/// What a run found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// The run folder.
    pub run: String,
    /// All videos.
    pub videos: usize,
    /// Those of them that could be scored; where networks can judge some of them only, those.
    pub scored: usize,
    /// Videos by verdict.
    pub verdicts: BTreeMap<String, usize>,
    /// Videos by class and verdict, in the label set's order.
    pub classes: Vec<ClassSummary>,
    /// How often the consensus is the given label; nothing where no video could be scored.
    pub accuracy: Option<Accuracy>,
    /// Whose networks scored the videos, in a sentence without a full stop; nothing where the run trained its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub networks: Option<String>,
    /// What the networks learnt from an earlier run, in a sentence without a full stop; nothing where there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earlier: Option<String>,
    /// What the networks saw in the place of frames, in a sentence without a full stop; nothing where they saw frames.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features: Option<String>,
    /// In how many videos a face was followed, in a sentence without a full stop; nothing where none was to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub faces: Option<String>,
    /// What the networks are good for; nothing where no video could be scored.
    pub skill: Option<SkillCard>,
    /// What the order promises; nothing where no video could be scored, and where the networks cannot judge.
    pub promise: Option<PromiseCard>,
    /// What people's votes say; nothing where nobody voted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub votes: Option<VoteCard>,
    /// What the review's order learnt from decisions; nothing where nobody decided on a ranked video.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub learning: Option<LearningCard>,
    /// Videos about which people have decided.
    pub decided: usize,
    /// The most suspect videos on which nobody has decided.
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

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NextStep {
    /// What to type.
    pub command: String,
    /// What it is good for.
    pub why: String,
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

/// In how many of the videos that could be read a face was followed; nothing where none was to be.
fn faces(rows: &[VideoRow], card: &RunCard) -> Option<String> {
    if !FaceChoice::of_run(&card.settings).follows() {
        return None;
    }
    let readable = rows.iter().filter(|row| row.facts.is_some());
    let lacks = |row: &&VideoRow| row.issues.iter().any(|issue| issue == NoFace.name());
    let (all, lacking) = (readable.clone().count(), readable.filter(lacks).count());
    Some(words::followed(all - lacking, all))
}

impl Summary {
    /// Sums up the rows of a run, which stand in order of rank. `review`: what people decided; what they are done with is no
    /// suspect any more.
    pub fn new(
        folder: &RunFolder,
        rows: &[VideoRow],
        card: &RunCard,
        review: &ReviewFacts,
    ) -> Self {
        let labels = &card.labels;
        let is_unable = card.skill.as_ref().is_some_and(SkillCard::is_unable);
        let is_ranked = |row: &VideoRow| {
            let judgement = row.judgement.as_ref();
            judgement.is_some_and(|judgement| judgement.noise_score().is_some())
        };
        let is_scored = |row: &&VideoRow| {
            if is_unable {
                row.judgement.is_some()
            } else {
                is_ranked(row)
            }
        };
        let classes = labels
            .iter()
            .map(|label| ClassSummary {
                label: label.clone(),
                verdicts: verdict_counts(rows.iter().filter(|row| row.label == *label)),
            })
            .collect();
        let suspects = rows
            .iter()
            .filter(|row| is_ranked(row) && !review.settled.contains_key(&row.id))
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
            scored: rows.iter().filter(is_scored).count(),
            verdicts: verdict_counts(rows),
            classes,
            accuracy: Accuracy::of(rows, labels),
            networks: None,
            earlier: None,
            features: None,
            faces: faces(rows, card),
            skill: card.skill.clone(),
            promise: card.promise.clone(),
            votes: card.votes,
            learning: card.learning.clone(),
            decided: review.decided,
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

    /// How many labels are wrong, in one sentence without a full stop.
    pub fn headline(&self) -> String {
        let Some(promise) = &self.promise else {
            let unable = self.skill.as_ref().filter(|skill| skill.is_unable());
            return unable.map_or_else(
                || {
                    let videos = words::length(self.videos);
                    format!("none of the {videos} videos could be scored")
                },
                |skill| format!("how many labels are wrong {}", skill.cannot_be_said()),
            );
        };
        let videos = words::length(self.scored);
        let Interval {
            estimate,
            low,
            high,
        } = promise.errors;
        let (low, high) = (words::count(low), words::count(high));
        match promise.basis {
            Basis::Range if low == high => format!("{low} of {videos} labels are wrong"),
            Basis::Range => format!("{low} to {high} of {videos} labels are wrong"),
            Basis::Judged => format!(
                "{} ({low} to {high}) of {videos} labels are wrong",
                words::count(estimate)
            ),
        }
    }

    /// What to do next, the first thing first.
    pub fn next_steps(&self) -> Vec<NextStep> {
        if self.scored == 0 {
            return Vec::new();
        }
        let step = |command: String, why: &str| NextStep {
            command,
            why: why.to_owned(),
        };
        let run = &self.run;
        let calibrate = step(
            format!("rdfer-audit review {run} --calibrate {SAMPLE}"),
            match &self.promise {
                Some(_) => "judge a blind sample: the range becomes an estimate with an interval",
                None => {
                    "judge a blind sample: how many labels are wrong can be said without networks"
                }
            },
        );
        let review = step(
            format!("rdfer-audit review {run}"),
            "look at the most suspect videos and decide",
        );
        let export = step(
            format!("rdfer-audit export {run} --to labels-clean.csv"),
            "write the labels as they were decided",
        );
        let mut steps = Vec::new();
        let judged = self.promise.as_ref().map(|promise| promise.basis) == Some(Basis::Judged);
        if !judged {
            steps.push(calibrate);
        }
        if !self.suspects.is_empty() {
            steps.push(review);
        }
        if self.decided > 0 {
            steps.push(export);
        }
        steps
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
        let facts = [&self.networks, &self.earlier, &self.features, &self.faces];
        for sentence in facts.into_iter().flatten() {
            writeln!(text, "\n{sentence}")?;
        }
        writeln!(text)?;
        match &self.promise {
            Some(promise) => {
                write_promise(text, &self.headline(), promise)?;
                // Nobody asked for a cut of a ranking that is none.
                let is_unable = self.skill.as_ref().is_some_and(SkillCard::is_unable);
                if promise.recommended == 0 && !is_unable {
                    writeln!(
                        text,
                        "no cut of the ranking reaches the precision asked for"
                    )?;
                }
            }
            None => writeln!(text, "{}", self.headline())?,
        }
        for doubt in self.skill.iter().flat_map(SkillCard::doubts) {
            writeln!(text, "{doubt}")?;
        }
        if let Some(votes) = &self.votes {
            writeln!(text, "{}", votes.sentence())?;
        }
        if let Some(learning) = &self.learning {
            writeln!(text, "{}", learning.sentence())?;
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
        writeln!(text, "\nall videos by rank: {}/videos.parquet", self.run)?;
        writeln!(text, "to look at: {}/report.html", self.run)?;
        if let Some(step) = self.next_steps().first() {
            writeln!(text, "next: {} ({})", step.command, step.why)?;
        }
        Ok(())
    }
}

/// What the order promises, in sentences that name what they rest on.
fn write_promise(text: &mut String, headline: &str, promise: &PromiseCard) -> std::fmt::Result {
    match promise.basis {
        Basis::Range => writeln!(
            text,
            "{headline}, by two assumptions: that errors depend on the true class only,\nand that the network is right wherever it contradicts a label"
        )?,
        Basis::Judged => writeln!(text, "{headline}, from {} judged videos", promise.judged)?,
    }
    if let Some(doubt) = &promise.doubt {
        writeln!(text, "beware: {}", doubt.sentence)?;
    }
    if let (Some(precision), Some(recall)) = (promise.precision, promise.recall) {
        writeln!(
            text,
            "the first {}: precision {:.2}-{:.2}, recall {:.2}-{:.2}",
            promise.recommended, precision.low, precision.high, recall.low, recall.high
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

/// The number of videos by verdict; no entry for a verdict that none has.
pub fn verdict_counts<'a>(rows: impl IntoIterator<Item = &'a VideoRow>) -> BTreeMap<String, usize> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows {
        *counts.entry(row.verdict.as_str()).or_default() += 1;
    }
    let owned = |(verdict, count): (&str, usize)| (verdict.to_owned(), count);
    counts.into_iter().map(owned).collect()
}
