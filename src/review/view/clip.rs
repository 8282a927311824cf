//! The clip and its clock.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style, Stylize};
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Wrap};
use ratatui_image::Image;

use super::layout::{block, inner, tail};
use crate::review::player::Zoom;
use crate::review::preview::{Picture, PictureKind};
use crate::review::state::{ClipStatus, State};

pub(super) fn draw(frame: &mut Frame<'_>, state: &State, picture: Option<&Picture>, area: Rect) {
    let zoom = match state.player.zoom {
        Zoom::Whole => "clip",
        Zoom::Centre => "clip, centre twice as large",
        Zoom::Model if state.run.follows_face() => {
            "clip, as the model saw it: the face that was followed"
        }
        Zoom::Model if state.run.face_crop().is_whole() => {
            "clip, as the model saw it: the whole frame"
        }
        Zoom::Model => "clip, as the model saw it: its face crop",
    };
    frame.render_widget(block(&format!(" {zoom} ")), area);
    let room = inner(area);
    if room.height < 2 {
        return;
    }
    let screen = Rect {
        height: room.height - 1,
        ..room
    };
    let clock = Rect {
        y: room.bottom() - 1,
        height: 1,
        ..room
    };
    let Some(row) = state.current() else {
        return;
    };
    match &state.clip {
        ClipStatus::Loading => {
            frame.render_widget(Paragraph::new("loading…").dim(), screen);
        }
        ClipStatus::Failed(reason) => {
            let reason = if state.is_hidden(row) {
                "this video cannot be shown".to_owned()
            } else {
                format!("cannot be shown: {reason}")
            };
            let words = Paragraph::new(reason).wrap(Wrap { trim: true });
            frame.render_widget(words.style(Style::new().fg(Color::Red)), screen);
            return;
        }
        ClipStatus::Ready => {}
    }
    if let Some(picture) = picture.filter(|picture| picture.row as usize == row) {
        draw_picture(frame, picture, screen);
    }
    draw_clock(frame, state, clock);
}

fn draw_picture(frame: &mut Frame<'_>, picture: &Picture, screen: Rect) {
    // A picture that was painted for a larger screen waits for its successor.
    if picture.size.width > screen.width || picture.size.height > screen.height {
        return;
    }
    let place = Rect {
        x: screen.x + (screen.width - picture.size.width) / 2,
        y: screen.y + (screen.height - picture.size.height) / 2,
        width: picture.size.width,
        height: picture.size.height,
    };
    match &picture.kind {
        PictureKind::Protocol(protocol) => frame.render_widget(Image::new(protocol), place),
        PictureKind::Text(lines) => {
            let lines: Vec<Line<'_>> = lines.iter().map(|line| Line::from(line.as_str())).collect();
            frame.render_widget(Paragraph::new(lines), place);
        }
    }
}

fn draw_clock(frame: &mut Frame<'_>, state: &State, area: Rect) {
    let player = &state.player;
    if player.frames() == 0 {
        return;
    }
    let sign = if player.is_playing { "▶" } else { "‖" };
    let words = format!(
        "{sign} {:>4.1} s {:>3}/{} {}×",
        player.seconds(),
        player.frame() + 1,
        player.frames(),
        player.speed()
    );
    let width = usize::from(area.width).saturating_sub(words.chars().count() + 1);
    let done = width * (player.frame() as usize + 1) / player.frames() as usize;
    let bar = format!("{}{}", "━".repeat(done), "─".repeat(width - done));
    frame.render_widget(
        Paragraph::new(format!("{} {bar}", tail(&words, usize::from(area.width)))),
        area,
    );
}
