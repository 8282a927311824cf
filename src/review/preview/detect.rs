//! Which pictures and how many colours the terminal can show.
//!
//! The terminal is asked at the start and nobody waits for it: its answers come with the keys, and whenever they come, the
//! pictures go on in the best way that is known by then.

use std::time::{Duration, Instant};

use ratatui_image::FontSize;
use ratatui_image::picker::{Picker, ProtocolType};

use super::paint::Painter;
use crate::review::input::{Answer, KITTY_QUERY_ID};
use crate::review::settings::{Colors, Images, ReviewSettings};
use crate::review::view::Depth;

/// So long the first picture waits for a terminal that was asked, so that it need not be painted twice.
const ANSWER: Duration = Duration::from_millis(250);

/// A colour that no terminal has set by itself, as SGR 48 takes it.
const PROBE: [u32; 4] = [2, 1, 2, 3];

/// What the settings and the environment say of the terminal, what it was asked, and what it answered.
#[derive(Debug)]
pub struct Inquiry {
    images: Images,
    /// What is known of the colours without asking.
    depth: Depth,
    asks_pictures: bool,
    asks_colors: bool,
    /// The protocol that the environment names.
    named: Option<ProtocolType>,
    /// Width and height of a character in pixels.
    cell: Option<(u16, u16)>,
    asked: Option<Instant>,
    said: Said,
}

/// What the terminal said of itself.
#[derive(Debug, Default)]
struct Said {
    name: String,
    version: Vec<u32>,
    background: Vec<u32>,
    has_kitty: bool,
    has_sixel: bool,
    is_all: bool,
}

impl Inquiry {
    /// Finds what need not be asked. `cell`: width and height of a character in pixels, where the system knows it.
    pub fn new(
        settings: &ReviewSettings,
        variable: impl Fn(&str) -> Option<String>,
        cell: Option<(u16, u16)>,
    ) -> Self {
        let depth = Depth::find(settings.colors, &variable);
        let is_alone = is_alone(&variable);
        Self {
            images: settings.images,
            depth,
            asks_pictures: match settings.images {
                Images::Off | Images::Text | Images::HalfBlocks => false,
                Images::Kitty | Images::Sixel | Images::Iterm2 => true,
                Images::Auto => is_alone,
            },
            asks_colors: settings.colors == Colors::Auto
                && is_alone
                && matches!(depth, Depth::Ansi | Depth::Indexed),
            named: takes_iterm2(&variable).then_some(ProtocolType::Iterm2),
            cell,
            asked: None,
            said: Said::default(),
        }
    }

