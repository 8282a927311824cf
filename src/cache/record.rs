//! The index: one line of JSON per video, what it says, and how it is read after a crash.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::decoding::FramesKind;
use super::fingerprint::Fingerprint;
use super::packing::Packing;
use crate::face::{Follow, Followed};
use crate::health::{Looks, MOTION_BYTES};
use crate::video::{ContainerFacts, DecodeSettings, VideoFacts};

/// The newest format of the folder; raised when older programs would misread it.
pub(super) const FORMAT: u32 = 3;

/// The format of folders in which no face was followed: programs of that format do not know that one may be.
const WITHOUT_FACES: u32 = 2;

/// Raised when the decoder begins to give other pixels for the same file, or other things are measured on them, so that
/// cached ones are not taken for new.
const PIXELS: u32 = 4;

/// The first line of an index.
#[derive(Serialize, Deserialize)]
struct Header {
    rdfer_audit_cache: u32,
}

/// One line of an index.
#[derive(Serialize, Deserialize)]
struct Record {
    fingerprint: Fingerprint,
    settings: DecodeSettings,
    /// How a face was followed, where one was to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    follow: Option<Follow>,
    pixels: u32,
    outcome: Outcome,
}

impl Record {
    /// Whether the line makes sense for a frame file of `data_bytes` bytes.
    fn fits(&self, data_bytes: u64) -> bool {
        let Outcome::Frames(frames) = &self.outcome else {
            return true;
        };
        frames.bytes == frames.kept.len() as u64 * self.settings.frame_bytes() as u64
            && frames.end() <= data_bytes
    }
}

/// What came of decoding a video.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// Its frames are in the frame file.
    Frames(StoredFrames),
    /// It cannot be decoded.
    Failure {
        /// A fragment that completes a sentence which begins with the video's name.
        reason: String,
    },
}

/// Where a video's frames are, and what they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct StoredFrames {
    /// Which of the files that are open holds them.
    #[serde(skip)]
    pub(super) file: usize,
    /// The first byte in that file.
    pub(super) offset: u64,
    /// How many bytes the frames have.
    pub(super) bytes: u64,
    /// How many bytes they take, where they are compressed; those of its motion come after them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) packed_bytes: Option<u64>,
    pub(super) facts: VideoFacts,
    pub(super) container: ContainerFacts,
    pub(super) looks: Looks,
    pub(super) kept: Vec<u32>,
    /// What following a face came to, where one was to be followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) face: Option<Followed>,
}

impl StoredFrames {
    /// How the frames lie in the file.
    pub(super) fn packing(&self) -> Packing {
        if self.packed_bytes.is_some() {
            Packing::Compressed
        } else {
            Packing::Raw
        }
    }

    /// How many bytes the frames take in the file.
    pub(super) fn stored_bytes(&self) -> u64 {
        self.packed_bytes.unwrap_or(self.bytes)
    }

    /// How many bytes its motion takes.
    pub(super) fn motion_bytes(&self) -> u64 {
        (self.kept.len() * MOTION_BYTES) as u64
    }

    /// The first byte after all that is stored of it.
    pub(super) fn end(&self) -> u64 {
        self.offset
            .saturating_add(self.stored_bytes())
            .saturating_add(self.motion_bytes())
    }
}

/// An index as it was found.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Index {
    /// What is known for the wanted settings.
    pub(super) outcomes: BTreeMap<Fingerprint, Outcome>,
    /// The end of the last frame in the frame file that any line speaks for.
    pub(super) data_end: u64,
    /// How much of the text is whole lines; the rest is to be cut off before more is appended.
    pub(super) whole_bytes: usize,
    /// The format that the first line states, where it is there.
    pub(super) format: Option<u32>,
}

/// The format of a folder with frames of a kind.
pub(super) fn format_for(kind: &FramesKind) -> u32 {
    match kind.follow {
        Some(_) => FORMAT,
        None => WITHOUT_FACES,
    }
}

/// The first line of an index.
pub(super) fn header_line(format: u32) -> String {
    line(&Header {
        rdfer_audit_cache: format,
    })
}

/// The line for one video.
pub(super) fn record_line(
    fingerprint: Fingerprint,
    kind: &FramesKind,
    outcome: &Outcome,
) -> String {
    line(&Record {
        fingerprint,
        settings: kind.settings,
        follow: kind.follow.clone(),
        pixels: PIXELS,
        outcome: outcome.clone(),
    })
}

fn line(value: &impl Serialize) -> String {
    // Plain structures of numbers and texts; a float that is not finite becomes null, and the line is dropped on reading.
    let mut line = serde_json::to_string(value).unwrap_or_default();
    line.push('\n');
    line
}

