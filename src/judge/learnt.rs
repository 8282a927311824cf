//! What people's decisions say of the videos that nobody decided yet: the order of the review as they teach it.
//!
//! The order from which it starts is the review's: videos called mislabeled first, then by rank. Ranks, verdicts and what is
//! promised of them stay what they are; this is which video to look at next, and nothing is estimated from it.

use std::collections::{BTreeSet, HashMap};

use crate::rows::issues::{self, IssueRow};
use crate::rows::learning::LearningCard;
use crate::rows::videos::VideoRow;
use crate::score::learning::{Decided, Learner, Learnt, Videos};
use crate::score::{ScoreError, Verdict};

/// Learns the order of a run's videos.
#[derive(Debug, Clone)]
pub struct Queue {
    learner: Learner,
    /// By place in the order from which it starts, the row.
    rows: Vec<u32>,
    /// By id, place and given label of the videos that have a place.
    places: HashMap<String, (usize, String)>,
    classes: HashMap<String, usize>,
}

impl Queue {
    /// Prepares the run's videos, which stand by rank; nothing where the networks rank none. `copies`: the ids of videos that are
    /// exact copies of each other.
    ///
    /// # Errors
    ///
    /// If the rows' classes do not fit `labels`.
    pub fn new(
        rows: &[VideoRow],
        copies: &[BTreeSet<&str>],
        labels: &[String],
    ) -> Result<Option<Self>, ScoreError> {
        let classes: HashMap<String, usize> = labels.iter().cloned().zip(0..).collect();
        let is_ranked = |row: &VideoRow| {
            let judgement = row.judgement.as_ref();
            judgement.is_some_and(|judgement| !judgement.scores.noise_posterior.is_nan())
                && classes.contains_key(&row.label)
        };
        let mut order: Vec<u32> = (0..)
            .zip(rows)
            .filter(|(_, row)| is_ranked(row))
            .map(|(row, _)| row)
            .collect();
        if order.is_empty() {
            return Ok(None);
        }
        order.sort_by_key(|&row| rows[row as usize].verdict != Verdict::Mislabeled);
        let place_of: HashMap<&str, u32> = order
            .iter()
            .map(|&row| rows[row as usize].id.as_str())
            .zip(0..)
            .collect();
        let mut videos = videos(rows, &order, (&place_of, &classes));
        for group in copies {
            let group: Vec<u32> = group
                .iter()
                .filter_map(|id| place_of.get(id).copied())
                .collect();
            for &copy in &group {
                let others = group.iter().copied().filter(|&other| other != copy);
                videos.copies[copy as usize] = others.collect();
            }
        }
        let places = place_of
            .iter()
            .map(|(id, &place)| {
                let label = rows[order[place as usize] as usize].label.clone();
                ((*id).to_owned(), (place as usize, label))
            })
            .collect();
        Ok(Some(Self {
            learner: Learner::new(videos)?,
            rows: order,
            places,
            classes,
        }))
    }

    /// The place of a video and its given label, if it has a place.
    pub fn find(&self, id: &str) -> Option<(usize, &str)> {
        self.places
            .get(id)
            .map(|(place, label)| (*place, label.as_str()))
    }

    /// The class of a label.
    pub fn class(&self, label: &str) -> Option<usize> {
        self.classes.get(label).copied()
    }

    /// The row at a place.
    pub fn row(&self, place: usize) -> u32 {
        self.rows[place]
    }

    /// Learns from decisions.
    pub fn learn(&self, decided: &[Decided]) -> Learnt {
        self.learner.learn(decided)
    }
}

