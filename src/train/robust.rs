//! Robust training: what a video's last clips said while it was learnt decides how much it still counts, and as what
//! (RDFER, arXiv:2502.16129, §3.4; the table of states is the verdicts').
//!
//! Plain numbers only. A relabelled target lives in one training step: neither the label column nor the recorded
//! training dynamics ever see it.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::TrainSettings;
use super::lesson::{Lesson, one_hot};
use crate::score::{ClipVotes, ScoreError};

/// What a video's vote memory says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// The memory is not full yet: too early to tell.
    Warmup,
    /// Its clips agree with each other and with the label.
    Clean,
    /// Its clips do not agree with each other.
    Hard,
    /// Its clips agree with each other, but not with the label.
    Noisy,
}

impl State {
    /// The name in `dynamics.parquet`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Warmup => "warmup",
            Self::Clean => "clean",
            Self::Hard => "hard",
            Self::Noisy => "noisy",
        }
    }
}

/// The probabilities of a video's last training clips, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct VoteMemory {
    clips: VecDeque<Vec<f32>>,
}

impl VoteMemory {
    /// Remembers one more clip, C probabilities, and forgets what is older than `capacity` clips.
    pub fn remember(&mut self, probs: Vec<f32>, capacity: usize) {
        self.clips.push_back(probs);
        while self.clips.len() > capacity {
            self.clips.pop_front();
        }
    }
}

/// How one video enters one step.
#[derive(Debug, Clone, PartialEq)]
pub struct Treatment {
    /// The state that it is in.
    pub state: State,
    /// The weight of its loss, at least 0.
    pub weight: f32,
    /// What it is to be learnt as, C probabilities.
    pub target: Vec<f32>,
}

