//! Cleaned label files, from the scan to the check of what was exported.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::process::Stdio;
use std::time::Duration;

use camino::Utf8PathBuf;
use rdfer_audit::manifest::Reading;
use rdfer_audit::rows::SCHEMA;
use rdfer_audit::rows::folder::RunFolder;
use rdfer_audit::rows::run::{self, RunCard};
use rdfer_audit::rows::videos::{self, VideoRow};
use rdfer_audit::score::Verdict;

use crate::support::{SMALL, Workspace, files_below};

#[test]
fn a_scan_is_reviewed_exported_checked_and_undone() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    let original = workspace.read("labels.csv");
    workspace
        .done(&format!("scan labels.csv --out run {SMALL}").replace("--epochs 2", "--epochs 1"));
    let card: serde_json::Value = serde_json::from_slice(&workspace.read("run/run.json")).unwrap();
    assert_eq!(
        card["digests"]["labels.csv"],
        blake3_of(&original),
        "run.json says what was scanned"
    );
    assert_eq!(workspace.read("run/labels/labels.csv"), original);

    workspace.done("export run --to same.csv");
    assert_eq!(workspace.read("same.csv"), original);
    workspace.write(
        "decisions.csv",
        "path,action,label\nvideos/0_0.mp4,relabel,right\nvideos/1_0.mp4,relabel,down\nvideos/2_1.mp4,drop,\n",
    );
    workspace.done("review run --apply decisions.csv");
    let dry = workspace.done("export run --to clean.csv --dry-run").stdout;
    assert!(
        dry.contains("videos/0_0.mp4  down → right  (unnamed: 1 of 1 reviewers)"),
        "{dry}"
    );
    assert!(dry.contains("+videos/0_0.mp4,right,\"n, 0\""), "{dry}");
    assert!(
        dry.ends_with(
            "2 labels would be changed, 1 videos would be left out; nothing was written\n"
        ),
        "{dry}"
    );
    assert!(!workspace.path("clean.csv").exists());

    workspace.done("export run --to clean.csv");
    let expected = String::from_utf8(original.clone())
        .unwrap()
        .replace("videos/0_0.mp4,down", "videos/0_0.mp4,right")
        .replace("videos/1_0.mp4,left", "videos/1_0.mp4,down")
        .replace("videos/2_1.mp4,left,\"n, 1\"\n", "");
    assert_eq!(workspace.read("clean.csv"), expected.as_bytes());
    assert!(workspace.path("clean.csv.changes.csv").exists());
    workspace.done("export run --to clean.csv --check");
    refused_checked_and_undone(&workspace, &original, &expected);
}

/// An export `clean.csv` of a run is there, and what it should hold.
fn refused_checked_and_undone(workspace: &Workspace, original: &[u8], expected: &str) {
    let refused = workspace.run("export run --to clean.csv");
    assert_eq!(refused.code, 2);
    assert!(
        refused.stderr.contains("'clean.csv' is there already"),
        "{}",
        refused.stderr
    );
    workspace.write(
        "clean.csv",
        &expected.replace("videos/2_2.mp4,left", "videos/2_2.mp4,down"),
    );
    let wrong = workspace.run("export run --to clean.csv --check");
    assert_eq!(wrong.code, 2);
    assert!(
        wrong
            .stdout
            .contains("'videos/2_2.mp4' has the label 'down'"),
        "{}",
        wrong.stdout
    );
    let refused = workspace.run("export run --to clean.csv --revert");
    assert_eq!(
        refused.code, 2,
        "an export that was edited is not undone: {}",
        refused.stderr
    );
    workspace.write("clean.csv", expected);
    workspace.done("export run --to clean.csv --revert");
    assert_eq!(workspace.read("clean.csv"), original);
    assert!(!workspace.path("clean.csv.changes.csv").exists());

    // The data set itself: only by force, and not where it was edited meanwhile.
    workspace.write("labels.csv", expected);
    let refused = workspace.run("export run --to other.csv");
    assert_eq!(refused.code, 2);
    assert!(
        refused
            .stderr
            .contains("labels.csv' changed since the scan"),
        "{}",
        refused.stderr
    );
    workspace.done("export run --to labels.csv --force");
    workspace.done("export run --to labels.csv --check");

    // The data set is scanned again with the corrected labels, over the run, which is another one then.
    workspace.done(
        &format!("scan labels.csv --out run --overwrite {SMALL}")
            .replace("--epochs 2", "--epochs 1"),
    );
    assert_eq!(workspace.read("run/labels/labels.csv"), expected.as_bytes());
}

