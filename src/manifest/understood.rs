//! What a data set was understood to be: said before anything is decoded, for people and as JSON.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;

use super::{LabelFile, Manifest};
use crate::label::escaped;

/// How many examples a line names.
const EXAMPLES: usize = 3;

/// How many classes, columns or rows a line lists.
const LISTED: usize = 30;

/// What a data set was understood to be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Understood {
    /// The format's name.
    pub format: String,
    /// By what it was recognised, or that the user named it.
    pub why: String,
    /// The columns, with what each means.
    pub columns: Vec<Column>,
    /// Videos that are there and labeled.
    pub videos: usize,
    /// The classes in order, with their numbers of videos.
    pub classes: Vec<Class>,
    /// What the data set writes for a class, where that is not its name.
    pub words: BTreeMap<String, String>,
    /// What was taken among several, or found out.
    pub choices: Vec<Choice>,
    /// Videos by side of each split that the data set gives.
    pub splits: BTreeMap<String, BTreeMap<String, usize>>,
    /// How many groups there are; nothing where the data set names none.
    pub groups: Option<usize>,
    /// Rows that are no videos of the manifest.
    pub left_out: Vec<LeftOut>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it means: a role, or that it is kept.
    pub meaning: String,
}

/// A class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// How many videos it has.
    pub videos: usize,
}

/// Something that was taken among several, or found out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// Of what, such as `videos`.
    pub what: String,
    /// What was taken.
    pub taken: String,
    /// What else there is.
    pub also: Vec<String>,
    /// How to choose another.
    pub remedy: String,
}

/// A row that is no video of the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Its line, where it has one.
    pub row: Option<u64>,
    /// The video's id.
    pub id: String,
    /// The path as the data set writes it.
    pub path: String,
    /// Why.
    pub why: Why,
    /// The case in plain words.
    pub detail: String,
}

/// Why a row is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The video is not there.
    Missing,
    /// There is no label.
    Unlabeled,
}

impl Understood {
    /// Counts the videos of a manifest; `files`: its files of labels.
    pub(super) fn count(&mut self, manifest: &Manifest, files: &[LabelFile]) {
        let mut counts = vec![0; manifest.labels.len()];
        for video in &manifest.videos {
            counts[video.label] += 1;
        }
        self.format = String::from(manifest.format.name());
        self.videos = manifest.videos.len();
        let class = |(name, videos): (&String, usize)| Class {
            name: name.clone(),
            videos,
        };
        self.classes = manifest
            .labels
            .names()
            .iter()
            .zip(counts)
            .map(class)
            .collect();
        let sizes = |(side, videos): (String, Vec<usize>)| (side, videos.len());
        self.splits = manifest
            .splits(files)
            .into_iter()
            .map(|split| (split.name, split.sides.into_iter().map(sizes).collect()))
            .collect();
        let groups = manifest
            .videos
            .iter()
            .filter_map(|video| video.group.as_ref());
        let groups: std::collections::BTreeSet<&String> = groups.collect();
        self.groups = (!groups.is_empty()).then_some(groups.len());
    }

    /// As people read it, a line or more for each thing. `source`: the data set as it was named.
    pub fn to_text(&self, source: &str) -> String {
        let mut text = String::new();
        self.write_text(source, &mut text)
            .unwrap_or_else(|_| unreachable!("a String takes every word"));
        text
    }

