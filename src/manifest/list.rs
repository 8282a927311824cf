//! The format `list`: a line per video, `path label` or `path frames label`, separated by spaces or tabs, without header.
//!
//! These are the lists that Former-DFER, DFER-CLIP and MAE-DFER train from. The label is the last field; where lines have a
//! whole number before it, that is the number of frames, and is kept as an extra column, unless the videos lie under names
//! that end with it. What stands before is the path, which may hold spaces. Lines such as `# path label` are comments.

use std::ops::Range;

use camino::Utf8Path;

use super::encoding::Encoding;
use super::label_file::{Dialect, LabelFile, LabelRow, Style};
use super::media::is_video;
use super::understood::Choice;
use super::{Entries, Entry, Problem, ProblemKind};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The name of the extra column that holds the number of frames.
pub(super) const FRAMES: &str = "num_frames";

/// How to know whether lines have the number of frames.
#[derive(Clone, Copy, Default)]
pub(super) struct FrameCounts<'a> {
    /// What is known of it.
    pub(super) known: Option<bool>,
    /// Whether a video lies under a path; nothing where only the words matter.
    pub(super) exists: Option<&'a dyn Fn(&str) -> bool>,
}

/// A line of a list.
struct Line<'a> {
    number: u64,
    start: usize,
    text: &'a [u8],
}

/// Reads a list's bytes; `source` names the file.
pub(super) fn parse(source: &Utf8Path, bytes: &[u8], counts: FrameCounts<'_>) -> Entries {
    let mut read = Entries::default();
    let mut rows = Vec::new();
    for line in lines(bytes) {
        let mut refuse = |kind| {
            read.problems.push(Problem {
                row: Some(line.number),
                kind,
            });
        };
        let Ok(text) = std::str::from_utf8(line.text) else {
            let lossy = String::from_utf8_lossy(line.text);
            let lossy = lossy.trim().chars().take(60).collect();
            refuse(ProblemKind::NotUtf8 { lossy });
            continue;
        };
        let Some((path, label)) = split_last(text) else {
            let text = text.trim().to_owned();
            refuse(ProblemKind::NoLabel { text });
            continue;
        };
        rows.push(LabelRow {
            video: Some(read.list.len()),
            written: label.1.to_owned(),
            label: line.start + label.0.start..line.start + label.0.end,
            record: line.start..line.start + text.trim_end_matches(is_space).len(),
            style: Style::Plain,
        });
        read.list.push(Entry {
            row: Some(line.number),
            id: None,
            path: path.trim().to_owned(),
            label: label.1.to_owned(),
            group: None,
            extra: Vec::new(),
        });
    }
    read.why = String::from("a list, a line with path and label per video");
    let comments = all_lines(bytes).filter(Line::is_comment).count();
    if comments > 0 {
        read.choices.push(Choice {
            what: "comments".to_owned(),
            taken: format!("{comments} lines that begin with '#' are passed over"),
            ..Choice::default()
        });
    }
    if let Some(kind) = label_first(&read.list) {
        read.list.clear();
        read.problems = vec![Problem { row: None, kind }];
    }
    take_frames(&mut read, counts);
    rows.truncate(read.list.len());
    read.files = vec![LabelFile {
        path: source.file_name().unwrap_or_default().into(),
        bytes: bytes.to_vec(),
        rows,
        dialect: Dialect::Spaced,
        encoding: Encoding::Utf8,
        header_end: None,
    }];
    read
}

/// The problem of lines whose last field, and no other, looks like a path.
fn label_first(entries: &[Entry]) -> Option<ProblemKind> {
    let is_path = |text: &str| text.contains('/') || is_video(text.into());
    let is_turned = |entry: &Entry| is_path(&entry.label) && !is_path(&entry.path);
    let first = entries.first()?;
    entries
        .iter()
        .all(is_turned)
        .then(|| ProblemKind::LabelFirst {
            path: first.label.clone(),
            label: first.path.clone(),
        })
}

/// Whether the first lines are those of a list, and not of a table or of JSON.
pub(super) fn fits(bytes: &[u8]) -> bool {
    let mut any = false;
    for line in lines(bytes).take(100) {
        let fields = std::str::from_utf8(line.text).ok().and_then(split_last);
        let is_row = fields.is_some_and(|(path, label)| {
            !label.1.contains([',', ';', '|', '"', '}'])
                && !path.trim_start().starts_with(['{', '"'])
                && !path.trim_end().ends_with([',', ';', '|'])
        });
        if !is_row {
            return false;
        }
        any = true;
    }
    any
}

/// What separates the fields of a list: what stands before the first line's label.
pub(super) fn separator(bytes: &[u8]) -> u8 {
    let first = lines(bytes).next().and_then(|line| {
        let (path, _) = split_last(std::str::from_utf8(line.text).ok()?)?;
        path.bytes().last()
    });
    first.unwrap_or(b' ')
}

impl Line<'_> {
    /// Whether it names no video: `#` and nothing, or a space, or a word that is no path before the first line.
    fn is_comment(&self) -> bool {
        let Some(text) = self.text.strip_prefix(b"#") else {
            return false;
        };
        let word = text.split(u8::is_ascii_whitespace).next();
        let is_path = |word: &[u8]| word.iter().any(|byte| matches!(byte, b'/' | b'.'));
        text.first()
            .is_none_or(|byte| matches!(byte, b' ' | b'\t' | b'#'))
            || self.number == 1 && !word.is_some_and(is_path)
    }
}

