//! The review's settings.

use serde::{Deserialize, Serialize};

use super::key::KeyList;
use super::keymap::{KeyConflict, KeyMap, KeySettings};

/// How pictures are brought to the screen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Images {
    /// The best protocol that the terminal says it has; half-blocks where it does not answer.
    #[default]
    Auto,
    /// The kitty graphics protocol.
    Kitty,
    /// Sixel.
    Sixel,
    /// The iTerm2 protocol.
    Iterm2,
    /// Two pixels per character, by colour.
    HalfBlocks,
    /// One pixel per character, by how dark the character is; needs no colour.
    Text,
    /// No pictures.
    Off,
}

/// How many colours are used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Colors {
    /// What `NO_COLOR`, `COLORTERM` and `TERM` say, or else the terminal when it is asked.
    #[default]
    #[serde(rename = "auto")]
    Auto,
    /// None.
    #[serde(rename = "none")]
    None,
    /// The 16 colours of the terminal's own palette.
    #[serde(rename = "16")]
    Ansi,
    /// 256 colours.
    #[serde(rename = "256")]
    Indexed,
    /// All colours.
    #[serde(rename = "true")]
    True,
}

/// How the review looks and which keys it takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReviewSettings {
    /// How pictures are shown.
    pub images: Images,
    /// How many colours are used.
    pub colors: Colors,
    /// Whether the mouse moves the cursor in the list; it takes text selection away from the terminal.
    pub mouse: bool,
    /// The keys of the classes, in the order of the label set; classes beyond them take letters that are free.
    pub label_keys: KeyList,
    /// The keys of the commands.
    pub keys: KeySettings,
}

impl Default for ReviewSettings {
    fn default() -> Self {
        let digits = "1234567890".chars().map(super::key::Chord::character);
        Self {
            images: Images::default(),
            colors: Colors::default(),
            mouse: false,
            label_keys: KeyList(digits.collect()),
            keys: KeySettings::default(),
        }
    }
}

impl ReviewSettings {
    /// The keymap for a number of classes.
    ///
    /// # Errors
    /// A key has two meanings.
    pub fn keymap(&self, classes: usize) -> Result<KeyMap, KeyConflict> {
        KeyMap::new(&self.keys, &self.label_keys, classes)
    }
}
