//! The order that learns while people work. It is learnt beside the loop, and taken into the list below the cursor.

use std::io;
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, bounded};

use super::lesson::Lesson;
use super::message::Message;
use super::preview::Mailbox;
use super::state::State;
use crate::judge::learnt::Queue;
use crate::score::learning::Decided;

/// Learns on a thread of its own, from the newest decisions only.
pub(super) struct Learner {
    queue: Arc<Queue>,
    wanted: Arc<Mailbox<Vec<Decided>>>,
    /// The lessons, as messages.
    pub(super) lessons: Receiver<Message>,
    asked: Vec<Decided>,
}

impl Learner {
    /// Starts the thread; nothing where the review's order must not learn, or there is nothing to learn of.
    pub(super) fn spawn(state: &State) -> io::Result<Option<Self>> {
        let Some(queue) = state.may_learn().then(|| state.run.learner()).flatten() else {
            return Ok(None);
        };
        let (queue, wanted) = (
            Arc::new(queue),
            Arc::new(Mailbox::<Vec<Decided>>::default()),
        );
        let (sender, lessons) = bounded(1);
        let rows = state.run.rows.len();
        let (its_queue, its_box) = (Arc::clone(&queue), Arc::clone(&wanted));
        thread::Builder::new()
            .name("learner".to_owned())
            .spawn(move || {
                while let Some(decided) = its_box.take() {
                    let lesson = Lesson::learn(&its_queue, &decided, rows);
                    // Nobody listens any more when the review has ended meanwhile.
                    if sender.send(Message::Learnt(lesson)).is_err() {
                        return;
                    }
                }
            })?;
        Ok(Some(Self {
            queue,
            wanted,
            lessons,
            asked: Vec::new(),
        }))
    }

    /// Asks for a lesson where there are other decisions than those that were asked about.
    pub(super) fn ask(&mut self, state: &State) {
        let decided = state.book.decided(&self.queue);
        if decided != self.asked {
            self.asked.clone_from(&decided);
            self.wanted.put(decided);
        }
    }
}

impl Drop for Learner {
    fn drop(&mut self) {
        self.wanted.close();
    }
}

impl State {
    /// Whether the list may move with decisions: never where people judge blind, since it would betray what is hidden and choose
    /// what is judged, nor where somebody settles what others dispute.
    pub fn may_learn(&self) -> bool {
        !self.mode.is_blind && !self.mode.is_adjudication && self.mode.sample.is_none()
    }

    /// Learns at once from all that is decided, for a list without a screen.
    pub fn learn(&mut self) {
        let queue = self.may_learn().then(|| self.run.learner()).flatten();
        if let Some(queue) = queue {
            let decided = self.book.decided(&queue);
            if !decided.is_empty() {
                self.lesson = Some(Lesson::learn(&queue, &decided, self.run.rows.len()));
                self.refresh();
            }
        }
    }

    /// Takes a lesson in: what stands below the cursor and is not decided takes its new order; all else stays.
    pub(super) fn take(&mut self, lesson: Lesson) {
        self.queue
            .learn(&self.marks, &lesson, self.queue.cursor + 1);
        self.lesson = Some(lesson);
    }
}