/// The lines that are neither blank nor comments.
fn lines(bytes: &[u8]) -> impl Iterator<Item = Line<'_>> {
    all_lines(bytes).filter(|line| !line.is_comment())
}

/// The lines that are not blank.
fn all_lines(bytes: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let mut start = bytes.len() - bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes).len();
    // The oldest Macs end lines with a carriage return alone.
    let end = if bytes.contains(&b'\n') { b'\n' } else { b'\r' };
    let mut number = 0;
    std::iter::from_fn(move || {
        while start < bytes.len() {
            let rest = &bytes[start..];
            let length = rest
                .iter()
                .position(|byte| *byte == end)
                .unwrap_or(rest.len());
            let text = &rest[..length];
            let line = Line {
                number: number + 1,
                start,
                text: text.strip_suffix(b"\r").unwrap_or(text),
            };
            number += 1;
            start += length + 1;
            if !line.text.trim_ascii().is_empty() {
                return Some(line);
            }
        }
        None
    })
}

/// The text up to the last field, its separator included, and that field with its span.
fn split_last(text: &str) -> Option<(&str, (Range<usize>, &str))> {
    let trimmed = text.trim_end_matches(is_space);
    // After a tab, spaces are part of the label, unless there are numbers alone.
    let is_words = |(_, last): &(&str, &str)| last.contains(char::is_alphabetic);
    let start = match trimmed.rsplit_once('\t').filter(is_words) {
        Some((before, _)) => before.len() + 1,
        None => trimmed.rfind(is_space)? + 1,
    };
    let (path, label) = trimmed.split_at_checked(start)?;
    (!path.trim().is_empty()).then_some((path, (start..trimmed.len(), label)))
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

/// The problem of lines that have other fields than a list has. `found`: path and number of frames of each.
fn other_fields(
    read: &Entries,
    found: &[Option<(String, String)>],
    has_counts: bool,
    counts: FrameCounts<'_>,
) -> Option<ProblemKind> {
    let exists = counts.exists?;
    let first = read.list.first()?;
    let is_longer = |(entry, found): (&Entry, &Option<(String, String)>)| {
        let path = match found {
            Some((path, _)) if has_counts => path,
            _ => &entry.path,
        };
        let (short, _) = path.split_once(is_space)?;
        (!exists(path) && exists(short)).then(|| format!("{} {}", entry.path, entry.label))
    };
    let longer: Option<Vec<String>> = read.list.iter().zip(found).map(is_longer).collect();
    if let Some(text) = longer.and_then(|longer| longer.into_iter().next()) {
        return Some(ProblemKind::ManyFields { text });
    }
    if has_counts && counts.known.is_none() {
        let number = |text: &str| text.parse::<u32>().ok();
        let pairs = read.list.iter().zip(found).map(|(entry, found)| {
            let (_, frames) = found.as_ref()?;
            Some((number(frames)?, number(&entry.label)?))
        });
        let pairs: Vec<(u32, u32)> = pairs.collect::<Option<_>>().unwrap_or_default();
        let (middle, last) = (
            pairs.iter().map(|pair| pair.0),
            pairs.iter().map(|pair| pair.1),
        );
        // Fewer frames than the smallest label has no video of a list, and no class is as many as the frames of all.
        let is_turned = middle.clone().max() < last.min() && middle.clone().min() != middle.max();
        if let (true, Some((path, label))) = (is_turned, found.first().cloned().flatten()) {
            let frames = first.label.clone();
            return Some(ProblemKind::FramesLast {
                path,
                label,
                frames,
            });
        }
    }
    None
}

/// Takes the number of frames out of the paths, if they end with one.
fn take_frames(read: &mut Entries, counts: FrameCounts<'_>) {
    let frames = |entry: &Entry| -> Option<(String, String)> {
        let (path, (_, count)) = split_last(&entry.path)?;
        count.parse::<u32>().ok()?;
        Some((path.trim().to_owned(), count.to_owned()))
    };
    let found: Vec<Option<(String, String)>> = read.list.iter().map(frames).collect();
    let with = found.iter().flatten().count();
    let without = found.len() - with;
    let has_counts = counts.known.unwrap_or_else(|| match counts.exists {
        None => without == 0,
        Some(exists) => {
            let (mut whole, mut short) = (0, 0);
            for (entry, found) in read.list.iter().zip(&found) {
                if let Some((path, _)) = found {
                    whole += usize::from(exists(&entry.path));
                    short += usize::from(exists(path));
                }
            }
            short > whole || (short == whole && without == 0)
        }
    });
    read.frame_counts = Some(has_counts);
    if let Some(kind) = other_fields(read, &found, has_counts, counts) {
        read.problems = vec![Problem { row: None, kind }];
        read.list.clear();
        return;
    }
    if !has_counts || with == 0 {
        return;
    }
    for (entry, found) in read.list.iter_mut().zip(found) {
        if let Some((path, count)) = found {
            entry.path = path;
            entry.extra = vec![count];
            continue;
        }
        entry.extra = vec![String::new()];
        read.problems.push(Problem {
            row: entry.row,
            kind: ProblemKind::NoFrameCount {
                text: format!("{} {}", entry.path, entry.label),
                others: with,
            },
        });
    }
    read.why = String::from("a list, a line with path, number of frames and label per video");
    read.extra_columns = vec![FRAMES.to_owned()];
}
