//! What a reviewer does, key by key.

use std::collections::BTreeSet;

use super::samples::{Review, run};
use crate::journal::{Action, Book, Line, VERSION};
use crate::review::agreement::Agreement;
use crate::review::message::Message;
use crate::review::queue::{Order, Tab};
use crate::review::state::{Dialog, Mark};
use crate::review::{Mode, Run, calibration, list};
use crate::rows::timeline::Timelines;

fn named(reviewer: &str) -> Mode {
    Mode {
        reviewer: reviewer.into(),
        ..Mode::default()
    }
}

fn line(reviewer: &str, id: &str, action: Action, label: Option<&str>) -> Line {
    Line {
        version: VERSION,
        at: "2026-11-24T15:00:00Z".parse().unwrap(),
        reviewer: reviewer.into(),
        id: id.into(),
        run: "f00d".into(),
        action,
        label: label.map(str::to_owned),
        note: None,
        blind: false,
        adjudication: false,
    }
}

#[test]
fn a_decision_is_written_and_the_cursor_moves_on() {
    let mut review = Review::new(9, Mode::default());
    review.press("a k 3 d s");
    assert_eq!(
        review.actions(),
        [
            ("clips/00001", "relabel", Some("angry")),
            ("clips/00002", "keep", Some("angry")),
            // The third has no other label suggested; 3 is the class 'angry'.
            ("clips/00003", "relabel", Some("angry")),
            ("clips/00004", "drop", None),
            ("clips/00005", "skip", None),
        ]
    );
    assert_eq!(review.state.current(), Some(5));
    review.press("u u");
    assert_eq!(review.state.current(), Some(3));
    assert_eq!(review.state.marks.decided(), 3);
    review.press("U");
    assert_eq!(review.lines.last().unwrap().action, Action::Drop);
    assert!((review.state.pace.secs_per_decision().unwrap() - 2.0).abs() < 1e-9);
}

#[test]
fn the_given_label_is_a_keep() {
    let mut review = Review::new(9, Mode::default());
    // The first video is given 'sad', the class of key 2.
    review.press("2");
    assert_eq!(review.actions(), [("clips/00001", "keep", Some("sad"))]);
    // The same decision again writes nothing.
    review.press("home 2");
    assert_eq!(review.lines.len(), 1);
}

#[test]
fn ambiguous_takes_a_second_label_or_none() {
    let mut review = Review::new(9, Mode::default());
    review.press("m 1 m enter m esc");
    assert_eq!(
        review.actions(),
        [
            ("clips/00001", "ambiguous", Some("happy")),
            ("clips/00002", "ambiguous", None),
        ]
    );
    assert_eq!(review.state.current(), Some(2));
}

#[test]
fn notes_and_bookmarks_stand_beside_decisions() {
    let mut review = Review::new(9, Mode::default());
    review.press("n");
    review.text("two people, k q");
    review.press("enter b");
    assert_eq!(review.lines[0].note.as_deref(), Some("two people, k q"));
    assert_eq!(review.state.marks.decided(), 0);
    assert_eq!(review.state.current(), Some(0));
    let mark = review.state.marks.of(0);
    assert!(mark.has_note && mark.is_bookmarked);
    review.press("u u");
    assert_eq!(review.state.marks.of(0), Mark::default());
}

#[test]
fn accepting_all_asks_first_and_is_one_step() {
    let mut review = Review::new(9, Mode::default());
    review.press("tab A");
    assert!(matches!(&review.state.dialog, Some(Dialog::AcceptAll(rows)) if rows.len() == 2));
    review.press("n");
    assert!(review.lines.is_empty());
    review.press("A y");
    assert_eq!(review.lines.len(), 2);
    review.press("A");
    assert!(review.state.dialog.is_none(), "{}", review.notice());
    review.press("u");
    assert_eq!(review.state.marks.decided(), 0);
}

