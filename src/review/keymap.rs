//! Which key asks for what, from the settings; two meanings for one key are refused.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::command::Command;
use super::key::{Chord, KeyList};

/// The keys of each command, as the settings hold them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "BTreeMap<Command, KeyList>")]
pub struct KeySettings(BTreeMap<Command, KeyList>);

impl Default for KeySettings {
    fn default() -> Self {
        let keys = Command::ALL.iter().map(|&command| {
            let keys = command.default_keys().split(' ');
            let keys = keys.filter_map(|key| key.parse().ok()).collect();
            (command, KeyList(keys))
        });
        Self(keys.collect())
    }
}

impl From<BTreeMap<Command, KeyList>> for KeySettings {
    fn from(given: BTreeMap<Command, KeyList>) -> Self {
        let mut keys = Self::default();
        keys.0.extend(given);
        keys
    }
}

/// One key with two meanings.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error(
    "the key '{key}' would mean both '{first}' and '{second}'; give one of them another key under [review]"
)]
pub struct KeyConflict {
    /// The key.
    pub key: String,
    /// The setting below `review` that has it.
    pub first: String,
    /// The other setting that has it.
    pub second: String,
}

/// What each key asks for.
#[derive(Debug, Clone, Default)]
pub struct KeyMap {
    commands: Vec<(Chord, Command)>,
    labels: Vec<Chord>,
}

impl KeyMap {
    /// The map for `classes` classes: the first of them take `label_keys`, more take letters that are free.
    ///
    /// # Errors
    /// A key has two meanings.
    pub fn new(
        keys: &KeySettings,
        label_keys: &KeyList,
        classes: usize,
    ) -> Result<Self, KeyConflict> {
        let mut taken: Vec<(Chord, String)> = Vec::new();
        let mut take = |chord: Chord, name: String| {
            if let Some((_, first)) = taken.iter().find(|(other, _)| *other == chord) {
                return Err(KeyConflict {
                    key: chord.to_string(),
                    first: first.clone(),
                    second: name,
                });
            }
            taken.push((chord, name));
            Ok(())
        };
        let mut commands = Vec::new();
        for (&command, list) in &keys.0 {
            for &chord in &list.0 {
                take(chord, format!("keys.{}", command.name()))?;
                commands.push((chord, command));
            }
        }
        for &chord in &label_keys.0 {
            take(chord, "label_keys".to_owned())?;
        }
        let free = ('a'..='z')
            .chain('A'..='Z')
            .map(Chord::character)
            .filter(|chord| taken.iter().all(|(other, _)| other != chord));
        let labels = label_keys.0.iter().copied().chain(free).take(classes);
        Ok(Self {
            labels: labels.collect(),
            commands,
        })
    }

    /// What a key asks for.
    pub fn command(&self, chord: Chord) -> Option<Command> {
        let found = self.commands.iter().find(|(other, _)| *other == chord);
        found.map(|(_, command)| *command)
    }

    /// The class that a key stands for.
    pub fn label(&self, chord: Chord) -> Option<usize> {
        self.labels.iter().position(|other| *other == chord)
    }

    /// The key of a class, or nothing where all keys are taken.
    pub fn label_key(&self, class: usize) -> String {
        self.labels
            .get(class)
            .map(Chord::to_string)
            .unwrap_or_default()
    }

    /// The keys of a command.
    pub fn keys(&self, command: Command) -> Vec<String> {
        self.commands
            .iter()
            .filter(|(_, other)| *other == command)
            .map(|(chord, _)| chord.to_string())
            .collect()
    }

    /// The first key of a command.
    pub fn key(&self, command: Command) -> String {
        self.keys(command).into_iter().next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label_keys() -> KeyList {
        "1 2 3 4 5 6 7 8 9 0".parse().unwrap()
    }

    #[test]
    fn the_default_keys_read_and_do_not_conflict() {
        for &command in Command::ALL {
            for key in command.default_keys().split(' ') {
                let chord: Chord = key.parse().unwrap_or_else(|error| panic!("{error}"));
                assert_eq!(chord.to_string(), key);
            }
        }
        let map = KeyMap::new(&KeySettings::default(), &label_keys(), 13).unwrap();
        assert_eq!(map.command("ctrl-c".parse().unwrap()), Some(Command::Quit));
        assert_eq!(map.label(Chord::character('0')), Some(9));
        // Beyond the digits, letters that nothing else uses.
        let more: Vec<String> = (10..13).map(|class| map.label_key(class)).collect();
        assert_eq!(more, ["f", "l", "t"]);
    }

    #[test]
    fn a_key_with_two_meanings_is_refused() {
        let keys: KeySettings = toml::from_str("keep = \"q\"").unwrap();
        let error = KeyMap::new(&keys, &label_keys(), 3).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the key 'q' would mean both 'keys.keep' and 'keys.quit'; give one of them another key under [review]"
        );
        let swapped: KeySettings = toml::from_str("keep = \"q\"\nquit = \"k\"").unwrap();
        let map = KeyMap::new(&swapped, &label_keys(), 3).unwrap();
        assert_eq!(map.keys(Command::Keep), ["q"]);
        assert!(toml::from_str::<KeySettings>("keep = \"hyperspace\"").is_err());
        let digits: KeySettings = toml::from_str("keep = \"1\"").unwrap();
        assert!(KeyMap::new(&digits, &label_keys(), 3).is_err());
    }
}
