//! Which settings of two runs are different.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::rows::run::RunCard;

/// Groups of settings that decide nothing of a run.
const ASIDE: [&str; 2] = ["review", "demo"];

/// A setting that is different.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SettingChange {
    /// Its name as `--set` takes it, or the name of a fact of the run.
    pub name: String,
    /// The other run's value; nothing where it has no such setting.
    pub before: Option<String>,
    /// This run's value; nothing where it has no such setting.
    pub now: Option<String>,
}

pub(super) fn changes(now: &RunCard, before: &RunCard) -> Vec<SettingChange> {
    let (now, before) = (facts(now), facts(before));
    let mut names: Vec<&String> = now.keys().chain(before.keys()).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .filter(|name| now.get(*name) != before.get(*name))
        .map(|name| SettingChange {
            name: name.clone(),
            before: before.get(name).cloned(),
            now: now.get(name).cloned(),
        })
        .collect()
}

/// Every setting by its name, and what of the card decides a run besides.
fn facts(card: &RunCard) -> BTreeMap<String, String> {
    let mut facts = BTreeMap::from([
        ("(data set)".to_owned(), card.dataset.clone()),
        ("(version)".to_owned(), card.version.clone()),
        ("(libtorch)".to_owned(), card.libtorch.clone()),
        ("(device)".to_owned(), card.device.clone()),
        ("(classes)".to_owned(), card.labels.join(", ")),
    ]);
    if let Some(weights) = &card.weights {
        facts.insert("(weights)".to_owned(), weights.clone());
    }
    if let Some(features) = &card.features {
        facts.insert("(features)".to_owned(), features.sentence());
    }
    if let Some(earlier) = &card.earlier {
        facts.insert("(learns from)".to_owned(), earlier.run.clone());
    }
    for (name, value) in flat(&card.settings) {
        if !ASIDE.contains(&name.split('.').next().unwrap_or_default()) {
            facts.insert(name, value);
        }
    }
    facts
}

/// The values of nested settings by their path, such as `train.epochs`, in the settings' order.
pub(in crate::page) fn flat(settings: &Value) -> Vec<(String, String)> {
    let Value::Object(members) = settings else {
        return Vec::new();
    };
    let mut values = Vec::new();
    for (name, value) in members {
        match value {
            Value::Object(_) => values.extend(
                flat(value)
                    .into_iter()
                    .map(|(below, value)| (format!("{name}.{below}"), value)),
            ),
            Value::String(text) => values.push((name.clone(), text.clone())),
            value => values.push((name.clone(), value.to_string())),
        }
    }
    values
}