#[test]
fn blind_shows_nothing_before_the_vote() {
    let mut review = Review::new(
        9,
        Mode {
            is_blind: true,
            ..Mode::default()
        },
    );
    review.press("a k A");
    assert!(
        review.lines.is_empty(),
        "nothing hidden can be accepted or kept"
    );
    assert!(list::table(&list::videos(&review.state)).contains("hidden"));
    assert!(!list::table(&list::videos(&review.state)).contains(".mp4"));
    review.press("3");
    assert!(review.lines[0].blind);
    assert!(!review.notice().contains("angry"), "{}", review.notice());
    assert!(!review.state.is_hidden(0));
    review.press("home k");
    assert!(!review.lines[1].blind, "the second vote is no blind one");
    // Taken back, it is hidden again, and its blind vote comes back as one.
    review.press("u");
    assert!(review.lines[2].blind);
    review.press("u");
    assert!(review.state.is_hidden(0));
}

#[test]
fn filters_tabs_and_orders() {
    let mut review = Review::new(33, Mode::default());
    review.press("tab");
    assert_eq!(review.state.queue.filter.tab, Tab::Flagged);
    assert_eq!(review.state.queue.visible.len(), 9);
    review.press("shift-tab /");
    review.text("0001");
    assert_eq!(review.state.queue.visible.len(), 11);
    review.press("enter g down enter");
    assert_eq!(review.state.queue.filter.given, Some(0));
    review.press("c o end enter");
    assert_eq!(review.state.queue.visible.len(), 33);
    assert!(matches!(review.state.queue.order, Order::Score(_)));
    review.press("o home enter r");
    // Flagged first, turned around: the last of the others comes first.
    review.press("home");
    assert_eq!(review.state.queue.current(), Some(32));
}

#[test]
fn what_teaches_most_lies_near_the_cut() {
    let mut review = Review::new(300, Mode::default());
    review.press("o down down enter home");
    assert_eq!(review.state.queue.order, Order::Teaching);
    let first = review.state.current().unwrap();
    let flagged = review.state.run.flagged;
    assert!(first.abs_diff(flagged) < 4, "{first} {flagged}");
    // Of a class that is known by now there is less to learn.
    let class = review.state.run.given[first].unwrap();
    for row in (0..90).filter(|row| row % 3 == (class + 2) % 3) {
        review.state.queue.go_to(row as u32);
        review.press("k");
    }
    review.state.refresh();
    review.press("home");
    let first = review.state.current().unwrap();
    assert_ne!(review.state.run.given[first], Some(class));
}

#[test]
fn reviewers_agree_dispute_and_settle() {
    let lines = vec![
        line("anna", "clips/00001", Action::Keep, None),
        line("anna", "clips/00002", Action::Relabel, Some("happy")),
        line("anna", "clips/00003", Action::Drop, None),
        line("ben", "clips/00001", Action::Keep, None),
        line("ben", "clips/00002", Action::Keep, None),
        line("ben", "clips/00003", Action::Skip, None),
    ];
    let review = Review::with(run(9), named("ben"), lines.clone());
    let agreement = Agreement::of(&review.state).unwrap();
    assert_eq!((agreement.shared, agreement.unanimous), (2, 1));
    assert!(agreement.cohen.is_some() && agreement.fleiss.is_none());
    let mode = Mode {
        is_adjudication: true,
        ..named("cleo")
    };
    let mut review = Review::with(run(9), mode, lines);
    assert_eq!(review.state.queue.visible, [1]);
    review.press("k");
    assert!(review.lines.last().unwrap().adjudication);
    assert!(
        !review
            .state
            .book
            .is_disputed("clips/00002", &review.state.run.rows[1].label)
    );
    // Whoever settles does not vote.
    assert_eq!(
        Agreement::of(&review.state).unwrap().reviewers,
        ["anna", "ben"]
    );
}

#[test]
fn decisions_of_another_run_are_kept_where_they_fit() {
    let mut lines = vec![
        line("", "clips/00001", Action::Keep, Some("sad")),
        line("", "clips/00002", Action::Keep, Some("happy")),
        line("", "clips/00003", Action::Relabel, Some("bored")),
        line("", "gone", Action::Drop, None),
    ];
    for line in &mut lines {
        line.run = "before".into();
    }
    let review = Review::with(run(9), Mode::default(), lines);
    assert_eq!(review.state.marks.decided(), 1);
    let told: Vec<String> = review
        .state
        .misfits
        .iter()
        .map(ToString::to_string)
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    'clips/00002' kept 'happy', but now has 'angry'
    'clips/00003' got the label 'bored', which this run lacks
    'gone' is not in this run
    ");
    assert!(review.notice().starts_with("3 earlier decisions"));
    assert!(
        review.state.history.last_done().is_none(),
        "another run's steps are not undone"
    );
}

