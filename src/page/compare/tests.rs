//! Two small runs side by side.

use std::sync::Arc;

use camino::Utf8Path;

use super::*;
use crate::page::findings::DecisionFacts;
use crate::page::findings::samples::{self, Sample};

fn runs() -> (Findings, Findings) {
    let run = |threshold: f64| {
        let folder = tempfile::tempdir().unwrap();
        let sample = Sample {
            threshold,
            ..Sample::default()
        };
        let root = Utf8Path::from_path(folder.path()).unwrap();
        let mut findings = samples::findings(root, &sample);
        findings.summary.run = format!("run-{threshold}");
        findings
    };
    (run(0.6), run(0.8))
}

#[test]
fn a_run_is_like_itself() {
    let (now, _) = runs();
    let same = Comparison::new(&now, &now);
    assert!(same.is_same_data && same.settings.is_empty() && same.verdicts.is_empty());
    assert_eq!((same.videos, same.only_now, same.relabeled), (61, 0, 0));
    assert_eq!((same.entered.len(), same.left.len()), (0, 0));
    assert_eq!(same.flagged_both, same.flagged_now);
    assert!((same.rank_correlation.unwrap() - 1.0).abs() < 1e-12);
}

#[test]
fn changes_are_told_both_ways() {
    let (now, before) = runs();
    let there = Comparison::new(&now, &before);
    let back = Comparison::new(&before, &now);
    let ids = |moves: &[Move]| -> Vec<String> { moves.iter().map(|m| m.id.clone()).collect() };
    // Three of five clips agree: hard at 0.8 and not at 0.6; the wrong label among them is v040.
    assert_eq!(ids(&there.entered), ["v040"]);
    assert_eq!(ids(&back.left), ids(&there.entered));
    assert!(there.left.is_empty() && back.entered.is_empty());
    let moved = &there.entered[0];
    assert_eq!(
        (moved.verdict_before, moved.verdict_now),
        ("hard", "mislabeled")
    );
    let names: Vec<&str> = there.settings.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["verdict.agreement_threshold"]);
    let setting = &there.settings[0];
    assert_eq!(
        (setting.before.as_deref(), setting.now.as_deref()),
        (Some("0.8"), Some("0.6"))
    );
    insta::assert_snapshot!(there.to_text(), @r"
    run-0.6 against run-0.8
    both saw the same 61 videos, labels and folds
    flagged: 8 now, 7 before, 7 in both; 1 entered, 0 left
    held-out labels that the networks are right on: 87 % now, 87 % before, of the 60 videos that both scored (0 now alone, 0 before alone)
    rank correlation of the noise scores: 1.000
    changed verdicts: 6 hard → clean, 1 hard → mislabeled

    entered (rank before → now):
           8 → 8      videos/v040 happy.mp4  sad  (hard → mislabeled)

    different settings (before → now):
      verdict.agreement_threshold: 0.8 → 0.6
    ");
}

#[test]
fn the_run_whose_networks_know_more_is_told() {
    let (now, mut before) = runs();
    let rows = Arc::make_mut(&mut before.rows);
    let mut spoilt = 0;
    for row in rows.iter_mut().rev() {
        let Some(judgement) = &mut row.judgement else {
            continue;
        };
        if judgement.consensus == row.label && spoilt < 9 {
            "elsewhere".clone_into(&mut judgement.consensus);
            spoilt += 1;
        }
    }
    let there = Comparison::new(&now, &before);
    let held_out = there.held_out.unwrap();
    assert_eq!((held_out.right_now, held_out.right_before), (9, 0));
    assert!(held_out.now() > held_out.before());
    assert_eq!(held_out.knows_more(), Some(true));
    let words = there.held_out_words().unwrap();
    assert!(
        words.ends_with("what this run ranks is the better founded"),
        "{words}"
    );
    let back = Comparison::new(&before, &now).held_out.unwrap();
    assert_eq!(back.knows_more(), Some(false));
    // Of 3 against 0 chance is still an explanation.
    let few = HeldOut {
        videos: 61,
        right_both: 40,
        right_now: 3,
        right_before: 0,
    };
    assert_eq!(few.knows_more(), None);
}

#[test]
fn what_people_decided_and_what_they_did_not_are_told_apart() {
    let (mut now, mut before) = runs();
    assert!(Comparison::new(&now, &before).known.is_empty());
    // The same run, but for two videos on which the networks were of another mind.
    before.rows = Arc::clone(&now.rows);
    let scored = now.rows.iter().filter(|row| row.judgement.is_some());
    let ids: Vec<String> = scored.take(3).map(|row| row.id.clone()).collect();
    let consensus = |id: &String| {
        let row = now.rows.iter().find(|row| row.id == *id).unwrap();
        row.judgement.as_ref().unwrap().consensus.clone()
    };
    let right: Vec<String> = ids.iter().map(consensus).collect();
    for row in Arc::make_mut(&mut before.rows) {
        if ids[..2].contains(&row.id) {
            let said = &mut row.judgement.as_mut().unwrap().consensus;
            let other = now.card.labels.iter().find(|own| *own != said).unwrap();
            said.clone_from(other);
        }
    }
    now.review
        .settled
        .insert(ids[0].clone(), Some(right[0].clone()));
    now.review.settled.insert(ids[2].clone(), None);
    let touched = [&ids[0], &ids[2]].map(|id| DecisionFacts {
        id: id.clone(),
        ..DecisionFacts::default()
    });
    now.review.decisions = touched.to_vec();
    before.review.decisions.clear();
    let known = Comparison::new(&now, &before).known;
    assert_eq!((known[0].of, known[0].videos), ("decided", 1));
    assert!((known[0].war.gain - 1.0).abs() < 1e-12);
    assert_eq!((known[1].of, known[1].videos), ("untouched", 58));
    let words = known[1].words();
    assert!(
        words.starts_with("58 videos that nobody decided on, against their given labels: WAR "),
        "{words}"
    );
}

#[test]
fn other_data_is_told() {
    let (now, mut before) = runs();
    before.card.fingerprint = "other".into();
    let rows = Arc::make_mut(&mut before.rows);
    rows.truncate(50);
    rows[0].label = "elsewhere".into();
    rows[1].id = "new".into();
    let comparison = Comparison::new(&now, &before);
    assert!(!comparison.is_same_data);
    assert_eq!((comparison.videos, comparison.only_now), (49, 12));
    assert_eq!((comparison.only_before, comparison.relabeled), (1, 1));
    assert!(
        comparison
            .to_text()
            .contains("49 videos in both, 12 in this run alone")
    );
}
