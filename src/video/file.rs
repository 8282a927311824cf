//! One video file: count, decode, keep the wanted frames, and check the count.

use camino::Utf8Path;

use super::decoder::decode_stream;
use super::error::DecodeProblem;
use super::explain;
use super::index::PacketIndex;
use super::settings::{ContainerFacts, DecodedVideo, VideoFacts};
use super::spare::Spared;
use super::wish::Wish;

/// Decodes a file. See [`super::decode`].
pub(super) fn decode(path: &Utf8Path, wish: &Wish<'_>) -> Result<DecodedVideo, DecodeProblem> {
    decode_known(path, wish).map_err(|problem| explain::better(path, problem))
}

fn decode_known(path: &Utf8Path, wish: &Wish<'_>) -> Result<DecodedVideo, DecodeProblem> {
    let index = PacketIndex::read(path)?;
    let attempt = match Attempt::sparing(path, &index, wish)? {
        Some(attempt) => attempt,
        None => Attempt::whole(path, &index, wish)?,
    };
    if attempt.kept.is_empty() {
        return Err(DecodeProblem::NothingDecodable);
    }
    let (fps, duration_secs) = index.timing(attempt.frames, &attempt.times);
    Ok(DecodedVideo {
        facts: VideoFacts {
            frames: attempt.frames,
            fps: fps as f32,
            duration_secs: duration_secs as f32,
            width: attempt.shown.0,
            height: attempt.shown.1,
            distinct_frames: DecodedVideo::count_distinct(&attempt.pixels, attempt.frame_bytes()),
            truncated: index.truncated || attempt.damaged,
        },
        container: ContainerFacts {
            interlaced: attempt.interlaced as f32 / attempt.times.len().max(1) as f32,
            ..index.container()
        },
        kept: attempt.kept,
        pixels: attempt.pixels,
    })
}

/// The outcome of one decoding pass.
struct Attempt {
    frames: u32,
    damaged: bool,
    /// Width and height of the first kept frame.
    shown: (u32, u32),
    /// When each decoded frame is shown, in the order in which they came.
    times: Vec<Option<i64>>,
    /// How many of them are interlaced.
    interlaced: usize,
    kept: Vec<u32>,
    pixels: Vec<u8>,
}

impl Attempt {
    /// Decodes what the kept frames need. Nothing where the packets do not tell what that is, and where anything does not come
    /// out as the container says: then only decoding everything, by a new decoder, tells what the video is.
    fn sparing(
        path: &Utf8Path,
        index: &PacketIndex,
        wish: &Wish<'_>,
    ) -> Result<Option<Self>, DecodeProblem> {
        let wanted = wish.wanted(index.packets as usize);
        let Some(spared) = index.spare(&wanted).filter(|_| !index.truncated) else {
            return Ok(None);
        };
        let attempt = Self::run(path, index, wish, &wanted, Some(&spared))?;
        let as_said = attempt.kept == wanted && !attempt.damaged;
        Ok(as_said.then_some(Self {
            frames: index.packets,
            ..attempt
        }))
    }

    /// Decodes everything, and keeps what is to be kept of the frames that there are.
    fn whole(path: &Utf8Path, index: &PacketIndex, wish: &Wish<'_>) -> Result<Self, DecodeProblem> {
        let to_keep = |frames: u32| wish.wanted(frames as usize);
        let mut attempt = Self::run(path, index, wish, &to_keep(index.packets), None)?;
        // Packets and frames can differ in number: some carry no shown picture, some are damaged, some carry two. Then the
        // frames that should have been kept are known only now.
        if !attempt.narrow_to(&to_keep(attempt.frames)) {
            let first = attempt.frames;
            attempt = Self::run(path, index, wish, &to_keep(first), None)?;
            if attempt.frames != first {
                return Err(DecodeProblem::Unstable {
                    first,
                    second: attempt.frames,
                });
            }
        }
        Ok(attempt)
    }

    /// Decodes once, without what can be spared, and keeps the frames `wanted`.
    fn run(
        path: &Utf8Path,
        index: &PacketIndex,
        wish: &Wish<'_>,
        wanted: &[u32],
        spared: Option<&Spared>,
    ) -> Result<Self, DecodeProblem> {
        let mut painter = wish.painter(index.orientation);
        let mut kept = Vec::with_capacity(wanted.len());
        let mut pixels = Vec::with_capacity(wanted.len() * wish.settings.frame_bytes());
        let mut shown = (0, 0);
        let (mut times, mut interlaced) = (Vec::new(), 0);
        let (frames, damaged) = decode_stream(path, index, spared, &mut |number, frame| {
            times.push(frame.timestamp());
            interlaced += usize::from(frame.is_interlaced());
            let place = match spared {
                Some(spared) => spared.place(frame.pts()),
                None => Some(number),
            };
            if let Some(place) = place
                && wanted.get(kept.len()) == Some(&place)
            {
                let dimensions = painter.append(frame, place, &mut pixels)?;
                if kept.is_empty() {
                    shown = dimensions;
                }
                kept.push(place);
            }
            Ok(())
        })?;
        Ok(Self {
            frames,
            damaged,
            shown,
            times,
            interlaced,
            kept,
            pixels,
        })
    }

    /// Bytes of the picture of a kept frame: all have the same.
    fn frame_bytes(&self) -> usize {
        (self.pixels.len() / self.kept.len().max(1)).max(1)
    }

    /// Drops what is not wanted after all. False, with nothing dropped, when a wanted frame was not kept.
    fn narrow_to(&mut self, wanted: &[u32]) -> bool {
        if self.kept == wanted {
            return true;
        }
        if !wanted
            .iter()
            .all(|number| self.kept.binary_search(number).is_ok())
        {
            return false;
        }
        let bytes = self.frame_bytes();
        let pixels = self
            .kept
            .iter()
            .zip(self.pixels.chunks_exact(bytes))
            .filter(|(number, _)| wanted.binary_search(number).is_ok())
            .flat_map(|(_, frame)| frame)
            .copied()
            .collect();
        self.pixels = pixels;
        self.kept = wanted.to_vec();
        true
    }
}
