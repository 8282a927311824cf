//! What the clips of each video say, in little memory: where each lies and what was predicted, without probabilities.

use camino::Utf8Path;

use super::clip_probs::{self, ClipProbs};
use super::clips::{self, ClipRow};
use super::table::{Lists, Runs, TableError, TableReader};

/// The columns that are read; a run whose network looks at no key frames lacks the last.
const COLUMNS: [&str; 7] = [
    "id",
    "repeat",
    "clip",
    "start_frame",
    "end_frame",
    "prediction",
    "key_frames",
];

/// One clip on its video's timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// First frame, in display order.
    pub start_frame: u32,
    /// Last frame, in display order.
    pub end_frame: u32,
    /// Index of the predicted class; none for a class that the run does not know.
    pub prediction: Option<u16>,
    /// The frames at which the detail stream looked; empty where there is none.
    pub key_frames: Box<[u32]>,
}

/// The clips of some videos.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timelines {
    /// Where each video's spans begin, and where the last one's end.
    starts: Vec<u32>,
    spans: Vec<Span>,
}

impl Timelines {
    /// Of `videos` videos, whose spans come with their place below that number, sorted by it.
    fn new(videos: usize, placed: impl Iterator<Item = (u32, Span)>) -> Self {
        let mut starts = vec![0; videos + 1];
        let mut spans = Vec::with_capacity(placed.size_hint().1.unwrap_or(0));
        for (place, span) in placed {
            starts[place as usize + 1] += 1;
            spans.push(span);
        }
        for place in 0..videos {
            starts[place + 1] += starts[place];
        }
        Self { starts, spans }
    }

    /// The clips of a video, in the order of their numbers; `video` is the place that `place_of` gave.
    pub fn of_video(&self, video: usize) -> &[Span] {
        match self.starts.get(video..video + 2) {
            Some(&[start, end]) => &self.spans[start as usize..end as usize],
            _ => &[],
        }
    }
}

/// What `clips.parquet` says of frames and predictions, column by column; each clip once, whatever number of networks saw it.
#[derive(Debug, Clone, Default)]
pub struct ClipTable {
    /// The videos' ids.
    runs: Runs,
    clips: Vec<u16>,
    start_frames: Vec<u32>,
    end_frames: Vec<u32>,
    predictions: Vec<Option<u16>>,
    key_frames: Lists<u32>,
}

impl ClipTable {
    /// Reads the file. `labels`: the class names, in their order.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is not ours, or lacks a column.
    pub fn read(path: &Utf8Path, labels: &[String]) -> Result<Self, TableError> {
        let table = TableReader::read_columns(path, &COLUMNS)?;
        if table.u8("repeat")?.iter().any(|&repeat| repeat > 0) {
            drop(table);
            // What several networks say together needs the probabilities.
            return Ok(Self::new(clips::read(path)?, labels));
        }
        Self::of(&table, labels, table.text_runs("id")?, table.u16("clip")?)
    }

    /// The same with the probabilities, from a file that is read once for both.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is not ours, or lacks a column.
    pub fn read_with_probs(
        path: &Utf8Path,
        labels: &[String],
    ) -> Result<(Self, ClipProbs), TableError> {
        let wanted = |name: &str| COLUMNS.contains(&name) || clip_probs::COLUMNS.contains(&name);
        let table = TableReader::read_where(path, wanted)?;
        let probs = ClipProbs::of(&table)?;
        let clips = if probs.has_repeats() {
            drop(table);
            Self::new(clips::read(path)?, labels)
        } else {
            let (runs, clips) = probs.rows();
            Self::of(&table, labels, runs.clone(), clips.to_vec())?
        };
        Ok((clips, probs))
    }

    fn of(
        table: &TableReader,
        labels: &[String],
        runs: Runs,
        clips: Vec<u16>,
    ) -> Result<Self, TableError> {
        Ok(Self {
            runs,
            clips,
            start_frames: table.u32("start_frame")?,
            end_frames: table.u32("end_frame")?,
            predictions: table.map_text("prediction", |name| place_of_label(labels, name))?,
            key_frames: table.counts_if_there("key_frames")?,
        })
    }

