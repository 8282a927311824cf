//! Which of two runs' networks is more often right on videos that people decided on, and on those that nobody looked at.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::metrics::{PairedGain, paired_gains};
use crate::page::findings::Findings;
use crate::page::words;
use crate::rows::videos::VideoRow;

/// How often both runs' networks, which never saw the videos' labels, say what is known of them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Known {
    /// `decided` or `untouched`.
    pub of: &'static str,
    /// How many videos both scored.
    pub videos: usize,
    /// The share of them that is right (WAR).
    pub war: PairedGain,
    /// The mean of that share over the classes (UAR).
    pub uar: PairedGain,
}

impl Known {
    /// Of the videos with a label that people decided on, against that; and of those on which nobody said anything, against their
    /// given label, where it is the same in both runs. Nothing where nobody decided.
    pub(super) fn both(
        pairs: &[(&VideoRow, &VideoRow)],
        now: &Findings,
        before: &Findings,
    ) -> Vec<Self> {
        let mut settled = before.review.settled.clone();
        settled.extend(now.review.settled.clone());
        if settled.is_empty() {
            return Vec::new();
        }
        let decisions = before.review.decisions.iter().chain(&now.review.decisions);
        let touched: BTreeSet<&str> = decisions.map(|decision| decision.id.as_str()).collect();
        let class = |label: &str| now.card.labels.iter().position(|own| own == label);
        let known = |of: &'static str, truth: &dyn Fn(&VideoRow, &VideoRow) -> Option<usize>| {
            let rows = pairs.iter().filter_map(|(now, before)| {
                let (one, other) = (now.judgement.as_ref()?, before.judgement.as_ref()?);
                let said = (class(&one.consensus)?, class(&other.consensus)?);
                Some((truth(now, before)?, said))
            });
            let (truth, said): (Vec<usize>, Vec<(usize, usize)>) = rows.unzip();
            let (after, before): (Vec<usize>, Vec<usize>) = said.into_iter().unzip();
            let [war, uar] = paired_gains(&truth, &before, &after, now.card.labels.len()).ok()?;
            Some(Self {
                of,
                videos: truth.len(),
                war,
                uar,
            })
        };
        let decided = |now: &VideoRow, _: &VideoRow| class(settled.get(&now.id)?.as_deref()?);
        let untouched = |now: &VideoRow, before: &VideoRow| {
            let is_untouched = !touched.contains(now.id.as_str()) && now.label == before.label;
            is_untouched.then(|| class(&now.label))?
        };
        known("decided", &decided)
            .into_iter()
            .chain(known("untouched", &untouched))
            .collect()
    }

    /// What that is, in one sentence without a full stop.
    pub fn words(&self) -> String {
        let gain = |name: &str, gain: &PairedGain| {
            let (low, high) = gain.interval;
            format!(
                "{name} {:.3} now, {:.3} before ({:+.3}, 95 % interval {low:+.3} to {high:+.3})",
                gain.after, gain.before, gain.gain
            )
        };
        let against = match self.of {
            "decided" => "that people decided on, against what they decided",
            _ => "that nobody decided on, against their given labels",
        };
        format!(
            "{} {against}: {}; {}",
            words::of(self.videos, "video", "videos"),
            gain("WAR", &self.war),
            gain("UAR", &self.uar)
        )
    }
}
