//! The terminal taken over from the shell, and given back.

use std::io::{self, Write};
use std::panic;
use std::thread;

use ratatui::DefaultTerminal;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{self, Clear, ClearType};

use super::preview;

/// The terminal while it is the review's. It is given back on every way out.
pub(super) struct Console {
    /// What is drawn on.
    pub(super) terminal: DefaultTerminal,
    mouse: bool,
    is_ours: bool,
}

impl Console {
    /// Takes the terminal over.
    pub(super) fn open(mouse: bool) -> io::Result<Self> {
        let console = Self {
            terminal: ratatui::try_init()?,
            mouse,
            is_ours: true,
        };
        spare_decoders();
        console.set_modes()?;
        Ok(console)
    }

    fn set_modes(&self) -> io::Result<()> {
        // A text that is pasted comes marked as such; bare, each of its letters would be a key.
        execute!(io::stdout(), EnableBracketedPaste)?;
        if self.mouse {
            execute!(io::stdout(), EnableMouseCapture)?;
        }
        Ok(())
    }

    fn unset_modes(&self) -> io::Result<()> {
        if self.mouse {
            execute!(io::stdout(), DisableMouseCapture)?;
        }
        execute!(io::stdout(), DisableBracketedPaste)
    }

    /// Gives the terminal to the shell until the shell gives it back.
    pub(super) fn suspend(&mut self) -> io::Result<()> {
        self.leave()?;
        signal_hook::low_level::raise(signal_hook::consts::SIGTSTP)?;
        self.terminal = ratatui::try_init()?;
        self.is_ours = true;
        spare_decoders();
        self.set_modes()
    }

    /// Gives the terminal back.
    pub(super) fn leave(&mut self) -> io::Result<()> {
        self.is_ours = false;
        self.unset_modes()?;
        // ratatui shows the cursor again only when its terminal is dropped, which a suspended one is not.
        execute!(io::stdout(), Show)?;
        ratatui::try_restore()
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        // After a panic ratatui's own hook has left the screen, and the message stands there.
        let left = if thread::panicking() {
            self.unset_modes()
        } else if self.is_ours {
            self.leave()
        } else {
            Ok(())
        };
        if let Err(error) = left {
            tracing::warn!(%error, "the terminal could not be given back");
        }
    }
}

/// Asks the terminal something, before anything is drawn. What a terminal shows of a question that it does not know is wiped
/// away.
pub(super) fn ask(question: &str) -> io::Result<()> {
    io::stdout().write_all(question.as_bytes())?;
    // ratatui would ask where the cursor is before it clears.
    execute!(io::stdout(), Clear(ClearType::All))
}

/// Width and height of a character in pixels, where the system knows it.
pub(super) fn cell_size() -> Option<(u16, u16)> {
    let size = terminal::window_size().ok()?;
    let width = size.width.checked_div(size.columns)?;
    let height = size.height.checked_div(size.rows)?;
    (width > 0 && height > 0).then_some((width, height))
}

/// Keeps the terminal as it is when a decoder panics: the panic is caught there and told on the screen.
fn spare_decoders() {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if thread::current().name() == Some(preview::THREAD) {
            tracing::error!("{info}");
        } else {
            hook(info);
        }
    }));
}
