//! The last two lines: the classes with their keys, and a notice or the keys that matter now.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::review::command::Command;
use crate::review::state::{Dialog, State};

pub(super) fn draw(frame: &mut Frame<'_>, state: &State, labels: Rect, footer: Rect) {
    frame.render_widget(Paragraph::new(classes(state)), labels);
    if let Some(notice) = &state.notice {
        let (sign, style) = if notice.is_error {
            ("error: ", Style::new().fg(Color::Red).bold())
        } else {
            ("", Style::new().bold())
        };
        let words = format!("{sign}{}", notice.text.replace('\n', " "));
        frame.render_widget(Paragraph::new(words).style(style), footer);
    } else {
        let width = usize::from(footer.width);
        frame.render_widget(Paragraph::new(keys(state, width)), footer);
    }
}

fn classes(state: &State) -> Line<'static> {
    let row = state.current().filter(|&row| !state.is_hidden(row));
    let mut spans = Vec::new();
    for (class, name) in state.run.labels().iter().enumerate() {
        let key = state.keymap.label_key(class);
        let is = |classes: &[Option<usize>]| row.is_some_and(|row| classes[row] == Some(class));
        let name = if is(&state.run.given) {
            Span::from(name.clone()).bold().underlined()
        } else if is(&state.run.suggested) {
            Span::from(name.clone()).bold().fg(Color::Cyan)
        } else {
            Span::from(name.clone())
        };
        spans.push(Span::from(format!("{key} ")).reversed());
        spans.push(name);
        spans.push(Span::from("  "));
    }
    Line::from(spans)
}

/// The keys that do something now, the most needed first, as many as fit.
fn keys(state: &State, width: usize) -> Line<'static> {
    let dialog: &[(&str, &str)] = match &state.dialog {
        Some(Dialog::Text(..)) => &[("enter", "done"), ("esc", "close")],
        Some(Dialog::Menu { .. }) => &[("↑↓", "move"), ("enter", "choose"), ("esc", "close")],
        Some(Dialog::SecondLabel(_)) => &[("enter", "no second label"), ("esc", "close")],
        Some(Dialog::AcceptAll(_)) => &[("y", "accept all"), ("n", "change nothing")],
        Some(Dialog::Help(_) | Dialog::Summary(..)) => &[("↑↓", "move"), ("esc", "close")],
        None => &[],
    };
    let mut words: Vec<(String, &str)> = dialog
        .iter()
        .map(|(key, what)| ((*key).to_owned(), *what))
        .collect();
    if state.dialog.is_none() {
        let row = state.current();
        let has_suggestion = row.is_some_and(|row| state.run.suggestion(row).is_some());
        let is_hidden = row.is_some_and(|row| state.is_hidden(row));
        let commands = [
            (Command::Keep, "keep", row.is_some() && !is_hidden),
            (Command::Accept, "accept", has_suggestion && !is_hidden),
            (Command::Drop, "drop", row.is_some()),
            (Command::Ambiguous, "ambiguous", row.is_some()),
            (Command::Skip, "skip", row.is_some()),
            (Command::Undo, "undo", state.history.last_done().is_some()),
            (Command::Help, "keys", true),
            (Command::Quit, "quit", true),
            (Command::Pause, "pause", row.is_some()),
            (Command::NextTab, "next list", true),
            (Command::FilterText, "filter", true),
            (Command::Order, "order", true),
            (Command::Note, "note", row.is_some()),
            (Command::Zoom, "zoom", row.is_some()),
            (Command::Redo, "redo", state.history.last_undone().is_some()),
        ];
        let now = commands.into_iter().filter(|(_, _, is_now)| *is_now);
        words.extend(now.map(|(command, what, _)| (state.keymap.key(command), what)));
    }
    let mut spans = Vec::new();
    let mut used = 0;
    for (key, what) in words {
        used += key.chars().count() + what.chars().count() + 3;
        if used > width + 2 {
            break;
        }
        spans.push(Span::from(key).bold());
        spans.push(Span::from(format!(" {what}  ")).dim());
    }
    Line::from(spans)
}
