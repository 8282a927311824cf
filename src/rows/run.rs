//! `run.json`: what was scanned, how, and with what.

use std::collections::BTreeMap;

use camino::Utf8Path;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::learning::LearningCard;
use super::skill::SkillCard;
use super::votes::VoteCard;
use crate::manifest::Reading;
use crate::score::calibration::{Basis, Interval, SelfTest};
use crate::table::{SCHEMA, remedy};
use crate::whole;

/// The card of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RunCard {
    /// Version of the program.
    pub version: String,
    /// Version of the run's files.
    pub schema: u32,
    /// The manifest or folder that was scanned, as an absolute path.
    pub dataset: String,
    /// Its format.
    pub format: String,
    /// Where the paths of the videos start, as an absolute path; nothing where there are no videos.
    pub root: Option<String>,
    /// Digest (BLAKE3, hexadecimal) of each file of labels that was scanned, by its path below the data set's folder; empty
    /// for class folders.
    pub digests: BTreeMap<String, String>,
    /// How the data set was read, beyond its format.
    #[serde(default)]
    pub reading: Reading,
    /// Digest of the videos' ids, labels, folds and contents: two runs with the same one saw the same data.
    pub fingerprint: String,
    /// Class names, in the order of all probabilities.
    pub labels: Vec<String>,
    /// Every setting as it was resolved.
    pub settings: serde_json::Value,
    /// The random seed.
    pub seed: u64,
    /// `cpu` or `cuda:N`.
    pub device: String,
    /// Digest of the file of weights that the backbones started from; none where their first weights were drawn.
    pub weights: Option<String>,
    /// Features that the networks were shown in the place of frames.
    #[serde(default)]
    pub features: Option<FeaturesCard>,
    /// The networks of another run that scored the videos; nothing where the run trained its own.
    pub networks: Option<BorrowedNetworks>,
    /// The earlier run that the networks learnt again from; nothing where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier: Option<EarlierRun>,
    /// Version of libtorch.
    pub libtorch: String,
    /// Videos in the data set.
    pub videos: usize,
    /// Videos by verdict.
    pub verdicts: BTreeMap<String, usize>,
    /// What the networks are good for; nothing where no video could be scored.
    pub skill: Option<SkillCard>,
    /// What the order promises; nothing where no video could be scored, and where the networks cannot judge.
    pub promise: Option<PromiseCard>,
    /// What people's votes say; nothing where nobody voted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub votes: Option<VoteCard>,
    /// What the review's order learnt from decisions; nothing where nobody decided on a ranked video.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learning: Option<LearningCard>,
    /// Mean share of frames that two clips of a video have in common, in [0, 1]: near 1, agreement says little.
    pub clip_overlap: f64,
    /// Seconds spent in each stage of the run that finished it.
    pub timings_secs: BTreeMap<String, f64>,
}

/// Features of somebody's network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeaturesCard {
    /// The folder or file, as an absolute path.
    pub source: String,
    /// The network's name, where `features.json` has it.
    pub model: Option<String>,
    /// Numbers a row.
    pub width: usize,
    /// Digest of the rows, by which the run's cache has them.
    pub digest: String,
}

impl FeaturesCard {
    /// Where they come from, in one sentence without a full stop.
    pub fn sentence(&self) -> String {
        let Self { source, width, .. } = self;
        let model = self.model.as_deref().unwrap_or("a network without a name");
        format!(
            "the networks saw features of {model} ({width} numbers a row, '{source}') in the place of frames"
        )
    }
}

/// Networks of another run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BorrowedNetworks {
    /// The other run's folder, as an absolute path.
    pub run: String,
    /// How many networks.
    pub count: usize,
    /// Those of them that do not say what they learnt from: whether they know a video cannot be told.
    pub untold: usize,
    /// Videos that some network has learnt from, and that only the others scored.
    pub known_videos: usize,
    /// Videos that every network has learnt from, and that none scored.
    pub unscored_videos: usize,
}

impl BorrowedNetworks {
    /// What one must know of the scores, in one sentence without a full stop.
    pub fn sentence(&self) -> String {
        let videos = |count: usize| match count {
            1 => "1 video".to_owned(),
            _ => format!("{count} videos"),
        };
        let networks = match self.count {
            1 => "the network".to_owned(),
            count => format!("the {count} networks"),
        };
        let mut parts = vec![format!(
            "nothing was trained: {networks} of '{}' scored the videos together",
            self.run
        )];
        if self.known_videos > 0 {
            parts.push(format!(
                "{}, which some of them had learnt from, by the others alone",
                videos(self.known_videos)
            ));
        }
        if self.unscored_videos > 0 {
            parts.push(format!(
                "{}, which all of them had learnt from, not at all",
                videos(self.unscored_videos)
            ));
        }
        if self.untold > 0 {
            parts.push(format!(
                "whether {} of them had learnt from these videos cannot be told, and what a network has learnt it takes for right",
                self.untold
            ));
        }
        parts.join("; ")
    }
}

