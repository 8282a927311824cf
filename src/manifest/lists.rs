//! Lists in a folder: the `metadata` files of Hugging Face's video folders, and lists such as `train.csv` and `test.csv` that are
//! read together as one data set.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::columns::{COLUMNS, FIRST_LINE, METADATA, WORDS, Wanted};
use super::list::FrameCounts;
use super::listing::{ItemKind, here, list};
use super::reading::Reading;
use super::{
    Entries, Format, ManifestError, Problem, ProblemKind, format, parse_file, parts, splits,
};

/// The name, without extension, of the files in which Hugging Face's video folders have their labels.
const HUGGING_FACE: &str = "metadata";

/// Extensions of files that may hold labels, in lower case.
const EXTENSIONS: [&str; 8] = [
    "csv", "tsv", "tab", "txt", "lst", "jsonl", "json", "parquet",
];

/// Lists of one format in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lists {
    pub(super) format: Format,
    /// Relative to the folder.
    pub(super) files: Vec<Utf8PathBuf>,
    /// Whether they are those of a Hugging Face folder.
    pub(super) are_metadata: bool,
}

/// The lists of a folder: its `metadata` files, else the files in it whose header has the columns of a table, or that are named
/// as a side of a split.
///
/// # Errors
/// There are several, and nothing says that they belong together.
pub(super) fn find(folder: &Utf8Path) -> Result<Option<Lists>, ManifestError> {
    let is_metadata =
        |path: &Utf8Path| path.file_stem() == Some(HUGGING_FACE) && detect_list(path).is_some();
    let metadata = splits::find_files(folder, 2, &is_metadata);
    let (files, are_metadata) = if metadata.is_empty() {
        let items = list(folder, &mut Vec::new()).into_iter();
        let files = items.filter(|item| item.kind == ItemKind::File);
        let files = files.map(|item| item.path);
        (files.filter(|path| is_list(path)).collect(), false)
    } else {
        (metadata, true)
    };
    let mut lists: Vec<(Utf8PathBuf, Format)> = Vec::new();
    for path in files {
        if let Some(format) = detect_list(&path) {
            let path = path.strip_prefix(folder).unwrap_or(&path).to_owned();
            lists.push((path, format));
        }
    }
    let formats: Vec<Format> = lists.iter().map(|(_, format)| *format).collect();
    let names: Vec<String> = lists.iter().map(|(path, _)| path.to_string()).collect();
    let Some(format) = formats.first().copied() else {
        return Ok(None);
    };
    let sides: BTreeSet<Option<(String, String)>> =
        names.iter().map(|name| parts::side_of(name)).collect();
    let are_sides = sides.len() == lists.len() && !sides.contains(&None);
    let belong = lists.len() == 1 || are_metadata || are_sides;
    if !belong || formats.iter().any(|other| *other != format) {
        let kind = ProblemKind::SeveralLists { lists: names };
        return Err(ManifestError::one(folder, Problem { row: None, kind }));
    }
    let files = lists.into_iter().map(|(path, _)| path).collect();
    Ok(Some(Lists {
        format,
        files,
        are_metadata,
    }))
}

/// Whether the first video of a folder's lists is there, so that the lists speak of what lies in the folder.
pub(super) fn lead_somewhere(folder: &Utf8Path, lists: &Lists) -> bool {
    let reading = Reading {
        lists: lists.files.clone(),
        ..Reading::default()
    };
    let entries = read(folder, None, lists.format, &reading, true);
    let first = entries.list.first();
    first.is_some_and(|entry| !entry.path.is_empty() && folder.join(&entry.path).exists())
}

/// Reads the lists of a folder as one data set. Paths start at `root`, else each at its list's own folder.
pub(super) fn read(
    folder: &Utf8Path,
    root: Option<&Utf8Path>,
    format: Format,
    reading: &Reading,
    words_only: bool,
) -> Entries {
    let files: Vec<Utf8PathBuf> = reading.lists.iter().map(|file| folder.join(file)).collect();
    let parse = |path: &Utf8Path, text: &[u8]| {
        let own = path.parent().unwrap_or(folder);
        let start = root.unwrap_or(own);
        let exists = |path: &str| start.join(path).exists();
        let counts = FrameCounts {
            known: reading.frame_counts,
            exists: (!words_only).then_some(&exists as &dyn Fn(&str) -> bool),
        };
        let mut entries = parse_file(
            path,
            text,
            format,
            names_of(path, reading, words_only),
            counts,
        );
        if root.is_none() {
            let below = own.strip_prefix(folder).unwrap_or(Utf8Path::new(""));
            for entry in &mut entries.list {
                entry.path = beside(below, &entry.path);
            }
        }
        entries
    };
    let mut entries = splits::read(folder, &files, &parse);
    let names: Vec<String> = reading
        .lists
        .iter()
        .map(|file| format!("'{file}'"))
        .collect();
    entries.why = match names.len() {
        1 => format!("{}, in its file {}", entries.why, names[0]),
        _ => format!("{}, in its files {}", entries.why, names.join(", ")),
    };
    entries
}

