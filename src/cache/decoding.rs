//! How frames are made of a video: what a cache is asked for, and by what its lines are told apart.

use crate::face::{Follow, Follower};
use crate::video::DecodeSettings;

/// How videos are decoded. Settings alone stand for whole frames, or the same part of each.
#[derive(Clone, Copy)]
pub struct Decoding<'a> {
    /// How frames are brought to the size at which they are stored.
    pub settings: &'a DecodeSettings,
    /// Who follows a face, where one is to be cut out.
    pub follower: Option<&'a Follower>,
}

impl<'a> From<&'a DecodeSettings> for Decoding<'a> {
    fn from(settings: &'a DecodeSettings) -> Self {
        Self {
            settings,
            follower: None,
        }
    }
}

impl Decoding<'_> {
    pub(super) fn frames(&self) -> FramesKind {
        FramesKind {
            settings: *self.settings,
            follow: self.follower.map(|follower| follower.follow().clone()),
        }
    }
}

/// What decides the frames of a file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FramesKind {
    pub(super) settings: DecodeSettings,
    /// How a face was followed; nothing where none was to be.
    pub(super) follow: Option<Follow>,
}
