//! The decoding thread: the clip that is wanted now, then the one that will probably be wanted next.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;

use camino::Utf8Path;
use crossbeam_channel::Sender;

use super::mailbox::Mailbox;
use crate::face::{FaceFinder, Follower};
use crate::rows::locate::Locator;
use crate::video::{self, DecodeError, DecodeSettings, DecodedVideo, VideoFacts};

/// Decoded clips may take so many bytes together.
const MOST_BYTES: usize = 48 << 20;

/// One clip may take so many; of longer ones fewer frames are kept, evenly spread.
const MOST_CLIP_BYTES: usize = 24 << 20;

/// How the network's own frames were made.
#[derive(Debug, Clone, Default)]
pub struct ModelView {
    /// How they were decoded.
    pub settings: DecodeSettings,
    /// Who followed a face, or why nobody can now; nothing where none was followed.
    pub follower: Option<Result<Follower, String>>,
}

/// A decoded clip.
#[derive(Debug, Clone, PartialEq)]
pub struct Clip {
    /// The row of its video.
    pub row: u32,
    /// Whether its frames are the network's own.
    pub is_model: bool,
    /// What the video is like.
    pub facts: VideoFacts,
    /// The index of each frame in display order, ascending.
    pub kept: Vec<u32>,
    /// Edge of the frames in pixels.
    pub size: u32,
    /// The frames: `kept.len()`×`size`×`size`×3, RGB, rows from the top.
    pub pixels: Vec<u8>,
}

impl Clip {
    /// The pixels to show for a frame: those of the last kept frame up to it.
    pub fn frame(&self, frame: u32) -> &[u8] {
        let place = self.kept.partition_point(|&kept| kept <= frame);
        let bytes = self.size as usize * self.size as usize * 3;
        let start = place.saturating_sub(1) * bytes;
        self.pixels.get(start..start + bytes).unwrap_or_default()
    }
}

/// A clip that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClipRequest {
    /// The row of its video.
    pub row: u32,
    /// The video's id.
    pub id: String,
    /// The video's path as the manifest writes it.
    pub path: String,
    /// The edge of the frames in pixels, unless they are the network's own.
    pub size: u32,
    /// Whether the frames shall be the network's own.
    pub is_model: bool,
    /// What will probably be wanted after it: row, id and path.
    pub next: Option<(u32, String, String)>,
}

/// A clip, or the row and the reason why there is none.
pub type Decoded = Result<Arc<Clip>, (u32, String)>;

/// The thread's name, by which a panic of it is told from others.
pub const THREAD: &str = "clip decoder";

/// Starts the thread. `model` is how the network's own frames were made.
///
/// # Errors
/// The system gives no thread.
pub fn spawn_decoder(
    requests: Arc<Mailbox<ClipRequest>>,
    locator: Locator,
    model: ModelView,
    answers: Sender<Decoded>,
) -> io::Result<()> {
    let decoder = thread::Builder::new().name(THREAD.to_owned());
    decoder.spawn(move || {
        let mut shelf = Shelf::default();
        let mut finder = match &model.follower {
            Some(Ok(follower)) => Some(follower.finder()),
            _ => None,
        };
        while let Some(request) = requests.take() {
            let settings = if request.is_model {
                model.settings
            } else {
                screen_settings(request.size)
            };
            let mut serve = |row: u32, id: &str, path: &str| -> Decoded {
                if let Some(clip) = shelf.find(row, request.is_model, settings.size) {
                    return Ok(clip);
                }
                let path = locator.find(id, path);
                let decoded = if request.is_model {
                    decode(row, &path, &settings, &mut || {
                        model.decode(finder.as_mut(), &path)
                    })
                } else {
                    decode(row, &path, &settings, &mut || {
                        video::decode(&path, &settings).map_err(|error| told(&error))
                    })
                };
                let clip = Arc::new(Clip {
                    is_model: request.is_model,
                    ..decoded?
                });
                shelf.put(Arc::clone(&clip));
                Ok(clip)
            };
            let answer = serve(request.row, &request.id, &request.path);
            if answers.send(answer).is_err() {
                return;
            }
            if let Some((row, id, path)) = &request.next
                && !requests.is_waiting()
            {
                // Its failure is told when it is asked for.
                drop(serve(*row, id, path));
            }
        }
    })?;
    Ok(())
}

