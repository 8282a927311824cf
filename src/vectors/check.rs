//! Features held against a data set, before anything is done with them.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::error::VectorsError;
use super::names;
use super::{Alignment, Vectors};
use crate::cache::{Fingerprint, Given, GivenVideo, Rows};
use crate::issue::{Issue, IssueKind};
use crate::manifest::{Choice, Manifest, Video};
use crate::video::count_frames;

/// Features that fit a data set.
#[derive(Debug)]
pub struct Checked {
    /// What each video has.
    pub given: Given,
    /// The place of each video's features among all.
    pub places: Vec<Option<usize>>,
    /// Videos without features, or with other numbers of rows than is said.
    pub issues: Vec<Issue>,
    /// What was understood.
    pub choice: Choice,
    /// Videos that are not there to be looked at.
    pub unseen: usize,
}

/// What is known of a video with features.
struct Known {
    rows: usize,
    width: usize,
    content: Fingerprint,
    /// Its own number of frames, where it is there.
    frames: Option<usize>,
}

impl Vectors {
    /// Looks at the features of all videos.
    ///
    /// # Errors
    /// No video has any, or some are wrong: all of these are told.
    pub fn check(&self, manifest: &Manifest) -> Result<Checked, VectorsError> {
        let places = names::find(&self.source.names, &manifest.videos);
        if places.iter().all(Option::is_none) {
            return Err(self.unmatched(&manifest.videos));
        }
        let looked: Vec<Option<Result<Known, String>>> = places
            .par_iter()
            .zip(&manifest.videos)
            .map(|(place, video)| Some(self.look((*place)?, video)))
            .collect();
        let mut problems = Vec::new();
        let mut known: Vec<Option<Known>> = Vec::with_capacity(looked.len());
        for (place, looked) in places.iter().zip(looked) {
            known.push(match (place, looked) {
                (Some(place), Some(Err(what))) => {
                    problems.push(format!("'{}' {what}", self.source.names[*place]));
                    None
                }
                (_, looked) => looked.and_then(Result::ok),
            });
        }
        let width = usual_width(&known);
        problems.extend(self.other_widths(&known, &places, width));
        let off = off(&known);
        if problems.is_empty() && self.card.frames == Some(Alignment::All) {
            problems.extend(not_all(&known, off.len()));
        }
        if !problems.is_empty() {
            return Err(VectorsError::Refused {
                path: self.path.clone(),
                problems,
            });
        }
        Ok(self.checked(manifest, places, &known, &off))
    }

    fn look(&self, place: usize, video: &Video) -> Result<Known, String> {
        let block = self.block(place)?;
        let mut hasher = blake3::Hasher::new();
        hasher.update(format!("features of {} numbers\n", block.width).as_bytes());
        hasher.update(&block.halves);
        Ok(Known {
            rows: block.rows,
            width: block.width,
            content: hasher.finalize().into(),
            frames: count_frames(&video.path).filter(|frames| *frames > 0),
        })
    }

    fn unmatched(&self, videos: &[Video]) -> VectorsError {
        let word =
            |of: fn(&Video) -> &String| videos.first().map_or_else(String::new, |v| of(v).clone());
        VectorsError::Unmatched {
            path: self.path.clone(),
            videos: videos.len(),
            found: self.source.names[0].clone(),
            id: word(|video| &video.id),
            written: word(|video| &video.written_path),
        }
    }

    fn other_widths(
        &self,
        known: &[Option<Known>],
        places: &[Option<usize>],
        width: usize,
    ) -> Vec<String> {
        let videos = known.iter().zip(places);
        let other = |(known, place): (&Option<Known>, &Option<usize>)| {
            let (known, place) = (known.as_ref()?, (*place)?);
            (known.width != width).then(|| {
                let name = &self.source.names[place];
                format!("'{name}' has {} numbers a row, others {width}", known.width)
            })
        };
        videos.filter_map(other).collect()
    }