    /// What to send to the terminal, if anything; its answers are expected from then on.
    pub fn ask(&mut self) -> Option<String> {
        let pictures = self.asks_pictures.then(|| {
            // Whether it takes a picture of one pixel; its name, its kind, its attributes, the size of its characters.
            let picture = format!("\x1b_G{KITTY_QUERY_ID},s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\");
            picture + "\x1b[>q\x1b[>c\x1b[c\x1b[16t"
        });
        let colors = self.asks_colors.then(|| {
            let [kind, red, green, blue] = PROBE;
            format!("\x1b[48;{kind};{red};{green};{blue}m\x1bP$qm\x1b\\\x1b[0m")
        });
        let question: String = pictures.into_iter().chain(colors).collect();
        if question.is_empty() {
            return None;
        }
        self.asked = Some(Instant::now());
        // Every terminal answers this, so that the end of the answers is known.
        Some(question + "\x1b[5n")
    }

    /// Takes an answer.
    pub fn hear(&mut self, answer: Answer) {
        let said = &mut self.said;
        match answer {
            Answer::Kitty(is_taken) => said.has_kitty = is_taken,
            Answer::Name(name) => said.name = name,
            Answer::Version(version) => said.version = version,
            Answer::Attributes(attributes) => said.has_sixel = attributes.contains(&4),
            Answer::CellSize(width, height) => self.cell = Some((width, height)),
            Answer::Background(color) => said.background = color,
            Answer::Ready => said.is_all = true,
        }
    }

    /// Whether the first picture should still wait for answers.
    pub fn is_open(&self) -> bool {
        self.asks_pictures
            && !self.said.is_all
            && self.asked.is_some_and(|asked| asked.elapsed() < ANSWER)
    }

    /// As many colours as are known by now.
    pub fn depth(&self) -> Depth {
        let set = &self.said.background;
        // Some put the number of a colour space between.
        let color = set.get(set.len().saturating_sub(3)..);
        let is_kept = set.first() == PROBE.first() && color == PROBE.get(1..);
        if self.asks_colors && is_kept {
            Depth::True
        } else {
            self.depth
        }
    }

    /// The painter that the settings ask for, or else the best that is known by now.
    pub fn painter(&self) -> Painter {
        let by = |protocol| Painter::Protocol(Box::new(self.picker(protocol)));
        match self.images {
            Images::Off => Painter::Off,
            Images::Text => Painter::Text,
            Images::HalfBlocks => Painter::HalfBlocks,
            Images::Kitty => by(ProtocolType::Kitty),
            Images::Sixel => by(ProtocolType::Sixel),
            Images::Iterm2 => by(ProtocolType::Iterm2),
            Images::Auto => match self.protocol() {
                Some(protocol) => by(protocol),
                None if self.depth == Depth::None => Painter::Text,
                None => Painter::HalfBlocks,
            },
        }
    }

    /// The terminal's best protocol. None is of use while the size of a character in pixels is not known.
    fn protocol(&self) -> Option<ProtocolType> {
        self.cell?;
        let is = |name: &str| self.said.name.starts_with(name);
        if !self.asks_pictures {
            return None;
        }
        if self.draws_placeholders() {
            Some(ProtocolType::Kitty)
        } else if is("WezTerm") || is("iTerm2") {
            Some(ProtocolType::Iterm2)
        } else if self.said.has_sixel && !is("Konsole") {
            Some(ProtocolType::Sixel)
        } else {
            self.named.filter(|_| self.said.is_all)
        }
    }

    /// Whether the terminal puts pictures in the place of the characters that stand for them. Kitty does from 0.28 on; of the
    /// others that answer for the protocol, most show the characters: boxes.
    fn draws_placeholders(&self) -> bool {
        let is_new_kitty = match self.said.name.strip_prefix("kitty(") {
            Some(version) => {
                let mut parts = version.split(['.', ')']).map(str::parse::<u32>);
                let mut next = || parts.next().and_then(Result::ok).unwrap_or(0);
                (next(), next()) >= (0, 28)
            }
            // Kitty counts its own versions from 4000 on.
            None => {
                matches!(self.said.version[..], [1, major, minor, ..] if major > 4000 || (major == 4000 && minor >= 28))
            }
        };
        self.said.has_kitty && (is_new_kitty || self.said.name.starts_with("ghostty"))
    }

    fn picker(&self, protocol: ProtocolType) -> Picker {
        let (width, height) = self.cell.unwrap_or((10, 20));
        #[expect(
            deprecated,
            reason = "the other ways ask the terminal themselves and wait, and take keys for its answers"
        )]
        let mut picker = Picker::from_fontsize(FontSize::new(width, height));
        picker.set_protocol_type(protocol);
        picker
    }
}

/// Whether the terminal itself is on the other side. tmux and screen pass neither the question nor pictures on reliably, and
/// the simplest terminals show what they do not understand.
fn is_alone(variable: impl Fn(&str) -> Option<String>) -> bool {
    let is_between = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    let term = variable("TERM").unwrap_or_default();
    let is_plain = ["tmux", "screen", "linux", "dumb"];
    !is_between("TMUX") && !is_between("STY") && !is_plain.iter().any(|name| term.starts_with(name))
}

