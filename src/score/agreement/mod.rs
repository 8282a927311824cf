//! The heart of RDFER: do the clips of one video agree with each other, and with the label?
//!
//! Names and formulas follow the agreement table of RDFER, arXiv:2502.16129, with the additions noted as ours. Every
//! clip of every repeat is one more clip here. Whether the clips differ enough for agreement to mean anything is for
//! the caller to say (see [`super::Verdict::Undefined`]).

use super::ScoreError;
use super::table::{argmax, entropy, largest_except, push_checked_row};

/// Probabilities below this are raised to it before a logarithm is taken, so that log scores stay finite: a
/// log-margin lies within ±27.64 (ours).
pub const PROBABILITY_FLOOR: f64 = 1e-12;

/// The votes and mean probabilities of all clips of one video; independent of the order of the clips, to the last
/// bit.
#[derive(Debug, Clone, PartialEq)]
pub struct ClipVotes {
    counts: Vec<usize>,
    clips: usize,
    mean_probs: Vec<f64>,
    mean_clip_entropy: f64,
}

impl ClipVotes {
    /// Counts the votes of N clips, `rows`: N × C probabilities. A clip votes for its most probable class; the first
    /// class wins a tie.
    ///
    /// # Errors
    /// Fails without clips, with fewer than 2 classes, and on rows that are no distribution over the same classes.
    pub fn count<T, R>(rows: &[R]) -> Result<Self, ScoreError>
    where
        T: Copy + Into<f64>,
        R: AsRef<[T]>,
    {
        let classes = rows.first().ok_or(ScoreError::Empty)?.as_ref().len();
        if classes < 2 {
            return Err(ScoreError::TooFewClasses { classes });
        }
        let mut probs = Vec::with_capacity(rows.len() * classes);
        for (row, values) in rows.iter().enumerate() {
            push_checked_row(&mut probs, row, values.as_ref(), classes)?;
        }
        let mut counts = vec![0; classes];
        for clip in probs.chunks_exact(classes) {
            counts[argmax(clip)] += 1;
        }
        let clips = rows.len();
        let of_class = |class: usize| probs.chunks_exact(classes).map(move |clip| clip[class]);
        let mean_probs = (0..classes).map(|class| mean(of_class(class))).collect();
        let entropies = probs.chunks_exact(classes);
        let mean_clip_entropy = mean(entropies.map(|clip| entropy(clip.iter().copied())));
        Ok(Self {
            counts,
            clips,
            mean_probs,
            mean_clip_entropy,
        })
    }

    /// Number of clips N, at least 1.
    pub fn clips(&self) -> usize {
        self.clips
    }

    /// Votes `n_c` per class, `[C]`, summing to N.
    pub fn counts(&self) -> &[usize] {
        &self.counts
    }

    /// `1/N Σ p_i`, `[C]`.
    pub fn mean_probs(&self) -> &[f64] {
        &self.mean_probs
    }

    /// `argmax_c n_c`; ties go to the larger mean probability, then to the first class.
    pub fn consensus(&self) -> usize {
        let mut best = 0;
        for class in 1..self.counts.len() {
            let key = |c: usize| (self.counts[c], self.mean_probs[c]);
            if key(class) > key(best) {
                best = class;
            }
        }
        best
    }

    /// `max_c n_c / N`, in [1/C, 1]; 1 for a single clip.
    pub fn agreement(&self) -> f64 {
        self.counts[self.consensus()] as f64 / self.clips as f64
    }

    /// `Σ_c n_c(n_c−1) / (N(N−1))`, in [0, 1]: the share of pairs of clips that agree (Fleiss 1971, `P_i`). 1 for a
    /// single clip, as `agreement`.
    pub fn pairwise_agreement(&self) -> f64 {
        if self.clips < 2 {
            return 1.0;
        }
        let agreeing: usize = self.counts.iter().map(|&n| n * n.saturating_sub(1)).sum();
        agreeing as f64 / (self.clips * (self.clips - 1)) as f64
    }

    /// `n_c / N`, in [0, 1]: the share of clips that vote for `class`.
    pub fn support(&self, class: usize) -> f64 {
        self.counts[class] as f64 / self.clips as f64
    }

    /// Entropy of the votes `n/N` divided by `ln C`, in [0, 1].
    pub fn clip_entropy(&self) -> f64 {
        let votes = self.counts.iter().map(|&n| n as f64 / self.clips as f64);
        (entropy(votes) / (self.counts.len() as f64).ln()).min(1.0)
    }

