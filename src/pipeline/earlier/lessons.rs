//! What an earlier run and its reviewers teach of each video.

use std::collections::{BTreeSet, HashMap};

use crate::journal::{Book, Outcome};
use crate::pipeline::plan::Plan;
use crate::rows::run::EarlierRun;
use crate::rows::videos::VideoRow;
use crate::train::{Lesson, Lessons};

/// What is learnt of the videos of a plan, by their place, and how many of each kind there are.
pub(super) struct Taught {
    pub(super) lessons: Lessons,
    pub(super) left_out: BTreeSet<usize>,
    pub(super) told: EarlierRun,
}

/// What people decided that networks can learn.
pub(super) enum Settled {
    Label(String),
    Drop,
}

/// What the reviewers of a video come to; nothing where they contradict each other, or cannot say.
pub(super) fn settled(book: &Book, row: &VideoRow, given: &str) -> Option<Settled> {
    match book.settled(&row.id, given)?.outcome {
        Outcome::Label(label) => Some(Settled::Label(label)),
        Outcome::Drop => Some(Settled::Drop),
        Outcome::Ambiguous | Outcome::Tie => None,
    }
}

impl Taught {
    /// Of the rows of the earlier run, and what people decided about them.
    pub(super) fn new(plan: &Plan, rows: &[VideoRow], book: &Book) -> Self {
        let rows: HashMap<&str, &VideoRow> =
            rows.iter().map(|row| (row.id.as_str(), row)).collect();
        let mut taught = Self {
            lessons: Lessons::new(),
            left_out: BTreeSet::new(),
            told: EarlierRun::default(),
        };
        for (video, id) in plan.videos.id.iter().enumerate() {
            let given = plan.videos.label[video];
            match rows.get(id.as_str()) {
                Some(row) => taught.add(video, given, row, book, plan),
                None => taught.told.given += 1,
            }
        }
        taught
    }

    fn add(&mut self, video: usize, given: usize, row: &VideoRow, book: &Book, plan: &Plan) {
        let (classes, told) = (&plan.classes, &mut self.told);
        let decided = match settled(book, row, &row.label) {
            Some(Settled::Drop) => {
                self.left_out.insert(video);
                told.dropped += 1;
                return;
            }
            Some(Settled::Label(label)) => classes.iter().position(|class| *class == label),
            None => None,
        };
        let lesson = match decided {
            Some(class) => {
                let count = if class == given {
                    &mut told.kept
                } else {
                    &mut told.relabeled
                };
                *count += 1;
                Some(Lesson::Decided(class))
            }
            // A label that was changed since is what somebody says, and what the networks said was about another one.
            None if row.label == classes[given] && plan.settings.train.soft_targets => {
                let probs = true_class_probs(row, given);
                let lesson = probs.map(|probs| Lesson::soft(&probs));
                *if lesson.is_some() {
                    &mut told.soft
                } else {
                    &mut told.given
                } += 1;
                lesson
            }
            None => {
                told.given += 1;
                None
            }
        };
        self.lessons.extend(lesson.map(|lesson| (video, lesson)));
    }
}

/// The probabilities of the video's true class, C, which sum to 1: the given class has what the noise posterior leaves to it, the
/// others share the rest as the networks' mean probabilities do. Nothing where the networks cannot judge the video.
fn true_class_probs(row: &VideoRow, given: usize) -> Option<Vec<f64>> {
    let judgement = row.judgement.as_ref()?;
    let wrong = f64::from(judgement.scores.noise_posterior);
    let probs = judgement.mean_probs.iter().map(|&prob| f64::from(prob));
    let mut probs: Vec<f64> = probs.collect();
    probs[given] = 0.0;
    let others: f64 = probs.iter().sum();
    if wrong.is_nan() || others <= 0.0 {
        return None;
    }
    for prob in &mut probs {
        *prob *= wrong / others;
    }
    probs[given] = 1.0 - wrong;
    Some(probs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::samples;

    fn row(noise_posterior: f32, mean_probs: &[f32]) -> VideoRow {
        let mut row = samples::row("v", "sad");
        if let Some(judgement) = &mut row.judgement {
            judgement.scores.noise_posterior = noise_posterior;
            judgement.mean_probs = mean_probs.to_vec();
        }
        row
    }

    #[test]
    fn the_given_class_has_what_the_posterior_leaves_to_it() {
        let probs = true_class_probs(&row(0.75, &[0.5, 0.3, 0.2]), 1).unwrap();
        for (prob, expected) in probs.iter().zip([0.75 * 5.0 / 7.0, 0.25, 0.75 * 2.0 / 7.0]) {
            assert!((prob - expected).abs() < 1e-6, "{probs:?}");
        }
        assert_eq!(true_class_probs(&row(f32::NAN, &[0.5, 0.5]), 0), None);
        assert_eq!(true_class_probs(&row(0.1, &[1.0, 0.0]), 0), None);
    }
}
