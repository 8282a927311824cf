//! What a run of the program itself costs.

use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use camino::Utf8Path;

/// The cost of one run.
#[derive(Clone, Copy)]
pub struct Cost {
    /// From start to end, in seconds.
    pub seconds: f64,
    /// The most memory that it held, in MB of 2^20 bytes; looked at every two milliseconds.
    pub peak_mb: f64,
}

/// Runs a program in a folder, and throws its answer away.
pub fn of(program: &str, arguments: &[&str], folder: &Utf8Path) -> Cost {
    let start = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let status_file = format!("/proc/{}/status", child.id());
    let mut peak_mb = 0.0_f64;
    let status = loop {
        let text = fs_err::read_to_string(&status_file).unwrap_or_default();
        peak_mb = peak_mb.max(high_water_mark(&text));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        thread::sleep(Duration::from_millis(2));
    };
    assert!(status.success(), "{program} {arguments:?}: {status}");
    Cost {
        seconds: start.elapsed().as_secs_f64(),
        peak_mb,
    }
}

/// `VmHWM` of a `/proc/PID/status`, in MB; 0 of a process that has ended.
fn high_water_mark(status: &str) -> f64 {
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) / 1024.0
}
