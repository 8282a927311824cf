//! The face detector that the settings ask for: to follow a face while decoding, or to look for one afterwards.

use anyhow::bail;

use crate::face::{FaceModel, Follower};
use crate::settings::Settings;

/// Who looks for faces. At most one of the two: a face that is followed is found already.
#[derive(Default)]
pub(crate) struct Faces {
    /// Looks for a face in the decoded frames.
    pub(crate) model: Option<FaceModel>,
    /// Follows a face while decoding.
    pub(crate) follower: Option<Follower>,
}

impl Faces {
    /// What the settings ask for.
    ///
    /// # Errors
    ///
    /// If the detector's model is not there or cannot be read.
    pub(crate) fn new(settings: &Settings) -> anyhow::Result<Self> {
        let is_named = !settings.health.face_model.as_str().is_empty();
        if !settings.face.follows() && !is_named {
            return Ok(Self::default());
        }
        let file = FaceModel::file(settings.health.face_model.as_str());
        if !is_named && !file.exists() {
            bail!(
                "following a face needs a detector's model, and there is none in '{file}': fetch it with scripts/setup --detector, or name 'seeta_fd_frontal_v1.0.bin' of the crate 'rustface' with --set health.face_model=FILE"
            );
        }
        let model = FaceModel::read(&file)?;
        Ok(match settings.face.margin() {
            Some(margin) => Self {
                model: None,
                follower: Some(Follower::new(margin, model)),
            },
            None => Self {
                model: Some(model),
                follower: None,
            },
        })
    }
}
