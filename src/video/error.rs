//! Why a video could not be decoded: the problem, and the path that has it.
//!
//! The two are apart because the cache remembers problems by a file's content, which may lie under another path tomorrow.

use std::error::Error;
use std::fmt;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use thiserror::Error;

use super::crop::FaceCrop;

/// A video that could not be decoded.
#[derive(Debug)]
pub struct DecodeError {
    /// The file or folder.
    pub path: Utf8PathBuf,
    /// What is wrong with it.
    pub problem: DecodeProblem,
}

impl DecodeError {
    pub(super) fn new(path: &Utf8Path, problem: DecodeProblem) -> Self {
        Self {
            path: path.to_owned(),
            problem,
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' {}", self.path, self.problem)
    }
}

// By hand, because the problem is part of this error's own text already; the chain goes on with the problem's cause.
impl Error for DecodeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.problem.source()
    }
}

/// What is wrong with a video. The text completes a sentence that begins with the video's name.
#[derive(Debug, Error)]
pub enum DecodeProblem {
    /// The settings ask for frames without pixels, or for no frames, or for frames beyond all reason.
    #[error(
        "cannot be decoded to {max_frames} frames of {size}×{size} pixels; at least one frame of 1 to {} pixels is needed",
        super::settings::LARGEST_SIZE
    )]
    Settings {
        /// The wanted edge, in pixels.
        size: u32,
        /// The wanted number of frames.
        max_frames: usize,
    },
    /// The settings ask for a part that no frame has.
    #[error(
        "cannot be cut to the part from {} to {} of its width and {} to {} of its height; shares from 0 to 1 in ascending order are needed",
        crop.left, crop.right, crop.top, crop.bottom
    )]
    Crop {
        /// The wanted part.
        crop: FaceCrop,
    },
    /// The file system does not give the bytes.
    #[error("cannot be read")]
    Unreadable {
        /// The file system's answer; it names the path.
        source: io::Error,
    },
    /// The path cannot be handed to `FFmpeg`.
    #[error("has a zero byte in its name")]
    BadName,
    /// The file holds nothing.
    #[error("is an empty file")]
    EmptyFile,
    /// No container that `FFmpeg` knows, or one whose header is damaged.
    #[error("is not a video that FFmpeg can open")]
    NotAVideo {
        /// `FFmpeg`'s answer.
        source: ffmpeg_next::Error,
    },
    /// An MP4 or `QuickTime` file without the index that is written last.
    #[error(
        "has lost its end: the index (moov) is missing, which is written last, as when a recording or a download was broken off; fetch it again, or mend it with the help of a whole file of the same camera (untrunc)"
    )]
    NoIndex,
    /// An animated WebP, which is known, but cannot be decoded.
    #[error(
        "is an animated WebP, which this FFmpeg cannot decode; make a folder of frames of it (webpmux, ImageMagick), or a video"
    )]
    AnimatedWebp,
    /// Something that lies there in a video's place.
    #[error("is {kind}")]
    StandIn {
        /// What it is, and what to do.
        kind: &'static str,
    },
    /// Sound or subtitles only; a cover picture does not count.
    #[error("has no video stream")]
    NoVideoStream,
    /// This `FFmpeg` was built without the decoder, or the stream's parameters make no sense to it.
    #[error("needs a decoder for '{codec}' that this FFmpeg cannot start")]
    NoDecoder {
        /// The codec's name.
        codec: String,
        /// `FFmpeg`'s answer.
        source: ffmpeg_next::Error,
    },
    /// The stream is there, but no frame comes out of it.
    #[error("holds no frame that can be decoded")]
    NothingDecodable,
    /// A folder without image files.
    #[error("is a folder without .jpg, .png, .bmp or .webp frames")]
    EmptyFolder,
    /// swscale cannot convert frames of this kind.
    #[error(
        "has frames of {width}×{height} pixels in format '{format}', which FFmpeg's scaler cannot convert"
    )]
    Scale {
        /// The pixel format's name.
        format: String,
        /// The width of the frame as it was coded.
        width: u32,
        /// The height of the frame as it was coded.
        height: u32,
        /// `FFmpeg`'s answer.
        source: ffmpeg_next::Error,
    },
    /// The file changed, or was cut, while it was being read.
    #[error(
        "gave {first} frames when it was decoded and {second} when it was decoded again; is it being written to?"
    )]
    Unstable {
        /// Frames of the first pass.
        first: u32,
        /// Frames of the second pass.
        second: u32,
    },
}

impl DecodeProblem {
    /// The problem and its causes in one plain fragment, without the path.
    pub fn reason(&self) -> String {
        use fmt::Write;

        let mut text = self.to_string();
        // The file system's answer names the path, which a remembered reason must not.
        if let Self::Unreadable { source } = self {
            let _infallible = write!(text, ": {}", source.kind());
            return text;
        }
        let mut cause = self.source();
        while let Some(error) = cause {
            let _infallible = write!(text, ": {error}");
            cause = error.source();
        }
        text
    }

    /// Whether the same bytes would fail again; if not, another try may go well.
    pub fn is_lasting(&self) -> bool {
        !matches!(
            self,
            Self::Settings { .. }
                | Self::Crop { .. }
                | Self::Unreadable { .. }
                | Self::BadName
                | Self::Unstable { .. }
        )
    }
}
