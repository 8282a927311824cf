//! The format `folders`: a folder of videos whose paths name the label, mostly by one folder per class.
//!
//! A file with a video's extension is a video; so is a folder that holds frames and nothing else. Hidden files are skipped,
//! other files are counted in a warning. Where the label stands is found out by `layout`, and said.

use camino::{Utf8Path, Utf8PathBuf};

use super::layout::{self, Layout};
use super::listing::{self, Ancestors, ItemKind, list};
use super::media::{holds_frames, is_frame, is_video};
use super::pattern::LabelFrom;
use super::{Entries, Entry, Problem, ProblemKind, Warning};

/// The name of the extra column that holds the side of a split.
const SPLIT: &str = "split";

/// Reads the folder `root`; paths are written relative to it, with `/` between folders. `label_from`: where they name the
/// label, found out if nothing is said; then also what was found.
pub(super) fn read(root: &Utf8Path, label_from: Option<&LabelFrom>) -> (Entries, LabelFrom) {
    let mut walk = Walk {
        root,
        ancestors: Ancestors::default(),
        found: Vec::new(),
        stray: Vec::new(),
        empty: Vec::new(),
        problems: Vec::new(),
        dangling: Vec::new(),
    };
    walk.descend(root);
    let Walk {
        mut found,
        mut stray,
        empty,
        problems,
        mut dangling,
        ..
    } = walk;
    // By the written path, so that the order does not depend on how folders nest.
    found.sort();
    let mut entries = Entries {
        problems,
        ..Entries::default()
    };
    let layout = match label_from {
        Some(from) => Ok(Layout::asked(from)),
        None => layout::find(&found),
    };
    let layout = layout.unwrap_or_else(|kind| {
        entries.problems.push(Problem { row: None, kind });
        Layout::class_folders(&found)
    });
    dangling.sort();
    label(&mut entries, root, &layout, (found, dangling), &mut stray);
    entries.why = layout.why;
    entries.choices.extend(layout.choice);
    stray.sort();
    let count = stray.len();
    if let Some(first) = stray.into_iter().next() {
        let first = root.join(first);
        entries.warnings.push(Warning::StrayFiles { count, first });
    }
    if let (Some(first), false) = (empty.first(), entries.list.is_empty()) {
        let (count, first) = (empty.len(), first.clone());
        let warning = Warning::EmptyFolders { count, first };
        entries.warnings.push(warning);
    }
    (entries, layout.label_from)
}

/// Whether the folder holds videos in at least two folders, so that these may be classes.
pub(super) fn has_class_folders(root: &Utf8Path) -> bool {
    let is_one = |item: &listing::Item| {
        item.kind == ItemKind::Folder && holds_video(&item.path, &mut Ancestors::default())
    };
    let items = list(root, &mut Vec::new()).into_iter();
    items.filter(is_one).take(2).count() == 2
}

fn holds_video(folder: &Utf8Path, ancestors: &mut Ancestors) -> bool {
    if !ancestors.enter(folder) {
        return false;
    }
    let items = list(folder, &mut Vec::new());
    let is_one = |item: &listing::Item| match item.kind {
        ItemKind::File => is_video(&item.path),
        ItemKind::Folder => {
            holds_frames(&item.path).unwrap_or(false) || holds_video(&item.path, ancestors)
        }
        ItemKind::Dangling => false,
    };
    let holds = items.iter().any(is_one);
    ancestors.leave();
    holds
}

/// Makes entries of what was found, each with the label that its path names.
fn label(
    entries: &mut Entries,
    root: &Utf8Path,
    layout: &Layout,
    (found, dangling): (Vec<String>, Vec<String>),
    stray: &mut Vec<Utf8PathBuf>,
) {
    let mut refuse = |kind| entries.problems.push(Problem { row: None, kind });
    let reader = match layout.label_from.reader() {
        Ok(reader) => reader,
        Err(source) => {
            refuse(ProblemKind::Pattern { source });
            return;
        }
    };
    let mut sides = Vec::new();
    for (path, is_gone) in found
        .into_iter()
        .map(|path| (path, false))
        .chain(dangling.into_iter().map(|path| (path, true)))
    {
        let Some(named) = reader.read(&path) else {
            if is_gone {
                refuse(listing::dangling(&root.join(&path)));
            } else if layout.is_strict {
                refuse(ProblemKind::NotNamed {
                    path,
                    pattern: layout.label_from.pattern().to_owned(),
                });
            } else {
                stray.push(path.into());
            }
            continue;
        };
        sides.push(named.split);
        entries.list.push(Entry {
            row: None,
            id: named.id,
            path,
            label: named.label,
            group: named.group,
            extra: Vec::new(),
        });
    }
    entries.label_names = reader.codes;
    if sides.iter().any(Option::is_some) {
        entries.extra_columns = vec![SPLIT.to_owned()];
        for (entry, side) in entries.list.iter_mut().zip(sides) {
            entry.extra = vec![side.unwrap_or_default()];
        }
    }
    entries
        .list
        .sort_by(|left, right| left.path.cmp(&right.path));
}

struct Walk<'a> {
    root: &'a Utf8Path,
    ancestors: Ancestors,
    /// What is a video by its looks, relative to the root.
    found: Vec<String>,
    stray: Vec<Utf8PathBuf>,
    /// Folders without a video, and not below another such one.
    empty: Vec<Utf8PathBuf>,
    problems: Vec<Problem>,
    /// Links that lead nowhere and may have been videos or folders of them.
    dangling: Vec<String>,
}

impl Walk<'_> {
    fn descend(&mut self, folder: &Utf8Path) {
        if !self.ancestors.enter(folder) {
            self.stray.push(self.below(folder).into());
            return;
        }
        let (before, empty) = (self.found.len() + self.dangling.len(), self.empty.len());
        let (mut folders, mut videos, mut frames) = (Vec::new(), Vec::new(), Vec::new());
        for item in list(folder, &mut self.problems) {
            match item.kind {
                ItemKind::Folder => folders.push(item.path),
                ItemKind::File if is_video(&item.path) => videos.push(item.path),
                ItemKind::File if is_frame(&item.path) => frames.push(item.path),
                // Anything else would be passed over if it were there.
                ItemKind::Dangling if is_video(&item.path) || item.path.extension().is_none() => {
                    self.dangling.push(self.below(&item.path));
                }
                ItemKind::File | ItemKind::Dangling => {
                    self.stray.push(self.below(&item.path).into());
                }
            }
        }
        let is_video = folders.is_empty() && videos.is_empty() && folder != self.root;
        if is_video && !frames.is_empty() {
            self.found.push(self.below(folder));
        } else {
            let frames = frames.iter().map(|frame| self.below(frame).into());
            self.stray.extend(frames.collect::<Vec<Utf8PathBuf>>());
        }
        self.found
            .extend(videos.iter().map(|video| below(self.root, video)));
        for folder in folders {
            self.descend(&folder);
        }
        if self.found.len() + self.dangling.len() == before {
            self.empty.truncate(empty);
            self.empty.push(folder.to_owned());
        }
        self.ancestors.leave();
    }

    fn below(&self, path: &Utf8Path) -> String {
        below(self.root, path)
    }
}

fn below(root: &Utf8Path, path: &Utf8Path) -> String {
    let relative = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<&str> = relative.components().map(|part| part.as_str()).collect();
    parts.join("/")
}
