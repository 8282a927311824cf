//! Which settings are resolved together, and by which rules.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use super::{Key, Origin, Settings, SettingsProblem, check, presets};
use crate::review::ReviewSettings;
use faces::FaceSettings;

/// Settings that a subcommand uses, as one table of keys.
pub trait Family: Sized {
    /// The presets that speak of them, by name and text.
    const PRESETS: &'static [(&'static str, &'static str)];

    /// All keys with their default values.
    ///
    /// # Errors
    /// The defaults cannot be written as TOML: a mistake in the program.
    fn defaults() -> Result<Table, toml::ser::Error>;

    /// The settings with these values.
    ///
    /// # Errors
    /// A value that is not taken.
    fn from_table(values: Table) -> Result<Self, toml::de::Error>;

    /// The settings as TOML, in the order of their fields.
    ///
    /// # Errors
    /// They cannot be written: a mistake in the program.
    fn to_text(&self) -> Result<String, toml::ser::Error>;

    /// What does not go together. `values`: the same settings as a table.
    fn problems(&self, values: &Table, origins: &BTreeMap<Key, Origin>) -> Vec<SettingsProblem>;
}

impl Family for Settings {
    const PRESETS: &'static [(&'static str, &'static str)] = &presets::PRESETS;

    fn defaults() -> Result<Table, toml::ser::Error> {
        Table::try_from(Self::default())
    }

    fn from_table(values: Table) -> Result<Self, toml::de::Error> {
        values.try_into()
    }

    fn to_text(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }

    fn problems(&self, values: &Table, origins: &BTreeMap<Key, Origin>) -> Vec<SettingsProblem> {
        check::rules(self, values, origins)
    }
}

/// What decides a demo: its data set, and the run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DemoSettings {
    /// The settings of the run.
    pub run: Settings,
    /// The data set that is made.
    pub demo: FaceSettings,
}

/// The table that stands beside the run's.
const DEMO: &str = "demo";

impl DemoSettings {
    fn demo_table(&self) -> Result<Table, toml::ser::Error> {
        let demo = Value::try_from(&self.demo)?;
        Ok(Table::from_iter([(DEMO.to_owned(), demo)]))
    }
}

impl Family for DemoSettings {
    const PRESETS: &'static [(&'static str, &'static str)] = &presets::PRESETS;

    fn defaults() -> Result<Table, toml::ser::Error> {
        let mut table = Settings::defaults()?;
        table.extend(Self::default().demo_table()?);
        Ok(table)
    }

    fn from_table(mut values: Table) -> Result<Self, toml::de::Error> {
        let demo = values.remove(DEMO).unwrap_or(Value::Table(Table::new()));
        Ok(Self {
            run: values.try_into()?,
            demo: demo.try_into()?,
        })
    }

    fn to_text(&self) -> Result<String, toml::ser::Error> {
        Ok(self.run.to_text()? + "\n" + &toml::to_string(&self.demo_table()?)?)
    }

    fn problems(&self, values: &Table, origins: &BTreeMap<Key, Origin>) -> Vec<SettingsProblem> {
        check::rules(&self.run, values, origins)
    }
}

/// What a user settles once for all runs: how the review looks, and its keys.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnSettings {
    /// How the review looks, and its keys.
    pub review: ReviewSettings,
}

impl Family for OwnSettings {
    const PRESETS: &'static [(&'static str, &'static str)] = &[];

    fn defaults() -> Result<Table, toml::ser::Error> {
        Table::try_from(Self::default())
    }

    fn from_table(values: Table) -> Result<Self, toml::de::Error> {
        values.try_into()
    }

    fn to_text(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }

    fn problems(&self, values: &Table, origins: &BTreeMap<Key, Origin>) -> Vec<SettingsProblem> {
        let conflict = check::key_conflict(&self.review, values, origins);
        conflict.into_iter().collect()
    }
}
