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
mod halve;
mod image;
mod index;
mod jpeg;
mod library;
mod orientation;
mod raw;
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

use camino::Utf8Path;

pub use self::crop::FaceCrop;
pub use self::encoder::{EncodeError, EncoderCodec, EncoderOptions, EncoderPixels, VideoEncoder};
pub use self::error::{DecodeError, DecodeProblem};
pub(crate) use self::folder::{frame_files, frame_sets_of};
pub use self::settings::{ContainerFacts, DecodeSettings, DecodedVideo, VideoFacts, evenly_spread};
pub use self::versions::{has_h264_encoder, libavcodec_version};

/// Decodes a video file, or a folder of image files in natural numeric order.
///
/// # Errors
/// When nothing can be shown: the path cannot be read, is no video, or not one frame of it can be decoded. A video that
/// is damaged in part is no error; its [`VideoFacts::truncated`] is set.
pub fn decode(path: &Utf8Path, settings: &DecodeSettings) -> Result<DecodedVideo, DecodeError> {
    let attempt = || {
        settings.check()?;
        let metadata =
            fs_err::metadata(path).map_err(|source| DecodeProblem::Unreadable { source })?;
        if metadata.is_dir() {
            folder::decode(path, settings)
        } else if metadata.len() == 0 {
            Err(DecodeProblem::EmptyFile)
        } else {
            file::decode(path, settings)
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