    /// The same of rows. `labels`: the class names, in their order.
    pub fn new(rows: Vec<ClipRow>, labels: &[String]) -> Self {
        let rows = clips::ensemble(rows, labels);
        Self {
            runs: rows.iter().map(|row| row.id.as_str()).collect(),
            clips: rows.iter().map(|row| row.clip).collect(),
            start_frames: rows.iter().map(|row| row.start_frame).collect(),
            end_frames: rows.iter().map(|row| row.end_frame).collect(),
            predictions: rows
                .iter()
                .map(|row| place_of_label(labels, &row.prediction))
                .collect(),
            key_frames: rows.iter().map(|row| &row.key_frames[..]).collect(),
        }
    }

    /// The clips of `videos` videos. `place_of` gives the place of a video's id among them; unknown ids are passed over.
    pub fn timelines(&self, videos: usize, place_of: impl Fn(&str) -> Option<u32>) -> Timelines {
        let mut placed: Vec<(u32, u16, usize)> = Vec::new();
        for (id, rows) in self.runs.iter() {
            if let Some(place) = place_of(id).filter(|&place| (place as usize) < videos) {
                placed.extend(rows.map(|row| (place, self.clips[row], row)));
            }
        }
        placed.sort_by_key(|&(place, clip, _)| (place, clip));
        let spans = placed.into_iter().map(|(place, _, row)| {
            let span = Span {
                start_frame: self.start_frames[row],
                end_frame: self.end_frames[row],
                prediction: self.predictions[row],
                key_frames: self.key_frames.get(row).into(),
            };
            (place, span)
        });
        Timelines::new(videos, spans)
    }
}

/// The place of a name among `labels`.
pub(super) fn place_of_label(labels: &[String], name: &str) -> Option<u16> {
    let place = labels.iter().position(|label| label == name)?;
    Some(place as u16)
}

#[cfg(test)]
mod tests {
    use camino::Utf8PathBuf;

    use super::*;

    #[test]
    fn clips_are_sorted_by_video_and_number() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(folder.path().join("clips.parquet")).unwrap();
        let row = |id: &str, clip: u16, prediction: &str| ClipRow {
            id: id.into(),
            repeat: 0,
            clip,
            start_frame: u32::from(clip) * 10,
            end_frame: u32::from(clip) * 10 + 9,
            flipped: false,
            key_frames: Vec::new(),
            prediction: prediction.into(),
            probs: vec![0.5, 0.5],
        };
        let rows = [
            row("b", 1, "sad"),
            row("a", 0, "happy"),
            row("gone", 0, "sad"),
            row("b", 0, "other"),
        ];
        clips::write(&path, &rows).unwrap();
        let labels = ["happy".to_owned(), "sad".to_owned()];
        let ids = ["a", "nothing", "b"];
        let table = ClipTable::read(&path, &labels).unwrap();
        let timelines = table.timelines(3, |id| {
            ids.iter()
                .position(|other| *other == id)
                .map(|place| place as u32)
        });
        assert_eq!(timelines.of_video(0).len(), 1);
        assert!(timelines.of_video(1).is_empty());
        let b = timelines.of_video(2);
        assert_eq!((b[0].start_frame, b[1].start_frame), (0, 10));
        assert_eq!((b[0].prediction, b[1].prediction), (None, Some(1)));
        assert!(b[0].key_frames.is_empty());
        assert!(timelines.of_video(3).is_empty());
    }

    #[test]
    fn clips_of_several_networks_are_shown_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(folder.path().join("clips.parquet")).unwrap();
        let row = |repeat: u8, clip: u16, prediction: &str, prob: f32| ClipRow {
            id: "a".into(),
            repeat,
            clip,
            start_frame: u32::from(clip),
            end_frame: 9,
            flipped: false,
            key_frames: vec![u32::from(repeat)],
            prediction: prediction.into(),
            probs: vec![prob, 1.0 - prob],
        };
        let rows = [
            row(0, 0, "sad", 0.4),
            row(0, 1, "sad", 0.1),
            row(1, 0, "happy", 0.9),
            row(1, 1, "happy", 0.6),
        ];
        clips::write(&path, &rows).unwrap();
        let labels = ["happy".to_owned(), "sad".to_owned()];
        let table = ClipTable::read(&path, &labels).unwrap();
        let timelines = table.timelines(1, |id| (id == "a").then_some(0));
        let spans = timelines.of_video(0);
        let predictions: Vec<_> = spans.iter().map(|span| span.prediction).collect();
        assert_eq!(predictions, [Some(0), Some(1)]);
        assert_eq!(*spans[1].key_frames, [0, 1]);
    }
}
