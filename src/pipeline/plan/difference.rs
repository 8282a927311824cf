//! What is different in another plan, or in other settings, in a few words.

use std::collections::BTreeMap;

use super::Plan;
use crate::settings::Settings;

/// Settings that decide nothing of what a network learns.
const FREE: [&str; 3] = ["threads", "device", "train.repeats"];

/// The settings that differ, each with what it was and what it is.
pub(crate) fn of_settings(old: &Settings, new: &Settings) -> Vec<String> {
    different(old, new, &[])
}

fn different(old: &Settings, new: &Settings, free: &[&str]) -> Vec<String> {
    let (old, new) = (leaves(old), leaves(new));
    let mut keys: Vec<&String> = old.keys().chain(new.keys()).collect();
    keys.sort();
    keys.dedup();
    let value = |of: &BTreeMap<String, String>, key: &String| {
        of.get(key).map_or("unknown".to_owned(), String::clone)
    };
    keys.into_iter()
        .filter(|key| !free.contains(&key.as_str()) && old.get(*key) != new.get(*key))
        .map(|key| {
            format!(
                "'{key}' was {} and is {}",
                value(&old, key),
                value(&new, key)
            )
        })
        .collect()
}

impl Plan {
    /// What is different in another plan, in a few words.
    pub(super) fn difference(&self, other: &Self) -> String {
        let mut differences = different(&self.settings, &other.settings, &FREE);
        let digest = |plan: &Self| plan.weights.as_ref().map(|weights| weights.digest.clone());
        if digest(self) != digest(other) {
            differences.push("the weights that the backbones start from are others".to_owned());
        }
        let (was, is) = (self.videos.id.len(), other.videos.id.len());
        if was != is {
            differences.push(format!("there were {was} videos and are {is}"));
        } else if self.fingerprint != other.fingerprint {
            differences.push("videos, labels or groups are others".to_owned());
        }
        let learnt = |plan: &Self| plan.earlier.as_ref().map(|earlier| earlier.told.clone());
        let others = (&other.videos.lessons, &other.videos.left_out);
        if learnt(self) != learnt(other) || (&self.videos.lessons, &self.videos.left_out) != others
        {
            differences.push("what is learnt from an earlier run is another".to_owned());
        }
        if differences.is_empty() {
            differences.push("the program's version is another".to_owned());
        }
        differences.join("; ")
    }
}

/// All values of the settings, by their dotted path.
fn leaves(settings: &Settings) -> BTreeMap<String, String> {
    fn walk(path: &str, value: &serde_json::Value, found: &mut BTreeMap<String, String>) {
        match value {
            serde_json::Value::Object(members) => {
                for (name, value) in members {
                    let dot = if path.is_empty() { "" } else { "." };
                    walk(&format!("{path}{dot}{name}"), value, found);
                }
            }
            value => {
                found.insert(path.to_owned(), value.to_string());
            }
        }
    }
    let mut found = BTreeMap::new();
    let value = serde_json::to_value(settings).unwrap_or_default();
    walk("", &value, &mut found);
    found
}
