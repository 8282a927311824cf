//! The state machine from bytes to [`Input`] (ECMA-48, 5.4 and 5.6).

use std::time::{Duration, Instant};

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::csi::{self, Meaning};
use super::event::{Answer, Input};

const ESCAPE: u8 = 0x1b;
const BELL: u8 = 0x07;

/// An escape character that nothing follows for so long is the key Esc.
const ESCAPE_PATIENCE: Duration = Duration::from_millis(100);

/// A sequence that does not go on for so long is no sequence.
const SEQUENCE_PATIENCE: Duration = Duration::from_millis(500);

/// So long after a question an answer may stop in the middle and go on.
const ANSWER_PATIENCE: Duration = Duration::from_secs(10);

/// What is kept of a string; longer ones are read to their end, but say nothing.
const MOST_BYTES: usize = 1 << 12;

/// What is kept of a pasted text.
const MOST_PASTED: usize = 1 << 16;

/// The end of a pasted text.
const PASTE_END: &[u8] = b"\x1b[201~";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Ground,
    /// Inside a character of several bytes, of which so many are missing.
    Character(usize),
    /// Behind an escape character.
    Escape,
    /// The same, but it was given out as a key already.
    GivenEscape,
    /// Inside a control sequence.
    Csi,
    /// Inside a key of the application keypad.
    Ss3,
    /// Inside a string that was begun by this character.
    String(u8),
    /// The same, behind an escape character.
    StringEscape(u8),
    /// Inside a pasted text.
    Paste,
    /// So many bytes belong to something that says nothing here.
    Skip(usize),
}

/// Turns bytes into what they say, wherever they are cut.
#[derive(Debug, Default)]
pub struct Parser {
    state: State,
    /// What was read of the sequence, string or text.
    bytes: Vec<u8>,
    /// When the last byte came.
    touched: Option<Instant>,
    /// Until when answers are waited for.
    answers_until: Option<Instant>,
    found: Vec<Input>,
}

impl Parser {
    /// A question was asked: until it is answered, for ten seconds at most, what was begun may go on late.
    pub fn expect_answers(&mut self, now: Instant) {
        self.answers_until = Some(now + ANSWER_PATIENCE);
    }

    /// Takes bytes that came at a time.
    pub fn feed(&mut self, bytes: &[u8], at: Instant) -> Vec<Input> {
        let mut found = self.expire(at);
        for &byte in bytes {
            self.byte(byte);
        }
        self.touched = Some(at);
        found.append(&mut self.found);
        found
    }

    /// Gives up what was begun and did not go on in time.
    pub fn expire(&mut self, now: Instant) -> Vec<Input> {
        while self.rest(now).is_some_and(|rest| rest.is_zero()) {
            let alone = |introducer: u8| key_of(introducer).map(with_alt).map(Input::Key);
            let is_begun = self.bytes.is_empty();
            let given = match self.state {
                State::Escape => Some(Input::Key(KeyCode::Esc.into())),
                State::Csi if is_begun => alone(b'['),
                State::Ss3 => alone(b'O'),
                State::String(introducer) if is_begun => alone(introducer),
                _ => None,
            };
            let is_late = self.state == State::Escape && self.awaits_answers(now);
            self.state = if is_late {
                State::GivenEscape
            } else {
                State::Ground
            };
            self.bytes.clear();
            self.found.extend(given);
        }
        std::mem::take(&mut self.found)
    }

    /// How long what was begun can still go on; nothing where nothing was begun, or where it has all the time.
    pub fn rest(&self, now: Instant) -> Option<Duration> {
        let touched = self.touched?;
        let end = match self.state {
            State::Ground | State::Paste => return None,
            State::Escape => touched + ESCAPE_PATIENCE,
            State::Character(_) => touched + SEQUENCE_PATIENCE,
            _ => {
                let end = touched + SEQUENCE_PATIENCE;
                self.answers_until.map_or(end, |until| end.max(until))
            }
        };
        Some(end.saturating_duration_since(now))
    }

    fn awaits_answers(&self, now: Instant) -> bool {
        self.answers_until.is_some_and(|until| now < until)
    }

    fn byte(&mut self, byte: u8) {
        match self.state {
            State::Character(missing) => self.character(byte, missing),
            State::Escape => self.escape(byte),
            State::GivenEscape if begins(byte) && byte != b'O' => self.begin(byte),
            State::Ground | State::GivenEscape => self.ground(byte),
            State::Csi => self.csi(byte),
            State::Ss3 => self.ss3(byte),
            State::String(introducer) => self.string(byte, introducer),
            State::StringEscape(introducer) => self.string_end(byte, introducer),
            State::Paste => self.paste(byte),
            State::Skip(count) => {
                self.state = if count > 1 {
                    State::Skip(count - 1)
                } else {
                    State::Ground
                };
            }
        }
    }

    fn ground(&mut self, byte: u8) {
        self.state = State::Ground;
        self.bytes.clear();
        match byte {
            ESCAPE => self.state = State::Escape,
            0xc2..=0xf4 => {
                self.bytes.push(byte);
                self.state = State::Character(match byte {
                    0xc2..=0xdf => 1,
                    0xe0..=0xef => 2,
                    _ => 3,
                });
            }
            byte => self.found.extend(key_of(byte).map(Input::Key)),
        }
    }

