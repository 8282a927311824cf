//! What was decided in one run, for another run of the same videos.

use camino::Utf8Path;

use super::line::Line;
use super::reader::lines;
use super::writer::JournalWriter;
use super::{JournalError, journals};

/// Appends the lines of the journals in the folder `from` to those of the same names in `to`, as they are, as far as they are not
/// there; nothing is changed that was decided in `to` since.
///
/// # Errors
/// A journal cannot be read, is damaged, or cannot be written.
pub fn hand_on(from: &Utf8Path, to: &Utf8Path) -> Result<(), JournalError> {
    for path in journals(from)? {
        let name = path.file_name().unwrap_or_default();
        let own = to.join(name);
        let there = if own.exists() {
            lines(&own)?
        } else {
            Vec::new()
        };
        let is_new = |line: &Line| {
            let mut same = there.iter().filter(|other| other.id == line.id);
            same.all(|other| other.at < line.at)
        };
        let lines: Vec<Line> = lines(&path)?.into_iter().filter(is_new).collect();
        if let Some(first) = lines.first() {
            let stem = name.trim_end_matches(".jsonl");
            let reviewer = stem.strip_prefix("decisions-").unwrap_or_default();
            JournalWriter::open(to, reviewer, &first.run)?.append_lines(&lines)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Action, Book, Entry, read};

    fn entry(id: &str, action: Action) -> Entry {
        Entry {
            id: id.to_owned(),
            action,
            label: None,
            note: None,
            blind: false,
            adjudication: false,
        }
    }

    #[test]
    fn decisions_go_on_once_and_later_ones_stay() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        let (from, to) = (root.join("from"), root.join("to"));
        for folder in [&from, &to] {
            fs_err::create_dir(folder).unwrap();
        }
        let say = |folder: &Utf8Path, who: &str, id: &str, action| {
            let mut journal = JournalWriter::open(folder, who, "f00d").unwrap();
            journal.append(&[entry(id, action)]).unwrap();
        };
        say(&from, "", "a", Action::Keep);
        say(&from, "anna", "a", Action::Drop);
        say(&from, "anna", "b", Action::Bookmark);
        for _ in 0..2 {
            hand_on(&from, &to).unwrap();
            assert_eq!(read(&to).unwrap(), read(&from).unwrap());
        }
        // Decided again here, and meanwhile something else there.
        say(&to, "anna", "a", Action::Keep);
        say(&from, "anna", "c", Action::Drop);
        hand_on(&from, &to).unwrap();
        let book = Book::replay(&read(&to).unwrap());
        let outcome = |id: &str| book.settled(id, "sad").map(|settled| settled.voters);
        assert_eq!(
            (outcome("a"), outcome("b"), outcome("c")),
            (Some(2), None, Some(1))
        );
        assert!(!book.is_disputed("a", "sad"));
        assert!(book.standing("anna", "b").unwrap().is_bookmarked);
    }
}
