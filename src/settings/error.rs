//! What can be wrong with settings, and where it was written.

use std::fmt;

use camino::Utf8PathBuf;
use toml::Value;

use super::Key;

/// Where a value was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The stage's own default.
    Default,
    /// A preset.
    Preset {
        /// Its name.
        name: &'static str,
        /// Line in it, from 1.
        line: usize,
    },
    /// A file given with `--config`.
    File {
        /// The file.
        path: Utf8PathBuf,
        /// Line in it, from 1.
        line: usize,
    },
    /// A `--set`.
    Set,
    /// A flag of its own.
    Flag {
        /// The flag, with its dashes.
        name: &'static str,
    },
}

impl Origin {
    /// The line in the file, where there is one.
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::Preset { line, .. } | Self::File { line, .. } => Some(*line),
            Self::Default | Self::Set | Self::Flag { .. } => None,
        }
    }
}

impl fmt::Display for Origin {
    /// The place without the line.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("default"),
            Self::Preset { name, .. } => write!(formatter, "preset {name}"),
            Self::File { path, .. } => write!(formatter, "{path}"),
            Self::Set => formatter.write_str("--set"),
            Self::Flag { name } => formatter.write_str(name),
        }
    }
}

/// Settings that cannot be used, with everything that is wrong with them.
#[derive(Debug)]
pub struct SettingsError {
    /// The problems, in the order of the layers; never empty.
    pub problems: Vec<SettingsProblem>,
}

impl fmt::Display for SettingsError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [problem] = self.problems.as_slice() {
            return problem.fmt(formatter);
        }
        write!(
            formatter,
            "the settings have {} problems:",
            self.problems.len()
        )?;
        for problem in &self.problems {
            write!(formatter, "\n  {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for SettingsError {}

/// One thing that is wrong with the settings.
#[derive(Debug)]
pub struct SettingsProblem {
    /// Where it was written, unless the problem is that this cannot be read.
    pub origin: Option<Origin>,
    /// What is wrong.
    pub kind: SettingsProblemKind,
}

impl fmt::Display for SettingsProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(origin) = &self.origin {
            write!(formatter, "{origin}")?;
            if let Some(line) = origin.line() {
                write!(formatter, " line {line}")?;
            }
            formatter.write_str(": ")?;
        }
        self.kind.fmt(formatter)
    }
}

/// The ways in which settings can be wrong.
#[derive(Debug, thiserror::Error)]
pub enum SettingsProblemKind {
    /// The file cannot be read.
    #[error("{source}")]
    Unreadable {
        /// The cause, which names the path.
        source: std::io::Error,
    },
    /// The text is not TOML.
    #[error("not valid TOML: {}", source.to_string().trim_end())]
    Syntax {
        /// The cause, which shows the place.
        source: toml::de::Error,
    },
    /// There is no preset of that name.
    #[error("there is no preset '{name}' (there are: {}); for a file, write its folder or extension, as in './{name}.toml'", known.join(", "))]
    UnknownPreset {
        /// The name.
        name: String,
        /// The presets' names.
        known: Vec<&'static str>,
    },
    /// A `--set` that is no assignment.
    #[error("'{text}' is not of the form key=value, as in 'train.epochs=20'")]
    NotAnAssignment {
        /// The argument.
        text: String,
    },
    /// A key that means nothing.
    #[error("unknown key '{key}'; {}", unknown_remedy(.nearest.as_ref()))]
    UnknownKey {
        /// The key.
        key: Key,
        /// The key that may have been meant.
        nearest: Option<Key>,
    },
    /// A value of the wrong kind.
    #[error("'{key}' must be {expected}, not the {found} '{}'", plain(.value))]
    WrongType {
        /// The key.
        key: Key,
        /// The kind that it must have, with its article.
        expected: &'static str,
        /// The kind that it has.
        found: &'static str,
        /// The value as TOML.
        value: Value,
    },
    /// A value that the stage does not take.
    #[error("'{key}' cannot be '{}': {reason}", plain(.value))]
    Refused {
        /// The key.
        key: Key,
        /// The value.
        value: Value,
        /// The stage's reason.
        reason: String,
    },
    /// A number outside its range.
    #[error("'{key}' is '{value}', but must be {range}")]
    OutOfRange {
        /// The key.
        key: Key,
        /// The value.
        value: Value,
        /// The range in words.
        range: String,
    },
    /// Two values that do not go together.
    #[error("'{key}' is '{}', but must {rule}", plain(.value))]
    Rule {
        /// The key.
        key: Key,
        /// Its value.
        value: Value,
        /// What it must do, with the other key and its value.
        rule: String,
    },
    /// The settings as a whole do not read, though each value does.
    #[error("{source}")]
    Unfit {
        /// The cause.
        source: toml::de::Error,
    },
}

fn unknown_remedy(nearest: Option<&Key>) -> String {
    match nearest {
        Some(key) => format!("did you mean '{key}'?"),
        None => "'--print-config' lists all keys".to_owned(),
    }
}

/// A value without the quotes of a string.
fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), ToOwned::to_owned)
}
