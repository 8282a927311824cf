//! Settings as TOML with each value's origin, for `--print-config` and the run folder.

use toml::de::DeTable;

use super::resolve::spans;
use super::{Family, Resolved};

/// Column at which the origins start, where the values leave room.
const ORIGIN_COLUMN: usize = 36;

impl<S: Family> Resolved<S> {
    /// TOML with all keys and `# origin` behind each value; `--config` reads it back to the same settings.
    ///
    /// # Panics
    /// The settings cannot be written as TOML: a mistake in the program, since they were read from TOML.
    pub fn to_toml(&self) -> String {
        let text = self.settings.to_text().expect("settings came from TOML");
        let parsed = DeTable::parse(&text).expect("the text was just written as TOML");
        // From the end on, so that earlier places stay right.
        let mut ends: Vec<(usize, String)> = spans(parsed.get_ref())
            .into_iter()
            .filter_map(|(key, span)| Some((span.value_end?, self.origin(&key).to_string())))
            .collect();
        ends.sort();
        let mut printed = text.clone();
        for (end, origin) in ends.into_iter().rev() {
            let start = text
                .get(..end)
                .and_then(|before| before.rfind('\n'))
                .map_or(0, |at| at + 1);
            let width = text.get(start..end).map_or(0, |line| line.chars().count());
            let space = ORIGIN_COLUMN.saturating_sub(width).max(2);
            printed.insert_str(end, &format!("{:space$}# {origin}", ""));
        }
        printed
    }
}