#[test]
fn wrong_flags_are_refused() {
    let workspace = Workspace::new();
    for flags in [
        "",
        "--to a --apply suggested",
        "--to a --apply both --min-prob 2",
        "--to a --flag --drop hard",
        "--to a --check --revert",
        "--to a --format xml",
        "--to a",
    ] {
        let answer = workspace.run(&format!("export nowhere {flags}"));
        assert_eq!(answer.code, 2, "{flags}");
    }
}

/// Whoever is killed while exporting over a file has the old file or the new one.
#[test]
fn a_killed_export_leaves_the_old_file_or_the_new_one() {
    const VIDEOS: usize = 5_000;
    let workspace = Workspace::new();
    let mut old = String::from("path,label,note\n");
    for video in 0..VIDEOS {
        let label = ["happy", "sad", "fear"][video % 3];
        writeln!(
            old,
            "videos/{video:06}.mp4,{label},\"a note, as long as it takes\""
        )
        .unwrap();
    }
    workspace.write("labels.csv", &old);
    write_run(&workspace, VIDEOS);
    let mut decisions = String::from("path,action,label\n");
    for video in (0..VIDEOS).step_by(50) {
        writeln!(
            decisions,
            "videos/{video:06}.mp4,relabel,{}",
            ["sad", "fear", "happy"][video % 3]
        )
        .unwrap();
    }
    workspace.write("decisions.csv", &decisions);
    workspace.done("review run --apply decisions.csv");
    let start = std::time::Instant::now();
    workspace.done("export run --to new.csv");
    let whole = start.elapsed();
    let new = workspace.read("new.csv");
    assert_ne!(new, old.as_bytes());

    let mut seen = [0, 0];
    for attempt in 0..16 {
        workspace.write("labels.csv", &old);
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_rdfer-audit"))
            .current_dir(workspace.path(""))
            .args(["export", "run", "--to", "labels.csv", "--force"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Mostly in the last part, where it writes.
        std::thread::sleep(
            whole
                .mul_f64(0.5 + f64::from(attempt) / 30.0)
                .min(Duration::from_secs(20)),
        );
        child.kill().unwrap();
        child.wait().unwrap();
        let found = workspace.read("labels.csv");
        assert!(
            found == old.as_bytes() || found == new,
            "killed after {attempt} steps, the file is {} bytes long",
            found.len()
        );
        seen[usize::from(found == new)] += 1;
    }
    assert!(seen[0] > 0, "no attempt was early enough to be killed");
    // What was staged and left behind is in nobody's way.
    workspace.done("export run --to labels.csv --force");
    assert_eq!(workspace.read("labels.csv"), new);
}

#[test]
fn class_folders_are_exported_as_folders_that_can_be_scanned() {
    let workspace = Workspace::new();
    for class in 0..3 {
        for number in 0..2 {
            let name = ["right", "down", "left"][class];
            workspace.video(&format!("set/{name}/{number}.mp4"), class, number, 24);
        }
    }
    workspace.done(&format!("scan set --out run {SMALL}").replace("--epochs 2", "--epochs 1"));
    workspace.write(
        "decisions.csv",
        "path,action,label\nleft/1.mp4,relabel,down\n",
    );
    workspace.done("review run --apply decisions.csv");
    workspace.done("export run --to clean --copy");
    assert_eq!(
        workspace.read("clean/down/left-1.mp4"),
        workspace.read("set/left/1.mp4")
    );
    workspace.done("export run --to clean --check");
    assert_eq!(files_below(&workspace.path("clean")).len(), 6 + 2);
    let error = workspace.run("export run --to set --force");
    assert_eq!(error.code, 2, "the data set's own folder is never replaced");
    assert!(workspace.path("set/left/1.mp4").exists());
}

#[test]
fn networks_of_original_and_cleaned_labels_are_compared() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    workspace
        .done(&format!("scan labels.csv --out run {SMALL}").replace("--epochs 2", "--epochs 1"));
    let decisions = "path,action,label\nvideos/0_0.mp4,relabel,right\nvideos/1_0.mp4,relabel,down\nvideos/2_1.mp4,drop,\n";
    workspace.write("decisions.csv", decisions);
    workspace.done("review run --apply decisions.csv");
    for format in ["same", "jsonl"] {
        workspace.done(&format!("export run --to clean.{format} --format {format}"));
    }
    let compare = |flags: &str| -> serde_json::Value {
        let line = format!("compare run --export clean.same --truth truth.csv --json {flags}");
        serde_json::from_str(&workspace.done(&line).stdout).unwrap()
    };
    let first = compare("");
    assert_eq!(first["videos"], 12);
    assert_eq!(
        (&first["relabeled"], &first["dropped"]),
        (&2.into(), &1.into())
    );
    // The run's own networks learnt from the original labels; only the others are trained.
    let evaluation = workspace
        .done("evaluate run --truth truth.csv --json")
        .stdout;
    let evaluation: serde_json::Value = serde_json::from_str(&evaluation).unwrap();
    assert_eq!(first["before"]["war"], evaluation["accuracy"]);
    let trained = || {
        fs_err::read_dir(workspace.path("run/compare"))
            .unwrap()
            .count()
    };
    assert_eq!(trained(), 1);
    // The same labels in another format are the same labels, and what was learnt from them is found again.
    let line = "compare run --export clean.jsonl --truth truth.csv --json";
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&workspace.done(line).stdout).unwrap(),
        first
    );
    assert_eq!(trained(), 1);
    // Another seed is another pair of trainings.
    compare("--seed 7");
    assert_eq!(trained(), 3);
    let table = workspace.run("compare run --export clean.same");
    assert!(
        table
            .stdout
            .contains("clean videos that the export left as they were")
            || table.stderr.contains("no video is left to compare on"),
        "{table:?}"
    );
    let refused = workspace.run("compare run --export truth.csv --truth clean.csv");
    assert_eq!(refused.code, 2);
    assert!(
        workspace
            .run("compare run --export labels.csv --set folds=1")
            .code
            == 2
    );
}