#[test]
fn a_blind_sample_is_served_and_then_promises_something() {
    let run = run(300);
    let nobody = Book::default();
    let sample = calibration::sample(&run, &nobody, 40).unwrap();
    assert_eq!(sample, calibration::sample(&run, &nobody, 40).unwrap());
    // The next three parts depend on what the first one says.
    assert_eq!(sample.rows.len(), 10);
    assert!(
        !sample.rows.is_sorted(),
        "the order of serving betrays nothing"
    );
    let mode = Mode {
        is_blind: true,
        sample: Some(sample.clone()),
        ..named("anna")
    };
    let mut review = Review::with(run, mode, Vec::new());
    assert_eq!(review.state.queue.visible, sample.rows);
    let lines = calibration::lines(&review.state).join("\n");
    assert!(lines.contains("0 of 40 judged"), "{lines}");
    for _ in 0..40 {
        // Labels of the first eighty are wrong.
        let row = review.state.current().unwrap();
        let given = review.state.run.given[row].unwrap();
        let label = if row < 80 { (given + 1) % 3 } else { given };
        review.press(&(label + 1).to_string());
    }
    assert!(review.lines.iter().all(|line| line.blind));
    // Whoever reviews next is served the same videos, in another order.
    let run = &review.state.run;
    let again = calibration::sample(run, &review.state.book, 40).unwrap();
    let sorted = |rows: &[u32]| rows.iter().copied().collect::<BTreeSet<u32>>();
    assert_eq!(sorted(&again.rows), sorted(&review.state.queue.visible));
    assert_eq!(again.rows.len(), 40);
    let lines = calibration::lines(&review.state).join("\n");
    for words in [
        "40 of 40 judged",
        "precision",
        "recall",
        "wrong labels among all",
    ] {
        assert!(lines.contains(words), "{words}: {lines}");
    }
    review.press("i");
    assert!(
        matches!(&review.state.dialog, Some(Dialog::Summary(lines, _)) if lines.iter().any(|line| line.contains("recall")))
    );
}

#[test]
fn empty_lists_take_every_key() {
    for count in [0, 1] {
        let mut review = Review::new(count, Mode::default());
        review.press("k a 1 d m esc s n esc b u U A esc down up w tab shift-tab space . , z e E v i esc ? esc c o esc r delete");
        assert!(review.state.queue.visible.len() <= 1);
    }
    let mut review = Review::new(1, Mode::default());
    review.press("k");
    assert!(
        review
            .notice()
            .contains("nothing in this list is undecided")
    );
    review.press("q");
    assert!(review.has_quit);
}

#[test]
fn keys_without_a_meaning_say_so() {
    let mut review = Review::new(3, Mode::default());
    review.press("x");
    assert_eq!(
        review.notice(),
        "'x' means nothing here; '?' shows the keys"
    );
    review.press("e");
    assert_eq!(review.notice(), "this run has no key frames");
}

#[test]
fn a_clip_that_comes_late_is_not_taken_for_another() {
    let mut review = Review::new(3, Mode::default());
    review.press("down");
    review.send(Message::ClipLoaded(0, Ok((10, 25.0))));
    assert_eq!(review.state.player.frames(), 0);
    review.send(Message::ClipLoaded(1, Ok((20, 25.0))));
    assert_eq!(review.state.player.frames(), 20);
    review.send(Message::TimelinesRead(Ok(Timelines::default())));
    assert!(review.state.key_frames(1).is_empty());
}

#[test]
fn a_run_without_labels_that_it_knows_is_shown() {
    let mut rows = run(3).rows;
    rows[0].label = "unknown".into();
    let run = Run::new("run".into(), super::samples::card(), rows);
    assert_eq!(run.given[0], None);
    assert!(run.same_confusion(0).is_empty());
    let mut review = Review::with(run, Mode::default(), Vec::new());
    review.press("k");
    assert_eq!(review.actions(), [("clips/00001", "keep", Some("unknown"))]);
}
