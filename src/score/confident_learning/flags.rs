//! The videos that confident learning calls mislabeled, by each of its pruning rules.

use super::super::ProbabilityTable;
use super::super::table::argmax;
use super::ConfidentJoint;
use super::joint::round_preserving_sum;

/// How many videos of each given label are never flagged, as in the reference.
const KEPT_PER_CLASS: usize = 1;
/// A prediction that beats the given label by less than this agrees with it.
const AGREEMENT_SLACK: f64 = 1e-6;

/// One flag per video and rule; true means "label issue". No rule flags a video whose most probable class is its
/// label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelFlags {
    /// For each pair of given and true class, the videos of largest `probs[true] − probs[given]`, as many as the
    /// joint counts.
    pub prune_by_noise_rate: Vec<bool>,
    /// For each given class, the videos of lowest self-confidence, as many as the joint calls wrong.
    pub prune_by_class: Vec<bool>,
    /// Flagged by both of the above.
    pub both: Vec<bool>,
    /// Counted off the diagonal of the confident joint.
    pub confident_learning: Vec<bool>,
    /// The most probable class is not the label.
    pub predicted_neq_given: Vec<bool>,
}

impl LabelFlags {
    /// Flags the videos of the table that `joint` was counted from.
    pub fn find(table: &ProbabilityTable, joint: &ConfidentJoint) -> Self {
        let (by_noise_rate, by_class) = prune(table, &prune_counts(joint));
        let differs: Vec<bool> = table
            .rows()
            .map(|(label, row)| predicts_other(row, label))
            .collect();
        let masked = |flags: Vec<bool>| -> Vec<bool> {
            flags.iter().zip(&differs).map(|(&a, &b)| a && b).collect()
        };
        let prune_by_noise_rate = masked(by_noise_rate);
        let prune_by_class = masked(by_class);
        let off_diagonal = (table.labels().iter().zip(joint.confident_classes()))
            .map(|(&label, class)| class.is_some_and(|class| class != label))
            .collect();
        Self {
            both: prune_by_noise_rate
                .iter()
                .zip(&prune_by_class)
                .map(|(&a, &b)| a && b)
                .collect(),
            prune_by_noise_rate,
            prune_by_class,
            confident_learning: masked(off_diagonal),
            predicted_neq_given: masked(
                table
                    .rows()
                    .map(|(label, row)| argmax(row) != label)
                    .collect(),
            ),
        }
    }

    /// The reference's `num_label_issues`: how many videos `confident_learning` flags.
    pub fn label_issues(&self) -> usize {
        self.confident_learning.iter().filter(|&&flag| flag).count()
    }
}

/// Whether another class beats the given label.
fn predicts_other(row: &[f64], label: usize) -> bool {
    let mut favoured = row.to_vec();
    favoured[label] += AGREEMENT_SLACK;
    argmax(&favoured) != label
}

/// How many videos to prune, `[true][given]`; the diagonal says how many to keep, at least one per class.
fn prune_counts(joint: &ConfidentJoint) -> Vec<Vec<i64>> {
    let calibrated = joint.calibrated_counts();
    let classes = calibrated.len();
    let mut counts: Vec<Vec<i64>> = (0..classes)
        .map(|truth| calibrated.iter().map(|row| row[truth]).collect())
        .collect();
    for given in 0..classes {
        let diagonal = counts[given][given];
        let kept = diagonal.max(KEPT_PER_CLASS as i64);
        let nonzero = counts.iter().filter(|row| row[given] != 0).count() as f64;
        // What the diagonal gains is taken evenly from the counts in the same column; the reference then drops
        // fractions.
        let taken = (kept - diagonal) as f64 / (nonzero - 1.0).max(1.0);
        for row in &mut counts {
            row[given] = (row[given] as f64 - taken).max(0.0) as i64;
        }
        counts[given][given] = kept;
    }
    counts
        .into_iter()
        .map(|row| {
            round_preserving_sum(
                &row.into_iter()
                    .map(|count| count as f64)
                    .collect::<Vec<_>>(),
            )
        })
        .collect()
}

/// The flags of both pruning rules before predictions that agree with the label are let off.
fn prune(table: &ProbabilityTable, counts: &[Vec<i64>]) -> (Vec<bool>, Vec<bool>) {
    let mut by_noise_rate = vec![false; table.videos()];
    let mut by_class = vec![false; table.videos()];
    for given in 0..table.classes() {
        let members: Vec<usize> = (0..table.videos())
            .filter(|&video| table.label(video) == given)
            .collect();
        if members.len() <= KEPT_PER_CLASS {
            continue;
        }
        let wrong = members.len() as i64 - counts[given][given];
        flag_lowest(&mut by_class, &members, wrong, |video| {
            table.row(video)[given]
        });
        for (truth, row) in counts.iter().enumerate() {
            if truth != given {
                flag_lowest(&mut by_noise_rate, &members, row[given], |video| {
                    let probs = table.row(video);
                    -(probs[truth] - probs[given])
                });
            }
        }
    }
    (by_noise_rate, by_class)
}

/// Flags the `count` members of lowest `key`; among equal keys the first video goes first.
fn flag_lowest(flags: &mut [bool], members: &[usize], count: i64, key: impl Fn(usize) -> f64) {
    let count = usize::try_from(count).unwrap_or(0).min(members.len());
    if count == 0 {
        return;
    }
    let mut keyed: Vec<(f64, usize)> = members.iter().map(|&video| (key(video), video)).collect();
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    for &(_, video) in &keyed[..count] {
        flags[video] = true;
    }
}
