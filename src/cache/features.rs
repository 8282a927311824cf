//! What a frozen backbone sees in every frame, computed once and kept beside the frames.
//!
//! One file holds all videos of a data set, one after the other: of each video one row per kept frame, and then the same
//! rows for the mirrored frames, where there are such. A row is the backbone's pooled feature, or what somebody gives in
//! its place, in half precision, in the byte order of the machine. The file's name is a digest of all that decides its
//! content, so a file that is there is the right one.

use std::fmt;
use std::io::{self, Write};

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use crate::file_system::Map;
use crate::whole::WholeFile;

/// Bytes of a half-precision number.
const HALF: usize = 2;

/// What a row is, and how often a frame has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rows {
    /// Numbers a row.
    pub width: usize,
    /// Whether mirrored frames have rows of their own; else they have those of the frames.
    pub is_mirrored: bool,
}

impl Rows {
    /// How often a frame has a row.
    fn views(self) -> usize {
        1 + usize::from(self.is_mirrored)
    }

    /// Bytes of the rows of so many frames.
    pub(super) fn bytes(self, frames: usize) -> usize {
        frames * self.views() * self.width * HALF
    }
}

/// The features of all frames of a list of videos.
pub struct Features {
    rows: Map,
    layout: Layout,
}

/// Where a video's rows are.
#[derive(Debug, Clone)]
struct Layout {
    /// Per video its first byte; one more than there are videos.
    starts: Vec<u64>,
    rows: Rows,
}

impl Layout {
    fn new(frames: &[usize], rows: Rows) -> Self {
        let mut starts = vec![0];
        let mut end = 0;
        for frames in frames {
            end += rows.bytes(*frames) as u64;
            starts.push(end);
        }
        Self { starts, rows }
    }

    fn bytes(&self) -> u64 {
        self.starts.last().copied().unwrap_or(0)
    }
}

impl fmt::Debug for Features {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Features({} bytes)", self.layout.bytes())
    }
}

impl Features {
    /// The file of that digest in the cache folder `dir`, if it is there. `frames`: the number of frames of each video, 0
    /// where there are none; `kind`: what its rows are.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn open(
        dir: &Utf8Path,
        digest: &str,
        frames: &[usize],
        kind: Rows,
    ) -> io::Result<Option<Self>> {
        let layout = Layout::new(frames, kind);
        let file = match fs_err::File::options().read(true).open(path(dir, digest)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        // It was renamed when it was whole; another length is somebody's damage.
        if file.metadata()?.len() != layout.bytes() {
            return Ok(None);
        }
        let rows = Map::new(&file, layout.bytes())?;
        Ok(Some(Self { rows, layout }))
    }

    /// Writes the file anew, video by video: `rows` gives the bytes of the video at an index.
    ///
    /// # Errors
    /// The first one of `rows`, or when the file cannot be written.
    ///
    /// # Panics
    /// When `rows` gives another number of bytes than `frames` and `kind` ask for.
    pub fn create<E: From<io::Error>>(
        dir: &Utf8Path,
        digest: &str,
        frames: &[usize],
        kind: Rows,
        mut rows: impl FnMut(usize) -> Result<Vec<u8>, E>,
    ) -> Result<Self, E> {
        let layout = Layout::new(frames, kind);
        let path = path(dir, digest);
        let mut file = WholeFile::create(&path)?;
        for (video, ends) in layout.starts.windows(2).enumerate() {
            let bytes = rows(video)?;
            assert_eq!(
                bytes.len() as u64,
                ends[1] - ends[0],
                "the features of video {video}"
            );
            file.write_all(&bytes)?;
        }
        file.finish()?;
        let file = fs_err::File::options().read(true).open(&path)?;
        let rows = Map::new(&file, layout.bytes())?;
        Ok(Self { rows, layout })
    }

    /// Numbers a row.
    pub fn width(&self) -> usize {
        self.layout.rows.width
    }

    /// The row of a frame, by its place among the video's kept frames: [`Self::width`] half-precision numbers.
    ///
    /// # Panics
    /// When there is no such video or frame.
    pub fn row(&self, video: usize, frame: usize, is_mirrored: bool) -> &[u8] {
        let (start, end) = (self.layout.starts[video], self.layout.starts[video + 1]);
        let kind = self.layout.rows;
        let row = (kind.width * HALF) as u64;
        let frames = (end - start) / row / kind.views() as u64;
        assert!((frame as u64) < frames, "frame {frame} of {frames}");
        let is_mirrored = is_mirrored && kind.is_mirrored;
        let place = frame as u64 + if is_mirrored { frames } else { 0 };
        self.rows.slice(start + place * row, row)
    }
}

fn path(dir: &Utf8Path, digest: &str) -> Utf8PathBuf {
    dir.join(format!("features-{digest}.bin"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: Rows = Rows {
        width: 3,
        is_mirrored: true,
    };

    #[test]
    fn rows_come_back_and_damage_is_computed_anew() {
        let temp = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(temp.path()).unwrap();
        let frames = [2, 0, 1];
        assert!(Features::open(dir, "x", &frames, KIND).unwrap().is_none());
        let mut next = 0_u8;
        let made = Features::create::<io::Error>(dir, "x", &frames, KIND, |video| {
            let bytes = vec![0; KIND.bytes(frames[video])];
            Ok(bytes
                .into_iter()
                .map(|_: u8| {
                    next += 1;
                    next
                })
                .collect())
        })
        .unwrap();
        let opened = Features::open(dir, "x", &frames, KIND).unwrap().unwrap();
        for features in [&made, &opened] {
            assert_eq!(features.width(), 3);
            assert_eq!(features.row(0, 1, false), [7, 8, 9, 10, 11, 12]);
            assert_eq!(features.row(0, 0, true), [13, 14, 15, 16, 17, 18]);
            assert_eq!(features.row(2, 0, true), [31, 32, 33, 34, 35, 36]);
        }
        assert!(
            Features::open(dir, "x", &[2, 0, 2], KIND)
                .unwrap()
                .is_none()
        );
        assert!(Features::open(dir, "y", &frames, KIND).unwrap().is_none());
        let failed = Features::create(dir, "y", &frames, KIND, |_| {
            Err(io::Error::other("stopped"))
        });
        assert!(failed.is_err());
        let plain = Rows {
            is_mirrored: false,
            ..KIND
        };
        let made = Features::create::<io::Error>(dir, "z", &[1], plain, |_| Ok(vec![7; 3 * HALF]));
        assert_eq!(made.unwrap().row(0, 0, true), [7; 6]);
        assert!(Features::open(dir, "y", &frames, KIND).unwrap().is_none());
    }
}
