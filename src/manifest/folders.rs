//! The format `folders`: a folder with one folder per class.
//!
//! Below a class folder anything may be nested. A file with a video's extension is a video; so is a folder that holds
//! frames and nothing else. Hidden files are skipped, other files are counted in a warning.

use camino::{Utf8Path, Utf8PathBuf};

use super::media::{is_frame, is_hidden, is_video};
use super::{Entries, Entry, Problem, ProblemKind, Warning};

/// Reads the class folders of `root`; paths are written relative to it, with `/` between folders.
pub(super) fn read(root: &Utf8Path) -> Entries {
    let mut walk = Walk {
        root,
        ancestors: Vec::new(),
        entries: Entries::default(),
        stray: Vec::new(),
    };
    walk.root();
    let Walk {
        mut entries,
        mut stray,
        ..
    } = walk;
    // By the written path, so that the order does not depend on how folders nest.
    entries
        .list
        .sort_by(|left, right| left.path.cmp(&right.path));
    stray.sort();
    let count = stray.len();
    if let Some(first) = stray.into_iter().next() {
        entries.warnings.push(Warning::StrayFiles { count, first });
    }
    entries
}

/// What a folder directly holds, hidden files left out.
#[derive(Default)]
struct Content {
    folders: Vec<Utf8PathBuf>,
    videos: Vec<Utf8PathBuf>,
    frames: Vec<Utf8PathBuf>,
    others: Vec<Utf8PathBuf>,
}

struct Walk<'a> {
    root: &'a Utf8Path,
    /// The folders that are being walked, with links resolved: a link back to one of them would never end.
    ancestors: Vec<Utf8PathBuf>,
    entries: Entries,
    stray: Vec<Utf8PathBuf>,
}

impl Walk<'_> {
    fn root(&mut self) {
        let content = self.list(self.root);
        self.stray.extend(content.videos);
        self.stray.extend(content.frames);
        self.stray.extend(content.others);
        for folder in content.folders {
            let class = folder.file_name().unwrap_or_default().to_owned();
            self.descend(&folder, |walk, content| walk.class_folder(content, &class));
        }
    }

    /// A class folder, or a folder in it that is no video: images that lie in it are no frames of anything.
    fn class_folder(&mut self, content: Content, class: &str) {
        self.stray.extend(content.others);
        self.stray.extend(content.frames);
        for video in content.videos {
            self.add(&video, class);
        }
        for folder in content.folders {
            self.descend(&folder, |walk, content| {
                let only_frames = content.folders.is_empty() && content.videos.is_empty();
                if only_frames && !content.frames.is_empty() {
                    walk.stray.extend(content.others);
                    walk.add(&folder, class);
                } else {
                    walk.class_folder(content, class);
                }
            });
        }
    }

    fn descend(&mut self, folder: &Utf8Path, visit: impl FnOnce(&mut Self, Content)) {
        let resolved = folder
            .canonicalize_utf8()
            .unwrap_or_else(|_| folder.to_owned());
        if self.ancestors.contains(&resolved) {
            self.stray.push(folder.to_owned());
            return;
        }
        self.ancestors.push(resolved);
        let content = self.list(folder);
        visit(self, content);
        self.ancestors.pop();
    }

    fn add(&mut self, path: &Utf8Path, class: &str) {
        let relative = path.strip_prefix(self.root).unwrap_or(path);
        let written: Vec<&str> = relative.components().map(|part| part.as_str()).collect();
        self.entries.list.push(Entry {
            row: None,
            id: None,
            path: written.join("/"),
            label: class.to_owned(),
            group: None,
            extra: Vec::new(),
        });
    }

    fn list(&mut self, folder: &Utf8Path) -> Content {
        let mut content = Content::default();
        let listed = match fs_err::read_dir(folder) {
            Ok(listed) => listed,
            Err(source) => {
                self.problem(ProblemKind::Unreadable { source });
                return content;
            }
        };
        for entry in listed {
            let path = match entry.map(|entry| Utf8PathBuf::from_path_buf(entry.path())) {
                Ok(Ok(path)) => path,
                Ok(Err(path)) => {
                    let lossy = path.to_string_lossy().into_owned();
                    self.problem(ProblemKind::NameNotUtf8 { lossy });
                    continue;
                }
                Err(source) => {
                    self.problem(ProblemKind::Unreadable { source });
                    continue;
                }
            };
            if is_hidden(&path) {
                continue;
            }
            if path.is_dir() {
                content.folders.push(path);
            } else if is_video(&path) {
                content.videos.push(path);
            } else if is_frame(&path) {
                content.frames.push(path);
            } else {
                content.others.push(path);
            }
        }
        content.folders.sort();
        content
    }

    fn problem(&mut self, kind: ProblemKind) {
        self.entries.problems.push(Problem { row: None, kind });
    }
}
