//! What videos have in common: classes, groups, neighbours, copies.

use super::regression::probability;
use super::{Decided, Family, Known};
use crate::score::ScoreError;
use crate::score::calibration::curve::falling_fit;
use crate::score::error::check_length;

/// Bounds of the probabilities that an order is believed to have.
const BOUNDS: (f64, f64) = (1e-4, 1.0 - 1e-4);

/// The videos of an order, most suspect first; every list has one entry per place.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Videos {
    /// Probability that the label is wrong as believed before anybody decides, in [0, 1].
    pub believed: Vec<f64>,
    /// The given class.
    pub given: Vec<usize>,
    /// The predicted class.
    pub predicted: Vec<usize>,
    /// What was kept together in the folds, counted from 0.
    pub groups: Vec<Option<usize>>,
    /// The places of the nearest videos; empty where nobody looked.
    pub neighbours: Vec<Vec<u32>>,
    /// The places of exact copies, each way.
    pub copies: Vec<Vec<u32>>,
    /// Number of classes C.
    pub classes: usize,
}

impl Videos {
    /// The same, with neighbours each way, once its lists are known to fit.
    pub(super) fn checked(mut self) -> Result<Self, ScoreError> {
        let videos = self.believed.len();
        if videos == 0 {
            return Err(ScoreError::Empty);
        }
        check_length("given", self.given.len(), videos)?;
        check_length("predicted", self.predicted.len(), videos)?;
        check_length("groups", self.groups.len(), videos)?;
        check_length("neighbours", self.neighbours.len(), videos)?;
        check_length("copies", self.copies.len(), videos)?;
        for (row, &label) in self.given.iter().chain(&self.predicted).enumerate() {
            if label >= self.classes {
                return Err(ScoreError::LabelOutOfRange {
                    row: row % videos,
                    label,
                    classes: self.classes,
                });
            }
        }
        let one_way = self.neighbours.clone();
        for (place, nearest) in one_way.iter().enumerate() {
            for &other in nearest {
                self.neighbours[other as usize].push(place as u32);
            }
        }
        for nearest in &mut self.neighbours {
            nearest.sort_unstable();
            nearest.dedup();
        }
        Ok(self)
    }

    /// Whether there is anything of a family.
    pub(super) fn has(&self, family: Family) -> bool {
        match family {
            Family::Classes => true,
            Family::Groups => self.groups.iter().any(Option::is_some),
            Family::Neighbours => self.neighbours.iter().any(|nearest| !nearest.is_empty()),
        }
    }

    /// The logits of what is believed, made to fall along the order without steps: a step would let everything before it pass
    /// everything after it at once.
    pub(super) fn offsets(&self) -> Vec<f64> {
        let falling = falling_fit(&self.believed);
        let logit = |p: f64| {
            let p = p.clamp(BOUNDS.0, BOUNDS.1);
            (p / (1.0 - p)).ln()
        };
        // The middle of each level, and its logit.
        let mut levels: Vec<(f64, f64)> = Vec::new();
        let mut start = 0;
        for level in falling.chunk_by(|a, b| a.to_bits() == b.to_bits()) {
            let middle = start as f64 + (level.len() as f64 - 1.0) / 2.0;
            levels.push((middle, logit(level[0])));
            start += level.len();
        }
        let mut next = 0;
        (0..falling.len())
            .map(|place| {
                let place = place as f64;
                while next < levels.len() && levels[next].0 < place {
                    next += 1;
                }
                match (
                    next.checked_sub(1).map(|before| levels[before]),
                    levels.get(next),
                ) {
                    (Some((left, from)), Some(&(right, to))) => {
                        from + (to - from) * (place - left) / (right - left)
                    }
                    (Some((_, only)), None) => only,
                    (None, first) => first.map_or(0.0, |(_, only)| *only),
                }
            })
            .collect()
    }

    /// Whether the decided ones among a video's neighbours have other right classes than its label more often than was believed, in
    /// [−1, 1]; 0 where none is decided.
    pub(super) fn neighbours_say(&self, place: usize, known: &Known, offsets: &[f64]) -> f64 {
        let label = self.given[place];
        let (mut sum, mut count) = (0.0, 0.0);
        for &other in &self.neighbours[place] {
            let other = other as usize;
            let Some(is_other) = known[other].and_then(|decision| self.is_other(&decision, label))
            else {
                continue;
            };
            let wrong = probability(offsets[other]);
            let believed = if self.given[other] == label {
                wrong
            } else if self.predicted[other] == label {
                1.0 - wrong
            } else {
                1.0
            };
            sum += f64::from(u8::from(is_other)) - believed;
            count += 1.0;
        }
        sum / (count + 1.0)
    }

    /// By how many of the decided copies of a video its label is wrong, less by how many it is right.
    pub(super) fn copies_say(&self, place: usize, known: &Known) -> f64 {
        let label = self.given[place];
        let decided = self.copies[place]
            .iter()
            .filter_map(|&other| known[other as usize]);
        decided
            .filter_map(|decision| self.is_other(&decision, label))
            .map(|is_other| if is_other { 1.0 } else { -1.0 })
            .sum()
    }

    /// Whether a decided video's right class is another one than `label`; nothing where that was not said.
    fn is_other(&self, decision: &Decided, label: usize) -> Option<bool> {
        match decision.right {
            Some(right) => Some(right != label),
            None => (self.given[decision.place] == label).then_some(decision.is_wrong),
        }
    }
}
