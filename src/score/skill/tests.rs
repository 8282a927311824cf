//! What chance looks like, and what it does not.

use proptest::prelude::*;
use rand::RngExt;

use super::*;
use crate::seed::Seed;

/// Videos of some classes in some folds, with what is predicted of them.
#[derive(Debug, Clone)]
struct World {
    given: Vec<usize>,
    predicted: Vec<usize>,
    folds: Vec<u8>,
    groups: Vec<Option<usize>>,
    classes: usize,
}

impl World {
    fn skill(&self) -> Skill {
        Skill::measure(HeldOutLabels {
            given: &self.given,
            predicted: &self.predicted,
            folds: &self.folds,
            groups: &self.groups,
            classes: self.classes,
        })
        .unwrap()
    }

    /// Labels with class shares that fall by `ratio` from class to class, folds by turns within each class.
    fn labelled(videos: usize, classes: usize, ratio: f64, folds: usize, seed: u64) -> Self {
        let mut random = Seed(seed).stream("labels", "");
        let shares: Vec<f64> = (0..classes).map(|class| ratio.powi(class as i32)).collect();
        let mut turns: Vec<usize> = (0..classes).collect();
        let mut world = Self {
            given: Vec::new(),
            predicted: vec![0; videos],
            folds: Vec::new(),
            groups: vec![None; videos],
            classes,
        };
        for _ in 0..videos {
            let mut draw = random.random_range(0.0..1.0) * shares.iter().sum::<f64>();
            let class = shares.iter().position(|share| {
                draw -= share;
                draw < 0.0
            });
            let class = class.unwrap_or(0);
            world.given.push(class);
            world.folds.push((turns[class] % folds) as u8);
            turns[class] += 1;
        }
        world
    }

    /// Right predictions with probability `accuracy`, else any other class.
    fn predicted(mut self, accuracy: f64, seed: u64) -> Self {
        let mut random = Seed(seed).stream("predictions", "");
        for (given, predicted) in self.given.iter().zip(&mut self.predicted) {
            *predicted = if random.random_range(0.0..1.0) < accuracy {
                *given
            } else {
                (given + random.random_range(1..self.classes)) % self.classes
            };
        }
        self
    }

    /// A share of the given labels exchanged for any other, after the predictions were made.
    fn with_wrong_labels(mut self, share: f64, seed: u64) -> Self {
        let mut random = Seed(seed).stream("wrong", "");
        for given in &mut self.given {
            if random.random_range(0.0..1.0) < share {
                *given = (*given + random.random_range(1..self.classes)) % self.classes;
            }
        }
        self
    }

    /// What nearest class means say that were learnt, fold by fold, from features of noise; videos of one group have nearly
    /// the same features.
    fn learnt_from_noise(mut self, dimensions: usize, seed: u64) -> Self {
        let mut random = Seed(seed).stream("features", "");
        let mut draw = || -> Vec<f64> {
            let mut sum = || (0..6).map(|_| random.random_range(-1.0..1.0)).sum::<f64>();
            (0..dimensions).map(|_| sum()).collect()
        };
        let of_group: Vec<Vec<f64>> = (0..self.given.len()).map(|_| draw()).collect();
        let features: Vec<Vec<f64>> = self
            .groups
            .iter()
            .map(|group| {
                let own = draw();
                let Some(group) = group else { return own };
                let pairs = own.iter().zip(&of_group[*group]);
                pairs.map(|(own, common)| 0.2 * own + common).collect()
            })
            .collect();
        for video in 0..self.given.len() {
            let distance = |class: usize| {
                let learns = |&other: &usize| {
                    self.folds[other] != self.folds[video] && self.given[other] == class
                };
                let members: Vec<usize> = (0..self.given.len()).filter(learns).collect();
                (0..dimensions)
                    .map(|d| {
                        let sum: f64 = members.iter().map(|&other| features[other][d]).sum();
                        (sum / members.len().max(1) as f64 - features[video][d]).powi(2)
                    })
                    .sum::<f64>()
            };
            let nearest = (0..self.classes).min_by(|&a, &b| distance(a).total_cmp(&distance(b)));
            self.predicted[video] = nearest.unwrap_or(0);
        }
        self
    }

