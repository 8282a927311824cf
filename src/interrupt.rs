//! Ctrl-C: the first asks the work to stop, and ends the process if it does not; the second ends it at once.
//!
//! Long loops look at [`flag`] between batches and videos and return; a stage then ends with [`Interrupted`]. Ending the process anywhere is safe, since
//! files are written under a temporary name and renamed when whole: a run keeps every finished fold. What is worth more than
//! the wait, as a large network that is being written, is [`hold`] on to.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long the work has to stop by itself.
const GRACE: Duration = Duration::from_millis(1500);

/// How long the process waits beyond that for what is held on to. Slurm and Kubernetes kill after 30 seconds by default.
const PATIENCE: Duration = Duration::from_secs(20);

/// The exit code of an interrupted process.
const INTERRUPTED: i32 = 130;

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// How many hold on to their work.
static HELD: AtomicUsize = AtomicUsize::new(0);

/// Somebody wants the work to stop: an error, which passes every stage on its way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;

/// Ends a stage where `stop` was raised.
///
/// # Errors
/// It was.
pub fn check(stop: &AtomicBool) -> Result<(), Interrupted> {
    if stop.load(Ordering::Relaxed) {
        Err(Interrupted)
    } else {
        Ok(())
    }
}

/// Signals cannot be watched.
#[derive(Debug, thiserror::Error)]
pub enum InterruptError {
    /// The system refused, or it was done before.
    #[error("Ctrl-C cannot be watched for")]
    Install {
        /// The cause.
        #[source]
        source: ctrlc::Error,
    },
}

/// Watches for Ctrl-C and termination signals from now on.
///
/// # Errors
/// The system refuses, or this was called before.
pub fn install() -> Result<(), InterruptError> {
    ctrlc::set_handler(|| {
        if REQUESTED.swap(true, Ordering::SeqCst) {
            end();
        }
        thread::spawn(|| {
            thread::sleep(GRACE);
            let begin = Instant::now();
            while HELD.load(Ordering::SeqCst) > 0 && begin.elapsed() < PATIENCE {
                thread::sleep(Duration::from_millis(20));
            }
            end();
        });
    })
    .map_err(|source| InterruptError::Install { source })
}

/// While it lives, the process is not ended by the first Ctrl-C, for some seconds at most.
#[derive(Debug)]
#[must_use = "it holds on for as long as it lives"]
pub struct Hold(());

/// Holds on to work that is nearly done.
pub fn hold() -> Hold {
    HELD.fetch_add(1, Ordering::SeqCst);
    Hold(())
}

impl Drop for Hold {
    fn drop(&mut self) {
        HELD.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Set once the user wants the work to stop.
pub fn flag() -> &'static AtomicBool {
    &REQUESTED
}

#[expect(
    clippy::exit,
    reason = "the work did not stop by itself in time, or the user does not want to wait"
)]
fn end() -> ! {
    std::process::exit(INTERRUPTED)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader};
    use std::process::{Child, Command, Stdio};

    /// Not a test: the process that the tests interrupt.
    #[test]
    #[ignore = "run by the other tests as a process of its own"]
    fn stubborn_work() {
        install().unwrap();
        println!("\nready");
        thread::sleep(Duration::from_secs(20));
    }

    /// Not a test: the same that holds on to a part of its work.
    #[test]
    #[ignore = "run by the other tests as a process of its own"]
    fn held_work() {
        let held = hold();
        install().unwrap();
        println!("\nready");
        while !REQUESTED.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(10));
        }
        thread::sleep(2 * GRACE);
        drop(held);
        thread::sleep(Duration::from_secs(20));
    }

    fn start(work: &str) -> Child {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                &format!("interrupt::tests::{work}"),
                "--ignored",
                "--nocapture",
            ])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        assert!(
            output
                .lines()
                .map_while(Result::ok)
                .any(|line| line == "ready")
        );
        child
    }

    fn interrupt(child: &Child) {
        let sent = Command::new("kill")
            .args(["-INT", &child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
    }

    #[test]
    fn work_that_does_not_stop_is_ended() {
        let mut child = start("stubborn_work");
        let begin = Instant::now();
        interrupt(&child);
        assert_eq!(child.wait().unwrap().code(), Some(INTERRUPTED));
        assert!(begin.elapsed() >= GRACE && begin.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn what_is_held_on_to_is_finished_first() {
        let mut child = start("held_work");
        let begin = Instant::now();
        interrupt(&child);
        assert_eq!(child.wait().unwrap().code(), Some(INTERRUPTED));
        assert!(begin.elapsed() >= 2 * GRACE && begin.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn a_second_signal_ends_at_once() {
        let mut child = start("stubborn_work");
        let begin = Instant::now();
        interrupt(&child);
        // Two signals at once may arrive as one.
        thread::sleep(Duration::from_millis(200));
        interrupt(&child);
        assert_eq!(child.wait().unwrap().code(), Some(INTERRUPTED));
        assert!(begin.elapsed() < GRACE);
    }
}
