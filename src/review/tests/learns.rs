//! The list while it learns.

use super::samples::Review;
use crate::review::lesson::{Lesson, Moved};
use crate::review::message::Message;
use crate::review::queue::Order;
use crate::review::{Mode, State};

/// The newest lesson, as the thread beside the loop brings it.
fn taught(state: &State) -> Lesson {
    let queue = state.run.learner().unwrap();
    Lesson::learn(&queue, &state.book.decided(&queue), state.run.rows.len())
}

/// A review of 300 videos whose first 40 are decided: labels of one class are wrong, all others right.
fn review() -> Review {
    let mut review = Review::new(300, Mode::default());
    for _ in 0..40 {
        let row = review.state.current().unwrap();
        let is_wrong = review.state.run.rows[row].label == "sad";
        review.press(if is_wrong { "d" } else { "k" });
    }
    review
}

#[test]
fn the_list_moves_below_the_cursor_only() {
    let mut review = review();
    let before = review.state.queue.clone();
    let history = review.state.history.clone();
    let lesson = taught(&review.state);
    review.send(Message::Learnt(lesson));
    let after = &review.state.queue;
    assert_eq!(after.cursor, before.cursor);
    assert_eq!(
        after.visible[..=before.cursor],
        before.visible[..=before.cursor]
    );
    assert_ne!(after.visible, before.visible);
    let sorted = |rows: &[u32]| {
        let mut rows = rows.to_vec();
        rows.sort_unstable();
        rows
    };
    assert_eq!(sorted(&after.visible), sorted(&before.visible));
    assert_eq!(review.state.history, history);
    // What comes next is of the class whose labels are wrong, and marked where it came from farther down.
    let next = &after.visible[after.cursor + 1..after.cursor + 16];
    let rows = &review.state.run.rows;
    assert!(
        next.iter().all(|&row| rows[row as usize].label == "sad"),
        "{next:?}"
    );
    let lesson = review.state.lesson.as_ref().unwrap();
    assert_eq!(lesson.moved[next[14] as usize], Moved::Up);
    assert!(lesson.moved.contains(&Moved::Down));
    // Unreadable videos are not learnt of, and stay where they are.
    let unscored = |rows: &[u32]| -> Vec<Option<u32>> {
        let is_unscored = |row: u32| review.state.run.rows[row as usize].judgement.is_none();
        rows.iter()
            .map(|&row| is_unscored(row).then_some(row))
            .collect()
    };
    assert_eq!(unscored(&after.visible), unscored(&before.visible));
}

#[test]
fn taking_decisions_back_brings_the_old_order_back() {
    let mut review = Review::new(300, Mode::default());
    let before = review.state.queue.visible.clone();
    for _ in 0..40 {
        let row = review.state.current().unwrap();
        let is_wrong = review.state.run.rows[row].label == "sad";
        review.press(if is_wrong { "d" } else { "k" });
        let lesson = taught(&review.state);
        review.send(Message::Learnt(lesson));
    }
    assert_ne!(review.state.queue.visible, before);
    for _ in 0..40 {
        review.press("u");
    }
    assert_eq!(review.state.marks.decided(), 0);
    let lesson = taught(&review.state);
    assert!(lesson.moved.iter().all(|moved| *moved == Moved::Nowhere));
    review.send(Message::Learnt(lesson));
    review.state.refresh();
    assert_eq!(review.state.queue.visible, before);
}

#[test]
fn other_orders_and_blind_reviews_stand_still() {
    let mut review = review();
    let lesson = taught(&review.state);
    let filter = review.state.queue.filter.clone();
    for order in [Order::Rank, Order::Teaching, Order::Score(0)] {
        review.state.show(filter.clone(), order);
        let before = review.state.queue.visible.clone();
        review.send(Message::Learnt(lesson.clone()));
        assert_eq!(review.state.queue.visible, before);
        review.state.refresh();
        assert_eq!(review.state.queue.visible, before);
    }
    assert!(review.state.may_learn());
    for mode in [
        Mode {
            is_blind: true,
            ..Mode::default()
        },
        Mode {
            is_adjudication: true,
            ..Mode::default()
        },
    ] {
        let mut blind = Review::with(super::samples::run(300), mode, review.lines.clone());
        assert!(!blind.state.may_learn());
        blind.state.learn();
        assert_eq!(blind.state.lesson, None);
    }
    // Without a screen the list is the one that the screen would show.
    let mut printed = Review::with(
        super::samples::run(300),
        Mode::default(),
        review.lines.clone(),
    );
    printed.state.learn();
    assert_eq!(printed.state.lesson, Some(lesson));
}
