//! How the verdicts relate to the disagreement of people who rated the videos, where the data set has their votes.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use crate::manifest::votes::Votes;
use crate::metrics::spearman;
use crate::rows::videos::{Scores, VideoRow};
use crate::score::Verdict;

/// What people's votes say of the verdicts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VoteSummary {
    /// Videos with at least one vote.
    pub videos: usize,
    /// Raters; 0 where they are not told apart.
    pub raters: usize,
    /// By verdict.
    pub verdicts: BTreeMap<String, VerdictVotes>,
    /// Spearman's rank correlation of the noise score with the share of votes against the label; nothing where it is not
    /// defined.
    pub noise_correlation: Option<f64>,
    /// Spearman's rank correlation of the clips' agreement with the share of votes for the raters' first choice.
    pub agreement_correlation: Option<f64>,
}

/// The votes on the videos of one verdict; shares are means over videos, in [0, 1].
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct VerdictVotes {
    /// Videos with at least one vote.
    pub videos: usize,
    /// Share of votes for the given label.
    pub for_label: f64,
    /// Share of votes for the raters' first choice: 1 where all agree.
    pub for_first_choice: f64,
    /// Share of videos whose given label is not the raters' first choice.
    pub overruled: f64,
}

/// A video's votes, as shares of them by class.
struct Voted<'a> {
    row: &'a VideoRow,
    label: f64,
    first_choice: f64,
}

/// Sums the votes up; nothing where there are none on the rows.
pub fn summarise(rows: &[VideoRow], votes: &Votes, labels: &[String]) -> Option<VoteSummary> {
    let mut counts: HashMap<&str, Vec<f64>> = HashMap::new();
    for ballot in &votes.list {
        let counts = counts.entry(&ballot.id);
        counts.or_insert_with(|| vec![0.0; labels.len()])[ballot.class] += f64::from(ballot.count);
    }
    let voted: Vec<Voted> = rows
        .iter()
        .filter_map(|row| {
            let votes = counts.get(row.id.as_str())?;
            let total: f64 = votes.iter().sum();
            let label = labels.iter().position(|label| *label == row.label)?;
            (total > 0.0).then(|| Voted {
                row,
                label: votes[label] / total,
                first_choice: votes.iter().copied().fold(0.0, f64::max) / total,
            })
        })
        .collect();
    if voted.is_empty() {
        return None;
    }
    let correlation = |value: &dyn Fn(Scores, &Voted) -> (f64, f64)| {
        let scored = voted.iter().filter_map(|voted| {
            let scores = voted.row.judgement.as_ref()?.scores;
            let values = value(scores, voted);
            (!values.0.is_nan()).then_some(values)
        });
        let (one, other): (Vec<f64>, Vec<f64>) = scored.unzip();
        spearman(&one, &other).ok()
    };
    Some(VoteSummary {
        videos: voted.len(),
        raters: votes.raters.iter().filter(|name| !name.is_empty()).count(),
        verdicts: Verdict::ALL
            .into_iter()
            .filter_map(|verdict| {
                let of_verdict: Vec<&Voted> = voted
                    .iter()
                    .filter(|voted| voted.row.verdict == verdict)
                    .collect();
                let votes = VerdictVotes::of(&of_verdict)?;
                Some((verdict.as_str().to_owned(), votes))
            })
            .collect(),
        noise_correlation: correlation(&|scores, voted| {
            (f64::from(scores.noise_score), 1.0 - voted.label)
        }),
        agreement_correlation: correlation(&|scores, voted| {
            (f64::from(scores.agreement), voted.first_choice)
        }),
    })
}

impl VerdictVotes {
    fn of(voted: &[&Voted]) -> Option<Self> {
        let count = voted.len() as f64;
        let mean = |value: &dyn Fn(&Voted) -> f64| {
            voted.iter().map(|voted| value(voted)).sum::<f64>() / count
        };
        (!voted.is_empty()).then(|| Self {
            videos: voted.len(),
            for_label: mean(&|voted| voted.label),
            for_first_choice: mean(&|voted| voted.first_choice),
            overruled: mean(&|voted| f64::from(voted.label < voted.first_choice)),
        })
    }
}

impl VoteSummary {
    /// The summary as a table for people.
    pub fn to_table(&self) -> String {
        let mut lines = vec![
            match self.raters {
                0 => format!("{} videos with votes\n", self.videos),
                raters => format!("{} videos with votes, by {raters} raters\n", self.videos),
            },
            format!(
                "{:<12} {:>7} {:>15} {:>17} {:>10}",
                "verdict", "videos", "votes for label", "for first choice", "overruled"
            ),
        ];
        for (verdict, votes) in &self.verdicts {
            lines.push(format!(
                "{verdict:<12} {:>7} {:>15.3} {:>17.3} {:>10.3}",
                votes.videos, votes.for_label, votes.for_first_choice, votes.overruled
            ));
        }
        let value = |value: Option<f64>| {
            value.map_or_else(|| "not defined".to_owned(), |value| format!("{value:.3}"))
        };
        lines.push(format!(
            "\nrank correlation of the noise score, which the votes are a part of, with votes against the label: {}",
            value(self.noise_correlation)
        ));
        lines.push(format!(
            "rank correlation of the clips' agreement with the raters': {}",
            value(self.agreement_correlation)
        ));
        lines.join("\n") + "\n"
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;
    use crate::manifest::votes::Ballot;
    use crate::rows::samples;

    fn row(id: &str, label: &str, verdict: Verdict, noise: f32) -> VideoRow {
        let mut row = samples::row(id, label);
        row.verdict = verdict;
        if let Some(judgement) = &mut row.judgement {
            judgement.scores.noise_score = noise;
            judgement.scores.agreement = 1.0 - noise;
        }
        row
    }

    #[test]
    fn votes_are_shares() {
        let rows = [
            row("a", "happy", Verdict::Clean, 0.1),
            row("b", "happy", Verdict::Mislabeled, 0.9),
            row("c", "sad", Verdict::Mislabeled, 0.5),
            row("d", "sad", Verdict::Clean, 0.2),
        ];
        let list = [
            ("a", 0, 9),
            ("a", 1, 1),
            ("b", 0, 2),
            ("b", 1, 8),
            ("c", 0, 4),
            ("c", 1, 4),
        ];
        let votes = Votes {
            raters: vec![String::new()],
            list: list
                .map(|(id, class, count)| Ballot {
                    id: id.to_owned(),
                    rater: 0,
                    class,
                    count,
                })
                .to_vec(),
        };
        let labels = ["happy".to_owned(), "sad".to_owned()];
        let found = summarise(&rows, &votes, &labels).unwrap();
        assert_eq!((found.videos, found.raters), (3, 0));
        let wrong = found.verdicts["mislabeled"];
        assert_relative_eq!(wrong.for_label, 0.35);
        assert_relative_eq!(wrong.for_first_choice, 0.65);
        assert_relative_eq!(wrong.overruled, 0.5);
        assert_relative_eq!(found.verdicts["clean"].for_label, 0.9);
        assert_relative_eq!(found.noise_correlation.unwrap(), 1.0);
        assert!(
            found
                .to_table()
                .contains("mislabeled         2           0.350")
        );
        assert_eq!(summarise(&rows, &Votes::default(), &labels), None);
    }
}
