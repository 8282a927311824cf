//! How defaults, a preset or file, `--set` and flags become one set of values.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use camino::Utf8Path;
use serde::Serialize;
use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

use super::key::leaves;
use super::{
    DemoSettings, Family, Key, Origin, Settings, SettingsError, SettingsProblem,
    SettingsProblemKind, check, presets, retired,
};

/// Settings in the making; a later layer overrides an earlier one, key by key. Problems are collected until
/// [`Self::resolve`].
#[derive(Debug)]
pub struct Layers<S = Settings> {
    defaults: Table,
    merged: Table,
    origins: BTreeMap<Key, Origin>,
    problems: Vec<SettingsProblem>,
    /// What is to be said of retired keys.
    words: Vec<String>,
    family: PhantomData<S>,
}

/// Settings as a run uses them, and where each value comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved<S = Settings> {
    /// The values.
    pub settings: S,
    /// What is to be said of keys of a file that are no settings any more, a line each.
    pub words: Vec<String>,
    /// Origins of the values that are not defaults.
    pub(super) origins: BTreeMap<Key, Origin>,
}

impl Resolved<DemoSettings> {
    /// The settings of the demo's run.
    pub fn run(&self) -> Resolved {
        Resolved {
            settings: self.settings.run.clone(),
            words: Vec::new(),
            origins: self.origins.clone(),
        }
    }
}

impl<S> Resolved<S> {
    /// Where the value of a key comes from.
    pub fn origin(&self, key: &Key) -> &Origin {
        self.origins.get(key).unwrap_or(&Origin::Default)
    }
}

/// What the defaults say about a key.
enum Place<'a> {
    /// A value, whose kind is to be kept.
    Value(&'a Value),
    /// A table, whose own keys are to be written.
    Table,
    /// A key of a table that is empty by default, which takes any key with a text.
    Free,
    /// Nothing.
    Unknown,
}

impl<S: Family> Default for Layers<S> {
    /// The defaults alone.
    ///
    /// # Panics
    /// The stages' defaults cannot be written as TOML: a mistake in the program that a test finds.
    fn default() -> Self {
        let defaults = S::defaults().expect("defaults are numbers, texts and tables");
        Self {
            merged: defaults.clone(),
            defaults,
            origins: BTreeMap::new(),
            problems: Vec::new(),
            words: Vec::new(),
            family: PhantomData,
        }
    }
}

impl Layers {
    /// The defaults of a run alone.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<S: Family> Layers<S> {
    /// Lays a `--config` over what is there: a file if the argument has a folder or an extension, else a preset.
    #[must_use]
    pub fn config(mut self, argument: &str) -> Self {
        if presets::is_file(argument) {
            match fs_err::read_to_string(argument) {
                Ok(text) => self.text(&text, |line| Origin::File {
                    path: Utf8Path::new(argument).to_owned(),
                    line,
                }),
                Err(source) => self.problem(None, SettingsProblemKind::Unreadable { source }),
            }
        } else if let Some((name, text)) = S::PRESETS.iter().find(|(name, _)| *name == argument) {
            self.text(text, |line| Origin::Preset { name, line });
        } else {
            let kind = SettingsProblemKind::UnknownPreset {
                name: argument.to_owned(),
                known: S::PRESETS.iter().map(|(name, _)| *name).collect(),
            };
            self.problem(Some(Origin::Flag { name: "--config" }), kind);
        }
        self
    }

    /// Lays a `--set` over what is there: `key=value`, the value as TOML, or any text where a text is wanted.
    #[must_use]
    pub fn set(mut self, assignment: &str) -> Self {
        let parts = assignment.split_once('=');
        let parts = parts.and_then(|(key, value)| Some((Key::parse(key.trim())?, value.trim())));
        let Some((key, text)) = parts else {
            let text = assignment.to_owned();
            self.problem(
                Some(Origin::Set),
                SettingsProblemKind::NotAnAssignment { text },
            );
            return self;
        };
        let bare = || Value::String(text.to_owned());
        let wants_text = matches!(
            self.place(&key),
            Place::Free | Place::Value(Value::String(_))
        );
        let value = match text.parse::<Value>() {
            Ok(value) if wants_text && !value.is_str() => bare(),
            Ok(value) => value,
            Err(_) => bare(),
        };
        let mut table = Table::new();
        key.put(&mut table, value);
        for (key, value) in leaves(&table) {
            self.lay(key, value, Origin::Set);
        }
        self
    }

