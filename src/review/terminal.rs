//! The loop: keys, time and decoded frames in, the screen and the journal out.
//!
//! The terminal is given back on every way out: at the end, on errors, on a panic (ratatui's own hook), on a termination
//! signal (the caller's flag), and while the program is suspended.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use camino::Utf8Path;
use crossbeam_channel::{Receiver, bounded, select};
use ratatui::layout::{Position, Rect};

use super::console::{self, Console};
use super::input::{Answer, Input, Inputs};
use super::learning::Learner;
use super::player::Zoom;
use super::preview::{
    Clip, ClipRequest, Decoded, Inquiry, Mailbox, ModelView, Painter, Picture, PictureRequest,
    spawn_decoder, spawn_painter,
};
use super::state::{ClipStatus, State};
use super::view::{Areas, list_place};
use super::{Effect, Message, ReviewError, ReviewSettings, Step, update, view};
use crate::journal::JournalWriter;
use crate::rows::folder::RunFolder;
use crate::rows::locate::Locator;
use crate::rows::timeline::Timelines;

/// How long the loop sleeps at most, so that a termination signal is seen.
const REST: Duration = Duration::from_millis(100);

/// How the review ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The reviewer left.
    Quit,
    /// A signal asked for the end.
    Interrupted,
}

/// What the loop needs besides the state.
#[derive(Debug)]
pub struct Session<'a> {
    /// The run's folder.
    pub folder: &'a RunFolder,
    /// Where the videos' paths start, unless the run's card says it.
    pub root: Option<&'a Utf8Path>,
    /// The settings.
    pub settings: &'a ReviewSettings,
    /// How the network's frames were decoded.
    pub model: ModelView,
    /// Set from outside when the review shall end.
    pub stop: &'a AtomicBool,
}

/// Holds the review.
///
/// # Errors
/// There is no terminal, or it fails.
pub fn hold(
    state: &mut State,
    journal: &mut JournalWriter,
    session: &Session<'_>,
) -> Result<End, ReviewError> {
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        return Err(ReviewError::NoTerminal);
    }
    let mut console = Console::open(session.settings.mouse).map_err(ReviewError::Terminal)?;
    let end = Screen::open(state, session)
        .and_then(|mut screen| screen.run(&mut console, state, journal, session));
    let left = console.leave();
    end.and_then(|end| left.map(|()| end))
        .map_err(ReviewError::Terminal)
}

/// The loop's own things.
struct Screen {
    inquiry: Inquiry,
    painter: Arc<Painter>,
    inputs: Inputs,
    clips: Receiver<Decoded>,
    pictures: Receiver<Picture>,
    timelines: Receiver<Message>,
    learner: Option<Learner>,
    lessons: Receiver<Message>,
    wanted_clip: Arc<Mailbox<ClipRequest>>,
    wanted_picture: Arc<Mailbox<PictureRequest>>,
    /// The row and kind of clip that was asked for last.
    asked_clip: Option<(u32, bool)>,
    /// The row, frame, cut-out and room of the picture that was asked for last.
    asked_picture: Option<(u32, u32, Zoom, Rect)>,
    clip: Option<Arc<Clip>>,
    picture: Option<Picture>,
    has_pictures: bool,
    area: Rect,
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.wanted_clip.close();
        self.wanted_picture.close();
    }
}

impl Screen {
    fn open(state: &State, session: &Session<'_>) -> io::Result<Self> {
        let variable = |name: &str| std::env::var(name).ok();
        let mut inquiry = Inquiry::new(session.settings, variable, console::cell_size());
        let mut inputs = Inputs::open();
        if let Some(question) = inquiry.ask() {
            inputs.expect_answers();
            console::ask(&question)?;
        }
        let painter = Arc::new(inquiry.painter());
        let (clip_answers, clips) = bounded(2);
        let (picture_answers, pictures) = bounded(2);
        let wanted_clip = Arc::new(Mailbox::default());
        let wanted_picture = Arc::new(Mailbox::default());
        let locator = Locator::new(&state.run.card, session.root);
        spawn_decoder(
            Arc::clone(&wanted_clip),
            locator,
            session.model.clone(),
            clip_answers,
        )?;
        spawn_painter(Arc::clone(&wanted_picture), picture_answers);
        Ok(Self {
            inquiry,
            has_pictures: !matches!(*painter, Painter::Off),
            painter,
            inputs,
            clips,
            pictures,
            timelines: spawn_timelines(state, session.folder),
            learner: None,
            lessons: crossbeam_channel::never(),
            wanted_clip,
            wanted_picture,
            asked_clip: None,
            asked_picture: None,
            clip: None,
            picture: None,
            area: Rect::default(),
        })
    }

