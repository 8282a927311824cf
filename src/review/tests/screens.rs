//! What the screen shows, at sizes from small to large.

use std::sync::Arc;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Size;
use ratatui::style::{Color, Modifier};

use super::samples::Review;
use crate::issue::IssueKind;
use crate::review::message::Message;
use crate::review::player::Zoom;
use crate::review::preview::{Clip, Painter, Picture, PictureRequest, paint};
use crate::review::view::{self, Areas, Depth};
use crate::review::{Mode, State};
use crate::rows::issues::IssueRow;

/// A clip with a bright square that moves to the right.
fn clip(row: u32) -> Arc<Clip> {
    const SIZE: u32 = 64;
    let pixels = (0..50_u32).flat_map(|frame| {
        (0..SIZE * SIZE).flat_map(move |at| {
            let (x, y) = (at % SIZE, at / SIZE);
            let is_square = (frame..frame + 16).contains(&x) && (24..40).contains(&y);
            [if is_square { 230 } else { 30 }; 3]
        })
    });
    let facts = super::samples::row(1, 9).facts.unwrap();
    Arc::new(Clip {
        row,
        is_model: false,
        facts,
        kept: (0..50).collect(),
        size: SIZE,
        pixels: pixels.collect(),
    })
}

fn picture(state: &State, size: (u16, u16), painter: &Painter) -> Option<Picture> {
    let area = ratatui::layout::Rect::new(0, 0, size.0, size.1);
    let room: Size = Areas::new(area, state.pane)?.picture()?.as_size();
    paint(&PictureRequest {
        painter: Arc::new(painter.clone()),
        clip: clip(state.queue.current()?),
        frame: state.player.frame(),
        zoom: Zoom::Whole,
        room,
    })
}

fn screen(state: &State, size: (u16, u16), painter: &Painter, depth: Depth) -> TestBackend {
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
    let picture = picture(state, size, painter);
    terminal
        .draw(|frame| view::draw(frame, state, picture.as_ref(), depth))
        .unwrap();
    terminal.backend().clone()
}

/// A review in the middle of its work.
fn review() -> Review {
    let mut review = Review::new(
        40,
        Mode {
            reviewer: "anna".into(),
            ..Mode::default()
        },
    );
    review.press("a k d m 1 n");
    review.text("hand before the face");
    review.press("enter b");
    let row = review.state.queue.current().unwrap();
    review.send(Message::ClipLoaded(row, Ok((50, 25.0))));
    review.press("space");
    review.state.player.go_to(20);
    review.state.notice = None;
    review
}

#[test]
fn middle_of_the_work_at_three_sizes() {
    let review = review();
    for size in [(80, 24), (40, 10), (200, 60)] {
        let backend = screen(&review.state, size, &Painter::Text, Depth::True);
        insta::assert_snapshot!(format!("work_{}x{}", size.0, size.1), backend);
    }
}

#[test]
fn small_screens_turn_between_list_clip_and_evidence() {
    let mut review = review();
    let mut shown = String::new();
    for _ in 0..3 {
        let backend = screen(&review.state, (40, 10), &Painter::Text, Depth::True);
        shown += &backend.to_string();
        shown.push('\n');
        review.press("v");
    }
    insta::assert_snapshot!("panes_40x10", shown);
    let backend = screen(&review.state, (20, 4), &Painter::Text, Depth::True);
    assert!(format!("{backend}").contains("is too small"));
}

#[test]
fn blind_screens_tell_nothing() {
    let mut review = Review::new(
        40,
        Mode {
            is_blind: true,
            ..Mode::default()
        },
    );
    for size in [(80, 24), (40, 10), (200, 60)] {
        let text = screen(&review.state, size, &Painter::Text, Depth::True).to_string();
        for word in ["mislabeled", "→", ".mp4", "0.9", "clips say"] {
            assert!(!text.contains(word), "{word} at {size:?}\n{text}");
        }
    }
    insta::assert_snapshot!(
        "blind_80x24",
        screen(&review.state, (80, 24), &Painter::Text, Depth::True)
    );
    // What is underlined in the footer would be the given label.
    let backend = screen(&review.state, (80, 24), &Painter::Text, Depth::True);
    let is_told = backend
        .buffer()
        .content
        .iter()
        .any(|cell| cell.modifier.contains(Modifier::UNDERLINED));
    assert!(!is_told);
    review.press("1 up");
    let text = screen(&review.state, (80, 24), &Painter::Text, Depth::True).to_string();
    assert!(text.contains("clips/00001.mp4"));
}