    /// Groups of `size` neighbouring videos that share label and fold.
    fn grouped(mut self, size: usize) -> Self {
        for video in 0..self.given.len() {
            let first = video / size * size;
            self.groups[video] = Some(first / size);
            self.given[video] = self.given[first];
            self.folds[video] = self.folds[first];
        }
        self
    }
}

fn share_that_may_judge(runs: u64, world: impl Fn(u64) -> World) -> f64 {
    let may = |seed: &u64| world(*seed).skill().grade != Grade::Unable;
    (0..runs).filter(may).count() as f64 / runs as f64
}

/// 6 × 150 runs; `cargo test --lib skill -- --ignored` makes more of them and counts.
#[test]
fn networks_that_learnt_from_noise_are_unable() {
    assert!(false_alarms(150) <= 1);
}

#[test]
#[ignore = "takes minutes: the count that the documentation states"]
fn the_false_alarms_of_many_runs() {
    let alarms = false_alarms(4000);
    println!("{alarms} of 24,000 runs from noise may judge");
    assert!(alarms <= 24);
}

fn false_alarms(runs: u64) -> usize {
    let alarms =
        |world: &dyn Fn(u64) -> World| (share_that_may_judge(runs, world) * runs as f64).round();
    let noise = |videos, classes, ratio, folds| {
        alarms(&move |seed| {
            World::labelled(videos, classes, ratio, folds, seed).learnt_from_noise(4, seed)
        })
    };
    let grouped = alarms(&|seed| {
        World::labelled(120, 3, 1.0, 2, seed)
            .grouped(6)
            .learnt_from_noise(4, seed)
    });
    let counts = [
        noise(60, 7, 1.0, 2),
        noise(60, 7, 1.0, 5),
        noise(60, 2, 1.0, 2),
        noise(40, 3, 0.5, 2),
        noise(150, 7, 0.6, 5),
        grouped,
    ];
    println!("by kind: {counts:?}");
    counts.iter().sum::<f64>() as usize
}

#[test]
fn one_class_for_all_has_no_skill_however_often_it_is_right() {
    let mut world = World::labelled(1000, 7, 0.2, 5, 1);
    let skill = world.skill();
    assert!(skill.agreement.right > 0.75, "{:?}", skill.agreement);
    assert_eq!((skill.grade, skill.trust), (Grade::Unable, 0.0));
    assert!(!skill.may_judge(0, 0, 0));
    // Nor has a different one for each fold, and one that is dealt with the class shares.
    for video in 0..1000 {
        world.predicted[video] = usize::from(world.folds[video]);
    }
    assert_eq!(world.skill().grade, Grade::Unable);
    world.predicted = world.given.clone();
    world.predicted.rotate_left(7);
    assert_eq!(world.skill().grade, Grade::Unable);
}

#[test]
fn right_predictions_may_judge_from_a_dozen_videos_on() {
    for (videos, classes) in [(12, 3), (14, 7), (16, 2), (60, 7), (200, 50)] {
        let mut world = World::labelled(videos, classes, 1.0, 2, 0);
        world.given = (0..videos).map(|video| video % classes).collect();
        world.folds = (0..videos)
            .map(|video| (video / classes % 2) as u8)
            .collect();
        world.predicted = world.given.clone();
        let skill = world.skill();
        let grade = if videos < 60 {
            skill.grade
        } else {
            Grade::Able
        };
        assert!(
            grade != Grade::Unable && skill.grade == grade,
            "{videos}: {skill:?}"
        );
        assert!((0..classes).all(|class| skill.may_judge(0, class, (class + 1) % classes)));
    }
}

#[test]
fn weak_networks_may_judge_and_are_doubted() {
    let weak = |videos, accuracy| {
        move |seed| World::labelled(videos, 7, 1.0, 5, seed).predicted(accuracy, seed)
    };
    assert!(share_that_may_judge(200, weak(60, 0.5)) > 0.95);
    assert!(share_that_may_judge(200, weak(60, 0.45)) > 0.8);
    assert!(share_that_may_judge(200, weak(150, 0.4)) > 0.98);
    assert!(share_that_may_judge(50, weak(1000, 0.4)) >= 1.0);
    let skill = weak(150, 0.4)(1).skill();
    assert_eq!(skill.grade, Grade::Doubtful);
    assert!(skill.trust > 0.2 && skill.trust < 1.0, "{skill:?}");
    assert_eq!(weak(3000, 0.45)(1).skill().grade, Grade::Able);
    // One that is right a little more often than chance is sure to have some skill, and yet none that helps.
    let hardly = weak(20_000, 0.19)(1).skill();
    assert_eq!(hardly.grade, Grade::Unable);
    assert!(hardly.agreement.kappa_low > 0.0);
}

