//! What a video's neighbours in a network's feature space say of it: from features to values, and to issues.
//!
//! Every fold's network has a space of its own, in which nothing can be compared with another's; so each fold is looked at
//! by itself, and a copy in another fold is nobody's neighbour.

use std::collections::BTreeMap;

use crate::issue::IssueKind;
use crate::rows::features::FeatureRow;
use crate::rows::issues::IssueRow;
use crate::score::neighbours::{Neighbourhood, neighbourhoods};
use crate::score::{NeighbourSettings, ScoreError};

/// Neighbours that an issue names.
const NAMED: usize = 5;

/// The kinds of issue that are found here.
pub const KINDS: [IssueKind; 2] = [IssueKind::Outlier, IssueKind::NeighbourLabelConflict];

/// What the neighbours of a video say.
#[derive(Debug, Clone, PartialEq)]
pub struct Neighbours {
    /// Their ids, nearest first.
    pub nearest: Vec<String>,
    /// Share of them that have another label, in [0, 1].
    pub other_label_share: f32,
    /// Their mean cosine distance, in robust standard deviations above the fold's median.
    pub outlier_score: f32,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// By id of every video with a feature and a neighbour.
    pub of_video: BTreeMap<String, Neighbours>,
    /// What of it is an issue, in the order of the features.
    pub issues: Vec<IssueRow>,
}

/// Looks at the videos of every fold among themselves. `folds`: the features of each, one fold after the other, so that one at
/// a time is in memory; `labels`: every video's given label by id, which nobody asks for where there are no folds. Features of
/// videos without a label are passed over.
///
/// # Errors
///
/// Those of `folds`, or if the features of a fold differ in length or are no numbers.
pub fn look<'a, E: From<ScoreError>>(
    folds: impl IntoIterator<Item = Result<Vec<FeatureRow>, E>>,
    labels: impl Iterator<Item = (&'a str, &'a str)>,
    settings: &NeighbourSettings,
) -> Result<Found, E> {
    let mut found = Found::default();
    let mut folds = folds.into_iter().peekable();
    if settings.k == 0 || folds.peek().is_none() {
        return Ok(found);
    }
    let labels: BTreeMap<&str, &str> = labels.collect();
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    for &label in labels.values() {
        let next = numbers.len();
        numbers.entry(label).or_insert(next);
    }
    for rows in folds {
        let (mut of_fold, mut features) = (Vec::new(), Vec::new());
        for row in rows? {
            if let Some((&id, &label)) = labels.get_key_value(row.id.as_str()) {
                of_fold.push((id, label));
                features.push(row.feature);
            }
        }
        let classes: Vec<usize> = of_fold.iter().map(|(_, label)| numbers[label]).collect();
        let around = neighbourhoods(&features, &classes, settings.k)?;
        for (video, neighbourhood) in around.iter().enumerate() {
            if neighbourhood.nearest.is_empty() {
                continue;
            }
            let (id, _) = of_fold[video];
            found
                .issues
                .extend(issues(video, &of_fold, neighbourhood, settings));
            let ids = neighbourhood.nearest.iter();
            let neighbours = Neighbours {
                nearest: ids.map(|&other| of_fold[other].0.to_owned()).collect(),
                other_label_share: neighbourhood.other_label_share as f32,
                outlier_score: neighbourhood.outlier_score as f32,
            };
            found.of_video.insert(id.to_owned(), neighbours);
        }
    }
    Ok(found)
}