    fn run(
        &mut self,
        console: &mut Console,
        state: &mut State,
        journal: &mut JournalWriter,
        session: &Session<'_>,
    ) -> io::Result<End> {
        // The clip under the cursor starts with the first message.
        update(state, Message::Pass(Duration::ZERO));
        self.learn(state)?;
        let mut before = Instant::now();
        loop {
            self.ask(state);
            let depth = self.inquiry.depth();
            console.terminal.autoresize()?;
            self.resize(console.terminal.get_frame().area());
            let drawn = console
                .terminal
                .draw(|frame| view::draw(frame, state, self.picture.as_ref(), depth));
            drawn?;
            self.ask(state);
            let message = self.wait(state)?;
            if session.stop.load(Ordering::Relaxed) {
                return Ok(End::Interrupted);
            }
            let now = Instant::now();
            update(state, Message::Pass(now - before));
            before = now;
            let Some(effect) = message.and_then(|message| update(state, message)) else {
                continue;
            };
            match effect {
                Effect::Quit => return Ok(End::Quit),
                Effect::Record(step) => {
                    let written = write(journal, &step);
                    update(state, Message::Recorded(step, written));
                    self.learn(state)?;
                }
                Effect::Suspend => {
                    console.suspend()?;
                    before = Instant::now();
                }
            }
        }
    }

    /// Asks for the clip and the picture that the state needs and that were not asked for yet.
    fn ask(&mut self, state: &State) {
        let Some(row) = state.queue.current() else {
            self.clip = None;
            return;
        };
        let is_model = state.player.zoom == Zoom::Model;
        if self.has_pictures && !self.inquiry.is_open() && self.asked_clip != Some((row, is_model))
        {
            self.asked_clip = Some((row, is_model));
            let names = |row: u32| {
                let video = &state.run.rows[row as usize];
                (video.id.clone(), video.path.clone())
            };
            let (id, path) = names(row);
            let next = state.queue.visible.get(state.queue.cursor + 1);
            self.wanted_clip.put(ClipRequest {
                row,
                id,
                path,
                size: self.painter.decode_size(),
                is_model,
                next: next.map(|&row| {
                    let (id, path) = names(row);
                    (row, id, path)
                }),
            });
        }
        let room = Areas::new(self.area, state.pane).and_then(|areas| areas.picture());
        let fits = |clip: &&Arc<Clip>| clip.row == row && clip.is_model == is_model;
        if let (Some(clip), Some(room)) = (self.clip.as_ref().filter(fits), room) {
            let frame = state.player.frame();
            let picture = (row, frame, state.player.zoom, room);
            if self.asked_picture != Some(picture) {
                self.asked_picture = Some(picture);
                self.wanted_picture.put(PictureRequest {
                    painter: Arc::clone(&self.painter),
                    clip: Arc::clone(clip),
                    frame,
                    zoom: state.player.zoom,
                    room: room.as_size(),
                });
            }
        }
    }

