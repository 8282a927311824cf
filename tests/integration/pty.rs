//! A real pseudo-terminal with a screen that can be read. Tests wait for what they expect, never for time.

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

/// What is waited for at most; machines that build at the same time are slow.
const PATIENCE: Duration = Duration::from_secs(20);

fn side(cells: u16) -> NonZero<u16> {
    NonZero::new(cells).unwrap()
}

/// A program in a terminal.
pub(crate) struct Terminal {
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    writer: Arc<Mutex<Box<dyn Write + Send>>>,
    parser: Arc<Mutex<vt100::Parser>>,
    shown: Arc<Mutex<Vec<u8>>>,
}

/// What a terminal says once it was asked to the end.
#[derive(Clone, Default)]
pub(crate) struct Answers {
    /// Its answers in the pieces in which they come.
    pub(crate) pieces: Vec<String>,
    /// How long it waits before each.
    pub(crate) delay: Duration,
}

/// The last question of all, whether the terminal is there.
const LAST_QUESTION: &[u8] = b"\x1b[5n";

impl Terminal {
    /// Starts a program in a terminal of the given size.
    pub(crate) fn start(
        program: &Path,
        arguments: &[&str],
        folder: &Path,
        size: (u16, u16),
    ) -> Self {
        Self::start_answering(program, arguments, folder, size, Answers::default())
    }

    /// The same; the terminal has answers.
    pub(crate) fn start_answering(
        program: &Path,
        arguments: &[&str],
        folder: &Path,
        (columns, lines): (u16, u16),
        answers: Answers,
    ) -> Self {
        let size = PtySize {
            rows: lines,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.cwd(folder);
        command.env("TERM", "xterm-256color");
        command.env("RUST_BACKTRACE", "0");
        for name in ["TMUX", "RUST_LOG", "NO_COLOR", "COLORTERM"] {
            command.env_remove(name);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let parser = Arc::new(Mutex::new(vt100::Parser::new(
            side(lines),
            side(columns),
            0,
        )));
        let writer = Arc::new(Mutex::new(pair.master.take_writer().unwrap()));
        let shown = Arc::new(Mutex::new(Vec::new()));
        let (screen, all, answering) = (parser.clone(), shown.clone(), writer.clone());
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            let mut answers = Some(answers);
            while let Ok(count) = reader.read(&mut bytes) {
                if count == 0 {
                    return;
                }
                screen.lock().unwrap().process(&bytes[..count]);
                let mut all = all.lock().unwrap();
                all.extend_from_slice(&bytes[..count]);
                let is_asked = all
                    .windows(LAST_QUESTION.len())
                    .any(|part| part == LAST_QUESTION);
                if let Some(answers) = answers.take_if(|_| is_asked) {
                    let writer = answering.clone();
                    thread::spawn(move || {
                        for piece in answers.pieces {
                            thread::sleep(answers.delay);
                            let mut writer = writer.lock().unwrap();
                            // The program may have ended.
                            drop(writer.write_all(piece.as_bytes()));
                        }
                    });
                }
            }
        });
        Self {
            writer,
            master: pair.master,
            child,
            parser,
            shown,
        }
    }

    pub(crate) fn send(&self, keys: &str) {
        let mut writer = self.writer.lock().unwrap();
        writer.write_all(keys.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    /// All that the program has written so far.
    pub(crate) fn shown(&self) -> String {
        String::from_utf8_lossy(&self.shown.lock().unwrap()).into_owned()
    }

    pub(crate) fn text(&self) -> String {
        self.parser.lock().unwrap().screen().contents()
    }

    /// Waits until the screen shows what is asked for.
    pub(crate) fn wait_until(&self, what: &str, is_there: impl Fn(&vt100::Screen) -> bool) {
        let start = Instant::now();
        while !is_there(self.parser.lock().unwrap().screen()) {
            assert!(
                start.elapsed() < PATIENCE,
                "waited for {what}:\n{}",
                self.text()
            );
            thread::sleep(Duration::from_millis(10));
        }
    }

    pub(crate) fn wait_for(&self, words: &str) {
        self.wait_until(words, |screen| screen.contents().contains(words));
    }

    pub(crate) fn resize(&self, columns: u16, lines: u16) {
        self.parser
            .lock()
            .unwrap()
            .screen_mut()
            .set_size(side(lines), side(columns));
        let size = PtySize {
            rows: lines,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        self.master.resize(size).unwrap();
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.process_id().unwrap().to_string();
        let sent = std::process::Command::new("kill")
            .args([&format!("-{name}"), &id])
            .status()
            .unwrap();
        assert!(sent.success());
    }

    /// Waits for the program's end.
    pub(crate) fn end(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                // What it wrote last may still be on its way to the screen.
                thread::sleep(Duration::from_millis(100));
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "does not end:\n{}", self.text());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Asserts that the shell's own screen is shown, and the cursor on it.
    pub(crate) fn assert_own_screen(&self) {
        let parser = self.parser.lock().unwrap();
        assert!(!parser.screen().alternate_screen());
        assert!(!parser.screen().hide_cursor());
    }

    /// Asserts that a shell could go on: own screen, cursor in sight, lines and echo as usual.
    pub(crate) fn assert_usable(&self) {
        self.assert_own_screen();
        let modes = self.master.get_termios().unwrap();
        let flags = format!("{:?}", modes.local_flags);
        for flag in ["ICANON", "ECHO", "ISIG"] {
            assert!(flags.contains(flag), "{flag}: {flags}");
        }
    }
}
