//! Rows in the place of frames, which somebody gives or a network made of the frames: which videos have some, and a cache of
//! them without pixels.
//!
//! The rows themselves are kept as a backbone's are, in `features-DIGEST.bin`; `features-DIGEST.json` beside it says what
//! they are, so that a later step needs nothing else.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use super::Cache;
use super::features::{Features, Rows};
use super::fingerprint::Fingerprint;
use super::record::{Outcome, StoredFrames};
use super::stock::Stock;
use crate::health::Looks;
use crate::video::{ContainerFacts, VideoFacts};
use crate::whole;

/// What was given of a data set, video by video.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Given {
    /// What a row is.
    pub rows: Rows,
    /// The videos, in the manifest's order.
    pub videos: Vec<GivenVideo>,
}

/// What was given of a video.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GivenVideo {
    /// The video's id.
    pub id: String,
    /// Rows, mirrored ones not counted; 0 where none were given.
    pub rows: u32,
    /// Frames of the video, over which the rows are spread evenly; as many as rows where nobody knows.
    pub frames: u32,
    /// Digest of the rows, or of what they are made of; why there are none, as a fragment that completes a sentence which
    /// begins with the video's name.
    pub content: Result<Fingerprint, String>,
    /// What is known of frames that the rows were made of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decoded: Option<DecodedFrames>,
}

/// Frames that rows were made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DecodedFrames {
    /// What their video is like.
    pub facts: VideoFacts,
    /// The frame that each row stands for, in display order.
    pub at: Vec<u32>,
}

impl GivenVideo {
    /// The frame that each row stands for, in display order: where nobody knows, the middle of its part of the video.
    fn kept(&self) -> Vec<u32> {
        if let Some(decoded) = &self.decoded {
            return decoded.at.clone();
        }
        let (rows, frames) = (u64::from(self.rows), u64::from(self.frames));
        let middle = |row: u64| (2 * row + 1) * frames / (2 * rows);
        (0..rows).map(|row| middle(row) as u32).collect()
    }

    /// What is known of its frames. Where rows are fewer than these, clips can differ in no more than rows.
    fn facts(&self) -> VideoFacts {
        match &self.decoded {
            Some(DecodedFrames { facts, .. }) => VideoFacts {
                distinct_frames: facts.distinct_frames.min(self.rows),
                ..*facts
            },
            None => VideoFacts {
                frames: self.frames,
                fps: 0.0,
                duration_secs: 0.0,
                width: 0,
                height: 0,
                distinct_frames: self.rows,
                truncated: false,
            },
        }
    }

    fn outcome(&self) -> Outcome {
        Outcome::Frames(StoredFrames {
            file: 0,
            offset: 0,
            bytes: 0,
            packed_bytes: None,
            facts: self.facts(),
            container: ContainerFacts::default(),
            looks: Looks::default(),
            kept: self.kept(),
            face: None,
        })
    }
}

impl Given {
    /// Digest of all rows and of what they are.
    pub fn digest(&self) -> String {
        blake3::hash(self.json().as_bytes()).to_hex().to_string()
    }

