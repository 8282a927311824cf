//! From entries to videos: labels get their index, paths their root, videos their id; whatever is wrong is collected.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use super::media::holds_frames;
use super::{
    Entries, Entry, Format, Manifest, ManifestError, Problem, ProblemKind, ReadOptions, Video,
    Warning,
};
use crate::label::LabelSet;

/// Makes a manifest of the entries, or says everything that is wrong with them.
pub(super) fn resolve(
    source: &Utf8Path,
    format: Format,
    root: &Utf8Path,
    options: &ReadOptions,
    read: Entries,
) -> Result<Manifest, ManifestError> {
    let Entries {
        extra_columns,
        list: entries,
        mut problems,
        mut warnings,
        label_names: own_names,
        files: _,
    } = read;
    let label_names = if options.label_names.is_empty() {
        &own_names
    } else {
        &options.label_names
    };
    let names = class_names(label_names, &entries, &mut warnings);
    let paths: Vec<Utf8PathBuf> = entries
        .iter()
        .map(|entry| join(root, &entry.path))
        .collect();
    let ids = ids(&entries);
    check_labels(label_names, &entries, &mut problems);
    check_paths(&entries, &paths, options.words_only, &mut problems);
    check_ids(&entries, &ids, &mut problems);
    if problems.is_empty() {
        check_set(format, &entries, &names, options.words_only, &mut problems);
    }
    let refuse = |mut problems: Vec<Problem>| {
        problems.sort_by_key(|problem| problem.row);
        Err(ManifestError {
            source: source.to_owned(),
            problems,
        })
    };
    // With no problem there are two classes, each with a name of its own; the error is only a second net.
    let Ok(labels) = LabelSet::new(names) else {
        return refuse(problems);
    };
    let mut videos = Vec::with_capacity(entries.len());
    for ((entry, path), id) in entries.into_iter().zip(paths).zip(ids) {
        let name = label_names.get(&entry.label).unwrap_or(&entry.label);
        let Some(label) = labels.index_of(name) else {
            continue;
        };
        videos.push(Video {
            id,
            path,
            written_path: entry.path,
            label,
            group: entry.group,
            row: entry.row,
            extra: entry.extra,
        });
    }
    if !problems.is_empty() {
        return refuse(problems);
    }
    Ok(Manifest {
        source: source.to_owned(),
        format,
        labels,
        extra_columns,
        videos,
        warnings,
        root: root.to_owned(),
        digests: BTreeMap::new(),
    })
}

/// The classes that have a video, in order: by number, then by name, of what the data set writes for them.
fn class_names(
    label_names: &BTreeMap<String, String>,
    entries: &[Entry],
    warnings: &mut Vec<Warning>,
) -> Vec<String> {
    let used: BTreeSet<&str> = entries.iter().map(|entry| entry.label.as_str()).collect();
    let mut written: Vec<&str> = if label_names.is_empty() {
        used.iter()
            .copied()
            .filter(|label| !label.is_empty())
            .collect()
    } else {
        label_names.keys().map(String::as_str).collect()
    };
    written.sort_by_key(|label| {
        label
            .parse::<i64>()
            .map_or((true, 0), |number| (false, number))
    });
    let mut names: Vec<String> = Vec::new();
    let mut unused: Vec<String> = Vec::new();
    for label in written {
        let name = label_names
            .get(label)
            .map_or(label, String::as_str)
            .to_owned();
        let class = if used.contains(label) {
            &mut names
        } else {
            &mut unused
        };
        if !class.contains(&name) {
            class.push(name);
        }
    }
    unused.retain(|name| !names.contains(name));
    if !unused.is_empty() && !entries.is_empty() {
        warnings.push(Warning::UnusedLabels { labels: unused });
    }
    let mut by_lowercase: BTreeMap<String, &String> = BTreeMap::new();
    for second in &names {
        if let Some(first) = by_lowercase.insert(second.to_lowercase(), second) {
            warnings.push(Warning::AlikeLabels {
                first: first.clone(),
                second: second.clone(),
            });
        }
    }
    names
}

/// The path under the root, without `.` parts, so that one video has one path.
fn join(root: &Utf8Path, written: &str) -> Utf8PathBuf {
    let is_step = |part: &Utf8Component<'_>| *part != Utf8Component::CurDir;
    root.join(written).components().filter(is_step).collect()
}

