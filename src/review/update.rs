//! What each message does to the state. Pure: what touches the world is handed back as an [`Effect`].

use jiff::Timestamp;
use ratatui::crossterm::event::{KeyEvent, KeyEventKind};
use tui_input::Input;

use super::calibration;
use super::command::Command;
use super::dialog;
use super::key::Chord;
use super::message::{Effect, Message, Step};
use super::queue::{Filter, Order};
use super::state::{ClipStatus, Dialog, MenuFor, Pane, State, TextFor};
use super::summary;
use crate::journal::{Action, Choice, Entry};

/// How many rows a page has.
const PAGE: isize = 20;

/// Changes the state, and says what the loop must do.
pub fn update(state: &mut State, message: Message) -> Option<Effect> {
    match message {
        Message::Key(event) if event.kind == KeyEventKind::Release => return None,
        Message::Key(event) => return key(state, event),
        Message::Paste(text) => dialog::paste(state, &text),
        Message::Scroll(by) => state.queue.step(by),
        Message::Click(place) if state.dialog.is_none() => {
            let place = place.min(state.queue.visible.len().saturating_sub(1));
            state.queue.cursor = place;
        }
        Message::Pass(time) => state.player.pass(time),
        Message::Recorded(step, Ok(at)) => recorded(state, step, at),
        Message::ClipLoaded(row, outcome) if state.clip_row == Some(row) => match outcome {
            Ok((frames, fps)) => {
                state.player.load(frames, fps);
                state.clip = ClipStatus::Ready;
            }
            Err(error) => state.clip = ClipStatus::Failed(error),
        },
        Message::Learnt(lesson) => state.take(lesson),
        Message::Click(_) | Message::ClipLoaded(..) => {}
        Message::TimelinesRead(Ok(timelines)) => state.timelines = Some(timelines),
        Message::Recorded(_, Err(error)) | Message::TimelinesRead(Err(error)) => {
            state.tell_error(error);
        }
    }
    follow(state);
    None
}

/// Starts the clip anew when the cursor has moved to another video.
fn follow(state: &mut State) {
    let row = state.queue.current();
    if row != state.clip_row {
        state.clip_row = row;
        state.clip = ClipStatus::Loading;
        state.player.load(0, 0.0);
    }
}

fn key(state: &mut State, event: KeyEvent) -> Option<Effect> {
    let chord = Chord::of(&event);
    state.notice = None;
    let effect = if state.dialog.is_some() {
        // What leaves the program works everywhere.
        match state.keymap.command(chord) {
            Some(Command::Suspend) => Some(Effect::Suspend),
            _ => dialog::key(state, event),
        }
    } else if let Some(class) = state.keymap.label(chord) {
        label(state, class)
    } else if let Some(command) = state.keymap.command(chord) {
        run(state, command)
    } else {
        state.tell(format!(
            "'{chord}' means nothing here; '{}' shows the keys",
            state.keymap.key(Command::Help)
        ));
        None
    };
    follow(state);
    effect
}

fn label(state: &mut State, class: usize) -> Option<Effect> {
    let row = state.current()?;
    let label = state.run.labels().get(class)?.clone();
    let choice = state.choice_of_label(row, &label);
    Effect::decide(state, row, &choice)
}

fn recorded(state: &mut State, step: Step, at: Timestamp) {
    state.apply(step.entries());
    match step {
        Step::Do(change) => {
            let is_decision = change.forth.iter().any(|entry| entry.action.is_decision());
            let is_clear = change
                .forth
                .iter()
                .all(|entry| entry.action == Action::Clear);
            state.tell(told(&change.forth, "recorded"));
            state.history.push(change);
            if is_decision && !is_clear {
                state.pace.decided(at);
                let mut is_more = state.queue.next_undecided(&state.marks);
                if !is_more && calibration::go_on(state) {
                    is_more = state.queue.next_undecided(&state.marks);
                }
                if !is_more {
                    state.tell("recorded; nothing in this list is undecided any more");
                }
            }
        }
        Step::Undo(change) => {
            state.history.mark_undone();
            state.queue.go_to(change.row);
            state.tell(told(&change.forth, "undone"));
        }
        Step::Redo(change) => {
            state.history.mark_redone();
            state.queue.go_to(change.row);
            state.tell(told(&change.forth, "redone"));
        }
    }
}

/// What was done, in words that betray nothing which is still hidden.
fn told(entries: &[Entry], done: &str) -> String {
    match entries {
        [entry] if entry.blind => format!("{done}: vote"),
        [entry] => {
            let label = entry.label.as_deref().unwrap_or_default();
            format!("{done}: {} {label}", entry.action.as_str())
        }
        entries => format!("{done}: {} decisions", entries.len()),
    }
}

