//! How the verdicts relate to the disagreement of people who rated the videos, where the data set has their votes.
//!
//! Votes come as the manifest's other columns, which nothing is ever trained on: one column per class with the number of
//! votes (named after the class, perhaps as `votes_happy` or `1happy`), or one column per rater with a class's name (named
//! `rater…` or `annotator…`).

use std::collections::BTreeMap;

use serde::Serialize;

use crate::metrics::spearman;
use crate::rows::videos::{Scores, VideoRow};
use crate::score::Verdict;

/// What people's votes say of the verdicts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VoteSummary {
    /// Videos with at least one vote.
    pub videos: usize,
    /// The columns that were taken for votes.
    pub columns: Vec<String>,
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

/// Sums the votes up; nothing where the columns are no votes. `extra_columns`: the manifest's other columns.
pub fn summarise(
    rows: &[VideoRow],
    extra_columns: &[String],
    labels: &[String],
) -> Option<VoteSummary> {
    let by_class = class_columns(extra_columns, labels);
    let raters: Vec<usize> = (0..extra_columns.len())
        .filter(|&column| is_rater(&extra_columns[column]))
        .collect();
    let counts = |row: &VideoRow| -> Vec<f64> {
        let value = |column: usize| row.extra.get(column).map_or("", |text| text.trim());
        if let Some(columns) = &by_class {
            let count = |column: &usize| value(*column).parse::<f64>().unwrap_or(0.0).max(0.0);
            return columns.iter().map(count).collect();
        }
        let votes = |label: &String| {
            let agrees = |rater: &&usize| value(**rater).eq_ignore_ascii_case(label);
            raters.iter().filter(agrees).count() as f64
        };
        labels.iter().map(votes).collect()
    };
    let columns: Vec<String> = match &by_class {
        Some(columns) => columns
            .iter()
            .map(|&at| extra_columns[at].clone())
            .collect(),
        None => raters.iter().map(|&at| extra_columns[at].clone()).collect(),
    };
    let voted: Vec<Voted> = rows
        .iter()
        .filter_map(|row| {
            let votes = counts(row);
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
        columns,
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

/// The column of each class, where every class has one.
fn class_columns(extra_columns: &[String], labels: &[String]) -> Option<Vec<usize>> {
    let plain = |column: &str| {
        let column = column.trim().to_lowercase();
        let column = column
            .strip_prefix("votes")
            .or_else(|| column.strip_prefix("vote"))
            .unwrap_or(&column);
        let is_filler = |c: char| c.is_ascii_digit() || matches!(c, '_' | '-' | '.' | ' ');
        column.trim_start_matches(is_filler).to_owned()
    };
    let of_class = |label: &String| {
        let name = label.to_lowercase();
        extra_columns
            .iter()
            .position(|column| plain(column) == name)
    };
    labels.iter().map(of_class).collect()
}

fn is_rater(column: &str) -> bool {
    let column = column.trim().to_lowercase();
    ["rater", "annotator"]
        .iter()
        .any(|prefix| column.starts_with(prefix))
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
            format!(
                "{} videos with votes, from the columns {}\n",
                self.videos,
                self.columns.join(", ")
            ),
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
            "\nrank correlation of the noise score with votes against the label: {}",
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
    use crate::rows::videos::Judgement;

    fn row(label: &str, verdict: Verdict, noise: f32, extra: &[&str]) -> VideoRow {
        VideoRow {
            rank: 1,
            id: String::new(),
            path: String::new(),
            label: label.to_owned(),
            verdict,
            judgement: Some(Judgement {
                scores: Scores {
                    noise_score: noise,
                    agreement: 1.0 - noise,
                    ..Scores::default()
                },
                consensus: String::new(),
                suggested_label: String::new(),
                mean_probs: Vec::new(),
                neighbours: Vec::new(),
                flags: [false; 4],
            }),
            fold: 0,
            group: None,
            facts: None,
            issues: Vec::new(),
            reason: String::new(),
            extra: extra.iter().map(|&value| value.to_owned()).collect(),
        }
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn votes_by_class_are_shares() {
        let columns = names(&["note", "1Happy", "votes_sad"]);
        let rows = [
            row("happy", Verdict::Clean, 0.1, &["5", "9", "1"]),
            row("happy", Verdict::Mislabeled, 0.9, &["5", "2", "8"]),
            row("sad", Verdict::Mislabeled, 0.5, &["", "4", "4"]),
            row("sad", Verdict::Clean, 0.2, &["5", "", "0"]),
        ];
        let found = summarise(&rows, &columns, &names(&["happy", "sad"])).unwrap();
        assert_eq!((found.videos, found.columns.len()), (3, 2));
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
    }

    #[test]
    fn votes_by_rater_are_words() {
        let columns = names(&["rater_1", "rater_2", "Annotator 3"]);
        let rows = [
            row("happy", Verdict::Clean, 0.1, &["happy", "Happy", "sad"]),
            row("sad", Verdict::Hard, 0.2, &["happy", "", "nothing"]),
        ];
        let found = summarise(&rows, &columns, &names(&["happy", "sad"])).unwrap();
        assert_relative_eq!(found.verdicts["clean"].for_label, 2.0 / 3.0);
        assert_relative_eq!(found.verdicts["hard"].for_label, 0.0);
        assert_relative_eq!(found.verdicts["hard"].overruled, 1.0);
    }

    #[test]
    fn other_columns_are_no_votes() {
        let rows = [row("happy", Verdict::Clean, 0.1, &["9", "1"])];
        let labels = names(&["happy", "sad"]);
        assert_eq!(summarise(&rows, &names(&["happy", "note"]), &labels), None);
        assert_eq!(summarise(&rows, &names(&["a", "b"]), &labels), None);
        assert_eq!(summarise(&rows, &[], &labels), None);
    }
}
