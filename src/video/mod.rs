//! From a video file, or a folder of frame images, to a few small RGB frames and the facts about it; and back, for demos.
//!
//! Everything that knows an `FFmpeg` type lives here. Decoding is exact: frame `i` is the `i`-th picture in display order,
//! whatever the codec, B-frames, edit lists or variable frame rate. One pass over the packets counts them without
//! decoding (`index`), one pass decodes in order, without what no kept frame needs (`spare`), and scales only the frames that
//! are kept (`decoder`, `scale`). Every decoder runs on one thread: the work is parallel over videos, and that is left to [`crate::cache`], which also keeps
//! the frames.
//!
//! Colour: frames become RGB by the matrix and the range that they are tagged with; what is untagged is BT.601 with the
//! range that its pixel format implies, as swscale assumes. Not handled: transfer curves and primaries (HDR material
//! looks flat, BT.2020 primaries stay as they are), ICC profiles, chroma sample positions, deinterlacing, the EXIF
//! orientation of JPEG images (`FFmpeg` tells it only from version 8 on; then it is applied). Alpha is dropped, not
//! blended. Pixels can differ by a step or two between processors and between versions of `FFmpeg`'s scaler.

mod area;
mod colour;
mod crop;
mod decoder;
mod encoder;
mod error;
mod explain;
mod file;
mod folder;
mod frame_set;
mod glance;
mod halve;
mod image;
mod index;
mod jpeg;
mod library;
mod orientation;
mod raw;
mod resample;
mod reuse;
#[cfg(test)]
pub(crate) mod samples;
mod scale;
mod settings;
mod span;
mod spare;
mod stand_in;
#[cfg(test)]
mod tests;
mod versions;
mod window;
mod wish;

use camino::Utf8Path;

pub use self::crop::FaceCrop;
pub use self::encoder::{EncodeError, EncoderCodec, EncoderOptions, EncoderPixels, VideoEncoder};
pub use self::error::{DecodeError, DecodeProblem};
pub(crate) use self::folder::{frame_files, frame_sets_of};
pub(crate) use self::resample::part_of_grey;
pub use self::settings::{ContainerFacts, DecodeSettings, DecodedVideo, VideoFacts, evenly_spread};
pub use self::versions::{has_h264_encoder, libavcodec_version};
pub use self::window::Window;
use self::wish::{Picture, Wish};

/// Decodes a video file, or a folder of image files in natural numeric order.
///
/// # Errors
/// When nothing can be shown: the path cannot be read, is no video, or not one frame of it can be decoded. A video that
/// is damaged in part is no error; its [`VideoFacts::truncated`] is set.
pub fn decode(path: &Utf8Path, settings: &DecodeSettings) -> Result<DecodedVideo, DecodeError> {
    let picture = Picture::Stored;
    run(path, &Wish { settings, picture })
}

/// The same, but of each frame only a window is stored, cut out before it is scaled; `window` tells it by the frame's index in
/// display order. The settings' own part is not looked at.
///
/// # Errors
/// As [`decode`].
pub fn decode_window(
    path: &Utf8Path,
    settings: &DecodeSettings,
    window: &dyn Fn(u32) -> Window,
) -> Result<DecodedVideo, DecodeError> {
    let picture = Picture::Window(window);
    run(path, &Wish { settings, picture })
}

/// Small grey pictures of some of the frames that [`decode`] keeps.
#[derive(Debug, Clone, PartialEq)]
pub struct Glances {
    /// Frames of the video.
    pub frames: u32,
    /// The index of each picture's frame in display order, ascending.
    pub at: Vec<u32>,
    /// Width and height of the pictures.
    pub shape: (u32, u32),
    /// Width and height of the video's first frame as it is shown.
    pub shown: (u32, u32),
    /// The pictures: one byte of luma a pixel, rows from the top.
    pub pixels: Vec<u8>,
}

/// Decodes pictures in the frames' own shape to look at: of one in `every` kept frames, the first and the last among them,
/// with a shorter edge of `edge` pixels.
///
/// # Errors
/// As [`decode`].
pub fn glance(
    path: &Utf8Path,
    settings: &DecodeSettings,
    every: usize,
    edge: u32,
) -> Result<Glances, DecodeError> {
    let picture = Picture::Glance { every, edge };
    let video = run(path, &Wish { settings, picture })?;
    let shown = (video.facts.width, video.facts.height);
    Ok(Glances {
        frames: video.facts.frames,
        at: video.kept,
        shape: glance::glance_shape(shown, edge),
        shown,
        pixels: video.pixels,
    })
}

fn run(path: &Utf8Path, wish: &Wish<'_>) -> Result<DecodedVideo, DecodeError> {
    let attempt = || {
        wish.settings.check()?;
        let metadata =
            fs_err::metadata(path).map_err(|source| DecodeProblem::Unreadable { source })?;
        if metadata.is_dir() {
            folder::decode(path, wish)
        } else if metadata.len() == 0 {
            Err(DecodeProblem::EmptyFile)
        } else {
            file::decode(path, wish)
        }
    };
    library::prepare();
    attempt().map_err(|problem| DecodeError::new(path, stand_in::better(path, problem)))
}

/// How many frames a video has, by its packets or the images of a folder; nothing where it cannot be read.
pub(crate) fn count_frames(path: &Utf8Path) -> Option<usize> {
    library::prepare();
    if path.is_dir() {
        return frame_files(path).ok().map(|frames| frames.len());
    }
    let index = index::PacketIndex::read(path).ok()?;
    Some(index.packets as usize)
}
