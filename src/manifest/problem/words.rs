//! Parts of what is told of problems.

use camino::Utf8Path;

pub(super) fn list(values: &[String]) -> String {
    let quoted: Vec<String> = values.iter().map(|value| format!("'{value}'")).collect();
    quoted.join(", ")
}

pub(super) fn place(row: Option<u64>, path: &str) -> String {
    match row {
        Some(row) => format!("line {row}"),
        None => format!("'{path}'"),
    }
}

pub(super) fn lie_in(places: &[String]) -> String {
    let quoted: Vec<String> = places.iter().map(|place| format!("in '{place}'")).collect();
    quoted.join(" and ")
}

pub(super) fn instead(found: Option<&String>) -> String {
    found.map_or_else(String::new, |found| format!(" but {found}"))
}

pub(super) fn missing_remedy(path: &Utf8Path, written: &str) -> String {
    if written.contains("://") {
        "it is an address: fetch the file, and write where it lies, or say so with '--replace-prefix OLD=NEW'"
            .to_owned()
    } else if written.starts_with('~') || written.starts_with('$') {
        "nothing stands for '~' or '$' in a list: write the whole path, or '--replace-prefix OLD=NEW'"
            .to_owned()
    } else if path.as_str().contains('\\')
        && written.get(1..2) != Some(":")
        && std::path::MAIN_SEPARATOR == '/'
    {
        "write '/' between folders instead of '\\'".to_owned()
    } else if Utf8Path::new(written).is_absolute() || written.get(1..2) == Some(":") {
        "correct the row, or say what its beginning is here, with '--replace-prefix OLD=NEW'"
            .to_owned()
    } else {
        "correct the row, or say with '--root' where paths start".to_owned()
    }
}

pub(super) fn folds_remedy(units: usize) -> String {
    if units < 2 {
        "add videos to the class, or leave it out".to_owned()
    } else {
        format!("use '--folds {units}', add videos to the class, or leave it out")
    }
}

/// What to do about rows without a label; the flag is there only where a data set is read.
pub(super) fn unlabeled_remedy(words_only: bool) -> &'static str {
    if words_only {
        "write the class, or remove the row"
    } else {
        "write the class, or leave such rows out with '--unlabeled skip'"
    }
}

pub(super) fn class_remedy(words_only: bool) -> &'static str {
    if words_only {
        ""
    } else {
        ", or keep the word as a class with '--unlabeled class'"
    }
}