/// An earlier run of a data set, and what networks learnt from it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierRun {
    /// The earlier run's folder, as an absolute path.
    pub run: String,
    /// Why the networks did not start from its networks, as a fragment that follows 'since'; nothing where they did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why_anew: Option<String>,
    /// Epochs of training.
    pub epochs: usize,
    /// Videos that were learnt as their given label, which people had confirmed.
    pub kept: usize,
    /// Videos that were learnt as another label, which people had decided on.
    pub relabeled: usize,
    /// Videos that people had dropped and that nothing was learnt from.
    pub dropped: usize,
    /// Videos that were learnt as the earlier run's probabilities of their classes.
    pub soft: usize,
    /// Videos that were learnt as their given label, on which nobody had decided.
    pub given: usize,
}

impl EarlierRun {
    /// What was learnt, in one sentence without a full stop.
    pub fn sentence(&self) -> String {
        let videos = |count: usize| match count {
            1 => "1 video".to_owned(),
            _ => format!("{count} videos"),
        };
        let begin = match &self.why_anew {
            Some(why) => format!(
                "the networks learn from what was decided in '{}', from the beginning, since {why}",
                self.run
            ),
            None => format!(
                "the networks start from those of '{}', each from the one that never saw its fold",
                self.run
            ),
        };
        let mut parts = vec![format!(
            "{begin}; for {} they learn {} as people decided, {} of them with another label",
            match self.epochs {
                1 => "1 epoch".to_owned(),
                epochs => format!("{epochs} epochs"),
            },
            videos(self.kept + self.relabeled),
            self.relabeled,
        )];
        if self.dropped > 0 {
            parts.push(format!("{} dropped, not learnt from", videos(self.dropped)));
        }
        if self.soft > 0 {
            parts.push(format!(
                "{} by the earlier probabilities of their classes",
                videos(self.soft)
            ));
        }
        if self.given > 0 {
            parts.push(format!("{} as labelled", videos(self.given)));
        }
        parts.join(", ")
    }
}

/// What the order of a run promises, in numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PromiseCard {
    /// `range`: two assumptions of opposite leaning, one for each end; `judged`: 90 % intervals from a judged sample.
    pub basis: Basis,
    /// Judged videos.
    pub judged: usize,
    /// Wrong labels among the ranked videos.
    pub errors: Interval,
    /// Videos from the top that are recommended for review; 0 where no cut reaches the target precision.
    pub recommended: usize,
    /// Share of those that are wrong, in [0, 1].
    pub precision: Option<Interval>,
    /// Share of the wrong ones that are among those, in [0, 1].
    pub recall: Option<Interval>,
    /// The agreement threshold that the sample supports.
    pub agreement_threshold: Option<f64>,
    /// What came of labels that were changed on purpose.
    pub self_test: Option<SelfTest>,
    /// Pairs of given and estimated true class, the most frequent first.
    pub confused: Vec<ConfusedPair>,
    /// What is doubtful about the noise model by class; nothing where nothing is, and in runs of early versions.
    #[serde(default)]
    pub doubt: Option<DoubtCard>,
}

/// Why the noise model by class is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoubtCard {
    /// `exchanged`, `mostly_wrong`, `misleading` or `sure`.
    pub kind: String,
    /// What that means for this data set, in one sentence without a full stop.
    pub sentence: String,
}

/// A given label whose videos are often of another class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConfusedPair {
    /// The given label.
    pub given: String,
    /// The class that they are estimated to be of.
    pub estimated: String,
    /// Expected number of videos.
    pub count: f64,
}

/// A card that could not be written or read.
#[derive(Debug, Error)]
pub enum RunCardError {
    /// The file cannot be accessed.
    #[error("cannot access the run's card")]
    File(#[source] std::io::Error),
    /// The file does not hold a card.
    #[error("'{path}' is not the card of a run")]
    Content {
        /// The file.
        path: String,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// The file comes from another version.
    #[error("'{path}' has schema {found}, this program reads {SCHEMA}; {}", remedy(*.found))]
    Schema {
        /// The file.
        path: String,
        /// Its version.
        found: u32,
    },
}

/// Writes the card, whole or not at all.
///
/// # Errors
///
/// If the file cannot be written.
pub fn write(path: &Utf8Path, card: &RunCard) -> Result<(), RunCardError> {
    let json = serde_json::to_string_pretty(card).map_err(|source| RunCardError::Content {
        path: path.to_string(),
        source,
    })?;
    whole::write(path, json + "\n").map_err(RunCardError::File)
}

/// Reads a card.
///
/// # Errors
///
/// If the file cannot be read, is no card, or comes from another version.
pub fn read(path: &Utf8Path) -> Result<RunCard, RunCardError> {
    #[derive(Deserialize)]
    struct Version {
        schema: u32,
    }
    let content = |source| RunCardError::Content {
        path: path.to_string(),
        source,
    };
    let text = fs_err::read_to_string(path).map_err(RunCardError::File)?;
    // The version first: another card may have other fields.
    let Version { schema: found } = serde_json::from_str(&text).map_err(content)?;
    if found != SCHEMA {
        return Err(RunCardError::Schema {
            path: path.to_string(),
            found,
        });
    }
    serde_json::from_str(&text).map_err(content)
}
