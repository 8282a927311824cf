//! Joining what is known of a small data set.

use std::collections::BTreeMap;

use camino::Utf8Path;

use super::*;
use crate::rows::clip_probs::ClipProbs;
use crate::rows::clips::ClipRow;
use crate::rows::training_dynamics::TrainingDynamics;
use crate::rows::videos::{self, VideoRow};
use crate::score::calibration::Basis;
use crate::score::noise_model::NoiseModelSettings;
use crate::score::verdict::ThresholdSource;
use crate::score::{CalibrationSettings, VerdictSettings};
use crate::seed::Seed;
use crate::video::VideoFacts;

const LABELS: [&str; 3] = ["angry", "happy", "sad"];

/// 120 videos of three classes with four clips each; every tenth label is wrong, and every tenth video after it wavers.
fn world() -> (Vec<VideoFile>, Vec<ClipRow>) {
    let (mut files, mut clips) = (Vec::new(), Vec::new());
    for number in 0..120_usize {
        let shown = number % 3;
        let id = format!("v{number:03}");
        for clip in 0..4_u16 {
            let seen = if number % 10 == 1 && clip >= 2 {
                (shown + 1) % 3
            } else {
                shown
            };
            let mut probs = vec![0.05; 3];
            probs[seen] = 0.9;
            clips.push(ClipRow {
                id: id.clone(),
                repeat: 0,
                clip,
                start_frame: 0,
                end_frame: 0,
                flipped: false,
                key_frames: Vec::new(),
                prediction: LABELS[seen].to_owned(),
                probs,
            });
        }
        files.push(VideoFile {
            path: format!("{id}.mp4"),
            id,
            label: if number % 10 == 0 {
                (shown + 1) % 3
            } else {
                shown
            },
            group: None,
            fold: 0,
            state: FileState::Unknown,
            issues: Vec::new(),
            copies: Vec::new(),
            neighbours: None,
            extra: Vec::new(),
        });
    }
    (files, clips)
}

fn judge_world(
    files: Vec<VideoFile>,
    clips: &[ClipRow],
    judged: &BTreeMap<String, bool>,
    verdict: &VerdictSettings,
) -> Judged {
    let labels = LABELS.map(str::to_owned);
    let evidence = Evidence {
        clips: &ClipProbs::new(clips),
        dynamics: &TrainingDynamics::default(),
        judged,
        votes: None,
    };
    let settings = JudgeSettings {
        labels: &labels,
        verdict,
        noise: &NoiseModelSettings::default(),
        calibration: &CalibrationSettings { plant: 0.1 },
        min_distinct_frames: 16,
        seed: Seed(1),
    };
    judge(files, evidence, settings).unwrap()
}

fn is_wrong(id: &str) -> bool {
    id.ends_with('0')
}

#[test]
fn wrong_labels_come_first_and_wavering_videos_are_hard() {
    let (files, clips) = world();
    let judged = judge_world(files, &clips, &BTreeMap::new(), &VerdictSettings::default());
    assert!(judged.rows[..12].iter().all(|row| is_wrong(&row.id)));
    for row in &judged.rows {
        let expected = match row.id.as_bytes()[3] {
            b'0' => Verdict::Mislabeled,
            b'1' => Verdict::Hard,
            _ => Verdict::Clean,
        };
        assert_eq!(row.verdict, expected, "{}", row.id);
        // No training was watched.
        assert!(row.judgement.as_ref().unwrap().scores.aum.is_nan());
    }
    let promise = judged.promise.unwrap();
    assert_eq!((promise.basis, promise.judged), (Basis::Range, 0));
    // Errors that depend on the class are counted, and the videos that waver contradict some of their labels besides.
    // Each by chance a few more or fewer.
    let low = 0.8 * 12.0 - 1.645 * 12.0_f64.sqrt();
    assert!((promise.errors.low - low).abs() < 0.1 && promise.errors.high > 12.5 + 5.0);
    let test = promise.self_test.unwrap();
    // Those that waver between two classes hide a change to the other one.
    assert!(test.planted == 11 && test.found >= 8, "{test:?}");
    let classes = judged.classes.unwrap();
    assert_eq!(classes.transitions.len(), 9);
}