/// A run of `videos` videos of three classes, as a scan of early versions would have left it.
pub(crate) fn write_run(workspace: &Workspace, videos: usize) {
    let labels = ["fear", "happy", "sad"];
    let rows: Vec<VideoRow> = (0..videos)
        .map(|video| VideoRow {
            rank: video as u32 + 1,
            id: format!("videos/{video:06}"),
            path: format!("videos/{video:06}.mp4"),
            label: ["happy", "sad", "fear"][video % 3].to_owned(),
            verdict: Verdict::Clean,
            judgement: None,
            fold: 0,
            votes: None,
            group: None,
            facts: None,
            issues: Vec::new(),
            reason: String::new(),
            extra: vec!["a note, as long as it takes".to_owned()],
        })
        .collect();
    let folder = RunFolder::new(Utf8PathBuf::from_path_buf(workspace.path("run")).unwrap());
    fs_err::create_dir_all(folder.root()).unwrap();
    videos::write(&folder.videos(), &rows, &["note".to_owned()]).unwrap();
    let card = RunCard {
        version: "0.1.0".into(),
        schema: SCHEMA,
        dataset: "labels.csv".into(),
        format: "csv".into(),
        root: Some(String::new()),
        digests: BTreeMap::new(),
        reading: Reading::default(),
        fingerprint: "f00d".into(),
        labels: labels.map(str::to_owned).to_vec(),
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
        clip_overlap: 0.0,
        timings_secs: BTreeMap::new(),
    };
    run::write(&folder.card(), &card).unwrap();
}

fn blake3_of(bytes: &[u8]) -> String {
    rdfer_audit::manifest::digest(bytes)
}
