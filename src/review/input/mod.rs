//! What a person types, pastes and clicks, told apart from what the terminal says of itself: both come as one stream of bytes.
//!
//! `crossterm` takes bytes of a terminal's answers for keys (strings of DCS, OSC and APC, unknown CSI sequences, and whatever
//! is cut in two by a slow connection), and here a key is a decision. So the bytes are read by a [`Parser`] of our own, in
//! which no byte of an answer can become a key, however late it comes.

mod csi;
mod event;
mod parser;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::io::{self, Read};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, bounded};

pub use self::csi::QUERY_ID as KITTY_QUERY_ID;
pub use self::event::{Answer, Input};
pub use self::parser::Parser;

/// How long to wait before a terminal without input is asked again, where its file does not block.
const PAUSE: Duration = Duration::from_millis(20);

/// Bytes and when they came.
type Chunk = (Instant, Vec<u8>);

/// The stream of what comes from the terminal.
pub struct Inputs {
    chunks: Receiver<io::Result<Chunk>>,
    parser: Parser,
    ready: VecDeque<Input>,
}

impl Inputs {
    /// Begins to read what comes from the terminal, on a thread of its own.
    pub fn open() -> Self {
        let (sender, chunks) = bounded(64);
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            loop {
                let chunk = match io::stdin().lock().read(&mut bytes) {
                    Ok(0) => Err(io::Error::other("the terminal has gone away")),
                    Ok(count) => Ok((Instant::now(), bytes[..count].to_vec())),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        thread::sleep(PAUSE);
                        continue;
                    }
                    Err(error) => Err(error),
                };
                let is_end = chunk.is_err();
                if sender.send(chunk).is_err() || is_end {
                    return;
                }
            }
        });
        Self {
            chunks,
            parser: Parser::default(),
            ready: VecDeque::new(),
        }
    }

    /// Gives answers to a question that was just asked their time, also between two halves of one.
    pub fn expect_answers(&mut self) {
        self.parser.expect_answers(Instant::now());
    }

    /// Where the bytes come from; to be waited on, and each chunk of it taken.
    pub fn chunks(&self) -> &Receiver<io::Result<Chunk>> {
        &self.chunks
    }

    /// Takes a chunk.
    ///
    /// # Errors
    /// There will be no more of them.
    pub fn take(
        &mut self,
        chunk: Result<io::Result<Chunk>, crossbeam_channel::RecvError>,
    ) -> io::Result<()> {
        let gone = |_| io::Error::other("the terminal has gone away");
        let (at, bytes) = chunk.map_err(gone)??;
        self.ready.extend(self.parser.feed(&bytes, at));
        Ok(())
    }

    /// What came first of what nobody has taken yet.
    pub fn pop(&mut self) -> Option<Input> {
        if self.ready.is_empty() && self.chunks.is_empty() {
            self.ready.extend(self.parser.expire(Instant::now()));
        }
        self.ready.pop_front()
    }

    /// How long something that was begun can still go on.
    pub fn rest(&self) -> Option<Duration> {
        self.parser.rest(Instant::now())
    }
}
