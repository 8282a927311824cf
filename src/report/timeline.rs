//! What the clips of each video say, in little memory: where each lies and what was predicted, without probabilities.

use camino::Utf8Path;

use super::clips::{self, ClipRow};
use super::table::{TableError, TableReader};

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

/// The clips of all videos.
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
    if table.u8("repeat")?.iter().any(|&repeat| repeat > 0) {
        drop(table);
        return ensemble(path, videos, labels, place_of);
    }
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
    let spans = order.into_iter().filter_map(|row| {
        let span = Span {
            start_frame: starts[row],
            end_frame: ends[row],
            prediction: predictions[row].map(|class| class as u16),
            key_frames: key_frames[row].clone().into_boxed_slice(),
        };
        Some((places[row]?, span))
    });
    Ok(Timelines::new(videos, spans))
}

/// The same of clips that several networks saw: what these say together needs the probabilities.
fn ensemble(
    path: &Utf8Path,
    videos: usize,
    labels: &[String],
    place_of: impl Fn(&str) -> Option<u32>,
) -> Result<Timelines, TableError> {
    let mut clips: Vec<(u32, ClipRow)> = clips::ensemble(clips::read(path)?, labels)
        .into_iter()
        .filter_map(|clip| Some((place_of(&clip.id)?, clip)))
        .filter(|&(place, _)| (place as usize) < videos)
        .collect();
    clips.sort_by_key(|(place, clip)| (*place, clip.clip));
    let class = |name: &str| labels.iter().position(|label| label == name);
    let spans = clips.into_iter().map(|(place, clip)| {
        let span = Span {
            start_frame: clip.start_frame,
            end_frame: clip.end_frame,
            prediction: class(&clip.prediction).map(|class| class as u16),
            key_frames: clip.key_frames.into_boxed_slice(),
        };
        (place, span)
    });
    Ok(Timelines::new(videos, spans))
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
        let timelines = read(&path, 1, &labels, |id| (id == "a").then_some(0)).unwrap();
        let spans = timelines.of_video(0);
        let predictions: Vec<_> = spans.iter().map(|span| span.prediction).collect();
        assert_eq!(predictions, [Some(0), Some(1)]);
        assert_eq!(*spans[1].key_frames, [0, 1]);
    }
}
