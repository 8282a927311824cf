//! What the clips of each video say, in little memory: where each lies and what was predicted, without probabilities.

use camino::Utf8Path;

use super::clips::{self, ClipRow};
use crate::table::{TableError, TableReader};

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

/// A clip of one of the wanted videos: the video's place, the clip's number, and the rest.
type Placed = (u32, u16, Span);

impl Timelines {
    /// Reads those of `videos` videos from `clips.parquet`; each clip once, whatever number of networks saw it. `labels`: the
    /// class names, in their order; `place_of`: the place of a video's id among the videos, if it is one of them.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is not ours, or lacks a column.
    pub fn read(
        path: &Utf8Path,
        labels: &[String],
        videos: usize,
        place_of: impl Fn(&str) -> Option<u32> + Sync,
    ) -> Result<Self, TableError> {
        let place_of = |id: &str| place_of(id).filter(|&place| (place as usize) < videos);
        let of_group = |table: &TableReader| placed(table, labels, place_of);
        let groups = TableReader::each_group(path, &COLUMNS, of_group)?;
        let groups: Option<Vec<Vec<Placed>>> = groups.into_iter().collect();
        let placed = match groups {
            Some(groups) => groups.into_iter().flatten().collect(),
            // What several networks say together needs the probabilities.
            None => placed_rows(clips::read(path)?, labels, place_of),
        };
        Ok(Self::new(videos, placed))
    }

    fn new(videos: usize, mut placed: Vec<Placed>) -> Self {
        placed.sort_by_key(|&(place, clip, _)| (place, clip));
        let mut starts = vec![0; videos + 1];
        for (place, _, _) in &placed {
            starts[*place as usize + 1] += 1;
        }
        for place in 0..videos {
            starts[place + 1] += starts[place];
        }
        Self {
            starts,
            spans: placed.into_iter().map(|(_, _, span)| span).collect(),
        }
    }

    /// The clips of a video, in the order of their numbers; `video` is the place that `place_of` gave.
    pub fn of_video(&self, video: usize) -> &[Span] {
        match self.starts.get(video..video + 2) {
            Some(&[start, end]) => &self.spans[start as usize..end as usize],
            _ => &[],
        }
    }
}

/// The wanted clips of a part of the file; nothing where several networks saw the same clips.
fn placed(
    table: &TableReader,
    labels: &[String],
    place_of: impl Fn(&str) -> Option<u32>,
) -> Result<Option<Vec<Placed>>, TableError> {
    if table.u8("repeat")?.iter().any(|&repeat| repeat > 0) {
        return Ok(None);
    }
    let numbers = table.u16("clip")?;
    let (start_frames, end_frames) = (table.u32("start_frame")?, table.u32("end_frame")?);
    let predictions = table.map_text("prediction", |name| place_of_label(labels, name))?;
    let key_frames = table.u32_lists("key_frames")?;
    let mut placed = Vec::new();
    for (id, rows) in table.text_runs("id")?.iter() {
        let Some(place) = place_of(id) else {
            continue;
        };
        placed.extend(rows.map(|row| {
            let span = Span {
                start_frame: start_frames[row],
                end_frame: end_frames[row],
                prediction: predictions[row],
                key_frames: key_frames.get(row).into(),
            };
            (place, numbers[row], span)
        }));
    }
    Ok(Some(placed))
}

/// The wanted clips of rows, each as the networks together see it.
fn placed_rows(
    rows: Vec<ClipRow>,
    labels: &[String],
    place_of: impl Fn(&str) -> Option<u32>,
) -> Vec<Placed> {
    let wanted = clips::ensemble(rows, labels).into_iter().filter_map(|row| {
        let span = Span {
            start_frame: row.start_frame,
            end_frame: row.end_frame,
            prediction: place_of_label(labels, &row.prediction),
            key_frames: row.key_frames.into(),
        };
        Some((place_of(&row.id)?, row.clip, span))
    });
    wanted.collect()
}

/// The place of a name among `labels`.
fn place_of_label(labels: &[String], name: &str) -> Option<u16> {
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
        let place_of = |id: &str| {
            let place = ids.iter().position(|other| *other == id);
            place.map(|place| place as u32)
        };
        let timelines = Timelines::read(&path, &labels, 3, place_of).unwrap();
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
        let place_of = |id: &str| (id == "a").then_some(0);
        let timelines = Timelines::read(&path, &labels, 1, place_of).unwrap();
        let spans = timelines.of_video(0);
        let predictions: Vec<_> = spans.iter().map(|span| span.prediction).collect();
        assert_eq!(predictions, [Some(0), Some(1)]);
        assert_eq!(*spans[1].key_frames, [0, 1]);
    }
}
