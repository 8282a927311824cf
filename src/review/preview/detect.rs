//! Which pictures the terminal can show.

use std::time::Duration;

use ratatui_image::picker::cap_parser::QueryStdioOptions;
use ratatui_image::picker::{Picker, ProtocolType};

use super::paint::Painter;
use crate::review::settings::Images;

/// How long a terminal has to say which pictures it can show; a connection may be slow. All but the oldest answer.
const ANSWER: Duration = Duration::from_secs(1);

/// The painter that the settings ask for, or else the terminal's best. Must be called before anybody else reads what the
/// terminal says.
pub fn find_painter(images: Images, is_colorless: bool) -> Painter {
    let forced = |protocol: ProtocolType| {
        let mut picker = query().unwrap_or_else(Picker::halfblocks);
        picker.set_protocol_type(protocol);
        Painter::Protocol(Box::new(picker))
    };
    match images {
        Images::Off => Painter::Off,
        Images::Text => Painter::Text,
        Images::HalfBlocks => Painter::HalfBlocks,
        Images::Kitty => forced(ProtocolType::Kitty),
        Images::Sixel => forced(ProtocolType::Sixel),
        Images::Iterm2 => forced(ProtocolType::Iterm2),
        Images::Auto => match is_alone().then(query).flatten() {
            Some(picker) if picker.protocol_type() != ProtocolType::Halfblocks => {
                Painter::Protocol(Box::new(picker))
            }
            _ if is_colorless => Painter::Text,
            _ => Painter::HalfBlocks,
        },
    }
}

/// Whether the terminal itself is on the other side. tmux and screen pass neither the question nor pictures on reliably,
/// and an answer that comes late would be taken for keys.
fn is_alone() -> bool {
    let is_between = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let term = std::env::var("TERM").unwrap_or_default();
    let is_plain = ["tmux", "screen", "linux", "dumb"];
    !is_between("TMUX") && !is_between("STY") && !is_plain.iter().any(|name| term.starts_with(name))
}

/// What the terminal says of itself; nothing where it says nothing.
fn query() -> Option<Picker> {
    let options = QueryStdioOptions {
        timeout: ANSWER,
        ..QueryStdioOptions::default()
    };
    Picker::from_query_stdio_with_options(options).ok()
}