    /// Lays a flag over what is there, if it was given; `key` is dotted.
    #[must_use]
    pub fn flag(mut self, name: &'static str, key: &str, value: Option<impl Into<Value>>) -> Self {
        if let (Some(value), Some(key)) = (value, Key::parse(key)) {
            self.lay(key, value.into(), Origin::Flag { name });
        }
        self
    }

    /// Lays a stage's settings over what is there, as if a flag had said each of them.
    ///
    /// # Panics
    /// The settings cannot be written as TOML: a mistake in the program.
    #[must_use]
    pub fn stage(mut self, name: &'static str, stage: &str, settings: &impl Serialize) -> Self {
        let value = Value::try_from(settings).expect("settings are numbers, texts and tables");
        let table = Table::from_iter([(stage.to_owned(), value)]);
        for (key, value) in leaves(&table) {
            self.lay(key, value, Origin::Flag { name });
        }
        self
    }

    /// The settings, checked.
    ///
    /// # Errors
    /// Everything that is wrong in any layer: unknown keys and values of the wrong kind; and where there are none,
    /// numbers out of range and values that the stages refuse; and where there are none, values that do not go together.
    pub fn resolve(self) -> Result<Resolved<S>, SettingsError> {
        let Self {
            defaults,
            merged,
            origins,
            mut problems,
            words,
            family: _,
        } = self;
        if problems.is_empty() {
            problems = check::ranges(&merged, &origins);
            problems.extend(refused::<S>(&defaults, &merged, &origins, &problems));
        }
        if !problems.is_empty() {
            return Err(SettingsError { problems });
        }
        let settings = S::from_table(merged.clone()).map_err(|source| SettingsError {
            problems: vec![SettingsProblem {
                origin: None,
                kind: SettingsProblemKind::Unfit { source },
            }],
        })?;
        let problems = settings.problems(&merged, &origins);
        if problems.is_empty() {
            Ok(Resolved {
                settings,
                words,
                origins,
            })
        } else {
            Err(SettingsError { problems })
        }
    }

    fn text(&mut self, text: &str, origin: impl Fn(usize) -> Origin) {
        let parsed = DeTable::parse(text).and_then(|spanned| Ok((text.parse::<Table>()?, spanned)));
        let (table, spanned) = match parsed {
            Ok(parsed) => parsed,
            Err(source) => {
                let line = source.span().map_or(1, |span| line(text, span.start));
                self.problem(Some(origin(line)), SettingsProblemKind::Syntax { source });
                return;
            }
        };
        let starts = spans(spanned.get_ref());
        let mut values: Vec<(usize, Key, Value)> = leaves(&table)
            .into_iter()
            .map(|(key, value)| (starts.get(&key).map_or(0, |span| span.key), key, value))
            .collect();
        // As the file has them, so that its problems are told from top to bottom.
        values.sort_by_key(|(start, ..)| *start);
        for (start, key, value) in values {
            self.lay(key, value, origin(line(text, start)));
        }
    }

    fn lay(&mut self, key: Key, value: Value, origin: Origin) {
        let wrong = |key, expected, value: Value| SettingsProblemKind::WrongType {
            key,
            expected,
            found: value.type_str(),
            value,
        };
        let fitted = match self.place(&key) {
            Place::Value(default) => fit(default, value)
                .map_err(|value| wrong(key.clone(), article(default.type_str()), value)),
            Place::Free if value.is_str() => Ok(value),
            Place::Free => Err(wrong(key.clone(), article("string"), value)),
            Place::Table if value.is_table() => return,
            Place::Table => Err(wrong(key.clone(), article("table"), value)),
            Place::Unknown => {
                let retired = retired::find(&key, &self.defaults);
                if let Some(retired) = retired.filter(|_| is_from_file(&origin)) {
                    let words = retired.words(&key, &value);
                    self.words
                        .extend(words.map(|words| format!("{origin}: {words}")));
                    return;
                }
                let known: Vec<Key> = leaves(&self.defaults)
                    .into_iter()
                    .map(|(key, _)| key)
                    .collect();
                Err(SettingsProblemKind::UnknownKey {
                    nearest: key.nearest(&known).cloned(),
                    key: key.clone(),
                })
            }
        };
        match fitted {
            Ok(value) => {
                key.put(&mut self.merged, value);
                self.origins.insert(key, origin);
            }
            Err(kind) => self.problem(Some(origin), kind),
        }
    }