#[test]
fn judged_videos_turn_the_range_into_intervals() {
    let (files, clips) = world();
    let ids: Vec<String> = files.iter().map(|file| file.id.clone()).collect();
    let sample: BTreeMap<String, bool> = ids
        .iter()
        .filter(|id| !id.ends_with(['4', '6', '8']))
        .map(|id| (id.clone(), is_wrong(id)))
        .collect();
    let calibrated = VerdictSettings {
        threshold: ThresholdSource::Calibrated,
        ..VerdictSettings::default()
    };
    let judged = judge_world(files, &clips, &sample, &calibrated);
    let promise = judged.promise.unwrap();
    assert_eq!(
        (promise.basis, promise.judged),
        (Basis::Judged, sample.len())
    );
    assert_eq!(promise.recommended, 12);
    assert!(promise.errors.low <= 12.0 && promise.errors.high >= 12.0);
    assert_eq!(promise.agreement_threshold, Some(1.0));
    let cut = promise.recommended_cut().unwrap();
    assert!(cut.precision.estimate > 0.9 && cut.recall.estimate > 0.85);
}

#[test]
fn what_cannot_be_scored_comes_last_with_its_reason() {
    let (mut files, clips) = world();
    files[3].state = FileState::Unreadable("no video stream".to_owned());
    files[10].state = FileState::Decoded(VideoFacts {
        frames: 40,
        fps: 25.0,
        duration_secs: 1.6,
        width: 64,
        height: 64,
        distinct_frames: 3,
        truncated: true,
    });
    let judged = judge_world(files, &clips, &BTreeMap::new(), &VerdictSettings::default());
    let last: Vec<(Verdict, u32)> = judged.rows[118..]
        .iter()
        .map(|row| (row.verdict, row.rank))
        .collect();
    assert_eq!(
        last,
        [(Verdict::Unreadable, 119), (Verdict::Undefined, 120)]
    );
    assert_eq!(judged.rows[118].reason, "no video stream");
    assert_eq!(judged.rows[119].issues, ["too_short", "truncated"]);
}

#[test]
fn a_video_without_clips_is_named() {
    let (files, clips) = world();
    let labels = LABELS.map(str::to_owned);
    let evidence = Evidence {
        clips: &ClipProbs::new(&clips[4..]),
        dynamics: &TrainingDynamics::default(),
        judged: &BTreeMap::new(),
        votes: None,
    };
    let settings = JudgeSettings {
        labels: &labels,
        verdict: &VerdictSettings::default(),
        noise: &NoiseModelSettings::default(),
        calibration: &CalibrationSettings::default(),
        min_distinct_frames: 16,
        seed: Seed(1),
    };
    let error = judge(files, evidence, settings).unwrap_err();
    assert!(matches!(error, JudgeError::NoClips { id } if id == "v000"));
}

#[test]
fn judged_rows_come_back_with_and_without_their_judgement() {
    let (files, clips) = world();
    let judged = judge_world(files, &clips, &BTreeMap::new(), &VerdictSettings::default());
    let folder = tempfile::tempdir().unwrap();
    let path = Utf8Path::from_path(folder.path())
        .unwrap()
        .join("videos.parquet");
    videos::write(&path, &judged.rows, &[]).unwrap();
    let (rows, _) = videos::read(&path).unwrap();
    let scores = |row: &VideoRow| row.judgement.as_ref().unwrap().scores.noise_score;
    assert!(rows.iter().map(scores).eq(judged.rows.iter().map(scores)));
    let (unjudged, _) = videos::read_unjudged(&path).unwrap();
    let without = rows.into_iter().map(|row| VideoRow {
        judgement: None,
        ..row
    });
    assert_eq!(unjudged, without.collect::<Vec<_>>());
}

/// The same videos, of which the networks say one class after the other, whatever is shown.
fn noise(mut clips: Vec<ClipRow>) -> Vec<ClipRow> {
    for (video, clips) in clips.chunks_mut(4).enumerate() {
        let said = video * 7 / 3 % 3;
        for clip in clips {
            clip.probs = vec![0.05; 3];
            clip.probs[said] = 0.9;
            LABELS[said].clone_into(&mut clip.prediction);
        }
    }
    clips
}

