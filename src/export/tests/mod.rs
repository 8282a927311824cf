//! Exports of runs that are written by hand: no video is decoded and no network trained.

mod checks;
mod conversions;
mod names;
mod policies;
mod round_trip;

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use jiff::Timestamp;

use super::*;
use crate::journal::{self, Action, Entry, JournalWriter};
use crate::manifest::{self, Format, ReadOptions};
use crate::rows::SCHEMA;
use crate::rows::folder::RunFolder;
use crate::rows::run::{self, RunCard};
use crate::rows::videos::{self, Judgement, Scores, VideoRow};
use crate::score::Verdict;

/// A data set on the disk, and a run of it.
pub(super) struct Case {
    keep: tempfile::TempDir,
    source: String,
}

impl Case {
    /// The data set `source`, a file or the folder `data`, made of files below `data`.
    pub(super) fn new(files: &[(&str, &[u8])], source: &str, format: Format) -> Self {
        let case = Self {
            keep: tempfile::tempdir().unwrap(),
            source: source.to_owned(),
        };
        for (name, bytes) in files {
            let path = case.path("data").join(name);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, bytes).unwrap();
        }
        case.scan(format);
        case
    }

    /// A table of six videos of the classes happy, sad and fear; the first is suspected to be sad.
    pub(super) fn table() -> Self {
        let rows = "path,label,note\nv/0.mp4,happy,a\nv/1.mp4,sad,b\nv/2.mp4,fear,c\nv/3.mp4,happy,d\nv/4.mp4,sad,e\nv/5.mp4,fear,f\n";
        Self::new(
            &[("labels.csv", rows.as_bytes())],
            "data/labels.csv",
            Format::Csv,
        )
    }

    pub(super) fn path(&self, name: &str) -> Utf8PathBuf {
        Utf8Path::from_path(self.keep.path()).unwrap().join(name)
    }

    pub(super) fn folder(&self) -> RunFolder {
        RunFolder::new(self.path("run"))
    }

    pub(super) fn source(&self) -> Utf8PathBuf {
        self.path(&self.source)
    }

    /// Writes what a scan would leave: the first video is suspected to be of the next class, the second hard, the third
    /// unreadable, the others clean.
    fn scan(&self, format: Format) {
        let options = ReadOptions {
            format,
            words_only: true,
            ..ReadOptions::default()
        };
        let (manifest, files) = manifest::read_with_files(&self.source(), &options).unwrap();
        let labels = manifest.labels.names();
        let rows: Vec<VideoRow> = manifest
            .videos
            .iter()
            .zip(0..)
            .map(|(video, index)| row(&video.id, &video.written_path, labels, video.label, index))
            .collect();
        let folder = self.folder();
        fs_err::create_dir_all(folder.root()).unwrap();
        videos::write(&folder.videos(), &rows, &[]).unwrap();
        let card = RunCard {
            version: "0.1.0".into(),
            schema: SCHEMA,
            dataset: manifest.source.to_string(),
            format: manifest.format.name().to_owned(),
            root: Some(manifest.root.to_string()),
            digests: manifest.digests.clone(),
            reading: manifest.reading.clone(),
            fingerprint: "f00d".into(),
            labels: labels.to_vec(),
            settings: serde_json::json!({}),
            seed: 0,
            device: "cpu".into(),
            weights: None,
            features: None,
            networks: None,
            earlier: None,
            libtorch: "2.11.0".into(),
            videos: rows.len(),
            verdicts: BTreeMap::new(),
            skill: None,
            promise: None,
            votes: None,
            learning: None,
            clip_overlap: 0.5,
            timings_secs: BTreeMap::new(),
        };
        run::write(&folder.card(), &card).unwrap();
        let is_folder = manifest.source.is_dir();
        original::keep(&folder, &manifest.source, is_folder, &files).unwrap();
    }

    /// Somebody decides about a video.
    pub(super) fn decide(&self, reviewer: &str, id: &str, action: Action, label: Option<&str>) {
        self.say(reviewer, id, action, label, false);
    }

    pub(super) fn say(
        &self,
        reviewer: &str,
        id: &str,
        action: Action,
        label: Option<&str>,
        adjudication: bool,
    ) {
        let mut journal = JournalWriter::open(self.folder().root(), reviewer, "f00d").unwrap();
        let entry = Entry {
            id: id.to_owned(),
            action,
            label: label.map(str::to_owned),
            note: None,
            blind: false,
            adjudication,
        };
        let lines = journal.append(&[entry]).unwrap();
        assert!(lines[0].at <= Timestamp::now());
        assert!(!journal::read(self.folder().root()).unwrap().is_empty());
    }

    pub(super) fn audit(&self) -> Audit {
        Audit::read(&self.folder(), None, None).unwrap()
    }

    pub(super) fn plan(&self, to: &str, format: ExportFormat, policy: Policy) -> Plan {
        Plan::make(&self.audit(), &self.request(to, format, policy)).unwrap()
    }

    pub(super) fn request(&self, to: &str, format: ExportFormat, policy: Policy) -> Request {
        Request {
            target: self.path(to),
            format,
            policy,
            weights: false,
            flags: false,
            media: Media::Link,
        }
    }

    /// Exports in the data set's own format by people's decisions, and returns the text of the exported file.
    pub(super) fn export(&self, to: &str) -> String {
        self.plan(to, ExportFormat::Same, Policy::default())
            .write(false)
            .unwrap();
        self.text(to)
    }

    pub(super) fn text(&self, name: &str) -> String {
        fs_err::read_to_string(self.path(name)).unwrap()
    }
}

fn row(id: &str, path: &str, labels: &[String], label: usize, index: u32) -> VideoRow {
    let verdict = match index {
        0 => Verdict::Mislabeled,
        1 => Verdict::Hard,
        2 => Verdict::Unreadable,
        _ => Verdict::Clean,
    };
    let suggested = if index == 0 {
        (label + 1) % labels.len()
    } else {
        label
    };
    let judgement = Judgement {
        scores: Scores {
            noise_score: 0.75,
            noise_posterior: 0.25,
            agreement: 0.875,
            suggested_prob: 0.9,
            ..Scores::default()
        },
        consensus: labels[suggested].clone(),
        suggested_label: labels[suggested].clone(),
        mean_probs: (0..labels.len())
            .map(|class| if class == suggested { 0.9 } else { 0.05 })
            .collect(),
        neighbours: Vec::new(),
        flags: [false; 4],
    };
    VideoRow {
        rank: index + 1,
        id: id.to_owned(),
        path: path.to_owned(),
        label: labels[label].clone(),
        verdict,
        judgement: (verdict != Verdict::Unreadable).then_some(judgement),
        fold: 0,
        votes: None,
        group: None,
        facts: None,
        issues: Vec::new(),
        reason: format!("reason {index}"),
        extra: Vec::new(),
    }
}