/// Reads an index for the wanted kind of frames, given the length of the frame file; the error is a format that is too new.
///
/// A torn last line (the program was killed, the disk was full), lines that are damaged and lines that speak for frames
/// beyond the frame file's end are passed over: those videos are decoded again.
pub(super) fn read(text: &[u8], kind: &FramesKind, data_bytes: u64) -> Result<Index, u32> {
    let is_end = |byte: &u8| *byte == b'\n';
    let whole_bytes = text.iter().rposition(is_end).map_or(0, |last| last + 1);
    let whole = text.split_at(whole_bytes).0;
    let Some(first) = whole.split_inclusive(is_end).next() else {
        return Ok(Index::default());
    };
    let format = match serde_json::from_slice::<Header>(first) {
        Ok(header) if header.rdfer_audit_cache <= FORMAT => header.rdfer_audit_cache,
        Ok(header) => return Err(header.rdfer_audit_cache),
        // No index of ours: begin anew.
        Err(_) => return Ok(Index::default()),
    };
    let lines = whole.split_at(first.len()).1.par_split(is_end);
    let records: Vec<Record> = lines
        .filter_map(|line| serde_json::from_slice::<Record>(line).ok())
        .filter(|record| record.fits(data_bytes))
        .collect();
    let ends = records.iter().map(|record| match &record.outcome {
        Outcome::Frames(frames) => frames.end(),
        Outcome::Failure { .. } => 0,
    });
    Ok(Index {
        data_end: ends.max().unwrap_or(0),
        whole_bytes,
        format: Some(format),
        // Of several lines for a video the last one counts.
        outcomes: records
            .into_iter()
            .filter(|record| record.settings == kind.settings && record.follow == kind.follow)
            .filter(|record| record.pixels == PIXELS)
            .map(|record| (record.fingerprint, record.outcome))
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::video::FaceCrop;

    const KIND: FramesKind = FramesKind {
        settings: DecodeSettings {
            size: 2,
            max_frames: 64,
            face_crop: FaceCrop::WHOLE,
        },
        follow: None,
    };

    fn print(number: u32) -> Fingerprint {
        blake3::hash(&number.to_le_bytes())
            .to_hex()
            .parse()
            .unwrap()
    }

    fn frames(offset: u64, count: u32) -> Outcome {
        let facts = VideoFacts {
            frames: count,
            fps: 25.0,
            duration_secs: 3.0,
            width: 128,
            height: 128,
            distinct_frames: count,
            truncated: false,
        };
        Outcome::Frames(StoredFrames {
            file: 0,
            offset,
            bytes: u64::from(count) * 12,
            packed_bytes: None,
            facts,
            container: ContainerFacts::default(),
            looks: Looks::default(),
            kept: (0..count).collect(),
            face: None,
        })
    }

    fn index_of(outcomes: &[(u32, Outcome)]) -> String {
        let lines = outcomes
            .iter()
            .map(|(number, outcome)| record_line(print(*number), &KIND, outcome));
        std::iter::once(header_line(WITHOUT_FACES))
            .chain(lines)
            .collect()
    }

    #[test]
    fn lines_come_back() {
        let failure = Outcome::Failure {
            reason: "has no video stream".to_owned(),
        };
        let text = index_of(&[(1, frames(0, 3)), (2, failure.clone()), (3, frames(180, 1))]);
        let index = read(text.as_bytes(), &KIND, 240).unwrap();
        assert_eq!(index.data_end, 240);
        assert_eq!(index.whole_bytes, text.len());
        assert_eq!(index.outcomes.len(), 3);
        assert_eq!(index.outcomes[&print(2)], failure);
        assert_eq!(index.outcomes[&print(3)], frames(180, 1));
    }

    #[test]
    fn wherever_the_text_is_torn_whole_lines_count() {
        let text = index_of(&[(1, frames(0, 3)), (2, frames(180, 1))]);
        for cut in 0..=text.len() {
            let index = read(&text.as_bytes()[..cut], &KIND, 240).unwrap();
            let lines = String::from_utf8_lossy(&text.as_bytes()[..cut])
                .matches('\n')
                .count();
            assert_eq!(
                index.outcomes.len(),
                lines.saturating_sub(1),
                "cut at {cut}"
            );
            assert!(index.whole_bytes <= cut);
        }
    }

    #[test]
    fn frames_beyond_the_data_and_lines_without_sense_are_passed_over() {
        let mut text = index_of(&[(1, frames(0, 3)), (2, frames(180, 1))]);
        assert_eq!(read(text.as_bytes(), &KIND, 239).unwrap().data_end, 180);
        text.push_str("{\"fingerprint\":\"zz\"}\n\n");
        text.push_str(&record_line(print(3), &KIND, &frames(u64::MAX, 1)));
        let index = read(text.as_bytes(), &KIND, 240).unwrap();
        assert_eq!((index.outcomes.len(), index.data_end), (2, 240));
    }

    #[test]
    fn other_settings_keep_their_frames_but_are_not_shown() {
        let text = index_of(&[(1, frames(0, 3))]);
        let mut other = KIND;
        other.settings.size = 4;
        let index = read(text.as_bytes(), &other, 180).unwrap();
        assert_eq!((index.outcomes.len(), index.data_end), (0, 180));
    }

    #[test]
    fn a_newer_format_is_refused_and_a_foreign_file_is_begun_anew() {
        assert_eq!(read(b"{\"rdfer_audit_cache\":4}\n", &KIND, 0), Err(4));
        assert_eq!(read(b"hello\nworld\n", &KIND, 0).unwrap(), Index::default());
    }
}
