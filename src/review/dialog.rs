//! Keys while something lies over the screen.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_input::{Input, InputRequest};

use super::key::Chord;
use super::message::Effect;
use super::queue::Order;
use super::state::{Dialog, MenuFor, State, TextFor};
use crate::journal::{Action, Choice};

/// Gives a key to the dialog; it closes with Esc.
pub(super) fn key(state: &mut State, event: KeyEvent) -> Option<Effect> {
    let dialog = state.dialog.take()?;
    if event.code == KeyCode::Esc || is_interrupt(event) {
        return None;
    }
    match dialog {
        Dialog::Help(first) => state.dialog = scrolled(event, first).map(Dialog::Help),
        Dialog::Summary(lines, first) => {
            state.dialog = scrolled(event, first).map(|first| Dialog::Summary(lines, first));
        }
        Dialog::Text(of, input) => return text(state, event, of, input),
        Dialog::Menu { of, items, cursor } => menu(state, event, of, items, cursor),
        Dialog::SecondLabel(row) => return second_label(state, event, row),
        Dialog::AcceptAll(rows) => return accept_all(state, event, rows),
    }
    None
}

/// Gives a pasted text to a field for text, on one line. Nowhere else does it do anything: its letters are no keys.
pub(super) fn paste(state: &mut State, pasted: &str) {
    let Some(Dialog::Text(of, input)) = &mut state.dialog else {
        state.tell("a text was pasted, which decides nothing; press keys instead");
        return;
    };
    for character in pasted.chars() {
        let is_control = character.is_control();
        let character = if is_control { ' ' } else { character };
        input.handle(InputRequest::InsertChar(character));
    }
    if *of == TextFor::Filter {
        input.value().clone_into(&mut state.queue.filter.text);
        state.refresh();
    }
}

fn is_interrupt(event: KeyEvent) -> bool {
    event.code == KeyCode::Char('c') && event.modifiers.contains(KeyModifiers::CONTROL)
}

/// Where a text is scrolled to; nothing when the key closes it.
fn scrolled(event: KeyEvent, first: usize) -> Option<usize> {
    match event.code {
        KeyCode::Down => Some(first + 1),
        KeyCode::Up => Some(first.saturating_sub(1)),
        KeyCode::PageDown => Some(first + 10),
        KeyCode::PageUp => Some(first.saturating_sub(10)),
        KeyCode::Home => Some(0),
        _ => None,
    }
}

fn text(state: &mut State, event: KeyEvent, of: TextFor, mut input: Input) -> Option<Effect> {
    if event.code != KeyCode::Enter {
        if let Some(request) = request(event) {
            input.handle(request);
        }
        if of == TextFor::Filter {
            input.value().clone_into(&mut state.queue.filter.text);
            state.refresh();
        }
        state.dialog = Some(Dialog::Text(of, input));
        return None;
    }
    let TextFor::Note(row) = of else {
        return None;
    };
    let row = row as usize;
    let former = state
        .standing(row)
        .and_then(|standing| standing.note.as_deref())
        .unwrap_or_default();
    if input.value() == former {
        return None;
    }
    let mut entry = state.entry(row, &Choice::Skip);
    entry.action = Action::Note;
    entry.note = Some(input.value().to_owned());
    Some(Effect::record(state, row, vec![entry]))
}

fn request(event: KeyEvent) -> Option<InputRequest> {
    let control = event.modifiers.contains(KeyModifiers::CONTROL);
    Some(match event.code {
        KeyCode::Char('w') if control => InputRequest::DeletePrevWord,
        KeyCode::Char('u') if control => InputRequest::DeleteLine,
        KeyCode::Char('a') if control => InputRequest::GoToStart,
        KeyCode::Char('e') if control => InputRequest::GoToEnd,
        KeyCode::Char(character) if !control => InputRequest::InsertChar(character),
        KeyCode::Backspace => InputRequest::DeletePrevChar,
        KeyCode::Delete => InputRequest::DeleteNextChar,
        KeyCode::Left => InputRequest::GoToPrevChar,
        KeyCode::Right => InputRequest::GoToNextChar,
        KeyCode::Home => InputRequest::GoToStart,
        KeyCode::End => InputRequest::GoToEnd,
        _ => return None,
    })
}

fn menu(state: &mut State, event: KeyEvent, of: MenuFor, items: Vec<String>, mut cursor: usize) {
    let last = items.len().saturating_sub(1);
    match event.code {
        KeyCode::Enter => {
            let class = cursor.checked_sub(1);
            match of {
                MenuFor::Given => state.queue.filter.given = class,
                MenuFor::Suggested => state.queue.filter.suggested = class,
                MenuFor::Order => {
                    state.queue.order = Order::all().get(cursor).copied().unwrap_or_default();
                }
            }
            state.refresh();
            return;
        }
        KeyCode::Down | KeyCode::Tab | KeyCode::Char('j') => cursor = (cursor + 1).min(last),
        KeyCode::Up | KeyCode::BackTab | KeyCode::Char('k') => cursor = cursor.saturating_sub(1),
        KeyCode::Home => cursor = 0,
        KeyCode::End => cursor = last,
        _ => {}
    }
    state.dialog = Some(Dialog::Menu { of, items, cursor });
}

fn second_label(state: &mut State, event: KeyEvent, row: u32) -> Option<Effect> {
    let row_index = row as usize;
    if event.code == KeyCode::Enter {
        return Effect::decide(state, row_index, &Choice::Ambiguous(None));
    }
    let class = state.keymap.label(Chord::of(&event));
    let label = class.and_then(|class| state.run.labels().get(class).cloned());
    if let Some(label) = label {
        return Effect::decide(state, row_index, &Choice::Ambiguous(Some(label)));
    }
    state.dialog = Some(Dialog::SecondLabel(row));
    None
}

fn accept_all(state: &mut State, event: KeyEvent, rows: Vec<u32>) -> Option<Effect> {
    match event.code {
        KeyCode::Char('y') => {
            let entries = rows
                .iter()
                .filter_map(|&row| {
                    let label = state.run.suggestion(row as usize)?.to_owned();
                    Some(state.entry(row as usize, &Choice::Relabel(label)))
                })
                .collect();
            let first = rows.first().copied()? as usize;
            return Some(Effect::record(state, first, entries));
        }
        KeyCode::Char('n') => state.tell("nothing was changed"),
        _ => state.dialog = Some(Dialog::AcceptAll(rows)),
    }
    None
}