#[test]
fn networks_that_have_not_learnt_accuse_nobody() {
    let (files, clips) = world();
    let clips = noise(clips);
    let judge = |verdict| judge_world(files.clone(), &clips, &BTreeMap::new(), &verdict);
    let judged = judge(VerdictSettings::default());
    let skill = judged.skill.unwrap();
    assert!(skill.is_unable(), "{skill:?}");
    assert!(judged.promise.is_none() && judged.classes.is_none());
    for row in &judged.rows {
        assert_eq!(row.verdict, Verdict::Undefined);
        let judgement = row.judgement.as_ref().unwrap();
        assert_eq!(judgement.noise_score(), None);
        assert!(
            judgement.scores.noise_posterior.is_nan() && judgement.scores.suggested_prob.is_nan()
        );
        // What was measured stays, and so does the label.
        assert!(judgement.scores.agreement >= 1.0);
        assert_eq!(judgement.suggested_label, row.label);
        assert!(
            row.reason
                .starts_with("the networks cannot judge it, being right on"),
            "{}",
            row.reason
        );
        assert!(row.reason.contains("4 of 4 clips say"), "{}", row.reason);
        assert!(row.issues.is_empty());
    }
    // Who wants to hear them all the same does, and is told what they are worth.
    let judged = judge(VerdictSettings {
        require_skill: false,
        ..VerdictSettings::default()
    });
    assert!(
        judged
            .rows
            .iter()
            .any(|row| row.verdict == Verdict::Mislabeled)
    );
    assert!(!judged.skill.unwrap().doubts().is_empty() && judged.promise.is_some());
}

#[test]
fn what_people_judged_stands_whatever_the_networks_are() {
    let (files, clips) = world();
    let sample: BTreeMap<String, bool> = files
        .iter()
        .step_by(3)
        .map(|file| (file.id.clone(), is_wrong(&file.id)))
        .collect();
    let judged = judge_world(files, &noise(clips), &sample, &VerdictSettings::default());
    assert!(judged.skill.unwrap().is_unable());
    let promise = judged.promise.unwrap();
    assert_eq!(
        (promise.basis, promise.judged, promise.recommended),
        (Basis::Judged, 40, 0)
    );
    assert!(
        promise.errors.low <= 12.0 && promise.errors.high >= 12.0,
        "{:?}",
        promise.errors
    );
    assert!(
        judged
            .rows
            .iter()
            .all(|row| row.verdict == Verdict::Undefined)
    );
}

#[test]
fn copies_accuse_without_networks_where_most_of_them_agree() {
    let (mut files, clips) = world();
    // Of a pair nobody knows which label is wrong; of three copies the one that stands alone.
    files[0].copies = vec!["v003".into()];
    files[4].copies = vec!["v009".into()];
    files[7].copies = vec!["v009".into()];
    for (file, label) in [(0, 0), (3, 1), (4, 2), (7, 2), (9, 0)] {
        files[file].label = label;
    }
    let judged = judge_world(
        files,
        &noise(clips),
        &BTreeMap::new(),
        &VerdictSettings::default(),
    );
    let first = &judged.rows[0];
    assert_eq!(
        (first.id.as_str(), first.verdict),
        ("v009", Verdict::Mislabeled)
    );
    let judgement = first.judgement.as_ref().unwrap();
    assert_eq!(
        (judgement.noise_score(), judgement.suggested_label.as_str()),
        (Some(1.0), "sad")
    );
    let of_pair = judged
        .rows
        .iter()
        .filter(|row| ["v000", "v003"].contains(&row.id.as_str()));
    for row in of_pair {
        assert_eq!(row.verdict, Verdict::Undefined);
        assert!(row.reason.starts_with("its duplicate"), "{}", row.reason);
    }
}

#[test]
fn videos_of_a_class_that_was_not_learnt_are_left_out() {
    let (files, mut clips) = world();
    // Sad is what nobody ever says.
    for clip in &mut clips {
        if clip.prediction == LABELS[2] {
            clip.probs = vec![0.9, 0.05, 0.05];
            LABELS[0].clone_into(&mut clip.prediction);
        }
    }
    let judged = judge_world(files, &clips, &BTreeMap::new(), &VerdictSettings::default());
    let skill = judged.skill.unwrap();
    assert_eq!(skill.classes_not_learnt[0].name, "sad");
    let (sad, others): (Vec<&VideoRow>, Vec<&VideoRow>) =
        judged.rows.iter().partition(|row| row.label == "sad");
    for row in sad {
        assert_eq!(row.verdict, Verdict::Undefined);
        assert!(
            row.reason
                .starts_with("the networks have not learnt what 'sad' is"),
            "{}",
            row.reason
        );
    }
    assert!(others.iter().any(|row| row.verdict == Verdict::Mislabeled));
    // They stand last, and no number of errors counts them.
    let ranked = others.len();
    assert!(judged.rows[..ranked].iter().all(|row| row.label != "sad"));
    assert!(judged.promise.unwrap().errors.high <= ranked as f64);
    assert_eq!(judged.classes.unwrap().classes[2].ranked, 0);
}
