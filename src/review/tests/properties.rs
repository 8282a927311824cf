//! What holds whatever is pressed.

use proptest::prelude::*;

use super::samples::{Review, run};
use crate::journal::Book;
use crate::review::queue::{Filter, Order, Tab};
use crate::review::state::Marks;
use crate::review::{Mode, State};

const KEYS: [&str; 40] = [
    "k",
    "a",
    "enter",
    "d",
    "m",
    "s",
    "delete",
    "n",
    "b",
    "u",
    "U",
    "A",
    "y",
    "down",
    "up",
    "home",
    "end",
    "w",
    "tab",
    "shift-tab",
    "/",
    "g",
    "h",
    "c",
    "o",
    "r",
    "space",
    ".",
    ",",
    "-",
    "+",
    "z",
    "e",
    "v",
    "i",
    "?",
    "esc",
    "1",
    "2",
    "3",
];

fn keys(most: usize) -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(prop::sample::select(&KEYS[..]), 0..most)
}

fn mode() -> impl Strategy<Value = Mode> {
    (any::<bool>(), any::<bool>()).prop_map(|(is_blind, is_adjudication)| Mode {
        reviewer: "anna".into(),
        is_blind: is_blind && !is_adjudication,
        is_adjudication,
        sample: None,
    })
}

/// The list's marks must say what the book says.
fn check_marks(state: &State) -> Result<(), TestCaseError> {
    let fresh = Marks::new(&state.run, &state.book, &state.mode);
    prop_assert_eq!(&fresh, &state.marks);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn replaying_the_journal_gives_the_state(mode in mode(), keys in keys(120)) {
        let mut review = Review::new(14, mode.clone());
        for key in &keys {
            review.press(key);
            prop_assert_eq!(&Book::replay(&review.lines), &review.state.book);
        }
        check_marks(&review.state)?;
        // A second sitting starts from what the first one left.
        let second = Review::with(run(14), mode, review.lines.clone());
        prop_assert_eq!(&second.state.book, &review.state.book);
        prop_assert_eq!(&second.state.marks, &review.state.marks);
    }

    #[test]
    fn undo_takes_everything_back_and_redo_makes_it_again(mode in mode(), keys in keys(80), again in any::<bool>()) {
        let mut review = Review::new(14, mode.clone());
        for key in &keys {
            review.press(key);
        }
        review.press("esc");
        if again {
            // The steps are known to the next sitting as well.
            review = Review::with(run(14), mode, review.lines);
        }
        let done = review.state.book.clone();
        let mut steps = 0;
        while review.state.history.last_done().is_some() {
            review.press("u");
            steps += 1;
            prop_assert!(steps < 2000);
        }
        prop_assert_eq!(&review.state.book, &Book::default());
        // What had been undone before stays so.
        for _ in 0..steps {
            review.press("U");
        }
        prop_assert_eq!(&review.state.book, &done);
        check_marks(&review.state)?;
    }

    #[test]
    fn a_disk_that_fails_changes_nothing(keys in keys(60)) {
        let mut review = Review::new(14, Mode::default());
        review.press("k d 3 s");
        let before = (review.state.book.clone(), review.state.history.clone());
        review.is_full = true;
        for key in &keys {
            review.press(key);
        }
        prop_assert_eq!(&review.state.book, &before.0);
        prop_assert_eq!(&review.state.history, &before.1);
    }

    #[test]
    fn filters_never_lose_a_video(
        count in 0_u32..80, keys in keys(40), order in 0_usize..20, reversed: bool, text in "[0-9]{0,2}",
        given in prop::option::of(0_usize..3), suggested in prop::option::of(0_usize..3),
    ) {
        let mut review = Review::new(count, Mode::default());
        for key in &keys {
            review.press(key);
        }
        let state = &mut review.state;
        state.queue.is_reversed = reversed;
        let order = Order::all()[order];
        let shown = |state: &mut State, filter: Filter| {
            state.show(filter, order);
            let mut rows = state.queue.visible.clone();
            rows.sort_unstable();
            rows
        };
        let all: Vec<u32> = (0..count).collect();
        prop_assert_eq!(&shown(state, Filter::default()), &all);
        // Every video is in one of the verdicts' tabs, and in no more than one.
        let mut by_verdict: Vec<u32> = [Tab::Flagged, Tab::Hard, Tab::Clean, Tab::Unscored]
            .into_iter()
            .flat_map(|tab| shown(state, Filter { tab, ..Filter::default() }))
            .collect();
        by_verdict.sort_unstable();
        prop_assert_eq!(&by_verdict, &all);
        let mut by_class: Vec<u32> = (0..3)
            .flat_map(|class| shown(state, Filter { given: Some(class), ..Filter::default() }))
            .collect();
        by_class.sort_unstable();
        prop_assert_eq!(&by_class, &all);
        // What is shown is what fits, no more and no less, and the cursor stands on it.
        let filter = Filter { tab: Tab::Undecided, given, suggested, text };
        let rows = shown(state, filter.clone());
        let fitting: Vec<u32> = all
            .iter()
            .copied()
            .filter(|&row| filter.holds(&state.run, &state.marks, row as usize))
            .collect();
        prop_assert_eq!(&rows, &fitting);
        prop_assert_eq!(state.current().is_some(), !rows.is_empty());
        prop_assert_eq!(shown(state, Filter::default()), all);
    }

    #[test]
    fn the_cursor_stays_on_the_list(count in 0_u32..30, keys in keys(100)) {
        let mut review = Review::new(count, Mode::default());
        for key in &keys {
            review.press(key);
            let queue = &review.state.queue;
            prop_assert!(queue.cursor < queue.visible.len().max(1));
        }
        prop_assert!(!review.has_quit);
    }
}
