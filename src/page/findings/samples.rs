//! A small run on disk, for tests: drawn probabilities, real judgement, real files.

use std::collections::BTreeMap;

use camino::Utf8Path;
use rand::RngExt;

use super::{DecisionFacts, Findings, ReviewFacts, ReviewerFacts};
use crate::judge::{Evidence, FileState, JudgeSettings, VideoFile, judge};
use crate::page::summary::verdict_counts;
use crate::rows::clip_probs::ClipProbs;
use crate::rows::clips::{self, ClipRow};
use crate::rows::cuts;
use crate::rows::folder::RunFolder;
use crate::rows::run::{self, RunCard};
use crate::rows::training::{self, EpochRow, HeldOut};
use crate::rows::training_dynamics::TrainingDynamics;
use crate::rows::{SCHEMA, classes, videos};
use crate::score::noise_model::NoiseModelSettings;
use crate::score::{CalibrationSettings, VerdictSettings};
use crate::seed::Seed;
use crate::video::VideoFacts;

/// Clips of each video.
const CLIPS: u16 = 5;

/// How a run is made.
pub(in crate::page) struct Sample<'a> {
    /// The class names.
    pub(in crate::page) labels: [&'a str; 3],
    /// Number of videos; the last one cannot be read.
    pub(in crate::page) videos: usize,
    /// The agreement threshold.
    pub(in crate::page) threshold: f64,
}

impl Default for Sample<'_> {
    fn default() -> Self {
        Self {
            labels: ["angry", "happy", "sad"],
            videos: 61,
            threshold: 0.8,
        }
    }
}

impl Sample<'_> {
    /// Writes the run; every eighth label is wrong, every ninth video wavers.
    pub(in crate::page) fn write(&self, root: &Utf8Path) -> RunFolder {
        let labels = self.labels.map(str::to_owned);
        let folder = RunFolder::new(root.join("run"));
        let (files, clip_rows) = self.videos();
        let verdict = VerdictSettings {
            agreement_threshold: self.threshold,
            // Some pages show too few videos to prove that networks have learnt.
            require_skill: false,
            ..VerdictSettings::default()
        };
        let evidence = Evidence {
            clips: &ClipProbs::new(&clip_rows),
            dynamics: &TrainingDynamics::default(),
            judged: &BTreeMap::new(),
            votes: None,
        };
        let settings = JudgeSettings {
            labels: &labels,
            verdict: &verdict,
            noise: &NoiseModelSettings::default(),
            calibration: &CalibrationSettings::default(),
            min_distinct_frames: 4,
            seed: Seed(0),
        };
        let judged = judge(files, evidence, settings).unwrap();
        fs_err::create_dir_all(folder.fold(0)).unwrap();
        videos::write(&folder.videos(), &judged.rows, &["note".to_owned()]).unwrap();
        clips::write(&folder.clips(), &clip_rows).unwrap();
        let report = judged.classes.as_ref().unwrap();
        classes::write_classes(&folder.classes(), report, &labels).unwrap();
        classes::write_transitions(&folder.transitions(), report, &labels).unwrap();
        let promise = judged.promise.unwrap();
        cuts::write(&folder.cuts(), &promise.cuts).unwrap();
        training::write(&folder.training_log(0), &epochs()).unwrap();
        let card = RunCard {
            version: "0.1.0".into(),
            schema: SCHEMA,
            dataset: "faces/labels.csv".into(),
            format: "csv".into(),
            root: Some("faces".into()),
            fingerprint: "f00d".into(),
            labels: labels.to_vec(),
            settings: serde_json::json!({
                "clips": {"count": CLIPS},
                "model": {"backbone": "small"},
                "review": {"mouse": false},
                "train": {"epochs": 2},
                "verdict": verdict,
            }),
            device: "cpu".into(),
            libtorch: "2.11.0".into(),
            videos: judged.rows.len(),
            verdicts: verdict_counts(&judged.rows),
            promise: Some(promise.card(judged.classes.as_ref(), &labels)),
            clip_overlap: 0.25,
            timings_secs: BTreeMap::from([("decode".into(), 1.5), ("folds".into(), 75.0)]),
            ..RunCard::default()
        };
        run::write(&folder.card(), &card).unwrap();
        folder
    }

    fn videos(&self) -> (Vec<VideoFile>, Vec<ClipRow>) {
        let (mut files, mut clips) = (Vec::new(), Vec::new());
        for number in 0..self.videos {
            let id = format!("v{number:03}");
            let (shown, is_hard) = (number % 3, number % 9 == 4);
            let mut random = Seed(7).stream("sample", &id);
            for clip in 0..CLIPS {
                let seen = if is_hard && clip >= 3 {
                    (shown + 1) % 3
                } else {
                    shown
                };
                let mut probs: Vec<f32> = (0..3).map(|_| random.random_range(0.02..0.2)).collect();
                probs[seen] += 0.8;
                let sum: f32 = probs.iter().sum();
                for prob in &mut probs {
                    *prob /= sum;
                }
                clips.push(ClipRow {
                    id: id.clone(),
                    repeat: 0,
                    clip,
                    start_frame: u32::from(clip) * 10,
                    end_frame: u32::from(clip) * 10 + 39,
                    flipped: false,
                    key_frames: vec![u32::from(clip) * 10 + 7],
                    prediction: self.labels[seen].to_owned(),
                    probs,
                });
            }
            let label = if number % 8 == 0 {
                (shown + 1) % 3
            } else {
                shown
            };
            let is_last = number + 1 == self.videos;
            files.push(VideoFile {
                path: format!("videos/{id} {}.mp4", self.labels[shown]),
                id,
                label,
                group: None,
                fold: 0,
                state: if is_last {
                    FileState::Unreadable("has no video stream".into())
                } else {
                    FileState::Decoded(FACTS)
                },
                issues: Vec::new(),
                copies: Vec::new(),
                neighbours: None,
                extra: vec![self.labels[shown].to_owned()],
            });
        }
        (files, clips)
    }
}

