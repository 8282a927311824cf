//! What a user says of a data set, beyond its format; kept with a run, so that the data set is read again in the same way.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use super::pattern::{LabelFrom, PatternError};

/// How a data set is to be read. After reading, how it was read: what was found out is filled in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reading {
    /// Which column means what: the name in the header, or a number from 1 in a table without one.
    pub columns: BTreeMap<Role, String>,
    /// Where the path of a video in a folder names its label.
    pub label_from: Option<LabelFrom>,
    /// Beginnings of paths, and what stands for them.
    pub prefixes: Vec<Prefix>,
    /// What becomes of rows without a label.
    pub unlabeled: Unlabeled,
    /// What becomes of rows whose video is not there.
    pub missing: Missing,
    /// The lists that are read together, relative to the data set's folder; none where it is a file.
    pub lists: Vec<Utf8PathBuf>,
    /// Whether the lines of a list have the number of frames before the label; found out where nothing is said.
    pub frame_counts: Option<bool>,
}

/// What a column of a table means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Where the video lies.
    Path,
    /// Its class.
    Label,
    /// Its name in every report.
    Id,
    /// What must not be split between folds, as a subject.
    Group,
    /// The side of a split that it is on.
    Split,
    /// Its number of frames.
    Frames,
}

impl Role {
    /// Every role, with the name that the user gives it.
    pub const NAMES: [(&str, Self); 6] = [
        ("path", Self::Path),
        ("label", Self::Label),
        ("id", Self::Id),
        ("group", Self::Group),
        ("split", Self::Split),
        ("frames", Self::Frames),
    ];

    /// The role's name.
    pub fn name(self) -> &'static str {
        let named = Self::NAMES.into_iter().find(|(_, role)| *role == self);
        named.map_or("path", |(name, _)| name)
    }
}

/// A beginning of paths that another one stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prefix {
    /// The beginning, as the list writes it.
    pub from: String,
    /// What stands for it.
    pub to: String,
}

impl Prefix {
    /// The path with the other beginning, where it begins so; folders are replaced whole.
    pub(super) fn replace(&self, path: &str) -> Option<String> {
        let is_end = |character: char| matches!(character, '/' | '\\');
        let from = self.from.trim_end_matches(is_end);
        let rest = path.strip_prefix(from)?;
        if !rest.is_empty() && !rest.starts_with(is_end) && !from.is_empty() {
            return None;
        }
        let rest = rest.trim_start_matches(is_end).replace('\\', "/");
        Some(Utf8Path::new(&self.to).join(rest).into_string())
    }
}

/// What becomes of rows whose label says that there is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unlabeled {
    /// They are problems.
    #[default]
    Refuse,
    /// They are left out.
    Skip,
    /// The word is a class of its own, but for the empty one.
    Class,
}

impl Unlabeled {
    /// Every choice, with the name that the user gives it.
    pub const NAMES: [(&str, Self); 3] = [
        ("refuse", Self::Refuse),
        ("skip", Self::Skip),
        ("class", Self::Class),
    ];
}

/// What becomes of rows whose video is not there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Missing {
    /// They are problems.
    #[default]
    Refuse,
    /// They are left out, up to this share of all.
    Skip(f64),
}

impl Missing {
    /// The share of videos that may be missing where the user names none.
    pub const LIMIT: f64 = 0.25;
}

/// A flag's value that says nothing of how to read a data set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadingError {
    /// Neither `refuse` nor `skip`, perhaps with a share.
    #[error("it is 'refuse', 'skip', or 'skip=SHARE' with a share from 0 to 1, such as 'skip=0.1'")]
    Missing,
    /// Not `OLD=NEW`.
    #[error("it is 'OLD=NEW', as in '/home/anna/data=videos'")]
    Prefix,
    /// Not `ROLE=COLUMN`.
    #[error(
        "'{text}' is not as in 'path=clip,label=emotion'; on the left stands path, label, id, group, split or frames"
    )]
    Columns {
        /// What it is.
        text: String,
    },
    /// A role is there twice.
    #[error("'{role}' is said twice")]
    Twice {
        /// The role.
        role: &'static str,
    },
    /// A pattern that cannot be used.
    #[error(transparent)]
    Pattern(#[from] PatternError),
}

impl FromStr for Missing {
    type Err = ReadingError;

    fn from_str(text: &str) -> Result<Self, ReadingError> {
        match text.split_once('=') {
            None if text == "refuse" => Ok(Self::Refuse),
            None if text == "skip" => Ok(Self::Skip(Self::LIMIT)),
            Some(("skip", share)) => share
                .parse()
                .ok()
                .filter(|share| (0.0..=1.0).contains(share))
                .map(Self::Skip)
                .ok_or(ReadingError::Missing),
            _ => Err(ReadingError::Missing),
        }
    }
}

impl FromStr for Prefix {
    type Err = ReadingError;

    fn from_str(text: &str) -> Result<Self, ReadingError> {
        let (from, to) = text.split_once('=').ok_or(ReadingError::Prefix)?;
        Ok(Self {
            from: from.to_owned(),
            to: to.to_owned(),
        })
    }
}

/// Reads what `--columns` says: `path=clip,label=emotion`.
///
/// # Errors
/// It says something else, or a role twice.
pub fn columns(text: &str) -> Result<BTreeMap<Role, String>, ReadingError> {
    let mut columns = BTreeMap::new();
    for part in text.split(',') {
        let named = part.split_once('=').and_then(|(role, column)| {
            let is_named = |(name, _): &(&str, Role)| name.eq_ignore_ascii_case(role.trim());
            let (_, role) = Role::NAMES.into_iter().find(is_named)?;
            let column = column.trim();
            (!column.is_empty() && column != "0").then(|| (role, column.to_owned()))
        });
        let Some((role, column)) = named else {
            let text = part.to_owned();
            return Err(ReadingError::Columns { text });
        };
        if columns.insert(role, column).is_some() {
            return Err(ReadingError::Twice { role: role.name() });
        }
    }
    Ok(columns)
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_say_what_they_mean() {
        assert_eq!("skip".parse(), Ok(Missing::Skip(0.25)));
        assert_eq!("skip=0.5".parse(), Ok(Missing::Skip(0.5)));
        for wrong in ["", "skip=", "skip=2", "pass"] {
            assert_eq!(wrong.parse::<Missing>(), Err(ReadingError::Missing));
        }
        let given = columns("path=clip, Label=emotion,group=2").unwrap();
        let told: Vec<(Role, &str)> = given
            .iter()
            .map(|(role, name)| (*role, name.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                (Role::Path, "clip"),
                (Role::Label, "emotion"),
                (Role::Group, "2")
            ]
        );
        for wrong in ["", "clip", "clip=path", "path=", "path=0"] {
            assert!(columns(wrong).is_err(), "{wrong}");
        }
        assert_eq!(
            columns("path=a,path=b"),
            Err(ReadingError::Twice { role: "path" })
        );
    }

    #[test]
    fn whole_folders_are_replaced() {
        let prefix = |text: &str| text.parse::<Prefix>().unwrap();
        let data = prefix("/home/anna/data/=videos");
        assert_eq!(
            data.replace("/home/anna/data/a/b.mp4").as_deref(),
            Some("videos/a/b.mp4")
        );
        assert_eq!(data.replace("/home/anna/data2/b.mp4"), None);
        let windows = prefix("C:\\data=.");
        assert_eq!(
            windows.replace("C:\\data\\a\\b.mp4").as_deref(),
            Some("./a/b.mp4")
        );
        assert_eq!(
            prefix("=videos").replace("a.mp4").as_deref(),
            Some("videos/a.mp4")
        );
    }
}
