//! How far the reviewers of a run agree.

use super::state::State;
use crate::journal::Choice;
use crate::metrics::{MetricsError, cohen_kappa, fleiss_kappa, krippendorff_alpha};

/// The agreement among those who voted.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    /// The reviewers, sorted.
    pub reviewers: Vec<String>,
    /// Videos on which at least two voted.
    pub shared: usize,
    /// Videos on which all of those agree.
    pub unanimous: usize,
    /// Cohen's κ, for two reviewers, over the videos on which both voted.
    pub cohen: Option<Result<f64, MetricsError>>,
    /// Fleiss' κ, for more than two, over the videos on which all voted.
    pub fleiss: Option<Result<f64, MetricsError>>,
    /// Krippendorff's α, over all shared videos.
    pub krippendorff: Result<f64, MetricsError>,
}

impl Agreement {
    /// Measures the agreement; nothing before two reviewers have voted.
    ///
    /// A vote's category is the label that it leads to, or drop, or ambiguous; who skipped did not vote.
    pub fn of(state: &State) -> Option<Self> {
        let reviewers = state.book.reviewers();
        if reviewers.len() < 2 {
            return None;
        }
        let ratings: Vec<Vec<Option<usize>>> = state
            .book
            .ids()
            .filter_map(|id| state.run.row_of(id))
            .map(|row| ratings(state, row as usize, &reviewers))
            .filter(|item| item.iter().flatten().count() > 1)
            .collect();
        let complete: Vec<Vec<usize>> = ratings
            .iter()
            .filter_map(|item| item.iter().copied().collect())
            .collect();
        let unanimous = ratings.iter().filter(|item| {
            let mut votes = item.iter().flatten();
            let first = votes.next();
            votes.all(|vote| Some(vote) == first)
        });
        let rater = |rater: usize| complete.iter().map(|item| item[rater]).collect::<Vec<_>>();
        let is_pair = reviewers.len() == 2;
        Some(Self {
            shared: ratings.len(),
            unanimous: unanimous.count(),
            cohen: is_pair.then(|| cohen_kappa(&rater(0), &rater(1))),
            fleiss: (!is_pair).then(|| fleiss_kappa(&complete)),
            krippendorff: krippendorff_alpha(&ratings),
            reviewers,
        })
    }

    /// The agreement in words.
    pub fn lines(&self) -> Vec<String> {
        let names: Vec<&str> = self
            .reviewers
            .iter()
            .map(|name| if name.is_empty() { "unnamed" } else { name })
            .collect();
        let value = |value: &Result<f64, MetricsError>| match value {
            Ok(value) => format!("{value:.3}"),
            Err(_) => "not defined yet".to_owned(),
        };
        let mut lines = vec![format!(
            "agreement of {}: the same on {} of {} shared videos",
            names.join(", "),
            self.unanimous,
            self.shared
        )];
        lines.extend(
            self.cohen
                .as_ref()
                .map(|kappa| format!("  Cohen's κ          {}", value(kappa))),
        );
        lines.extend(
            self.fleiss
                .as_ref()
                .map(|kappa| format!("  Fleiss' κ          {}", value(kappa))),
        );
        lines.push(format!(
            "  Krippendorff's α   {}",
            value(&self.krippendorff)
        ));
        lines
    }
}

/// The category of each reviewer's vote on a row.
fn ratings(state: &State, row: usize, reviewers: &[String]) -> Vec<Option<usize>> {
    let video = &state.run.rows[row];
    let classes = state.run.labels();
    let class = |label: &str| classes.iter().position(|other| other == label);
    reviewers
        .iter()
        .map(|reviewer| {
            let vote = state.book.standing(reviewer, &video.id)?.vote.as_ref()?;
            match &vote.choice {
                Choice::Keep(_) => class(&video.label),
                Choice::Relabel(label) => class(label),
                Choice::Drop => Some(classes.len()),
                Choice::Ambiguous(_) => Some(classes.len() + 1),
                Choice::Skip => None,
            }
        })
        .collect()
}
