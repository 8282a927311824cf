//! Decoding with a face in the middle: once to find it, and once more to cut it out.

use camino::Utf8Path;
use serde::{Deserialize, Serialize};

use super::detector::{FaceFinder, FaceModel, SMALLEST_FACE};
use super::link::{self, Chosen};
use super::path::Path;
use super::search::search;
use crate::video::{self, DecodeError, DecodeSettings, DecodedVideo, Glances, Window};

/// Raised when the same file and settings begin to give other windows, so that cached frames are not taken for new.
const METHOD: u32 = 1;

/// One in so many of the kept frames is looked at.
const EVERY: usize = 4;

/// The frame's shorter edge holds the smallest face that is looked for so many times.
const FRAME_IN_FACES: u32 = 5;

/// A face that is found in a smaller share of the frames that are looked at is not followed.
const LEAST_FOUND: f32 = 0.5;

/// All that decides which part of a frame is cut out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Follow {
    method: u32,
    margin: f64,
    /// Digest of the detector's model.
    detector: String,
}

impl Follow {
    /// The margin at each side, as a share of the edge of the detector's box.
    pub fn margin(&self) -> f64 {
        self.margin
    }
}

/// What following a face through a video came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Followed {
    /// Frames that were looked at.
    pub looked_at: u32,
    /// Those of them in which the face was found.
    pub found_in: u32,
    /// The longest row of frames that were looked at without finding it, at the ends too.
    pub longest_loss: u32,
    /// The first and the last frame of that row, in display order.
    pub lost: [u32; 2],
    /// The detector's score of the surest face.
    pub score: f32,
    /// Edge of what is cut out, in pixels of the video, in the middle of the video; 0 where the whole frame was taken.
    pub edge: f32,
    /// Other faces, which are there for a quarter of the frames at least.
    pub others: u32,
}

impl Followed {
    /// Whether a face was followed; else the whole frame was taken.
    pub fn is_followed(&self) -> bool {
        self.edge > 0.0
    }
}

/// Follows faces; shared by threads, each with a finder of its own.
#[derive(Debug, Clone)]
pub struct Follower {
    model: FaceModel,
    follow: Follow,
}

impl Follower {
    /// With a detector's model, and a margin at each side as a share of the edge of the detector's box.
    pub fn new(margin: f64, model: FaceModel) -> Self {
        let follow = Follow {
            method: METHOD,
            margin,
            detector: model.digest().to_owned(),
        };
        Self { model, follow }
    }

    /// What decides the windows.
    pub fn follow(&self) -> &Follow {
        &self.follow
    }

    /// A finder, for one thread.
    pub fn finder(&self) -> FaceFinder {
        self.model.finder()
    }

    /// Decodes a video with its face cut out, square, with the margin around it; where there is none to follow, the whole
    /// frame. The window does not leave the frame: at its border the face stands beside the middle, and a window that would be
    /// larger than the frame is as large as its shorter edge.
    ///
    /// # Errors
    /// As [`video::decode`].
    pub fn decode(
        &self,
        finder: &mut FaceFinder,
        path: &Utf8Path,
        settings: &DecodeSettings,
    ) -> Result<(DecodedVideo, Followed), DecodeError> {
        let (way, followed) = self.find(finder, path, settings)?;
        let video = match way {
            Some(way) => video::decode_window(path, settings, &|frame| way.window(frame))?,
            None => video::decode(path, settings)?,
        };
        Ok((video, followed))
    }

    /// The way of a video's face; nothing where none can be followed.
    ///
    /// # Errors
    /// As [`video::decode`].
    pub fn find(
        &self,
        finder: &mut FaceFinder,
        path: &Utf8Path,
        settings: &DecodeSettings,
    ) -> Result<(Option<FaceWay>, Followed), DecodeError> {
        let glances = video::glance(path, settings, EVERY, SMALLEST_FACE * FRAME_IN_FACES)?;
        let (chosen, score) = look(finder, &glances);
        let mut followed = told(&chosen, &glances, score);
        let least = LEAST_FOUND * followed.looked_at as f32;
        if followed.found_in == 0 || (followed.found_in as f32) < least {
            return Ok((None, followed));
        }
        let way = FaceWay {
            path: Path::new(&chosen.track.sightings, &glances.at),
            margin: self.follow.margin as f32,
            shape: glances.shape,
        };
        let [_, _, edge] = way.window(glances.frames / 2).place(glances.shown);
        followed.edge = edge;
        Ok((Some(way), followed))
    }
}

/// The way of a face through a video.
#[derive(Debug, Clone, PartialEq)]
pub struct FaceWay {
    path: Path,
    margin: f32,
    /// Width and height of the pictures in which it was seen.
    shape: (u32, u32),
}

impl FaceWay {
    /// The part around the face in a frame, by its index in display order.
    pub fn window(&self, frame: u32) -> Window {
        let ([x, y, edge], (width, height)) = (self.path.at(frame), self.shape);
        let share = |length: f32, of: u32| length / of as f32;
        let edge = edge * (1.0 + 2.0 * self.margin);
        Window {
            x: share(x, width),
            y: share(y, height),
            edge: share(edge, width.min(height)),
        }
    }
}

/// The face to follow in pictures, and the score of the surest one.
fn look(finder: &mut FaceFinder, glances: &Glances) -> (Chosen, f32) {
    let faces = search(finder, glances);
    let scores = faces.iter().flatten().map(|face| face.score);
    let score = scores.fold(0.0, f32::max);
    let (width, height) = glances.shape;
    (link::choose(&faces, (width as f32, height as f32)), score)
}

fn told(chosen: &Chosen, glances: &Glances, score: f32) -> Followed {
    let at = &glances.at;
    let mut followed = Followed {
        looked_at: at.len() as u32,
        found_in: chosen.track.sightings.len() as u32,
        score,
        others: chosen.others as u32,
        ..Followed::default()
    };
    let seen = chosen.track.sightings.iter().map(|seen| seen.at);
    let mut next = 0;
    for place in seen.chain([at.len()]) {
        let missing = (place - next) as u32;
        if missing > followed.longest_loss {
            followed.longest_loss = missing;
            followed.lost = [at[next], at[place - 1]];
        }
        next = place + 1;
    }
    followed
}
