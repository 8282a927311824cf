//! Settings: every number that decides a run, where it came from, and whether it makes sense.
//!
//! Defaults belong to the stages (`Default` of their own settings structs); this module only composes them. [`Layers`]
//! lays a preset or file, `--set` and the flags over the defaults; [`Resolved`] is the outcome, each value with its
//! [`Origin`], printable as TOML that reads back equal. A [`Family`] is what is resolved together: the settings of a run, those
//! of the demo, the user's own of the review. Ranges and rules between keys are in `check`. Nothing outside `check` lists
//! fields: a new field of a stage is a new key at once. A field cannot be an `Option`, since a key that is absent from the
//! defaults would be unknown.

mod check;
mod error;
mod family;
mod key;
mod presets;
mod print;
mod resolve;
mod retired;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use error::{Origin, SettingsError, SettingsProblem, SettingsProblemKind};
pub use family::{DemoSettings, Family, OwnSettings};
pub use key::Key;
pub use presets::preset_names;
pub use resolve::{Layers, Resolved};

use crate::audit::AuditSettings;
use crate::cache::CacheSettings;
use crate::clip::ClipSettings;
use crate::duplicates::DuplicateSettings;
use crate::face::FaceChoice;
use crate::health::HealthSettings;
use crate::model::ModelSettings;
pub use crate::model::device::DeviceChoice;
use crate::score::noise_model::NoiseModelSettings;
use crate::score::{CalibrationSettings, NeighbourSettings, VerdictSettings};
use crate::seed::Seed;
use crate::train::TrainSettings;
use crate::video::DecodeSettings;

/// Everything that decides a run's result, apart from the data set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The seed from which every random draw is derived.
    pub seed: u64,
    /// Threads for decoding and for the network on the CPU; 0 means one per core.
    pub threads: usize,
    /// Where the networks run: 'auto', 'cpu' or a CUDA device, as 'cuda:0'. Several of a kind, as 'cuda:0,cuda:1', train a network
    /// each side by side.
    pub device: DeviceChoice,
    /// What of every frame is taken: 'whole', or with 'track' a face that is followed through the video and cut out, as with
    /// 'track:0.4' with another margin at each side than a quarter of the face's box.
    #[serde(default)]
    pub face: FaceChoice,
    /// Folds of the cross-validation, from 2.
    pub folds: usize,
    /// How videos are decoded.
    pub video: DecodeSettings,
    /// How decoded frames are kept.
    pub cache: CacheSettings,
    /// From when on something is amiss with a file or its picture.
    pub health: HealthSettings,
    /// When two videos count as the same recording.
    pub duplicates: DuplicateSettings,
    /// From when on something is amiss with labels.
    pub audit: AuditSettings,
    /// How clips are taken from a video.
    pub clips: ClipSettings,
    /// The network.
    pub model: ModelSettings,
    /// How the network is trained.
    pub train: TrainSettings,
    /// When a video is called mislabeled or hard.
    pub verdict: VerdictSettings,
    /// How the noise of the labels is undone.
    pub noise: NoiseModelSettings,
    /// The self-test of the ranking.
    pub calibration: CalibrationSettings,
    /// When a video's neighbours in feature space make it suspect.
    pub neighbours: NeighbourSettings,
    /// What the data set writes for a class → the class's name; empty: the classes are named as they are written.
    pub labels: BTreeMap<String, String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 0,
            threads: 0,
            device: DeviceChoice::Auto,
            folds: 5,
            video: DecodeSettings::default(),
            face: FaceChoice::Whole,
            cache: CacheSettings::default(),
            health: HealthSettings::default(),
            duplicates: DuplicateSettings::default(),
            audit: AuditSettings::default(),
            clips: ClipSettings::default(),
            model: ModelSettings::default(),
            train: TrainSettings::default(),
            verdict: VerdictSettings::default(),
            noise: NoiseModelSettings::default(),
            calibration: CalibrationSettings::default(),
            neighbours: NeighbourSettings::default(),
            labels: BTreeMap::new(),
        }
    }
}

impl Settings {
    /// The seed as the source of random streams.
    pub fn seed(&self) -> Seed {
        Seed(self.seed)
    }

    /// The number of distinct frames below which clips of a video agree by construction: the setting, or as many as the
    /// synopsis stream sees. Of given features, each of which may sum up many frames, fewer do.
    pub fn min_distinct_frames(&self) -> usize {
        /// With so many, windows of two fifths of a video hold two rows at the least and begin at different ones (ours).
        const ROWS: usize = 4;
        match self.clips.min_distinct_frames {
            0 if self.model.row_width > 0 => ROWS,
            0 => self.model.synopsis_frames as usize,
            frames => frames,
        }
    }

    /// The number of threads to use: the setting, or one per core.
    pub fn thread_count(&self) -> usize {
        match self.threads {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            threads => threads,
        }
    }
}

#[cfg(test)]
mod tests;
