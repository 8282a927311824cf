//! The videos of a plan, and where they come from.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::digest;
use crate::cache::Cache;
use crate::manifest::{Manifest, Reading, Video};
use crate::pipeline::absolute;
use crate::train::Lessons;

/// Where the videos of a plan come from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct PlannedDataSet {
    /// The file or folder that was read, as an absolute path.
    pub(crate) source: String,
    /// The name of its format.
    pub(crate) format: String,
    /// Where written paths start, as an absolute path.
    pub(crate) root: String,
    /// Digest of each file of labels.
    pub(crate) digests: BTreeMap<String, String>,
    /// How it was read.
    pub(crate) reading: Reading,
    /// Names of the columns that are kept for the export.
    pub(crate) extra_columns: Vec<String>,
}

impl PlannedDataSet {
    /// As it was read.
    ///
    /// # Errors
    ///
    /// If the present folder is not known.
    pub(super) fn new(manifest: &Manifest) -> anyhow::Result<Self> {
        Ok(Self {
            // From wherever the run is looked at later.
            source: absolute(&manifest.source)?,
            format: manifest.format.name().to_owned(),
            root: absolute(&manifest.root)?,
            digests: manifest.digests.clone(),
            reading: manifest.reading.clone(),
            extra_columns: manifest.extra_columns.clone(),
        })
    }
}

/// The videos of a plan, column by column, in the order of the decoded frames.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct PlannedVideos {
    pub(crate) id: Vec<String>,
    /// As the manifest writes it.
    pub(crate) path: Vec<String>,
    /// Number of the given class.
    pub(crate) label: Vec<usize>,
    pub(crate) fold: Vec<u8>,
    /// Videos of one group are in one fold; copies of one video are in one group.
    pub(crate) group: Vec<Option<String>>,
    /// Digest of the content; empty where the file cannot be read.
    pub(crate) content: Vec<String>,
    /// Values of the columns that are kept for the export; empty where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) extra: Vec<Vec<String>>,
    /// Why there are no frames of a video, by its place.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) unreadable: BTreeMap<usize, String>,
    /// Places of videos that are scored, but not learnt from.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) left_out: BTreeSet<usize>,
    /// What videos are learnt as that are not learnt as their given label.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) lessons: Lessons,
}

impl PlannedVideos {
    /// The videos of a data set whose folds are given.
    pub(super) fn new(manifest: &Manifest, cache: &Cache, folds: Vec<u8>) -> Self {
        let content = |index: usize| {
            let content = cache.fingerprint(index);
            content.map_or_else(String::new, |content| content.to_string())
        };
        let unreadable = |index: usize| Some((index, cache.video(index).err()?.to_owned()));
        let count = manifest.videos.len();
        Self {
            id: column(manifest, |video| video.id.clone()),
            path: column(manifest, |video| video.written_path.clone()),
            label: column(manifest, |video| video.label),
            fold: folds,
            group: column(manifest, |video| video.group.clone()),
            content: (0..count).map(content).collect(),
            extra: if manifest.extra_columns.is_empty() {
                Vec::new()
            } else {
                column(manifest, |video| video.extra.clone())
            },
            unreadable: (0..count).filter_map(unreadable).collect(),
            left_out: BTreeSet::new(),
            lessons: Lessons::new(),
        }
    }

    /// Digest of ids, labels, folds and contents.
    pub(super) fn fingerprint(&self) -> Result<String, std::fmt::Error> {
        let mut data = String::new();
        for (index, id) in self.id.iter().enumerate() {
            let (label, fold) = (self.label[index], self.fold[index]);
            writeln!(data, "{id}\t{label}\t{fold}\t{}", self.content[index])?;
        }
        Ok(digest(&data))
    }
}

pub(super) fn column<T>(manifest: &Manifest, of: impl Fn(&Video) -> T) -> Vec<T> {
    manifest.videos.iter().map(of).collect()
}