#[test]
fn issues_are_told_in_words_with_the_other_videos_place() {
    let issue = |id: &str, other: Option<&str>, kind: IssueKind, detail: &str| IssueRow {
        id: Some(id.to_owned()),
        kind: kind.name().to_owned(),
        other_id: other.map(str::to_owned),
        value: None,
        detail: detail.to_owned(),
    };
    let conflict = IssueKind::NeighbourLabelConflict;
    let run = super::samples::run(9).with_issues(vec![
        issue("clips/00001", Some("clips/00003"), conflict, "9 of its 10"),
        issue("clips/00001", Some("gone"), IssueKind::Outlier, "is far"),
        issue("clips/00002", None, IssueKind::Dark, "hardly any light"),
        issue("gone", None, IssueKind::Dark, "of no video"),
    ]);
    let text =
        |review: &Review| screen(&review.state, (200, 60), &Painter::Off, Depth::True).to_string();
    let mut review = Review::with(run.clone(), Mode::default(), Vec::new());
    let first = text(&review);
    assert!(
        first.contains("neighbour label conflict (#3): 9 of its 10"),
        "{first}"
    );
    assert!(first.contains("outlier: is far"), "{first}");
    assert!(!first.contains("hardly any light"), "{first}");
    review.press("down");
    assert!(text(&review).contains("dark: hardly any light"));
    // A blind review must not learn of labels from issues.
    let blind = Mode {
        is_blind: true,
        ..Mode::default()
    };
    assert!(!text(&Review::with(run, blind, Vec::new())).contains("9 of its 10"));
}

#[test]
fn dialogs_lie_over_the_screen() {
    let mut review = review();
    for (name, keys) in [
        ("help", "?"),
        ("order", "o"),
        ("summary", "i"),
        ("filter", "/"),
        ("accept_all", "A"),
    ] {
        review.press(keys);
        let backend = screen(&review.state, (80, 24), &Painter::Off, Depth::True);
        insta::assert_snapshot!(format!("dialog_{name}_80x24"), backend);
        review.press("esc");
    }
    for keys in ["?", "o", "i", "/", "n", "A", "m", "g"] {
        review.press(keys);
        screen(&review.state, (40, 10), &Painter::Off, Depth::True);
        screen(&review.state, (30, 6), &Painter::Off, Depth::True);
        review.press("esc");
    }
}

#[test]
fn empty_queues_and_broken_clips_say_so() {
    let review = Review::new(0, Mode::default());
    let text = screen(&review.state, (80, 24), &Painter::Off, Depth::True).to_string();
    assert!(text.contains("this run has no videos"));
    let mut review = Review::new(1, Mode::default());
    review.send(Message::Pass(std::time::Duration::ZERO));
    let reason = "cannot read 'clips/00001.mp4': no such file".to_owned();
    review.send(Message::ClipLoaded(0, Err(reason)));
    let text = screen(&review.state, (200, 60), &Painter::Off, Depth::True).to_string();
    assert!(
        text.contains("cannot be shown: cannot read 'clips/00001.mp4'"),
        "{text}"
    );
}

#[test]
fn without_colour_nothing_is_lost() {
    let review = review();
    let colourful = screen(&review.state, (120, 30), &Painter::HalfBlocks, Depth::True);
    let is_rgb = |backend: &TestBackend| {
        backend
            .buffer()
            .content
            .iter()
            .any(|cell| matches!(cell.fg, Color::Rgb(..)))
    };
    assert!(is_rgb(&colourful));
    for depth in [Depth::None, Depth::Ansi, Depth::Indexed] {
        assert!(!is_rgb(&screen(
            &review.state,
            (120, 30),
            &Painter::HalfBlocks,
            depth
        )));
    }
    let plain = screen(&review.state, (120, 30), &Painter::Text, Depth::None);
    let has_colour = plain
        .buffer()
        .content
        .iter()
        .any(|cell| cell.fg != Color::Reset || cell.bg != Color::Reset);
    assert!(!has_colour);
    // Verdict, decision, given and suggested label have signs of their own.
    let text = plain.to_string();
    for sign in ["!", "→", "=", "×", "~", "*", "g ", "[all]"] {
        assert!(text.contains(sign), "{sign}\n{text}");
    }
}