fn videos(
    rows: &[VideoRow],
    order: &[u32],
    (place_of, classes): (&HashMap<&str, u32>, &HashMap<String, usize>),
) -> Videos {
    let mut groups: HashMap<&str, usize> = HashMap::new();
    let mut videos = Videos {
        classes: classes.len(),
        copies: vec![Vec::new(); order.len()],
        ..Videos::default()
    };
    for &row in order {
        let row = &rows[row as usize];
        let Some(judgement) = &row.judgement else {
            continue;
        };
        let contradiction = f64::from(u8::from(judgement.consensus != row.label));
        let posterior = f64::from(judgement.scores.noise_posterior);
        videos
            .believed
            .push(f64::midpoint(posterior, contradiction));
        let given = classes.get(&row.label).copied().unwrap_or_default();
        videos.given.push(given);
        videos
            .predicted
            .push(classes.get(&judgement.consensus).copied().unwrap_or(given));
        let next = groups.len();
        videos.groups.push(
            row.group
                .as_deref()
                .map(|group| *groups.entry(group).or_insert(next)),
        );
        let nearest = judgement.neighbours.iter();
        videos.neighbours.push(
            nearest
                .filter_map(|id| place_of.get(id.as_str()).copied())
                .collect(),
        );
    }
    videos
}

/// Writes what was learnt into the rows, and says what it was. Nothing where nobody decided on a ranked video.
///
/// # Errors
///
/// Those of [`Queue::new`].
pub fn mark(
    rows: &mut [VideoRow],
    issue_rows: &[IssueRow],
    labels: &[String],
    decided: impl FnOnce(&Queue) -> Vec<Decided>,
) -> Result<Option<LearningCard>, ScoreError> {
    let Some(queue) = Queue::new(rows, &issues::exact_copies(issue_rows), labels)? else {
        return Ok(None);
    };
    let decided = decided(&queue);
    if decided.is_empty() {
        return Ok(None);
    }
    let learnt = queue.learn(&decided);
    for (place, &posterior) in learnt.posteriors.iter().enumerate() {
        if let Some(judgement) = &mut rows[queue.row(place) as usize].judgement {
            judgement.scores.learnt_posterior = posterior;
        }
    }
    Ok(Some(LearningCard {
        decided: decided.len(),
        by: learnt
            .families
            .iter()
            .map(|family| family.words().to_owned())
            .collect(),
        by_copies: learnt.by_copies,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::samples;

    fn row(number: usize) -> VideoRow {
        let labels = ["happy", "sad"];
        let label = labels[number % 2];
        let mut row = samples::row(&format!("v{number:03}"), label);
        if number < 40 {
            row.verdict = Verdict::Mislabeled;
        }
        if let Some(judgement) = &mut row.judgement {
            judgement.scores.noise_posterior = 1.0 - number as f32 / 200.0;
            judgement.scores.learnt_posterior = f32::NAN;
            labels[(number + 1) % 2].clone_into(&mut judgement.consensus);
        }
        row
    }

    #[test]
    fn rows_get_what_was_learnt_and_nothing_where_nobody_decided() {
        let labels = ["happy", "sad"].map(str::to_owned);
        let mut rows: Vec<VideoRow> = (0..200).map(row).collect();
        // It stands behind those that are called mislabeled, and has no place of its own.
        rows[10].verdict = Verdict::Hard;
        rows[20].judgement = None;
        let posterior = |row: &VideoRow| row.judgement.as_ref().map(|j| j.scores.learnt_posterior);
        assert_eq!(mark(&mut rows, &[], &labels, |_| Vec::new()).unwrap(), None);
        assert!(rows.iter().filter_map(posterior).all(f32::is_nan));
        let card = mark(&mut rows, &[], &labels, |queue| {
            assert_eq!(queue.find("v010"), Some((38, "happy")));
            assert_eq!(queue.find("v020"), None);
            assert_eq!(queue.row(10), 11);
            let decided = |number: usize| {
                let (place, label) = queue.find(&format!("v{number:03}"))?;
                Some(Decided {
                    place,
                    is_wrong: label == "happy",
                    right: queue.class("sad"),
                })
            };
            (0..40).filter_map(decided).collect()
        });
        let card = card.unwrap().unwrap();
        assert_eq!(
            (card.decided, &card.by[..]),
            (39, &["classes".to_owned()][..])
        );
        assert!(posterior(&rows[100]) > posterior(&rows[101]));
        assert!(posterior(&rows[2]) == Some(1.0) && posterior(&rows[3]) == Some(0.0));
        assert!(posterior(&rows[20]).is_none());
    }
}
