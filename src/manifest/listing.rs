//! What stands in a folder: listed once, in order, with what cannot be listed told, and links that lead nowhere or in circles.

use camino::{Utf8Path, Utf8PathBuf};

use super::media::is_hidden;
use super::{Problem, ProblemKind};

/// Something in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) path: Utf8PathBuf,
    pub(super) kind: ItemKind,
}

/// What it is, links followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ItemKind {
    Folder,
    File,
    /// A link whose end is not there.
    Dangling,
}

/// The folder by a name under which it can be listed: the present one has an empty path where a file is named alone.
pub(super) fn here(folder: &Utf8Path) -> &Utf8Path {
    if folder.as_str().is_empty() {
        Utf8Path::new(".")
    } else {
        folder
    }
}

/// What stands in a folder, hidden things left out, by name. Paths begin with `folder` as it is given.
pub(super) fn list(folder: &Utf8Path, problems: &mut Vec<Problem>) -> Vec<Item> {
    let mut refuse = |kind| problems.push(Problem { row: None, kind });
    let mut items = Vec::new();
    let listed = match fs_err::read_dir(here(folder)) {
        Ok(listed) => listed,
        Err(source) => {
            refuse(ProblemKind::Unreadable { source });
            return items;
        }
    };
    for entry in listed {
        let entry = match entry {
            Ok(entry) => entry,
            Err(source) => {
                refuse(ProblemKind::Unreadable { source });
                continue;
            }
        };
        let name = match entry.file_name().into_string() {
            Ok(name) => name,
            Err(name) => {
                let lossy = folder.join(&*name.to_string_lossy()).into_string();
                refuse(ProblemKind::NameNotUtf8 { lossy });
                continue;
            }
        };
        let path = folder.join(name);
        if is_hidden(&path) {
            continue;
        }
        let kind = match entry.file_type() {
            Ok(kind) if kind.is_dir() => ItemKind::Folder,
            Ok(kind) if !kind.is_symlink() => ItemKind::File,
            _ => match fs_err::metadata(&path) {
                Ok(end) if end.is_dir() => ItemKind::Folder,
                Ok(_) => ItemKind::File,
                Err(_gone) => ItemKind::Dangling,
            },
        };
        items.push(Item { path, kind });
    }
    items.sort_by(|left, right| left.path.cmp(&right.path));
    items
}

/// The problem of a link that leads nowhere.
pub(super) fn dangling(path: &Utf8Path) -> ProblemKind {
    let target = path.read_link_utf8().unwrap_or_default();
    ProblemKind::DanglingLink {
        path: path.to_owned(),
        target,
    }
}

/// The folders on the way down, with links resolved, so that a link back to one of them is known.
#[derive(Debug, Default)]
pub(super) struct Ancestors(Vec<Utf8PathBuf>);

impl Ancestors {
    /// Enters a folder; false where it is entered already, by another name.
    pub(super) fn enter(&mut self, folder: &Utf8Path) -> bool {
        let resolved = here(folder)
            .canonicalize_utf8()
            .unwrap_or_else(|_| folder.to_owned());
        if self.0.contains(&resolved) {
            return false;
        }
        self.0.push(resolved);
        true
    }

    /// Leaves the folder that was entered last.
    pub(super) fn leave(&mut self) {
        self.0.pop();
    }
}