fn screen_settings(size: u32) -> DecodeSettings {
    let one = DecodeSettings {
        size,
        max_frames: 1,
        ..DecodeSettings::default()
    };
    DecodeSettings {
        size,
        max_frames: (MOST_CLIP_BYTES / one.frame_bytes()).max(2),
        ..one
    }
}

impl ModelView {
    fn decode(
        &self,
        finder: Option<&mut FaceFinder>,
        path: &Utf8Path,
    ) -> Result<DecodedVideo, String> {
        match (&self.follower, finder) {
            (Some(Err(reason)), _) => Err(reason.clone()),
            (Some(Ok(follower)), Some(finder)) => {
                let decoded = follower.decode(finder, path, &self.settings);
                decoded
                    .map(|(video, _)| video)
                    .map_err(|error| told(&error))
            }
            _ => video::decode(path, &self.settings).map_err(|error| told(&error)),
        }
    }
}

/// An error with its causes.
fn told(error: &DecodeError) -> String {
    let mut reason = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        reason = format!("{reason}: {error}");
        cause = error.source();
    }
    reason
}

fn decode(
    row: u32,
    path: &Utf8Path,
    settings: &DecodeSettings,
    decode: &mut dyn FnMut() -> Result<DecodedVideo, String>,
) -> Result<Clip, (u32, String)> {
    // A decoder that panics costs its clip, not the review.
    match catch_unwind(AssertUnwindSafe(decode)) {
        Ok(Ok(video)) => Ok(Clip {
            row,
            is_model: false,
            facts: video.facts,
            kept: video.kept,
            size: settings.size,
            pixels: video.pixels,
        }),
        Ok(Err(mut reason)) => {
            if !path.exists() {
                reason = format!("{reason}; '--root' says where the videos lie");
            }
            Err((row, reason))
        }
        Err(_) => Err((row, format!("the decoder broke down on '{path}'"))),
    }
}

/// The last decoded clips, newest last.
#[derive(Default)]
struct Shelf(Vec<Arc<Clip>>);

impl Shelf {
    fn find(&mut self, row: u32, is_model: bool, size: u32) -> Option<Arc<Clip>> {
        let is_it =
            |clip: &Arc<Clip>| (clip.row, clip.is_model, clip.size) == (row, is_model, size);
        let place = self.0.iter().position(is_it)?;
        let clip = self.0.remove(place);
        self.0.push(Arc::clone(&clip));
        Some(clip)
    }

    fn put(&mut self, clip: Arc<Clip>) {
        self.0.push(clip);
        let bytes = |clips: &[Arc<Clip>]| clips.iter().map(|clip| clip.pixels.len()).sum::<usize>();
        while self.0.len() > 1 && bytes(&self.0) > MOST_BYTES {
            self.0.remove(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clip(row: u32, frames: u32, size: u32) -> Clip {
        let bytes = (size * size * 3) as usize;
        Clip {
            row,
            is_model: false,
            facts: VideoFacts {
                frames: frames * 2,
                fps: 25.0,
                duration_secs: 1.0,
                width: 4,
                height: 3,
                distinct_frames: frames,
                truncated: false,
            },
            kept: (0..frames).map(|frame| frame * 2).collect(),
            size,
            pixels: (0..frames)
                .flat_map(|frame| vec![frame as u8; bytes])
                .collect(),
        }
    }

    #[test]
    fn the_frame_shown_is_the_last_one_kept_up_to_now() {
        let clip = clip(0, 3, 2);
        let shown: Vec<u8> = (0..8).map(|frame| clip.frame(frame)[0]).collect();
        assert_eq!(shown, [0, 0, 1, 1, 2, 2, 2, 2]);
    }

    #[test]
    fn the_shelf_holds_what_fits() {
        let mut shelf = Shelf::default();
        for row in 0..5 {
            shelf.put(Arc::new(clip(row, 100, 256)));
        }
        assert!(shelf.find(0, false, 256).is_none());
        assert!(shelf.find(4, false, 256).is_some());
        assert!(shelf.find(4, true, 256).is_none() && shelf.find(4, false, 160).is_none());
        assert!(shelf.0.len() == 2, "{}", shelf.0.len());
    }
}
