use camino::Utf8PathBuf;
use proptest::prelude::*;

use super::*;

fn folder() -> (tempfile::TempDir, Utf8PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
    (folder, path)
}

fn entry(id: &str, action: Action, label: Option<&str>) -> Entry {
    Entry {
        id: id.to_owned(),
        action,
        label: label.map(str::to_owned),
        note: None,
        blind: false,
        adjudication: false,
    }
}

#[test]
fn lines_are_read_as_they_are_documented() {
    let (_keep, folder) = folder();
    let text = r#"{"version":1,"at":"2026-11-24T16:00:00Z","reviewer":"anna","id":"v/1","run":"f","action":"relabel","label":"sad","note":null,"blind":true,"adjudication":false}
{"version":1,"at":"2026-11-24T16:00:02Z","reviewer":"anna","id":"v/1","run":"f","action":"clear"}
"#;
    fs_err::write(folder.join("decisions-anna.jsonl"), text).unwrap();
    fs_err::write(folder.join("videos.parquet"), "no journal").unwrap();
    let lines = read(&folder).unwrap();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0].label.as_deref(), Some("sad"));
    assert!(lines[0].blind && lines[0].note.is_none());
    assert_eq!(lines[1].action, Action::Clear);
    assert_eq!(Book::replay(&lines), Book::default());
}

#[test]
fn a_torn_line_is_passed_over_and_cut_off_by_the_next_writer() {
    let (_keep, folder) = folder();
    let path = folder.join("decisions.jsonl");
    let mut writer = JournalWriter::open(&folder, "", "f").unwrap();
    writer.append(&[entry("a", Action::Keep, None)]).unwrap();
    drop(writer);
    let whole = fs_err::read(&path).unwrap();
    for cut in 0..whole.len() {
        fs_err::write(&path, [&whole[..], &whole[..cut]].concat()).unwrap();
        assert_eq!(read(&folder).unwrap().len(), 1, "cut at {cut}");
        let mut writer = JournalWriter::open(&folder, "", "f").unwrap();
        writer.append(&[entry("b", Action::Drop, None)]).unwrap();
        drop(writer);
        let ids: Vec<String> = read(&folder).unwrap().into_iter().map(|l| l.id).collect();
        assert_eq!(ids, ["a", "b"], "cut at {cut}");
    }
}

#[test]
fn damaged_and_newer_lines_are_named() {
    let (_keep, folder) = folder();
    fs_err::write(folder.join("decisions.jsonl"), "{}\n").unwrap();
    assert!(matches!(
        read(&folder),
        Err(JournalError::Line { line: 1, .. })
    ));
    fs_err::write(folder.join("decisions.jsonl"), "\n{\"version\":2}\n").unwrap();
    let error = read(&folder).unwrap_err();
    assert!(matches!(
        error,
        JournalError::Newer {
            line: 2,
            found: 2,
            ..
        }
    ));
    assert!(error.to_string().contains("use a newer rdfer-audit"));
}

#[test]
fn one_writer_at_a_time() {
    let (_keep, folder) = folder();
    let first = JournalWriter::open(&folder, "anna", "f").unwrap();
    assert!(matches!(
        JournalWriter::open(&folder, "anna", "f"),
        Err(JournalError::Busy { .. })
    ));
    JournalWriter::open(&folder, "ben", "f").unwrap();
    drop(first);
    JournalWriter::open(&folder, "anna", "f").unwrap();
}

#[test]
fn a_journal_that_cannot_be_written_is_told_before_the_review() {
    let (_keep, folder) = folder();
    fs_err::create_dir(folder.join("decisions.jsonl")).unwrap();
    let error = JournalWriter::open(&folder, "", "f").unwrap_err();
    assert!(matches!(error, JournalError::ReadOnly { .. }), "{error}");
    assert!(matches!(
        JournalWriter::open(&folder, "../anna", "f"),
        Err(JournalError::Name { .. })
    ));
}

#[test]
fn journals_are_read_by_time_and_each_in_its_own_order() {
    let (_keep, folder) = folder();
    let line = |at: &str, reviewer: &str, id: &str| {
        format!(
            r#"{{"version":1,"at":"2026-11-24T{at}Z","reviewer":"{reviewer}","id":"{id}","run":"f","action":"keep"}}"#
        ) + "\n"
    };
    let anna = line("16:00:00", "anna", "1") + &line("16:00:09", "anna", "3");
    // The clock was set back between ben's lines.
    let ben = line("16:00:05", "ben", "2") + &line("15:00:00", "ben", "2b");
    fs_err::write(folder.join("decisions-anna.jsonl"), anna).unwrap();
    fs_err::write(folder.join("decisions-ben.jsonl"), ben).unwrap();
    let ids: Vec<String> = read(&folder).unwrap().into_iter().map(|l| l.id).collect();
    assert_eq!(ids, ["1", "2", "2b", "3"]);
}

#[test]
fn disputes_and_rulings() {
    let mut book = Book::default();
    book.apply("anna", &entry("v", Action::Keep, Some("sad")));
    book.apply("ben", &entry("v", Action::Keep, None));
    book.apply("cleo", &entry("v", Action::Skip, None));
    assert!(!book.is_disputed("v", "sad"));
    book.apply("ben", &entry("v", Action::Relabel, Some("happy")));
    assert!(book.is_disputed("v", "sad"));
    let mut ruling = entry("v", Action::Keep, None);
    ruling.adjudication = true;
    book.apply("anna", &ruling);
    assert!(book.was_disputed("v", "sad") && !book.is_disputed("v", "sad"));
    assert_eq!(book.reviewers(), ["anna", "ben", "cleo"]);
    let anna = book.standing("anna", "v").unwrap();
    assert!(
        anna.vote.is_some() && anna.ruling.is_some(),
        "the vote is kept"
    );
}

fn any_entry() -> impl Strategy<Value = Entry> {
    (
        0..4_usize,
        0..Action::ALL.len(),
        prop::option::of("[ab]"),
        prop::option::of("[xy]{0,2}"),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(id, action, label, note, blind, adjudication)| {
            let action = Action::ALL[action];
            let label = match action {
                Action::Relabel => Some(label.unwrap_or_else(|| "a".to_owned())),
                Action::Keep | Action::Ambiguous => label,
                _ => None,
            };
            Entry {
                id: format!("v{id}"),
                action,
                label,
                note: (action == Action::Note).then(|| note.unwrap_or_default()),
                blind,
                adjudication,
            }
        })
}

proptest! {
    #[test]
    fn the_inverse_takes_any_entry_back(entries in prop::collection::vec(any_entry(), 0..30)) {
        let mut book = Book::default();
        let mut history = Vec::new();
        for entry in &entries {
            history.push((book.clone(), book.inverse("anna", entry)));
            book.apply("anna", entry);
        }
        while let Some((before, inverse)) = history.pop() {
            book.apply("anna", &inverse);
            prop_assert_eq!(&book, &before);
        }
    }

    #[test]
    fn what_is_written_is_what_is_read(entries in prop::collection::vec(any_entry(), 1..12)) {
        let (_keep, folder) = folder();
        let mut book = Book::default();
        let mut writer = JournalWriter::open(&folder, "anna", "f").unwrap();
        for chunk in entries.chunks(3) {
            let lines = writer.append(chunk).unwrap();
            prop_assert_eq!(lines.len(), chunk.len());
            for entry in chunk {
                book.apply("anna", entry);
            }
        }
        prop_assert_eq!(Book::replay(&read(&folder).unwrap()), book);
    }
}