    fn place(&self, key: &Key) -> Place<'_> {
        let mut table = &self.defaults;
        let Some((last, above)) = key.parts().split_last() else {
            return Place::Unknown;
        };
        for name in above {
            match table.get(name) {
                Some(Value::Table(inner)) if inner.is_empty() && above.len() == 1 => {
                    return Place::Free;
                }
                Some(Value::Table(inner)) => table = inner,
                Some(_) | None => return Place::Unknown,
            }
        }
        match table.get(last) {
            Some(Value::Table(_)) => Place::Table,
            Some(value) => Place::Value(value),
            None => Place::Unknown,
        }
    }

    fn problem(&mut self, origin: Option<Origin>, kind: SettingsProblemKind) {
        self.problems.push(SettingsProblem { origin, kind });
    }
}

/// Whether a value stands in a file, which may be of another version or speak of more than what is wanted.
fn is_from_file(origin: &Origin) -> bool {
    matches!(origin, Origin::File { .. } | Origin::Preset { .. })
}

/// The value if it is of the default's kind; a whole number may stand for a float.
fn fit(default: &Value, value: Value) -> Result<Value, Value> {
    match (default, value) {
        (Value::Float(_), Value::Integer(number)) => Ok(Value::Float(number as f64)),
        (default, value) if default.same_type(&value) => Ok(value),
        (_, value) => Err(value),
    }
}

fn article(kind: &'static str) -> &'static str {
    match kind {
        "integer" => "a whole number",
        "float" => "a number",
        "boolean" => "true or false",
        "string" => "a text",
        "array" => "a list",
        "table" => "a table",
        other => other,
    }
}

/// Values that a stage does not take, such as an unknown name: each is tried alone on the defaults.
fn refused<S: Family>(
    defaults: &Table,
    merged: &Table,
    origins: &BTreeMap<Key, Origin>,
    known: &[SettingsProblem],
) -> Vec<SettingsProblem> {
    let is_known = |key: &Key| {
        known.iter().any(|problem| {
            matches!(&problem.kind, SettingsProblemKind::OutOfRange { key: other, .. } if other == key)
        })
    };
    let mut problems = Vec::new();
    for (key, origin) in origins.iter().filter(|(key, _)| !is_known(key)) {
        let Some(value) = key.get(merged) else {
            continue;
        };
        let mut alone = defaults.clone();
        key.put(&mut alone, value.clone());
        if let Err(error) = S::from_table(alone) {
            problems.push(SettingsProblem {
                origin: Some(origin.clone()),
                kind: SettingsProblemKind::Refused {
                    key: key.clone(),
                    value: value.clone(),
                    reason: error.message().to_owned(),
                },
            });
        }
    }
    problems
}

/// Where a key and its value stand in a text, in bytes.
pub(super) struct Span {
    /// First byte of the key.
    pub(super) key: usize,
    /// First byte after the value; none for an empty table.
    pub(super) value_end: Option<usize>,
}

/// The places of all values, and of empty tables.
pub(super) fn spans(table: &DeTable<'_>) -> BTreeMap<Key, Span> {
    fn walk(table: &DeTable<'_>, above: Option<&Key>, found: &mut BTreeMap<Key, Span>) {
        for (name, value) in table {
            let text = name.get_ref();
            let key = above.map_or_else(|| Key::top(text), |above| above.child(text));
            match value.get_ref() {
                DeValue::Table(inner) if !inner.is_empty() => walk(inner, Some(&key), found),
                value_or_empty => {
                    let is_value = !value_or_empty.is_table();
                    let span = Span {
                        key: name.span().start,
                        value_end: is_value.then(|| value.span().end),
                    };
                    found.insert(key, span);
                }
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(table, None, &mut found);
    found
}

/// The line of a byte, from 1.
fn line(text: &str, byte: usize) -> usize {
    let before = text.get(..byte).unwrap_or(text);
    1 + before.matches('\n').count()
}