/// The issues of one video. `videos`: id and label of each in its fold.
fn issues(
    video: usize,
    videos: &[(&str, &str)],
    around: &Neighbourhood,
    settings: &NeighbourSettings,
) -> Vec<IssueRow> {
    let (id, label) = videos[video];
    let issue = |kind: IssueKind, other: Option<&str>, value: f64, detail: String| IssueRow {
        id: Some(id.to_owned()),
        kind: kind.name().to_owned(),
        other_id: other.map(str::to_owned),
        value: Some(value as f32),
        detail,
    };
    let mut issues = Vec::new();
    if around.outlier_score >= settings.outlier {
        let detail = format!(
            "is {:.1} deviations farther from its {} nearest videos than is usual in its fold",
            around.outlier_score,
            around.nearest.len()
        );
        issues.push(issue(
            IssueKind::Outlier,
            None,
            around.outlier_score,
            detail,
        ));
    }
    let others: Vec<(&str, &str)> = around
        .nearest
        .iter()
        .map(|&other| videos[other])
        .filter(|(_, theirs)| *theirs != label)
        .collect();
    if around.other_label_share >= settings.other_label_share && !others.is_empty() {
        let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, theirs) in &others {
            *votes.entry(theirs).or_default() += 1;
        }
        // Of labels with as many votes, the one that is nearest.
        let most = votes.values().copied().max().unwrap_or(0);
        let first = others.iter().find(|(_, theirs)| votes[theirs] == most);
        let ids: Vec<&str> = others.iter().take(NAMED).map(|(id, _)| *id).collect();
        let detail = format!(
            "{} of its {} nearest videos have another label, {most} of them '{}': {}{}",
            others.len(),
            around.nearest.len(),
            first.map_or("", |(_, theirs)| theirs),
            ids.join(", "),
            if others.len() > NAMED { ", …" } else { "" }
        );
        issues.push(issue(
            IssueKind::NeighbourLabelConflict,
            first.map(|(id, _)| *id),
            around.other_label_share,
            detail,
        ));
    }
    issues
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, fold: u8, feature: [f32; 3]) -> FeatureRow {
        FeatureRow {
            id: id.to_owned(),
            fold,
            feature: feature.to_vec(),
        }
    }

    /// Two folds whose axes mean opposite things, each with four videos of either label.
    fn folds() -> Vec<Vec<FeatureRow>> {
        let fold = |fold: u8| {
            let video = |number: u8| {
                let wiggle = 0.02 * f32::from(number % 4);
                let is_first = (number < 4) == (fold == 0);
                let feature = if is_first {
                    [1.0, wiggle, 0.0]
                } else {
                    [wiggle, 1.0, 0.0]
                };
                row(&format!("{fold}-{number}"), fold, feature)
            };
            (0..8).map(video).collect()
        };
        vec![fold(0), fold(1)]
    }

    fn found(folds: &[Vec<FeatureRow>], wrong: &[&str], settings: &NeighbourSettings) -> Found {
        let labels = folds.iter().flatten().map(|row| {
            let number: usize = row.id.split('-').next_back().unwrap().parse().unwrap();
            let is_sad = (number >= 4) != wrong.contains(&row.id.as_str());
            (row.id.as_str(), if is_sad { "sad" } else { "happy" })
        });
        look(each(folds), labels, settings).unwrap()
    }

    fn each(
        folds: &[Vec<FeatureRow>],
    ) -> impl Iterator<Item = Result<Vec<FeatureRow>, ScoreError>> {
        folds.iter().cloned().map(Ok)
    }

    fn few() -> NeighbourSettings {
        NeighbourSettings {
            k: 3,
            ..NeighbourSettings::default()
        }
    }

    #[test]
    fn folds_are_not_compared_and_right_labels_are_no_issue() {
        let found = found(&folds(), &[], &few());
        assert_eq!(found.issues, []);
        assert_eq!(found.of_video.len(), 16);
        for (id, neighbours) in &found.of_video {
            // Across the folds the nearest would be of the other label.
            let fold = id.split('-').next();
            let others = neighbours.nearest.iter();
            assert!(others.clone().all(|other| other.split('-').next() == fold));
            assert!(neighbours.other_label_share.abs() < 1e-6);
        }
    }

    #[test]
    fn a_wrong_label_is_told_with_the_videos_that_contradict_it() {
        let found = found(&folds(), &["1-6"], &few());
        let issues = &found.issues;
        assert_eq!(issues.len(), 1, "{issues:?}");
        assert_eq!(issues[0].id.as_deref(), Some("1-6"));
        assert_eq!(issues[0].kind, "neighbour_label_conflict");
        assert_eq!(issues[0].other_id.as_deref(), Some("1-7"));
        assert_eq!(
            issues[0].detail,
            "3 of its 3 nearest videos have another label, 3 of them 'sad': 1-7, 1-5, 1-4"
        );
        approx::assert_abs_diff_eq!(found.of_video["1-6"].other_label_share, 1.0);
    }

    #[test]
    fn what_is_far_from_everything_is_an_outlier_and_what_is_not_quite_is_none() {
        let mut folds = folds();
        folds[0].push(row("0-0far", 0, [0.1, 0.1, -1.0]));
        let far = |settings: &NeighbourSettings| {
            let labels = folds.iter().flatten().map(|row| (row.id.as_str(), "happy"));
            look(each(&folds), labels, settings).unwrap()
        };
        let found = far(&few());
        let ids: Vec<&str> = found
            .issues
            .iter()
            .filter_map(|row| row.id.as_deref())
            .collect();
        assert_eq!(ids, ["0-0far"]);
        let score = f64::from(found.of_video["0-0far"].outlier_score);
        let stricter = NeighbourSettings {
            outlier: score + 1.0,
            ..few()
        };
        assert_eq!(far(&stricter).issues, []);
    }

    #[test]
    fn none_are_looked_for_where_none_are_wanted() {
        let settings = NeighbourSettings {
            k: 0,
            ..NeighbourSettings::default()
        };
        assert_eq!(found(&folds(), &["1-6"], &settings), Found::default());
    }
}
