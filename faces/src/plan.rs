//! Which videos the demo data set holds: who shows what, when, under which label, and with which planted trouble.
//!
//! The plan knows the truth; a scan never sees it. Drawing is left to `renderer`, files and their encoding to the
//! demo command.

use crate::action_unit::ActionUnits;
use crate::expression::{CLASSES, confusable};
use crate::movement::Movement;
use crate::settings::{FaceSettings, FaceSettingsError};
use crate::stream::stream;
use crate::trouble::{self, Difficulty, Trouble};
use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// One video of the data set, with its truth.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedVideo {
    /// The running number in at least four digits; says nothing about label or trouble.
    pub id: String,
    /// The person, a number for [`crate::Identity::new`].
    pub identity: usize,
    /// The label given to the audit, a place in [`CLASSES`].
    pub label: usize,
    /// The class that is shown, a place in [`CLASSES`].
    pub true_label: usize,
    /// What was planted.
    pub trouble: Trouble,
    /// Why the video is hard, if it is.
    pub difficulty: Option<Difficulty>,
    /// Length in frames.
    pub frames: usize,
    /// The last frame before the expression rises. In a neutral video all three frames are the middle one.
    pub onset_frame: usize,
    /// The frame with the strongest true expression.
    pub apex_frame: usize,
    /// The first frame without the true expression; `frames` if it stays to the end.
    pub offset_frame: usize,
    /// Width and height in pixels.
    pub size: u32,
    /// The seed of the whole plan.
    pub seed: u64,
    /// What the face does, the true expression first; empty for a plain neutral video.
    pub movements: Vec<Movement>,
}

impl PlannedVideo {
    /// The intensities of all action units at a frame; speech and blinks are not expressions and do not count.
    pub fn action_units(&self, frame: usize) -> ActionUnits {
        self.movements
            .iter()
            .map(|movement| movement.at(frame))
            .fold(ActionUnits::default(), |sum, units| sum.stronger(&units))
    }
}

/// Draws the videos of a data set, in the order of their ids.
///
/// Classes are balanced by true label to within one video. Mislabeled and hard videos number exactly their rounded
/// share and are spread over the true classes to within one. Half of the wrong labels are any other class, half are
/// one that people confuse with the true class.
///
/// # Errors
/// [`FaceSettingsError`] if a count is too low or the shares are out of range.
pub fn plan(settings: &FaceSettings, seed: u64) -> Result<Vec<PlannedVideo>, FaceSettingsError> {
    settings.check()?;
    let mut roles = roles(settings);
    roles.shuffle(&mut stream(seed, "demo plan", "order"));
    let mut people: Vec<usize> = (0..settings.videos)
        .map(|index| index % settings.identities)
        .collect();
    people.shuffle(&mut stream(seed, "demo plan", "people"));
    let digits = settings.videos.to_string().len().max(4);
    let videos = roles.into_iter().zip(people).enumerate();
    Ok(videos
        .map(|(index, (role, identity))| {
            let id = format!("{:0digits$}", index + 1);
            role.video(id, identity, settings, seed)
        })
        .collect())
}

/// What a video is to be, before it has a place in the data set.
#[derive(Debug, Clone, Copy)]
struct Role {
    true_label: usize,
    trouble: Trouble,
    /// Counts the videos of this class and trouble.
    turn: usize,
}

/// All roles, class after class in turn, so that any run of videos is spread evenly over the classes.
fn roles(settings: &FaceSettings) -> Vec<Role> {
    let count = |share: f64| (share * settings.videos as f64).round() as usize;
    let mislabeled = count(settings.mislabeled_share);
    let hard = count(settings.hard_share).min(settings.videos - mislabeled);
    (0..settings.videos)
        .map(|index| {
            let (trouble, start) = if index < mislabeled {
                (Trouble::Mislabeled, 0)
            } else if index < mislabeled + hard {
                (Trouble::Hard, mislabeled)
            } else {
                (Trouble::None, mislabeled + hard)
            };
            Role {
                true_label: index % CLASSES.len(),
                trouble,
                turn: (index - start) / CLASSES.len(),
            }
        })
        .collect()
}

impl Role {
    fn video(
        self,
        id: String,
        identity: usize,
        settings: &FaceSettings,
        seed: u64,
    ) -> PlannedVideo {
        let frames = stream(seed, "demo length", &id)
            .random_range(settings.frames_min..=settings.frames_max);
        let mut random = stream(seed, "demo video", &id);
        let label = self.label(&mut random);
        let difficulty = (self.trouble == Trouble::Hard)
            .then(|| Difficulty::ALL[(self.turn + self.true_label) % Difficulty::ALL.len()]);
        let movements = trouble::movements(self.true_label, difficulty, frames, &mut random);
        let middle = frames / 2;
        let (onset_frame, apex_frame, offset_frame) = movements
            .first()
            .filter(|movement| movement.class == self.true_label)
            .map_or((middle, middle, middle), |movement| {
                let offset = movement.offset_frame.min(frames);
                (movement.onset_frame, movement.apex_frame, offset)
            });
        PlannedVideo {
            id,
            identity,
            label,
            true_label: self.true_label,
            trouble: self.trouble,
            difficulty,
            frames,
            onset_frame,
            apex_frame,
            offset_frame,
            size: settings.size,
            seed,
            movements,
        }
    }

