//! What each rater's votes are worth, held against what all others say.

use super::{Joint, VoteTable};

/// Fewer votes say too little of a rater.
const FEWEST_VOTES: f64 = 20.0;
/// A rater who knows less than this share of the classes guesses.
const GUESSING: f64 = 0.1;
/// The z of a 90 % interval.
const INTERVAL_Z: f64 = 1.645;

/// What a rater's votes are worth; shares are not numbers for a rater without votes.
#[derive(Debug, Clone, PartialEq)]
pub struct RaterQuality {
    /// Number of votes.
    pub votes: f64,
    /// Expected share of votes for the true class, as all others see it, in [0, 1].
    pub agreement: f64,
    /// The same beyond what a guess would reach that says each class as often, at most 1; 0 for a guess, negative for who
    /// votes against the others.
    pub knowledge: f64,
    /// The class that is mistaken most often, for which other, and in which share of the rater's votes on it.
    pub confused: Option<(usize, usize, f64)>,
    /// Whether the votes say next to nothing of the class: a guess, or always the same.
    pub is_guessing: bool,
}

impl RaterQuality {
    /// The raters of a table by what votes, and perhaps networks, say together.
    pub fn of(votes: &VoteTable, joint: &Joint) -> Vec<Self> {
        let classes = votes.classes();
        let mut counts = vec![vec![0.0; classes * classes]; votes.raters()];
        for vote in votes.votes() {
            let others = joint.without(votes, vote);
            for (class, p) in others.into_iter().enumerate() {
                counts[vote.rater][class * classes + vote.class] += p * vote.count;
            }
        }
        counts
            .iter()
            .map(|counts| Self::by(counts, classes))
            .collect()
    }

    /// `counts`: C × C, the true class in rows.
    fn by(counts: &[f64], classes: usize) -> Self {
        let of_class = |class: usize| counts[class * classes..][..classes].iter().sum::<f64>();
        let said = |class: usize| counts.iter().skip(class).step_by(classes).sum::<f64>();
        let votes: f64 = counts.iter().sum();
        let right: f64 = (0..classes)
            .map(|class| counts[class * classes + class])
            .sum();
        let agreement = right / votes;
        let by_chance: f64 = (0..classes)
            .map(|class| of_class(class) * said(class))
            .sum::<f64>()
            / votes
            / votes;
        let beyond = |agreement: f64| (agreement - by_chance) / (1.0 - by_chance).max(1e-9);
        let deviation = (agreement * (1.0 - agreement) / votes).sqrt();
        let wrong = (0..classes * classes).filter(|place| place / classes != place % classes);
        let confused = wrong
            .max_by(|&a, &b| counts[a].total_cmp(&counts[b]))
            .filter(|&place| counts[place] >= 0.5)
            .map(|place| {
                let class = place / classes;
                (class, place % classes, counts[place] / of_class(class))
            });
        // Who always says the same knows nothing, however few the votes; unless there was nothing else to say.
        let is_constant = (0..classes).any(|class| said(class) >= votes - 0.5) && by_chance < 0.9;
        let most = beyond(agreement + INTERVAL_Z * deviation);
        Self {
            votes,
            agreement,
            knowledge: beyond(agreement),
            confused,
            is_guessing: votes >= FEWEST_VOTES && (is_constant || most < GUESSING),
        }
    }
}

/// The class with the most votes of raters who know something, and its share of these; nothing where no such rater voted.
pub fn first_choice(
    votes: &VoteTable,
    raters: &[RaterQuality],
    item: usize,
) -> Option<(usize, f64)> {
    let mut counts = vec![0.0; votes.classes()];
    for vote in votes.of(item) {
        counts[vote.class] += vote.count * raters[vote.rater].knowledge.max(0.0);
    }
    let first = crate::score::table::argmax(&counts);
    let sum: f64 = counts.iter().sum();
    (sum > 0.0).then(|| (first, counts[first] / sum))
}
