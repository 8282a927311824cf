//! What a frozen backbone sees in every frame, computed once and kept beside the frames.
//!
//! One file holds all videos of a data set, one after the other: of each video one row per kept frame, and then the same
//! rows for the mirrored frames. A row is the backbone's pooled feature in half precision, in the byte order of the
//! machine. The file's name is a digest of all that decides its content, so a file that is there is the right one.

use std::fmt;
use std::io::{self, Write};

use camino::{Utf8Path, Utf8PathBuf};

use crate::file_system::Map;
use crate::whole::WholeFile;

/// Bytes of a half-precision number.
const HALF: usize = 2;

/// As the frames are, and mirrored.
const VIEWS: usize = 2;

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
    /// Numbers a row.
    width: usize,
}

impl Layout {
    fn new(frames: &[usize], width: usize) -> Self {
        let mut starts = vec![0];
        let mut end = 0;
        for frames in frames {
            end += (frames * VIEWS * width * HALF) as u64;
            starts.push(end);
        }
        Self { starts, width }
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
    /// where there are none; `width`: numbers a row.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn open(
        dir: &Utf8Path,
        digest: &str,
        frames: &[usize],
        width: usize,
    ) -> io::Result<Option<Self>> {
        let layout = Layout::new(frames, width);
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
    /// When `rows` gives another number of bytes than `frames` and `width` ask for.
    pub fn create<E: From<io::Error>>(
        dir: &Utf8Path,
        digest: &str,
        frames: &[usize],
        width: usize,
        mut rows: impl FnMut(usize) -> Result<Vec<u8>, E>,
    ) -> Result<Self, E> {
        let layout = Layout::new(frames, width);
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
        self.layout.width
    }

    /// The row of a frame, by its place among the video's kept frames: [`Self::width`] half-precision numbers.
    ///
    /// # Panics
    /// When there is no such video or frame.
    pub fn row(&self, video: usize, frame: usize, is_mirrored: bool) -> &[u8] {
        let (start, end) = (self.layout.starts[video], self.layout.starts[video + 1]);
        let row = (self.layout.width * HALF) as u64;
        let frames = (end - start) / row / VIEWS as u64;
        assert!((frame as u64) < frames, "frame {frame} of {frames}");
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

    #[test]
    fn rows_come_back_and_damage_is_computed_anew() {
        let temp = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(temp.path()).unwrap();
        let frames = [2, 0, 1];
        assert!(Features::open(dir, "x", &frames, 3).unwrap().is_none());
        let mut next = 0_u8;
        let made = Features::create::<io::Error>(dir, "x", &frames, 3, |video| {
            let bytes = vec![0; frames[video] * VIEWS * 3 * HALF];
            Ok(bytes
                .into_iter()
                .map(|_: u8| {
                    next += 1;
                    next
                })
                .collect())
        })
        .unwrap();
        let opened = Features::open(dir, "x", &frames, 3).unwrap().unwrap();
        for features in [&made, &opened] {
            assert_eq!(features.width(), 3);
            assert_eq!(features.row(0, 1, false), [7, 8, 9, 10, 11, 12]);
            assert_eq!(features.row(0, 0, true), [13, 14, 15, 16, 17, 18]);
            assert_eq!(features.row(2, 0, true), [31, 32, 33, 34, 35, 36]);
        }
        assert!(Features::open(dir, "x", &[2, 0, 2], 3).unwrap().is_none());
        assert!(Features::open(dir, "y", &frames, 3).unwrap().is_none());
        let failed = Features::create(dir, "y", &frames, 3, |_| Err(io::Error::other("stopped")));
        assert!(failed.is_err());
        assert!(Features::open(dir, "y", &frames, 3).unwrap().is_none());
    }
}