/// The columns of a list: those of Hugging Face's files have other names first.
pub(super) fn names_of<'a>(path: &Utf8Path, reading: &'a Reading, words_only: bool) -> Wanted<'a> {
    let is_metadata = path.file_stem() == Some(HUGGING_FACE);
    Wanted {
        names: match (is_metadata, words_only) {
            (true, _) => METADATA,
            (false, true) => WORDS,
            (false, false) => COLUMNS,
        },
        given: &reading.columns,
        can_be_given: !words_only,
        header: FIRST_LINE,
    }
}

/// A path beside a list, from the folder in which `below` leads to the list; steps up are taken.
fn beside(below: &Utf8Path, path: &str) -> String {
    if below.as_str().is_empty() || path.trim().is_empty() || Utf8Path::new(path).is_absolute() {
        return path.to_owned();
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in below.as_str().split('/').chain(path.split('/')) {
        match part {
            "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Whether a file in a folder is a list by its name: labels and annotations, or a side of a split; a table is one by its header.
fn is_list(path: &Utf8Path) -> bool {
    let extension = path.extension().unwrap_or_default().to_lowercase();
    if !EXTENSIONS.contains(&extension.as_str()) {
        return false;
    }
    let name = path.file_stem().unwrap_or_default().to_lowercase();
    let is_side = parts::side_of(path.file_name().unwrap_or_default()).is_some();
    is_side
        || ["label", "annotation", "list"]
            .iter()
            .any(|word| name.contains(word))
        || extension != "txt"
}

/// The format of a file that is a list.
fn detect_list(path: &Utf8Path) -> Option<Format> {
    let extension = path.extension().unwrap_or_default().to_lowercase();
    let bytes = fs_err::read(path).ok()?;
    let format = format::detect_bytes(path, &bytes, &Reading::default()).ok()??;
    match format {
        Format::Csv | Format::Jsonl | Format::Parquet => Some(format),
        // Any text of two words a line looks like one.
        Format::List if EXTENSIONS.contains(&extension.as_str()) => Some(format),
        _ => None,
    }
}

/// Several lists by their paths: the folder that holds them all, and each relative to it.
///
/// # Errors
/// One of them is not there.
pub(super) fn common(
    lists: &[&Utf8Path],
) -> Result<(Utf8PathBuf, Vec<Utf8PathBuf>), std::io::Error> {
    let mut resolved = Vec::new();
    for list in lists {
        let folder = here(list.parent().unwrap_or(Utf8Path::new("")));
        let folder = Utf8PathBuf::from_path_buf(fs_err::canonicalize(folder)?);
        let folder = folder.map_err(|_other| std::io::Error::other("its path is not UTF-8"))?;
        resolved.push(folder.join(list.file_name().unwrap_or_default()));
    }
    let mut folder = resolved[0]
        .parent()
        .unwrap_or(Utf8Path::new("/"))
        .to_owned();
    while !resolved.iter().all(|list| list.starts_with(&folder)) {
        folder.pop();
    }
    let below = |list: &Utf8PathBuf| list.strip_prefix(&folder).unwrap_or(list).to_owned();
    let lists = resolved.iter().map(below).collect();
    Ok((folder, lists))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_beside_a_list_take_steps_up() {
        let told = |below: &str, path| beside(Utf8Path::new(below), path);
        assert_eq!(told("", "../a"), "../a");
        assert_eq!(told("split01", "../videos/a.mp4"), "videos/a.mp4");
        assert_eq!(told("a/b", "../../../c"), "../c");
        assert_eq!(told("train", "./a.mp4"), "train/a.mp4");
        assert_eq!(told("train", "/a.mp4"), "/a.mp4");
    }
}
