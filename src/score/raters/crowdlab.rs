//! CROWDLAB (Goh, Tkachenko & Mueller 2022, "CROWDLAB: Supervised learning to infer consensus labels and quality scores for
//! data with multiple annotators"): a weighted mean of what raters and a network say. Equal to cleanlab 2.9.

use super::VoteTable;
use crate::score::ScoreError;
use crate::score::error::check_length;
use crate::score::table::argmax;

/// No weight and no error is below this, as in cleanlab.
const LEAST: f64 = 1e-6;

/// What CROWDLAB finds. Values of items are nothing, or not a number, for one without votes.
#[derive(Debug, Clone, PartialEq)]
pub struct Crowdlab {
    /// The class on which raters and network settle, by item.
    pub consensus: Vec<Option<usize>>,
    /// Share of an item's votes for the consensus, in [0, 1].
    pub agreement: Vec<f64>,
    /// Probability of each class, n × C: the quality of a label is its class's.
    pub posterior: Vec<f64>,
    /// Quality of each rater's votes, in [0, 1].
    pub rater_quality: Vec<f64>,
    /// Share of each rater's votes for the consensus, in [0, 1].
    pub rater_agreement: Vec<f64>,
    /// Weight of the network, above 0.
    pub network_weight: f64,
    /// Weight of each rater, above 0.
    pub rater_weights: Vec<f64>,
}

impl Crowdlab {
    /// Settles every item. `probs`: n × C out-of-fold probabilities. Nothing where no item has two votes: then nobody can be
    /// compared.
    ///
    /// # Errors
    /// Fails where `probs` are not n × C.
    pub fn settle(votes: &VoteTable, probs: &[f64]) -> Result<Option<Self>, ScoreError> {
        check_length("probs", probs.len(), votes.items() * votes.classes())?;
        if votes.voted().all(|item| number(votes, item) < 2.0) {
            return Ok(None);
        }
        let classes = votes.classes();
        let majority = majority(votes, probs);
        let first = Self::by(votes, probs, majority.clone());
        let best = |(item, majority): (usize, &Option<usize>)| {
            let row = &first.posterior[item * classes..][..classes];
            let best = argmax(row);
            let is_tied = row.iter().filter(|p| **p >= row[best]).count() > 1;
            majority.map(|majority| if is_tied { majority } else { best })
        };
        let consensus = majority.iter().enumerate().map(best).collect();
        Ok(Some(Self::by(votes, probs, consensus)))
    }

    fn by(votes: &VoteTable, probs: &[f64], consensus: Vec<Option<usize>>) -> Self {
        let (items, classes) = (votes.items(), votes.classes());
        let agreement: Vec<f64> = (0..items)
            .map(|item| share(votes, item, consensus[item]))
            .collect();
        let several: Vec<(usize, usize)> = (0..items)
            .filter(|&item| number(votes, item) > 1.0)
            .filter_map(|item| Some((item, consensus[item]?)))
            .collect();
        let mean = |value: &dyn Fn(usize, usize) -> f64| {
            several
                .iter()
                .map(|&(item, class)| value(item, class))
                .sum::<f64>()
                / several.len() as f64
        };
        let right = mean(&|item, _| agreement[item]);
        let wrong = (1.0 - right) / (classes - 1) as f64;
        let mut of_class = vec![0.0; classes];
        for &(_, class) in &several {
            of_class[class] += 1.0;
        }
        let commonest = argmax(&of_class);
        let by_guess = mean(&|_, class| f64::from(u8::from(class != commonest))).max(LEAST);
        let voted = votes.voted().count() as f64;
        let per_item = votes.voted().map(|item| number(votes, item)).sum::<f64>() / voted;
        let error = mean(&|item, class| {
            let row = &probs[item * classes..][..classes];
            f64::from(u8::from(argmax(row) != class))
        });
        let network_weight = (1.0 - error / by_guess).max(LEAST) * per_item.sqrt();
        let rater_weights: Vec<f64> = agreement_with_others(votes)
            .into_iter()
            .map(|agreement| (1.0 - (1.0 - agreement) / by_guess).max(LEAST))
            .collect();
        let mut posterior = vec![f64::NAN; items * classes];
        for item in votes.voted() {
            let row = &mut posterior[item * classes..][..classes];
            let weights = votes.of(item).iter().map(|vote| rater_weights[vote.rater]);
            let total = network_weight + weights.sum::<f64>();
            for (class, p) in row.iter_mut().enumerate() {
                let said = votes.of(item).iter().map(|vote| {
                    let said = if vote.class == class { right } else { wrong };
                    rater_weights[vote.rater] * said
                });
                *p = (network_weight * probs[item * classes + class] + said.sum::<f64>()) / total;
            }
        }
        let share_of = |kept: &dyn Fn(usize) -> bool| {
            rater_means(votes, |item, class| {
                kept(item).then(|| f64::from(u8::from(consensus[item] == Some(class))))
            })
        };
        let own_quality = rater_means(votes, |item, class| Some(posterior[item * classes + class]));
        let all_weights = rater_weights.iter().sum::<f64>() * per_item / votes.raters() as f64;
        let of_network = network_weight / (network_weight + all_weights);
        let rater_quality = own_quality
            .iter()
            .zip(share_of(&|item| number(votes, item) > 1.0))
            .map(|(own, agreement)| of_network * own + (1.0 - of_network) * agreement)
            .collect();
        Self {
            agreement,
            posterior,
            rater_quality,
            rater_agreement: share_of(&|_| true),
            network_weight,
            rater_weights,
            consensus,
        }
    }
}

