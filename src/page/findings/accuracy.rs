//! How what the clips say fits the given labels: a measure of the networks, as far as the labels are right.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::metrics::ConfusionMatrix;
use crate::rows::videos::VideoRow;

/// How often the consensus of a video's clips is its given label.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Accuracy {
    /// Videos with a consensus.
    pub videos: usize,
    /// Share of them whose consensus is the label (WAR), in [0, 1].
    pub war: f64,
    /// Mean of that share over the classes that occur (UAR), in [0, 1].
    pub uar: f64,
}

/// That of the videos of one fold, which its network never saw.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FoldAccuracy {
    /// The fold, from 0.
    pub fold: u8,
    /// How well its network did.
    pub accuracy: Accuracy,
}

impl Accuracy {
    /// Over `rows`; nothing where none of them has a consensus.
    pub fn of<'a>(rows: impl IntoIterator<Item = &'a VideoRow>, labels: &[String]) -> Option<Self> {
        let class = |name: &str| labels.iter().position(|label| label == name);
        let (given, said): (Vec<usize>, Vec<usize>) = rows
            .into_iter()
            .filter_map(|row| {
                Some((
                    class(&row.label)?,
                    class(&row.judgement.as_ref()?.consensus)?,
                ))
            })
            .unzip();
        let matrix = ConfusionMatrix::count(&given, &said, labels.len()).ok()?;
        Some(Self {
            videos: given.len(),
            war: matrix.weighted_average_recall()?,
            uar: matrix.unweighted_average_recall()?,
        })
    }
}

/// By fold, ascending, leaving out folds of which no video could be scored.
pub(super) fn by_fold(rows: &[VideoRow], labels: &[String]) -> Vec<FoldAccuracy> {
    let mut folds: BTreeMap<u8, Vec<&VideoRow>> = BTreeMap::new();
    for row in rows {
        folds.entry(row.fold).or_default().push(row);
    }
    folds
        .into_iter()
        .filter_map(|(fold, rows)| {
            let accuracy = Accuracy::of(rows, labels)?;
            Some(FoldAccuracy { fold, accuracy })
        })
        .collect()
}
