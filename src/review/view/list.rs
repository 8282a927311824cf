//! The list. Only the lines in sight are made.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use super::layout::{block, inner, list_place, tail};
use crate::journal::Action;
use crate::review::lesson::Moved;
use crate::review::state::{Mark, State};
use crate::rows::videos::Judgement;
use crate::score::Verdict;

pub(super) fn draw(frame: &mut Frame<'_>, state: &State, area: Rect) {
    let title = format!(" {} videos ", state.queue.visible.len());
    frame.render_widget(block(&title), area);
    let room = inner(area);
    let visible = &state.queue.visible;
    if visible.is_empty() {
        let words = if state.run.rows.is_empty() {
            "this run has no videos"
        } else {
            "nothing to show here; another tab or filter may show more"
        };
        frame.render_widget(
            Paragraph::new(words).wrap(ratatui::widgets::Wrap { trim: true }),
            room,
        );
        return;
    }
    let lines = usize::from(room.height);
    let first = list_place(state.queue.cursor, visible.len(), lines);
    let shown = visible.iter().enumerate().skip(first).take(lines);
    let lines: Vec<Line<'_>> = shown
        .map(|(place, &row)| {
            let line = line(state, place, row as usize, usize::from(room.width));
            if place == state.queue.cursor {
                line.style(Style::new().reversed())
            } else {
                line
            }
        })
        .collect();
    frame.render_widget(Paragraph::new(lines), room);
}

fn line(state: &State, place: usize, row: usize, width: usize) -> Line<'_> {
    let mark = state.marks.of(row);
    let cursor = if place == state.queue.cursor {
        ">"
    } else {
        " "
    };
    let marks = format!(
        "{cursor}{}{}{}",
        decided(mark).unwrap_or_else(|| moved(state, row)),
        if mark.is_bookmarked { "*" } else { " " },
        if mark.is_disputed { "≠" } else { " " }
    );
    if state.is_hidden(row) {
        return Line::from(format!("{marks} video {}", place + 1));
    }
    let video = &state.run.rows[row];
    let labels = match state.run.suggestion(row) {
        Some(suggested) => format!("{}→{suggested}", video.label),
        None => video.label.clone(),
    };
    let score = video.judgement.as_ref().and_then(Judgement::noise_score);
    let score = score.map_or("  – ".to_owned(), |score| format!("{score:.2}"));
    let head = format!("{marks}{}{:>5} {score} ", symbol(video.verdict), video.rank);
    let left = width.saturating_sub(head.chars().count());
    let labels = tail(&labels, left.min(left / 2 + 6));
    let path = tail(&video.path, left.saturating_sub(labels.chars().count() + 1));
    let style = match (mark.decided, video.verdict) {
        (Some(_), _) => Style::new().dim(),
        (None, Verdict::Mislabeled) => Style::new().fg(Color::Red),
        (None, Verdict::Hard) => Style::new().fg(Color::Yellow),
        (None, _) => Style::new(),
    };
    Line::from(format!("{head}{labels} {path}")).style(style)
}

/// The sign of a decision; colour tells nothing that the sign does not.
fn decided(mark: Mark) -> Option<&'static str> {
    match mark.decided {
        Some(Action::Keep) => Some("="),
        Some(Action::Relabel) => Some("→"),
        Some(Action::Drop) => Some("×"),
        Some(Action::Ambiguous) => Some("~"),
        Some(Action::Skip) => Some("…"),
        _ => None,
    }
}

/// The sign of what decisions have moved, in the place of a decision's.
fn moved(state: &State, row: usize) -> &'static str {
    let lesson = state.lesson.as_ref();
    match lesson.and_then(|lesson| lesson.moved.get(row)) {
        Some(Moved::Up) => "↑",
        Some(Moved::Down) => "↓",
        Some(Moved::Nowhere) | None => " ",
    }
}

fn symbol(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Mislabeled => "!",
        Verdict::Hard => "?",
        Verdict::Clean => " ",
        Verdict::Undefined | Verdict::Unreadable => "-",
    }
}
