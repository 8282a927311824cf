//! All that is known of a data set: what was scanned, what the run says of it, and what people decided.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::original::{self, Original};
use super::{Decisions, ExportError, Policy};
use crate::journal::{self, Book};
use crate::manifest::Missing;
use crate::rows::folder::RunFolder;
use crate::rows::run::{self, RunCard};
use crate::rows::videos::{self, VideoRow};

/// A run with its data set and its decisions.
#[derive(Debug, Clone)]
pub struct Audit {
    /// The run's card.
    pub card: RunCard,
    /// The videos by rank.
    pub rows: Vec<VideoRow>,
    /// What people decided.
    pub book: Book,
    /// The data set as it was scanned.
    pub original: Original,
    /// Where the data set lies.
    pub dataset: Utf8PathBuf,
    /// Where the paths of its videos start.
    pub root: Utf8PathBuf,
}

impl Audit {
    /// Reads a run. `dataset` and `root`: where the data set lies and where its paths start by now, if elsewhere than the
    /// run's card says.
    ///
    /// # Errors
    /// A file of the run cannot be read, or the data set is not there and the run has no copy of its labels.
    pub fn read(
        folder: &RunFolder,
        dataset: Option<&Utf8Path>,
        root: Option<&Utf8Path>,
    ) -> Result<Self, ExportError> {
        let card = run::read(&folder.card())?;
        let (rows, _extra_columns) = videos::read(&folder.videos())?;
        let book = Book::replay(&journal::read(folder.root())?);
        let dataset = dataset.map_or_else(|| Utf8PathBuf::from(&card.dataset), Utf8Path::to_owned);
        let mut original = original::read(folder, &card, &dataset)?;
        if let Missing::Skip(_) = card.reading.missing {
            let ids: BTreeSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
            original.leave_out(|id| !ids.contains(id));
        }
        let root = match (root, &card.root) {
            (Some(root), _) => root.to_owned(),
            (None, Some(root)) => Utf8PathBuf::from(root),
            (None, None) => original.manifest.root.clone(),
        };
        Ok(Self {
            card,
            rows,
            book,
            original,
            dataset,
            root,
        })
    }

    /// Keeps the data set's files of labels in the run's folder, where a scan of an early version did not: an export may be
    /// about to take their place.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn keep_original(&self, folder: &RunFolder) -> Result<(), ExportError> {
        let original = &self.original;
        if original.is_copy || original.files.is_empty() {
            return Ok(());
        }
        let dataset = Utf8Path::new(&self.card.dataset);
        original::keep(folder, dataset, original.is_folder, &original.files)
    }

    /// Refuses a data set whose files of labels are not what was scanned.
    ///
    /// # Errors
    /// They are not, or cannot be read.
    pub fn require_unchanged(&self) -> Result<(), ExportError> {
        let paths = original::changed(&self.card, &self.dataset)?;
        if paths.is_empty() {
            Ok(())
        } else {
            Err(ExportError::Changed { paths })
        }
    }

    /// What becomes of every video under a policy.
    ///
    /// # Errors
    /// The run does not fit its data set.
    pub fn decide(&self, policy: &Policy) -> Result<Decisions, ExportError> {
        Decisions::make(&self.original.manifest, &self.by_id(), &self.book, policy)
    }

    /// What the run says of each video, by id.
    pub fn by_id(&self) -> BTreeMap<&str, &VideoRow> {
        let rows = self.rows.iter();
        rows.map(|row| (row.id.as_str(), row)).collect()
    }
}
