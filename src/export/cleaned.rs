//! The labels that an export has, as whoever trains from it reads them.

use std::collections::BTreeMap;

use camino::Utf8Path;

use super::{Audit, ExportError, changes};
use crate::manifest::words::{self, Classes};
use crate::manifest::{self, Format};

/// What an export says of the run's videos.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleaned {
    /// The label of each video that is in the export, an index into the data set's label set, by id.
    pub labels: BTreeMap<String, usize>,
}

impl Cleaned {
    /// Reads a file or folder of labels, in the data set's own format or another one. Class folders are known by their
    /// `changes.csv`, since videos changed their paths.
    ///
    /// # Errors
    /// The export cannot be read, or has a class that the data set has not.
    pub fn read(audit: &Audit, path: &Utf8Path) -> Result<Self, ExportError> {
        if manifest::detect(path)? == Format::Folders {
            return Self::from_changes(audit, path);
        }
        let found = words::read_words(path)?;
        let mut known: BTreeMap<&str, &str> = BTreeMap::new();
        for row in &audit.rows {
            known.insert(row.path.as_str(), row.id.as_str());
        }
        for row in &audit.rows {
            known.insert(row.id.as_str(), row.id.as_str());
        }
        let mut labels = BTreeMap::new();
        for video in &found.videos {
            let id = known
                .get(video.id.as_str())
                .or_else(|| known.get(video.written_path.as_str()));
            if let Some(id) = id {
                let class = class(audit, path, id, found.labels.name(video.label))?;
                labels.insert((*id).to_owned(), class);
            }
        }
        Ok(Self { labels })
    }

    fn from_changes(audit: &Audit, path: &Utf8Path) -> Result<Self, ExportError> {
        let mut labels = BTreeMap::new();
        for row in &audit.rows {
            labels.insert(row.id.clone(), class(audit, path, &row.id, &row.label)?);
        }
        let (table, _diff) = changes::places(path, true);
        for change in changes::read(&table)? {
            if change.change == "drop" {
                labels.remove(&change.id);
            } else {
                let class = class(audit, path, &change.id, &change.to)?;
                labels.insert(change.id, class);
            }
        }
        Ok(Self { labels })
    }
}

fn class(audit: &Audit, path: &Utf8Path, id: &str, label: &str) -> Result<usize, ExportError> {
    let classes = Classes {
        names: audit.original.manifest.labels.names(),
        written: &audit.original.label_names,
    };
    classes.of(label).ok_or_else(|| ExportError::OtherClass {
        path: path.to_owned(),
        id: id.to_owned(),
        label: label.to_owned(),
        known: classes.names.to_vec(),
    })
}