/// Whether the environment names a terminal that takes pictures as iTerm2 does, and does not say so when it is asked.
fn takes_iterm2(variable: impl Fn(&str) -> Option<String>) -> bool {
    const NAMES: [&str; 8] = [
        "iTerm",
        "WezTerm",
        "mintty",
        "Tabby",
        "Hyper",
        "rio",
        "Bobcat",
        "WarpTerminal",
    ];
    let program = variable("TERM_PROGRAM").unwrap_or_default();
    let is_far = variable("LC_TERMINAL").is_some_and(|name| name.contains("iTerm"));
    is_far || NAMES.iter().any(|name| program.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inquiry(variables: &[(&str, &str)]) -> Inquiry {
        let variable = |name: &str| {
            let found = variables.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Inquiry::new(&ReviewSettings::default(), variable, None)
    }

    /// The protocol after these answers.
    fn after(answers: &[Answer]) -> Option<ProtocolType> {
        let mut inquiry = inquiry(&[("TERM", "xterm-256color")]);
        for answer in answers {
            inquiry.hear(answer.clone());
        }
        inquiry.protocol()
    }

    #[test]
    fn a_protocol_is_taken_where_the_terminal_can_show_it() {
        let (kitty, cell) = (Answer::Kitty(true), Answer::CellSize(10, 20));
        let named = |name: &str| {
            let answers = [kitty.clone(), Answer::Name(name.to_owned()), cell.clone()];
            after(&answers)
        };
        assert_eq!(named("kitty(0.36.4)"), Some(ProtocolType::Kitty));
        assert_eq!(named("kitty(0.28.0)"), Some(ProtocolType::Kitty));
        assert_eq!(named("kitty(1.0.0)"), Some(ProtocolType::Kitty));
        assert_eq!(named("ghostty 1.1.3"), Some(ProtocolType::Kitty));
        assert_eq!(named("kitty(0.27.1)"), None);
        assert_eq!(named("Konsole 24.02"), None);
        assert_eq!(named("WezTerm 20240203"), Some(ProtocolType::Iterm2));
        let versions = |minor| {
            after(&[
                kitty.clone(),
                Answer::Version(vec![1, 4000, minor]),
                cell.clone(),
            ])
        };
        assert_eq!(
            (versions(27), versions(28)),
            (None, Some(ProtocolType::Kitty))
        );
        let sixel = Answer::Attributes(vec![62, 4]);
        assert_eq!(after(&[sixel.clone(), cell]), Some(ProtocolType::Sixel));
        assert_eq!(
            after(&[sixel]),
            None,
            "the size of a character is not known"
        );
        assert_eq!(after(&[]), None);
    }

    #[test]
    fn colours_are_asked_for_where_nothing_says_how_many_there_are() {
        let depth = |variables: &[(&str, &str)], color: Vec<u32>| {
            let mut inquiry = inquiry(variables);
            let is_asked = inquiry.ask().is_some_and(|text| text.contains("$qm"));
            inquiry.hear(Answer::Background(color));
            (is_asked, inquiry.depth())
        };
        let xterm = [("TERM", "xterm-256color")];
        assert_eq!(depth(&xterm, vec![2, 1, 2, 3]), (true, Depth::True));
        assert_eq!(depth(&xterm, vec![2, 0, 1, 2, 3]), (true, Depth::True));
        assert_eq!(depth(&xterm, vec![5, 16]), (true, Depth::Indexed));
        let plain = [("TERM", "xterm"), ("NO_COLOR", "1")];
        assert_eq!(depth(&plain, vec![2, 1, 2, 3]), (false, Depth::None));
        let between = [("TERM", "xterm-256color"), ("TMUX", "/tmp/tmux")];
        assert_eq!(depth(&between, vec![]), (false, Depth::Indexed));
        let said = [("TERM", "xterm"), ("COLORTERM", "truecolor")];
        assert_eq!(depth(&said, vec![]), (false, Depth::True));
    }
}
