//! What lies over the screen.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::{Clear, Paragraph, Wrap};

use super::layout::{block, inner, list_place};
use crate::review::command::Command;
use crate::review::state::{Dialog, MenuFor, State, TextFor};

pub(super) fn draw(frame: &mut Frame<'_>, state: &State) {
    match &state.dialog {
        None => {}
        Some(Dialog::Help(first)) => show(frame, " keys ", &help(state), *first),
        Some(Dialog::Summary(lines, first)) => show(frame, " summary ", lines, *first),
        Some(Dialog::Text(of, input)) => {
            let title = match of {
                TextFor::Filter => " show paths with ",
                TextFor::Note(_) => " note ",
            };
            let room = open(frame, title, 60, 1);
            let width = usize::from(room.width).max(1);
            let scroll = input.visual_scroll(width.saturating_sub(1));
            let text = Paragraph::new(input.value().to_owned()).scroll((0, scroll as u16));
            frame.render_widget(text, room);
            let cursor = input.visual_cursor().max(scroll) - scroll;
            frame.set_cursor_position(Position::new(room.x + cursor as u16, room.y));
        }
        Some(Dialog::Menu { of, items, cursor }) => {
            let title = match of {
                MenuFor::Order => " order ",
                MenuFor::Given => " given label ",
                MenuFor::Suggested => " suggested label ",
            };
            let room = open(frame, title, 30, items.len() as u16);
            let height = usize::from(room.height);
            let first = list_place(*cursor, items.len(), height);
            let shown = items.iter().enumerate().skip(first).take(height);
            let lines: Vec<Line<'_>> = shown
                .map(|(place, item)| {
                    if place == *cursor {
                        Line::from(format!("> {item}")).style(Style::new().reversed())
                    } else {
                        Line::from(format!("  {item}"))
                    }
                })
                .collect();
            frame.render_widget(Paragraph::new(lines), room);
        }
        Some(Dialog::SecondLabel(_)) => {
            let lines = ["ambiguous: a second label?".to_owned(), class_keys(state)];
            show(frame, " ambiguous ", &lines, 0);
        }
        Some(Dialog::AcceptAll(rows)) => {
            let words = format!(
                "Accept the suggested label for {} undecided videos of this list?  y / n",
                rows.len()
            );
            show(frame, " accept all ", &[words], 0);
        }
    }
}

fn class_keys(state: &State) -> String {
    let names = state.run.labels().iter().enumerate();
    let keys: Vec<String> = names
        .map(|(class, name)| format!("{} {name}", state.keymap.label_key(class)))
        .collect();
    format!("{}, or enter for none", keys.join(", "))
}

fn help(state: &State) -> Vec<String> {
    let mut lines = vec![class_keys_help(state)];
    lines.extend(Command::ALL.iter().map(|&command| {
        let keys = state.keymap.keys(command).join(" ");
        format!("{keys:<16} {}", command.help())
    }));
    lines.push(
        "marks: = kept, → relabeled, × dropped, ~ ambiguous, … skipped, * bookmark, ≠ disputed"
            .to_owned(),
    );
    lines.push("verdicts: ! mislabeled, ? hard, - none; bars: g given, s suggested".to_owned());
    lines
}

fn class_keys_help(state: &State) -> String {
    let last = state.run.labels().len().saturating_sub(1);
    let keys = format!(
        "{} to {}",
        state.keymap.label_key(0),
        state.keymap.label_key(last)
    );
    format!("{keys:<16} set this label (the last line but one shows them)")
}

/// Shows lines from `first` on.
fn show(frame: &mut Frame<'_>, title: &str, lines: &[String], first: usize) {
    let longest = lines.iter().map(|line| line.chars().count()).max();
    let width = (longest.unwrap_or(0) as u16).clamp(20, 90);
    let needed: usize = lines
        .iter()
        .map(|line| line.chars().count().div_ceil(usize::from(width)).max(1))
        .sum();
    let room = open(frame, title, width, needed as u16);
    let first = first.min(lines.len().saturating_sub(1));
    let lines: Vec<Line<'_>> = lines
        .iter()
        .skip(first)
        .map(|line| Line::from(line.as_str()))
        .collect();
    frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), room);
}

/// Clears the middle of the screen, draws a frame, and gives the room inside.
fn open(frame: &mut Frame<'_>, title: &str, width: u16, height: u16) -> Rect {
    let screen = frame.area();
    let (width, height) = (
        (width + 2).min(screen.width),
        (height + 2).min(screen.height),
    );
    let area = Rect {
        x: (screen.width - width) / 2,
        y: (screen.height - height) / 2,
        width,
        height,
    };
    frame.render_widget(Clear, area);
    frame.render_widget(block(title), area);
    inner(area)
}
