//! Faces in pictures: found by a detector whose model the user names, and followed through a video, so that what is stored of
//! it shows a face in the middle.
//!
//! Some of the frames are looked at ([`crate::video::glance`], `search`); boxes that follow each other at nearly the same place are one
//! face (`link`); its way through the video is smoothed (`path`), and cut out of the frames as they are ([`Follower`]).

mod detector;
mod follow;
mod link;
mod path;
mod search;
mod settings;

pub use self::detector::{FaceFinder, FaceModel, FaceModelError};
pub use self::follow::{FaceWay, Follow, Followed, Follower};
pub use self::settings::{FaceChoice, FaceChoiceError};
