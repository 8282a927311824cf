//! Where each clip of the video lies, what was predicted for it, and where playing is.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style, Stylize};
use ratatui::text::{Line, Span as Words};
use ratatui::widgets::Paragraph;

use super::layout::{block, inner, tail};
use crate::review::state::State;
use crate::rows::timeline::Span;

pub(super) fn draw(frame: &mut Frame<'_>, state: &State, area: Rect) {
    frame.render_widget(block(" what each part was taken for "), area);
    let room = inner(area);
    let lines = lines(state, usize::from(room.width), usize::from(room.height));
    frame.render_widget(Paragraph::new(lines), room);
}

/// The timeline in so many columns and at most so many lines.
pub(super) fn lines(state: &State, width: usize, most: usize) -> Vec<Line<'static>> {
    let Some(row) = state.current().filter(|&row| !state.is_hidden(row)) else {
        return vec![Line::from("hidden until you have voted").dim()];
    };
    let Some(timelines) = &state.timelines else {
        return vec![Line::from("loading…").dim()];
    };
    let spans = timelines.of_video(row);
    if spans.is_empty() {
        return vec![Line::from("no clip of this video was scored").dim()];
    }
    let last = spans.iter().map(|span| span.end_frame).max().unwrap_or(0);
    let frames = state.player.frames().max(last + 1);
    let names = state.run.labels().iter().map(|name| name.chars().count());
    let name_width = names.max().unwrap_or(0).min(width / 3);
    let columns = width.saturating_sub(name_width + 1).max(1);
    let column = |frame: u32| (frame as usize * columns / frames as usize).min(columns - 1);
    let head = column(state.player.frame());
    let mut lines: Vec<Line<'static>> = spans
        .iter()
        .map(|span| {
            let class = span.prediction.map(usize::from);
            let name = class.and_then(|class| state.run.labels().get(class));
            let name = tail(name.map_or("?", String::as_str), name_width);
            let is_given = class.is_some() && class == state.run.given[row];
            let style = if is_given {
                Style::new().fg(Color::Green)
            } else {
                Style::new().fg(Color::Red)
            };
            let (before, at, after) = bar(span, columns, head, column);
            Line::from(vec![
                Words::styled(format!("{name:<name_width$} "), style),
                Words::styled(before, style),
                Words::styled(at, style.reversed()),
                Words::styled(after, style),
            ])
        })
        .collect();
    if lines.len() > most {
        let hidden = lines.len() + 1 - most;
        lines.truncate(most.saturating_sub(1));
        lines.push(Line::from(format!("… and {hidden} more")).dim());
    }
    lines
}

/// A clip's line, divided at the playhead.
fn bar(
    span: &Span,
    columns: usize,
    head: usize,
    column: impl Fn(u32) -> usize,
) -> (String, String, String) {
    let (start, end) = (column(span.start_frame), column(span.end_frame));
    let key_columns: Vec<usize> = span.key_frames.iter().map(|&frame| column(frame)).collect();
    let sign = |place: usize| {
        if key_columns.contains(&place) {
            '◆'
        } else if (start..=end).contains(&place) {
            '━'
        } else {
            ' '
        }
    };
    (
        (0..head).map(sign).collect(),
        sign(head).to_string(),
        (head + 1..columns).map(sign).collect(),
    )
}
