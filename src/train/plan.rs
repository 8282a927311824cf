//! What a training is given, and what it tells while it goes on.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use tch::Device;

use super::TrainSettings;
use super::lesson::{Lesson, Lessons};
use crate::cache::{Cache, Features};
use crate::clip::ClipSettings;
use crate::clip::loader::Source;
use crate::clip::resident::Resident;
use crate::metrics::ConfusionMatrix;
use crate::model::ModelSettings;
use crate::model::weights::BackboneWeights;

/// What a fold's network learns from.
#[derive(Debug, Clone, Copy)]
pub struct TrainingSet<'a> {
    /// The frames of all videos.
    pub cache: &'a Cache,
    /// Every video's id, in the cache's order.
    pub ids: &'a [String],
    /// Every video's given label, in the cache's order.
    pub labels: &'a [usize],
    /// What videos are learnt as that are not learnt as their given label.
    pub lessons: &'a Lessons,
    /// Number of classes.
    pub classes: usize,
    /// The videos to train on.
    pub videos: &'a [usize],
    /// Videos that nothing is learnt from.
    pub held_out: &'a [usize],
    /// A file with the weights of a network of this shape that learnt from none of them, from which it starts.
    pub start: Option<&'a Utf8Path>,
}

impl TrainingSet<'_> {
    /// Every video's class as far as people know it, in the cache's order: what was decided, else the given label.
    pub(super) fn taught(&self) -> Cow<'_, [usize]> {
        let mut labels = Cow::Borrowed(self.labels);
        for (&video, lesson) in self.lessons {
            if let Lesson::Decided(class) = lesson {
                labels.to_mut()[video] = *class;
            }
        }
        labels
    }
}

/// What the networks of all folds share.
#[derive(Debug, Clone, Copy)]
pub struct TrainPlan<'a> {
    /// What a clip is.
    pub clips: &'a ClipSettings,
    /// The network's shape.
    pub model: &'a ModelSettings,
    /// How it is trained.
    pub train: &'a TrainSettings,
    /// Where.
    pub device: Device,
    /// What the backbones start from; drawn weights where there is nothing.
    pub weights: Option<&'a BackboneWeights>,
    /// What frozen backbones saw in the frames, or what was given in their place; then these are not looked at.
    pub features: Option<&'a Features>,
    /// A video with fewer distinct frames is scored on one clip of all of them, since several would be alike.
    pub few_frames: usize,
    /// The frames on the device, where they fit.
    pub resident: Option<&'a Resident>,
}

impl<'a> TrainPlan<'a> {
    /// What clips are made of.
    pub(crate) fn source(&self, cache: &'a Cache) -> Source<'a> {
        match (self.features, self.resident) {
            (Some(features), _) => Source::Features(features),
            (None, Some(frames)) => Source::Resident(frames),
            (None, None) => Source::Frames(cache, self.model.input),
        }
    }
}

/// Asked between batches: whether to stop.
pub type Stop<'a> = &'a (dyn Fn() -> bool + Sync);

/// How a network does on clips against their given labels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// Number of clips.
    pub clips: usize,
    /// Share that is predicted as labelled (WAR), in [0, 1].
    pub accuracy: f64,
    /// Mean of that share over the classes that occur (UAR), in [0, 1].
    pub uar: f64,
}

impl Fit {
    /// Of no clips.
    pub const NONE: Self = Self {
        clips: 0,
        accuracy: 0.0,
        uar: 0.0,
    };

    /// Of clips with these given and predicted classes; nothing where there are none.
    pub fn of(given: &[usize], predicted: &[usize], classes: usize) -> Option<Self> {
        let matrix = ConfusionMatrix::count(given, predicted, classes).ok()?;
        Some(Self {
            clips: given.len(),
            accuracy: matrix.weighted_average_recall()?,
            uar: matrix.unweighted_average_recall()?,
        })
    }
}

/// One epoch, for the training log and the progress display.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EpochSummary {
    /// From 1.
    pub epoch: usize,
    /// Mean loss over the epoch's clips.
    pub loss: f64,
    /// How the epoch's training clips were predicted while they were learnt.
    pub training: Fit,
    /// How held-out clips are predicted at its end; nothing where none are looked at.
    pub held_out: Option<Fit>,
    /// Learning rate at the epoch's end.
    pub learning_rate: f64,
}

/// News from the training, for whoever watches.
#[derive(Debug, Clone, Copy)]
pub enum TrainEvent {
    /// So many clips more are done.
    Clips(usize),
    /// An epoch has ended.
    Epoch(EpochSummary),
    /// What is learnt is about to be written: who ends the process now loses it.
    Keeps,
    /// That is done.
    Kept,
}

/// The least time between two files.
const APART: Duration = Duration::from_secs(5);

/// How many times as long as the last file took to write the training goes on before the next: a hundredth of the time at most.
const WORTH: u32 = 100;

/// Where a training is kept while it goes on.
#[derive(Debug)]
pub struct Unfinished {
    pub(super) path: Utf8PathBuf,
    pub(super) owner: String,
    /// When it was last written, or begun.
    pub(super) kept: Instant,
    /// How long that took.
    pub(super) took: Duration,
}

impl Unfinished {
    /// A training that is kept at `path`. `owner`: a digest of all that decides its course.
    pub fn new(path: Utf8PathBuf, owner: String) -> Self {
        Self {
            path,
            owner,
            kept: Instant::now(),
            took: Duration::ZERO,
        }
    }

    /// Whether so much was learnt since it was last kept that it is worth to be kept again.
    pub(super) fn is_due(&self) -> bool {
        self.kept.elapsed() >= APART.max(self.took * WORTH)
    }
}