    fn character(&mut self, byte: u8, missing: usize) {
        if !(0x80..=0xbf).contains(&byte) {
            return self.ground(byte);
        }
        self.bytes.push(byte);
        self.state = State::Character(missing - 1);
        if missing == 1 {
            self.state = State::Ground;
            let text = str::from_utf8(&self.bytes).unwrap_or_default();
            let printed = text.chars().filter(|character| !character.is_control());
            let keys = printed.map(csi::character_key).map(Input::Key);
            self.found.extend(keys);
            self.bytes.clear();
        }
    }

    fn escape(&mut self, byte: u8) {
        match byte {
            ESCAPE => self.found.push(Input::Key(KeyCode::Esc.into())),
            // The end of a string that was given up.
            b'\\' => self.state = State::Ground,
            byte if begins(byte) => self.begin(byte),
            byte if byte < 0x80 => {
                self.state = State::Ground;
                let key = key_of(byte).map(with_alt);
                self.found.extend(key.map(Input::Key));
            }
            byte => self.ground(byte),
        }
    }

    fn begin(&mut self, introducer: u8) {
        self.bytes.clear();
        self.state = match introducer {
            b'[' => State::Csi,
            b'O' => State::Ss3,
            other => State::String(other),
        };
    }

    fn csi(&mut self, byte: u8) {
        match byte {
            0x20..=0x3f => self.keep(byte),
            // Function keys of the Linux console: one more character.
            b'[' if self.bytes.is_empty() => self.state = State::Skip(1),
            // A mouse that is told in the oldest way: button, column and line.
            b'M' if self.bytes.is_empty() => self.state = State::Skip(3),
            0x40..=0x7e => {
                let meaning = csi::meaning(&self.bytes, byte);
                self.bytes.clear();
                self.state = State::Ground;
                match meaning {
                    Meaning::Nothing => {}
                    Meaning::PasteBegins => self.state = State::Paste,
                    Meaning::Input(input) => self.find(input),
                }
            }
            byte => self.ground(byte),
        }
    }

    fn ss3(&mut self, byte: u8) {
        self.state = State::Ground;
        match csi::meaning(&[], byte) {
            Meaning::Input(input @ Input::Key(_)) => self.found.push(input),
            _ if byte < 0x20 => self.ground(byte),
            _ => {}
        }
    }

    fn string(&mut self, byte: u8, introducer: u8) {
        match byte {
            ESCAPE => self.state = State::StringEscape(introducer),
            BELL => self.string_end(b'\\', introducer),
            // No string holds control characters; somebody wants to get out.
            0..=0x1f => self.ground(byte),
            byte => self.keep(byte),
        }
    }

    fn string_end(&mut self, byte: u8, introducer: u8) {
        self.state = State::Ground;
        let content = std::mem::take(&mut self.bytes);
        if byte != b'\\' {
            return self.escape(byte);
        }
        if content.len() < MOST_BYTES
            && let Some(answer) = csi::string_answer(introducer, &content)
        {
            self.find(Input::Answer(answer));
        }
    }

    fn paste(&mut self, byte: u8) {
        self.bytes.push(byte);
        if self.bytes.ends_with(PASTE_END) {
            let text = &self.bytes[..self.bytes.len() - PASTE_END.len()];
            let text = String::from_utf8_lossy(text).into_owned();
            self.found.push(Input::Paste(text));
            self.bytes.clear();
            self.state = State::Ground;
        } else if self.bytes.len() > MOST_PASTED {
            // Only the end matters any more.
            self.bytes.drain(..MOST_PASTED / 2);
        }
    }

    fn keep(&mut self, byte: u8) {
        if self.bytes.len() < MOST_BYTES {
            self.bytes.push(byte);
        }
    }

    fn find(&mut self, input: Input) {
        if input == Input::Answer(Answer::Ready) {
            self.answers_until = None;
        }
        self.found.push(input);
    }
}

/// Whether a character behind an escape character begins a sequence or a string.
fn begins(byte: u8) -> bool {
    matches!(byte, b'[' | b'O' | b'P' | b'X' | b'^' | b'_' | b']')
}

/// The key of a single byte, as terminals have sent them since the VT100.
fn key_of(byte: u8) -> Option<KeyEvent> {
    let control =
        |character: u8| KeyEvent::new(KeyCode::Char(char::from(character)), KeyModifiers::CONTROL);
    Some(match byte {
        b'\r' => KeyCode::Enter.into(),
        b'\t' => KeyCode::Tab.into(),
        0x7f => KeyCode::Backspace.into(),
        0 => control(b' '),
        0x01..=0x1a => control(byte - 1 + b'a'),
        0x1c..=0x1f => control(byte - 0x1c + b'4'),
        b' '..=b'~' => csi::character_key(char::from(byte)),
        _ => return None,
    })
}

fn with_alt(key: KeyEvent) -> KeyEvent {
    KeyEvent::new(key.code, key.modifiers | KeyModifiers::ALT)
}
