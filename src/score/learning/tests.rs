//! Decisions on made-up orders.

use rand::RngExt;

use super::*;
use crate::seed::Seed;

/// An order of `count` videos of three classes, whose believed probability falls from .9 to .02.
fn videos(count: usize) -> Videos {
    Videos {
        believed: (0..count)
            .map(|place| 0.9 - 0.88 * place as f64 / count as f64)
            .collect(),
        given: (0..count).map(|place| place % 3).collect(),
        predicted: (0..count)
            .map(|place| (place + 1 + place / 3 % 2) % 3)
            .collect(),
        groups: vec![None; count],
        neighbours: vec![Vec::new(); count],
        copies: vec![Vec::new(); count],
        classes: 3,
    }
}

/// The first `count` places decided by a rule.
fn top(count: usize, is_wrong: impl Fn(usize) -> bool) -> Vec<Decided> {
    let decided = |place| Decided {
        place,
        is_wrong: is_wrong(place),
        right: None,
    };
    (0..count).map(decided).collect()
}

fn undecided(learnt: &Learnt, first: usize) -> Vec<u32> {
    let order = learnt.order().into_iter();
    order.filter(|&place| place as usize >= first).collect()
}

#[test]
fn without_decisions_the_order_stands() {
    let learner = Learner::new(videos(100)).unwrap();
    let learnt = learner.learn(&[]);
    assert_eq!(learnt.order(), (0..100).collect::<Vec<u32>>());
    assert!(!learnt.is_order_moved());
}

#[test]
fn decisions_that_follow_nothing_move_nothing() {
    let mut moved = 0;
    for seed in 0..20 {
        let mut random = Seed(seed).stream("test", "chance");
        let wrong: Vec<bool> = (0..60)
            .map(|place| random.random_bool(0.9 - 0.0044 * f64::from(place)))
            .collect();
        let learnt = Learner::new(videos(200))
            .unwrap()
            .learn(&top(60, |place| wrong[place]));
        if !learnt.is_order_moved() {
            assert_eq!(undecided(&learnt, 60), (60..200).collect::<Vec<u32>>());
        }
        moved += u32::from(learnt.is_order_moved());
    }
    assert!(moved <= 3, "{moved} of 20");
}

#[test]
fn a_class_whose_labels_hold_goes_back_and_the_rest_comes_forward() {
    let learner = Learner::new(videos(300)).unwrap();
    let decided = top(60, |place| place % 3 != 0);
    let learnt = learner.learn(&decided);
    assert_eq!(learnt.families, [Family::Classes]);
    let next = undecided(&learnt, 60);
    assert!(next[..30].iter().all(|place| place % 3 != 0), "{next:?}");
    // The same decisions in another order, and the last of two on a video.
    let mut turned: Vec<Decided> = decided.iter().rev().copied().collect();
    turned.insert(
        0,
        Decided {
            is_wrong: true,
            ..turned[0]
        },
    );
    assert_eq!(learner.learn(&turned), learnt);
    // What is decided is known.
    assert!((0..60).all(|place| (learnt.posteriors[place] > 0.5) == (place % 3 != 0)));
}

#[test]
fn a_group_and_neighbours_are_learnt_from() {
    let mut grouped = videos(300);
    grouped.groups = (0..300).map(|place| Some(place / 3 % 5)).collect();
    let learnt = Learner::new(grouped)
        .unwrap()
        .learn(&top(90, |place| place / 3 % 5 < 2));
    assert_eq!(learnt.families, [Family::Groups]);
    assert!(
        undecided(&learnt, 90)[..30]
            .iter()
            .all(|place| place / 3 % 5 < 2)
    );

    // Neighbours of one label that is wrong here and right there, whatever its class and the predicted one.
    let mut near = videos(300);
    let corner = |place: usize| place / 3 % 6;
    near.neighbours = (0..300)
        .map(|place| {
            let alike = |other: &usize| {
                *other != place && other % 3 == place % 3 && corner(*other) == corner(place)
            };
            (0..300)
                .filter(alike)
                .take(10)
                .map(|other| other as u32)
                .collect()
        })
        .collect();
    let learnt = Learner::new(near)
        .unwrap()
        .learn(&top(100, |place| corner(place).is_multiple_of(3)));
    assert!(learnt.families.contains(&Family::Neighbours), "{learnt:?}");
    let next = undecided(&learnt, 100);
    let first = next[..30]
        .iter()
        .filter(|place| corner(**place as usize).is_multiple_of(3))
        .count();
    assert!(first >= 28, "{first}: {next:?}");
}

#[test]
fn a_copy_has_one_right_label() {
    let mut copied = videos(100);
    copied.copies[80] = vec![0, 1];
    copied.copies[0] = vec![80];
    let learner = Learner::new(copied).unwrap();
    let says = |right: Option<usize>| {
        let decided = [Decided {
            place: 0,
            is_wrong: true,
            right,
        }];
        learner.learn(&decided).posteriors[80]
    };
    let before = learner.learn(&[]).posteriors[80];
    // Its label is 2, and that of the decided copy was 0.
    assert!(says(Some(1)) > 2.0 * before);
    assert!(says(Some(2)) < before / 5.0);
    let unmoved = says(None);
    assert!((unmoved / before - 1.0).abs() < 0.2, "{unmoved} {before}");
}

#[test]
fn lists_that_do_not_fit_are_refused() {
    assert!(Learner::new(Videos::default()).is_err());
    let mut short = videos(10);
    short.groups.pop();
    assert!(Learner::new(short).is_err());
    let mut foreign = videos(10);
    foreign.given[3] = 3;
    assert!(Learner::new(foreign).is_err());
}

#[test]
fn offsets_fall_without_steps_and_hold_what_is_believed() {
    let mut flat = videos(90);
    flat.believed = (0..90).map(|place| [0.9, 0.5, 0.1][place / 30]).collect();
    let checked = flat.checked().unwrap();
    let offsets = checked.offsets();
    assert!(
        offsets
            .windows(2)
            .all(|pair| pair[0] >= pair[1] && pair[0] - pair[1] < 0.1)
    );
    approx::assert_relative_eq!(probability(offsets[0]), 0.9, epsilon = 1e-9);
    approx::assert_relative_eq!(probability(offsets[89]), 0.1, epsilon = 1e-9);
}