    fn checked(
        &self,
        manifest: &Manifest,
        places: Vec<Option<usize>>,
        known: &[Option<Known>],
        off: &[usize],
    ) -> Checked {
        let missing = format!("has no features in '{}'", self.path);
        let given = |(video, known): (&Video, &Option<Known>)| GivenVideo {
            id: video.id.clone(),
            rows: known.as_ref().map_or(0, |known| known.rows) as u32,
            frames: known
                .as_ref()
                .map_or(0, |known| known.frames.unwrap_or(known.rows)) as u32,
            content: known
                .as_ref()
                .map_or_else(|| Err(missing.clone()), |known| Ok(known.content)),
            decoded: None,
        };
        let lacking = (0..known.len()).filter(|&video| known[video].is_none());
        let mut issues: Vec<Issue> = lacking
            .map(|video| Issue::of(video, IssueKind::NoFeatures, f32::NAN, missing.clone()))
            .collect();
        if self.card.frames == Some(Alignment::All) {
            issues.extend(
                off.iter()
                    .filter_map(|&video| frame_count(video, known[video].as_ref()?)),
            );
        }
        let is_unseen = |known: &&Known| known.frames.is_none();
        Checked {
            choice: self.told(&places, known, off.len()),
            unseen: known.iter().flatten().filter(is_unseen).count(),
            given: Given {
                rows: Rows {
                    width: usual_width(known),
                    ..self.rows
                },
                videos: manifest.videos.iter().zip(known).map(given).collect(),
            },
            places,
            issues,
        }
    }

    /// What was understood, in a line.
    fn told(&self, places: &[Option<usize>], known: &[Option<Known>], off: usize) -> Choice {
        let (videos, all) = (known.iter().flatten().count(), known.len());
        let rows = || known.iter().flatten().map(|known| known.rows);
        let (least, most) = (rows().min().unwrap_or(0), rows().max().unwrap_or(0));
        let counts = if least == most {
            format!("{most}")
        } else {
            format!("{least} to {most}")
        };
        let model = self
            .model()
            .map_or_else(String::new, |model| format!(" of {model}"));
        let used: std::collections::BTreeSet<usize> = places.iter().flatten().copied().collect();
        let spare = match self.source.names.len() - used.len() {
            0 => String::new(),
            spare => format!("; {spare} others are of no video"),
        };
        let mirrored = if self.card.mirrored {
            ", mirrored too"
        } else {
            ""
        };
        Choice {
            what: "features".to_owned(),
            taken: format!(
                "{}{model} in '{}', of {videos} of {all} videos: {counts} rows of {} numbers{mirrored}; {}{spare}",
                self.source.kind(),
                self.path,
                usual_width(known),
                alignment(self.card.frames, known, off)
            ),
            ..Choice::default()
        }
    }
}

/// The commonest width.
fn usual_width(known: &[Option<Known>]) -> usize {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for known in known.iter().flatten() {
        *counts.entry(known.width).or_default() += 1;
    }
    let most = counts.into_iter().max_by_key(|(_, count)| *count);
    most.map_or(0, |(width, _)| width)
}

/// Videos that have another number of frames than rows.
fn off(known: &[Option<Known>]) -> Vec<usize> {
    let is_off = |&video: &usize| {
        let known = known[video].as_ref();
        known.is_some_and(|known| known.frames.is_some_and(|frames| frames != known.rows))
    };
    (0..known.len()).filter(is_off).collect()
}

/// Rows that are said to be frames, and are not in more than half of the videos.
fn not_all(known: &[Option<Known>], off: usize) -> Option<String> {
    let seen = known
        .iter()
        .flatten()
        .filter(|known| known.frames.is_some());
    let seen = seen.count();
    (2 * off > seen).then(|| {
        format!(
            "'features.json' says a row a frame, but {off} of {seen} videos have another number of frames than rows; say \"frames\": \"even\" or \"windows\" where they are spread evenly"
        )
    })
}

fn frame_count(video: usize, known: &Known) -> Option<Issue> {
    let frames = known.frames?;
    let detail = format!(
        "has {frames} frames and features of {}; they are taken as spread evenly",
        known.rows
    );
    Some(Issue::of(
        video,
        IssueKind::FrameCount,
        known.rows as f32,
        detail,
    ))
}

/// What rows stand for, and what is known of it.
fn alignment(said: Option<Alignment>, known: &[Option<Known>], off: usize) -> String {
    let seen = known
        .iter()
        .flatten()
        .filter(|known| known.frames.is_some());
    let (seen, all) = (seen.count(), known.iter().flatten().count());
    let what = match said {
        Some(Alignment::All) => "a row is a frame",
        Some(Alignment::Even) => "rows are frames spread evenly",
        Some(Alignment::Windows) => "rows are windows spread evenly",
        None if off == 0 && seen > 0 => "a row is a frame, by their number",
        None if off == seen && seen > 0 => "rows are spread evenly, by their number",
        None if seen > 0 => "rows are frames or spread evenly, by each video's number",
        None => "rows are taken as frames",
    };
    match (seen, said) {
        (0, _) => format!("{what} (no video is there to hold their number against)"),
        (_, Some(Alignment::Even | Alignment::Windows)) => what.to_owned(),
        _ => format!(
            "{what} ({} of {all} videos have as many frames)",
            seen - off
        ),
    }
}