#[test]
fn wrong_labels_do_not_hide_what_was_learnt() {
    for (videos, classes, accuracy) in [
        (200, 7, 0.8),
        (2000, 2, 0.95),
        (1000, 11, 0.6),
        (2000, 7, 0.5),
    ] {
        let may = share_that_may_judge(40, |seed| {
            World::labelled(videos, classes, 1.0, 5, seed)
                .predicted(accuracy, seed)
                .with_wrong_labels(0.4, seed)
        });
        assert!(may >= 1.0, "{videos} {classes} {accuracy}: {may}");
    }
}

#[test]
fn a_fold_that_has_not_learnt_does_not_judge_and_the_others_do() {
    for (videos, failed_answer) in [(300, None), (300, Some(2)), (100, Some(2))] {
        let mut world = World::labelled(videos, 7, 1.0, 5, 3).predicted(0.7, 3);
        let other = World::labelled(videos, 7, 1.0, 5, 4);
        for video in (0..videos).filter(|&video| world.folds[video] == 1) {
            world.predicted[video] = failed_answer.unwrap_or(other.given[video]);
        }
        let skill = world.skill();
        let learnt: Vec<bool> = skill.folds.iter().map(|fold| fold.has_learnt).collect();
        assert_eq!(learnt, [true, false, true, true, true], "{skill:?}");
        assert_eq!(skill.grade, Grade::Able);
        assert!(!skill.may_judge(1, 0, 1) && skill.may_judge(0, 0, 1));
        assert!(skill.agreement.videos < videos && skill.agreement.kappa > 0.5);
    }
}

#[test]
fn folds_of_a_few_videos_are_taken_for_one() {
    // A dozen videos a fold prove nothing alone.
    let skill = World::labelled(60, 7, 1.0, 5, 5).predicted(0.6, 5).skill();
    assert!(skill.folds.iter().all(|fold| fold.has_learnt), "{skill:?}");
}

#[test]
fn a_class_that_was_not_learnt_is_left_out_both_ways() {
    let mut world = World::labelled(700, 7, 1.0, 5, 6).predicted(0.7, 6);
    // Nobody ever says 3, and 5 is said of anything.
    let other = World::labelled(700, 7, 1.0, 5, 7);
    for video in 0..700 {
        if world.predicted[video] == 3 || other.given[video] == 5 {
            world.predicted[video] = 5;
        } else if world.predicted[video] == 5 {
            world.predicted[video] = other.given[video] % 3;
        }
    }
    let skill = world.skill();
    let learnt: Vec<usize> = (0..7)
        .filter(|&class| skill.class_has_learnt(class))
        .collect();
    assert_eq!(learnt, [0, 1, 2, 4, 6], "{:?}", skill.classes);
    assert!(!skill.may_judge(0, 3, 0) && !skill.may_judge(0, 0, 5) && skill.may_judge(0, 0, 1));
}

#[test]
fn a_class_most_of_whose_labels_are_wrong_was_learnt_all_the_same() {
    let mut world = World::labelled(700, 7, 1.0, 5, 8).predicted(0.8, 8);
    let mut random = Seed(8).stream("exchange", "");
    for given in &mut world.given {
        // Two of three labels of class 2 belong to class 4.
        if *given == 4 && random.random_range(0.0..1.0) < 0.66 {
            *given = 2;
        }
    }
    let skill = world.skill();
    assert!(
        skill.classes.iter().all(|class| class.has_learnt),
        "{:?}",
        skill.classes
    );
}

