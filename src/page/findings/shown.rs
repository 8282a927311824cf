//! Which videos a page shows, and their clips.

use std::collections::BTreeMap;

use super::ReviewFacts;
use crate::rows::folder::RunFolder;
use crate::rows::timeline::{Span, Timelines};
use crate::rows::videos::VideoRow;
use crate::score::Verdict;
use crate::table::TableError;

/// How many of the most suspect videos are shown.
const SUSPECTS: usize = 24;

/// How many hard ones.
const HARD: usize = 12;

/// The places of the most suspect videos among `rows`, which stand in order of rank; of those that people are not done with.
pub(super) fn suspects(rows: &[VideoRow], review: &ReviewFacts) -> Vec<usize> {
    let score = |place: &usize| rows[*place].judgement.as_ref()?.noise_score();
    let is_done = |place: &usize| review.settled.contains_key(&rows[*place].id);
    let ranked = (0..rows.len()).filter(|place| score(place).is_some() && !is_done(place));
    ranked.take(SUSPECTS).collect()
}

/// The places of the hard videos whose clips agree least, those left out that are shown already.
pub(super) fn hard(rows: &[VideoRow], shown: &[usize]) -> Vec<usize> {
    let agreement = |place: usize| {
        let judgement = rows[place].judgement.as_ref();
        judgement.map_or(f32::INFINITY, |judgement| judgement.scores.agreement)
    };
    let mut places: Vec<usize> = (0..rows.len())
        .filter(|place| rows[*place].verdict == Verdict::Hard && !shown.contains(place))
        .collect();
    // Stable: of videos that agree alike the more suspect ones come first.
    places.sort_by(|&a, &b| agreement(a).total_cmp(&agreement(b)));
    places.truncate(HARD);
    places
}

/// The clips of the videos at `places`; none where the run has no file of them.
pub(super) fn clips(
    folder: &RunFolder,
    labels: &[String],
    rows: &[VideoRow],
    places: &[usize],
) -> Result<BTreeMap<usize, Vec<Span>>, TableError> {
    if !folder.clips().exists() {
        return Ok(BTreeMap::new());
    }
    let wanted: BTreeMap<&str, u32> = places
        .iter()
        .map(|&place| rows[place].id.as_str())
        .zip(0..)
        .collect();
    let place_of = |id: &str| wanted.get(id).copied();
    let timelines = Timelines::read(&folder.clips(), labels, places.len(), place_of)?;
    let shown = places
        .iter()
        .enumerate()
        .map(|(number, &place)| (place, timelines.of_video(number).to_vec()))
        .collect();
    Ok(shown)
}
