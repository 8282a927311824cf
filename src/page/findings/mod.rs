//! Everything that is to be told of a run, read from its files once: the terminal summary and the page take their numbers
//! from here, so that they cannot disagree.

mod accuracy;
mod issue_list;
mod review;
mod shown;

use std::collections::BTreeMap;
use std::sync::Arc;

use thiserror::Error;

pub use self::accuracy::{Accuracy, FoldAccuracy};
pub use self::review::{DecisionFacts, ReviewFacts, ReviewerFacts};
use super::summary::Summary;
use crate::rows::classes::{self, ClassRow, TransitionRow};
use crate::rows::cuts;
use crate::rows::folder::{FolderError, RunFolder};
use crate::rows::issues::IssueRow;
use crate::rows::run::{self, BorrowedNetworks, EarlierRun, FeaturesCard, RunCard, RunCardError};
use crate::rows::timeline::Span;
use crate::rows::training::{self, EpochRow, TrainingLogError};
use crate::rows::videos::{self, VideoRow};
use crate::rows::votes::{self, RaterRow};
use crate::score::calibration::Cut;
use crate::table::TableError;

/// What is to be told of a run.
#[derive(Debug, Clone)]
pub struct Findings {
    /// The run's card.
    pub card: RunCard,
    /// The videos by rank; a *place* is an index into this list.
    pub rows: Arc<Vec<VideoRow>>,
    /// The numbers that terminal and page share.
    pub summary: Summary,
    /// The listed cuts, ascending; none where no video could be scored.
    pub cuts: Vec<Cut>,
    /// The classes, in the label set's order; none where no video could be scored.
    pub classes: Vec<ClassRow>,
    /// All pairs of given and estimated class.
    pub transitions: Vec<TransitionRow>,
    /// Per fold its epochs; none for predictions from elsewhere.
    pub training: Vec<Vec<EpochRow>>,
    /// How the consensus fits the given labels, by fold.
    pub folds: Vec<FoldAccuracy>,
    /// What is wrong with files and labels.
    pub issues: Vec<IssueRow>,
    /// What each rater's votes are worth, who knows most first; none where nobody voted.
    pub raters: Vec<RaterRow>,
    /// What people decided.
    pub review: ReviewFacts,
    /// The places of the videos to show, the most suspect first.
    pub suspects: Vec<usize>,
    /// The places of the hard videos to show, those whose clips agree least first.
    pub hard: Vec<usize>,
    /// The clips of the videos to show, by place.
    pub clips: BTreeMap<usize, Vec<Span>>,
}

/// Findings that could not be read.
#[derive(Debug, Error)]
pub enum FindingsError {
    /// There is no finished run.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A table cannot be read.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The card cannot be read.
    #[error(transparent)]
    Card(#[from] RunCardError),
    /// A training log cannot be read.
    #[error(transparent)]
    TrainingLog(#[from] TrainingLogError),
}

impl Findings {
    /// Reads a run folder; `review` is what its journals say. Only `videos.parquet` and `run.json` have to be there.
    ///
    /// # Errors
    ///
    /// If there is no finished run, or a file cannot be read.
    pub fn read(folder: &RunFolder, review: ReviewFacts) -> Result<Self, FindingsError> {
        folder.require_finished()?;
        let card = run::read(&folder.card())?;
        let (rows, _extra_columns) = videos::read(&folder.videos())?;
        Self::of(folder, card, Arc::new(rows), review)
    }

    /// The same of a run whose card and rows by rank are at hand.
    ///
    /// # Errors
    ///
    /// If one of the run's other files cannot be read.
    pub fn of(
        folder: &RunFolder,
        card: RunCard,
        rows: Arc<Vec<VideoRow>>,
        review: ReviewFacts,
    ) -> Result<Self, FindingsError> {
        let summary = Summary {
            networks: card.networks.as_ref().map(BorrowedNetworks::sentence),
            earlier: card.earlier.as_ref().map(EarlierRun::sentence),
            features: card.features.as_ref().map(FeaturesCard::sentence),
            ..Summary::new(folder, &rows, &card, &review)
        };
        let (cuts, classes, transitions) = (folder.cuts(), folder.classes(), folder.transitions());
        let suspects = shown::suspects(&rows, &review);
        let hard = shown::hard(&rows, &suspects);
        let (clips, (folds, issues)) = rayon::join(
            || {
                let places = [&suspects[..], &hard].concat();
                shown::clips(folder, &card.labels, &rows, &places)
            },
            || {
                let folds = accuracy::by_fold(&rows, &card.labels);
                (folds, issue_list::read(folder, &rows))
            },
        );
        Ok(Self {
            cuts: if cuts.exists() {
                cuts::read(&cuts)?
            } else {
                Vec::new()
            },
            classes: if classes.exists() {
                classes::read_classes(&classes)?
            } else {
                Vec::new()
            },
            transitions: if transitions.exists() {
                classes::read_transitions(&transitions)?
            } else {
                Vec::new()
            },
            raters: if folder.raters().exists() {
                votes::read_raters(&folder.raters())?
            } else {
                Vec::new()
            },
            training: read_training(folder)?,
            folds,
            issues: issues?,
            review,
            suspects,
            hard,
            clips: clips?,
            card,
            rows,
            summary,
        })
    }

    /// The `noise_score` of the last video of the recommended cut. Nothing where there is no such cut, and where another
    /// score orders the videos.
    pub fn cut_score(&self) -> Option<f32> {
        let recommended = self.summary.promise.as_ref()?.recommended;
        let score = |row: &VideoRow| row.judgement.as_ref()?.noise_score();
        let scores: Vec<f32> = self.rows.iter().filter_map(score).collect();
        if !scores.is_sorted_by(|a, b| a >= b) {
            return None;
        }
        scores.get(recommended.checked_sub(1)?).copied()
    }

    /// A setting by its path, such as `verdict.agreement_threshold`; nothing in runs that were made without it.
    pub fn setting(&self, path: &str) -> Option<&serde_json::Value> {
        path.split('.')
            .try_fold(&self.card.settings, |value, name| value.get(name))
    }
}

/// The epochs of every fold, in order, up to the first fold without a log.
fn read_training(folder: &RunFolder) -> Result<Vec<Vec<EpochRow>>, TrainingLogError> {
    let mut folds = Vec::new();
    loop {
        let epochs = training::read(&folder.training_log(folds.len()))?;
        if epochs.is_empty() {
            return Ok(folds);
        }
        folds.push(epochs);
    }
}

#[cfg(test)]
pub(in crate::page) mod samples;