    /// Waits for something to happen, at most until the next frame is due.
    fn wait(&mut self, state: &State) -> io::Result<Option<Message>> {
        if let Some(input) = self.inputs.pop() {
            return Ok(self.message(state, input));
        }
        let rests = [state.player.until_next(), self.inputs.rest()];
        let rest = rests.into_iter().flatten().fold(REST, Duration::min);
        select! {
            recv(self.inputs.chunks()) -> chunk => {
                self.inputs.take(chunk)?;
                Ok(None)
            }
            recv(self.clips) -> answer => match answer {
                Ok(Ok(clip)) => {
                    let is_new = self.clip.as_ref().is_none_or(|other| other.row != clip.row)
                        || state.clip != ClipStatus::Ready;
                    let facts = clip.facts;
                    let row = clip.row;
                    self.clip = Some(clip);
                    self.asked_picture = None;
                    // Another cut-out of the same clip plays on.
                    Ok(is_new.then_some(Message::ClipLoaded(row, Ok((facts.frames, facts.fps)))))
                }
                Ok(Err((row, reason))) => Ok(Some(Message::ClipLoaded(row, Err(reason)))),
                Err(_) => Err(io::Error::other("the decoder has ended")),
            },
            recv(self.pictures) -> picture => {
                self.picture = picture.ok();
                Ok(None)
            }
            recv(self.timelines) -> message => {
                self.timelines = crossbeam_channel::never();
                Ok(message.ok())
            }
            recv(self.lessons) -> message => {
                if message.is_err() {
                    self.lessons = crossbeam_channel::never();
                }
                Ok(message.ok())
            }
            default(rest) => Ok(None),
        }
    }

    /// Asks what decisions teach, once there are some: before, the first screen need not wait for who learns.
    fn learn(&mut self, state: &State) -> io::Result<()> {
        if self.learner.is_none() && state.book.ids().next().is_some() {
            self.learner = Learner::spawn(state)?;
            let lessons = self.learner.as_ref().map(|learner| learner.lessons.clone());
            self.lessons = lessons.unwrap_or_else(crossbeam_channel::never);
        }
        if let Some(learner) = &mut self.learner {
            learner.ask(state);
        }
        Ok(())
    }

    fn message(&mut self, state: &State, input: Input) -> Option<Message> {
        match input {
            Input::Key(key) => Some(Message::Key(key)),
            Input::Paste(text) => Some(Message::Paste(text)),
            Input::Scroll(by) => Some(Message::Scroll(by)),
            Input::Click(place) => self.clicked(state, place).map(Message::Click),
            Input::Answer(answer) => {
                self.hear(answer);
                None
            }
        }
    }

    /// The place in the queue that a click chooses.
    fn clicked(&self, state: &State, place: Position) -> Option<usize> {
        let areas = Areas::new(self.area, state.pane)?;
        let line = areas.list_line(place)?;
        let lines = usize::from(areas.list?.height.saturating_sub(2));
        let queue = &state.queue;
        Some(list_place(queue.cursor, queue.visible.len(), lines) + line)
    }

    /// Goes on with what the terminal says it can show.
    fn hear(&mut self, answer: Answer) {
        self.inquiry.hear(answer);
        let painter = self.inquiry.painter();
        if !painter.is_like(&self.painter) {
            self.painter = Arc::new(painter);
            self.asked_clip = None;
            self.asked_picture = None;
        }
    }

    fn resize(&mut self, area: Rect) {
        if self.area != area {
            self.area = area;
            self.picture = None;
            self.asked_picture = None;
        }
    }
}

/// Brings a step to the disk.
fn write(journal: &mut JournalWriter, step: &Step) -> Result<jiff::Timestamp, String> {
    journal
        .append(step.entries())
        .map(|lines| {
            lines
                .first()
                .map_or(jiff::Timestamp::UNIX_EPOCH, |line| line.at)
        })
        .map_err(|error| match std::error::Error::source(&error) {
            Some(cause) => format!("{error}: {cause}"),
            None => error.to_string(),
        })
}

/// Reads the clips' predictions beside the loop: of 40,000 videos there may be half a million.
fn spawn_timelines(state: &State, folder: &RunFolder) -> Receiver<Message> {
    let (sender, receiver) = bounded(1);
    let path = folder.clips();
    let labels = state.run.labels().to_vec();
    let mut ids: Vec<(String, u32)> = state
        .run
        .rows
        .iter()
        .map(|row| row.id.clone())
        .zip(0..)
        .collect();
    thread::spawn(move || {
        let videos = ids.len();
        ids.sort_unstable();
        let place = |id: &str| {
            let found = ids.binary_search_by(|(other, _)| other.as_str().cmp(id));
            found.ok().map(|at| ids[at].1)
        };
        let read = Timelines::read(&path, &labels, videos, place);
        let read = read.map_err(|error| format!("the clips' predictions: {error}"));
        // Nobody listens any more when the review has ended meanwhile.
        drop(sender.send(Message::TimelinesRead(read)));
    });
    receiver
}
