//! A video as an export sees it: what the data set says, what the run says, and what was decided.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use super::decide::{Change, Decisions};
use crate::manifest::{Manifest, Video};
use crate::rows::videos::VideoRow;

/// A video with all that is known of it.
#[derive(Debug, Clone)]
pub(super) struct Record<'a> {
    /// Its place in the manifest.
    pub index: usize,
    /// What the data set says of it.
    pub video: &'a Video,
    /// The given label.
    pub given: &'a str,
    /// The label after the decisions; the given one where the video is left out.
    pub label: &'a str,
    /// What is changed about it.
    pub change: Option<&'a Change>,
    /// What the run says of it; nothing where it was not scanned.
    pub row: Option<&'a VideoRow>,
}

impl Record<'_> {
    /// Whether the export leaves it out.
    pub(super) fn is_dropped(&self) -> bool {
        self.change.is_some_and(|change| change.to.is_none())
    }

    /// Its path below the folder where the data set's paths start: where the scan found it, else as the data set writes it.
    pub(super) fn path(&self) -> &str {
        self.row
            .map_or(self.video.written_path.as_str(), |row| row.path.as_str())
    }

    /// Where it lies.
    pub(super) fn file(&self, root: &camino::Utf8Path) -> Utf8PathBuf {
        root.join(self.path())
    }
}

/// All videos of the manifest, in its order.
pub(super) fn records<'a>(
    manifest: &'a Manifest,
    rows: &BTreeMap<&str, &'a VideoRow>,
    decisions: &'a Decisions,
) -> Vec<Record<'a>> {
    let changes: BTreeMap<usize, &Change> = decisions
        .changes
        .iter()
        .map(|change| (change.video, change))
        .collect();
    manifest
        .videos
        .iter()
        .enumerate()
        .map(|(index, video)| {
            let given = manifest.labels.name(video.label);
            let change = changes.get(&index).copied();
            Record {
                index,
                video,
                given,
                label: change
                    .and_then(|change| change.to.as_deref())
                    .unwrap_or(given),
                change,
                row: rows.get(video.id.as_str()).copied(),
            }
        })
        .collect()
}
