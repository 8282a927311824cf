//! From entries to videos: labels get their index, paths their root, videos their id; whatever is wrong is collected.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use super::classes::Classes;
use super::locate::locate;
use super::rows::Rows;
use super::{
    Choice, Column, Entries, Entry, Format, LabelFile, Manifest, ManifestError, Problem,
    ProblemKind, ReadOptions, Understood, Video,
};
use crate::label::{self, LabelSet};

/// Makes a manifest of the entries, or says everything that is wrong with them; with the files of labels, whose rows then name
/// videos.
pub(super) fn resolve(
    source: &Utf8Path,
    root: &Utf8Path,
    options: &ReadOptions,
    mut read: Entries,
) -> Result<(Manifest, Vec<LabelFile>), ManifestError> {
    tell_apart(&mut read.extra_columns);
    groups(&mut read);
    let ids = ids(&read.list);
    let places = if options.words_only {
        Vec::new()
    } else {
        locate(&mut read, root, &options.reading.prefixes)
    };
    let paths = read.list.iter().map(|entry| join(root, &entry.path));
    let paths: Vec<Utf8PathBuf> = paths.collect();
    let own_names = std::mem::take(&mut read.label_names);
    let label_names = if options.label_names.is_empty() {
        &own_names
    } else {
        &options.label_names
    };
    let problems = std::mem::take(&mut read.problems);
    let mut rows = Rows::new(root, options, label_names, problems);
    let is_unlabeled: Vec<bool> = read
        .list
        .iter()
        .map(|entry| rows.is_unlabeled(entry))
        .collect();
    let is_kept = rows.check(&read.list, &ids, &paths, &places, &is_unlabeled);
    let counts = |at: &usize| is_kept[*at] && !is_unlabeled[*at];
    let labeled = (0..read.list.len()).filter(counts);
    let words: BTreeSet<&str> = labeled.map(|at| read.list[at].label.as_str()).collect();
    let keeps_words = options.format == Format::Folders;
    let classes = Classes::new(label_names, &words, keeps_words, &mut read.warnings);
    let Rows {
        mut problems,
        left_out,
        ..
    } = rows;
    if problems.is_empty() {
        let kept = is_kept.iter().filter(|is_kept| **is_kept).count();
        check_set(
            options.format,
            kept,
            &classes.names,
            options.words_only,
            &mut problems,
        );
    }
    let words: BTreeMap<String, String> = classes.words_that_differ();
    // With no problem there are two classes, each with a name of its own; the error is only a second net.
    let (Ok(labels), true) = (LabelSet::new(classes.names.clone()), problems.is_empty()) else {
        problems.sort_by_key(|problem| problem.row);
        return Err(ManifestError::of(source, problems));
    };
    let entries = std::mem::take(&mut read.list);
    let label = |entry: &Entry| classes.label(&entry.label);
    let (videos, places_of) = videos(entries, paths, ids, &is_kept, label);
    for row in read.files.iter_mut().flat_map(|file| &mut file.rows) {
        row.video = row.video.and_then(|entry| places_of[entry]);
    }
    let mut reading = options.reading.clone();
    reading.frame_counts = reading.frame_counts.or(read.frame_counts);
    let manifest = Manifest {
        source: source.to_owned(),
        format: options.format,
        labels,
        extra_columns: read.extra_columns,
        videos,
        warnings: read.warnings,
        root: root.to_owned(),
        digests: BTreeMap::new(),
        reading,
        understood: Understood {
            why: read.why,
            columns: read.columns.into_iter().map(column).collect(),
            words,
            choices: read.choices,
            left_out,
            ..Understood::default()
        },
    };
    Ok((manifest, read.files))
}

/// Gives every column a name of its own, by capitals or not, which the files of a run need.
fn tell_apart(columns: &mut [String]) {
    let mut taken = BTreeSet::new();
    for name in columns {
        let written = name.clone();
        let mut number = 2;
        while !taken.insert(name.to_lowercase()) {
            *name = format!("{written} {number}");
            number += 1;
        }
    }
}

/// Groups that are the same number are one, called as it is written first; words that say that there is none are no group.
fn groups(read: &mut Entries) {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut without: BTreeMap<String, usize> = BTreeMap::new();
    for entry in &mut read.list {
        let Some(group) = entry.group.take() else {
            continue;
        };
        if label::is_no_label(&group) {
            *without.entry(group).or_default() += 1;
            continue;
        }
        let name = names.entry(label::comparable(&group).into_owned());
        entry.group = Some(name.or_insert(group).clone());
    }
    let told = without
        .iter()
        .map(|(word, rows)| format!("{rows} rows say '{word}'"));
    let told: Vec<String> = told.collect();
    if !told.is_empty() {
        read.choices.push(Choice {
            what: "groups".to_owned(),
            taken: format!("{}, and belong to none", told.join(", ")),
            ..Choice::default()
        });
    }
}

/// The videos of the entries that are kept, and the place of each entry among them.
fn videos(
    entries: Vec<Entry>,
    paths: Vec<Utf8PathBuf>,
    ids: Vec<String>,
    is_kept: &[bool],
    label: impl Fn(&Entry) -> Option<usize>,
) -> (Vec<Video>, Vec<Option<usize>>) {
    let mut videos = Vec::with_capacity(entries.len());
    let mut places = Vec::with_capacity(entries.len());
    for (((entry, path), id), is_kept) in entries.into_iter().zip(paths).zip(ids).zip(is_kept) {
        let label = label(&entry).filter(|_| *is_kept);
        places.push(label.map(|_| videos.len()));
        let Some(label) = label else { continue };
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
    (videos, places)
}

fn column((name, meaning): (String, String)) -> Column {
    Column { name, meaning }
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

/// What can only be said of the whole set, once every entry is right.
fn check_set(
    format: Format,
    videos: usize,
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
                Format::Auto | Format::Csv | Format::Fiftyone => {
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
            videos,
            label: label.clone(),
        },
        _ => return,
    };
    problems.push(Problem { row: None, kind });
}
