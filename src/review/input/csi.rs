//! What a finished sequence means: a key, the mouse, or an answer.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Position;

use super::event::{Answer, Input};

/// How the question of the kitty graphics protocol and its answer know each other.
pub const QUERY_ID: &str = "i=31";

/// What a control sequence means.
pub(super) enum Meaning {
    /// Nothing that matters here, or nothing that is known.
    Nothing,
    /// A pasted text follows.
    PasteBegins,
    /// This.
    Input(Input),
}

impl Meaning {
    fn of(input: impl Into<Option<Input>>) -> Self {
        input.into().map_or(Self::Nothing, Self::Input)
    }
}

/// The key of a character.
pub(super) fn character_key(character: char) -> KeyEvent {
    let modifiers = if character.is_uppercase() {
        KeyModifiers::SHIFT
    } else {
        KeyModifiers::NONE
    };
    KeyEvent::new(KeyCode::Char(character), modifiers)
}

/// The meaning of a control sequence of these parameters and this final character.
pub(super) fn meaning(parameters: &[u8], last: u8) -> Meaning {
    let (mark, numbers) = match parameters {
        [mark @ b'<'..=b'?', rest @ ..] => (Some(*mark), rest),
        all => (None, all),
    };
    let Some(numbers) = numbers_of(numbers) else {
        return Meaning::Nothing;
    };
    match (mark, last, numbers.as_slice()) {
        (None, b'~', [200, ..]) => Meaning::PasteBegins,
        (None, b't', &[6, height, width]) => Meaning::of(cell_size(width, height)),
        (None, b'n', [0]) => Meaning::of(Input::Answer(Answer::Ready)),
        (None, b'M', &[button, column, line]) => {
            Meaning::of(mouse(button.saturating_sub(32), column, line))
        }
        (Some(b'<'), b'M', &[button, column, line]) => Meaning::of(mouse(button, column, line)),
        (Some(b'?'), b'c', _) => Meaning::of(Input::Answer(Answer::Attributes(numbers))),
        (Some(b'>'), b'c', _) => Meaning::of(Input::Answer(Answer::Version(numbers))),
        (None, last, numbers) => Meaning::of(key(last, numbers).map(Input::Key)),
        _ => Meaning::Nothing,
    }
}

/// Numbers between semicolons; of those with parts the first, and 0 for none. Nothing where there is anything else.
fn numbers_of(text: &[u8]) -> Option<Vec<u32>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let text = str::from_utf8(text).ok()?;
    let number = |part: &str| {
        let first = part.split(':').next().unwrap_or_default();
        if first.is_empty() {
            Some(0)
        } else {
            first.parse().ok()
        }
    };
    text.split(';').map(number).collect()
}

fn key(last: u8, numbers: &[u32]) -> Option<KeyEvent> {
    let first = numbers.first().copied().unwrap_or(1);
    let modifiers = modifiers(numbers.get(1).copied().unwrap_or(1));
    let code = match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'P' => KeyCode::F(1),
        b'Q' => KeyCode::F(2),
        b'S' => KeyCode::F(4),
        b'Z' => KeyCode::BackTab,
        // xterm's modifyOtherKeys.
        b'~' if first == 27 => character(numbers.get(2).copied()?)?,
        b'u' if !numbers.is_empty() => character(first)?,
        b'~' => match first {
            1 | 7 => KeyCode::Home,
            2 => KeyCode::Insert,
            3 => KeyCode::Delete,
            4 | 8 => KeyCode::End,
            5 => KeyCode::PageUp,
            6 => KeyCode::PageDown,
            11..=15 => KeyCode::F(first as u8 - 10),
            17..=21 => KeyCode::F(first as u8 - 11),
            23 | 24 => KeyCode::F(first as u8 - 12),
            _ => return None,
        },
        _ => return None,
    };
    Some(KeyEvent::new(code, modifiers))
}

/// The key of a character that is told by its number.
fn character(number: u32) -> Option<KeyCode> {
    Some(match number {
        9 => KeyCode::Tab,
        13 => KeyCode::Enter,
        27 => KeyCode::Esc,
        127 => KeyCode::Backspace,
        // What the kitty keyboard protocol uses for keys that print nothing.
        0..=31 | 57_344..=63_743 => return None,
        other => KeyCode::Char(char::from_u32(other)?),
    })
}

/// What is held down, as xterm counts it: one more than the sum of shift 1, alt 2 and control 4.
fn modifiers(number: u32) -> KeyModifiers {
    let bits = number.saturating_sub(1);
    let held = [
        KeyModifiers::SHIFT,
        KeyModifiers::ALT,
        KeyModifiers::CONTROL,
    ];
    let held = held
        .into_iter()
        .zip(0..)
        .filter(|(_, bit)| bits >> bit & 1 == 1);
    held.fold(KeyModifiers::NONE, |all, (one, _)| all | one)
}

fn mouse(button: u32, column: u32, line: u32) -> Option<Input> {
    // Shift, alt and control do not matter.
    match button & !0b1_1100 {
        0 => {
            let place = |at: u32| u16::try_from(at.saturating_sub(1)).ok();
            Some(Input::Click(Position::new(place(column)?, place(line)?)))
        }
        64 => Some(Input::Scroll(-1)),
        65 => Some(Input::Scroll(1)),
        _ => None,
    }
}

fn cell_size(width: u32, height: u32) -> Option<Input> {
    let side = |pixels: u32| u16::try_from(pixels).ok().filter(|&pixels| pixels > 0);
    Some(Input::Answer(Answer::CellSize(side(width)?, side(height)?)))
}

/// The answer that a string holds, begun by `introducer`: `_` APC, `P` DCS.
pub(super) fn string_answer(introducer: u8, content: &[u8]) -> Option<Answer> {
    let content = str::from_utf8(content).ok()?;
    match introducer {
        b'_' => {
            let (keys, message) = content.strip_prefix('G')?.split_once(';')?;
            let is_ours = keys.split(',').any(|key| key == QUERY_ID);
            is_ours.then(|| Answer::Kitty(message == "OK"))
        }
        b'P' => match content.split_once('|') {
            Some((">", name)) => Some(Answer::Name(name.to_owned())),
            _ => background(content.strip_prefix("1$r")?.strip_suffix('m')?),
        },
        _ => None,
    }
}

/// The background among the attributes that are set, after its 48.
fn background(attributes: &str) -> Option<Answer> {
    let parts: Vec<&str> = attributes.split([';', ':']).collect();
    let start = parts.iter().position(|&part| part == "48")?;
    let numbers = parts[start + 1..].iter().filter(|part| !part.is_empty());
    let numbers: Result<_, _> = numbers.map(|part| part.parse()).collect();
    numbers.ok().map(Answer::Background)
}
