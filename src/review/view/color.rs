//! As many colours as the terminal has: what was drawn in all of them is brought down to fewer at the end.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};

use crate::review::settings::Colors;

/// How many colours there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// None: bold, dim, underlined and reversed are left.
    None,
    /// 16.
    Ansi,
    /// 256.
    Indexed,
    /// All.
    True,
}

/// The 16 colours as most terminals show them.
const ANSI: [(Color, [u8; 3]); 16] = [
    (Color::Black, [0, 0, 0]),
    (Color::Red, [170, 0, 0]),
    (Color::Green, [0, 170, 0]),
    (Color::Yellow, [170, 85, 0]),
    (Color::Blue, [0, 0, 170]),
    (Color::Magenta, [170, 0, 170]),
    (Color::Cyan, [0, 170, 170]),
    (Color::Gray, [170, 170, 170]),
    (Color::DarkGray, [85, 85, 85]),
    (Color::LightRed, [255, 85, 85]),
    (Color::LightGreen, [85, 255, 85]),
    (Color::LightYellow, [255, 255, 85]),
    (Color::LightBlue, [85, 85, 255]),
    (Color::LightMagenta, [255, 85, 255]),
    (Color::LightCyan, [85, 255, 255]),
    (Color::White, [255, 255, 255]),
];

impl Depth {
    /// What the settings say, or else the environment: `NO_COLOR`, then `COLORTERM`, then `TERM`.
    pub fn find(colors: Colors, variable: impl Fn(&str) -> Option<String>) -> Self {
        let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
        match colors {
            Colors::None => Self::None,
            Colors::Ansi => Self::Ansi,
            Colors::Indexed => Self::Indexed,
            Colors::True => Self::True,
            Colors::Auto if is_set("NO_COLOR") => Self::None,
            Colors::Auto => {
                let term = variable("TERM").unwrap_or_default();
                let color_term = variable("COLORTERM").unwrap_or_default();
                if matches!(color_term.as_str(), "truecolor" | "24bit") || term.contains("direct") {
                    Self::True
                } else if term.contains("256color") || term.contains("kitty") {
                    Self::Indexed
                } else {
                    Self::Ansi
                }
            }
        }
    }

    /// Brings the colours of a screen down.
    pub fn limit(self, buffer: &mut Buffer) {
        if self == Self::True {
            return;
        }
        for cell in &mut buffer.content {
            let (foreground, background) = (cell.fg, cell.bg);
            cell.fg = self.nearest(foreground);
            cell.bg = self.nearest(background);
            if self == Self::None && background != Color::Reset && foreground != background {
                cell.modifier.insert(Modifier::REVERSED);
            }
        }
    }

    fn nearest(self, color: Color) -> Color {
        match (self, color) {
            (Self::None, _) => Color::Reset,
            (Self::Indexed, Color::Rgb(red, green, blue)) => indexed([red, green, blue]),
            (Self::Ansi, Color::Rgb(red, green, blue)) => ansi([red, green, blue]),
            (_, color) => color,
        }
    }
}

/// The nearest of the 6×6×6 cube and the 24 greys of 256 colours.
fn indexed(rgb: [u8; 3]) -> Color {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let step = |value: u8| {
        let near = |&step: &usize| value.abs_diff(STEPS[step]);
        (0..STEPS.len()).min_by_key(near).unwrap_or(0)
    };
    let cube = rgb.map(step);
    let in_cube = cube.map(|step| STEPS[step]);
    let mean = rgb.iter().map(|&value| u32::from(value)).sum::<u32>() / 3;
    let grey = (mean.saturating_sub(3) / 10).min(23) as u8;
    let in_greys = [8 + 10 * grey; 3];
    if distance(rgb, in_greys) < distance(rgb, in_cube) {
        Color::Indexed(232 + grey)
    } else {
        Color::Indexed((16 + 36 * cube[0] + 6 * cube[1] + cube[2]) as u8)
    }
}

fn ansi(rgb: [u8; 3]) -> Color {
    let nearest = ANSI.iter().min_by_key(|(_, other)| distance(rgb, *other));
    nearest.map_or(Color::Reset, |(color, _)| *color)
}

fn distance(a: [u8; 3], b: [u8; 3]) -> u32 {
    a.iter()
        .zip(b)
        .map(|(&a, b)| u32::from(a.abs_diff(b)).pow(2))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(settings: Colors, variables: &[(&str, &str)]) -> Depth {
        Depth::find(settings, |name| {
            let found = variables.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_environment_says_how_many_colours_there_are() {
        let term = ("TERM", "xterm-256color");
        assert_eq!(found(Colors::Auto, &[term]), Depth::Indexed);
        assert_eq!(
            found(Colors::Auto, &[term, ("COLORTERM", "truecolor")]),
            Depth::True
        );
        assert_eq!(found(Colors::Auto, &[term, ("NO_COLOR", "1")]), Depth::None);
        assert_eq!(
            found(Colors::Auto, &[term, ("NO_COLOR", "")]),
            Depth::Indexed
        );
        assert_eq!(found(Colors::Auto, &[("TERM", "linux")]), Depth::Ansi);
        assert_eq!(found(Colors::True, &[("NO_COLOR", "1")]), Depth::True);
    }

    #[test]
    fn colours_are_brought_to_their_nearest() {
        assert_eq!(indexed([255, 0, 0]), Color::Indexed(196));
        assert_eq!(indexed([128, 128, 128]), Color::Indexed(244));
        assert_eq!(ansi([250, 250, 240]), Color::White);
        assert_eq!(ansi([160, 10, 10]), Color::Red);
        assert_eq!(Depth::None.nearest(Color::Red), Color::Reset);
        assert_eq!(Depth::Ansi.nearest(Color::Red), Color::Red);
    }
}
