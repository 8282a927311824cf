//! Says now and then that a network is being worked on.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use jiff::Timestamp;
use tracing::debug;

use crate::file_system::host;
use crate::pipeline::plan::Network;
use crate::rows::folder::RunFolder;
use crate::rows::worker::Worker;

/// From one sign of life to the next.
const BEAT: Duration = Duration::from_secs(15);

/// Signs of life that may be missing, as on a file system that shows a file late.
const MISSED_BEATS: u64 = 8;

/// How long nothing is heard before nobody is said to work.
pub(super) const SILENCE: Duration = Duration::from_secs(BEAT.as_secs() * MISSED_BEATS);

/// Whether somebody has said lately to work on a network.
pub(crate) fn is_alive(worker: &Worker) -> bool {
    let passed = Timestamp::now().duration_since(worker.last_sign);
    passed.unsigned_abs() <= SILENCE
}

/// Whether anybody works on a network.
pub(super) fn is_at_work(home: &RunFolder, network: Network) -> bool {
    let worker = Worker::read(home, network.fold, network.repeat);
    worker.as_ref().is_some_and(is_alive)
}

/// Says that this process works on a network, until it is dropped.
pub(super) struct Alive {
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Alive {
    /// Begins to say so.
    pub(super) fn begin(home: &RunFolder, network: Network) -> Self {
        let home = home.clone();
        let (end, ended) = channel();
        let thread = thread::spawn(move || {
            let Network { fold, repeat } = network;
            let now = Timestamp::now();
            let mut worker = Worker {
                host: host(),
                pid: std::process::id(),
                since: now,
                last_sign: now,
            };
            // It is advice: the work goes on without it.
            let told = |outcome: std::io::Result<()>| {
                if let Err(error) = outcome {
                    debug!("no sign of life could be given: {error}");
                }
            };
            loop {
                told(worker.write(&home, fold, repeat));
                if ended.recv_timeout(BEAT) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
                worker.last_sign = Timestamp::now();
            }
            told(worker.remove(&home, fold, repeat));
        });
        Self {
            end: Some(end),
            thread: Some(thread),
        }
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}