const FACTS: VideoFacts = VideoFacts {
    frames: 80,
    fps: 25.0,
    duration_secs: 3.2,
    width: 64,
    height: 48,
    distinct_frames: 60,
    truncated: false,
};

fn epochs() -> Vec<EpochRow> {
    (1..=2_usize)
        .map(|epoch| EpochRow {
            epoch,
            loss: 1.0 / epoch as f64,
            accuracy: 0.4 * epoch as f64,
            uar: 0.35 * epoch as f64,
            held_out: Some(HeldOut {
                clips: 20,
                accuracy: 0.3 * epoch as f64,
                uar: 0.25 * epoch as f64,
            }),
            learning_rate: 1e-3,
        })
        .collect()
}

/// What two reviewers decided.
pub(in crate::page) fn review() -> ReviewFacts {
    let actions = |keep, relabel| vec![("keep", keep), ("relabel", relabel)];
    let decision = |id: &str, reviewer: &str, action, label: Option<&str>| DecisionFacts {
        id: id.to_owned(),
        reviewer: reviewer.to_owned(),
        action,
        label: label.map(str::to_owned),
        is_ruling: false,
        note: Some("<b>sure</b>".to_owned()),
    };
    ReviewFacts {
        reviewers: vec![
            ReviewerFacts {
                name: String::new(),
                actions: actions(1, 0),
                blind: 1,
            },
            ReviewerFacts {
                name: "anna".to_owned(),
                actions: actions(0, 1),
                blind: 0,
            },
        ],
        decisions: vec![
            decision("v000", "", "keep", None),
            decision("v008", "anna", "relabel", Some("sad")),
        ],
        settled: BTreeMap::new(),
        decided: 2,
        disputed: 0,
    }
}

/// Writes a run and reads it back.
pub(in crate::page) fn findings(root: &Utf8Path, sample: &Sample) -> Findings {
    Findings::read(&sample.write(root), ReviewFacts::default()).unwrap()
}
