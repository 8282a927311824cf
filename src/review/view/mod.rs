//! What the state looks like. Drawing changes nothing and looks nothing up that grows with the data set.

mod clip;
mod color;
mod dialog;
mod evidence;
mod footer;
mod header;
mod layout;
mod list;
mod timeline;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::Line;
use ratatui::widgets::{Block, Paragraph};

use super::preview::Picture;
use super::state::State;

pub use color::Depth;
pub use layout::{Areas, list_place};

/// Draws the whole screen.
pub fn draw(frame: &mut Frame<'_>, state: &State, picture: Option<&Picture>, depth: Depth) {
    let area = frame.area();
    let Some(areas) = Areas::new(area, state.pane) else {
        let words = format!(
            "{}×{} is too small; 30×6 is needed",
            area.width, area.height
        );
        frame.render_widget(Paragraph::new(words), area);
        return;
    };
    header::draw(frame, state, areas.header);
    if let Some(tabs) = areas.tabs {
        header::draw_tabs(frame, state, tabs);
    }
    if let Some(list) = areas.list {
        list::draw(frame, state, list);
    }
    if let Some(clip) = areas.clip {
        clip::draw(frame, state, picture, clip);
    }
    if let Some(timeline) = areas.timeline {
        timeline::draw(frame, state, timeline);
    }
    if let Some(evidence) = areas.evidence {
        evidence::draw(frame, state, evidence);
    }
    footer::draw(frame, state, areas.labels, areas.footer);
    dialog::draw(frame, state);
    depth.limit(frame.buffer_mut());
}

/// A frame around a part of the screen, with its title.
fn block(title: &str) -> Block<'_> {
    Block::bordered()
        .border_style(Style::new().add_modifier(Modifier::DIM))
        .title(Line::from(title).style(Style::new().add_modifier(Modifier::BOLD)))
}

/// The part of the screen inside a frame.
fn inner(area: Rect) -> Rect {
    Block::bordered().inner(area)
}

/// The end of a text, as far as it fits; what is cut off is told by a dot.
fn tail(text: &str, width: usize) -> String {
    let count = text.chars().count();
    if count <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().skip(count + 1 - width.max(1)).collect();
    format!("…{kept}")
}