/// How many votes an item has.
fn number(votes: &VoteTable, item: usize) -> f64 {
    votes.of(item).len() as f64
}

/// Share of an item's votes for a class; not a number without votes.
fn share(votes: &VoteTable, item: usize, class: Option<usize>) -> f64 {
    let of_class = votes
        .of(item)
        .iter()
        .filter(|vote| Some(vote.class) == class);
    of_class.count() as f64 / number(votes, item)
}

/// The mean of a value over each rater's votes that have one; not a number for a rater without any.
fn rater_means(votes: &VoteTable, value: impl Fn(usize, usize) -> Option<f64>) -> Vec<f64> {
    let mut sums = vec![(0.0, 0.0); votes.raters()];
    for vote in votes.votes() {
        if let Some(value) = value(vote.item, vote.class) {
            let (sum, count) = &mut sums[vote.rater];
            *sum += value;
            *count += 1.0;
        }
    }
    sums.into_iter().map(|(sum, count)| sum / count).collect()
}

/// How often each rater says what another says of the same item, in [0, 1]; the mean of the others for one who meets nobody.
fn agreement_with_others(votes: &VoteTable) -> Vec<f64> {
    let mut met = vec![(0.0, 0.0); votes.raters()];
    for item in votes.voted() {
        let counts = votes.counts(item);
        for vote in votes.of(item) {
            let (same, others) = &mut met[vote.rater];
            *same += counts[vote.class] - 1.0;
            *others += number(votes, item) - 1.0;
        }
    }
    let agreements: Vec<f64> = met
        .into_iter()
        .map(|(same, others)| same / others)
        .collect();
    let known: Vec<f64> = agreements.iter().copied().filter(|a| !a.is_nan()).collect();
    let mean = known.iter().sum::<f64>() / known.len() as f64;
    agreements
        .into_iter()
        .map(|agreement| if agreement.is_nan() { mean } else { agreement })
        .collect()
}

/// The class with the most votes. Ties go to what the network holds likeliest, then to the class with the fewest votes of
/// all, then to the raters who agree most with the untied majorities, then to the first class (cleanlab draws).
fn majority(votes: &VoteTable, probs: &[f64]) -> Vec<Option<usize>> {
    let classes = votes.classes();
    let mut frequencies = vec![0.0; classes];
    for vote in votes.votes() {
        frequencies[vote.class] += 1.0;
    }
    let tied: Vec<Vec<usize>> = (0..votes.items())
        .map(|item| {
            let counts = votes.counts(item);
            let all = (0..classes).filter(|_| number(votes, item) > 0.0).collect();
            let by_votes = largest(all, |class| counts[class]);
            let by_network = largest(by_votes, |class| probs[item * classes + class]);
            largest(by_network, |class| -frequencies[class])
        })
        .collect();
    let untied: Vec<Option<usize>> = (0..votes.items())
        .map(|item| {
            let counts = votes.counts(item);
            let all = (0..classes).filter(|_| number(votes, item) > 0.0).collect();
            match largest(all, |class| counts[class])[..] {
                [class] => Some(class),
                _ => None,
            }
        })
        .collect();
    let skills = rater_means(votes, |item, class| {
        untied[item].map(|majority| f64::from(u8::from(majority == class)))
    });
    let known: Vec<f64> = skills
        .iter()
        .copied()
        .filter(|skill| !skill.is_nan())
        .collect();
    let mean = known.iter().sum::<f64>() / known.len() as f64;
    let skill_of = |item: usize, class: usize| {
        let of_class = votes.of(item).iter().filter(|vote| vote.class == class);
        let skills: Vec<f64> = of_class
            .map(|vote| skills[vote.rater])
            .map(|skill| if skill.is_nan() { mean } else { skill })
            .collect();
        skills.iter().sum::<f64>() / skills.len() as f64
    };
    let settle = |(item, tied): (usize, Vec<usize>)| match tied[..] {
        [] | [_] => tied.first().copied(),
        _ => largest(tied, |class| skill_of(item, class))
            .first()
            .copied(),
    };
    tied.into_iter().enumerate().map(settle).collect()
}

/// Those of the classes that have the largest value.
fn largest(classes: Vec<usize>, value: impl Fn(usize) -> f64) -> Vec<usize> {
    let most = classes
        .iter()
        .map(|&class| value(class))
        .fold(f64::NEG_INFINITY, f64::max);
    classes
        .into_iter()
        .filter(|&class| value(class) >= most)
        .collect()
}
