//! Decisions teach the order of the review, and promise nothing.

use std::fmt::Write;

use rdfer_audit::rows::videos;

use crate::judged::scored;
use crate::support::Workspace;

const VIDEOS: usize = 600;

/// Labels of `fear` are wrong where they are contradicted, those of `happy` are not: the networks cannot know.
fn is_wrong(video: usize) -> bool {
    is_contradicted(video) && video.is_multiple_of(3)
}

fn is_contradicted(video: usize) -> bool {
    (video / 3).is_multiple_of(4)
}

/// A run of predictions of a network that contradicts a quarter of the labels, some more surely than others.
fn run() -> Workspace {
    scored(VIDEOS, |video| {
        let sure = 0.5 + 0.4 * ((video * 37 % 101) as f32 / 101.0);
        let mut probs = [(1.0 - sure) / 2.0; 3];
        probs[(video + usize::from(is_contradicted(video))) % 3] = sure;
        probs
    })
}

fn rows(workspace: &Workspace) -> Vec<videos::VideoRow> {
    let path = workspace.path("run").join("videos.parquet");
    videos::read(path.as_path().try_into().unwrap()).unwrap().0
}

fn learnt(row: &videos::VideoRow) -> f32 {
    row.judgement.as_ref().unwrap().scores.learnt_posterior
}

fn number(row: &videos::VideoRow) -> usize {
    row.id[5..].parse().unwrap()
}

/// The first 60 of the list are decided as they truly are.
fn decide_the_top(workspace: &Workspace) {
    let mut decisions = "id,action,label\n".to_owned();
    for row in rows(workspace).iter().take(60) {
        let (action, label) = if is_wrong(number(row)) {
            ("relabel", "happy")
        } else {
            ("keep", "")
        };
        writeln!(decisions, "{},{action},{label}", row.id).unwrap();
    }
    workspace.write("decisions.csv", &decisions);
    workspace.done("review run --apply decisions.csv");
}

#[test]
fn the_order_learns_from_the_journal_and_promises_stay() {
    let workspace = run();
    let before = rows(&workspace);
    assert!(before.iter().all(|row| learnt(row).is_nan()));
    let cuts = workspace.read("run/cuts.parquet");
    let promise = |answer: &str| -> serde_json::Value {
        let summary: serde_json::Value = serde_json::from_str(answer).unwrap();
        summary["promise"].clone()
    };
    let promised = promise(&workspace.done("score run --json").stdout);

    // Whoever looks at the top first sees far more wrong labels than there are: that must not count as a sample.
    decide_the_top(&workspace);
    let answer = workspace.done("score run --json").stdout;
    assert_eq!(promise(&answer), promised);
    assert_eq!(workspace.read("run/cuts.parquet"), cuts);
    let summary: serde_json::Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(summary["learning"]["decided"], 60);
    assert_eq!(summary["learning"]["by"][0], "classes");
    let after = rows(&workspace);
    let places = |rows: &[videos::VideoRow]| -> Vec<(u32, String, &'static str)> {
        let place = |row: &videos::VideoRow| (row.rank, row.id.clone(), row.verdict.as_str());
        rows.iter().map(place).collect()
    };
    assert_eq!(places(&after), places(&before));

    // The next ones to look at are those whose labels are wrong.
    let mut next: Vec<&videos::VideoRow> = after.iter().skip(60).collect();
    next.sort_by(|a, b| learnt(b).total_cmp(&learnt(a)));
    let found =
        |rows: &[&videos::VideoRow]| rows.iter().filter(|row| is_wrong(number(row))).count();
    let by_rank: Vec<&videos::VideoRow> = after.iter().skip(60).collect();
    assert!(
        found(&next[..20]) > found(&by_rank[..20]) + 5,
        "{} against {}",
        found(&next[..20]),
        found(&by_rank[..20])
    );

    // The same journal gives the same bytes.
    let bytes = workspace.read("run/videos.parquet");
    let text = workspace.done("score run").stdout;
    assert!(text.contains("60 videos are decided, from which the order of the review learns"));
    assert_eq!(workspace.read("run/videos.parquet"), bytes);
}

#[test]
fn a_judged_sample_promises_the_same_whatever_else_is_decided() {
    let workspace = run();
    let mut judged = "id,label\n".to_owned();
    for video in (0..VIDEOS).step_by(7) {
        let right = (video + usize::from(is_wrong(video))) % 3;
        writeln!(
            judged,
            "clip_{video:03},{}",
            ["fear", "happy", "sad"][right]
        )
        .unwrap();
    }
    workspace.write("judged.csv", &judged);
    let stated = || {
        let answer = workspace
            .done("score run --judged judged.csv --json")
            .stdout;
        let summary: serde_json::Value = serde_json::from_str(&answer).unwrap();
        (
            summary["promise"].clone(),
            workspace.read("run/cuts.parquet"),
        )
    };
    let before = stated();
    assert_eq!(before.0["basis"], "judged");
    decide_the_top(&workspace);
    assert_eq!(stated(), before);
}
