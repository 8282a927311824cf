//! The trouble that is planted in videos, and what the faces do in each kind.

use crate::expression::{self, CLASSES, NEUTRAL, confusable};
use crate::movement::{self, Movement};
use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

/// What was planted in a video.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// Nothing: a plain expression under its right label.
    None,
    /// A plain expression under a wrong label.
    Mislabeled,
    /// The right label, but the expression is weak, mixed or brief.
    Hard,
}

impl Trouble {
    /// The name used in the truth file: "clean", "mislabeled" or "hard".
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "clean",
            Self::Mislabeled => "mislabeled",
            Self::Hard => "hard",
        }
    }
}

/// Why a hard video is hard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difficulty {
    /// At about a third of its strength; a weak neutral carries a fainter hint of another class all along.
    Weak,
    /// Another class is shown as well, before or after the true one, which is held longer; a mixed neutral shows it for
    /// about a third of the video.
    Mixed,
    /// Shown for 6 to 10 frames only, the rest is neutral; a brief neutral holds a faint flash of another class.
    Brief,
}

impl Difficulty {
    pub(crate) const ALL: [Self; 3] = [Self::Weak, Self::Mixed, Self::Brief];

    /// The name used in the truth file: "weak", "mixed" or "brief".
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Weak => "weak",
            Self::Mixed => "mixed",
            Self::Brief => "brief",
        }
    }
}

/// The movements of a video of a class, the true expression first; none for a plain neutral video.
pub(crate) fn movements(
    class: usize,
    difficulty: Option<Difficulty>,
    frames: usize,
    random: &mut ChaCha8Rng,
) -> Vec<Movement> {
    let neutral = class == NEUTRAL;
    if neutral && difficulty.is_none() {
        return Vec::new();
    }
    let other = companion(class, random);
    // A hard neutral face shows less of the other class than a hard video of that class does: its label is right.
    let shown = if neutral { other } else { class };
    let strengths = match (difficulty, neutral) {
        (None, _) => 0.85..1.0,
        (Some(Difficulty::Weak), false) => 0.25..0.40,
        (Some(Difficulty::Weak), true) => 0.12..0.22,
        (Some(Difficulty::Mixed), false) => 0.70..0.85,
        (Some(Difficulty::Mixed), true) => 0.40..0.55,
        (Some(Difficulty::Brief), false) => 0.70..0.95,
        (Some(Difficulty::Brief), true) => 0.40..0.60,
    };
    let peak = expression::draw(shown, random).scaled(random.random_range(strengths));
    let [turns, other_turns] = match (difficulty, neutral) {
        (Some(Difficulty::Brief), _) => [movement::flash(frames, random); 2],
        (Some(Difficulty::Mixed), true) => [movement::passing(frames, random); 2],
        (Some(Difficulty::Mixed), false) => movement::in_turn(frames, random),
        _ => [movement::sustained(frames, random); 2],
    };
    let mut movements = vec![movement::through(turns, shown, peak, random)];
    if difficulty == Some(Difficulty::Mixed) && !neutral {
        let peak = expression::draw(other, random).scaled(random.random_range(0.65..0.80_f32));
        movements.push(movement::through(other_turns, other, peak, random));
    }
    movements
}

/// A class other than this one: half of the time a confusable one, never neutral.
fn companion(class: usize, random: &mut ChaCha8Rng) -> usize {
    let others: Vec<usize> = (0..CLASSES.len())
        .filter(|other| *other != class && *other != NEUTRAL)
        .collect();
    let near: Vec<usize> = confusable(class)
        .iter()
        .copied()
        .filter(|other| *other != NEUTRAL)
        .collect();
    let pool = if random.random_bool(0.5) && !near.is_empty() {
        near
    } else {
        others
    };
    pool.choose(random).copied().unwrap_or(class)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::stream;

    const FRAMES: usize = 48;

    fn drawn(class: usize, difficulty: Option<Difficulty>) -> Vec<Movement> {
        let mut random = stream(11, "test", class);
        movements(class, difficulty, FRAMES, &mut random)
    }

    #[test]
    fn a_weak_expression_stays_below_half_of_its_strength() {
        for class in 0..CLASSES.len() {
            let strongest = |difficulty| {
                let all = drawn(class, difficulty);
                all.iter()
                    .map(|movement| movement.peak.total())
                    .fold(0.0, f32::max)
            };
            if class != NEUTRAL {
                assert!(strongest(Some(Difficulty::Weak)) < 0.5 * strongest(None));
            }
        }
    }

    #[test]
    fn a_mixed_video_shows_another_class_in_fewer_frames_than_its_own() {
        for class in (0..CLASSES.len()).filter(|class| *class != NEUTRAL) {
            for frames in [24, 36, 48, 60] {
                let mut random = stream(12, "test", frames * 7 + class);
                let all = movements(class, Some(Difficulty::Mixed), frames, &mut random);
                let [own, other] = &all[..] else {
                    panic!("two movements");
                };
                assert!(own.class == class && other.class != class && other.class != NEUTRAL);
                assert!(own.apex_frame < frames && other.apex_frame < frames);
                let ahead = |one: &Movement, two: &Movement| {
                    (0..frames)
                        .filter(|frame| one.envelope(*frame) > two.envelope(*frame) + 0.1)
                        .count()
                };
                let (owned, others) = (ahead(own, other), ahead(other, own));
                assert!(owned > others, "{owned} of {frames} frames, not {others}");
                assert!(others * 6 > frames, "{others} of {frames} frames");
            }
        }
    }

    #[test]
    fn a_brief_expression_is_gone_in_most_frames() {
        for class in 0..CLASSES.len() {
            let all = drawn(class, Some(Difficulty::Brief));
            let seen = (0..FRAMES)
                .filter(|frame| all[0].envelope(*frame) > 0.0)
                .count();
            assert!((4..=10).contains(&seen), "{seen} frames of class {class}");
        }
    }

    #[test]
    fn a_hard_neutral_video_is_labelled_by_what_it_lacks() {
        for difficulty in Difficulty::ALL {
            let all = drawn(NEUTRAL, Some(difficulty));
            assert!(all.len() == 1 && all[0].class != NEUTRAL);
        }
    }
}