#[test]
fn a_rare_class_drowned_in_wrong_labels_was_learnt_if_what_is_taken_for_it_is_right() {
    let right = World::labelled(4000, 7, 0.4, 5, 9).predicted(1.0, 9);
    let mut world = right.clone().with_wrong_labels(0.2, 9);
    let rare = world.skill();
    assert!(rare.classes[6].agreement.kappa < 0.1, "{rare:?}");
    assert!(rare.class_has_learnt(6), "{rare:?}");
    // The same number of answers, of videos at random.
    for (video, predicted) in world.predicted.iter_mut().enumerate() {
        *predicted = match (*predicted, right.given[video]) {
            (6, _) => 0,
            (other, 0) if video % 200 == 0 => (other + 6) % 7,
            (other, _) => other,
        };
    }
    assert!(world.predicted.contains(&6));
    assert!(!world.skill().class_has_learnt(6), "{:?}", world.skill());
}

#[test]
fn a_few_persons_with_all_classes_are_no_few_witnesses() {
    let mut world = World::labelled(600, 7, 1.0, 2, 9).predicted(0.6, 9);
    let independent = world.skill();
    world.groups = (0..600)
        .map(|video| Some(usize::from(world.folds[video])))
        .collect();
    let difference = world.skill().agreement.kappa_low - independent.agreement.kappa_low;
    assert!(difference.abs() < 1e-9);
    // Groups of one label and one prediction are.
    let clustered = World {
        predicted: World::labelled(600, 7, 1.0, 2, 9).grouped(30).predicted,
        ..World::labelled(600, 7, 1.0, 2, 9).grouped(30)
    };
    let said = World {
        predicted: clustered.given.clone(),
        ..clustered
    };
    assert!(said.skill().agreement.kappa_low < 0.9);
    assert_eq!(said.skill().grade, Grade::Able);
}

#[test]
fn wider_as_doubt_has_it() {
    let mut skill = World::labelled(60, 7, 1.0, 5, 5).predicted(0.6, 5).skill();
    let range = Interval::new(20.0, 10.0, 30.0);
    for (trust, low, high) in [(1.0, 10.0, 30.0), (0.5, 5.0, 45.0), (0.0, 0.0, 60.0)] {
        skill.trust = trust;
        assert_eq!(skill.widen(range, 60.0), Interval::new(20.0, low, high));
    }
}

#[test]
fn lists_that_do_not_fit_are_refused() {
    let measure = |given: &[usize], predicted: &[usize]| {
        Skill::measure(HeldOutLabels {
            given,
            predicted,
            folds: &vec![0; given.len()],
            groups: &vec![None; given.len()],
            classes: 2,
        })
    };
    assert_eq!(measure(&[], &[]), Err(ScoreError::Empty));
    assert!(measure(&[0, 1], &[0]).is_err());
    // One video, and videos of one class alone, say nothing.
    assert_eq!(measure(&[0], &[0]).unwrap().grade, Grade::Unable);
    assert_eq!(measure(&[0; 9], &[0; 9]).unwrap().grade, Grade::Unable);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn names_and_order_of_classes_folds_and_videos_do_not_matter(
        seed in 0_u64..1000,
        accuracy in 0.1..0.9_f64,
        shift in 1_usize..5,
    ) {
        let world = World::labelled(90, 5, 0.8, 3, seed).predicted(accuracy, seed);
        let skill = world.skill();
        prop_assert!(skill.agreement.kappa_low <= skill.agreement.kappa.max(0.0));
        prop_assert!((0.0..=1.0).contains(&skill.trust));
        let moved = |classes: &[usize]| classes.iter().map(|class| (class + shift) % 5).rev().collect::<Vec<_>>();
        let other = World {
            given: moved(&world.given),
            predicted: moved(&world.predicted),
            folds: world.folds.iter().map(|fold| 2 - fold).rev().collect(),
            ..world.clone()
        }
        .skill();
        prop_assert_eq!(other.grade, skill.grade);
        prop_assert!((other.trust - skill.trust).abs() < 1e-9);
        for class in 0..5 {
            prop_assert_eq!(
                other.class_has_learnt((class + shift) % 5),
                skill.class_has_learnt(class)
            );
        }
    }

    #[test]
    fn more_right_predictions_never_lower_the_bound(seed in 0_u64..1000) {
        let low = |accuracy| {
            // The same draws decide, so that what is right at a lower accuracy is right at a higher one.
            World::labelled(120, 4, 1.0, 2, seed).predicted(accuracy, seed).skill().agreement.right
        };
        prop_assert!(low(0.3) <= low(0.9));
    }
}
