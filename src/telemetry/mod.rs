//! What the program says while it works: log lines on stderr and in the run's log file, progress, and events for programs.
//!
//! Levels: error, data is lost; warn, something is done otherwise than asked; info, rare and useful to the user; debug and
//! trace are for us. The answer of a subcommand is not told here: it goes to stdout.

mod event;
mod progress;

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use camino::Utf8Path;
use fs_err::File;
use tracing_indicatif::IndicatifLayer;
use tracing_indicatif::filter::IndicatifFilter;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::filter::{EnvFilter, LevelFilter, ParseError, Targets, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::debug_fn;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

pub use event::{Event, Stage, tell, tell_events};
pub use progress::Progress;

/// How much is said on stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verbosity {
    /// Errors only, no progress.
    Quiet,
    /// Warnings, the program's own infos, and progress.
    Normal,
    /// What the program does, too.
    Verbose,
    /// Everything, of the libraries as well.
    Everything,
}

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// A bar per stage.
    Bars,
    /// A line every few seconds.
    Lines,
}

/// Why nothing can be said.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// `RUST_LOG` does not read.
    #[error(
        "the environment variable RUST_LOG is '{text}', which does not read; write a level such as 'debug'"
    )]
    Filter {
        /// The variable's text.
        text: String,
        /// The cause.
        #[source]
        source: ParseError,
    },
    /// Something else listens already.
    #[error("logging was set up twice")]
    Twice {
        /// The cause.
        #[source]
        source: TryInitError,
    },
    /// The log file cannot be written.
    #[error("the log file cannot be opened")]
    LogFile {
        /// The cause, which names the path.
        #[source]
        source: io::Error,
    },
}

static MODE: OnceLock<Mode> = OnceLock::new();

/// Whether stderr is the screen of something else.
static HUSHED: AtomicBool = AtomicBool::new(false);

/// The run's log file, once there is a run folder.
static LOG_FILE: Mutex<Option<File>> = Mutex::new(None);

/// Starts logging and progress on stderr. Bars are shown on a terminal unless `-v` or `RUST_LOG` asks for log lines, which
/// would be mixed up with them; then, and where stderr is no terminal, progress is a line every few seconds.
///
/// # Errors
/// `RUST_LOG` does not read, or this was called before.
pub fn init(verbosity: Verbosity) -> Result<(), TelemetryError> {
    let asked = std::env::var("RUST_LOG")
        .ok()
        .filter(|text| !text.is_empty());
    let filter = match &asked {
        Some(text) => EnvFilter::try_new(text).map_err(|source| TelemetryError::Filter {
            text: text.clone(),
            source,
        })?,
        None => EnvFilter::new(match verbosity {
            Verbosity::Quiet => "error",
            Verbosity::Normal => "warn,rdfer_audit=info",
            Verbosity::Verbose => "info,rdfer_audit=debug",
            Verbosity::Everything => "trace",
        }),
    };
    let is_terminal = io::stderr().is_terminal();
    let mode = if is_terminal && asked.is_none() && verbosity == Verbosity::Normal {
        Mode::Bars
    } else {
        Mode::Lines
    };
    let is_detailed =
        asked.is_some() || matches!(verbosity, Verbosity::Verbose | Verbosity::Everything);

    let bars = IndicatifLayer::new();
    let stderr = tracing_subscriber::fmt::layer()
        .with_writer(bars.get_stderr_writer())
        .with_ansi(is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()))
        .without_time()
        .with_target(is_detailed)
        .with_filter(filter)
        .with_filter(filter_fn(|_| !HUSHED.load(Ordering::Relaxed)));
    let file = tracing_subscriber::fmt::layer()
        .with_writer(LogFile)
        .with_ansi(false)
        // A type of its own: with the default one, both layers would share one text per span, colours included.
        .fmt_fields(
            debug_fn(|writer, field, value| match field.name() {
                "message" => write!(writer, "{value:?}"),
                name => write!(writer, "{name}={value:?}"),
            })
            .delimited(" "),
        )
        .with_filter(
            Targets::new()
                .with_default(LevelFilter::INFO)
                .with_target("rdfer_audit", LevelFilter::DEBUG),
        );
    // Only spans that ask for a bar get one.
    let bars = (mode == Mode::Bars).then(|| bars.with_filter(IndicatifFilter::new(false)));
    tracing_subscriber::registry()
        .with(stderr)
        .with(file)
        .with(bars)
        .try_init()
        .map_err(|source| TelemetryError::Twice { source })?;
    // Set once, since the line above fails the second time.
    MODE.get_or_init(|| mode);
    Ok(())
}

/// Writes log lines to a file as well from now on, behind what is in it; everything of this program from level debug.
///
/// # Errors
/// The file cannot be opened for writing.
pub fn log_to(path: &Utf8Path) -> Result<(), TelemetryError> {
    let file = fs_err::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .map_err(|source| TelemetryError::LogFile { source })?;
    *log_file() = Some(file);
    Ok(())
}

/// Keeps log lines off stderr, or lets them through again; the log file takes them either way.
pub fn hush(is_hushed: bool) {
    HUSHED.store(is_hushed, Ordering::Relaxed);
}

fn log_file() -> MutexGuard<'static, Option<File>> {
    // A panic elsewhere leaves the file as usable as it was.
    LOG_FILE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes to the log file, or nowhere while there is none.
struct LogFile;

impl<'a> MakeWriter<'a> for LogFile {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        Self
    }
}

impl Write for LogFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match log_file().as_mut() {
            Some(file) => file.write(bytes),
            None => Ok(bytes.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        log_file().as_mut().map_or(Ok(()), File::flush)
    }
}
