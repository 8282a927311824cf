//! From clip predictions to rows: scores, order, verdicts, the promise of every cut, and the state of every class.
//!
//! The formulas are [`crate::score`]'s; this module decides which videos they are applied to, and joins the results.

mod copies;
mod dynamics;
mod evidence;
pub mod learnt;
pub mod neighbours;
pub mod promise;
mod row;
mod scored;
mod skill;
mod state;
#[cfg(test)]
mod tests;
mod votes;

use rayon::prelude::*;

use crate::score::repeats::{self, RepeatAgreement, RepeatedClip};
use crate::score::{Verdict, VideoScore};

pub use self::evidence::{Evidence, JudgeError, JudgeSettings, Judged};
pub use self::state::{FileState, VideoFile};

/// Judges every video.
///
/// # Errors
///
/// If a readable video has no predictions, or predictions are no probabilities.
pub fn judge(
    files: Vec<VideoFile>,
    evidence: Evidence,
    settings: JudgeSettings,
) -> Result<Judged, JudgeError> {
    let rows = evidence.clips.by_video();
    let clips_of = |id: &str| -> Option<Vec<RepeatedClip>> {
        let pieces = rows.get(id)?.iter().cloned();
        Some(pieces.flat_map(|rows| evidence.clips.clips(rows)).collect())
    };
    let counted: Vec<_> = files
        .par_iter()
        .map(|file| count(file, clips_of, settings.min_distinct_frames))
        .collect();
    let (mut scored, mut agreements) = (Vec::with_capacity(files.len()), Vec::new());
    let mut unscored = Vec::new();
    for (file, counted) in files.into_iter().zip(counted) {
        match counted? {
            Counted::Scored(score, agreement) => {
                scored.push((file, score));
                agreements.push(agreement);
            }
            Counted::Unscored(verdict, why) => unscored.push((file, verdict, why)),
        }
    }
    let mut judged = if scored.is_empty() {
        Judged {
            rows: Vec::new(),
            skill: None,
            promise: None,
            classes: None,
            votes: None,
        }
    } else {
        scored::judge(scored, &agreements, evidence, settings)?
    };
    for (file, verdict, why) in unscored {
        judged
            .rows
            .push(row::row(file, settings.labels, verdict, None, (why, None)));
    }
    for (rank, row) in (1..).zip(&mut judged.rows) {
        row.rank = rank;
    }
    Ok(judged)
}

/// What a video's own clips say, before the set is looked at as a whole.
enum Counted {
    /// Its scores, and how far several networks agree on it.
    Scored(VideoScore, Option<RepeatAgreement>),
    /// The verdict of a video that cannot be scored, and why.
    Unscored(Verdict, String),
}

fn count<'a>(
    file: &'a VideoFile,
    clips_of: impl Fn(&'a str) -> Option<Vec<RepeatedClip<'a>>>,
    min_distinct_frames: usize,
) -> Result<Counted, JudgeError> {
    let clips = clips_of(&file.id);
    // One clip claims no agreement, so that it needs no frames to differ in.
    let is_single = clips.iter().flatten().all(|clip| clip.clip == 0) && clips.is_some();
    let needed = if is_single { 0 } else { min_distinct_frames };
    if let Err((verdict, why)) = file.scorable(needed) {
        return Ok(Counted::Unscored(verdict, why));
    }
    let clips = clips.ok_or_else(|| JudgeError::NoClips {
        id: file.id.clone(),
    })?;
    repeats::count(&clips)
        .and_then(|(votes, agreement)| {
            let score = VideoScore::new(&votes, file.label)?;
            Ok(Counted::Scored(score, agreement))
        })
        .map_err(|source| JudgeError::Video {
            id: file.id.clone(),
            source,
        })
}