    /// `H(mean_probs) − 1/N Σ H(p_i)` in nats, in [0, ln C]: disagreement among clips that is not each clip's own
    /// doubt.
    pub fn mutual_information(&self) -> f64 {
        // Not negative by Jensen's inequality; rounding may say otherwise.
        (entropy(self.mean_probs.iter().copied()) - self.mean_clip_entropy).max(0.0)
    }
}

/// The mean of `values` in [0, 64), at least one, to the last bit whatever their order: they are added as whole numbers of
/// 2⁻⁵⁶, of which numbers from 2⁻⁴ on have no fraction, and the others lose less than 2⁻⁵⁶.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    const UNIT: f64 = (1_u64 << 56) as f64;
    let (mut sum, mut count) = (0_i128, 0_u32);
    for value in values {
        sum += i128::from((value * UNIT) as i64);
        count += 1;
    }
    sum as f64 / (f64::from(count) * UNIT)
}

/// All agreement scores of one video against its given label. Every number is finite.
#[derive(Debug, Clone, PartialEq)]
pub struct VideoScore {
    /// The given label `y`.
    pub label: usize,
    /// Number of clips N.
    pub clips: usize,
    /// Number of clips that vote for `consensus`.
    pub consensus_votes: usize,
    /// Number of clips that vote for the given label.
    pub label_votes: usize,
    /// The class that most clips vote for.
    pub consensus: usize,
    /// Share of clips that vote for the consensus, in [1/C, 1].
    pub agreement: f64,
    /// Share of pairs of clips that agree, in [0, 1].
    pub pairwise_agreement: f64,
    /// Share of clips that vote for the given label, in [0, 1].
    pub label_support: f64,
    /// Mean probabilities over the clips, `[C]`.
    pub mean_probs: Vec<f64>,
    /// `mean_probs[y]`, in [0, 1].
    pub self_confidence: f64,
    /// `(mean_probs[y] − max_{c≠y} mean_probs[c] + 1) / 2`, in [0, 1] (Northcutt et al. 2021, on cleanlab's scale).
    pub normalized_margin: f64,
    /// `ln mean_probs[y] − ln max_{c≠y} mean_probs[c]`, both floored at [`PROBABILITY_FLOOR`] (ours).
    pub log_margin: f64,
    /// Entropy of the votes divided by `ln C`, in [0, 1].
    pub clip_entropy: f64,
    /// Disagreement among clips beyond each clip's own doubt, in nats, in [0, ln C].
    pub mutual_information: f64,
}

impl VideoScore {
    /// Scores one video from its clips' votes and its given label.
    ///
    /// # Errors
    /// Fails when the label is no class of the votes.
    pub fn new(votes: &ClipVotes, label: usize) -> Result<Self, ScoreError> {
        let classes = votes.counts.len();
        if label >= classes {
            return Err(ScoreError::LabelOutOfRange {
                row: 0,
                label,
                classes,
            });
        }
        let consensus = votes.consensus();
        let self_confidence = votes.mean_probs[label];
        let (_, other) = largest_except(&votes.mean_probs, label);
        Ok(Self {
            label,
            clips: votes.clips,
            consensus_votes: votes.counts[consensus],
            label_votes: votes.counts[label],
            consensus,
            agreement: votes.agreement(),
            pairwise_agreement: votes.pairwise_agreement(),
            label_support: votes.support(label),
            self_confidence,
            normalized_margin: f64::midpoint(self_confidence - other, 1.0),
            log_margin: log_ratio(self_confidence, other),
            clip_entropy: votes.clip_entropy(),
            mutual_information: votes.mutual_information(),
            mean_probs: votes.mean_probs.clone(),
        })
    }

    /// The paper's order in one number, in [−1, 1]: `agreement` where the consensus contradicts the label, else
    /// `−agreement`. High is suspect. It has at most 2N levels; see [`super::ranking::signed_agreement_order`] for
    /// ties.
    pub fn signed_agreement(&self) -> f64 {
        if self.consensus == self.label {
            -self.agreement
        } else {
            self.agreement
        }
    }
}

/// `ln a − ln b` with both floored at [`PROBABILITY_FLOOR`].
pub(crate) fn log_ratio(a: f64, b: f64) -> f64 {
    a.max(PROBABILITY_FLOOR).ln() - b.max(PROBABILITY_FLOOR).ln()
}

#[cfg(test)]
mod tests;
