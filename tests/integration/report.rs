//! The page, the events and the comparison of real runs, from the program itself.

use crate::support::{SMALL, Workspace};

#[test]
fn a_scan_tells_its_progress_and_leaves_a_page() {
    let workspace = Workspace::new();
    workspace.data_set(5);
    let answer = workspace.done(&format!("scan labels.csv --out run --json {SMALL}"));
    let events: Vec<serde_json::Value> = answer
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |event: &str, stage: &str| -> Vec<&serde_json::Value> {
        let is =
            |value: &&serde_json::Value| value["event"] == event && value["stage"]["name"] == stage;
        events.iter().filter(is).collect()
    };
    for stage in ["decode", "train all folds", "train", "score"] {
        let started = of("started", stage);
        assert_eq!(started.len(), of("finished", stage).len(), "{stage}");
        assert_eq!(
            started.len(),
            if ["train", "score"].contains(&stage) {
                2
            } else {
                1
            }
        );
    }
    let epochs = of("epoch", "train");
    assert_eq!(epochs.len(), 4);
    for epoch in &epochs {
        assert!(epoch["row"]["held_out"]["accuracy"].is_number(), "{epoch}");
        assert_eq!(epoch["epochs"], 2);
        // All the videos of the other fold, since there are so few.
        let clips = epoch["row"]["held_out"]["clips"].as_u64().unwrap();
        assert!((7..=8).contains(&clips), "{clips}");
    }
    let seconds: Vec<f64> = events
        .iter()
        .map(|e| e["seconds"].as_f64().unwrap())
        .collect();
    assert!(seconds.iter().all(|second| *second >= 0.0));
    assert_eq!(events.last().unwrap()["event"], "summary");

    let log = String::from_utf8(workspace.read("run/run.log")).unwrap();
    assert!(
        log.contains("epoch 2 of 2, loss") && log.contains("held-out accuracy"),
        "{log}"
    );
    let page = String::from_utf8(workspace.read("run/report.html")).unwrap();
    let shown = page.matches("src=\"data:image/jpeg;base64,").count();
    assert_eq!(page.matches("<article").count(), shown);
    assert!(
        shown > 10 && !page.contains("class=\"strip missing\""),
        "{shown}"
    );
    assert!(page.contains("held-out clips, WAR"));

    // Without the videos, the page is made all the same; `--root` finds them elsewhere.
    fs_err::rename(workspace.path("videos"), workspace.path("elsewhere")).unwrap();
    workspace.done("report run");
    let page = String::from_utf8(workspace.read("run/report.html")).unwrap();
    assert_eq!(page.matches("class=\"strip missing\"").count(), shown);
    fs_err::create_dir(workspace.path("new")).unwrap();
    fs_err::rename(workspace.path("elsewhere"), workspace.path("new/videos")).unwrap();
    workspace.done("report run --root new");
    let page = String::from_utf8(workspace.read("run/report.html")).unwrap();
    assert!(!page.contains("class=\"strip missing\""));
}

#[test]
fn held_out_clips_decide_nothing() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    workspace.done(&format!("scan labels.csv --out with {SMALL}"));
    workspace.done(&format!(
        "scan labels.csv --out without {SMALL} --set train.held_out_clips=0"
    ));
    for file in ["videos.parquet", "clips.parquet", "dynamics.parquet"] {
        let read = |run: &str| workspace.read(&format!("{run}/{file}"));
        assert!(read("with") == read("without"), "{file} differs");
    }
}

#[test]
fn two_runs_are_compared() {
    let workspace = Workspace::new();
    workspace.data_set(5);
    workspace.done(&format!("scan labels.csv --out first {SMALL}"));
    workspace.done(&format!("scan labels.csv --out second {SMALL} --seed 3"));
    workspace.done("score second --set verdict.agreement_threshold=0.5");
    let text = workspace.done("report second --against first").stdout;
    assert!(text.starts_with("second against first\n"), "{text}");
    assert!(text.contains("  seed: 0 → 3\n"), "{text}");
    assert!(
        text.contains("  verdict.agreement_threshold: 0.8 → 0.5\n"),
        "{text}"
    );
    let json = workspace
        .done("report second --against first --json")
        .stdout;
    let comparison: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(comparison["videos"], 15);
    let moved = |name: &str| comparison[name].as_array().unwrap().len() as i64;
    let flagged = |name: &str| comparison[name].as_i64().unwrap();
    assert_eq!(
        flagged("flagged_now") - flagged("flagged_before"),
        moved("entered") - moved("left")
    );
    let page = String::from_utf8(workspace.read("second/report.html")).unwrap();
    assert!(page.contains("id=\"comparison\""));
    // The page that `report` makes by itself has no comparison.
    workspace.done("report second");
    let page = String::from_utf8(workspace.read("second/report.html")).unwrap();
    assert!(!page.contains("id=\"comparison\""));
    assert_eq!(workspace.run("report second --against nowhere").code, 2);
}