fn run(state: &mut State, command: Command) -> Option<Effect> {
    match command {
        Command::Quit => return Some(Effect::Quit),
        Command::Suspend => return Some(Effect::Suspend),
        Command::Help => state.dialog = Some(Dialog::Help(0)),
        Command::Summary => {
            state.dialog = Some(Dialog::Summary(summary::lines(state), 0));
        }
        Command::Undo => return step_back(state),
        Command::Redo => return step_forth(state),
        Command::Down => state.queue.step(1),
        Command::Up => state.queue.step(-1),
        Command::PageDown => state.queue.step(PAGE),
        Command::PageUp => state.queue.step(-PAGE),
        Command::First => state.queue.cursor = 0,
        Command::Last => state.queue.step(isize::MAX / 2),
        Command::NextUndecided => {
            if !state.queue.next_undecided(&state.marks) {
                state.tell("nothing in this list is undecided");
            }
        }
        Command::NextTab => tab(state, 1),
        Command::PreviousTab => tab(state, -1),
        Command::FilterText => {
            let text = Input::new(state.queue.filter.text.clone());
            state.dialog = Some(Dialog::Text(TextFor::Filter, text));
        }
        Command::FilterGiven => class_menu(state, MenuFor::Given),
        Command::FilterSuggested => class_menu(state, MenuFor::Suggested),
        Command::ClearFilters => {
            let tab = state.queue.filter.tab;
            state.show(
                Filter {
                    tab,
                    ..Filter::default()
                },
                state.queue.order,
            );
        }
        Command::Order => {
            let orders = Order::all();
            let cursor = orders.iter().position(|order| *order == state.queue.order);
            state.dialog = Some(Dialog::Menu {
                of: MenuFor::Order,
                items: orders.iter().map(|order| order.name().to_owned()).collect(),
                cursor: cursor.unwrap_or(0),
            });
        }
        Command::Reverse => {
            state.queue.is_reversed ^= true;
            state.refresh();
        }
        Command::Pane => {
            state.pane = match state.pane {
                Pane::Evidence => Pane::Clip,
                Pane::Clip => Pane::List,
                Pane::List => Pane::Evidence,
            }
        }
        Command::AcceptAll => accept_all(state),
        playing => return play_or_decide(state, playing),
    }
    None
}

fn play_or_decide(state: &mut State, command: Command) -> Option<Effect> {
    let Some(row) = state.current() else {
        state.tell("the list is empty; another tab or filter may show more");
        return None;
    };
    match command {
        Command::Pause => state.player.is_playing ^= true,
        Command::StepForward => state.player.step(1),
        Command::StepBack => state.player.step(-1),
        Command::Slower => state.player.change_speed(-1),
        Command::Faster => state.player.change_speed(1),
        Command::Zoom => state.player.next_zoom(),
        Command::NextKeyFrame => key_frame(state, row, true),
        Command::PreviousKeyFrame => key_frame(state, row, false),
        Command::Keep | Command::Accept if state.is_hidden(row) => {
            let last = state.run.labels().len().saturating_sub(1);
            state.tell(format!(
                "blind: choose a label with '{}' to '{}'",
                state.keymap.label_key(0),
                state.keymap.label_key(last)
            ));
        }
        Command::Keep => {
            let choice = Choice::Keep(Some(state.run.rows[row].label.clone()));
            return Effect::decide(state, row, &choice);
        }
        Command::Accept => match state.run.suggestion(row).map(str::to_owned) {
            Some(label) => return Effect::decide(state, row, &Choice::Relabel(label)),
            None => state.tell(format!(
                "nothing else is suggested; '{}' keeps the label",
                state.keymap.key(Command::Keep)
            )),
        },
        Command::Drop => return Effect::decide(state, row, &Choice::Drop),
        Command::Skip => return Effect::decide(state, row, &Choice::Skip),
        Command::Ambiguous => state.dialog = Some(Dialog::SecondLabel(row as u32)),
        Command::Clear if state.decision(row).is_some() => {
            let mut entry = state.entry(row, &Choice::Skip);
            entry.action = Action::Clear;
            return Some(Effect::record(state, row, vec![entry]));
        }
        Command::Clear => state.tell("there is no decision of yours to take back"),
        Command::Note => {
            let note = state
                .standing(row)
                .and_then(|standing| standing.note.clone());
            let input = Input::new(note.unwrap_or_default());
            state.dialog = Some(Dialog::Text(TextFor::Note(row as u32), input));
        }
        Command::Bookmark => {
            let mut entry = state.entry(row, &Choice::Skip);
            entry.action = Action::Bookmark;
            return Some(Effect::record(state, row, vec![entry]));
        }
        _ => {}
    }
    None
}

fn step_back(state: &mut State) -> Option<Effect> {
    let change = state.history.last_done().cloned();
    if change.is_none() {
        state.tell("nothing to undo");
    }
    change.map(|change| Effect::Record(Step::Undo(change)))
}

fn step_forth(state: &mut State) -> Option<Effect> {
    let change = state.history.last_undone().cloned();
    if change.is_none() {
        state.tell("nothing to redo");
    }
    change.map(|change| Effect::Record(Step::Redo(change)))
}

fn tab(state: &mut State, by: isize) {
    state.queue.filter.tab = state.queue.filter.tab.step(by);
    state.refresh();
}

fn class_menu(state: &mut State, of: MenuFor) {
    let filter = &state.queue.filter;
    let chosen = if of == MenuFor::Given {
        filter.given
    } else {
        filter.suggested
    };
    let labels = state.run.labels().iter().cloned();
    state.dialog = Some(Dialog::Menu {
        of,
        items: std::iter::once("(any)".to_owned()).chain(labels).collect(),
        cursor: chosen.map_or(0, |class| class + 1),
    });
}

fn accept_all(state: &mut State) {
    let rows: Vec<u32> = state
        .queue
        .visible
        .iter()
        .copied()
        .filter(|&row| {
            let row = row as usize;
            !state.mode.is_blind
                && !state.marks.is_decided(row)
                && state.run.suggestion(row).is_some()
        })
        .collect();
    if rows.is_empty() {
        state.tell("no undecided video in this list has another label suggested");
    } else {
        state.dialog = Some(Dialog::AcceptAll(rows));
    }
}

fn key_frame(state: &mut State, row: usize, is_next: bool) {
    let frames = state.key_frames(row);
    let now = state.player.frame();
    let target = if is_next {
        frames.iter().find(|&&frame| frame > now).or(frames.first())
    } else {
        let before = frames.iter().rev().find(|&&frame| frame < now);
        before.or(frames.last())
    };
    match target {
        Some(&frame) => state.player.go_to(frame),
        None => state.tell("this run has no key frames"),
    }
}
