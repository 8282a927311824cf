//! What can come from a terminal.

use ratatui::crossterm::event::KeyEvent;
use ratatui::layout::Position;

/// Something that came from the terminal.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A key that was pressed.
    Key(KeyEvent),
    /// A text that was pasted.
    Paste(String),
    /// The mouse wheel was turned by so many steps, down is positive.
    Scroll(isize),
    /// The left mouse button was pressed at a place.
    Click(Position),
    /// The terminal answered a question.
    Answer(Answer),
}

/// What a terminal says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Its primary attributes (DA1); 4 is sixel.
    Attributes(Vec<u32>),
    /// Its kind and version in numbers (DA2).
    Version(Vec<u32>),
    /// Its name and version in words (XTVERSION).
    Name(String),
    /// Width and height of a character in pixels.
    CellSize(u16, u16),
    /// Whether it takes pictures by the kitty graphics protocol.
    Kitty(bool),
    /// The background colour it has set, as parameters of SGR 48 (DECRQSS).
    Background(Vec<u32>),
    /// It is there (DSR), which every terminal says; asked last, it is the last answer.
    Ready,
}
