//! What decisions taught, as the list takes it.

use crate::judge::learnt::Queue;
use crate::score::learning::Decided;

/// A video that moved by fewer places among the undecided ones has no mark.
const MOVED: usize = 10;

/// Where decisions have moved an undecided video.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Moved {
    /// Not far from where it stood.
    #[default]
    Nowhere,
    /// Towards the top.
    Up,
    /// Towards the end.
    Down,
}

/// What decisions taught.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lesson {
    /// By row, the place among all that have one, as far as it has one.
    pub places: Vec<Option<u32>>,
    /// By row, where it has moved.
    pub moved: Vec<Moved>,
}

impl Lesson {
    /// What `decided` teaches of a run of `rows` videos.
    pub fn learn(queue: &Queue, decided: &[Decided], rows: usize) -> Self {
        let learnt = queue.learn(decided);
        let mut lesson = Self {
            places: vec![None; rows],
            moved: vec![Moved::Nowhere; rows],
        };
        let mut is_decided = vec![false; learnt.posteriors.len()];
        for decision in decided {
            is_decided[decision.place] = true;
        }
        let mut before = vec![0; is_decided.len()];
        let mut undecided = 0;
        for (place, is_decided) in is_decided.iter().enumerate() {
            before[place] = undecided;
            undecided += usize::from(!is_decided);
        }
        let mut after = 0;
        for (number, place) in (0..).zip(learnt.order()) {
            let (row, place) = (queue.row(place as usize) as usize, place as usize);
            lesson.places[row] = Some(number);
            if is_decided[place] {
                continue;
            }
            lesson.moved[row] = if after + MOVED <= before[place] {
                Moved::Up
            } else if before[place] + MOVED <= after {
                Moved::Down
            } else {
                Moved::Nowhere
            };
            after += 1;
        }
        lesson
    }
}