    /// The given label: wrong in a mislabeled video, by turns any other class and a confusable one.
    fn label(self, random: &mut ChaCha8Rng) -> usize {
        if self.trouble != Trouble::Mislabeled {
            return self.true_label;
        }
        // Offset by the class, so that an odd number of turns does not favour one kind in all classes.
        if (self.turn + self.true_label).is_multiple_of(2) {
            (self.true_label + random.random_range(1..CLASSES.len())) % CLASSES.len()
        } else {
            let near = confusable(self.true_label);
            near[random.random_range(0..near.len())]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ActionUnit, NEUTRAL};

    fn default_plan(seed: u64) -> Vec<PlannedVideo> {
        plan(&FaceSettings::default(), seed).unwrap()
    }

    fn count(videos: &[PlannedVideo], keep: impl Fn(&PlannedVideo) -> bool) -> usize {
        videos.iter().filter(|video| keep(video)).count()
    }

    #[test]
    fn shares_are_exact_and_spread_over_the_classes() {
        let videos = default_plan(0);
        assert_eq!(videos.len(), 420);
        for class in 0..CLASSES.len() {
            let of = |trouble| {
                count(&videos, |video| {
                    video.true_label == class && video.trouble == trouble
                })
            };
            assert_eq!(of(Trouble::None), 48);
            assert_eq!(of(Trouble::Mislabeled), 6);
            assert_eq!(of(Trouble::Hard), 6);
            for difficulty in Difficulty::ALL {
                let kind = |video: &PlannedVideo| {
                    video.true_label == class && video.difficulty == Some(difficulty)
                };
                assert_eq!(count(&videos, kind), 2);
            }
        }
        let crooked = FaceSettings {
            videos: 33,
            identities: 5,
            ..FaceSettings::default()
        };
        let videos = plan(&crooked, 0).unwrap();
        for trouble in [Trouble::Mislabeled, Trouble::Hard] {
            assert_eq!(count(&videos, |video| video.trouble == trouble), 3);
        }
    }

    #[test]
    fn only_mislabeled_videos_have_a_wrong_label_and_half_of_them_a_confusable_one() {
        let videos = default_plan(1);
        for video in &videos {
            let wrong = video.label != video.true_label;
            assert_eq!(wrong, video.trouble == Trouble::Mislabeled);
        }
        // 21 on purpose, and now and then one of the other 21 by chance.
        let confused = count(&videos, |video| {
            confusable(video.true_label).contains(&video.label)
        });
        assert!((21..=33).contains(&confused), "{confused} of 42");
    }

    #[test]
    fn ids_are_running_numbers_and_say_nothing_about_labels_or_trouble() {
        let videos = default_plan(2);
        for (video, number) in videos.iter().zip(1..) {
            assert_eq!(video.id, format!("{number:04}"));
        }
        // Bounds are four standard deviations of a draw without replacement.
        let (early, _) = videos.split_at(210);
        for trouble in [Trouble::Mislabeled, Trouble::Hard] {
            assert!(count(early, |video| video.trouble == trouble).abs_diff(21) <= 12);
        }
        for class in 0..CLASSES.len() {
            assert!(count(early, |video| video.label == class).abs_diff(30) <= 14);
            // A pattern such as "every seventh" would show here.
            for rest in 0..7 {
                let step = videos.iter().skip(rest).step_by(7);
                let found = step.filter(|video| video.label == class).count();
                assert!(found <= 20, "class {class} at {rest}: {found} of 60");
            }
        }
        let labels = |seed| -> Vec<usize> {
            let videos = default_plan(seed);
            videos.iter().map(|video| video.label).collect()
        };
        assert_ne!(labels(2), labels(3));
    }

    #[test]
    fn people_are_dealt_evenly() {
        let videos = default_plan(3);
        for person in 0..70 {
            assert_eq!(count(&videos, |video| video.identity == person), 6);
        }
    }

    #[test]
    fn the_apex_has_the_strongest_expression() {
        for video in default_plan(4) {
            let Some(own) = video.movements.first() else {
                continue;
            };
            let total = |frame| own.at(frame).total();
            let strongest = (0..video.frames).max_by(|a, b| total(*a).total_cmp(&total(*b)));
            assert_eq!(strongest, Some(own.apex_frame), "video {}", video.id);
            if video.movements.len() == 1 {
                assert_eq!(video.action_units(own.apex_frame), own.peak);
            }
            if video.true_label != NEUTRAL {
                assert_eq!(video.apex_frame, own.apex_frame);
                assert!(video.onset_frame < video.apex_frame);
                assert!(video.apex_frame < video.offset_frame);
                assert!(video.offset_frame <= video.frames);
            }
        }
    }

    #[test]
    fn neutral_videos_that_are_not_hard_show_no_action_unit() {
        let videos = default_plan(5);
        let neutral =
            |video: &&PlannedVideo| video.true_label == NEUTRAL && video.trouble != Trouble::Hard;
        let mut seen = 0;
        for video in videos.iter().filter(neutral) {
            seen += 1;
            for frame in 0..video.frames {
                let units = video.action_units(frame);
                assert!(
                    ActionUnit::ALL
                        .iter()
                        .all(|unit| units.middle(*unit) < 1e-9)
                );
            }
        }
        assert_eq!(seen, 54);
    }

    #[test]
    fn the_shortest_videos_hold_their_apex_too() {
        let settings = FaceSettings {
            frames_min: 24,
            frames_max: 24,
            hard_share: 0.5,
            ..FaceSettings::default()
        };
        for video in plan(&settings, 8).unwrap() {
            assert!(video.apex_frame < video.frames);
        }
    }

    #[test]
    fn a_plan_is_a_function_of_its_seed() {
        assert_eq!(default_plan(6), default_plan(6));
        assert_ne!(default_plan(6), default_plan(7));
    }
}
