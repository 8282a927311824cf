//! What the user wants to become of suspect videos.

use std::collections::BTreeSet;

/// Whose word changes labels, and which videos are left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Whether people's decisions count.
    pub reviewed: bool,
    /// The least probability, in [0, 1], from which a suggested label counts; nothing: none does. People's decisions go
    /// first.
    pub suggested: Option<f32>,
    /// Which videos are left out.
    pub drop: BTreeSet<Reason>,
}

impl Policy {
    /// Nothing is changed and nothing left out.
    pub fn nothing() -> Self {
        Self {
            reviewed: false,
            suggested: None,
            drop: BTreeSet::new(),
        }
    }
}

impl Default for Policy {
    /// People's decisions and nothing else.
    fn default() -> Self {
        Self {
            reviewed: true,
            suggested: None,
            drop: BTreeSet::from([Reason::Dropped]),
        }
    }
}

/// Why a video is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Its verdict is `mislabeled`, and nobody settled its label.
    Mislabeled,
    /// Its verdict is `hard` and nobody settled its label, or people found it ambiguous.
    Hard,
    /// It could not be decoded.
    Unreadable,
    /// People dropped it.
    Dropped,
}

impl Reason {
    /// All reasons with the names that the user gives them.
    pub const NAMES: [(&str, Self); 4] = [
        ("mislabeled", Self::Mislabeled),
        ("hard", Self::Hard),
        ("unreadable", Self::Unreadable),
        ("dropped", Self::Dropped),
    ];

    /// The reason's name.
    pub fn name(self) -> &'static str {
        let named = Self::NAMES.into_iter().find(|(_, reason)| *reason == self);
        named.map_or("dropped", |(name, _)| name)
    }
}
