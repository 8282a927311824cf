//! Keys of the settings: dotted paths into a TOML table.

use std::fmt;

use strsim::levenshtein;
use toml::{Table, Value};

/// A dotted path such as `train.epochs`, never empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(Vec<String>);

impl Key {
    /// Reads a key as TOML writes it: `train.epochs`, `labels.0`, `labels."not sure"`; a label also without quotes.
    pub fn parse(text: &str) -> Option<Self> {
        // A line break would smuggle in a second line.
        if text.contains(['\n', '\r', '=', '#']) {
            return None;
        }
        match format!("{text} = 0").parse::<Table>() {
            Ok(table) => {
                let [(key, _)] = <[_; 1]>::try_from(leaves(&table)).ok()?;
                Some(key)
            }
            // Labels are called as people like.
            Err(_no_toml) => {
                let label = text
                    .strip_prefix("labels.")
                    .filter(|label| !label.contains('"'))?;
                Some(Self(vec!["labels".to_owned(), label.to_owned()]))
            }
        }
    }

    /// The names on the path.
    pub(super) fn parts(&self) -> &[String] {
        &self.0
    }

    /// The value at the path.
    pub(super) fn get<'a>(&self, table: &'a Table) -> Option<&'a Value> {
        let (last, tables) = self.0.split_last()?;
        let enter = |table: &'a Table, name: &String| table.get(name).and_then(Value::as_table);
        let holder = tables.iter().try_fold(table, enter)?;
        holder.get(last)
    }

    /// Puts a value at the path; what stands in its way is replaced.
    pub(super) fn put(&self, table: &mut Table, value: Value) {
        let mut holder = table;
        for (index, name) in self.0.iter().enumerate() {
            if index + 1 == self.0.len() {
                holder.insert(name.clone(), value);
                return;
            }
            let entry = holder
                .entry(name.clone())
                .or_insert_with(|| Value::Table(Table::new()));
            let Value::Table(inner) = entry else { return };
            holder = inner;
        }
    }

    /// The key of something in the table at this path.
    pub(super) fn child(&self, name: &str) -> Self {
        let mut parts = self.0.clone();
        parts.push(name.to_owned());
        Self(parts)
    }

    /// The key of something at the top.
    pub(super) fn top(name: &str) -> Self {
        Self(vec![name.to_owned()])
    }

    /// The most similar of the known keys, if any is similar enough to be meant.
    pub(super) fn nearest<'a>(&self, known: &'a [Self]) -> Option<&'a Self> {
        let whole = self.to_string();
        let last = self.0.last()?;
        let distance = |other: &Self| {
            let as_whole = levenshtein(&whole, &other.to_string());
            // Right name, wrong or no table.
            let by_name = other
                .0
                .last()
                .map_or(usize::MAX, |name| levenshtein(last, name) * 2 + 1);
            as_whole.min(by_name)
        };
        known
            .iter()
            .map(|other| (distance(other), other))
            .min_by_key(|(distance, _)| *distance)
            .filter(|(distance, _)| *distance <= 1 + whole.len() / 4)
            .map(|(_, other)| other)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_bare = |part: &str| {
            let plain =
                |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
            !part.is_empty() && part.chars().all(plain)
        };
        for (index, part) in self.0.iter().enumerate() {
            if index > 0 {
                formatter.write_str(".")?;
            }
            if is_bare(part) {
                formatter.write_str(part)?;
            } else {
                write!(formatter, "{}", Value::String(part.clone()))?;
            }
        }
        Ok(())
    }
}

/// All values of a table with their keys; an empty table counts as a value.
pub(super) fn leaves(table: &Table) -> Vec<(Key, Value)> {
    fn walk(key: &Key, value: &Value, found: &mut Vec<(Key, Value)>) {
        match value {
            Value::Table(table) if !table.is_empty() => {
                for (name, value) in table {
                    walk(&key.child(name), value, found);
                }
            }
            value => found.push((key.clone(), value.clone())),
        }
    }
    let mut found = Vec::new();
    for (name, value) in table {
        walk(&Key::top(name), value, &mut found);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Key {
        Key::parse(text).unwrap()
    }

    #[test]
    fn keys_are_read_as_toml_and_written_back() {
        for text in ["seed", "train.epochs", "labels.0", "labels.\"not sure\""] {
            assert_eq!(key(text).to_string(), text);
        }
        assert_eq!(key("labels.\"a.b\"").parts(), ["labels", "a.b"]);
        for text in ["", "a..b", "a b", "a = 1\nb", ".a", "a#"] {
            assert_eq!(Key::parse(text), None, "{text}");
        }
    }

    #[test]
    fn values_are_put_and_got() {
        let mut table = Table::new();
        key("a.b.c").put(&mut table, Value::Integer(1));
        key("a.d").put(&mut table, Value::Integer(2));
        assert_eq!(key("a.b.c").get(&table), Some(&Value::Integer(1)));
        assert_eq!(key("a.b.c.d").get(&table), None);
        assert_eq!(leaves(&table).len(), 2);
    }

    #[test]
    fn the_nearest_key_is_the_one_that_was_meant() {
        let known = ["train.epochs", "train.batch_size", "video.size", "seed"].map(key);
        let nearest = |text: &str| key(text).nearest(&known).map(ToString::to_string);
        assert_eq!(nearest("trian.epochs").as_deref(), Some("train.epochs"));
        assert_eq!(nearest("epochs").as_deref(), Some("train.epochs"));
        assert_eq!(
            nearest("training.batchsize").as_deref(),
            Some("train.batch_size")
        );
        assert_eq!(nearest("seeds").as_deref(), Some("seed"));
        assert_eq!(nearest("colour"), None);
    }
}
