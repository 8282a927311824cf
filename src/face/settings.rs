//! What of every frame is taken: all of it, or a face that is followed.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The margin where none is named.
const MARGIN: f64 = 0.25;

/// With more, the face is smaller than in most films as they are.
const LARGEST_MARGIN: f64 = 2.0;

/// What of every frame is taken. In settings it is a text: `whole`, `track`, or `track:0.4` with a margin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum FaceChoice {
    /// All of it, or the part that the decoder's settings name.
    #[default]
    Whole,
    /// A face that is followed through the video, cut out with a margin at each side: a share of the edge of the detector's
    /// box, from 0 to 2.
    Track {
        /// The margin.
        margin: f64,
    },
}

/// A text that names no choice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "face '{text}' is not known; write 'whole', 'track', or 'track:0.4' with a margin from 0 to 2 of the face's box"
)]
pub struct FaceChoiceError {
    /// The text.
    pub text: String,
}

impl FaceChoice {
    /// What a run chose, by its settings; all of the frame where they do not say.
    pub fn of_run(settings: &Value) -> Self {
        let choice = settings.get("face").and_then(Value::as_str);
        choice
            .and_then(|choice| choice.parse().ok())
            .unwrap_or_default()
    }

    /// The margin with which a face is cut out; nothing where none is followed.
    pub fn margin(self) -> Option<f64> {
        match self {
            Self::Whole => None,
            Self::Track { margin } => Some(margin),
        }
    }

    /// Whether a face is followed.
    pub fn follows(self) -> bool {
        self != Self::Whole
    }
}

impl FromStr for FaceChoice {
    type Err = FaceChoiceError;

    fn from_str(text: &str) -> Result<Self, FaceChoiceError> {
        let margin = match text {
            "whole" => return Ok(Self::Whole),
            "track" => Some(MARGIN),
            _ => text
                .strip_prefix("track:")
                .and_then(|text| text.parse().ok()),
        };
        let margin = margin.filter(|margin| (0.0..=LARGEST_MARGIN).contains(margin));
        let margin = margin.ok_or_else(|| FaceChoiceError {
            text: text.to_owned(),
        })?;
        Ok(Self::Track { margin })
    }
}

impl fmt::Display for FaceChoice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => formatter.write_str("whole"),
            Self::Track { margin } => write!(formatter, "track:{margin}"),
        }
    }
}

impl TryFrom<String> for FaceChoice {
    type Error = FaceChoiceError;

    fn try_from(text: String) -> Result<Self, FaceChoiceError> {
        text.parse()
    }
}

impl From<FaceChoice> for String {
    fn from(choice: FaceChoice) -> Self {
        choice.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_read_as_they_are_written() {
        for text in ["whole", "track:0.25", "track:0", "track:1.5"] {
            assert_eq!(text.parse::<FaceChoice>().unwrap().to_string(), text);
        }
        assert_eq!("track".parse::<FaceChoice>(), "track:0.25".parse());
        for text in [
            "",
            "Track",
            "track:",
            "track:-0.1",
            "track:3",
            "track:nan",
            "off",
        ] {
            assert!(text.parse::<FaceChoice>().is_err(), "{text}");
        }
    }
}
