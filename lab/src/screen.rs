//! A program in a terminal of its own.

use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use camino::Utf8Path;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// `rdfer-audit` on a screen of 120×36.
pub struct Screen {
    start: Instant,
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    shown: Arc<Mutex<Vec<u8>>>,
}

impl Screen {
    /// Starts it in a folder.
    pub fn start(arguments: &[&str], folder: &Utf8Path) -> Self {
        let size = PtySize {
            rows: 36,
            cols: 120,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(crate::program("rdfer-audit"));
        command.args(arguments);
        command.cwd(folder);
        command.env("TERM", "xterm-256color");
        let start = Instant::now();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let shown = Arc::new(Mutex::new(Vec::new()));
        let screen = Arc::clone(&shown);
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count) = reader.read(&mut bytes) {
                if count == 0 {
                    return;
                }
                screen.lock().unwrap().extend_from_slice(&bytes[..count]);
            }
        });
        Self {
            start,
            child,
            master: pair.master,
            shown,
        }
    }

    /// Seconds from the start until these words were written.
    pub fn seconds_until(&self, words: &str) -> f64 {
        while !String::from_utf8_lossy(&self.shown.lock().unwrap()).contains(words) {
            assert!(
                self.start.elapsed() < Duration::from_secs(30),
                "'{words}' is not shown"
            );
            thread::sleep(Duration::from_millis(2));
        }
        self.start.elapsed().as_secs_f64()
    }

    /// What the system says of its memory, the lines of `/proc/PID/status` that begin with these words.
    pub fn memory(&self, wanted: &[&str]) -> Vec<String> {
        let Some(id) = self.child.process_id() else {
            return Vec::new();
        };
        let status = fs_err::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        status
            .lines()
            .filter(|line| wanted.iter().any(|word| line.starts_with(word)))
            .map(str::to_owned)
            .collect()
    }

    /// Presses `q`, and waits for the end.
    pub fn quit(mut self) {
        let mut writer = self.master.take_writer().unwrap();
        writer.write_all(b"q").unwrap();
        self.child.wait().unwrap();
    }
}
