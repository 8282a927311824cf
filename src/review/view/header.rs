//! The first two lines: what is reviewed, how far it is, and the tabs.

use ratatui::Frame;
use ratatui::layout::{Alignment, Rect};
use ratatui::style::{Color, Style, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::review::queue::{Order, Tab};
use crate::review::state::State;

pub(super) fn draw(frame: &mut Frame<'_>, state: &State, area: Rect) {
    let mut words = vec![state.run.folder.file_name().unwrap_or("run").to_owned()];
    if !state.mode.reviewer.is_empty() {
        words.push(state.mode.reviewer.clone());
    }
    if state.mode.sample.is_some() {
        words.push("blind sample".to_owned());
    } else if state.mode.is_blind {
        words.push("blind".to_owned());
    }
    if state.mode.is_adjudication {
        words.push("adjudication".to_owned());
    }
    let visible = &state.queue.visible;
    let left = visible
        .iter()
        .filter(|&&row| !state.marks.is_decided(row as usize))
        .count();
    let mut progress = format!(
        "{}/{} · {left} left · {} decided",
        (state.queue.cursor + 1).min(visible.len()),
        visible.len(),
        state.marks.decided(),
    );
    if let Some(secs) = state.pace.secs_per_decision()
        && area.width >= 64
    {
        progress = format!("{progress} · {secs:.1} s each");
    }
    let style = Style::new().reversed();
    frame.render_widget(
        Paragraph::new(Line::from(format!(" {}", words.join(" · "))).bold()).style(style),
        area,
    );
    let width = (progress.chars().count() as u16 + 1).min(area.width);
    let right = Rect {
        x: area.right() - width,
        width,
        ..area
    };
    frame.render_widget(
        Paragraph::new(progress + " ")
            .style(style)
            .alignment(Alignment::Right),
        right,
    );
}

pub(super) fn draw_tabs(frame: &mut Frame<'_>, state: &State, area: Rect) {
    let filter = &state.queue.filter;
    let mut spans = Vec::new();
    let mut narrowed = Vec::new();
    if state.queue.order != Order::Queue || state.queue.is_reversed {
        let arrow = if state.queue.is_reversed {
            "↑"
        } else {
            "↓"
        };
        narrowed.push(format!("{arrow}{}", state.queue.order.name()));
    }
    let name = |class: usize| state.run.labels().get(class).cloned().unwrap_or_default();
    narrowed.extend(filter.given.map(|class| format!("given {}", name(class))));
    narrowed.extend(
        filter
            .suggested
            .map(|class| format!("suggested {}", name(class))),
    );
    if !filter.text.is_empty() {
        narrowed.push(format!("/{}", filter.text));
    }
    // The tab that is open is always in sight, whatever the width.
    for (tab, name) in Tab::ALL {
        if tab == filter.tab {
            spans.push(Span::from(format!("[{name}]")).bold());
        } else if area.width >= 76 {
            spans.push(Span::from(format!(" {name} ")));
        }
    }
    for words in narrowed {
        spans.push(Span::from(" · "));
        spans.push(Span::from(words).fg(Color::Yellow));
    }
    frame.render_widget(Paragraph::new(Line::from(spans)), area);
}
