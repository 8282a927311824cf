//! The page, the events and the comparison of real runs, from the program itself.

use std::io::{Cursor, Read};

use polars::prelude::{ParquetReader, SerReader};
use zip::ZipArchive;

use crate::support::{SMALL, Workspace, files_below};

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

/// A data set whose names are easy to find again, with a broken video, a duplicate of another label, and neighbours.
fn named_data_set(workspace: &Workspace) {
    workspace.data_set(5);
    let videos = workspace.path("videos");
    let mut labels = String::from("path,label,group,rater_maria,note\n");
    for path in files_below(&videos) {
        let old = path.file_name().unwrap().to_str().unwrap().to_owned();
        let new = format!("Petersen_{old}");
        fs_err::rename(&path, videos.join(&new)).unwrap();
        let class = ["right", "down", "left"][usize::from(old.as_bytes()[0] - b'0')];
        let person = old.chars().nth(2).unwrap();
        let row = format!("videos/{new},{class},Quimby{person},{class},Marginalia\n");
        labels.push_str(&row);
    }
    fs_err::copy(
        videos.join("Petersen_0_0.mp4"),
        videos.join("Petersen_copy.mp4"),
    )
    .unwrap();
    workspace.write("videos/Petersen_broken.mp4", "no video");
    labels += "videos/Petersen_copy.mp4,left,Quimby9,down,Marginalia\n";
    labels += "videos/Petersen_broken.mp4,left,Quimby1,down,Marginalia\n";
    workspace.write("Xavier/labels.csv", &labels);
}

/// The files of an archive by name, those of Parquet as the text of all their cells and their raw bytes.
fn packed(bytes: Vec<u8>) -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut file = archive.by_index(index).unwrap();
            let mut content = Vec::new();
            file.read_to_end(&mut content).unwrap();
            let name = file.name().to_owned();
            if name.ends_with(".parquet") {
                let frame = ParquetReader::new(Cursor::new(content.clone()))
                    .finish()
                    .unwrap();
                for column in frame.columns() {
                    let series = column.as_materialized_series();
                    content.extend(
                        series
                            .iter()
                            .flat_map(|value| format!("{value}\n").into_bytes()),
                    );
                }
            }
            (name, content)
        })
        .collect()
}

fn holds(content: &[u8], word: &str) -> bool {
    content
        .windows(word.len())
        .any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
}

/// What is packed of a run of two folds, below a folder that is named as the file.
const PACKED: [&str; 13] = [
    "classes.parquet",
    "clips.parquet",
    "cuts.parquet",
    "dynamics.parquet",
    "folds/0/training.jsonl",
    "folds/1/training.jsonl",
    "issues.parquet",
    "report.html",
    "run.json",
    "settings.toml",
    "summary.txt",
    "transitions.parquet",
    "videos.parquet",
];

#[test]
fn what_is_shared_names_nobody() {
    let workspace = Workspace::new();
    named_data_set(&workspace);
    workspace.done(&format!(
        "scan Xavier/labels.csv --root . --out run {SMALL} --set neighbours.k=3"
    ));
    workspace.write(
        "decisions.csv",
        "path,action,label,note\nvideos/Petersen_0_1.mp4,relabel,left,Smirked\n",
    );
    workspace.done("review run --apply decisions.csv --reviewer Hildegard");
    workspace.done("report run");
    let page = String::from_utf8(workspace.read("run/report.html")).unwrap();
    let here = workspace
        .path("")
        .to_str()
        .unwrap()
        .trim_end_matches('/')
        .to_owned();
    let personal = [
        "petersen",
        "quimby",
        "xavier",
        "hildegard",
        "smirked",
        "marginalia",
        "maria",
        "base64",
        &here,
        "videos/",
        ".mp4",
    ];
    for word in ["petersen", "hildegard", "smirked", "base64"] {
        assert!(
            holds(page.as_bytes(), word),
            "{word}: the run itself has it"
        );
    }
    let answer = workspace.done("report run --share audit.zip");
    assert!(
        answer.stdout.contains("left out: names and paths"),
        "{}",
        answer.stdout
    );
    let files = packed(workspace.read("audit.zip"));
    let mut names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, PACKED.map(|name| format!("audit/{name}")));
    for (name, content) in &files {
        for word in personal {
            assert!(!holds(content, word), "{name} has '{word}'");
        }
    }
    let of = |name: &str| {
        &files
            .iter()
            .find(|(other, _)| other.ends_with(name))
            .unwrap()
            .1
    };
    let page = String::from_utf8(of("report.html").clone()).unwrap();
    assert!(
        page.contains("video 1<") && page.contains("reviewer 1: relabel → left"),
        "{page}"
    );
    assert!(
        page.contains("Left out, to hand it on: names and paths")
            && !page.contains("strip missing")
    );
    assert!(
        holds(of("videos.parquet"), "its duplicate 'video ")
            && holds(of("videos.parquet"), "group 1")
    );

    what_is_asked_for_stays(&workspace, &personal[1..7]);
}

#[track_caller]
fn what_is_asked_for_stays(workspace: &Workspace, words: &[&str]) {
    workspace.done("report run --share all.zip --include paths,groups,pictures,raters,columns");
    let files = packed(workspace.read("all.zip"));
    for word in words {
        assert!(
            files.iter().any(|(_, content)| holds(content, word)),
            "{word}"
        );
    }
    workspace.done("report run --share pictures.zip --include pictures");
    let files = packed(workspace.read("pictures.zip"));
    assert!(files.iter().any(|(_, content)| holds(content, "base64")));
    assert!(!files.iter().any(|(_, content)| holds(content, "petersen")));
    let refused = workspace.run("report run --share labels.csv");
    assert!(
        refused.code == 2 && refused.stderr.contains("does not end in .zip"),
        "{}",
        refused.stderr
    );
}