    fn json(&self) -> String {
        // Numbers and texts, of which each can be written.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// A cache in which rows stand for frames: it knows how many each video has, and no pixels.
    pub fn cache(&self) -> Cache {
        let with_rows = |video: &GivenVideo| Some((*video.content.as_ref().ok()?, video.outcome()));
        let content = |video: &GivenVideo| video.content.clone();
        Cache {
            size: 0,
            follow: None,
            stock: Stock::without_frames(self.videos.iter().filter_map(with_rows).collect()),
            videos: self.videos.iter().map(content).collect(),
        }
    }

    /// The rows, where they are kept in the cache folder `dir`.
    ///
    /// # Errors
    /// When they are there and cannot be read.
    pub fn features(&self, dir: &Utf8Path) -> io::Result<Option<Features>> {
        Features::open(dir, &self.digest(), &self.counts(), self.rows)
    }

    /// Keeps the rows in the cache folder `dir`: `rows` gives those of the video at an index, mirrored ones last.
    ///
    /// # Errors
    /// The first one of `rows`, or when a file cannot be written.
    pub fn keep<E: From<io::Error>>(
        &self,
        dir: &Utf8Path,
        rows: impl FnMut(usize) -> Result<Vec<u8>, E>,
    ) -> Result<(), E> {
        let digest = self.digest();
        Features::create(dir, &digest, &self.counts(), self.rows, rows)?;
        Ok(whole::write(&path(dir, &digest), self.json())?)
    }

    /// What was given under a digest, from the cache folder `dir`.
    ///
    /// # Errors
    /// When it is not there, or cannot be read.
    pub fn read(dir: &Utf8Path, digest: &str) -> io::Result<Self> {
        let text = fs_err::read(path(dir, digest))?;
        serde_json::from_slice(&text).map_err(io::Error::other)
    }

    /// Bytes of a video's rows, mirrored ones included.
    pub fn bytes(&self, video: usize) -> usize {
        self.rows.bytes(self.videos[video].rows as usize)
    }

    fn counts(&self) -> Vec<usize> {
        let counts = self.videos.iter().map(|video| video.rows as usize);
        counts.collect()
    }
}

fn path(dir: &Utf8Path, digest: &str) -> Utf8PathBuf {
    dir.join(format!("features-{digest}.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given() -> Given {
        let video = |id: &str, rows: u32, frames: u32| GivenVideo {
            id: id.to_owned(),
            rows,
            frames,
            content: if rows > 0 {
                Ok(blake3::hash(id.as_bytes()).into())
            } else {
                Err("has no features".to_owned())
            },
            decoded: None,
        };
        Given {
            rows: Rows {
                width: 2,
                is_mirrored: false,
            },
            videos: vec![video("a", 3, 3), video("b", 0, 0), video("c", 2, 10)],
        }
    }

    #[test]
    fn rows_stand_for_frames() {
        let cache = given().cache();
        assert_eq!(cache.video(0).unwrap().kept, [0, 1, 2]);
        assert_eq!(cache.video(1).unwrap_err(), "has no features");
        let spread = cache.video(2).unwrap();
        assert_eq!((spread.kept, spread.facts.frames), (&[2, 7][..], 10));
        assert!(spread.pixels.is_empty() && spread.motion.is_empty());
    }

    #[test]
    fn rows_of_frames_keep_what_is_known_of_these() {
        let mut given = given();
        let facts = VideoFacts {
            frames: 30,
            fps: 25.0,
            duration_secs: 1.2,
            width: 64,
            height: 48,
            distinct_frames: 28,
            truncated: true,
        };
        given.videos[2].decoded = Some(DecodedFrames {
            facts,
            at: vec![4, 20],
        });
        let cache = given.cache();
        let video = cache.video(2).unwrap();
        assert_eq!(video.kept, [4, 20]);
        let told = VideoFacts {
            distinct_frames: 2,
            ..facts
        };
        assert_eq!(video.facts, told);
    }

    #[test]
    fn what_was_given_is_found_by_its_digest() {
        let folder = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(folder.path()).unwrap();
        let given = given();
        assert!(given.features(dir).unwrap().is_none());
        let row = |video: usize| vec![video as u8; given.videos[video].rows as usize * 4];
        given
            .keep(dir, |video| Ok::<_, io::Error>(row(video)))
            .unwrap();
        let again = Given::read(dir, &given.digest()).unwrap();
        assert_eq!(again, given);
        let features = again.features(dir).unwrap().unwrap();
        assert_eq!(features.row(2, 1, true), [2; 4]);
        let mut other = given.clone();
        other.videos[0].frames = 9;
        assert_ne!(other.digest(), given.digest());
    }
}
