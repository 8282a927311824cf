//! `clips.parquet`: what the network said of every scored clip.

use camino::Utf8Path;

use super::columns;
use crate::score::repeats::{self, RepeatedClip};
use crate::table::{TableError, TableReader, TableWriter};

/// One scored clip.
#[derive(Debug, Clone, PartialEq)]
pub struct ClipRow {
    /// The video's id.
    pub id: String,
    /// Which of several networks that never saw the video, from 0.
    pub repeat: u8,
    /// The clip's number among the video's clips, from 0.
    pub clip: u16,
    /// First frame, in display order.
    pub start_frame: u32,
    /// Last frame, in display order.
    pub end_frame: u32,
    /// Whether the clip was mirrored.
    pub flipped: bool,
    /// The class with the largest probability.
    pub prediction: String,
    /// Probability of each class, in the label set's order.
    pub probs: Vec<f32>,
    /// Where the detail stream looked, in display order, snippet by snippet; empty without a detail stream.
    pub key_frames: Vec<u32>,
}

impl ClipRow {
    /// The part of it that an ensemble counts.
    pub fn of_repeat(&self) -> RepeatedClip<'_> {
        RepeatedClip {
            repeat: self.repeat,
            clip: self.clip,
            probs: &self.probs,
        }
    }
}

/// Each clip once: the mean of what several networks say of it, and the frames at which any of them looked. Rows of a
/// single network come back as they are. `labels`: class names in the order of the probabilities.
pub fn ensemble(rows: Vec<ClipRow>, labels: &[String]) -> Vec<ClipRow> {
    let Some(first) = rows.first().map(|row| row.repeat) else {
        return rows;
    };
    if rows.iter().all(|row| row.repeat == first) {
        return rows;
    }
    let mut sorted = rows;
    sorted.sort_by(|a, b| (&a.id, a.clip, a.repeat).cmp(&(&b.id, b.clip, b.repeat)));
    sorted
        .chunk_by(|one, other| (&one.id, one.clip) == (&other.id, other.clip))
        .map(|same| {
            let parts: Vec<RepeatedClip> = same.iter().map(ClipRow::of_repeat).collect();
            let mean = repeats::means(&parts).swap_remove(0).1;
            let best = (0..mean.len())
                .rev()
                .max_by(|&a, &b| mean[a].total_cmp(&mean[b]));
            ClipRow {
                repeat: 0,
                prediction: best
                    .and_then(|best| labels.get(best))
                    .cloned()
                    .unwrap_or_default(),
                key_frames: same.iter().flat_map(|row| row.key_frames.clone()).collect(),
                probs: mean.iter().map(|&prob| prob as f32).collect(),
                ..same[0].clone()
            }
        })
        .collect()
}

/// Writes the rows in the order given.
///
/// # Errors
///
/// If the file cannot be written.
pub fn write(path: &Utf8Path, rows: &[ClipRow]) -> Result<(), TableError> {
    TableWriter::write_parts(path, rows.len(), |part| table(&rows[part]))
}

fn table(rows: &[ClipRow]) -> TableWriter {
    TableWriter::default()
        .text("id", rows.iter().map(|row| &row.id))
        .u8("repeat", rows.iter().map(|row| row.repeat))
        .u16("clip", rows.iter().map(|row| row.clip))
        .u32("start_frame", rows.iter().map(|row| row.start_frame))
        .u32("end_frame", rows.iter().map(|row| row.end_frame))
        .bool("flipped", rows.iter().map(|row| row.flipped))
        .text("prediction", rows.iter().map(|row| &row.prediction))
        .f32_list("probs", rows.iter().map(|row| Some(&row.probs[..])))
        .u32_list("key_frames", rows.iter().map(|row| &row.key_frames[..]))
        .describe(columns::CLIPS.iter().copied())
}

/// Reads the rows back, in the file's order.
///
/// # Errors
///
/// If the file cannot be read, is not ours, or lacks a column.
pub fn read(path: &Utf8Path) -> Result<Vec<ClipRow>, TableError> {
    let table = TableReader::read(path)?;
    let probs = table.f32_lists("probs")?;
    let ids = table.text("id")?;
    let key_frames = table.u32_lists("key_frames")?;
    let rows = ids
        .into_iter()
        .zip(table.u8("repeat")?)
        .zip(table.u16("clip")?)
        .zip(table.u32("start_frame")?)
        .zip(table.u32("end_frame")?)
        .zip(table.bool("flipped")?)
        .zip(table.text("prediction")?)
        .zip(probs.iter())
        .zip(key_frames.iter())
        .map(
            |(
                (((((((id, repeat), clip), start_frame), end_frame), flipped), prediction), probs),
                key_frames,
            )| {
                ClipRow {
                    id,
                    repeat,
                    clip,
                    start_frame,
                    end_frame,
                    flipped,
                    prediction,
                    probs: probs.to_vec(),
                    key_frames: key_frames.to_vec(),
                }
            },
        );
    Ok(rows.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_a_folder(check: impl FnOnce(&Utf8Path, ClipRow)) {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path())
            .unwrap()
            .join("clips.parquet");
        let row = ClipRow {
            id: "a/1".into(),
            repeat: 0,
            clip: 3,
            start_frame: 5,
            end_frame: 40,
            flipped: true,
            prediction: "sad".into(),
            probs: vec![0.25, 0.75],
            key_frames: vec![7, 8, 8, 31],
        };
        check(&path, row);
    }

    #[test]
    fn rows_come_back() {
        in_a_folder(|path, row| {
            let without = ClipRow {
                key_frames: Vec::new(),
                ..row.clone()
            };
            let rows = [row, without];
            write(path, &rows).unwrap();
            assert_eq!(read(path).unwrap(), rows);
        });
    }

    #[test]
    fn an_ensemble_has_every_clip_once() {
        in_a_folder(|_path, row| {
            let labels = ["happy".to_owned(), "sad".to_owned()];
            let alone = vec![row.clone()];
            assert_eq!(ensemble(alone.clone(), &labels), alone);
            let other = ClipRow {
                repeat: 1,
                prediction: "happy".into(),
                probs: vec![0.875, 0.125],
                key_frames: vec![9],
                ..row.clone()
            };
            let both = ensemble(vec![other, row.clone()], &labels);
            let expected = ClipRow {
                prediction: "happy".into(),
                probs: vec![0.5625, 0.4375],
                key_frames: vec![7, 8, 8, 31, 9],
                ..row
            };
            assert_eq!(both, [expected]);
        });
    }

    #[test]
    fn a_file_without_key_frames_is_refused() {
        in_a_folder(|path, row| {
            TableWriter::default()
                .text("id", std::iter::once(&row.id))
                .u8("repeat", std::iter::once(row.repeat))
                .u16("clip", std::iter::once(row.clip))
                .u32("start_frame", std::iter::once(row.start_frame))
                .u32("end_frame", std::iter::once(row.end_frame))
                .bool("flipped", std::iter::once(row.flipped))
                .text("prediction", std::iter::once(&row.prediction))
                .f32_list("probs", std::iter::once(Some(&row.probs[..])))
                .write(path)
                .unwrap();
            let error = read(path).unwrap_err().to_string();
            assert!(error.contains("'key_frames'"), "{error}");
        });
    }
}