/// The ids that the manifest gives; else the written paths, without extensions if they are distinct that way.
fn ids(entries: &[Entry]) -> Vec<String> {
    let stems: Vec<String> = entries
        .iter()
        .map(|entry| Utf8Path::new(&entry.path).with_extension("").into_string())
        .collect();
    let distinct: BTreeSet<&String> = stems.iter().collect();
    let stems_are_distinct = distinct.len() == stems.len();
    entries
        .iter()
        .zip(stems)
        .map(|(entry, stem)| match &entry.id {
            Some(id) => id.clone(),
            None if stems_are_distinct => stem,
            None => entry.path.clone(),
        })
        .collect()
}

fn check_labels(
    label_names: &BTreeMap<String, String>,
    entries: &[Entry],
    problems: &mut Vec<Problem>,
) {
    for (label, name) in label_names {
        if name.trim().is_empty() {
            let label = label.clone();
            let kind = ProblemKind::UnnamedLabel { label };
            problems.push(Problem { row: None, kind });
        }
    }
    let mut folders_named = BTreeSet::new();
    for entry in entries {
        let kind = if entry.label.is_empty() {
            ProblemKind::EmptyLabel {
                path: entry.path.clone(),
            }
        } else if label_names.is_empty() || label_names.contains_key(&entry.label) {
            continue;
        } else {
            // A class folder is one problem, however many videos it holds.
            if entry.row.is_none() && !folders_named.insert(&entry.label) {
                continue;
            }
            ProblemKind::UnknownLabel {
                label: entry.label.clone(),
                known: label_names.keys().cloned().collect(),
            }
        };
        problems.push(Problem {
            row: entry.row,
            kind,
        });
    }
}

fn check_paths(
    entries: &[Entry],
    paths: &[Utf8PathBuf],
    words_only: bool,
    problems: &mut Vec<Problem>,
) {
    // Paths are compared part by part, which an order would do many times for each.
    let mut seen: HashMap<&Utf8Path, &Entry> = HashMap::with_capacity(entries.len());
    for (entry, path) in entries.iter().zip(paths) {
        let mut add = |kind| {
            problems.push(Problem {
                row: entry.row,
                kind,
            });
        };
        if entry.path.trim().is_empty() {
            add(ProblemKind::EmptyPath);
            continue;
        }
        if let Some(first) = seen.get(path.as_path()) {
            add(ProblemKind::DuplicatePath {
                path: entry.path.clone(),
                label: entry.label.clone(),
                first_row: first.row,
                first_path: first.path.clone(),
                first_label: first.label.clone(),
            });
            continue;
        }
        seen.insert(path, entry);
        if words_only {
            continue;
        }
        let path = path.clone();
        if path.is_dir() {
            if !holds_frames(&path) {
                add(ProblemKind::NoFrames { path });
            }
        } else if !path.exists() {
            add(ProblemKind::MissingFile { path });
        }
    }
}

fn check_ids(entries: &[Entry], ids: &[String], problems: &mut Vec<Problem>) {
    let mut seen: BTreeMap<&str, &Entry> = BTreeMap::new();
    for (entry, id) in entries.iter().zip(ids) {
        let kind = match (&entry.id, seen.get(id.as_str())) {
            // Without an id column, ids are as distinct as the paths, which have a check of their own.
            (None, _) => continue,
            (Some(_), _) if id.is_empty() => ProblemKind::EmptyId {
                path: entry.path.clone(),
            },
            (Some(_), Some(first)) => ProblemKind::DuplicateId {
                id: id.clone(),
                first_row: first.row,
                first_path: first.path.clone(),
            },
            (Some(_), None) => {
                seen.insert(id, entry);
                continue;
            }
        };
        problems.push(Problem {
            row: entry.row,
            kind,
        });
    }
}

/// What can only be said of the whole set, once every entry is right.
fn check_set(
    format: Format,
    entries: &[Entry],
    names: &[String],
    words_only: bool,
    problems: &mut Vec<Problem>,
) {
    let kind = match names {
        [] => ProblemKind::Empty {
            remedy: match format {
                Format::Folders => {
                    "it must hold one folder per class, with videos or folders of frames in them"
                }
                Format::Auto | Format::Csv => {
                    "below the header 'path,label' it must have a row per video"
                }
                Format::Parquet => {
                    "it must have a row per video, with the columns 'path' and 'label'"
                }
                Format::Jsonl => "it must have a line per video, an object with 'path' and 'label'",
                Format::Dfew => "below the header 'video_name,label' it must have a row per video",
                Format::Ferv39k | Format::Mafw | Format::List => {
                    "it must have a line per video, with a path and a label"
                }
            },
        },
        // Nothing is trained on a file of words alone.
        [label] if !words_only => ProblemKind::OneClass {
            videos: entries.len(),
            label: label.clone(),
        },
        _ => return,
    };
    problems.push(Problem { row: None, kind });
}
