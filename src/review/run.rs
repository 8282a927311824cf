//! The run under review: its videos, with what is looked up often ready at hand.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use super::ReviewError;
use crate::face::FaceChoice;
use crate::judge::learnt;
use crate::rows::folder::RunFolder;
use crate::rows::issues::{self, IssueRow};
use crate::rows::run::RunCard;
use crate::rows::videos::VideoRow;
use crate::rows::{run, videos};
use crate::score::Verdict;
use crate::video::FaceCrop;

/// A run, read from its folder.
#[derive(Debug, Clone)]
pub struct Run {
    /// The folder, as the user names it.
    pub folder: Utf8PathBuf,
    /// The run's card.
    pub card: RunCard,
    /// The videos by rank. A *row* is an index into this list.
    pub rows: Vec<VideoRow>,
    /// Per row the class of the given label.
    pub given: Vec<Option<usize>>,
    /// Per row the class of the suggested label.
    pub suggested: Vec<Option<usize>>,
    /// How many videos have the verdict `mislabeled`.
    pub flagged: usize,
    by_id: BTreeMap<String, u32>,
    /// By row what is amiss with the video.
    issues: BTreeMap<u32, Vec<IssueRow>>,
    /// Rows by given and suggested class, where those differ.
    confusions: BTreeMap<(usize, usize), Vec<u32>>,
}

impl Run {
    /// Reads a run folder.
    ///
    /// # Errors
    /// There is no finished run, or its files cannot be read.
    pub fn read(folder: &RunFolder) -> Result<Self, ReviewError> {
        folder.require_finished()?;
        let card = run::read(&folder.card())?;
        let (rows, _extra_columns) = videos::read(&folder.videos())?;
        let run = Self::new(folder.root().to_owned(), card, rows);
        // Predictions from elsewhere have none.
        if !folder.issues().exists() {
            return Ok(run);
        }
        Ok(run.with_issues(issues::read(&folder.issues())?))
    }

    /// The run with what is amiss with its videos.
    #[must_use]
    pub fn with_issues(mut self, issues: Vec<IssueRow>) -> Self {
        for issue in issues {
            let row = issue.id.as_deref().and_then(|id| self.row_of(id));
            if let Some(row) = row {
                self.issues.entry(row).or_default().push(issue);
            }
        }
        self
    }

    /// Puts a run together.
    pub fn new(folder: Utf8PathBuf, card: RunCard, rows: Vec<VideoRow>) -> Self {
        let classes: BTreeMap<&str, usize> =
            card.labels.iter().map(String::as_str).zip(0..).collect();
        let class = |label: &str| classes.get(label).copied();
        let given: Vec<Option<usize>> = rows.iter().map(|row| class(&row.label)).collect();
        let suggested: Vec<Option<usize>> = rows
            .iter()
            .map(|row| class(&row.judgement.as_ref()?.suggested_label))
            .collect();
        let mut confusions: BTreeMap<(usize, usize), Vec<u32>> = BTreeMap::new();
        for (row, pair) in given.iter().zip(&suggested).enumerate() {
            if let (Some(given), Some(suggested)) = pair
                && given != suggested
            {
                let rows = confusions.entry((*given, *suggested)).or_default();
                rows.push(row as u32);
            }
        }
        let by_id = rows
            .iter()
            .map(|row| row.id.clone())
            .zip(0..)
            .collect::<BTreeMap<_, _>>();
        let flagged = rows
            .iter()
            .filter(|row| row.verdict == Verdict::Mislabeled)
            .count();
        Self {
            folder,
            card,
            rows,
            given,
            suggested,
            flagged,
            by_id,
            issues: BTreeMap::new(),
            confusions,
        }
    }

    /// The class names.
    pub fn labels(&self) -> &[String] {
        &self.card.labels
    }

    /// The part of every frame that the network was shown; the whole frame in runs that do not say.
    pub fn face_crop(&self) -> FaceCrop {
        let crop = self.card.settings.pointer("/video/face_crop");
        crop.and_then(|crop| serde_json::from_value(crop.clone()).ok())
            .unwrap_or_default()
    }

    /// Whether the network was shown a face that was followed, where one was found.
    pub fn follows_face(&self) -> bool {
        FaceChoice::of_run(&self.card.settings).follows()
    }

    /// The row of a video's id.
    pub fn row_of(&self, id: &str) -> Option<u32> {
        self.by_id.get(id).copied()
    }

    /// What is amiss with the video of a row, in the order in which it was found.
    pub fn issues_of(&self, row: usize) -> &[IssueRow] {
        self.issues.get(&(row as u32)).map_or(&[], Vec::as_slice)
    }

    /// What learns the order of the run's videos; nothing where the networks rank none.
    pub fn learner(&self) -> Option<learnt::Queue> {
        let copies = issues::exact_copies(self.issues.values().flatten());
        let queue = learnt::Queue::new(&self.rows, &copies, self.labels());
        queue.ok().flatten()
    }

    /// The rows that are suspected of the same confusion as `row`, by rank, itself among them; none where nothing else is
    /// suggested.
    pub fn same_confusion(&self, row: usize) -> &[u32] {
        let pair = self.given[row].zip(self.suggested[row]);
        pair.and_then(|pair| self.confusions.get(&pair))
            .map_or(&[], Vec::as_slice)
    }

    /// The suggested label, where it is another than the given one.
    pub fn suggestion(&self, row: usize) -> Option<&str> {
        let row = &self.rows[row];
        let suggested = &row.judgement.as_ref()?.suggested_label;
        (*suggested != row.label).then_some(suggested)
    }
}
