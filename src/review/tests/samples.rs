//! Runs and reviews for tests.

use jiff::Timestamp;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::journal::{Line, VERSION};
use crate::review::{Effect, Message, Mode, ReviewSettings, Run, State, update};
use crate::rows::SCHEMA;
use crate::rows::run::RunCard;
use crate::rows::videos::{Judgement, Scores, VideoRow};
use crate::score::Verdict;
use crate::video::VideoFacts;

pub(super) const LABELS: [&str; 3] = ["happy", "sad", "angry"];

pub(super) fn card() -> RunCard {
    RunCard {
        version: "0.1.0".into(),
        schema: SCHEMA,
        dataset: "faces.csv".into(),
        format: "csv".into(),
        fingerprint: "f00d".into(),
        labels: LABELS.map(str::to_owned).to_vec(),
        device: "cpu".into(),
        libtorch: "2.11.0".into(),
        clip_overlap: 0.5,
        ..RunCard::default()
    }
}

/// A video of rank `rank`: the first third flagged, the second hard, the third clean; every eleventh unreadable.
pub(super) fn row(rank: u32, count: u32) -> VideoRow {
    let given = LABELS[rank as usize % 3];
    let verdict = match rank * 3 / count.max(1) {
        _ if rank % 11 == 10 => Verdict::Unreadable,
        0 => Verdict::Mislabeled,
        1 => Verdict::Hard,
        _ => Verdict::Clean,
    };
    let suggested = if verdict == Verdict::Mislabeled {
        LABELS[(rank as usize + 1) % 3]
    } else {
        given
    };
    let suspicion = 1.0 - rank as f32 / (count + 1) as f32;
    let judgement = Judgement {
        scores: Scores {
            noise_score: suspicion,
            noise_posterior: suspicion,
            agreement: 0.9,
            ..Scores::default()
        },
        consensus: suggested.into(),
        suggested_label: suggested.into(),
        mean_probs: vec![0.2, 0.7, 0.1],
        neighbours: Vec::new(),
        flags: [false; 4],
    };
    VideoRow {
        rank,
        id: format!("clips/{rank:05}"),
        path: format!("clips/{rank:05}.mp4"),
        label: given.into(),
        verdict,
        judgement: (verdict != Verdict::Unreadable).then_some(judgement),
        fold: 0,
        votes: None,
        group: None,
        facts: Some(VideoFacts {
            frames: 50,
            fps: 25.0,
            duration_secs: 2.0,
            width: 320,
            height: 240,
            distinct_frames: 50,
            truncated: false,
        }),
        issues: Vec::new(),
        reason: format!(
            "9 of 10 clips say {suggested}, 1 say {given}; the label's probability is 0.20"
        ),
        extra: Vec::new(),
    }
}

pub(super) fn run(count: u32) -> Run {
    let rows = (1..=count).map(|rank| row(rank, count)).collect();
    Run::new("reports/faces".into(), card(), rows)
}

/// A review with a journal in memory.
#[derive(Clone)]
pub(super) struct Review {
    pub(super) state: State,
    pub(super) lines: Vec<Line>,
    /// Whether writing fails, as on a full disk.
    pub(super) is_full: bool,
    pub(super) has_quit: bool,
}

impl Review {
    pub(super) fn new(count: u32, mode: Mode) -> Self {
        Self::with(run(count), mode, Vec::new())
    }

    pub(super) fn with(run: Run, mode: Mode, lines: Vec<Line>) -> Self {
        let keymap = ReviewSettings::default().keymap(LABELS.len()).unwrap();
        Self {
            state: State::new(run, mode, keymap, &lines),
            lines,
            is_full: false,
            has_quit: false,
        }
    }

    /// Presses keys, written as in the settings, with spaces between them.
    pub(super) fn press(&mut self, keys: &str) {
        for key in keys.split_whitespace() {
            self.send(Message::Key(event(key)));
        }
    }

    /// Types a text, letter by letter.
    pub(super) fn text(&mut self, text: &str) {
        for character in text.chars() {
            self.send(Message::Key(KeyCode::Char(character).into()));
        }
    }

    pub(super) fn send(&mut self, message: Message) {
        match update(&mut self.state, message) {
            Some(Effect::Record(step)) if self.is_full => {
                let failed = Message::Recorded(step, Err("disk full".to_owned()));
                update(&mut self.state, failed);
            }
            Some(Effect::Record(step)) => {
                let at: Timestamp = "2026-11-24T16:00:00Z".parse().unwrap();
                let second = jiff::SignedDuration::from_secs(2 * self.lines.len() as i64);
                let at = at + second;
                for entry in step.entries() {
                    self.lines.push(Line {
                        version: VERSION,
                        at,
                        reviewer: self.state.mode.reviewer.clone(),
                        id: entry.id.clone(),
                        run: self.state.run.card.fingerprint.clone(),
                        action: entry.action,
                        label: entry.label.clone(),
                        note: entry.note.clone(),
                        blind: entry.blind,
                        adjudication: entry.adjudication,
                    });
                }
                update(&mut self.state, Message::Recorded(step, Ok(at)));
            }
            Some(Effect::Quit) => self.has_quit = true,
            Some(Effect::Suspend) | None => {}
        }
    }

    /// The actions written so far.
    pub(super) fn actions(&self) -> Vec<(&str, &str, Option<&str>)> {
        self.lines
            .iter()
            .map(|line| {
                (
                    line.id.as_str(),
                    line.action.as_str(),
                    line.label.as_deref(),
                )
            })
            .collect()
    }

    pub(super) fn notice(&self) -> &str {
        let notice = self.state.notice.as_ref();
        notice.map_or("", |notice| notice.text.as_str())
    }
}

pub(super) fn event(key: &str) -> KeyEvent {
    let (control, name) = key
        .strip_prefix("ctrl-")
        .map_or((false, key), |rest| (true, rest));
    let code = match name {
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "space" => KeyCode::Char(' '),
        "tab" => KeyCode::Tab,
        "shift-tab" => KeyCode::BackTab,
        "down" => KeyCode::Down,
        "up" => KeyCode::Up,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "delete" => KeyCode::Delete,
        "pagedown" => KeyCode::PageDown,
        name => KeyCode::Char(name.chars().next().unwrap()),
    };
    let modifiers = if control {
        KeyModifiers::CONTROL
    } else {
        KeyModifiers::NONE
    };
    KeyEvent::new(code, modifiers)
}
