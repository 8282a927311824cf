//! What the clips of each video say, in little memory: where each lies and what was predicted, without probabilities.

use camino::Utf8Path;

use super::table::{TableError, TableReader};

/// The columns that are read; a run whose network looks at no key frames lacks the last.
const COLUMNS: [&str; 6] = [
    "id",
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

/// The clips of all videos.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timelines {
    /// Where each video's spans begin, and where the last one's end.
    starts: Vec<u32>,
    spans: Vec<Span>,
}

impl Timelines {
    /// The clips of a video, in the order of their numbers; `video` is the place that `read` was told.
    pub fn of_video(&self, video: usize) -> &[Span] {
        match self.starts.get(video..video + 2) {
            Some(&[start, end]) => &self.spans[start as usize..end as usize],
            _ => &[],
        }
    }
}

/// Reads `clips.parquet`. `place_of` gives the place of a video's id among `videos`; unknown ids are passed over.
///
/// # Errors
///
/// If the file cannot be read, is not ours, or lacks a column.
pub fn read(
    path: &Utf8Path,
    videos: usize,
    labels: &[String],
    place_of: impl Fn(&str) -> Option<u32>,
) -> Result<Timelines, TableError> {
    let table = TableReader::read_columns(path, Some(&COLUMNS))?;
    let places = table.map_text("id", place_of)?;
    let predictions = table.map_text("prediction", |name| {
        labels.iter().position(|label| label == name)
    })?;
    let (clips, starts) = (table.u16("clip")?, table.u32("start_frame")?);
    let ends = table.u32("end_frame")?;
    let key_frames = table.counts_if_there("key_frames")?;
    drop(table);
    let mut order: Vec<usize> = (0..places.len())
        .filter(|&row| places[row].is_some_and(|place| (place as usize) < videos))
        .collect();
    order.sort_by_key(|&row| (places[row], clips[row]));
    let mut timelines = Timelines {
        starts: vec![0; videos + 1],
        spans: Vec::with_capacity(order.len()),
    };
    for row in order {
        if let Some(place) = places[row] {
            timelines.starts[place as usize + 1] += 1;
        }
        timelines.spans.push(Span {
            start_frame: starts[row],
            end_frame: ends[row],
            prediction: predictions[row].map(|class| class as u16),
            key_frames: key_frames[row].clone().into_boxed_slice(),
        });
    }
    for place in 0..videos {
        timelines.starts[place + 1] += timelines.starts[place];
    }
    Ok(timelines)
}

#[cfg(test)]
mod tests {
    use camino::Utf8PathBuf;

    use super::*;
    use crate::report::clips::{self, ClipRow};

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
        let timelines = read(&path, 3, &labels, |id| {
            ids.iter()
                .position(|other| *other == id)
                .map(|place| place as u32)
        })
        .unwrap();
        assert_eq!(timelines.of_video(0).len(), 1);
        assert!(timelines.of_video(1).is_empty());
        let b = timelines.of_video(2);
        assert_eq!((b[0].start_frame, b[1].start_frame), (0, 10));
        assert_eq!((b[0].prediction, b[1].prediction), (None, Some(1)));
        assert!(b[0].key_frames.is_empty());
        assert!(timelines.of_video(3).is_empty());
    }
}
