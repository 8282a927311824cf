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
use ratatui::widgets::Paragraph;

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
