//! Where each part of the screen lies, from small to large.

use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::Line;
use ratatui::widgets::Block;

use crate::review::state::Pane;

/// The parts of the screen; what has no room is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Areas {
    /// Run, reviewer, progress.
    pub header: Rect,
    /// The tabs.
    pub tabs: Option<Rect>,
    /// The list, with its frame.
    pub list: Option<Rect>,
    /// The clip, with its frame.
    pub clip: Option<Rect>,
    /// The clips' predictions, with their frame.
    pub timeline: Option<Rect>,
    /// The evidence, with its frame.
    pub evidence: Option<Rect>,
    /// The classes and their keys.
    pub labels: Rect,
    /// Notices and keys.
    pub footer: Rect,
}

impl Areas {
    /// Divides a screen up; nothing where it is too small. `pane` is what a small screen shows.
    pub fn new(area: Rect, pane: Pane) -> Option<Self> {
        if area.width < 30 || area.height < 6 {
            return None;
        }
        let has_tabs = area.height >= 12;
        let [header, tabs, body, labels, footer] = Layout::vertical([
            Constraint::Length(1),
            Constraint::Length(u16::from(has_tabs)),
            Constraint::Min(1),
            Constraint::Length(1),
            Constraint::Length(1),
        ])
        .areas(area);
        let mut areas = Self {
            header,
            tabs: has_tabs.then_some(tabs),
            list: None,
            clip: None,
            timeline: None,
            evidence: None,
            labels,
            footer,
        };
        if area.width >= 104 && area.height >= 20 {
            areas.wide(body);
        } else if area.width >= 64 && area.height >= 16 {
            areas.medium(body);
        } else {
            let place = Some(body);
            match pane {
                Pane::Evidence => areas.evidence = place,
                Pane::Clip => areas.clip = place,
                Pane::List => areas.list = place,
            }
        }
        Some(areas)
    }

    fn wide(&mut self, body: Rect) {
        let [list, middle, evidence] = Layout::horizontal([
            Constraint::Percentage(31),
            Constraint::Min(40),
            Constraint::Length(if body.width >= 150 { 56 } else { 42 }),
        ])
        .areas(body);
        let timeline_lines = if body.height >= 30 { 13 } else { 9 };
        let [clip, timeline] =
            Layout::vertical([Constraint::Min(8), Constraint::Length(timeline_lines)])
                .areas(middle);
        (self.list, self.clip) = (Some(list), Some(clip));
        (self.timeline, self.evidence) = (Some(timeline), Some(evidence));
    }

    fn medium(&mut self, body: Rect) {
        let [list, right] =
            Layout::horizontal([Constraint::Percentage(38), Constraint::Min(30)]).areas(body);
        let [clip, evidence] =
            Layout::vertical([Constraint::Percentage(50), Constraint::Min(6)]).areas(right);
        (self.list, self.clip, self.evidence) = (Some(list), Some(clip), Some(evidence));
    }

    /// The room for the clip's picture.
    pub fn picture(&self) -> Option<Rect> {
        self.clip.map(|area| {
            let mut room = inner(area);
            // The last line is the clip's clock.
            room.height = room.height.saturating_sub(1);
            room
        })
    }

    /// The line of the list at a place of the screen, counted from its first.
    pub fn list_line(&self, place: Position) -> Option<usize> {
        let room = inner(self.list?);
        room.contains(place).then(|| usize::from(place.y - room.y))
    }
}

/// The first place of the list that is shown in `lines` lines, so that the cursor is in sight with some around it.
pub fn list_place(cursor: usize, count: usize, lines: usize) -> usize {
    cursor
        .saturating_sub(lines / 2)
        .min(count.saturating_sub(lines))
}

/// A frame around a part of the screen, with its title.
pub(super) fn block(title: &str) -> Block<'_> {
    Block::bordered()
        .border_style(Style::new().add_modifier(Modifier::DIM))
        .title(Line::from(title).style(Style::new().add_modifier(Modifier::BOLD)))
}

/// The part of the screen inside a frame.
pub(super) fn inner(area: Rect) -> Rect {
    Block::bordered().inner(area)
}

/// The end of a text, as far as it fits; what is cut off is told by a dot.
pub(super) fn tail(text: &str, width: usize) -> String {
    let count = text.chars().count();
    if count <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().skip(count + 1 - width.max(1)).collect();
    format!("…{kept}")
}