    fn write_text(&self, source: &str, text: &mut String) -> std::fmt::Result {
        writeln!(
            text,
            "data set '{source}', format '{}': {}",
            self.format, self.why
        )?;
        let classes = self.classes.iter();
        let classes = listed(classes.map(|class| format!("{} {}", class.name, class.videos)));
        writeln!(
            text,
            "  {} videos in {} classes: {classes}",
            self.videos,
            self.classes.len()
        )?;
        if !self.words.is_empty() {
            let words = self.words.iter();
            let words =
                listed(words.map(|(word, class)| format!("'{}' is {class}", escaped(word))));
            writeln!(text, "  labels: {words}")?;
        }
        if !self.columns.is_empty() {
            let columns = self.columns.iter();
            let columns =
                listed(columns.map(|column| format!("'{}' is {}", column.name, column.meaning)));
            writeln!(text, "  columns: {columns}")?;
        }
        for choice in &self.choices {
            write!(text, "  {}: {}", choice.what, choice.taken)?;
            if !choice.also.is_empty() {
                let also = choice.also.iter().map(|other| format!("'{other}'"));
                write!(text, "; also there: {}", listed(also))?;
            }
            if !choice.remedy.is_empty() {
                write!(text, "; {}", choice.remedy)?;
            }
            writeln!(text)?;
        }
        for (name, sides) in &self.splits {
            let sides = sides.iter();
            let sides = listed(sides.map(|(side, count)| format!("{side} {count}")));
            writeln!(text, "  split '{name}': {sides}")?;
        }
        if let Some(groups) = self.groups {
            writeln!(text, "  groups: {groups}, each kept in one fold")?;
        }
        self.write_left_out(text)
    }

    fn write_left_out(&self, text: &mut String) -> std::fmt::Result {
        for (why, words) in [
            (Why::Missing, "whose video is not there"),
            (Why::Unlabeled, "without a label"),
        ] {
            let rows: Vec<&LeftOut> = self.left_out.iter().filter(|row| row.why == why).collect();
            if !rows.is_empty() {
                let some: Vec<&str> = rows.iter().take(EXAMPLES).map(|row| &*row.path).collect();
                let more = if rows.len() > some.len() { ", …" } else { "" };
                writeln!(
                    text,
                    "  left out: {} {words} ({}{more}); issues.parquet lists them",
                    rows.len(),
                    some.join(", ")
                )?;
            }
        }
        Ok(())
    }
}

/// A list of words, cut where it gets long.
fn listed(words: impl Iterator<Item = String>) -> String {
    let mut words: Vec<String> = words.collect();
    let more = words.len().saturating_sub(LISTED);
    words.truncate(LISTED);
    match more {
        0 => words.join(", "),
        more => format!("{} and {more} more", words.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_understood_is_said_line_by_line() {
        let left_out = |path: &str, why| LeftOut {
            row: Some(3),
            id: path.to_owned(),
            path: path.to_owned(),
            why,
            detail: String::new(),
        };
        let understood = Understood {
            format: "csv".to_owned(),
            why: "its header has 'path' and 'label'".to_owned(),
            columns: [("clip", "path"), ("note", "kept")]
                .map(|(name, meaning)| Column {
                    name: name.to_owned(),
                    meaning: meaning.to_owned(),
                })
                .into(),
            videos: 5,
            classes: [("happy", 3), ("sad", 2)]
                .map(|(name, videos)| Class {
                    name: name.to_owned(),
                    videos,
                })
                .into(),
            words: BTreeMap::from([("1.0".to_owned(), "happy".to_owned())]),
            choices: vec![Choice {
                what: "videos".to_owned(),
                taken: "in 'Clip/a'".to_owned(),
                also: vec!["Clip/b".to_owned()],
                remedy: "choose with '--root'".to_owned(),
            }],
            splits: BTreeMap::from([(
                "split".to_owned(),
                BTreeMap::from([("test".to_owned(), 1), ("train".to_owned(), 4)]),
            )]),
            groups: Some(2),
            left_out: vec![
                left_out("a", Why::Missing),
                left_out("b", Why::Unlabeled),
                left_out("c", Why::Unlabeled),
                left_out("d", Why::Unlabeled),
                left_out("e", Why::Unlabeled),
            ],
        };
        insta::assert_snapshot!(understood.to_text("labels.csv"), @r"
        data set 'labels.csv', format 'csv': its header has 'path' and 'label'
          5 videos in 2 classes: happy 3, sad 2
          labels: '1.0' is happy
          columns: 'clip' is path, 'note' is kept
          videos: in 'Clip/a'; also there: 'Clip/b'; choose with '--root'
          split 'split': test 1, train 4
          groups: 2, each kept in one fold
          left out: 1 whose video is not there (a); issues.parquet lists them
          left out: 4 without a label (b, c, d, …); issues.parquet lists them
        ");
    }
}
