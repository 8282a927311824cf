//! The training dynamics of every video, as far as the scores need them: `dynamics.parquet` summed up while it is read, video
//! by video and network by network.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use camino::Utf8Path;

use super::dynamics::Dynamics;
use crate::score::dynamics::{EpochRecord, NetworkDynamics};
use crate::table::{TableError, TableReader};

/// The columns that are read.
const COLUMNS: [&str; 6] = ["id", "fold", "repeat", "label_prob", "label_margin", "loss"];

/// A network: its fold and its repeat.
type NetworkOf = (u8, u8);

/// What the networks say of a video.
type OfVideo = Vec<(NetworkOf, NetworkDynamics)>;

/// What every network says of the videos that it trained on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TrainingDynamics {
    videos: HashMap<String, OfVideo>,
}

impl TrainingDynamics {
    /// What `dynamics` say.
    pub fn new(dynamics: &Dynamics) -> Self {
        let mut sums = Self::default();
        let mut rows = dynamics.rows().peekable();
        let mut records = Vec::new();
        while let Some(row) = rows.next() {
            records.push(EpochRecord {
                label_prob: f64::from(row.label_prob),
                label_margin: f64::from(row.label_margin),
                loss: f64::from(row.loss),
            });
            let network = (row.fold, row.repeat);
            // Rows of one network that follow each other are summed up at once, as those of a file are.
            let goes_on = rows
                .peek()
                .is_some_and(|next| next.id == row.id && (next.fold, next.repeat) == network);
            if !goes_on {
                let said = NetworkDynamics::new(records.iter().copied());
                sums.add(row.id.to_owned(), vec![(network, said)]);
                records.clear();
            }
        }
        sums
    }

    /// What `dynamics.parquet` says.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is not ours, or lacks a column.
    pub fn read(path: &Utf8Path) -> Result<Self, TableError> {
        let mut sums = Self::default();
        let groups = TableReader::each_group(path, &COLUMNS, sum_up)?;
        for (id, said) in groups.into_iter().flatten() {
            sums.add(id, said);
        }
        Ok(sums)
    }

    /// Appends what networks say of a video in the epochs that follow.
    fn add(&mut self, id: String, said: OfVideo) {
        match self.videos.entry(id) {
            Entry::Vacant(place) => {
                place.insert(said);
            }
            Entry::Occupied(known) => {
                let known = known.into_mut();
                for said in said {
                    append(known, said);
                }
            }
        }
    }

    /// Whether no training was watched.
    pub fn is_empty(&self) -> bool {
        self.videos.is_empty()
    }

    /// What each network that trained on a video says of it; nothing for a video that none trained on.
    pub fn networks(&self, id: &str) -> Option<Vec<NetworkDynamics>> {
        let said = self.videos.get(id)?;
        Some(said.iter().map(|(_, said)| *said).collect())
    }
}

/// Appends what one network says of a video in the epochs that follow.
fn append(known: &mut OfVideo, (network, said): (NetworkOf, NetworkDynamics)) {
    match known.iter_mut().find(|(other, _)| *other == network) {
        Some((_, before)) => *before = before.then(said),
        None => known.push((network, said)),
    }
}

/// The videos of a part of the file, rows that follow each other with one id, and what networks say of them.
fn sum_up(table: &TableReader) -> Result<Vec<(String, OfVideo)>, TableError> {
    let runs = table.text_runs("id")?;
    let folds = table.u8("fold")?;
    let repeats = table.u8("repeat")?;
    let label_probs = table.f32("label_prob")?;
    let label_margins = table.f32("label_margin")?;
    let losses = table.f32("loss")?;
    let record = |row: usize| EpochRecord {
        label_prob: f64::from(label_probs[row]),
        label_margin: f64::from(label_margins[row]),
        loss: f64::from(losses[row]),
    };
    let mut videos = Vec::new();
    for (id, rows) in runs.iter() {
        let mut said = OfVideo::new();
        let mut rest = rows;
        while !rest.is_empty() {
            let network = (folds[rest.start], repeats[rest.start]);
            let is_other = |&row: &usize| (folds[row], repeats[row]) != network;
            let end = rest.clone().find(is_other).unwrap_or(rest.end);
            let records = (rest.start..end).map(record);
            append(&mut said, (network, NetworkDynamics::new(records)));
            rest.start = end;
        }
        videos.push((id.to_owned(), said));
    }
    Ok(videos)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::dynamics::DynamicsRow;
    use crate::score::dynamics::VideoDynamics;

    #[test]
    fn the_file_says_what_the_rows_say() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path())
            .unwrap()
            .join("dynamics.parquet");
        let row = |id, fold, label_margin, loss| DynamicsRow {
            id,
            fold,
            repeat: 1,
            epoch: 7,
            label_prob: 0.5,
            label_margin,
            loss,
            prediction: "sad",
            state: "noisy",
        };
        let mut dynamics = Dynamics::default();
        for row in [
            row("a", 0, 0.5, 0.5),
            row("b", 0, -0.5, 1.0),
            row("a", 0, -0.5, 1.0),
            row("a", 2, 0.5, 1.5),
            row("c", 1, 0.5, 0.5),
            row("c", 2, 0.5, 0.5),
            row("c", 1, -0.5, 0.5),
        ] {
            dynamics.push(row);
        }
        dynamics.write(&path).unwrap();
        let read = TrainingDynamics::read(&path).unwrap();
        assert_eq!(read, TrainingDynamics::new(&dynamics));
        assert!(!read.is_empty() && TrainingDynamics::default().is_empty());
        let networks = read.networks("a").unwrap();
        let events = networks.iter().map(NetworkDynamics::forgetting_events);
        assert_eq!(events.collect::<Vec<_>>(), [Some(1), Some(0)]);
        let summary = VideoDynamics::summarise(&networks).unwrap();
        assert_eq!((summary.mean_loss, summary.correctness), (1.0, 2.0 / 3.0));
        assert_eq!(read.networks("b").unwrap()[0].forgetting_events(), None);
        assert_eq!(read.networks("c").unwrap().len(), 2);
        assert_eq!(read.networks("d"), None);
    }
}