impl Treatment {
    /// Decides from the memory of a video with the given `label` out of `classes`. The state is told whether or not
    /// `train.robust` is on; weight and target follow it only then. `lesson`: what it is to be learnt as, if not as its label;
    /// where people decided, neither weight nor target follow the state, which is then that of the decided class.
    ///
    /// # Errors
    ///
    /// If what is remembered is no distribution over the classes.
    pub fn decide(
        memory: &VoteMemory,
        label: usize,
        classes: usize,
        lesson: Option<&Lesson>,
        settings: &TrainSettings,
    ) -> Result<Self, ScoreError> {
        let label = match lesson {
            Some(Lesson::Decided(class)) => *class,
            _ => label,
        };
        let target =
            lesson.map_or_else(|| one_hot(label, classes), |lesson| lesson.target(classes));
        let plain = |state, target| Self {
            state,
            weight: 1.0,
            target,
        };
        if memory.clips.len() < settings.memory {
            return Ok(plain(State::Warmup, target));
        }
        let rows: Vec<&[f32]> = memory.clips.iter().map(Vec::as_slice).collect();
        let votes = ClipVotes::count(&rows)?;
        let state = if votes.agreement() < settings.agreement_threshold {
            State::Hard
        } else if votes.consensus() == label {
            State::Clean
        } else {
            State::Noisy
        };
        let mut treatment = plain(state, target);
        if matches!(lesson, Some(Lesson::Decided(_))) {
            return Ok(treatment);
        }
        if settings.robust && settings.reweight {
            treatment.weight = match state {
                State::Hard => settings.hard_weight as f32,
                State::Noisy => settings.noisy_weight as f32,
                State::Clean | State::Warmup => 1.0,
            };
        }
        let mean = votes.mean_probs();
        let margin = mean.iter().copied().fold(0.0, f64::max) - mean.get(label).unwrap_or(&0.0);
        if settings.robust
            && settings.relabel
            && state == State::Noisy
            && margin > settings.relabel_margin
        {
            treatment.target = mean.iter().map(|&prob| prob as f32).collect();
        }
        Ok(treatment)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn settings() -> TrainSettings {
        TrainSettings {
            robust: true,
            memory: 5,
            agreement_threshold: 0.8,
            hard_weight: 1.5,
            noisy_weight: 0.25,
            ..TrainSettings::default()
        }
    }

    /// A memory of clips that vote for these classes out of 3, each with a probability of `top`.
    fn memory(votes: &[usize], top: f32) -> VoteMemory {
        let mut memory = VoteMemory::default();
        for &vote in votes {
            let mut probs = vec![(1.0 - top) / 2.0; 3];
            probs[vote] = top;
            memory.remember(probs, 5);
        }
        memory
    }

    fn decide(votes: &[usize], top: f32, settings: &TrainSettings) -> Treatment {
        Treatment::decide(&memory(votes, top), 0, 3, None, settings).unwrap()
    }

    #[test]
    fn states_follow_the_table_of_verdicts() {
        for (votes, state, weight) in [
            (vec![1, 1, 1, 1], State::Warmup, 1.0),
            (vec![0, 0, 0, 0, 0], State::Clean, 1.0),
            (vec![0, 0, 1, 0, 0], State::Clean, 1.0),
            (vec![0, 0, 1, 1, 0], State::Hard, 1.5),
            (vec![2, 2, 1, 1, 0], State::Hard, 1.5),
            (vec![2, 2, 2, 2, 0], State::Noisy, 0.25),
            // The oldest clip is forgotten.
            (vec![0, 2, 2, 2, 2, 2], State::Noisy, 0.25),
        ] {
            let treatment = decide(&votes, 0.9, &settings());
            assert_eq!(treatment.state, state, "{votes:?}");
            assert!((treatment.weight - weight).abs() < 1e-6, "{votes:?}");
        }
    }

    #[test]
    fn only_a_sure_contradiction_changes_the_target() {
        let sure = decide(&[1; 5], 0.9, &settings());
        for (value, expected) in sure.target.iter().zip([0.05, 0.9, 0.05]) {
            assert!((value - expected).abs() < 1e-6);
        }
        // 0.6 − 0.2 is below the margin of 0.5.
        let unsure = decide(&[1; 5], 0.6, &settings());
        assert_eq!(unsure.state, State::Noisy);
        assert_eq!(unsure.target, [1.0, 0.0, 0.0]);
    }

    #[test]
    fn each_part_can_be_switched_off() {
        let with = |robust, reweight, relabel| {
            let settings = TrainSettings {
                robust,
                reweight,
                relabel,
                ..settings()
            };
            let treatment = decide(&[1; 5], 0.9, &settings);
            assert_eq!(treatment.state, State::Noisy);
            (treatment.weight < 1.0, treatment.target[1] > 0.5)
        };
        assert_eq!(with(true, true, true), (true, true));
        assert_eq!(with(true, false, true), (false, true));
        assert_eq!(with(true, true, false), (true, false));
        assert_eq!(with(false, true, true), (false, false));
    }

    #[test]
    fn what_people_decided_holds_against_the_memory() {
        let decide = |lesson: &Lesson, votes: &[usize]| {
            Treatment::decide(&memory(votes, 0.9), 0, 3, Some(lesson), &settings()).unwrap()
        };
        let kept = decide(&Lesson::Decided(0), &[1; 5]);
        assert_eq!((kept.state, kept.weight), (State::Noisy, 1.0));
        assert_eq!(kept.target, [1.0, 0.0, 0.0]);
        let relabeled = decide(&Lesson::Decided(2), &[2; 5]);
        assert_eq!((relabeled.state, relabeled.weight), (State::Clean, 1.0));
        assert_eq!(relabeled.target, [0.0, 0.0, 1.0]);
        // A soft target is the posterior's until the memory contradicts the label for certain.
        let doubted = Lesson::soft(&[0.25, 0.5, 0.25]);
        assert_eq!(decide(&doubted, &[0; 5]).target, [0.25, 0.5, 0.25]);
        assert!(decide(&doubted, &[2; 5]).target[2] > 0.8);
    }

    proptest! {
        #[test]
        fn a_target_is_a_distribution_and_the_order_of_the_memory_does_not_matter(
            votes in prop::collection::vec(0_usize..3, 5),
            label in 0_usize..3,
            top in 0.4_f32..1.0,
        ) {
            let decide = |votes: &[usize]| {
                Treatment::decide(&memory(votes, top), label, 3, None, &settings()).unwrap()
            };
            let treatment = decide(&votes);
            prop_assert!((treatment.target.iter().sum::<f32>() - 1.0).abs() < 1e-5);
            prop_assert!(treatment.weight > 0.0);
            if treatment.state != State::Noisy {
                prop_assert!((treatment.target[label] - 1.0).abs() < 1e-6);
            }
            let reversed: Vec<usize> = votes.iter().rev().copied().collect();
            prop_assert_eq!(decide(&reversed), treatment);
        }
    }
}
