//! From decisions, scores and the user's policy to what is changed, and why; no file is touched.

use std::collections::BTreeMap;

use serde::Serialize;

use super::ExportError;
use super::policy::{Policy, Reason};
use crate::journal::{Book, Outcome, Settlement};
use crate::manifest::Manifest;
use crate::rows::videos::VideoRow;
use crate::score::Verdict;

/// Who changes a label where no person does.
pub(super) const NETWORK: &str = "network";

/// A label that is changed, or a video that is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The video, an index into the manifest.
    #[serde(skip)]
    pub video: usize,
    /// Its id.
    pub id: String,
    /// Its path as the data set writes it.
    pub path: String,
    /// The given label.
    pub from: String,
    /// The new one; nothing where the video is left out.
    pub to: Option<String>,
    /// The reviewers, or `network`.
    pub by: String,
    /// Why, in a few words.
    pub why: String,
}

/// A video whose reviewers contradict each other; its label stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dispute {
    /// Its id.
    pub id: String,
    /// Its path as the data set writes it.
    pub path: String,
    /// Those who voted.
    pub by: String,
}

/// What becomes of a data set.
#[derive(Debug, Clone, PartialEq)]
pub struct Decisions {
    /// The changes, in the manifest's order.
    pub changes: Vec<Change>,
    /// What reviewers did not agree on.
    pub disputes: Vec<Dispute>,
    /// What people came to, per video of the manifest.
    pub settled: Vec<Option<Settlement>>,
}

impl Decisions {
    /// Decides about every video. `rows`: what the run says, by id; a video that was not scanned stays as it is.
    ///
    /// # Errors
    /// A label of the run is not that of the data set, or a decision names a class that is not there.
    pub fn make(
        manifest: &Manifest,
        rows: &BTreeMap<&str, &VideoRow>,
        book: &Book,
        policy: &Policy,
    ) -> Result<Self, ExportError> {
        let mut decisions = Self {
            changes: Vec::new(),
            disputes: Vec::new(),
            settled: Vec::with_capacity(manifest.videos.len()),
        };
        for (index, video) in manifest.videos.iter().enumerate() {
            let given = manifest.labels.name(video.label);
            let row = rows.get(video.id.as_str()).copied();
            if let Some(row) = row.filter(|row| row.label != given) {
                return Err(ExportError::OtherLabel {
                    id: video.id.clone(),
                    scanned: row.label.clone(),
                    found: given.to_owned(),
                });
            }
            let settled = book.settled(&video.id, given);
            if settled.as_ref().map(|settled| &settled.outcome) == Some(&Outcome::Tie) {
                decisions.disputes.push(Dispute {
                    id: video.id.clone(),
                    path: video.written_path.clone(),
                    by: names(settled.as_ref()),
                });
            }
            if let Some((to, by, why)) = fate(given, row, settled.as_ref(), policy) {
                if let Some(label) = to
                    .as_ref()
                    .filter(|to| manifest.labels.index_of(to).is_none())
                {
                    return Err(ExportError::UnknownClass {
                        id: video.id.clone(),
                        label: label.clone(),
                        known: manifest.labels.names().to_vec(),
                    });
                }
                decisions.changes.push(Change {
                    video: index,
                    id: video.id.clone(),
                    path: video.written_path.clone(),
                    from: given.to_owned(),
                    to,
                    by,
                    why,
                });
            }
            decisions.settled.push(settled);
        }
        Ok(decisions)
    }

    /// How many labels are changed, and how many videos left out.
    pub fn counts(&self) -> (usize, usize) {
        let relabeled = self.changes.iter().filter(|change| change.to.is_some());
        let relabeled = relabeled.count();
        (relabeled, self.changes.len() - relabeled)
    }
}

/// What becomes of a video: the new label or nothing where it is left out, by whom, and why; `None` where it stays as it
/// is.
fn fate(
    given: &str,
    row: Option<&VideoRow>,
    settled: Option<&Settlement>,
    policy: &Policy,
) -> Option<(Option<String>, String, String)> {
    let outcome = settled.map(|settled| &settled.outcome);
    let people = |to: Option<String>| Some((to, names(settled), reviewed(settled)));
    match outcome {
        Some(Outcome::Drop) if policy.drop.contains(&Reason::Dropped) => return people(None),
        Some(Outcome::Ambiguous) if policy.drop.contains(&Reason::Hard) => return people(None),
        Some(Outcome::Label(label)) if policy.reviewed => {
            // Whoever settled a label settled whether the video stays, unless nobody can open it.
            if label != given {
                return people(Some(label.clone()));
            }
            return unreadable(row, policy);
        }
        // People looked, and no label is better than the given one.
        Some(Outcome::Drop | Outcome::Ambiguous) if policy.reviewed => {
            return unreadable(row, policy);
        }
        _ => {}
    }
    let row = row?;
    let network = |to: Option<String>| Some((to, NETWORK.to_owned(), row.reason.clone()));
    let is_tie = policy.reviewed && outcome == Some(&Outcome::Tie);
    if let (Some(least), Some(judgement), false) = (policy.suggested, &row.judgement, is_tie)
        && judgement.suggested_label != given
        && judgement.scores.suggested_prob >= least
    {
        return network(Some(judgement.suggested_label.clone()));
    }
    let dropped = match row.verdict {
        Verdict::Mislabeled => Reason::Mislabeled,
        Verdict::Hard => Reason::Hard,
        Verdict::Unreadable => Reason::Unreadable,
        Verdict::Clean | Verdict::Undefined => return None,
    };
    policy.drop.contains(&dropped).then(|| network(None))?
}

fn unreadable(row: Option<&VideoRow>, policy: &Policy) -> Option<(Option<String>, String, String)> {
    let row = row.filter(|row| row.verdict == Verdict::Unreadable)?;
    policy
        .drop
        .contains(&Reason::Unreadable)
        .then(|| (None, NETWORK.to_owned(), row.reason.clone()))
}

/// The reviewers of a settlement.
fn names(settled: Option<&Settlement>) -> String {
    let by = settled.map(|settled| &settled.by[..]).unwrap_or_default();
    let by: Vec<&str> = by
        .iter()
        .map(|name| if name.is_empty() { "unnamed" } else { name })
        .collect();
    by.join(", ")
}

/// How people came to a decision.
fn reviewed(settled: Option<&Settlement>) -> String {
    match settled {
        Some(settled) if settled.is_adjudicated => "adjudicated".to_owned(),
        Some(settled) => format!("{} of {} reviewers", settled.by.len(), settled.voters),
        None => String::new(),
    }
}
